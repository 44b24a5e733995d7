"""Which organisation hosts the person. The host becomes a party by office while it does (``sharing.md`` rule 2a).

No shelter becomes the host by its own word (rule 20): what it says is *provisional* until the organisation that sent
the referral, or the lead, confirms that the person arrived. A shelter that leads the case hosts by that.
"""

from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import Membership, Organisation, Role
from audit import trail
from cases import hosting, ledger, notices, places, policies
from cases.enums import Category, Office, ShareLevel
from cases.hosting import Standing
from cases.models import Case, CaseVisibility, Placement, Share
from cases.operations import sharing
from cases.operations.running import membership_of, organisation_of, relock_running
from cases.policies import CaseAccess
from core import clock
from core.db import role
from core.errors import Conflict, Missing, NotAllowed, Refused
from profiles import codes
from profiles.profile import active

ACCOMMODATION: Final = "shelter"
LEGAL_BASIS: Final = "legal_obligation"
LEGAL_BASIS_OF_A_CHILD: Final = "child_best_interests"
# Rows of the audit that the parties to a placement see, and nobody else that knows the case.
CATEGORY: Final = "placement"
# What a shelter needs from the first hour, whatever its referral gives: danger and safe contact, health needs.
NEEDED: Final = frozenset({Category.CONTACT, Category.HEALTH})
MOVED: Final = "moved"
STATED: Final = "placement_stated"
LAPSED: Final = "placement_lapsed"
GAVE_WAY: Final = "placement_gives_way"


def record_placement(actor: Actor, *, access: CaseAccess, starts_on: date) -> Placement:
    """The own shelter, which leads the case, hosts the person: confirmed by that.

    Raises ``NotAllowed`` for a shelter that does not lead, ``Conflict`` while the person stays elsewhere, ``Refused``
    for a day in the future or before registration.
    """
    access = relock_running(access)
    policies.require(actor, "record_placement", access)
    case = access.case
    if any(hosting.standing(one) is Standing.CONFIRMED for one in hosting.live(case.pk)):
        raise Conflict(_("The person already stays in a shelter. That placement must be ended first."))
    if not case.registered_on <= starts_on <= clock.today(active().zone):
        raise Refused(_("Choose a day between registration and today."), field="starts_on")
    host = Organisation.objects.get(pk=organisation_of(actor))
    return _write_confirmed(actor, case, host, host, starts_on, None)


def begin(
    actor: Actor,
    *,
    case: Case,
    host: Organisation,
    placed_by: Organisation,
    starts_on: date,
    service: str,
    referral_id: UUID,
) -> Placement | None:
    """Part of recording the step “placed” of an accepted referral for accommodation, and of police bringing somebody
    on one: the receiver hosts the person, provisionally, beside whoever was confirmed before.

    Lead and sender are told at once. None for a service or an organisation that hosts nobody, and for who is host.
    """
    own = hosting.hosted(hosting.live(case.pk), host.pk)
    if not is_hosting(service, host) or (own is not None and hosting.standing(own) is not Standing.GIVING_WAY):
        return None
    if ledger.lead_of(case.pk).pk == host.pk:
        return _write_confirmed(actor, case, host, placed_by, starts_on, referral_id)
    return _write_provisional(actor, case, host, placed_by, starts_on, referral_id)


def is_hosting(service: str, organisation: Organisation) -> bool:
    """True when ``organisation`` hosts people by a referral for ``service``."""
    return codes.get("service")[service].extra.get("group") == ACCOMMODATION and organisation.kind == places.HOST


def confirm_arrival(actor: Actor, *, access: CaseAccess, placement: Placement) -> Placement:
    """The person has arrived, say sender or lead, also after the word of the shelter has lapsed: it is the host.

    A placement that was confirmed before gives way: it ends by the word of its host or of the lead, or 72 hours from
    now. Raises ``NotAllowed`` for anybody else, the host before all; ``Conflict`` for what is settled already.
    """
    access, stored = _to_settle(actor, "confirm_arrival", access, placement)
    case, now = access.case, clock.moment()
    _make_room(actor, case, besides=stored)
    _set(
        stored,
        confirmed_at=now,
        confirmed_by_id=membership_of(actor),
        ends_at=None,
        ended_at=None,
        end_reason="",
    )
    _open_office(actor, case, stored)
    _replace(actor, case, by=stored)
    _record("confirm_arrival", actor, case, stored)
    _settled(stored)
    return stored


