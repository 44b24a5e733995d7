"""The child branch: opened at once for a child or who may be one, with a guardian request and its clock.

Child protection of the region becomes a party by office, at the latest until the person comes of age. Source: Directive
2011/36/EU, Articles 13 to 16; ``sharing.md`` rule 2a.
"""

from collections.abc import Iterable
from typing import Final

from django.db.models import Case as Ranked
from django.db.models import Q, Value, When
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import Membership, Organisation
from audit import trail
from cases import access as door
from cases import ledger, policies, workflow
from cases.enums import AgeGroup, Category, GuardianshipState, Office
from cases.models import Case, CategoryRow, Guardianship, Identity
from cases.operations import clocks, sharing
from cases.operations.majority import has_come_of_age, majority_on, minority_until
from cases.operations.running import organisation_of, relock_running
from cases.policies import CaseAccess
from core import clock
from core.errors import Conflict, Refused
from profiles.enums import Event
from profiles.profile import active

NATIONAL: Final = "national"
LEGAL_BASIS: Final = "child_best_interests"
OPEN: Final = (GuardianshipState.REQUESTED, GuardianshipState.PROVISIONAL, GuardianshipState.APPOINTED)
# A guardianship that waits for its next step, and the event since when it does.
AWAITING: Final[dict[str, Event]] = {
    GuardianshipState.REQUESTED: Event.CHILD_BRANCH_OPENED,
    GuardianshipState.PROVISIONAL: Event.PROVISIONAL_GUARDIAN_ASSIGNED,
}
MAJORITY: Final = "majority"
PEOPLE: Final = ("owner_organisation", "organisation", "guardian__user", "guardian__organisation")


def open_child_branch(actor: Actor, *, case: Case) -> Guardianship:
    """Part of registering a child, or a person who may be one: a guardian request at child protection, with its clock.

    Child protection of the region becomes a party by office. ``Refused`` when no such service is active for the region:
    a child must not be registered into nothing.
    """
    service = child_protection_for(case)
    rows = _opened(case, Identity.objects.filter(case=case, owner_organisation_id=actor.organisation_id))
    _begin(actor, case)
    _make_party(actor, case, service, rows)
    return _request(actor, case, service)


def request_guardian(actor: Actor, *, access: CaseAccess) -> Guardianship:
    """Ask child protection for a guardian: the lead, or child protection itself, when none is asked for or in office.

    Opens the child branch of a case that became one later. ``Refused`` for an adult.
    """
    access = relock_running(access)
    policies.require(actor, "request_guardian", access)
    case = access.case
    if current(case) is not None:
        raise Conflict(_("This child already has a guardian or an open request for one."))
    rows = door.read_rows(access, Category.IDENTITY)
    _check_is_child(case, rows)
    service = child_protection_for(case)
    if not case.is_child_branch:
        _begin(actor, case)
    _make_party(actor, case, service, rows)
    return _request(actor, case, service)


def reopen_child_branch(actor: Actor, *, access: CaseAccess) -> None:
    """Part of reopening a child's case: closing has ended what service and guardian saw, but no guardianship.

    Child protection is a party again, and who is guardian too; without a guardian one is asked for, as at registration.
    Who has come of age meanwhile leaves the branch.
    """
    case, held = access.case, current(access.case)
    rows = door.read_rows(access, Category.IDENTITY)
    if has_come_of_age(rows):
        _leave(actor, case, held)
        return
    service = held.owner_organisation if held else child_protection_for(case)
    _make_party(actor, case, service, rows)
    if held is None:
        _request(actor, case, service)
    elif held.state in AWAITING:
        clocks.start(case, AWAITING[held.state], actor=actor, bound={"child_protection": service})
    if held and held.guardian and not ledger.is_blocked(case, held.guardian):
        let_in(actor, access, held.guardian)


def follow_lead(actor: Actor, *, case: Case, before: Organisation) -> None:
    """Part of moving the lead from ``before``: child protection that led a child's case had no rows by office; it goes
    on to answer for the child and sees those of the new lead, unless it is suspended or another service is in office.
    Its last day is counted from what the new lead may read of the age."""
    has_answered = before.kind in active().guardians.assigned_by and before.suspended_at is None
    if case.is_child_branch and has_answered and not sharing.held(case, Office.CHILD_PROTECTION, None):
        _open_office(actor, case, before, _opened(case, Identity.objects.filter(case=case)))


def let_in(actor: Actor, access: CaseAccess, guardian: Membership) -> None:
    """The guardian is the child's representative: the whole ceiling of the organisation, for this person and child."""
    sharing.open_office(
        actor,
        case=access.case,
        to=guardian.organisation,
        office=Office.GUARDIAN,
        categories=policies.ceiling(guardian.organisation.kind),
        legal_basis=LEGAL_BASIS,
        until=minority_until(door.read_rows(access, Category.IDENTITY)),
    )
    ledger.assign(access.case, guardian)


