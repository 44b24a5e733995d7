"""Shares: one organisation's rows to another, for a purpose, until a day (``sharing.md`` rules 2, 2a, 4 and 5).

``share`` is chosen by people and rests on consent or another basis; ``open_office`` follows from a duty and needs none.
What a proposal must keep stands in ``proposals``, when one is told or reminded in ``share_clocks``.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from django.db.models import CharField, Value
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import Organisation
from audit import trail
from cases import ledger, policies
from cases.access import relock
from cases.enums import SHAREABLE, Category, Office, ShareLevel
from cases.knowledge import STATUTORY
from cases.models import ROWS, Case, CaseLead, Consent, Share
from cases.operations import clocks, share_clocks, sources
from cases.operations.authorship import organisation_of
from cases.operations.proposals import Proposal, check_basis, check_end, check_proposal, last_moment, starts_at
from cases.policies import CaseAccess
from core import clock
from core.dates import civil_day, end_of_day, last_day
from core.db import role
from core.errors import Conflict, NotAllowed, Refused
from profiles import codes
from profiles.profile import active

PURPOSES: Final = {
    Office.CHILD_PROTECTION: "child_protection",
    Office.GUARDIAN: "child_protection",
    Office.SHELTER: "refer_shelter",
    Office.DECIDING_AUTHORITY: "formal_identification",
}
SOURCE_ENDED: Final = "source_ended"
CONSENT_ENDED: Final = frozenset({"consent_withdrawn", "consent_superseded"})
ENDED_BY_LEAD: Final = "lead_ended"
# After a refusal. Neither code nor words say so: whoever may not read it is told only to ask again (rule 21).
BASIS_ENDED: Final = "basis_ended"
# Whatever the share came with, its receiver must stop using what it read.
ALWAYS_TOLD: Final = CONSENT_ENDED | {SOURCE_ENDED, ENDED_BY_LEAD, BASIS_ENDED}
# Ends on its day, and may be ended before, but never goes on longer than the law needs it.
NOT_RENEWED: Final = STATUTORY | {Office.REASSIGNED_LEAD}


class Stage(StrEnum):
    """Where a share stands today."""

    AHEAD = "ahead"
    OPEN = "open"
    ENDED = "ended"


def share(
    actor: Actor,
    *,
    access: CaseAccess,
    to: Organisation,
    categories: Collection[str],
    purpose: str,
    legal_basis: str,
    ends_on: date | None,
    provision: str = "",
    consent: Consent | None = None,
    starts_on: date | None = None,
    level: str = ShareLevel.READ,
) -> Share:
    """Let ``to`` see categories of the own rows from ``starts_on`` (None: at once) to the end of ``ends_on``.

    The end is at most 90 calendar days away, and not beyond the day until which the giver itself knows the case.
    ``level``: only read, or add rows of its own to the case as well. Refuses what ``check_proposal`` refuses;
    ``NotAllowed`` for an organisation that only reads, but towards the lead; ``Conflict`` when the case is closed. The
    lead and whoever gave the giver its own right are told (rules 18 and 19).
    """
    access = relock(access)
    policies.require(actor, policies.sharing_act(access, to.pk), access)
    proposal = Proposal(
        to=to,
        categories=categories,
        purpose=purpose,
        legal_basis=legal_basis,
        ends_on=check_end(ends_on),
        provision=provision,
        consent=consent,
        starts_on=starts_on,
        level=level,
    )
    resting = check_proposal(access, proposal)
    sources.check_within_reach(access, proposal.ends_on)
    written = _made(actor, access.case, organisation_of(actor), proposal, resting=resting)
    _write(actor, access.case, [written])
    sources.tell_of_new_line(access.case, written)
    if stage(written) is Stage.OPEN:
        sources.tell_receiver(access.case, written)
    share_clocks.watch(actor, access.case, written, has_service=share_clocks.has_own_service(access))
    return written


def preview_share(
    actor: Actor,
    *,
    access: CaseAccess,
    to: Organisation,
    categories: Collection[str],
    purpose: str,
    legal_basis: str,
    ends_on: date,
    provision: str = "",
    consent: Consent | None = None,
    starts_on: date | None = None,
    level: str = ShareLevel.READ,
) -> Mapping[str, int]:
    """What ``share`` would open: own rows by category. Writes nothing, refuses what ``share`` refuses."""
    policies.require(actor, policies.sharing_act(access, to.pk), access)
    proposal = Proposal(
        to=to,
        categories=categories,
        purpose=purpose,
        legal_basis=legal_basis,
        ends_on=ends_on,
        provision=provision,
        consent=consent,
        starts_on=starts_on,
        level=level,
    )
    check_proposal(access, proposal)
    sources.check_within_reach(access, ends_on)
    return own_counts(access)


def renew_share(actor: Actor, *, access: CaseAccess, share: Share, ends_on: date | None, reason: str) -> Share:
    """Let a share go on, with a reason of the list, until a day at most 90 days from today.

    Never beyond the consent that it rests on, which must still stand, nor beyond what it hangs on; raises ``Conflict``
    for one that has ended, and ``Refused`` for a party by office, whose share lasts as long as the office.
    """
    access = relock(access)
    stored = _own_share(actor, share)
    require_may_renew(access, stored)
    if stage(stored) is Stage.ENDED:
        raise Conflict(_("This has ended already. Share anew if it is still needed."))
    if stored.office in NOT_RENEWED:
        raise Refused(_("This follows from the law and ends with the office."))
    if reason not in codes.get("share_renewal_reason"):
        raise Refused(_("Say why it goes on."), field="reason")
    resting = _still_resting(access, stored)
    until = check_end(ends_on, resting)
    sources.check_within_sources(access, stored, until)
    if until <= stored.ends_on:
        raise Refused(_("It already lasts until then. Choose a later day."), field="ends_on")
    before = stored.ends_on
    if resting is not None and resting.pk != stored.consent_id:
        ledger.rest_on(access.case, [stored], resting)
    renewed = ledger.renew_share(stored, ends_on=until, ends_at=last_moment(until, resting), reason=reason)
    _record("renew_share", actor, renewed, reason=reason, before=before.isoformat(), ends_on=until.isoformat())
    share_clocks.moved(actor, access.case, renewed)
    return renewed


def end_share(actor: Actor, *, access: CaseAccess, share: Share) -> Share:
    """End a share of the own rows at once. Never refused for the state of consent, receiver or case (rule 4).

    What a party has by office ends with the office, not here.
    """
    access = relock(access)
    policies.require(actor, "end_share", access)
    return _end(actor, access.case, share, access)


def end_unknown_share(actor: Actor, *, share: Share) -> Share:
    """End a share of the own rows in a case that the actor may not know: data protection, and a supervisor whose
    organisation has lost the case. Nothing of the case is read."""
    policies.require(actor, "end_unknown_share")
    return _end(actor, ledger.lock(share.case_id), share)


def require_given(actor: Actor, share: Share) -> None:
    """Raise ``NotAllowed`` for a share that another organisation gave."""
    if share.from_organisation_id != actor.organisation_id:
        raise NotAllowed


def require_may_renew(access: CaseAccess, share: Share) -> None:
    """Raise ``NotAllowed`` for a share of another organisation, or one that its giver may no longer let go on."""
    require_given(access.actor, share)
    if not policies.may_renew_to(access, share.to_organisation_id):
        raise NotAllowed


def stage(share: Share) -> Stage:
    """Whether a share lies ahead, opens something, or has ended."""
    now = clock.moment()
    if share.ended_at is not None or share.ends_at <= now or not share.holds:
        return Stage.ENDED
    return Stage.AHEAD if share.starts_at > now else Stage.OPEN


def is_live(share: Share) -> bool:
    """True while the share opens anything."""
    return stage(share) is Stage.OPEN


def may_end(access: CaseAccess, share: Share) -> bool:
    """True when ``end_share`` will not refuse."""
    is_allowed = policies.may_end_gift_to(access.actor, access, share.to_organisation.kind)
    return is_allowed and _is_to_end(access.actor, share) and policies.may(access.actor, "end_share", access)


def may_end_unknown(actor: Actor, share: Share) -> bool:
    """True when ``end_unknown_share`` will not refuse."""
    is_allowed = policies.may_end_gift_to(actor, None, share.to_organisation.kind)
    return is_allowed and _is_to_end(actor, share) and policies.may(actor, "end_unknown_share")


def may_renew(access: CaseAccess, share: Share) -> bool:
    """True when ``renew_share`` will not refuse for what the share is."""
    is_chosen = share.office not in NOT_RENEWED
    return is_chosen and _is_to_end(access.actor, share) and policies.may_renew_to(access, share.to_organisation_id)


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


def end_shares(actor: Actor, *, case: Case, shares: Iterable[Share], reason: str) -> int:
    """End shares now, with an audit row each, and with them what hung on them (rule 18); called by operations that have
    judged. Returns how many of ``shares`` were live.

    Receivers are told, unless what they had came with an office or a referral and ends with it: that is told there.
    """
    ended = list(shares)
    if not ended:
        return 0
    count = _end_now(actor, case, ended, reason)
    follow_sources(actor, case)
    return count


def follow_sources(actor: Actor, case: Case) -> int:
    """End every chosen share whose last source is gone and whose receiver knows the case by nothing else. Clocks that
    bind an organisation which no longer knows the case go to the lead. How many."""
    count = 0
    while lost := ledger.knowledge(case).lost():
        count += _end_now(actor, case, lost, SOURCE_ENDED)
    clocks.follow_knowledge(case)
    return count


def _end_now(actor: Actor, case: Case, ended: Sequence[Share], reason: str) -> int:
    count = ledger.end_shares(case, ended, reason)
    for one in ended:
        _record("end_share", actor, one, reason=reason)
    share_clocks.ended(actor, case, ended)
    is_told = reason in ALWAYS_TOLD
    opened = [one for one in ended if one.opened_at is not None and (is_told or one.office == Office.NONE)]
    kind = "consent_withdrawn" if reason in CONSENT_ENDED else "share_ended"
    sources.tell_of_ended_shares(case, opened, kind=kind)
    return count


def let_last(case: Case, consent_id: UUID) -> None:
    """What rests on an override that was confirmed goes on to the last day that was asked for."""
    resting = [share for share in live_shares(case) if share.consent_id == consent_id]
    ledger.let_last(case, {share: end_of_day(share.ends_on, active().zone) for share in resting})


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
    owners: Collection[UUID] | None = None,
    level: ShareLevel = ShareLevel.CONTRIBUTE,
    ends_at: datetime | None = None,
) -> list[Share]:
    """Make ``to`` a party by office: shares of the lead's rows and the registrar's, or of ``owners``, without consent
    (rule 2a).

    Called inside the operation that creates the office, after its policy check. Lasts until ``until``, at most the
    profile's longest term, or until the instant ``ends_at``; an earlier share of the same rows, office and purpose to
    the same organisation is replaced, but none to add rows by one to read. Categories above the ceiling are left out.
    Returns the shares, none when ``to`` owns all these rows itself.
    """
    row_owners = [owner for owner in owners or _sources(case) if owner != to.pk]
    same = held(case, office, to, purpose or PURPOSES[office])
    former = [
        one for one in same if one.from_organisation_id in row_owners and level in (ShareLevel.CONTRIBUTE, one.level)
    ]
    given = frozenset(categories) & policies.ceiling(to.kind)
    proposal = Proposal(
        to=to,
        categories=given,
        purpose=purpose or PURPOSES[office],
        legal_basis=legal_basis,
        ends_on=last_day(ends_at, active().zone) if ends_at else _end_of_office(office, until),
        level=level,
    )
    written = [_made(actor, case, owner, proposal, office=office, ends_at=ends_at) for owner in row_owners]
    _write(actor, case, written)
    for one in written:
        share_clocks.review_later(actor, case, one)
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
        level=like.level,
    )
    written = _made(actor, case, owner.pk, proposal, office=like.office, ends_at=like.ends_at)
    _write(actor, case, [written])
    share_clocks.review_later(actor, case, written)
    return written


def write_of_office(
    actor: Actor, *, case: Case, giver: Organisation, proposal: Proposal, office: Office, resting: Consent | None = None
) -> Share:
    """One share of an office, without the review that ``open_office`` starts; for operations, which have judged."""
    written = _made(actor, case, giver.pk, proposal, resting=resting, office=office)
    _write(actor, case, [written])
    return written


def end_office(
    actor: Actor, *, case: Case, office: Office, to: Organisation | None = None, reason: str = "office_ended"
) -> int:
    """End what a party has by office, at once; of every holder of the office when ``to`` is None."""
    return end_shares(actor, case=case, shares=held(case, office, to), reason=reason)


def shorten(actor: Actor, *, case: Case, shares: Iterable[Share], until: date) -> None:
    """Let what a party has by office end earlier, on ``until`` (civil day, included): what it was asked is done."""
    shortened = list(shares)
    ledger.shorten_shares(case, shortened, end_of_day(until, active().zone))
    for share in shortened:
        _record("shorten_share", actor, share, ends_on=until.isoformat())


def redate_offices(actor: Actor, *, case: Case, offices: Collection[Office], until: date | None) -> None:
    """Let what parties have by these offices end on ``until`` (civil day, included): what they hang on has another end.

    None: as long as the profile allows, counted from the day on which each began. What ends on that day is left.
    """
    ends = {
        share: _end_of_office(Office(share.office), until, share)
        for share in live_shares(case)
        if share.office in offices
    }
    moved = {share: day for share, day in ends.items() if day != share.ends_on}
    if moved:
        ledger.redate_shares(case, moved)
        for share, day in moved.items():
            _record("redate_office", actor, share, ends_on=day.isoformat())


def live_shares(case: Case) -> list[Share]:
    """Every live share of a case, whoever gave it; only for operations, which have judged."""
    with role(ledger.LEDGER):
        rows = Share.objects.live().filter(case=case).select_related("from_organisation", "to_organisation")
        return list(rows.order_by("starts_at", "pk"))


def held(case: Case, office: Office, to: Organisation | None, purpose: str = "") -> list[Share]:
    """The live shares of an office: of every holder when ``to`` is None, for every purpose when none is named."""
    return [
        one
        for one in live_shares(case)
        if one.office == office
        and (to is None or one.to_organisation_id == to.pk)
        and (not purpose or one.purpose == purpose)
    ]


def _sources(case: Case) -> list[UUID]:
    with role(ledger.LEDGER):
        lead = CaseLead.objects.values_list("organisation_id", flat=True).get(case=case, ends_at__isnull=True)
    return list(dict.fromkeys((lead, case.registered_by_id)))


def _end_of_office(office: Office, until: date | None, since: Share | None = None) -> date:
    """The last day of an office that begins today, or began with ``since``."""
    begins = civil_day(since.starts_at, active().zone) if since else clock.today(active().zone)
    longest = begins + timedelta(days=active().offices[office].longest_days)
    return min(until, longest) if until else longest


# -- parts -----------------------------------------------------------------------------------------------------------


def _is_to_end(actor: Actor, share: Share) -> bool:
    is_own = share.from_organisation_id == actor.organisation_id
    return is_own and stage(share) is not Stage.ENDED and share.office not in STATUTORY


def _own_share(actor: Actor, share: Share) -> Share:
    """The share as it stands under the lock; raises ``NotAllowed`` for what another organisation gave."""
    with role(ledger.LEDGER):
        stored = Share.objects.select_related("case", "to_organisation").get(pk=share.pk)
    require_given(actor, stored)
    return stored


def _end(actor: Actor, case: Case, share: Share, access: CaseAccess | None = None) -> Share:
    stored = _own_share(actor, share)
    if stored.office in STATUTORY:
        raise Refused(_("This follows from the law and ends with the office."))
    sources.check_may_end(actor, access, stored)
    if stored.ended_at is None:
        end_shares(actor, case=case, shares=[stored], reason="ended")
    return _own_share(actor, share)


def _still_resting(access: CaseAccess, share: Share) -> Consent | None:
    """What the share rests on, still standing; asked as for a new share with the same terms."""
    return check_basis(
        access,
        Proposal(
            to=share.to_organisation,
            categories=share.categories,
            purpose=share.purpose,
            legal_basis=share.legal_basis,
            ends_on=share.ends_on,
            provision=share.provision,
            consent=share.consent if share.legal_basis == "consent" else None,
        ),
    )


def _made(
    actor: Actor,
    case: Case,
    owner: UUID,
    proposal: Proposal,
    *,
    resting: Consent | None = None,
    office: str = Office.NONE,
    ends_at: datetime | None = None,
) -> Share:
    return Share(
        case=case,
        from_organisation_id=owner,
        to_organisation=proposal.to,
        categories=[category for category in SHAREABLE if category in proposal.categories],
        purpose=proposal.purpose,
        legal_basis=proposal.legal_basis,
        provision=proposal.provision,
        consent=resting,
        consent_valid_until=resting.valid_until if resting else None,
        level=proposal.level,
        office=office,
        starts_at=starts_at(proposal),
        ends_at=ends_at or last_moment(proposal.ends_on, resting),
        ends_on=proposal.ends_on,
        made_by_id=actor.membership_id,
    )


def _write(actor: Actor, case: Case, shares: Sequence[Share]) -> None:
    # What has lost its source by time alone is over for good, before somebody new could make it open again.
    follow_sources(actor, case)
    ledger.write_shares(case, shares)
    for share in shares:
        _record(
            "share",
            actor,
            share,
            categories=share.categories,
            purpose=share.purpose,
            legal_basis=share.legal_basis,
            provision=share.provision,
            level=share.level,
            starts_at=share.starts_at.isoformat(),
            ends_on=share.ends_on.isoformat(),
        )


def _record(kind: str, actor: Actor, share: Share, **details: object) -> None:
    trail.record(
        kind,
        actor=actor,
        case_id=share.case_id,
        owner_organisation_id=share.from_organisation_id,
        category=Category.CONSENT,
        object_kind="share",
        object_id=share.pk,
        to=str(share.to_organisation_id),
        office=share.office,
        **details,
    )