def deny_arrival(actor: Actor, *, access: CaseAccess, placement: Placement) -> Placement:
    """The person is not there, say sender or lead: what the shelter saw by its own word closes at once.

    Its referral goes on. Raises as ``confirm_arrival``.
    """
    access, stored = _to_settle(actor, "deny_arrival", access, placement)
    _set(stored, ended_at=clock.moment(), end_reason="not_arrived")
    _record("deny_arrival", actor, access.case, stored)
    _end_office(actor, access.case, stored)
    _settled(stored)
    return stored


def end_placement(actor: Actor, *, access: CaseAccess, placement: Placement) -> Placement:
    """The person has left, say host, lead or who placed the person. What the host sees by office ends at once."""
    access = relock_running(access)
    policies.require(actor, "end_placement", access)
    stored = next((one for one in hosting.live(access.case.pk) if one.pk == placement.pk), None)
    if stored is None:
        raise Conflict(_("The person does not stay in a shelter any more."))
    if not may_end(access, stored):
        raise NotAllowed
    _close(actor, access.case, stored, "left")
    return stored


def end(actor: Actor, *, case: Case, reason: str, referral_id: UUID | None = None) -> None:
    """End the placements with what they rest on: those of one referral, or all; called by operations that hold the
    lock and have judged. What was only said, and has lapsed, cannot be confirmed any more either."""
    found = {one.pk: one for one in (*hosting.live(case.pk), *hosting.unsettled(case.pk))}
    for placement in found.values():
        if referral_id is None or placement.referral_id == referral_id:
            _close(actor, case, placement, reason)


def end_unconfirmed(actor: Actor, *, case: Case, referral_id: UUID, reason: str) -> None:
    """Whoever hosts by its word alone does so no more when its referral ends; called as ``end``."""
    for one in hosting.unsettled(case.pk):
        if one.referral_id == referral_id:
            _close(actor, case, one, reason)


def follow_lead(actor: Actor, *, case: Case) -> None:
    """Part of moving the lead: a host that has no rows by office, since it led the case, sees those of the new lead."""
    held = {one.to_organisation_id for one in sharing.live_shares(case) if one.office == Office.SHELTER}
    for placement in hosting.live(case.pk):
        if placement.confirmed_at is not None and placement.organisation_id not in held:
            _open_office(actor, case, placement)


def write_down_over(case: Case) -> int:
    """Write down which placements of a case have ended by themselves, as the system, and tell lead and sender what
    nobody confirmed; returns how many. Nothing here closes access: that has ended by then."""
    with role(ledger.LEDGER):
        rows = Placement.objects.filter(case=case, ended_at__isnull=True, ends_at__lte=clock.moment())
        over = list(rows.select_related("organisation", "placed_by").order_by("ends_at", "pk"))
    for placement in over:
        is_lapsed = placement.confirmed_at is None
        kind, reason = ("lapse_placement", hosting.NOT_CONFIRMED) if is_lapsed else ("end_placement", MOVED)
        _set(placement, ended_at=placement.ends_at, end_reason=reason)
        _record(kind, Actor.system(), case, placement, reason=reason)
        _end_office(Actor.system(), case, placement)
        if is_lapsed:
            _settled(placement)
            _tell(LAPSED, case, placement, _confirmers(case, placement))
    return len(over)


def to_confirm(access: CaseAccess) -> list[Placement]:
    """What the reader may confirm or deny, newest first."""
    if not policies.may(access.actor, "confirm_arrival", access):
        return []
    return [one for one in hosting.unsettled(access.case.pk) if may_settle(access, one)]


def lapsed(access: CaseAccess) -> list[Placement]:
    """What nobody confirmed in time, as far as the reader may still say what happened."""
    return [one for one in to_confirm(access) if hosting.standing(one) is Standing.LAPSED]


def may_settle(access: CaseAccess, placement: Placement | None) -> bool:
    """True when ``confirm_arrival`` and ``deny_arrival`` will not refuse: for sender and lead, never for the host."""
    own = access.actor.organisation_id
    if placement is None or own == placement.organisation_id:
        return False
    is_concerned = access.is_lead or own == placement.placed_by_id
    return is_concerned and policies.may(access.actor, "confirm_arrival", access)


