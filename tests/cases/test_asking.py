"""Asking the giver (``sharing.md`` rule 18): what, for whom, why, on which ground; the answer is a share of its own."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Notice
from cases.models import Case, Share, SharingRequest
from cases.operations.asking import ask_the_giver, decline_to_share, received, share_as_asked
from core.errors import Conflict, Missing, NotAllowed, Refused
from tests.cases.files import assign
from tests.cases.filing import at_work, filed_case, shared, today
from tests.cases.lawful import lawful
from tests.cast import Cast

WHY = "She needs somebody to speak for her at the municipality."
ASKED: dict[str, Any] = {
    "categories": ["identity"],
    "purpose": "refer_other_service",
    "legal_basis": "legal_obligation",
    "why": WHY,
}
TERMS: dict[str, Any] = {"categories": ["identity"], "purpose": "refer_other_service"}


def terms(cast: Cast, case: Case) -> dict[str, Any]:
    """What the NGO shares with the other one: on a consent of its own."""
    return TERMS | lawful(cast, case, "ngo_caseworker", to=cast.organisations.other_ngo, **TERMS)


@pytest.fixture
def case(cast: Cast) -> Case:
    """The NGO's case, which the shelter may read."""
    made = filed_case(cast)
    shared(cast, made, cast.organisations.shelter, "identity", level="read")
    assign(cast, made, "shelter_worker")
    return made


def asked(cast: Cast, case: Case, **changed: Any) -> SharingRequest:
    with at_work(cast, "shelter_worker", case) as (actor, access):
        given = {"through": received(access)[0], "receiver": cast.organisations.other_ngo}
        values = {**given, **ASKED, **changed}
        return ask_the_giver(actor, access=access, **values)


def knows(cast: Cast, who: str, case: Case) -> bool:
    return cast.client(who).get(f"/cases/{case.shown_reference}/").status_code == 200


def test_a_reader_asks_and_the_giver_answers_with_a_share_of_its_own(cast: Cast, case: Case) -> None:
    request = asked(cast, case)
    assert not knows(cast, "other_ngo_supervisor", case)
    given = terms(cast, case)
    with at_work(cast, "ngo_caseworker", case) as (actor, access):
        made = share_as_asked(actor, access=access, request=request, ends_on=today() + timedelta(days=5), **given)
    assert (made.from_organisation, made.to_organisation) == (cast.organisations.ngo, cast.organisations.other_ngo)
    assert knows(cast, "other_ngo_supervisor", case)
    with at_work(cast, "shelter_worker", case):
        assert SharingRequest.objects.get(pk=request.pk).answer == "shared"
    told = Notice.objects.filter(kind="share_request_answered").values_list("membership", flat=True)
    assert list(told) == [cast.shelter_worker.membership_id]


def test_the_givers_people_on_the_case_are_told_without_content(cast: Cast, case: Case) -> None:
    asked(cast, case)
    told = Notice.objects.filter(kind="share_asked_for")
    assert [notice.membership_id for notice in told] == [cast.ngo_caseworker.membership_id]


def test_the_giver_says_no_and_it_can_be_asked_again(cast: Cast, case: Case) -> None:
    request = asked(cast, case)
    with pytest.raises(Conflict):
        asked(cast, case)
    with at_work(cast, "ngo_caseworker", case) as (actor, access):
        decline_to_share(actor, access=access, request=request)
        with pytest.raises(Conflict):
            decline_to_share(actor, access=access, request=request)
    assert not knows(cast, "other_ngo_supervisor", case)
    assert asked(cast, case).pk != request.pk


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"why": " "}, "why"),
        ({"categories": []}, "categories"),
        ({"categories": ["criminal"]}, "categories"),
        ({"purpose": "anything"}, "purpose"),
        ({"legal_basis": "anything"}, "legal_basis"),
        ({"receiver": "shelter"}, "receiver"),
        ({"receiver": "ngo"}, "receiver"),
    ],
)
def test_what_is_not_asked_rightly_is_refused_at_its_field(cast: Cast, case: Case, changed: Any, field: str) -> None:
    named = {key: getattr(cast.organisations, value) if key == "receiver" else value for key, value in changed.items()}
    with pytest.raises(Refused) as refusal:
        asked(cast, case, **named)
    assert refusal.value.field == field


def test_only_who_shares_with_the_own_organisation_is_asked(cast: Cast, case: Case) -> None:
    """Neither by a share between others, nor by one that has ended."""
    other = shared(cast, case, cast.organisations.police, "identity")
    with pytest.raises(Refused) as refusal:
        asked(cast, case, through=other)
    assert refusal.value.field == "through"


def test_nobody_else_reads_or_answers_it(cast: Cast, case: Case) -> None:
    request = asked(cast, case)
    shared(cast, case, cast.organisations.police, "identity")
    with at_work(cast, "police_supervisor", case) as (actor, access):
        assert not SharingRequest.objects.filter(case=case).exists()
        with pytest.raises(Missing):
            decline_to_share(actor, access=access, request=request)
    with at_work(cast, "shelter_worker", case) as (actor, access), pytest.raises(NotAllowed):
        decline_to_share(actor, access=access, request=request)


def test_it_is_asked_and_answered_on_its_pages(cast: Cast, case: Case) -> None:
    address = f"/cases/{case.shown_reference}/"
    asking, giving = cast.client("shelter_worker"), cast.client("ngo_caseworker")
    assert "Ask somebody who shares with you" in asking.get(f"{address}shares/").content.decode()
    empty = asking.post(f"{address}ask-the-giver/", {"why": WHY})
    assert empty.status_code == 422
    assert WHY in empty.content.decode()
    with at_work(cast, "shelter_worker", case) as (_actor, access):
        (through,) = received(access)
    sent = {**ASKED, "through": through.pk, "receiver": cast.organisations.other_ngo.pk}
    assert asking.post(f"{address}ask-the-giver/", sent).status_code == 302
    with at_work(cast, "ngo_caseworker", case):
        request = SharingRequest.objects.get(case=case)
    page = giving.get(f"{address}sharing-requests/{request.pk}/").content.decode()
    assert WHY in page
    assert "Do not share" in page
    until = today() + timedelta(days=5)
    day = {"ends_on_day": until.day, "ends_on_month": until.month, "ends_on_year": until.year}
    given = {name: getattr(value, "pk", value) for name, value in terms(cast, case).items()}
    assert giving.post(f"{address}sharing-requests/{request.pk}/", {**given, **day}).status_code == 302
    assert "Shared" in asking.get(f"{address}sharing-requests/{request.pk}/").content.decode()
    with at_work(cast, "ngo_caseworker", case):
        assert Share.objects.filter(case=case, to_organisation=cast.organisations.other_ngo).count() == 1
