"""Handing a colleague's cases to somebody else, many at once: when they leave, are suspended, or have too many."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from accounts.actors import NO_KEY, Actor
from accounts.models import Membership
from audit import trail
from cases import ledger, policies
from cases.access import get_case_by_id
from cases.enums import CaseState, GuardianshipState
from cases.models import Case, CaseVisibility, Guardianship
from cases.operations.authorship import organisation_of
from cases.operations.members import INTERNAL, assignable, tell_of_own_assignment
from core.errors import Conflict, Missing, Refused

IN_CHARGE = (GuardianshipState.PROVISIONAL, GuardianshipState.APPOINTED)


@dataclass(frozen=True)
class Load:
    """One open case of a colleague; ``obstacle`` says why it cannot be handed on here."""

    row: CaseVisibility
    obstacle: str = ""

    @property
    def case(self) -> Case:
        return self.row.case


@dataclass(frozen=True)
class Colleague:
    """A colleague and how many open cases stand in their name."""

    membership: Membership
    cases: int

    @property
    def is_away(self) -> bool:
        return self.membership.suspended_at is not None or self.membership.ended_at is not None


def team(actor: Actor) -> list[Colleague]:
    """Everybody who works cases in the own organisation, and everybody who has left some behind; those first."""
    policies.require(actor, "reassign")
    counted = _assigned(actor).order_by().values("membership").annotate(number=Count("pk"))
    numbers: dict[UUID, int] = dict(counted.values_list("membership", "number"))
    of_own = Membership.objects.filter(organisation_id=organisation_of(actor))
    present = Q(ended_at__isnull=True, roles__overlap=list(policies.WORKING))
    rows = of_own.filter(present | Q(pk__in=numbers)).select_related("user").order_by("user__name", "pk")
    people = [Colleague(row, numbers.get(row.pk, 0)) for row in rows]
    return sorted(people, key=lambda one: not (one.is_away and one.cases))


def colleague(actor: Actor, pk: UUID) -> Membership:
    """A colleague of the own organisation, whatever became of them; raises ``Missing`` for anybody else."""
    policies.require(actor, "reassign")
    found = Membership.objects.filter(pk=pk, organisation_id=organisation_of(actor)).select_related("user").first()
    if found is None:
        raise Missing
    return found


def caseload(actor: Actor, *, colleague: Membership, successor: Membership | None = None) -> list[Load]:
    """The colleague's open cases that the actor may know, soonest deadline first, each with what stands in the way."""
    rows = list(_assigned(actor).filter(membership=colleague).select_related("case", "case__key"))
    guarded = Guardianship.objects.filter(
        guardian=colleague, state__in=IN_CHARGE, case__in=[row.case_id for row in rows]
    )
    in_charge = set(guarded.values_list("case_id", flat=True))
    return [Load(row, _obstacle(row, in_charge, successor)) for row in rows]


def reassign(actor: Actor, *, colleague: Membership, cases: Collection[UUID], successor: Membership) -> Sequence[Load]:
    """Give these cases of a colleague to a successor; returns those that stayed, each with its obstacle.

    Raises ``Refused`` for a successor who cannot be assigned, ``Conflict`` when nothing of it is the colleague's now.
    """
    policies.require(actor, "reassign")
    ledger.hold(successor)
    if successor.pk == colleague.pk or not assignable(actor).filter(pk=successor.pk).exists():
        raise Refused(_("This colleague cannot be assigned: choose somebody from the list."), field="successor")
    chosen = {load.case.pk for load in caseload(actor, colleague=colleague)} & set(cases)
    for case_id in sorted(chosen):  # locked before they are judged, always in the same order
        get_case_by_id(actor, case_id, is_locked=True)
    loads = [one for one in caseload(actor, colleague=colleague, successor=successor) if one.case.pk in chosen]
    if not loads:
        raise Conflict(_("These cases are no longer this colleague’s. Look at the list again."))
    for load in loads:
        if not load.obstacle:
            ledger.assign(load.case, successor)
            ledger.unassign(load.case, colleague)
            _record(actor, load.case, colleague, successor)
            tell_of_own_assignment(actor, load.case, successor)
    return [load for load in loads if load.obstacle]


def _assigned(actor: Actor) -> QuerySet[CaseVisibility]:
    """Rows of assignments in the own organisation, to cases that are open and that the actor may know."""
    known = CaseVisibility.objects.visible_to(actor).values("case_id")
    rows = CaseVisibility.objects.live().filter(
        organisation_id=actor.organisation_id or NO_KEY, membership__isnull=False
    )
    return rows.filter(case__in=known).exclude(case__state=CaseState.CLOSED).order_by("next_due_at", "case_id")


def _obstacle(row: CaseVisibility, in_charge: Collection[UUID], successor: Membership | None) -> str:
    if row.case_id in in_charge:
        return _("Guardian of the child: child protection names another one.")
    if successor is not None and successor.user_id in (row.blocked or ()):
        return _("The successor is kept away from this case.")
    return ""


def _record(actor: Actor, case: Case, colleague: Membership, successor: Membership) -> None:
    trail.record(
        "reassign",
        actor=actor,
        case_id=case.pk,
        category=INTERNAL,
        object_kind="membership",
        object_id=successor.pk,
        former=str(colleague.pk),
    )
