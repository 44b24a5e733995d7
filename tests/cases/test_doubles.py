"""The search for doubles, the coordinator's desk, the two organisations asked, and what a link shows (rule 9)."""

from typing import Any

import pytest
from django.db import ProgrammingError, connection, transaction

from accounts.context import acting
from accounts.models import Notice
from audit.models import AuditChange
from cases import access as door
from cases.matching.blocking import Person
from cases.models import Case, CaseLink, DoubleSide, Identity, MatchingRecord, PossibleDouble, ReflectionPeriod
from cases.operations.decisions import record_reasonable_grounds
from cases.operations.doubles import ask_to_link, desk, get_double, get_question, keep_apart
from cases.operations.links import links_of, unlink_case
from cases.operations.reflection import grant_reflection_period, offer_reflection_period
from cases.operations.rows import add_row, correct_row
from core.db import role
from core.errors import Conflict, Missing, NotAllowed, Refused
from tests.cases import files
from tests.cases.pairs import ANOTHER, HERE, REFUSED, THERE, answer, asked, found, linked, registered, search, side_of
from tests.cast import Cast


def person_of(case: Case) -> Any:
    with role("nrm_ledger"):
        return Case.objects.values_list("person_id", flat=True).get(pk=case.pk)


def state(double: PossibleDouble) -> str:
    with role("nrm_ledger"):
        return PossibleDouble.objects.values_list("state", flat=True).get(pk=double.pk)


def count() -> int:
    with role("nrm_ledger"):
        return PossibleDouble.objects.count()


def told(cast: Cast, persona: str, kind: str) -> list[Notice]:
    return list(Notice.objects.filter(membership=getattr(cast, persona).membership, kind=kind, read_at=None))


# -- finding ---------------------------------------------------------------------------------------------------------


def test_one_person_at_two_organisations_is_found_whatever_the_script(cast: Cast) -> None:
    here, there, double = found(cast)
    assert {double.first_id, double.second_id} == {here.pk, there.pk}
    assert double.score >= 80
    assert search() == 0


def test_two_people_are_not(cast: Cast) -> None:
    registered(cast, "ngo_caseworker", HERE)
    registered(cast, "police_officer", ANOTHER)
    assert search() == 0


def test_what_two_organisations_write_in_one_case_is_no_double(cast: Cast) -> None:
    case = registered(cast, "ngo_caseworker", HERE)
    files.let_know(cast, case, cast.organisations.police, "police_officer", by="ngo_supervisor")
    with files.inside(cast.police_officer, case) as (actor, access):
        add_row(actor, access=access, model=Identity, columns={"age_group": "adult"}, content=THERE)
    assert search() == 0


def test_a_corrected_identity_is_compared_anew(cast: Cast) -> None:
    registered(cast, "police_officer", THERE)
    case = registered(cast, "ngo_caseworker", ANOTHER)
    assert search() == 0
    with files.inside(cast.ngo_caseworker, case) as (actor, access):
        row = door.own_single(access, Identity)
        values = {"columns": {"birth_year": 1994}, "content": HERE, "version": 1, "values_of": dict}
        correct_row(actor, access=access, row=row, **values)
    assert search() == 1


def test_the_coordinator_is_told_and_the_registrar_is_not(cast: Cast) -> None:
    found(cast)
    assert len(told(cast, "coordinator", "find_double")) == 1
    assert Notice.objects.exclude(membership__organisation=cast.organisations.coordinator).count() == 0


def test_only_what_is_compared_is_sealed_for_the_matcher(cast: Cast) -> None:
    case = registered(cast, "ngo_caseworker", {**HERE, "birth_place": "Lviv", "document": "passport AB1234567"})
    with role("nrm_worker"), role("nrm_matcher"):
        record = (
            MatchingRecord.objects.select_related("case__key")
            .only("sealed", "owner_organisation_id", "tokens", "case__id", "case__key__wrapped")
            .get(case=case)
        )
        facts = record.open()
    assert set(facts) == set(Person.__dataclass_fields__)
    assert "Lviv" not in str(facts)
    assert all("kovalchuk" not in token.lower() for token in record.tokens)


