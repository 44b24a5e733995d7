"""The coordinator's desk: pairs that may be one person, asking both leads, keeping apart; and the answers of the leads.

The desk sees two references, a score and two organisations. Each lead sees its own case and that a double may exist,
never the other. Linked is what both agreed to, on what the person wants (``sharing.md`` rule 9).
"""

from datetime import date
from typing import Final
from uuid import UUID, uuid5

from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import Organisation, Role
from audit import trail
from cases import ledger, notices, policies
from cases.access import get_case_by_id, relock
from cases.enums import DoubleState, LinkAnswer
from cases.models import Case, DoubleSide, PossibleDouble
from cases.operations import pairs
from cases.operations.links import join_persons, lock_all
from cases.operations.members import INTERNAL
from cases.operations.pairs import SETTLED, WAITING
from cases.policies import CaseAccess
from core import clock
from core.db import role
from core.errors import Conflict, Missing, Refused
from profiles import codes
from profiles.profile import active

ASKABLE: Final = (DoubleState.FOUND, DoubleState.REFUSED)
CHILD_ONLY: Final = "child_best_interests"
PAGE: Final = 100


def desk(actor: Actor, *, is_settled: bool = False) -> list[PossibleDouble]:
    """At most ``PAGE`` pairs with their sides: those that wait, the most alike first, or the settled, newest first."""
    policies.require(actor, "view_duplicate_desk")
    rows = PossibleDouble.objects.filter(state__in=SETTLED if is_settled else WAITING)
    order = ("-settled_at", "pk") if is_settled else ("-score", "found_at", "pk")
    found = list(rows.order_by(*order).prefetch_related("sides__organisation")[:PAGE])
    trail.note(cases_shown=len(found))
    return found


def get_double(actor: Actor, pk: UUID) -> PossibleDouble:
    """One pair of the desk; raises ``Missing`` for none."""
    policies.require(actor, "view_duplicate_desk")
    found = PossibleDouble.objects.filter(pk=pk).prefetch_related("sides__organisation").first()
    if found is None:
        raise Missing
    trail.note(cases_shown=1)
    return found


def ask_to_link(actor: Actor, *, double: PossibleDouble) -> PossibleDouble:
    """Ask the supervisors of both leads, of today, whether the cases may be linked; also again after a refusal."""
    policies.require(actor, "view_duplicate_desk")
    stored, sides = _locked(double.pk)
    if stored.state not in ASKABLE:
        raise Conflict(_("Both organisations have been asked, or this is settled. Look at it again."))
    for side in sides:
        side.organisation = ledger.lead_of(side.case_id)
        pairs.store(
            side, asked_at=clock.moment(), is_open=True, answer=LinkAnswer.NONE, basis="", reason="", told_on=None
        )
        _record("ask_to_link", actor, side)
        _ask(side)
    return pairs.move(stored, DoubleState.ASKED)


def keep_apart(actor: Actor, *, double: PossibleDouble) -> PossibleDouble:
    """They are two persons: never proposed again, and nobody is asked any more."""
    policies.require(actor, "view_duplicate_desk")
    stored, sides = _locked(double.pk)
    if stored.state not in WAITING:
        raise Conflict(_("This is settled. Look at it again."))
    for side in sides:
        pairs.close(side)
        _record("keep_apart", actor, side)
    return pairs.move(stored, DoubleState.KEPT_APART)


def get_question(actor: Actor, pk: UUID) -> tuple[CaseAccess, DoubleSide]:
    """The question about one's own case, for who knows it in the organisation that leads it; else ``Missing``."""
    side = DoubleSide.objects.filter(pk=pk, asked_at__isnull=False).first()
    if side is None:
        raise Missing
    access = get_case_by_id(actor, side.case_id)
    if not access.is_lead:
        raise Missing
    return access, side


def questions(access: CaseAccess) -> list[DoubleSide]:
    """Open questions about a case, for the organisation that leads it."""
    return (
        list(DoubleSide.objects.filter(case=access.case, is_open=True).order_by("asked_at")) if access.is_lead else []
    )


