"""What is known of the age of the person of a case, and everything that follows from it, in one transaction.

``follow_age`` is called wherever something of the age is written, corrected or settled. What follows: the ends of what
child protection and the guardian have by office, the clocks of the 18th birthday, the task to settle a disputed age,
and the day that the hourly job asks for. Source: ``sharing.md`` rules 2a and 24.
"""

from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import connection

from accounts.actors import Actor
from cases import ledger, policies
from cases.age import Age, Claim, known
from cases.enums import Office
from cases.models import AgeSettlement, Case, Identity, Minority
from cases.operations import clocks, sharing
from core import clock
from core.dates import civil_day
from core.db import role
from profiles import codes
from profiles.enums import Event
from profiles.profile import active

SAID: Final = """SELECT id, owner_id, kind, said_at, age_group, basis, sealed, is_settlement
    FROM nrm_said_of_age(%s)"""
OF_A_CHILD: Final = (Office.CHILD_PROTECTION, Office.GUARDIAN)


def read_age(case: Case) -> Age:
    """What all organisations of the case say of the age; for operations, which have judged.

    Whoever acts may not read all of these rows. They are opened here for the age alone, and nothing else is taken.
    """
    with role(ledger.LEDGER), connection.cursor() as cursor:
        cursor.execute(SAID, [case.pk])
        rows = cursor.fetchall()
    said = [_claim(case, *row) for row in rows]
    settlements = [claim for claim in said if claim.is_settlement]
    return known((claim for claim in said if not claim.is_settlement), settlements[-1] if settlements else None)


def follow_age(actor: Actor, *, case: Case) -> Age:
    """Bring everything that follows from the age up to date; called by operations that hold the lock of the case.

    1. until when the person is treated as a child; 2. the ends of what child protection and the guardian have by
    office, unless the person is of age by then: nothing ends by a correction; 3. the clocks of the 18th birthday,
    counted from the earliest that is possible; 4. child protection's task while claims contradict each other.
    """
    found = read_age(case)
    if not case.is_child_branch:
        return found
    today = clock.today(active().zone)
    with role(ledger.LEDGER):
        Minority.objects.update_or_create(case=case, defaults={"child_until": found.child_until})
    if found.is_child_on(today):
        sharing.redate_offices(actor, case=case, offices=OF_A_CHILD, until=found.child_until)
    majority = found.majority_for_reminders(today)
    if majority is not None:
        clocks.redate(case, Event.MAJORITY, on=majority, actor=actor)
    elif found.is_child_on(today):
        clocks.close(case, Event.BIRTH_DATE_WITHDRAWN, actor=actor)
    if found.is_disputed:
        clocks.start_once(case, Event.AGE_DISPUTED, actor=actor)
    else:
        clocks.close(case, Event.AGE_AGREED, actor=actor)
    return found


def is_verified(kind: str, basis: str) -> bool:
    """True when an authority has the date of birth from a register, or has checked the document (rule 24)."""
    listed = codes.get("age_basis")
    return kind in policies.AUTHORITIES and basis in listed and bool(listed[basis].extra.get("is_verified"))


def _claim(
    case: Case,
    pk: UUID,
    owner: UUID,
    kind: str,
    said_at: datetime,
    age_group: str,
    basis: str,
    sealed: bytes | None,
    is_settlement: bool,
) -> Claim:
    model = AgeSettlement if is_settlement else Identity
    row = model(pk=pk, case=case, owner_organisation_id=owner, sealed=sealed)
    return Claim(
        owner=owner,
        group=age_group,
        born=str(row.open().get("birth_date") or ""),
        said_at=said_at,
        said_on=civil_day(said_at, active().zone),
        basis=basis,
        is_verified=is_settlement or is_verified(kind, basis),
        is_settlement=is_settlement,
    )