# -- who may read what -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("columns", ["tokens", "sealed", "*"])
def test_the_organisation_that_wrote_it_cannot_read_it_back(cast: Cast, columns: str) -> None:
    registered(cast, "ngo_caseworker", HERE)
    with acting(cast.ngo_supervisor.actor), connection.cursor() as cursor:
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            cursor.execute(f"SELECT {columns} FROM cases_matchingrecord")
        cursor.execute("SELECT id FROM cases_matchingrecord")
        assert len(cursor.fetchall()) == 1


def test_nobody_else_sees_that_there_is_a_record(cast: Cast) -> None:
    registered(cast, "ngo_caseworker", HERE)
    for persona in ("police_supervisor", "coordinator", "colleague_unassigned"):
        with acting(getattr(cast, persona).actor):
            assert MatchingRecord.objects.values_list("pk").count() == 0, persona


@pytest.mark.parametrize("table", ["identity", "contact", "narrative", "health", "share", "casevisibility"])
def test_the_matcher_reads_nothing_else_of_a_case(cast: Cast, table: str) -> None:
    refused = pytest.raises(ProgrammingError, match="permission denied")
    with role("nrm_worker"), role("nrm_matcher"), connection.cursor() as cursor, refused, transaction.atomic():
        cursor.execute(f"SELECT * FROM cases_{table}")


def test_the_web_may_never_become_the_matcher(cast: Cast) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.rolname FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member"
            " WHERE m.roleid = 'nrm_matcher'::regrole"
        )
        assert cursor.fetchall() == [("nrm_worker",)]


@pytest.mark.parametrize("persona", ["ngo_supervisor", "police_supervisor", "data_protection_officer", "rapporteur"])
def test_nobody_but_the_coordinator_sees_pairs(cast: Cast, persona: str) -> None:
    _here, _there, double = asked(cast)
    actor = getattr(cast, persona).actor
    with acting(actor):
        assert PossibleDouble.objects.count() == 0
        assert DoubleSide.objects.count() <= 1
        with pytest.raises(NotAllowed):
            desk(actor)
        with pytest.raises(NotAllowed):
            get_double(actor, double.pk)


def test_each_lead_sees_its_own_side_once_it_is_asked_and_no_other(cast: Cast) -> None:
    here, there, double = found(cast)
    actor = cast.ngo_supervisor.actor
    with acting(actor):
        assert DoubleSide.objects.count() == 0
    with acting(cast.coordinator.actor):
        ask_to_link(cast.coordinator.actor, double=double)
    with acting(actor):
        assert [side.case_id for side in DoubleSide.objects.all()] == [here.pk]
        with pytest.raises(Missing):
            get_question(actor, side_of(double, there).pk)


# -- the desk and the answers ----------------------------------------------------------------------------------------


def test_the_desk_shows_two_references_a_score_and_the_organisations(cast: Cast) -> None:
    here, there, double = found(cast)
    html = cast.client("coordinator").get("/doubles/").content.decode()
    for shown in (here.shown_reference, there.shown_reference, str(double.score), "NGO", "Police"):
        assert shown in html
    for hidden in ("Oksana", "Оксана", "1994", str(here.pk)):
        assert hidden not in html


def test_both_leads_are_asked_and_only_their_supervisors(cast: Cast) -> None:
    _here, _there, double = asked(cast)
    assert state(double) == "asked"
    for persona in ("ngo_supervisor", "police_supervisor"):
        assert len(told(cast, persona, "ask_to_link")) == 1
    for persona in ("ngo_caseworker", "police_officer", "ngo_intake", "data_protection_officer"):
        assert told(cast, persona, "ask_to_link") == []


def test_linked_only_when_both_have_agreed(cast: Cast) -> None:
    here, there, double = asked(cast)
    answer(cast, "ngo_supervisor", double, here)
    assert state(double) == "asked"
    assert person_of(here) != person_of(there)
    answer(cast, "police_supervisor", double, there)
    assert state(double) == "linked"
    assert person_of(here) == person_of(there)
    assert search() == 0


