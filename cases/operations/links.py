"""Links between cases: of a family, of one action, of one person. A link shows that it exists, nothing of the other.

``link_cases`` is for who works on every one of them; cases of one person are linked by ``join_persons`` alone, once
both organisations have agreed (``cases.operations.doubles``), or when one leads both and the earlier is closed. Who
leads, who linked, and child protection and guardian of a child see a link.
"""

from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID, uuid4

from django.db.models import F
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import Organisation, Role
from audit import trail
from cases import ledger, notices, policies
from cases.access import relock
from cases.enums import CaseState, LinkKind, ReflectionState
from cases.models import Case, CaseLink, Person, ReflectionPeriod
from cases.operations import pairs
from cases.operations.members import INTERNAL
from cases.operations.reflection import USED_UP
from cases.policies import CaseAccess
from core import clock
from core.db import role
from core.errors import Conflict, Missing, Refused

BY_HAND: Final = (LinkKind.FAMILY, LinkKind.JOINT_ACTION)
KINDS: Final = (*BY_HAND, LinkKind.NEW_EPISODE)
OF_ONE_PERSON: Final = frozenset({LinkKind.SAME_PERSON, LinkKind.NEW_EPISODE})
MOST: Final = 50


def link_cases(actor: Actor, *, access: CaseAccess, others: Sequence[CaseAccess], kind: str) -> CaseLink:
    """Link cases that the actor works on, all of them: a family, persons found in one action, or a new episode.

    Raises ``Refused`` for another kind, no other case, or the case itself, and for a new episode that is none;
    ``Conflict`` when they are linked so.
    """
    if kind not in KINDS:
        raise Refused(_("Choose what connects the cases."), field="kind")
    keys = {one.case.pk for one in (access, *others)}
    if len(keys) != len(others) + 1 or not others:
        raise Refused(_("Give the references of other cases, each once."), field="references")
    if len(keys) > MOST:
        raise Refused(_("These are too many cases for one link."), field="references")
    lock_all(keys)
    locked = [relock(one) for one in (access, *others)]
    for one in locked:
        policies.require(actor, "link_cases", one)
    made = _new_episode(actor, locked) if kind == LinkKind.NEW_EPISODE else _by_hand(actor, locked, kind)
    return next(link for link in made if link.case_id == access.case.pk)


def unlink_case(actor: Actor, *, access: CaseAccess, link: CaseLink) -> None:
    """Take this case out of a link; the last one left is linked with nothing. Of one person: two persons again."""
    with role(ledger.LEDGER):
        group = list(CaseLink.objects.filter(group=link.group, ended_at__isnull=True))
    lock_all(row.case_id for row in group)
    access = relock(access)
    policies.require(actor, "unlink_person" if link.kind in OF_ONE_PERSON else "unlink_case", access)
    own = next((row for row in group if row.pk == link.pk and row.case_id == access.case.pk), None)
    if own is None:
        raise Conflict(_("This link has ended already."))
    ended = group if len(group) == len((own, None)) else [own]
    with role(ledger.LEDGER):
        CaseLink.objects.filter(pk__in=[row.pk for row in ended]).update(ended_at=clock.moment())
    if link.kind in OF_ONE_PERSON:
        _part(access.case)
    for row in ended:
        _record("unlink_case", actor, row)


def links_of(access: CaseAccess) -> list[tuple[CaseLink, list[Case]]]:
    """The live links of a case as far as the actor may see them, each with those other cases that the actor knows."""
    mine = list(CaseLink.objects.filter(case=access.case, ended_at__isnull=True).order_by("made_at", "pk"))
    rows = CaseLink.objects.filter(group__in=[link.group for link in mine], ended_at__isnull=True)
    known = Case.objects.visible_to(access.actor)
    others = rows.exclude(case=access.case).filter(case__in=known).select_related("case").order_by("case__reference")
    found = list(others)
    return [(link, [row.case for row in found if row.group == link.group]) for link in mine]


def get_link(access: CaseAccess, pk: UUID) -> CaseLink:
    """One live link of the case; raises ``Missing`` for any other."""
    found = next((link for link, _known in links_of(access) if link.pk == pk), None)
    if found is None:
        raise Missing
    return found


def may_end(access: CaseAccess, link: CaseLink) -> bool:
    """True when ``unlink_case`` will not refuse."""
    return policies.may(access.actor, "unlink_person" if link.kind in OF_ONE_PERSON else "unlink_case", access)


def join_persons(actor: Actor, *, first: UUID, second: UUID) -> list[CaseLink]:
    """Bring two cases under one person: part of an operation that holds both locks and has judged.

    The earlier case's person stays. The later is a new episode when the earlier was closed: trafficked again.
    """
    with role(ledger.LEDGER):
        cases = list(Case.objects.filter(pk__in=(first, second)).order_by("registered_at", "pk"))
        earlier, later = cases
        kept, given_up = earlier.person_id, later.person_id
        _settle_periods(kept, given_up)
        Case.objects.filter(person=given_up).update(person=kept)
    kind = LinkKind.NEW_EPISODE if earlier.state == CaseState.CLOSED else LinkKind.SAME_PERSON
    made = _write({first, second}, kind, made_by=None)
    for link in made:
        _record("link_cases", actor, link)
    pairs.settle_pairs_of_one_person()
    _tell_of_second_periods(actor, kept)
    return made


