"""What somebody wants to share, and every rule that it must keep (``sharing.md`` rules 2, 4, 5, 11, 14, 21).

Shares and referrals ask the same questions here, once for the preview and again, under the lock, when it is done.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import F, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Organisation
from cases import ledger, policies
from cases.enums import SHAREABLE, CaseState, ConsentState, Office, ShareLevel
from cases.models import Case, Consent, Share
from cases.models.sharing import LONGEST_DAYS
from cases.operations import legal_bases, refusals
from cases.operations.legal_bases import is_allowed, require_basis
from cases.policies import CaseAccess
from cases.querysets import in_force
from core import clock
from core.dates import end_of_day, start_of_day
from core.db import role
from core.errors import Conflict, Refused
from profiles import codes
from profiles.bases import Asked
from profiles.profile import active

BY_CONSENT: Final = "consent"
CHILD: Final = "child_best_interests"
LIFE_AT_RISK: Final = "vital_interests"


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """What somebody wants to share, before it is checked. ``starts_on`` None: at once."""

    to: Organisation
    categories: Collection[str]
    purpose: str
    legal_basis: str
    ends_on: date
    provision: str = ""
    consent: Consent | None = None
    starts_on: date | None = None
    level: str = ShareLevel.READ


def check_proposal(access: CaseAccess, proposal: Proposal) -> Consent | None:
    """Raise ``Refused`` at the field that breaks a rule of sharing; also for the preview, which writes nothing.

    Returns the row of the register that the share rests on, if any.
    """
    if access.case.state == CaseState.CLOSED:
        raise Conflict(_("The case is closed: nothing can be shared any more."))
    _check_receiver(access, proposal.to)
    _check_level(proposal.level)
    check_ceiling(proposal.to, proposal.categories)
    resting = check_basis(access, proposal)
    check_end(proposal.ends_on, resting)
    _check_start(proposal, resting)
    _check_not_twice(access, proposal)
    return resting


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


def check_basis(access: CaseAccess, proposal: Proposal) -> Consent | None:
    """Purpose and basis are of the lists and the table of the profile allows them for this; consent is given and covers
    receiver and categories; no refusal stands against it (rules 2, 14 and 21).

    Returns the row of the register that this rests on: the consent, or the override that it needs.
    """
    if proposal.purpose not in codes.get("purpose"):
        raise Refused(_("Say for which purpose this is shared."), field="purpose")
    if proposal.legal_basis not in codes.get("legal_basis"):
        raise Refused(_("Say on which legal basis this is shared."), field="legal_basis")
    giver = legal_bases.giver_of(access.actor)
    require_basis(_asked(access.case, giver, proposal), proposal.legal_basis, proposal.provision)
    if proposal.legal_basis == BY_CONSENT:
        consent = check_consent(access, proposal)
        if _is_refused(access.case, proposal):
            raise Refused(_words(access, proposal), field="consent")
        return consent
    if proposal.consent is not None:
        raise Refused(_("Choose a consent only when consent is the legal basis."), field="consent")
    if proposal.legal_basis == LIFE_AT_RISK:
        return _override(
            access,
            proposal,
            _("On this ground intake or a supervisor first records in the consent register why it is necessary."),
        )
    return _override(access, proposal, _words(access, proposal)) if _is_refused(access.case, proposal) else None


def still_stands(case: Case, giver: Organisation, proposal: Proposal, resting_on: UUID | None) -> bool:
    """True when what ``giver`` offered earlier could be offered still: table, what it rests on, no newer refusal.

    For operations whose actor is not the giver: the register is read as the ledger.
    """
    if not is_allowed(_asked(case, giver, proposal), proposal.legal_basis, proposal.provision):
        return False
    if resting_on is None:
        needs_a_row = proposal.legal_basis in {BY_CONSENT, LIFE_AT_RISK}
        return not needs_a_row and not _is_refused(case, proposal)
    with role(ledger.LEDGER):
        rows = Consent.objects.filter(in_force(), pk=resting_on)
        state = rows.values_list("state", flat=True).first()
    if state == ConsentState.OVERRIDDEN:
        return True
    return state is not None and not _is_refused(case, proposal)


def last_moment(ends_on: date, resting: Consent | None) -> datetime:
    """The instant at which a share ends: with its last day, or with the time to confirm the override it rests on."""
    last = end_of_day(ends_on, active().zone)
    until = resting.unconfirmed_until if resting is not None else None
    return last if until is None else min(last, until)


def check_consent(access: CaseAccess, proposal: Proposal) -> Consent:
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
    return consent


def stored_consent(access: CaseAccess, consent: Consent | None) -> Consent | None:
    """The consent as it stands now, under the lock: it may have been withdrawn since the page was made.

    None for a consent of another case or organisation.
    """
    return None if consent is None else _own(access).filter(pk=consent.pk).first()


def starts_at(proposal: Proposal) -> datetime:
    """The instant from which it opens: now, or the first of a day that lies ahead."""
    zone = active().zone
    is_ahead = proposal.starts_on is not None and proposal.starts_on > clock.today(zone)
    return start_of_day(proposal.starts_on, zone) if is_ahead and proposal.starts_on else clock.moment()


def _own(access: CaseAccess) -> QuerySet[Consent]:
    return Consent.objects.filter(case=access.case, owner_organisation_id=access.actor.organisation_id)


def _asked(case: Case, giver: Organisation, proposal: Proposal) -> Asked:
    return legal_bases.asked_by(
        giver,
        is_child=legal_bases.is_child(case),
        to=proposal.to,
        purpose=proposal.purpose,
        categories=proposal.categories,
    )


def _is_refused(case: Case, proposal: Proposal) -> bool:
    return refusals.is_refused(case.pk, purpose=proposal.purpose, to=proposal.to, categories=proposal.categories)


def _words(access: CaseAccess, proposal: Proposal) -> str:
    return refusals.words(access, purpose=proposal.purpose, to=proposal.to, categories=proposal.categories)


def _override(access: CaseAccess, proposal: Proposal, otherwise: str) -> Consent:
    """The override that carries this, one that was confirmed before one that waits; ``otherwise``: what is said."""
    rows = _own(access).filter(
        in_force(),
        state=ConsentState.OVERRIDDEN,
        provision=proposal.provision,
        legal_basis=proposal.legal_basis,
        purpose=proposal.purpose,
        recipient=proposal.to,
        categories__contains=list(proposal.categories),
    )
    found = rows.order_by(F("unconfirmed_until").asc(nulls_first=True), "-valid_until", "pk").first()
    if found is None:
        raise Refused(otherwise, field="legal_basis")
    return found


def _check_receiver(access: CaseAccess, to: Organisation) -> None:
    if to.pk == access.actor.organisation_id:
        raise Refused(_("Your own organisation sees these rows already. Choose another."), field="to")
    if not to.is_active:
        raise Refused(_("This organisation is suspended and cannot receive anything."), field="to")


def _check_level(level: str) -> None:
    if level not in ShareLevel.values:
        raise Refused(_("Choose whether they only read, or add rows of their own."), field="level")


def _check_start(proposal: Proposal, resting: Consent | None) -> None:
    if proposal.starts_on is None:
        return
    if proposal.starts_on < clock.today(active().zone):
        raise Refused(_("The first day lies in the past. Choose today or a later day."), field="starts_on")
    if proposal.starts_on > proposal.ends_on:
        raise Refused(_("The first day lies after the last. Choose an earlier day."), field="starts_on")
    if starts_at(proposal) >= last_moment(proposal.ends_on, resting):
        raise Refused(_("This waits for a second person to confirm it. Leave the first day empty."), field="starts_on")


def _check_not_twice(access: CaseAccess, proposal: Proposal) -> None:
    """The same category for the same purpose is shared once in a period, those that lie ahead among them.

    What the law opened to a new lead for some days does not stand in the way of sharing it by choice.
    """
    first = proposal.starts_on or clock.today(active().zone)
    meeting = Share.objects.live().filter(
        case=access.case,
        from_organisation_id=access.actor.organisation_id,
        to_organisation=proposal.to,
        purpose=proposal.purpose,
        categories__overlap=list(proposal.categories),
        starts_at__lt=end_of_day(proposal.ends_on, active().zone),
        ends_on__gte=first,
    )
    earlier = meeting.exclude(office=Office.REASSIGNED_LEAD).order_by("-ends_at").first()
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