def test_one_refusal_ends_it_for_both_and_it_can_be_asked_again(cast: Cast) -> None:
    here, there, double = asked(cast)
    answer(cast, "ngo_supervisor", double, here, **REFUSED)
    assert state(double) == "refused"
    assert told(cast, "police_supervisor", "ask_to_link") == []
    with pytest.raises(Conflict):
        answer(cast, "police_supervisor", double, there)
    with acting(cast.coordinator.actor):
        ask_to_link(cast.coordinator.actor, double=double)
    assert len(told(cast, "ngo_supervisor", "ask_to_link")) == 1
    assert person_of(here) != person_of(there)


def test_what_is_kept_apart_is_never_proposed_again(cast: Cast) -> None:
    here, _there, double = asked(cast)
    with acting(cast.coordinator.actor):
        keep_apart(cast.coordinator.actor, double=double)
    assert told(cast, "ngo_supervisor", "ask_to_link") == []
    with files.inside(cast.ngo_caseworker, here) as (actor, access):
        row = door.own_single(access, Identity)
        values = {"columns": {"birth_year": 1994}, "content": THERE, "version": 1, "values_of": dict}
        correct_row(actor, access=access, row=row, **values)
    assert search() == 0
    assert count() == 1
    with acting(cast.coordinator.actor):
        assert desk(cast.coordinator.actor) == []
        with pytest.raises(Conflict):
            ask_to_link(cast.coordinator.actor, double=double)


def test_what_is_not_possible_any_more_leads_back_to_the_pair(cast: Cast) -> None:
    _here, _there, double = found(cast)
    client, pair = cast.client("coordinator"), f"/doubles/{double.pk}/"
    assert client.get(f"{pair}ask/").status_code == client.get(f"{pair}keep-apart/").status_code == 200
    with acting(cast.coordinator.actor):
        keep_apart(cast.coordinator.actor, double=double)
    assert client.get(f"{pair}ask/")["Location"] == client.get(f"{pair}keep-apart/")["Location"] == pair


def test_with_a_third_case_of_the_person_nothing_is_left_to_ask(cast: Cast) -> None:
    here, there, double = asked(cast)
    third = registered(cast, "shelter_worker", HERE)
    assert search() == 2
    answer(cast, "ngo_supervisor", double, here)
    answer(cast, "police_supervisor", double, there)
    actor = cast.coordinator.actor
    with acting(actor):
        other = next(one for one in desk(actor) if here.pk in (one.first_id, one.second_id))
        ask_to_link(actor, double=other)
    for persona, case in (("ngo_supervisor", here), ("shelter_supervisor", third)):
        answer(cast, persona, other, case)
    with acting(actor):
        assert desk(actor) == []
    assert person_of(there) == person_of(third)


@pytest.mark.parametrize("persona", ["ngo_caseworker", "ngo_intake"])
def test_only_a_supervisor_answers(cast: Cast, persona: str) -> None:
    here, _there, double = asked(cast)
    with pytest.raises(NotAllowed):
        answer(cast, persona, double, here)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"answer": ""}, "answer"),
        ({"answer": "agreed", "basis": ""}, "basis"),
        ({"answer": "agreed", "basis": "child_best_interests"}, "basis"),
        ({"answer": "agreed", "told_on": None}, "told_on"),
        ({"answer": "refused", "reason": ""}, "reason"),
    ],
)
def test_an_answer_rests_on_what_the_person_wants(cast: Cast, given: dict[str, Any], field: str) -> None:
    here, _there, double = asked(cast)
    with pytest.raises(Refused) as refusal:
        answer(cast, "ngo_supervisor", double, here, **given)
    assert refusal.value.field == field


# -- what a link shows -----------------------------------------------------------------------------------------------


def test_each_side_learns_that_a_linked_case_exists_and_nothing_of_it(cast: Cast) -> None:
    here, there, _double = linked(cast)
    with files.inside(cast.ngo_supervisor, here) as (_actor, access):
        ((link, known),) = links_of(access)
        assert (link.kind, known) == ("same_person", [])
        assert CaseLink.objects.count() == 1
    html = cast.client("ngo_supervisor").get(f"/cases/{here.shown_reference}/links/").content.decode()
    assert "The same person" in html
    for hidden in (there.shown_reference, "Police", str(there.pk)):
        assert hidden not in html


