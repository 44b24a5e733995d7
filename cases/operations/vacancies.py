"""Cases whose lead has nobody left who can act: found, told, and closed again when somebody is there.

The system looks, as the worker, case by case in transactions of its own. A child's case goes to child protection
meanwhile, which knows it by office: it keeps the clocks of the lead, and is told. Clocks of organisations that do not
lead and cannot keep them go to the lead.
"""

from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Final
from uuid import NAMESPACE_URL, UUID, uuid5

from django.db.models import QuerySet

from accounts.actors import Actor
from accounts.models import Membership, Organisation, Role
from audit import trail
from cases import ledger, notices, responsibility
from cases.enums import CaseState, LeadOfferState, Office, VacancyOutcome
from cases.models import Case, LeadOffer, LeadVacancy
from cases.models.vacancies import OPEN_OFFERS
from cases.operations import clocks, sharing
from cases.operations.members import INTERNAL
from cases.querysets import IsWithoutLead
from core import clock
from core.db import role
from profiles.profile import active

DESK: Final = "/lead/"
LIMIT: Final = 500
ANSWERING: Final = (Role.INTAKE, Role.SUPERVISOR)


def look(as_worker: Callable[[], AbstractContextManager[None]], limit: int = LIMIT) -> Counter[str]:
    """Find and close vacancies, write down offers that have lapsed, and hand over clocks; how many of each.

    ``as_worker`` opens each transaction.
    """
    done: Counter[str] = Counter()
    with as_worker():
        missing, ended, unkept, late = _missing(limit), _ended(limit), _unkept(limit), _late(limit)
    for found in missing:
        with as_worker():
            done["found"] += _begin(found)
    for case_id in ended:
        with as_worker():
            done["returned"] += _return(case_id)
    for offer_id in late:
        with as_worker():
            done["lapsed"] += _lapse(offer_id)
    for case_id, organisation_id in unkept:
        with as_worker():
            done["handed over"] += _hand_over(case_id, organisation_id)
    if done["found"]:
        with as_worker():
            _tell_the_office()
    return done


def end(vacancy: LeadVacancy, outcome: VacancyOutcome) -> None:
    """Somebody leads the case; for callers that hold its lock. Open offers of it end with it."""
    now = clock.moment()
    with role(ledger.LEDGER):
        LeadVacancy.objects.filter(pk=vacancy.pk, ended_at=None).update(ended_at=now, outcome=outcome)
        LeadOffer.objects.filter(vacancy=vacancy, state__in=OPEN_OFFERS).update(state="withdrawn", answered_at=now)


def give_back_clocks(case: Case, vacancy: LeadVacancy, to: Organisation) -> None:
    """The clocks of the former lead that child protection kept go to ``to``."""
    if vacancy.keeper is not None and vacancy.keeper_id != to.pk:
        clocks.rebind(case, None, before=vacancy.keeper, to=to, only=vacancy.kept_clocks)


# -- parts -----------------------------------------------------------------------------------------------------------


def _missing(limit: int) -> list[responsibility.WithoutLead]:
    """Cases without a lead who can act that are not noted yet, oldest key first."""
    found = sorted(responsibility.cases_without_lead(), key=lambda one: one.case_id)
    with role(ledger.LEDGER):
        known = set(LeadVacancy.objects.filter(ended_at=None).values_list("case_id", flat=True))
    return [one for one in found if one.case_id not in known][:limit]


def _ended(limit: int) -> list[UUID]:
    with role(ledger.LEDGER):
        over = LeadVacancy.objects.filter(ended_at=None).exclude(IsWithoutLead("case_id"))
        return list(over.order_by("case_id").values_list("case_id", flat=True)[:limit])


def _late(limit: int) -> list[UUID]:
    with role(ledger.LEDGER):
        return list(_overdue_offers().order_by("answer_due_at", "pk").values_list("pk", flat=True)[:limit])


def _overdue_offers() -> QuerySet[LeadOffer]:
    asked = LeadOffer.objects.filter(state=LeadOfferState.OFFERED, answer_due_at__lte=clock.moment())
    return asked.filter(vacancy__ended_at=None)


