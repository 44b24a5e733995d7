"""Shares: one organisation's rows to another, for a purpose, until a day (``sharing.md`` rules 2, 2a, 4 and 5).

``share`` is chosen by people and rests on consent or another basis; ``open_office`` follows from a duty and needs none.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from django.db.models import CharField, Value
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.actors import Actor
from accounts.models import Organisation
from audit import trail
from cases import ledger, policies
from cases.access import relock
from cases.enums import SHAREABLE, CaseState, Category, ConsentState, Office
from cases.models import ROWS, Case, CaseLead, Consent, Share
from cases.operations.authorship import organisation_of
from cases.policies import CaseAccess
from core import clock
from core.dates import end_of_day
from core.db import role
from core.errors import Conflict, NotAllowed, Refused
from profiles import codes
from profiles.profile import active

LONGEST_DAYS: Final = 90
BY_CONSENT: Final = "consent"
PURPOSES: Final = {
    Office.CHILD_PROTECTION: "child_protection",
    Office.GUARDIAN: "child_protection",
    Office.SHELTER: "refer_shelter",
    Office.DECIDING_AUTHORITY: "formal_identification",
}
# They follow from the law, not from a choice of the organisation that shares, and end with the office (rule 2a).
STATUTORY: Final = frozenset(PURPOSES)


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """What somebody wants to share, before it is checked."""

    to: Organisation
    categories: Collection[str]
    purpose: str
    legal_basis: str
    ends_on: date
    consent: Consent | None = None


def share(
    actor: Actor,
    *,
    access: CaseAccess,
    to: Organisation,
    categories: Collection[str],
    purpose: str,
    legal_basis: str,
    ends_on: date | None,
    consent: Consent | None = None,
) -> Share:
    """Let ``to`` see categories of the own rows until the end of ``ends_on`` (at most 90 calendar days away).

    Refuses what ``check_proposal`` refuses; ``Conflict`` when the case is closed.
    """
    access = relock(access)
    policies.require(actor, "share", access)
    proposal = Proposal(
        to=to,
        categories=categories,
        purpose=purpose,
        legal_basis=legal_basis,
        ends_on=check_end(ends_on),
        consent=consent,
    )
    check_proposal(access, proposal)
    return _write(actor, access.case, organisation_of(actor), proposal)


def check_proposal(access: CaseAccess, proposal: Proposal) -> None:
    """Raise ``Refused`` at the field that breaks a rule of sharing; also for the preview, which writes nothing."""
    if access.case.state == CaseState.CLOSED:
        raise Conflict(_("The case is closed: nothing can be shared any more."))
    _check_receiver(access, proposal.to)
    check_ceiling(proposal.to, proposal.categories)
    check_basis(access, proposal)
    check_end(proposal.ends_on, proposal.consent)
    _check_not_twice(access, proposal)


def check_ceiling(to: Organisation, categories: Collection[str]) -> None:
    """At least one category, none above what an organisation of this kind may ever be granted (rule 5)."""
    if not categories:
        raise Refused(_("Choose at least one category to share."), field="categories")
    above = [category for category in SHAREABLE if category in set(categories) - policies.ceiling(to.kind)]
    if above or not set(categories) <= set(SHAREABLE):
        names = ", ".join(str(category.label) for category in above)
        raise Refused(
            _("%(organisation)s may never be given: %(categories)s. Take these away.")
            % {"organisation": to.name, "categories": names},
            field="categories",
        )


def check_end(ends_on: date | None, consent: Consent | None = None) -> date:
    """The last day is mandatory, at most 90 calendar days from today, never beyond the consent (rule 2)."""
    today = clock.today(active().zone)
    if ends_on is None:
        raise Refused(_("Say until which day this is shared."), field="ends_on")
    if ends_on < today:
        raise Refused(_("The last day lies in the past. Choose today or a later day."), field="ends_on")
    if ends_on > today + timedelta(days=LONGEST_DAYS):
        raise Refused(
            ngettext(
                "Choose a day at most %(days)d day from today. It can be shared again then.",
                "Choose a day at most %(days)d days from today. It can be shared again then.",
                LONGEST_DAYS,
            )
            % {"days": LONGEST_DAYS},
            field="ends_on",
        )
    if consent is not None and consent.valid_until is not None and ends_on > consent.valid_until:
        raise Refused(_("The consent ends before this day. Choose an earlier day."), field="ends_on")
    return ends_on


def check_basis(access: CaseAccess, proposal: Proposal) -> None:
    """A purpose and a legal basis from the lists; consent must be given, live, and cover receiver and categories."""
    if proposal.purpose not in codes.get("purpose"):
        raise Refused(_("Say for which purpose this is shared."), field="purpose")
    if proposal.legal_basis not in codes.get("legal_basis"):
        raise Refused(_("Say on which legal basis this is shared."), field="legal_basis")
    if proposal.legal_basis == BY_CONSENT:
        check_consent(access, proposal)
    elif proposal.consent is not None:
        raise Refused(_("Choose a consent only when consent is the legal basis."), field="consent")
    else:
        _check_other_basis(access, proposal.legal_basis)


def check_consent(access: CaseAccess, proposal: Proposal) -> None:
    """The consent is of this case and the own organisation, given and not ended, and covers what is asked (rule 14)."""
    consent = stored_consent(access, proposal.consent)
    if consent is None:
        raise Refused(_("Choose the consent that this rests on."), field="consent")
    today = clock.today(active().zone)
    if consent.state != ConsentState.GIVEN or (consent.valid_until is not None and consent.valid_until < today):
        raise Refused(_("This consent was withdrawn or has ended."), field="consent")
    if consent.recipient_id not in {None, proposal.to.pk}:
        raise Refused(_("This consent is for another organisation."), field="consent")
    if consent.purpose != proposal.purpose:
        raise Refused(_("This consent is for another purpose."), field="consent")
    beyond = set(proposal.categories) - set(consent.categories)
    if beyond:
        names = ", ".join(str(category.label) for category in SHAREABLE if category in beyond)
        raise Refused(_("The consent does not cover: %(categories)s.") % {"categories": names}, field="categories")


def is_live(share: Share) -> bool:
    """True while the share opens anything."""
    return share.ended_at is None and share.ends_at > clock.moment()


def may_end(access: CaseAccess, share: Share) -> bool:
    """True when ``end_share`` will not refuse."""
    is_own = share.from_organisation_id == access.actor.organisation_id
    return (
        is_own and is_live(share) and share.office not in STATUTORY and policies.may(access.actor, "end_share", access)
    )


def preview_share(
    actor: Actor,
    *,
    access: CaseAccess,
    to: Organisation,
    categories: Collection[str],
    purpose: str,
    legal_basis: str,
    ends_on: date,
    consent: Consent | None = None,
) -> Mapping[str, int]:
    """What ``share`` would open: own rows by category. Writes nothing, refuses what ``share`` refuses."""
    policies.require(actor, "share", access)
    proposal = Proposal(
        to=to, categories=categories, purpose=purpose, legal_basis=legal_basis, ends_on=ends_on, consent=consent
    )
    check_proposal(access, proposal)
    return own_counts(access)


def own_counts(access: CaseAccess) -> dict[str, int]:
    """How many rows the own organisation has written, by category; categories without rows count 0. One query."""
    own = [
        model._default_manager.filter(case=access.case, owner_organisation_id=access.actor.organisation_id)
        .order_by()
        .annotate(of=Value(str(category), CharField()))
        .values_list("of")
        for category, models in ROWS.items()
        for model in models
    ]
    counted = Counter(of for (of,) in own[0].union(*own[1:], all=True))
    return {category: counted[category] for category in SHAREABLE}


def stored_consent(access: CaseAccess, consent: Consent | None) -> Consent | None:
    """The consent as it stands now, under the lock: it may have been withdrawn since the page was made.

    None for a consent of another case or organisation.
    """
    if consent is None or access.actor.organisation_id is None:
        return None
    own = Consent.objects.filter(case=access.case, owner_organisation_id=access.actor.organisation_id)
    return own.filter(pk=consent.pk).first()


def end_share(actor: Actor, *, access: CaseAccess, share: Share) -> Share:
    """End a share of the own rows at once. Never refused for the state of consent, receiver or case (rule 4).

    What a party has by office ends with the office, not here.
    """
    access = relock(access)
    policies.require(actor, "end_share", access)
    if share.from_organisation_id != actor.organisation_id:
        raise NotAllowed
    if share.office in STATUTORY:
        raise Refused(_("This follows from the law and ends with the office."))
    end_shares(actor, case=access.case, shares=[share], reason="ended")
    share.refresh_from_db()
    return share


def end_shares(actor: Actor, *, case: Case, shares: Iterable[Share], reason: str) -> int:
    """End shares now, with an audit row each; called by operations that have judged. Returns how many were live."""
    ended = list(shares)
    count = ledger.end_shares(case, ended, reason)
    for one in ended:
        trail.record(
            "end_share",
            actor=actor,
            case_id=case.pk,
            owner_organisation_id=one.from_organisation_id,
            category=Category.CONSENT,
            object_kind="share",
            object_id=one.pk,
            reason=reason,
            to=str(one.to_organisation_id),
            office=one.office,
        )
    return count


def end_all(actor: Actor, *, case: Case, reason: str) -> int:
    """End every live share of the case, whoever gave it: closing."""
    return end_shares(actor, case=case, shares=live_shares(case), reason=reason)


# -- parties by office -----------------------------------------------------------------------------------------------


def open_office(
    actor: Actor,
    *,
    case: Case,
    to: Organisation,
    office: Office,
    categories: Collection[str],
    legal_basis: str,
    until: date | None = None,
    purpose: str = "",
) -> list[Share]:
    """Make ``to`` a party by office: shares of the lead's rows and the registrar's, without consent (rule 2a).

    Called inside the operation that creates the office, after its policy check. Lasts until ``until``, at most the
    profile's longest term; an earlier share of the same office to the same organisation is replaced. Categories above
    the ceiling are left out. Returns the shares, none when ``to`` owns all these rows itself.
    """
    former = _held(case, office, to)
    given = frozenset(categories) & policies.ceiling(to.kind)
    proposal = Proposal(
        to=to,
        categories=given,
        purpose=purpose or PURPOSES[office],
        legal_basis=legal_basis,
        ends_on=_end_of_office(office, until),
    )
    written = [_write(actor, case, owner, proposal, office=office) for owner in _sources(case) if owner != to.pk]
    # After the new ones: an organisation that never leaves keeps its assigned members.
    end_shares(actor, case=case, shares=former, reason="replaced")
    return written


def extend_office(actor: Actor, *, case: Case, like: Share, owner: Organisation) -> Share:
    """Let a party by office see the rows of ``owner`` too, with the terms of ``like``: who leads has changed."""
    proposal = Proposal(
        to=like.to_organisation,
        categories=like.categories,
        purpose=like.purpose,
        legal_basis=like.legal_basis,
        ends_on=like.ends_on,
    )
    return _write(actor, case, owner.pk, proposal, office=like.office)


def end_office(
    actor: Actor, *, case: Case, office: Office, to: Organisation | None = None, reason: str = "office_ended"
) -> int:
    """End what a party has by office, at once; of every holder of the office when ``to`` is None."""
    return end_shares(actor, case=case, shares=_held(case, office, to), reason=reason)


def live_shares(case: Case) -> list[Share]:
    """Every live share of a case, whoever gave it; only for operations, which have judged."""
    with role(ledger.LEDGER):
        shares = Share.objects.live().filter(case=case).select_related("to_organisation")
        return list(shares.order_by("starts_at", "pk"))


def _held(case: Case, office: Office, to: Organisation | None) -> list[Share]:
    return [
        one for one in live_shares(case) if one.office == office and (to is None or one.to_organisation_id == to.pk)
    ]


def _sources(case: Case) -> list[UUID]:
    with role(ledger.LEDGER):
        lead = CaseLead.objects.values_list("organisation_id", flat=True).get(case=case, ends_at__isnull=True)
    return list(dict.fromkeys((lead, case.registered_by_id)))


def _end_of_office(office: Office, until: date | None) -> date:
    longest = clock.today(active().zone) + timedelta(days=active().offices[office].longest_days)
    return min(until, longest) if until else longest


# -- parts -----------------------------------------------------------------------------------------------------------


def _write(actor: Actor, case: Case, owner: UUID, proposal: Proposal, office: str = Office.NONE) -> Share:
    profile, consent = active(), proposal.consent
    written = ledger.write_share(
        Share(
            case=case,
            from_organisation_id=owner,
            to_organisation=proposal.to,
            categories=[category for category in SHAREABLE if category in proposal.categories],
            purpose=proposal.purpose,
            legal_basis=proposal.legal_basis,
            consent=consent,
            consent_valid_until=consent.valid_until if consent else None,
            office=office,
            starts_at=clock.moment(),
            ends_at=end_of_day(proposal.ends_on, profile.zone),
            ends_on=proposal.ends_on,
            made_by_id=actor.membership_id,
        )
    )
    trail.record(
        "share",
        actor=actor,
        case_id=case.pk,
        owner_organisation_id=owner,
        category=Category.CONSENT,
        object_kind="share",
        object_id=written.pk,
        to=str(proposal.to.pk),
        categories=written.categories,
        purpose=written.purpose,
        legal_basis=written.legal_basis,
        office=office,
        ends_on=written.ends_on.isoformat(),
    )
    return written


def _check_receiver(access: CaseAccess, to: Organisation) -> None:
    if to.pk == access.actor.organisation_id:
        raise Refused(_("Your own organisation sees these rows already. Choose another."), field="to")
    if not to.is_active:
        raise Refused(_("This organisation is suspended and cannot receive anything."), field="to")


def _check_other_basis(access: CaseAccess, legal_basis: str) -> None:
    code = codes.get("legal_basis")[legal_basis]
    if code.extra["authority_only"] and access.actor.organisation_kind not in policies.AUTHORITIES:
        raise Refused(_("Only an authority can use this legal basis."), field="legal_basis")
    if legal_basis == "child_best_interests" and not access.case.is_child_branch:
        raise Refused(_("This legal basis is for children only."), field="legal_basis")


def _check_not_twice(access: CaseAccess, proposal: Proposal) -> None:
    live = Share.objects.live().filter(
        case=access.case,
        from_organisation_id=access.actor.organisation_id,
        to_organisation=proposal.to,
        purpose=proposal.purpose,
        categories__overlap=list(proposal.categories),
    )
    earlier = live.order_by("-ends_at").first()
    if earlier is not None:
        names = ", ".join(
            str(category.label)
            for category in SHAREABLE
            if category in set(earlier.categories) & set(proposal.categories)
        )
        raise Refused(
            _("Already shared for this purpose until %(day)s: %(categories)s. End that first, or leave these out.")
            % {"day": date_format(earlier.ends_on, "j F Y"), "categories": names},
            field="categories",
        )