def lock_all(case_ids: Iterable[UUID]) -> None:
    """Lock cases, always in the same order: two who answer at once wait, and do not block each other."""
    for case_id in sorted(case_ids, key=str):
        ledger.lock(case_id)


# -- parts -----------------------------------------------------------------------------------------------------------


def _by_hand(actor: Actor, locked: Sequence[CaseAccess], kind: str) -> list[CaseLink]:
    access, *others = locked
    if any(_share_a_group(access.case.pk, one.case.pk, kind) for one in others):
        raise Conflict(_("These cases are linked in this way already."))
    made = _write({one.case.pk for one in locked}, kind, made_by=actor.organisation_id)
    for link in made:
        _record("link_cases", actor, link)
    return made


def _new_episode(actor: Actor, locked: Sequence[CaseAccess]) -> list[CaseLink]:
    """Two cases of one person, the earlier closed: one supervisor answers for both, so nobody else is asked."""
    if not all(policies.may(actor, "answer_link_question", one) for one in locked):
        raise Refused(
            _("A new episode is linked by a supervisor of the organisation that leads both cases. Ask one."),
            field="kind",
        )
    if len(locked) != len(("earlier", "later")):
        raise Refused(_("Give one reference: of the other case of this person."), field="references")
    earlier, later = sorted((one.case for one in locked), key=lambda case: (case.registered_at, str(case.pk)))
    if earlier.person_id == later.person_id:
        raise Conflict(_("These cases are linked in this way already."))
    if earlier.state != CaseState.CLOSED:
        raise Refused(
            _("The earlier case of the two is not closed. Close it first, or go on with that case."),
            field="references",
        )
    return join_persons(actor, first=earlier.pk, second=later.pk)


def _write(case_ids: Iterable[UUID], kind: str, made_by: UUID | None) -> list[CaseLink]:
    group, now = uuid4(), clock.moment()
    rows = [
        CaseLink(group=group, case_id=case_id, kind=kind, made_at=now, made_by_organisation_id=made_by)
        for case_id in sorted(case_ids, key=str)
    ]
    with role(ledger.LEDGER):
        return CaseLink.objects.bulk_create(rows)


def _share_a_group(one: UUID, other: UUID, kind: str) -> bool:
    with role(ledger.LEDGER):
        live = CaseLink.objects.filter(kind=kind, ended_at__isnull=True)
        return live.filter(case=one, group__in=live.filter(case=other).values("group")).exists()


def _settle_periods(*persons: UUID) -> None:
    """Of the used-up reflection periods one is the person's: which ran, else the one offered first. Nothing ends."""
    rows = ReflectionPeriod.objects.filter(person__in=persons, state__in=USED_UP)
    order = (F("starts_on").asc(nulls_last=True), F("offered_on").asc(nulls_last=True), "recorded_at", "pk")
    keys = list(rows.order_by(*order).values_list("pk", flat=True))
    ReflectionPeriod.objects.filter(pk__in=keys[1:]).update(is_second=True)
    ReflectionPeriod.objects.filter(pk__in=keys[:1]).update(is_second=False)
    ReflectionPeriod.objects.filter(person__in=persons).update(person=persons[0])


def _part(case: Case) -> None:
    person = Person.objects.create()
    with role(ledger.LEDGER):
        before = Case.objects.values_list("person_id", flat=True).get(pk=case.pk)
        Case.objects.filter(pk=case.pk).update(person=person)
        own = ReflectionPeriod.objects.filter(case=case)
        own.update(person=person)
        _settle_periods(person.pk)
        _settle_periods(before)


def _tell_of_second_periods(actor: Actor, person: UUID) -> None:
    """Both leads and the deciding authorities look which period counts: none is shortened by a link."""
    with role(ledger.LEDGER):
        rows = ReflectionPeriod.objects.filter(person=person, state__in=USED_UP)
        periods = list(rows.values_list("pk", "case_id", "decides_id", "is_second", "state"))
    if not any(is_second for _pk, _case, _decides, is_second, _state in periods):
        return
    for pk, case_id, decides, is_second, state in periods:
        concerned = Organisation.objects.filter(pk__in=[ledger.lead_of(case_id).pk, *([decides] if decides else [])])
        roles = (Role.SUPERVISOR, Role.DECISION_MAKER)
        notices.alert("second_reflection_period", ledger.lock(case_id), organisations=concerned, roles=roles, key=pk)
        if is_second and state != ReflectionState.ENDED:
            trail.record(
                "second_reflection_period",
                actor=actor,
                case_id=case_id,
                owner_organisation_id=ledger.lead_of(case_id).pk,
                category=INTERNAL,
                object_kind="reflectionperiod",
                object_id=pk,
            )


def _record(kind: str, actor: Actor, link: CaseLink) -> None:
    """One row for each case, shown to who leads it; none names another case."""
    trail.record(
        kind,
        actor=actor,
        case_id=link.case_id,
        owner_organisation_id=ledger.lead_of(link.case_id).pk,
        category=INTERNAL,
        object_kind="caselink",
        object_id=link.pk,
        of=link.kind,
    )
