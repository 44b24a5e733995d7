"""Working labels and search: exact reference or own label, within what is visible; hidden and absent alike."""

import html
import re

import pytest

from accounts.context import acting
from cases.models import Case, CaseLabel, Identity
from cases.operations import labels
from cases.operations.rows import add_row, correct_row
from core import reference
from core.errors import Refused
from tests.cases.files import assign
from tests.cases.filing import at_work, filed_case, shared
from tests.cast import Cast

ABSENT = reference.show(reference.new())


@pytest.fixture
def case(cast: Cast) -> Case:
    return filed_case(cast, label="Blue Door, Café")


def found(cast: Cast, persona: str, text: str):
    return cast.client(persona).get("/cases/search/", {"q": text})


def test_a_reference_leads_to_its_case_however_it_is_typed(cast: Cast, case: Case) -> None:
    for typed in (case.shown_reference, case.reference.lower(), f" {case.shown_reference.replace('-', ' ')} "):
        response = found(cast, "ngo_caseworker", typed)
        assert response.status_code == 302
        assert response["Location"] == f"/cases/{case.shown_reference}/"


def test_a_mistyped_reference_is_told_so(cast: Cast, case: Case) -> None:
    last = "B" if case.reference[-1] != "B" else "C"
    html = found(cast, "ngo_caseworker", case.reference[:-1] + last).content.decode()
    assert "The last symbol does not fit the others" in html
    assert "No case that you may see" not in html


@pytest.mark.parametrize("persona", ["colleague_unassigned", "other_ngo_caseworker", "coordinator"])
def test_hidden_and_absent_get_the_same_answer(cast: Cast, case: Case, persona: str) -> None:
    hidden, absent = found(cast, persona, case.shown_reference), found(cast, persona, ABSENT)
    same = [
        re.sub(r'csrfmiddlewaretoken" value="[^"]*"', "", page.content.decode()).replace(typed, "")
        for page, typed in ((hidden, case.shown_reference), (absent, ABSENT))
    ]
    assert hidden.status_code == absent.status_code == 200
    assert same[0] == same[1]


@pytest.mark.parametrize("text", ["blue", "DOOR blue", "café", "cafe\u0301"])
def test_a_case_is_found_by_words_of_the_own_label(cast: Cast, case: Case, text: str) -> None:
    html = found(cast, "ngo_caseworker", text).content.decode()
    assert case.shown_reference in html
    assert "1 case found." in html


@pytest.mark.parametrize("persona", ["colleague_unassigned", "other_ngo_caseworker", "shelter_intake"])
def test_labels_of_what_one_may_not_know_are_not_found(cast: Cast, case: Case, persona: str) -> None:
    shared(cast, case, cast.organisations.shelter, "identity")
    assert case.shown_reference not in found(cast, persona, "blue").content.decode()


def test_a_label_is_never_stored_or_hashed_alike_for_two_organisations(cast: Cast, case: Case) -> None:
    with acting(cast.ngo_caseworker.actor):
        row = CaseLabel.objects.get(case=case)
    assert b"Blue" not in bytes(row.sealed)
    ours, theirs = (labels.tokens(who.actor, "blue") for who in (cast.ngo_caseworker, cast.other_ngo_caseworker))
    assert ours != theirs
    assert set(ours) < set(row.tokens)


def test_changing_and_clearing_the_label(cast: Cast, case: Case) -> None:
    client, url = cast.client("ngo_caseworker"), f"/cases/{case.shown_reference}/label/"
    assert client.post(url, {"label": "ي🙂 O’Neil"}).status_code == 302
    assert "ي🙂 O’Neil" in client.get(f"/cases/{case.shown_reference}/").content.decode()
    assert case.shown_reference not in found(cast, "ngo_caseworker", "blue").content.decode()
    assert client.post(url, {"label": ""}).status_code == 302
    assert case.shown_reference not in found(cast, "ngo_caseworker", "O’Neil").content.decode()


def test_a_label_that_is_too_long_is_refused_and_kept_on_the_page(cast: Cast, case: Case) -> None:
    text = "x" * 61
    response = cast.client("ngo_caseworker").post(f"/cases/{case.shown_reference}/label/", {"label": text})
    assert response.status_code == 422
    assert text in response.content.decode()
    with at_work(cast, "ngo_caseworker", case) as (actor, access), pytest.raises(Refused):
        labels.set_label(actor, access=access, label=text)


