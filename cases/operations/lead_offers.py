"""The coordinator's office offers a case that nobody leads; an organisation takes it (``sharing.md`` section 5).

Two members of the office: one proposes, another confirms. Both see reference, region and whether it is a child, as the
organisation that is asked does, and nothing else. An offer that is not answered by the end of the next working day has
lapsed when it is read. Whom to ask next stands in ``lead_candidates``: named by the system, asked by two people.
"""

from typing import Final
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.actors import NO_KEY, Actor
from accounts.models import Membership, Organisation, Role
from audit import trail
from cases import ledger, notices, policies
from cases.enums import RUNNING, Category, LeadOfferState, VacancyOutcome
from cases.models import Case, Deadline, LeadOffer, LeadVacancy
from cases.models.vacancies import OPEN_OFFERS
from cases.operations import clocks, former_lead, members, vacancies
from cases.operations.authorship import membership_of, organisation_of
from cases.operations.lead import transfer_lead
from cases.operations.lead_candidates import candidates
from cases.querysets import IsWithoutLead
from core import clock
from core.dates import add_working_days, civil_day, end_of_day
from core.db import role
from core.errors import Conflict, Missing, NotAllowed, Refused
from profiles.profile import active

ANSWER_WORKING_DAYS: Final = 1
PAGE: Final = 100
# Identity and contact, which says how safe contact is and what danger there is; and what the open duties are about.
NEEDED: Final = frozenset({Category.IDENTITY, Category.CONTACT})


def desk(actor: Actor) -> list[LeadVacancy]:
    """At most ``PAGE`` cases that nobody leads now, the longest first, each with its offers."""
    policies.require(actor, "reassign_lead")
    found = list(
        _vacant().order_by("found_at", "pk").prefetch_related("offers__organisation", "offers__proposed_by")[:PAGE]
    )
    trail.note(cases_shown=len(found))
    return found


def get_vacancy(actor: Actor, pk: UUID) -> LeadVacancy:
    """One case that nobody leads now, with its offers; raises ``Missing`` for any other."""
    policies.require(actor, "reassign_lead")
    found = _vacant().filter(pk=pk).prefetch_related("offers__organisation", "offers__proposed_by").first()
    if found is None:
        raise Missing
    trail.note(cases_shown=1)
    return found


def get_offer(actor: Actor, pk: UUID) -> LeadOffer:
    """An offer of the office; raises ``Missing`` for none."""
    policies.require(actor, "reassign_lead")
    rows = LeadOffer.objects.filter(pk=pk, vacancy__in=_vacant().values("pk"))
    found = rows.select_related("vacancy", "organisation", "proposed_by").first()
    if found is None:
        raise Missing
    trail.note(cases_shown=1)
    return found


def received(actor: Actor, pk: UUID) -> LeadOffer:
    """An offer to the own organisation that can still be answered; raises ``Missing`` for any other."""
    policies.require(actor, "answer_lead_offer")
    now = clock.moment()
    rows = LeadOffer.objects.filter(pk=pk, organisation_id=actor.organisation_id or NO_KEY, answer_due_at__gt=now)
    found = (
        rows.filter(state=LeadOfferState.OFFERED, vacancy__in=_vacant().values("pk")).select_related("vacancy").first()
    )
    if found is None:
        raise Missing
    trail.note(cases_shown=1)
    return found


def state_now(offer: LeadOffer) -> LeadOfferState:
    """How an offer stands at this moment: lapsed when its term has passed, whether or not that was written."""
    is_late = offer.answer_due_at is not None and offer.answer_due_at <= clock.moment()
    is_lapsed = offer.state == LeadOfferState.OFFERED and is_late
    return LeadOfferState.LAPSED if is_lapsed else LeadOfferState(offer.state)


def open_offer(vacancy: LeadVacancy) -> LeadOffer | None:
    """The offer that waits for a colleague or for an answer."""
    return next((one for one in vacancy.offers.all() if state_now(one) in OPEN_OFFERS), None)


def may_confirm(actor: Actor, offer: LeadOffer) -> bool:
    """True for another person than the one who proposed it, while nobody was asked."""
    is_proposed = offer.state == LeadOfferState.PROPOSED
    return is_proposed and policies.may(actor, "reassign_lead") and offer.proposed_by.user_id != actor.user_id