def child_protection_for(case: Case) -> Organisation:
    """The active service that answers for the region of the case: one that names the region, else one that works in the
    whole country; never one because it acts (``sharing.md`` rule 20). Raises ``Refused`` when there is none."""
    whole = Q(serves_regions=[]) | Q(serves_regions__contains=[NATIONAL])
    here = Q(serves_regions__contains=[case.region]) if case.region else Q(pk__in=[])
    ranked = Ranked(When(here, then=Value(1)), default=Value(2))
    services = Organisation.objects.active().of_kind(*active().guardians.assigned_by).filter(here | whole)
    found = services.alias(rank=ranked).order_by("rank", "created_at", "pk").first()
    if found is None:
        raise Refused(
            _("No child-protection service is active for this region. Ask the administrator of the system first."),
            field="region",
        )
    return found


def close_child_branch(actor: Actor, case: Case) -> None:
    """Nothing is left of the child branch. Child protection goes last: it is the one that acts."""
    Case.objects.filter(pk=case.pk).update(is_child_branch=False)
    case.is_child_branch = False
    clocks.close(case, Event.ASSESSED_ADULT, actor=actor)
    ledger.touch(case.pk, owner=organisation_of(actor), category=Category.STATUS)
    sharing.end_office(actor, case=case, office=Office.CHILD_PROTECTION)


def current(case: Case) -> Guardianship | None:
    """The open request or the guardianship of today, as far as the actor's organisation may see it."""
    rows = Guardianship.objects.filter(case=case, state__in=OPEN).select_related(*PEOPLE)
    found = rows.first()
    if found is not None:
        found.case = case
    return found


def told(kind: str, actor: Actor, held: Guardianship, **detail: str) -> Guardianship:
    """Audit and activity: for the organisation that asked and those with whom it shares the child's rows."""
    trail.record(
        kind,
        actor=actor,
        case_id=held.case_id,
        owner_organisation_id=held.requested_by_id,
        category=Category.CHILD,
        object_kind="guardianship",
        object_id=held.pk,
        **detail,
    )
    ledger.touch(held.case_id, owner=held.requested_by_id, category=Category.CHILD)
    return held


# -- parts -----------------------------------------------------------------------------------------------------------


def _begin(actor: Actor, case: Case) -> None:
    Case.objects.filter(pk=case.pk).update(is_child_branch=True)
    case.is_child_branch = True
    trail.record("open_child_branch", actor=actor, case_id=case.pk)
    ledger.touch(case.pk, owner=organisation_of(actor), category=Category.STATUS)


def _request(actor: Actor, case: Case, service: Organisation) -> Guardianship:
    asked = Guardianship.objects.create(
        case=case,
        owner_organisation=service,
        requested_by_id=organisation_of(actor),
        requested_at=clock.moment(),
        state=workflow.step(workflow.GUARDIANSHIP, "", GuardianshipState.REQUESTED),
    )
    clocks.start(case, Event.CHILD_BRANCH_OPENED, actor=actor, bound={"child_protection": service})
    return told("request_guardian", actor, asked)


def _leave(actor: Actor, case: Case, held: Guardianship | None) -> None:
    close_child_branch(actor, case)
    if held is not None:
        ended = {"state": GuardianshipState.ENDED, "ended_at": clock.moment(), "end_reason": MAJORITY}
        Guardianship.objects.filter(pk=held.pk, state=held.state).update(**ended)
        told("end_guardianship", actor, held, reason=MAJORITY)


def _make_party(actor: Actor, case: Case, service: Organisation, rows: list[CategoryRow]) -> None:
    _open_office(actor, case, service, rows)
    majority = majority_on(rows)
    if majority is not None:
        clocks.start(case, Event.MAJORITY, actor=actor, on=majority, bound={"child_protection": service})


def _open_office(actor: Actor, case: Case, service: Organisation, rows: list[CategoryRow]) -> None:
    """Child protection sees what it is offered by default, until the person comes of age."""
    sharing.open_office(
        actor,
        case=case,
        to=service,
        office=Office.CHILD_PROTECTION,
        categories=policies.offered(service.kind),
        legal_basis=LEGAL_BASIS,
        until=minority_until(rows),
    )


def _check_is_child(case: Case, rows: list[CategoryRow]) -> None:
    if not case.is_child_branch and all(row.age_group == AgeGroup.ADULT for row in rows if isinstance(row, Identity)):
        raise Refused(_("Only a child has a guardian. Correct the age first if the person may be younger than 18."))


def _opened(case: Case, rows: Iterable[Identity]) -> list[CategoryRow]:
    found: list[CategoryRow] = list(rows)
    for row in found:
        row.case = case
        row.content = row.open()  # type: ignore[attr-defined]
    return found
