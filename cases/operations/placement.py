"""Which organisation hosts the person. The host becomes a party by office while it does (``sharing.md`` rule 2a)."""

from datetime import date
from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import Organisation
from audit import trail
from cases import ledger, places, policies
from cases.enums import Office
from cases.models import Case, Placement
from cases.operations import sharing
from cases.operations.running import membership_of, organisation_of, relock_running
from cases.policies import CaseAccess
from core import clock
from core.db import role
from core.errors import Conflict, NotAllowed, Refused
from profiles import codes
from profiles.profile import active

ACCOMMODATION: Final = "shelter"
LEGAL_BASIS: Final = "legal_obligation"
LEGAL_BASIS_OF_A_CHILD: Final = "child_best_interests"
# Rows of the audit that the parties to a placement see, and nobody else that knows the case.
CATEGORY: Final = "placement"


def record_placement(actor: Actor, *, access: CaseAccess, starts_on: date) -> Placement:
    """The own shelter hosts the person without a referral, since it leads the case or took the person in itself.

    Raises ``Conflict`` while the person stays elsewhere, ``Refused`` for a day in the future or before registration.
    """
    access = relock_running(access)
    policies.require(actor, "record_placement", access)
    case = access.case
    if places.current(case.pk) is not None:
        raise Conflict(_("The person already stays in a shelter. That placement must be ended first."))
    if not case.registered_on <= starts_on <= clock.today(active().zone):
        raise Refused(_("Choose a day between registration and today."), field="starts_on")
    host = Organisation.objects.get(pk=organisation_of(actor))
    return _write(actor, case, host, host, starts_on, None)


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
    """Part of recording the step “placed” of a referral for accommodation: the receiver hosts the person from now on.

    An earlier placement ends: the person has moved. None for a service or an organisation that hosts nobody.
    """
    is_host = codes.get("service")[service].extra.get("group") == ACCOMMODATION and host.kind == places.HOST
    before = places.current(case.pk)
    if not is_host or (before is not None and before.organisation_id == host.pk):
        return None
    if before is not None:
        _end(actor, case, before, "moved")
    return _write(actor, case, host, placed_by, starts_on, referral_id)


def end_placement(actor: Actor, *, access: CaseAccess) -> Placement:
    """The person has left, say host, lead or who placed the person. What the host sees by office ends at once."""
    access = relock_running(access)
    policies.require(actor, "end_placement", access)
    placement = places.current(access.case.pk)
    if placement is None:
        raise Conflict(_("The person does not stay in a shelter any more."))
    if not may_end(access, placement):
        raise NotAllowed
    _end(actor, access.case, placement, "left")
    return placement


def may_end(access: CaseAccess, placement: Placement | None) -> bool:
    """True when ``end_placement`` will not refuse."""
    if placement is None or not policies.may(access.actor, "end_placement", access):
        return False
    return access.is_lead or access.actor.organisation_id in (placement.organisation_id, placement.placed_by_id)


def end(actor: Actor, *, case: Case, reason: str, referral_id: UUID | None = None) -> None:
    """End the placement with what it rests on; called by operations that hold the lock and have judged."""
    placement = places.current(case.pk)
    if placement is not None and (referral_id is None or placement.referral_id == referral_id):
        _end(actor, case, placement, reason)


def _write(
    actor: Actor, case: Case, host: Organisation, placed_by: Organisation, starts_on: date, referral_id: UUID | None
) -> Placement:
    with role(ledger.LEDGER):
        made = Placement.objects.create(
            case=case,
            organisation=host,
            placed_by=placed_by,
            referral_id=referral_id,
            starts_on=starts_on,
            recorded_at=clock.moment(),
            recorded_by_id=membership_of(actor),
        )
    # Only of those who may know which shelter it is: a share names its receiver to who gives it.
    sharing.open_office(
        actor,
        case=case,
        to=host,
        office=Office.SHELTER,
        categories=policies.offered(host.kind),
        legal_basis=LEGAL_BASIS_OF_A_CHILD if case.is_child_branch else LEGAL_BASIS,
        owners=list(dict.fromkeys((ledger.lead_of(case.pk).pk, placed_by.pk))),
    )
    _record("record_placement", actor, case, made)
    return made


def _end(actor: Actor, case: Case, placement: Placement, reason: str) -> None:
    with role(ledger.LEDGER):
        Placement.objects.filter(pk=placement.pk).update(ended_at=clock.moment(), end_reason=reason)
    _record("end_placement", actor, case, placement, reason=reason)
    sharing.end_office(actor, case=case, office=Office.SHELTER, reason="placement_ended")


def _record(kind: str, actor: Actor, case: Case, placement: Placement, **detail: str) -> None:
    parties = dict.fromkeys((placement.organisation_id, placement.placed_by_id))
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