def propose_lead(actor: Actor, *, vacancy: LeadVacancy, to: Organisation) -> LeadOffer:
    """Propose who could lead; a colleague confirms. ``Conflict`` when somebody leads it, or it is offered already."""
    policies.require(actor, "reassign_lead")
    stored = _locked(vacancy.pk)
    if to not in candidates(stored):
        raise Refused(
            _("This organisation cannot lead this case. Choose one from the list."),
            field="to",
        )
    with role(ledger.LEDGER):
        for former in LeadOffer.objects.filter(vacancy=stored, state__in=OPEN_OFFERS):
            if state_now(former) is not LeadOfferState.LAPSED:
                raise Conflict(_("This case is offered to an organisation already."))
            LeadOffer.objects.filter(pk=former.pk).update(state=LeadOfferState.LAPSED)
        offer = LeadOffer.objects.create(
            vacancy=stored, organisation=to, proposed_by_id=membership_of(actor), proposed_at=clock.moment()
        )
    _record("propose_lead", actor, offer)
    colleagues = Membership.objects.live().filter(organisation=organisation_of(actor)).exclude(user=actor.user_id)
    others = colleagues.with_role(*notices.COORDINATING).select_related("user").order_by("pk")
    notices.alert_members("propose_lead", None, members=others, key=offer.pk, path=_desk_path(stored))
    return offer


def confirm_lead(actor: Actor, *, offer: LeadOffer) -> LeadOffer:
    """Another member of the office confirms, and the organisation is asked: until the end of the next working day.

    ``NotAllowed`` for who proposed it, under whichever membership.
    """
    policies.require(actor, "reassign_lead")
    stored = _locked_offer(offer.pk)
    if stored.proposed_by.user_id == actor.user_id:  # under whichever membership
        raise NotAllowed(_("A colleague confirms what you have proposed."))
    if stored.state != LeadOfferState.PROPOSED or stored.organisation not in candidates(stored.vacancy):
        raise Conflict(_("This offer has moved on. Look at it again."))
    now, profile = clock.moment(), active()
    last = add_working_days(civil_day(now, profile.zone), ANSWER_WORKING_DAYS, profile.calendar(stored.vacancy.region))
    _store(
        stored,
        LeadOfferState.OFFERED,
        confirmed_by_id=membership_of(actor),
        confirmed_at=now,
        answer_due_at=end_of_day(last, profile.zone),
    )
    _record("confirm_lead", actor, stored)
    notices.alert(
        "confirm_lead",
        None,
        organisations=[stored.organisation],
        roles=(Role.INTAKE, Role.SUPERVISOR),
        key=stored.pk,
        path=f"/lead-offers/{stored.pk}/",
        about=stored.vacancy.case,
    )
    return stored


def withdraw_lead(actor: Actor, *, offer: LeadOffer) -> LeadOffer:
    """Take an offer back, before or after it was confirmed; one member is enough, for nothing is opened by it."""
    policies.require(actor, "reassign_lead")
    stored = _locked_offer(offer.pk)
    if state_now(stored) not in OPEN_OFFERS:
        raise Conflict(_("This offer has moved on. Look at it again."))
    _store(stored, LeadOfferState.WITHDRAWN)
    _record("withdraw_lead", actor, stored)
    return stored


def accept_lead(actor: Actor, *, offer: LeadOffer, member: Membership) -> Case:
    """Take the case and name the colleague who will work on it.

    1. the lead, its clocks and parties, as at any transfer (``lead``), and what child protection kept meanwhile;
    2. the rows of the former lead that are needed, for thirty days (``former_lead``); 3. the colleague;
    4. data protection of both hears of it. ``Conflict`` when the former lead can act again, or the offer has lapsed.
    """
    policies.require(actor, "answer_lead_offer")
    stored = _to_answer(actor, offer)
    if not members.assignable(actor).filter(pk=member.pk).exists():
        raise Refused(_("This colleague cannot be assigned: choose somebody from the list."), field="member")
    vacancy, to = stored.vacancy, stored.organisation
    case, former = vacancy.case, ledger.lead_of(vacancy.case_id)
    needed = NEEDED | _open_duties(case, former, vacancy)
    _store(stored, LeadOfferState.ACCEPTED, answered_by_id=membership_of(actor), answered_at=clock.moment())
    vacancies.end(vacancy, VacancyOutcome.REASSIGNED)
    transfer_lead(actor, case=case, to=to, key=stored.pk, kind="reassign_lead")
    clocks.rebind(case, None, before=former, to=to)
    vacancies.give_back_clocks(case, vacancy, to)
    former_lead.open_former_lead(actor, case=case, former=former, to=to, categories=needed)
    ledger.assign(case, member)
    _record("accept_lead", actor, stored)
    _tell_data_protection(case, former, to, key=stored.pk)
    return case