def answer_link_question(
    actor: Actor, *, access: CaseAccess, side: DoubleSide, answer: str, basis: str, reason: str, told_on: date | None
) -> DoubleSide:
    """Agree, on the person's consent or for a child's best interests, or refuse with a reason.

    When both have agreed the cases come under one person. When one refuses, nobody waits for the other any more.
    Raises ``Conflict`` when the question is closed or answered.
    """
    stored, sides = _locked(side.double_id)
    access = relock(access)
    policies.require(actor, "answer_link_question", access)
    own = next(one for one in sides if one.pk == side.pk)
    other = next(one for one in sides if one.pk != side.pk)
    if stored.state != DoubleState.ASKED or not own.is_open or own.answer:
        raise Conflict(_("This question has been answered, or is asked no more."))
    _check(access, answer, basis, reason, told_on)
    is_agreed = answer == LinkAnswer.AGREED
    pairs.store(
        own,
        answer=answer,
        basis=basis if is_agreed else "",
        reason="" if is_agreed else reason,
        told_on=told_on if is_agreed else None,
        answered_at=clock.moment(),
        answered_by_id=actor.membership_id,
    )
    pairs.close(own)
    _record("answer_link_question", actor, own, answer=answer)
    if not is_agreed:
        pairs.close(other)
        pairs.move(stored, DoubleState.REFUSED)
    elif other.answer == LinkAnswer.AGREED:
        join_persons(actor, first=stored.first_id, second=stored.second_id)
        _tell(sides)
    return own


def follow_lead(case: Case, to: Organisation) -> None:
    """An open question about a case goes with its lead: the supervisors of ``to`` answer it."""
    with role(ledger.LEDGER):
        sides = list(DoubleSide.objects.filter(case=case, is_open=True))
    for side in sides:
        pairs.settle_notices(side)
        side.organisation = to
        pairs.store(side)
        _ask(side)


# -- parts -----------------------------------------------------------------------------------------------------------


def _check(access: CaseAccess, answer: str, basis: str, reason: str, told_on: date | None) -> None:
    if answer not in (LinkAnswer.AGREED, LinkAnswer.REFUSED):
        raise Refused(_("Choose whether the cases may be linked."), field="answer")
    if answer == LinkAnswer.REFUSED:
        if reason not in codes.get("link_refusal_reason"):
            raise Refused(_("Say why the cases must not be linked."), field="reason")
        return
    if basis not in codes.get("link_basis"):
        raise Refused(_("Say on what the agreement rests."), field="basis")
    if basis == CHILD_ONLY and not access.case.is_child_branch:
        raise Refused(_("This legal basis is for children only."), field="basis")
    if told_on is None or told_on > clock.today(active().zone):
        raise Refused(_("Say on which day the person was asked, today or earlier."), field="told_on")


def _locked(pk: UUID) -> tuple[PossibleDouble, list[DoubleSide]]:
    """The pair and its sides as they stand: both cases are locked first, as everywhere."""
    with role(ledger.LEDGER):
        lock_all(PossibleDouble.objects.values_list("first_id", "second_id").get(pk=pk))
        double = PossibleDouble.objects.select_for_update(no_key=True).get(pk=pk)
        return double, list(DoubleSide.objects.filter(double=double).select_related("organisation").order_by("case_id"))


def _ask(side: DoubleSide) -> None:
    notices.alert(
        "ask_to_link",
        ledger.lock(side.case_id),
        organisations=[side.organisation],
        roles=(Role.SUPERVISOR,),
        # Asked again, or of a new lead, it is a new question.
        key=uuid5(side.pk, clock.moment().isoformat()),
        path=pairs.path(side),
    )


def _tell(sides: list[DoubleSide]) -> None:
    for side in sides:
        case, lead = ledger.lock(side.case_id), [ledger.lead_of(side.case_id)]
        notices.alert("link_cases", case, organisations=lead, roles=(Role.SUPERVISOR,), key=side.pk)


def _record(kind: str, actor: Actor, side: DoubleSide, **detail: str) -> None:
    """One row for each case, shown to who leads it; none names the other."""
    trail.record(
        kind,
        actor=actor,
        case_id=side.case_id,
        owner_organisation_id=side.organisation_id,
        category=INTERNAL,
        object_kind="doubleside",
        object_id=side.pk,
        **detail,
    )
