"""The child branch: opened at once for a child or who may be one, with a guardian request and its clock.

Child protection of the region becomes a party by office, at the latest until the person comes of age. Source: Directive
2011/36/EU, Articles 13 to 16; ``sharing.md`` rules 2a and 24.
"""

from typing import Final

from django.db.models import Case as Ranked
from django.db.models import Q, Value, When
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import Membership, Organisation
from audit import trail
from cases import ledger, policies, workflow
from cases.enums import Category, GuardianshipState, Office
from cases.models import Case, Guardianship
from cases.operations import clocks, sharing
from cases.operations.age import follow_age, read_age
from cases.operations.running import organisation_of, relock_running
from cases.policies import CaseAccess
from core import clock
from core.db import role
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
    _begin(actor, case)
    _make_party(actor, case, service)
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
    _check_is_child(case)
    service = child_protection_for(case)
    if not case.is_child_branch:
        _begin(actor, case)
    _make_party(actor, case, service)
    return _request(actor, case, service)


def reopen_child_branch(actor: Actor, *, access: CaseAccess) -> None:
    """Part of reopening a child's case: closing has ended what service and guardian saw, but no guardianship.

    Child protection is a party again, and who is guardian too; without a guardian one is asked for, as at registration.
    Who has come of age meanwhile leaves the branch.
    """
    case, held = access.case, current(access.case)
    if read_age(case).is_of_age_on(clock.today(active().zone)):
        come_of_age(actor, case)
        return
    service = held.owner_organisation if held else child_protection_for(case)
    _make_party(actor, case, service)
    if held is None:
        _request(actor, case, service)
    elif held.state in AWAITING:
        clocks.start(case, AWAITING[held.state], actor=actor, bound={"child_protection": service})
    if held and held.guardian and not ledger.is_blocked(case, held.guardian):
        let_in(actor, access, held.guardian)


def follow_lead(actor: Actor, *, case: Case, before: Organisation) -> None:
    """Part of moving the lead from ``before``: child protection that led a child's case had no rows by office; it goes
    on to answer for the child and sees those of the new lead, unless it is suspended or another service is in office.
    """
    has_answered = before.kind in active().guardians.assigned_by and before.suspended_at is None
    if case.is_child_branch and has_answered and not sharing.held(case, Office.CHILD_PROTECTION, None):
        open_office(actor, case, before)


def let_in(actor: Actor, access: CaseAccess, guardian: Membership) -> None:
    """The guardian is the child's representative: the whole ceiling of the organisation, for this person and child.

    ``Conflict`` for somebody who has come of age, before the hourly job has written it down.
    """
    age = read_age(access.case)
    if age.is_of_age_on(clock.today(active().zone)):
        raise Conflict(_("The person has turned 18. Look at the case again."))
    sharing.open_office(
        actor,
        case=access.case,
        to=guardian.organisation,
        office=Office.GUARDIAN,
        categories=policies.ceiling(guardian.organisation.kind),
        legal_basis=LEGAL_BASIS,
        until=age.child_until,
    )
    ledger.assign(access.case, guardian)


def open_office(actor: Actor, case: Case, service: Organisation) -> None:
    """Child protection sees what it is offered by default, until the person comes of age; nothing after that."""
    age = read_age(case)
    if age.is_of_age_on(clock.today(active().zone)):
        return
    sharing.open_office(
        actor,
        case=case,
        to=service,
        office=Office.CHILD_PROTECTION,
        categories=policies.offered(service.kind),
        legal_basis=LEGAL_BASIS,
        until=age.child_until,
    )


def answer_for(case: Case, service: Organisation, *, before: Organisation) -> None:
    """Part of changing the region: the request, or the guardianship of today, is answered by ``service`` from now on.

    What ``before`` sealed with it is sealed anew for ``service``, which has to know of a reported conflict.
    """
    held = current(case)
    if held is None or held.owner_organisation_id != before.pk:
        return
    content = held.open()
    held.owner_organisation = service
    if content:
        held.seal(content)
    Guardianship.objects.filter(pk=held.pk).update(owner_organisation=service, sealed=held.sealed)


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


def come_of_age(actor: Actor, case: Case) -> None:
    """The person is 18 by everything that counts: guardianship, child branch and clocks of a child end.

    What its parties had by office has ended with the day before. Source: Directive 2011/36/EU, Article 2(6).
    """
    with role(ledger.LEDGER):
        held = Guardianship.objects.filter(case=case, state__in=OPEN)
        ended = list(held.values_list("pk", "requested_by_id"))
        held.update(state=GuardianshipState.ENDED, ended_at=clock.moment(), end_reason=MAJORITY)
        Case.objects.filter(pk=case.pk).update(is_child_branch=False)
    case.is_child_branch = False
    for pk, asked_by in ended:
        trail.record(
            "end_guardianship",
            actor=actor,
            case_id=case.pk,
            owner_organisation_id=asked_by,
            category=Category.CHILD,
            object_kind="guardianship",
            object_id=pk,
            reason=MAJORITY,
        )
        ledger.touch(case.pk, owner=asked_by, category=Category.CHILD)
    lead = ledger.lead_of(case.pk)
    trail.record(
        "come_of_age",
        actor=actor,
        case_id=case.pk,
        owner_organisation_id=lead.pk,
        category=Category.STATUS,
        object_kind="case",
        object_id=case.pk,
    )
    ledger.touch(case.pk, owner=lead.pk, category=Category.STATUS)
    clocks.close(case, Event.CAME_OF_AGE, actor=actor)
    for office in (Office.GUARDIAN, Office.CHILD_PROTECTION):
        sharing.end_office(actor, case=case, office=office)
    ledger.project(case)


def is_answered_by(case: Case, organisation: Organisation) -> bool:
    """True for the service that is in office for the child, or leads the case itself; of a person outside the child
    branch, for the service of the region. Never for one because it acts (``sharing.md`` rule 20)."""
    if organisation.kind not in active().guardians.assigned_by:
        return False
    if not case.is_child_branch:
        return child_protection_for(case) == organisation
    is_in_office = bool(sharing.held(case, Office.CHILD_PROTECTION, organisation))
    return is_in_office or ledger.lead_of(case.pk) == organisation


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


def _make_party(actor: Actor, case: Case, service: Organisation) -> None:
    open_office(actor, case, service)
    follow_age(actor, case=case)


def _check_is_child(case: Case) -> None:
    if not read_age(case).is_child_on(clock.today(active().zone)):
        raise Refused(_("Only a child has a guardian. Correct the age first if the person may be younger than 18."))