def _unkept(limit: int) -> list[tuple[UUID, UUID]]:
    """Cases and organisations that cannot keep the clocks that bind them, where somebody leads."""
    vacant = {one.case_id for one in responsibility.cases_without_lead()}
    pairs = {(one.case_id, one.organisation_id) for one in responsibility.clocks_without_keeper(is_whole=False)}
    return sorted(pair for pair in pairs if pair[0] not in vacant)[:limit]


def _begin(found: responsibility.WithoutLead) -> bool:
    case = ledger.lock(found.case_id)
    keeper = _child_protection(case)
    with role(ledger.LEDGER):
        is_known = LeadVacancy.objects.filter(case=case, ended_at=None).exists()
        if is_known or not Case.objects.filter(IsWithoutLead("pk"), pk=case.pk).exists():
            return False
        vacancy = LeadVacancy.objects.create(
            case=case,
            reference=case.reference,
            region=case.region,
            is_child=case.is_child_branch,
            keeper=keeper,
            found_at=clock.moment(),
        )
    former = ledger.lead_of(case.pk)
    _record("lead_missing", case, former.pk)
    if keeper is not None:
        kept = clocks.rebind(case, None, before=former, to=keeper)
        with role(ledger.LEDGER):
            LeadVacancy.objects.filter(pk=vacancy.pk).update(kept_clocks=kept)
        notices.alert("lead_missing", case, organisations=[keeper], roles=ANSWERING, key=vacancy.pk)
    return True


def _return(case_id: UUID) -> bool:
    case = ledger.lock(case_id)
    with role(ledger.LEDGER):
        over = LeadVacancy.objects.filter(case=case, ended_at=None).exclude(IsWithoutLead("case_id"))
        vacancy = over.select_related("keeper").first()
    if vacancy is None:
        return False
    lead = ledger.lead_of(case.pk)
    end(vacancy, VacancyOutcome.RETURNED)
    give_back_clocks(case, vacancy, lead)
    _record("lead_returned", case, lead.pk)
    return True


def _lapse(offer_id: UUID) -> bool:
    """It had lapsed when its term was over; now that is written, and the office hears that the next is to be asked."""
    with role(ledger.LEDGER):
        offer = _overdue_offers().select_related("vacancy").filter(pk=offer_id).first()
        if offer is None:
            return False
        case = ledger.lock(offer.vacancy.case_id)
        if not _overdue_offers().filter(pk=offer_id).update(state=LeadOfferState.LAPSED):
            return False
    _record("lapse_lead", case, ledger.lead_of(case.pk).pk)
    notices.alert(
        "lapse_lead",
        None,
        organisations=Organisation.objects.active().of_kind("coordinator").order_by("pk"),
        roles=notices.COORDINATING,
        key=offer.pk,
        path=f"{DESK}{offer.vacancy_id}/",
    )
    return True


def _hand_over(case_id: UUID, organisation_id: UUID) -> bool:
    case, lead = ledger.lock(case_id), ledger.lead_of(case_id)
    if case.state == CaseState.CLOSED or lead.pk == organisation_id:
        return False
    before = Organisation.objects.get(pk=organisation_id)
    if clocks.rebind(case, None, before=before, to=lead):
        _record("hand_over_deadline", case, lead.pk)
        return True
    return False


def _child_protection(case: Case) -> Organisation | None:
    """The service that knows a child's case by office and has somebody there."""
    if not case.is_child_branch:
        return None
    held = [one.to_organisation for one in sharing.live_shares(case) if one.office == Office.CHILD_PROTECTION]
    able = Membership.objects.live().with_role(*ANSWERING).filter(organisation__in=held)
    with_somebody = set(able.values_list("organisation_id", flat=True))
    return next((one for one in held if one.pk in with_somebody), None)


def _tell_the_office() -> None:
    """The coordinator's office hears once a day that there are cases to offer, and looks at its desk."""
    day = clock.today(active().zone)
    notices.alert(
        "leads_missing",
        None,
        organisations=Organisation.objects.active().of_kind("coordinator").order_by("pk"),
        roles=notices.COORDINATING,
        key=uuid5(NAMESPACE_URL, f"{DESK}{day.isoformat()}"),
        path=DESK,
    )


def _record(kind: str, case: Case, owner: UUID) -> None:
    trail.record(
        kind,
        actor=Actor.system(),
        case_id=case.pk,
        owner_organisation_id=owner,
        category=INTERNAL,
        object_kind="case",
        object_id=case.pk,
    )