def decline_lead(actor: Actor, *, offer: LeadOffer) -> LeadOffer:
    """Say no: nothing was opened, and the office asks the next one."""
    policies.require(actor, "answer_lead_offer")
    stored = _to_answer(actor, offer)
    _store(stored, LeadOfferState.DECLINED, answered_by_id=membership_of(actor), answered_at=clock.moment())
    _record("decline_lead", actor, stored)
    notices.alert(
        "decline_lead",
        None,
        organisations=Organisation.objects.active().of_kind("coordinator").order_by("pk"),
        roles=notices.COORDINATING,
        key=stored.pk,
        path=_desk_path(stored.vacancy),
    )
    return stored


# -- parts -----------------------------------------------------------------------------------------------------------


def _vacant() -> QuerySet[LeadVacancy]:
    """Noted, not ended, and still so at this moment: a lead who can act again has its case at once."""
    return LeadVacancy.objects.filter(IsWithoutLead("case_id"), ended_at=None)


def _locked(pk: UUID) -> LeadVacancy:
    """The vacancy under the lock of its case; raises ``Conflict`` when somebody leads the case again."""
    with role(ledger.LEDGER):
        case = ledger.lock(LeadVacancy.objects.values_list("case_id", flat=True).get(pk=pk))
        found = _vacant().filter(pk=pk).select_related("keeper").first()
    if found is None:
        raise Conflict(_("Somebody leads this case again. Look at the list again."))
    found.case = case
    return found


def _locked_offer(pk: UUID) -> LeadOffer:
    with role(ledger.LEDGER):
        vacancy = _locked(LeadOffer.objects.values_list("vacancy_id", flat=True).get(pk=pk))
        offer = LeadOffer.objects.select_related("organisation", "proposed_by").get(pk=pk)
    offer.vacancy = vacancy
    return offer


def _to_answer(actor: Actor, offer: LeadOffer) -> LeadOffer:
    stored = _locked_offer(offer.pk)
    if stored.organisation_id != actor.organisation_id:
        raise Missing
    if state_now(stored) is not LeadOfferState.OFFERED:
        raise Conflict(_("This offer has lapsed or was withdrawn. It cannot be answered any more."))
    return stored


def _store(offer: LeadOffer, state: LeadOfferState, **values: object) -> None:
    offer.state = state
    for name, value in values.items():
        setattr(offer, name, value)
    with role(ledger.LEDGER):
        offer.save(update_fields=("state", *values))


def _open_duties(case: Case, former: Organisation, vacancy: LeadVacancy) -> frozenset[str]:
    """The categories of the clocks that the former lead had, and that child protection kept for it."""
    with role(ledger.LEDGER):
        running = Deadline.objects.filter(case=case, state__in=RUNNING)
        theirs = running.filter(Q(bound_organisation=former) | Q(pk__in=vacancy.kept_clocks))
        return frozenset(theirs.values_list("category", flat=True))


def _tell_data_protection(case: Case, former: Organisation, to: Organisation, *, key: UUID) -> None:
    """Also of the former lead: who cannot sign in now finds it later."""
    people = Membership.objects.with_role(Role.DATA_PROTECTION_OFFICER).filter(
        organisation__in=[former, to], suspended_at=None, ended_at=None, user__is_active=True
    )
    notices.alert_members("reassign_lead", case, members=people.select_related("user").order_by("pk"), key=key)


def _desk_path(vacancy: LeadVacancy) -> str:
    return f"{vacancies.DESK}{vacancy.pk}/"


def _record(kind: str, actor: Actor, offer: LeadOffer) -> None:
    trail.record(
        kind,
        actor=actor,
        case_id=offer.vacancy.case_id,
        owner_organisation_id=actor.organisation_id,
        category=members.INTERNAL,
        object_kind="leadoffer",
        object_id=offer.pk,
        to=str(offer.organisation_id),
    )