def may_end(access: CaseAccess, placement: Placement | None) -> bool:
    """True when ``end_placement`` will not refuse."""
    if placement is None or not policies.may(access.actor, "end_placement", access):
        return False
    return access.is_lead or access.actor.organisation_id in (placement.organisation_id, placement.placed_by_id)


def get_placement(access: CaseAccess, pk: UUID) -> Placement:
    """A placement of the case that makes a host now, or that nobody has settled; raises ``Missing`` for any other."""
    found = (*hosting.live(access.case.pk), *hosting.unsettled(access.case.pk))
    placement = next((one for one in found if one.pk == pk), None)
    if placement is None:
        raise Missing
    return placement


def shown(access: CaseAccess) -> list[Placement]:
    """The placements that the reader is told of: a host its own alone, unless it leads; sender and lead what concerns
    them; everybody else the one that counts."""
    live = hosting.live(access.case.pk)
    own = hosting.hosted(live, access.actor.organisation_id)
    if own is not None and not access.is_lead:
        return [own]
    concerned = [one for one in live if access.is_lead or places.may_know_which(access.actor, access.case, one)]
    counts = places.current(access)
    return concerned or ([counts] if counts else [])


# -- parts -----------------------------------------------------------------------------------------------------------


def _to_settle(actor: Actor, action: str, access: CaseAccess, placement: Placement) -> tuple[CaseAccess, Placement]:
    access = relock_running(access)
    policies.require(actor, action, access)
    stored = next((one for one in hosting.unsettled(access.case.pk) if one.pk == placement.pk), None)
    if stored is None:
        raise Conflict(_("This has been settled already. Look at the case again."))
    if not may_settle(access, stored):
        raise NotAllowed
    return access, stored


def _write_confirmed(
    actor: Actor, case: Case, host: Organisation, placed_by: Organisation, starts_on: date, referral_id: UUID | None
) -> Placement:
    """A shelter that leads hosts the person. Another that was confirmed gives way, as for any arrival."""
    _make_room(actor, case)
    confirmed = {"confirmed_at": clock.moment(), "confirmed_by_id": membership_of(actor)}
    made = _create(actor, case, host, placed_by, starts_on, referral_id, **confirmed)
    _open_office(actor, case, made)
    _replace(actor, case, by=made)
    _record("record_placement", actor, case, made)
    return made


def _write_provisional(
    actor: Actor, case: Case, host: Organisation, placed_by: Organisation, starts_on: date, referral_id: UUID
) -> Placement:
    confirmers = [ledger.lead_of(case.pk), placed_by]
    until = hosting.provisional_until(clock.moment(), confirmers)
    for one in hosting.unsettled(case.pk):
        if one.organisation_id == host.pk:
            _close(actor, case, one, MOVED)
    made = _create(actor, case, host, placed_by, starts_on, referral_id, ends_at=until)
    _open_office(actor, case, made)
    _record("record_placement", actor, case, made)
    _tell(STATED, case, made, confirmers, besides=actor)
    return made


def _create(
    actor: Actor,
    case: Case,
    host: Organisation,
    placed_by: Organisation,
    starts_on: date,
    referral_id: UUID | None,
    **values: object,
) -> Placement:
    with role(ledger.LEDGER):
        return Placement.objects.create(
            case=case,
            organisation=host,
            placed_by=placed_by,
            referral_id=referral_id,
            starts_on=starts_on,
            recorded_at=clock.moment(),
            recorded_by_id=membership_of(actor),
            **values,
        )


def _make_room(actor: Actor, case: Case, besides: Placement | None = None) -> None:
    """Another arrival is confirmed: the host of today gives way, and what had lapsed elsewhere is asked no more."""
    until = clock.moment() + hosting.GIVES_WAY
    for one in hosting.live(case.pk):
        if hosting.standing(one) is Standing.CONFIRMED:
            _give_way(case, one, until)
    for one in hosting.unsettled(case.pk):
        if hosting.standing(one) is Standing.LAPSED and (besides is None or one.pk != besides.pk):
            _write_end(actor, case, one, MOVED)


def _replace(actor: Actor, case: Case, *, by: Placement) -> None:
    """What this shelter said before, or had until it gives way, ends; its office is that of the newer placement."""
    for one in (*hosting.live(case.pk), *hosting.unsettled(case.pk)):
        if one.organisation_id == by.organisation_id and one.pk != by.pk:
            _write_end(actor, case, one, MOVED)


