"""Child protection settles the age of a person (``sharing.md`` rule 24): act, basis, reason.

Until then the youngest age that anybody claims counts for endings. What others said stays visible, as disputed.
"""

from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import Organisation
from audit import trail
from cases import ledger, notices, policies
from cases.age import contradicts
from cases.enums import AgeGroup, Category
from cases.models import AgeSettlement, Case
from cases.models.age import SETTLED
from cases.operations import clocks, sources
from cases.operations.age import follow_age
from cases.operations.child_branch import is_answered_by, open_child_branch
from cases.operations.guardianship import leave_as_adult
from cases.operations.running import membership_of, organisation_of, relock_running
from cases.policies import CaseAccess
from core import clock
from core.errors import NotAllowed, Refused
from profiles import codes
from profiles.enums import Event
from profiles.profile import active

NO_BASIS: Final = "unknown"


def settle_age(
    actor: Actor, *, access: CaseAccess, age_group: str, basis: str, reason: str, birth_date: str = ""
) -> AgeSettlement:
    """Settle whether the person is a child, and the date of birth as exactly as it is known (``2010``, ``2010-05`` or
    ``2010-05-17``), on a basis and for a reason. It counts until something younger is said.

    A child: ends and clocks follow the date at once. An adult: the guardianship and what child protection has by office
    end at once. ``NotAllowed`` for a service that does not answer for this person; ``Refused`` for a child without a
    date of birth, or a date that contradicts the group. The lead is told, without content.
    """
    access = relock_running(access)
    policies.require(actor, "settle_age", access)
    case = access.case
    if not is_answered_by(case, Organisation.objects.get(pk=organisation_of(actor))):
        raise NotAllowed
    _check(age_group, birth_date, basis)
    settlement = _write(actor, case, age_group=age_group, basis=basis, birth_date=birth_date, reason=reason)
    lead = ledger.lead_of(case.pk)
    clocks.close(case, Event.AGE_SETTLED, actor=actor)
    _follow(actor, case, age_group)
    if lead.pk != actor.organisation_id:
        _tell(case, lead, key=settlement.pk)
    return settlement


def _check(age_group: str, birth_date: str, basis: str) -> None:
    if age_group not in SETTLED:
        raise Refused(_("Choose whether the person is an adult or a child."), field="age_group")
    if basis not in codes.get("age_basis") or basis == NO_BASIS:
        raise Refused(_("Choose on what the age is based."), field="basis")
    if not birth_date:
        if age_group == AgeGroup.CHILD:
            raise Refused(_("Enter the date of birth. A year is enough."), field="birth_date")
    elif contradicts(age_group, birth_date, clock.today(active().zone)):
        raise Refused(_("This date of birth contradicts the answer above. Correct one of the two."), field="birth_date")


def _write(actor: Actor, case: Case, *, age_group: str, basis: str, birth_date: str, reason: str) -> AgeSettlement:
    settlement = AgeSettlement(
        case=case,
        owner_organisation_id=organisation_of(actor),
        age_group=age_group,
        basis=basis,
        settled_at=clock.moment(),
        settled_by_id=membership_of(actor),
    )
    settlement.seal({"birth_date": birth_date, "reason": reason})
    settlement.save(force_insert=True)
    trail.record(
        "settle_age",
        actor=actor,
        case_id=case.pk,
        category=Category.STATUS,
        object_kind="agesettlement",
        object_id=settlement.pk,
        basis=basis,
    )
    ledger.touch(case.pk, owner=organisation_of(actor), category=Category.STATUS)
    return settlement


def _follow(actor: Actor, case: Case, age_group: str) -> None:
    """The child branch as the age now is; what hangs on the date follows with it."""
    if age_group == AgeGroup.ADULT:
        if case.is_child_branch:
            leave_as_adult(actor, case)
    elif case.is_child_branch:
        follow_age(actor, case=case)
    else:
        open_child_branch(actor, case=case)


def _tell(case: Case, lead: Organisation, key: UUID) -> None:
    notices.alert_members("age_settled", case, members=sources.working_on(case, {lead.pk}), key=key)