def test_after_a_closed_case_it_is_a_new_episode(cast: Cast) -> None:
    here, there, double = asked(cast)
    with acting(cast.ngo_supervisor.actor):
        Case.objects.filter(pk=here.pk).update(state="closed")
    answer(cast, "ngo_supervisor", double, here)
    answer(cast, "police_supervisor", double, there)
    with role("nrm_ledger"):
        assert set(CaseLink.objects.values_list("kind", flat=True)) == {"new_episode"}


def test_a_link_of_one_person_is_undone_by_a_supervisor_only(cast: Cast) -> None:
    here, there, _double = linked(cast)
    with files.inside(cast.ngo_caseworker, here) as (actor, access):
        ((link, _known),) = links_of(access)
        with pytest.raises(NotAllowed):
            unlink_case(actor, access=access, link=link)
    with files.inside(cast.ngo_supervisor, here) as (actor, access):
        unlink_case(actor, access=access, link=link)
        assert links_of(access) == []
    assert person_of(here) != person_of(there)
    with files.inside(cast.police_supervisor, there) as (_actor, access):
        assert links_of(access) == []


def test_everything_is_audited_and_no_row_names_the_other_case(cast: Cast) -> None:
    here, there, _double = linked(cast)
    kinds = {"ask_to_link", "answer_link_question", "link_cases"}
    with acting(cast.ngo_supervisor.actor):
        rows = list(AuditChange.objects.filter(kind__in=kinds))
    assert {row.kind for row in rows} == kinds
    assert {row.case_id for row in rows} == {here.pk}
    assert all(str(there.pk) not in str(row.detail) and there.reference not in str(row.detail) for row in rows)


# -- one reflection period per person --------------------------------------------------------------------------------


def with_period(cast: Cast, case: Case, *, is_granted: bool) -> ReflectionPeriod:
    with files.inside(cast.police_officer, case) as (actor, access):
        day = files.today()
        record_reasonable_grounds(actor, access=access, outcome="positive", decided_on=day, basis="indicators")
        period = offer_reflection_period(actor, access=access, residence="irregular", is_wanted=True, offered_on=day)
    files.assign(cast, case, "immigration_decision_maker")
    if is_granted:
        with files.inside(cast.immigration_decision_maker, case) as (actor, access):
            grant_reflection_period(actor, access=access, situation="standard", decided_on=day, starts_on=day)
    return period


def two_of_the_police(cast: Cast, *, granted: tuple[bool, bool]) -> tuple[Case, Case]:
    first, second = (registered(cast, "police_officer", content) for content in (HERE, THERE))
    for case, is_granted in zip((first, second), granted, strict=True):
        with_period(cast, case, is_granted=is_granted)
    assert search() == 1
    actor = cast.coordinator.actor
    with acting(actor):
        (double,) = desk(actor)
        ask_to_link(actor, double=double)
    for case in (first, second):
        answer(cast, "police_supervisor", double, case)
    return first, second


def test_a_linked_person_gets_no_further_period(cast: Cast) -> None:
    here, there, _double = linked(cast)
    with_period(cast, there, is_granted=True)
    files.let_know(cast, here, cast.organisations.police, "police_officer", by="ngo_supervisor")
    with pytest.raises(Refused, match="one reflection period"):
        with_period(cast, here, is_granted=False)


def test_of_two_periods_the_running_one_counts_and_the_other_cannot_be_granted(cast: Cast) -> None:
    first, second = two_of_the_police(cast, granted=(False, True))
    with role("nrm_ledger"):
        seconds = dict(ReflectionPeriod.objects.values_list("case_id", "is_second"))
    assert seconds == {first.pk: True, second.pk: False}
    day = files.today()
    refused = pytest.raises(Conflict, match="one reflection period")
    with files.inside(cast.immigration_decision_maker, first) as (actor, access), refused:
        grant_reflection_period(actor, access=access, situation="standard", decided_on=day, starts_on=day)
    assert told(cast, "immigration_supervisor", "second_reflection_period")
    assert told(cast, "police_supervisor", "second_reflection_period")


def test_a_second_running_period_is_not_cut_short_by_a_link(cast: Cast) -> None:
    first, second = two_of_the_police(cast, granted=(True, True))
    for case in (first, second):
        with files.inside(cast.police_officer, case) as (_actor, access):
            period = door.reflection_period(access)
            assert period is not None
            assert period.state == "running"