def _open_office(actor: Actor, case: Case, placement: Placement) -> None:
    """What the host sees by office: the needs of the first hour, to read, until it is confirmed; then all that is
    offered to a shelter, to add to.

    Only of those who may know which shelter it is: a share names its receiver to who gives it.
    """
    is_provisional = placement.confirmed_at is None
    host = placement.organisation
    sharing.open_office(
        actor,
        case=case,
        to=host,
        office=Office.SHELTER,
        categories=NEEDED if is_provisional else policies.offered(host.kind) | NEEDED,
        legal_basis=LEGAL_BASIS_OF_A_CHILD if case.is_child_branch else LEGAL_BASIS,
        owners=list(dict.fromkeys((ledger.lead_of(case.pk).pk, placement.placed_by_id))),
        level=ShareLevel.READ if is_provisional else ShareLevel.CONTRIBUTE,
        ends_at=placement.ends_at,
    )


def _end_office(actor: Actor, case: Case, placement: Placement) -> None:
    """What the host saw by this placement ends: to read by its own word, to add to once it was confirmed."""
    level = ShareLevel.READ if placement.confirmed_at is None else ShareLevel.CONTRIBUTE
    held = [one for one in _held(case, placement.organisation_id) if one.level == level]
    sharing.end_shares(actor, case=case, shares=held, reason="placement_ended")


def _held(case: Case, host: UUID) -> list[Share]:
    return [one for one in sharing.live_shares(case) if (one.office, one.to_organisation_id) == (Office.SHELTER, host)]


def _give_way(case: Case, placement: Placement, until: datetime) -> None:
    """The host stays host until then, or until its own or the lead's word. It is told so, and not where."""
    _set(placement, ends_at=until)
    # By the system: who confirmed elsewhere is none of this host's business.
    _record("give_way", Actor.system(), case, placement)
    ledger.shorten_shares(case, _held(case, placement.organisation_id), until)
    _tell(GAVE_WAY, case, placement, [placement.organisation])


def _close(actor: Actor, case: Case, placement: Placement, reason: str) -> None:
    _write_end(actor, case, placement, reason)
    _end_office(actor, case, placement)


def _write_end(actor: Actor, case: Case, placement: Placement, reason: str) -> None:
    _set(placement, ended_at=placement.ended_at or clock.moment(), end_reason=reason)
    _record("end_placement", actor, case, placement, reason=reason)
    _settled(placement)


def _set(placement: Placement, **values: object) -> None:
    with role(ledger.LEDGER):
        Placement.objects.filter(pk=placement.pk).update(**values)
    for name, value in values.items():
        setattr(placement, name, value)


def _confirmers(case: Case, placement: Placement) -> list[Organisation]:
    return [ledger.lead_of(case.pk), placement.placed_by]


def _tell(
    kind: str, case: Case, placement: Placement, organisations: list[Organisation], *, besides: Actor | None = None
) -> None:
    """Tell who works on the case in these organisations, and their supervisors, without content (rule 13)."""
    with role(ledger.LEDGER):
        known = CaseVisibility.objects.live().filter(case=case, organisation__in=organisations)
        members = [member for member in known.values_list("membership_id", flat=True) if member]
    people = Membership.objects.live().filter(
        Q(pk__in=members) | Q(organisation__in=organisations, roles__contains=[Role.SUPERVISOR])
    )
    people = people.exclude(pk=besides.membership_id) if besides and besides.membership_id else people
    notices.alert_members(kind, case, members=people.select_related("user").order_by("pk"), key=placement.pk)


def _settled(placement: Placement) -> None:
    """Nobody has to confirm it any more."""
    for kind in (STATED, LAPSED):
        notices.settle_alert(kind, placement.pk)


def _record(kind: str, actor: Actor, case: Case, placement: Placement, **detail: str) -> None:
    """A change that host and sender see, and who did it."""
    concerned = (placement.organisation_id, placement.placed_by_id, actor.organisation_id)
    parties = dict.fromkeys(party for party in concerned if party is not None)
    trail.record(
        kind,
        actor=actor,
        case_id=case.pk,
        owner_organisation_id=placement.placed_by_id,
        category=CATEGORY,
        object_kind="placement",
        object_id=placement.pk,
        parties=[str(party) for party in parties],
        **detail,
    )
    for party in parties:
        ledger.touch(case.pk, owner=party, category=CATEGORY)