def test_intake_may_not_change_the_label(cast: Cast, case: Case) -> None:
    response = cast.client("ngo_intake").post(f"/cases/{case.shown_reference}/label/", {"label": "mine"})
    assert response.status_code == 403


def test_an_empty_search_and_strange_bytes_are_no_fault(cast: Cast, case: Case) -> None:
    for text in ("", "   ", "\x00", "%_'\"--", "x" * 5000):
        assert found(cast, "ngo_caseworker", text).status_code == 200


@pytest.mark.parametrize("label", ["Ioana", "the sister of IOANA", "ioana-blue", "Popescu"])
def test_the_own_name_of_the_person_is_no_label(cast: Cast, case: Case, label: str) -> None:
    """A label stands in lists and is found by search; there is no search by name."""
    named(cast, case, "ngo_caseworker", given_names="Ioana", family_name="Popescu")
    url = f"/cases/{case.shown_reference}/label/"
    page = cast.client("ngo_caseworker").post(url, {"label": label})
    assert page.status_code == 422
    assert "Leave out the person’s name" in html.unescape(page.content.decode())
    assert label in page.content.decode()
    assert case.shown_reference not in found(cast, "ngo_caseworker", label).content.decode()


def test_a_name_that_only_another_organisation_wrote_is_not_compared(cast: Cast, case: Case) -> None:
    """A refusal would tell what the other one wrote (rule 17)."""
    shared(cast, case, cast.organisations.shelter, "identity")
    assign(cast, case, "shelter_worker")
    named(cast, case, "shelter_worker", given_names="Ioana")
    assert (
        cast.client("ngo_caseworker").post(f"/cases/{case.shown_reference}/label/", {"label": "Ioana"}).status_code
        == 302
    )


def test_a_label_that_turns_out_to_be_the_name_is_taken_away(cast: Cast, case: Case) -> None:
    with at_work(cast, "ngo_caseworker", case) as (actor, access):
        labels.set_label(actor, access=access, label="Ioana of the blue door")
    named(cast, case, "ngo_caseworker", given_names="Ioana")
    assert case.shown_reference not in found(cast, "ngo_caseworker", "ioana").content.decode()


def test_the_page_proposes_a_label_that_says_nothing_of_the_person(cast: Cast, case: Case) -> None:
    page = cast.client("ngo_caseworker").get(f"/cases/{case.shown_reference}/label/").content.decode()
    assert re.search(r"For example: \w+ \w+\.", page)


def named(cast: Cast, case: Case, who: str, **names: str) -> None:
    """The organisation of ``who`` writes an identity of its own."""
    with at_work(cast, who, case) as (actor, access):
        mine = Identity.objects.filter(case=case, owner_organisation_id=actor.organisation_id).first()
        written = {"columns": {"age_group": "adult"}, "content": names}
        if mine is None:
            add_row(actor, access=access, model=Identity, **written)
        else:
            correct_row(actor, access=access, row=mine, version=mine.version, values_of=lambda _row: {}, **written)


def test_a_label_that_a_colleague_changed_meanwhile_is_not_overwritten_unseen(cast: Cast, case: Case) -> None:
    url = f"/cases/{case.shown_reference}/label/"
    mine, colleague = cast.client("ngo_caseworker"), cast.client("ngo_supervisor")
    shown = re.search(r'name="version"[^>]*value="(\d+)"', mine.get(url).content.decode())
    assert shown
    assert colleague.post(url, {"label": "Green lantern", "version": shown[1]}).status_code == 302
    answer = mine.post(url, {"label": "Grey bridge", "version": shown[1]})
    assert answer.status_code == 409
    assert "Green lantern" in answer.content.decode()
    assert "Grey bridge" in answer.content.decode()
    again = re.search(r'name="version"[^>]*value="(\d+)"', answer.content.decode())
    assert again
    assert mine.post(url, {"label": "Grey bridge", "version": again[1]}).status_code == 302
    assert "Grey bridge" in mine.get(f"/cases/{case.shown_reference}/").content.decode()
