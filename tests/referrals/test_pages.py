"""The pages: guided to the preview and sent once; each side sees its own; nothing typed is lost."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.http import urlencode

from accounts.context import acting
from audit.models import AuditRequest
from cases.models import Case
from core import clock
from referrals.models import Referral
from referrals.operations import ask_question, record_step, revoke_referral
from tests.cast import Cast
from tests.referrals.scenes import NAME, STORY, accepted, do, knows, police_case, sent, today

WANTED = {"service": "safe_accommodation", "region": "amsterdam", "urgency": "urgent"}


def new_url(case: Case) -> str:
    return reverse("referrals:new", args=[case.shown_reference])


def terms_url(cast: Cast, case: Case) -> str:
    to = cast.organisations.shelter.pk
    return f"{reverse('referrals:terms', args=[case.shown_reference, to])}?{urlencode(WANTED)}"


def filled_in(**changes: Any) -> dict[str, Any]:
    on = today()
    values = {
        "purpose": "refer_shelter",
        "legal_basis": "law_enforcement",
        "categories": ["identity", "contact"],
        "ends_on_day": on.day,
        "ends_on_month": on.month,
        "ends_on_year": on.year,
        "message": "Tonight, please",
        "submission_key": str(uuid4()),
    }
    return {**values, **changes}


def page(referral: Referral, name: str = "referral") -> str:
    return reverse(f"referrals:{name}", args=[referral.pk])


def text_of(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def test_the_search_shows_who_offers_the_service_and_never_a_suspended_organisation(cast: Cast) -> None:
    case = police_case(cast)
    other = cast.organisations.other_shelter
    client = cast.client("police_officer")
    found = text_of(client.get(new_url(case), {**WANTED, "region": ""}))
    assert "Shelter" in found
    assert "Other shelter" in found
    assert "Other shelter" not in text_of(client.get(new_url(case), WANTED))
    other.suspended_at = clock.moment()
    other.save()
    assert "Other shelter" not in text_of(client.get(new_url(case), {**WANTED, "region": ""}))


def test_a_search_without_a_service_says_so(cast: Cast) -> None:
    response = cast.client("police_officer").get(new_url(police_case(cast)), {**WANTED, "service": ""})
    assert response.status_code == 422
    assert "<title>Error:" in text_of(response)


def test_the_preview_shows_the_card_what_opens_and_what_does_not(cast: Cast) -> None:
    case = police_case(cast)
    client = cast.client("police_officer")
    form = text_of(client.get(terms_url(cast, case)))
    assert "Identity (1 entry)" in form
    assert "Account in own words" not in form
    preview = text_of(client.post(terms_url(cast, case), filled_in()))
    opens, closed = preview.split("Not shared")
    assert "Identity (1 row today)" in opens
    assert "Account in own words" in closed
    assert "Criminal proceedings" in closed
    assert NAME not in preview
    assert STORY not in preview
    with acting(cast.police_officer.actor):
        assert not Referral.objects.exists()


def test_change_brings_everything_back_and_send_sends_once(cast: Cast) -> None:
    case = police_case(cast)
    client = cast.client("police_officer")
    changed = client.post(terms_url(cast, case), filled_in(change="yes"))
    assert changed.status_code == 200
    assert "Tonight, please" in text_of(changed)
    data = filled_in(confirmed="yes")
    answers = [client.post(terms_url(cast, case), data) for _click in range(2)]
    assert {answer.status_code for answer in answers} == {302}
    with acting(cast.police_officer.actor):
        (referral,) = Referral.objects.all()
    assert {answer.url for answer in answers} == {page(referral)}
    assert "was sent to Shelter" in text_of(client.get(page(referral)))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"categories": []}, "Choose at least one category"),
        ({"ends_on_year": ""}, "Enter a day, a month and a year"),
        ({"ends_on_day": "31", "ends_on_month": "2"}, "Enter a date that exists"),
        ({"legal_basis": "consent"}, "Choose the consent"),
        ({"message": "nul\x00byte"}, "cannot be saved"),
        ({"message": "x" * 15_001}, "15001"),
    ],
)
@pytest.mark.parametrize("confirmed", [{}, {"confirmed": "yes"}])
def test_a_mistake_is_told_and_nothing_typed_is_lost(cast: Cast, changes: dict, message: str, confirmed: dict) -> None:
    case = police_case(cast)
    data = filled_in(**{"message": "O’Neil – \u05e9\u05dc\u05d5\u05dd 🙂", **changes, **confirmed})
    response = cast.client("police_officer").post(terms_url(cast, case), data)
    shown = text_of(response)
    assert response.status_code == 422
    assert "<title>Error:" in shown
    assert message in shown
    assert "message" in changes or "O’Neil – \u05e9\u05dc\u05d5\u05dd 🙂" in shown


def test_a_receiver_suspended_meanwhile_is_told_with_everything_kept(cast: Cast) -> None:
    case = police_case(cast)
    shelter = cast.organisations.shelter
    shelter.suspended_at = clock.moment()
    shelter.save()
    response = cast.client("police_officer").post(terms_url(cast, case), filled_in(confirmed="yes"))
    assert response.status_code == 422
    assert "suspended" in text_of(response)
    assert "Tonight, please" in text_of(response)


def test_a_second_open_referral_for_the_same_service_is_told(cast: Cast) -> None:
    case = police_case(cast)
    sent(cast, case)
    response = cast.client("police_officer").post(terms_url(cast, case), filled_in(confirmed="yes"))
    assert response.status_code == 422
    assert "already has an open referral" in text_of(response)


def test_police_need_few_pages(cast: Cast) -> None:
    case = police_case(cast)
    client = cast.client("police_officer")
    pages = [
        client.get(new_url(case)),
        client.get(new_url(case), WANTED),
        client.get(terms_url(cast, case)),
        client.post(terms_url(cast, case), filled_in()),
        client.post(terms_url(cast, case), filled_in(confirmed="yes"), follow=True),
    ]
    assert [response.status_code for response in pages] == [200] * 5
    assert len(pages) <= 8


def test_the_receiver_sees_the_card_only_then_the_case_then_the_card_again(cast: Cast) -> None:
    case = police_case(cast)
    referral = sent(cast, case)
    client = cast.client("shelter_intake")
    case_url = reverse("cases:case", args=[case.shown_reference])
    before = text_of(client.get(page(referral)))
    assert case.shown_reference in before
    assert "Go through Police" in before
    assert before.index("Go through Police") < before.index("The card")
    assert re.search(r'class="due" title="[^"]+\. Source: [^"]+"', before)
    assert "Needs a place tonight" not in before
    assert case_url not in before
    assert client.get(case_url).status_code == 404
    answer = client.post(page(referral, "accept"), {"member": cast.shelter_worker.membership_id})
    assert answer.status_code == 302
    open_page = text_of(client.get(page(referral)))
    assert "Needs a place tonight" in open_page
    assert case_url in open_page
    assert client.get(case_url).status_code == 200
    do(cast, "police_officer", revoke_referral, referral)
    after = text_of(client.get(page(referral)))
    assert case.shown_reference in after
    assert "Needs a place tonight" not in after
    assert client.get(case_url).status_code == 404


PAGES = ("referral", "accept", "decline", "ask", "step", "complete", "revoke")


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize(
    "persona",
    [
        "ngo_supervisor",
        "other_shelter_intake",
        "shelter_worker",
        "custodian_a",
        "coordinator",
        "data_protection_officer",
        "platform_administrator",
        "organisation_administrator",
    ],
)
def test_for_everybody_else_it_does_not_exist(cast: Cast, persona: str, name: str) -> None:
    referral = sent(cast, police_case(cast))
    client = cast.client(persona)
    for url in (page(referral, name), page(Referral(pk=uuid4()), name)):
        assert client.get(url).status_code == 404
        assert client.post(url, {}).status_code == 404


@pytest.mark.parametrize(
    ("persona", "allowed"),
    [("police_officer", {"revoke"}), ("shelter_intake", {"accept", "decline", "ask"})],
)
def test_each_side_may_do_its_own_acts(cast: Cast, persona: str, allowed: set[str]) -> None:
    referral = sent(cast, police_case(cast))
    client = cast.client(persona)
    shown = text_of(client.get(page(referral)))
    for name in PAGES[1:]:
        assert (client.get(page(referral, name)).status_code == 200) is (name in allowed)
        assert client.post(page(referral, name), {}).status_code != 500
        assert (page(referral, name) in shown) is (name in allowed)
    denied = AuditRequest.objects.filter(actor_id=getattr(cast, persona).user_id, outcome=403)
    with acting(getattr(cast, persona).actor):
        assert denied.exists()


def test_every_act_has_a_page_that_does_it(cast: Cast) -> None:
    case = police_case(cast)
    referral = sent(cast, case)
    intake, worker, officer = (cast.client(name) for name in ("shelter_intake", "shelter_worker", "police_officer"))
    on = today()
    assert intake.post(page(referral, "ask"), {"question": "A child?"}).url == page(referral)
    shown = text_of(officer.get(page(referral)))
    reply = re.search(rf"{page(referral)}questions/[0-9a-f-]+/", shown).group()
    assert "A child?" in text_of(officer.get(reply))
    assert officer.post(reply, {"answer": "No child"}).status_code == 302
    assert "No child" in text_of(intake.get(page(referral)))
    assert intake.post(page(referral, "accept"), {"member": cast.shelter_worker.membership_id}).status_code == 302
    day = {"happened_on_day": on.day, "happened_on_month": on.month, "happened_on_year": on.year}
    assert worker.post(page(referral, "step"), {"kind": "placed", "note": "Room ready", **day}).status_code == 302
    assert "Room ready" in text_of(officer.get(page(referral)))
    bad = worker.post(page(referral, "complete"), {"outcome": "failed", "feedback": "Moved on"})
    assert bad.status_code == 422
    assert "Moved on" in text_of(bad)
    ended = {"outcome": "failed", "failure_reason": "left", "feedback": "Moved on"}
    good = worker.post(page(referral, "complete"), ended)
    assert good.status_code == 302
    assert "Moved on" in text_of(officer.get(page(referral)))
    assert not knows(cast, "shelter_worker", case)


def test_revoking_asks_once_more(cast: Cast) -> None:
    referral = sent(cast, police_case(cast))
    client = cast.client("police_officer")
    assert "access ends at once" in text_of(client.get(page(referral, "revoke")))
    assert client.post(page(referral, "revoke"), {"submission_key": str(uuid4())}).status_code == 302
    late = client.get(page(referral, "revoke"))
    assert late.url == page(referral)


def test_an_answer_that_comes_too_late_is_a_conflict(cast: Cast) -> None:
    referral = sent(cast, police_case(cast))
    client = cast.client("shelter_intake")
    do(cast, "police_officer", revoke_referral, referral)
    response = client.post(page(referral, "decline"), {"reason": "other", "explanation": "Full house"})
    assert response.status_code == 409
    assert "Full house" in text_of(response)


def test_the_lists_show_each_side_its_referrals(cast: Cast) -> None:
    case = police_case(cast)
    referral = sent(cast, case)
    url = reverse("referrals:list")
    assert page(referral) in text_of(cast.client("shelter_intake").get(url))
    officer = cast.client("police_officer")
    assert page(referral) in text_of(officer.get(url)), "who may not answer starts with what was sent"
    assert page(referral) not in text_of(officer.get(url, {"tab": "answer"}))
    assert page(referral) in text_of(officer.get(url, {"tab": "waiting"}))
    for persona in ("shelter_worker", "ngo_supervisor"):
        assert page(referral) not in text_of(cast.client(persona).get(url, {"tab": "all"}))
    assert cast.client("coordinator").get(url, {"tab": "all"}).status_code in {200, 403}
    tab = reverse("referrals:of_case", args=[case.shown_reference])
    assert page(referral) in text_of(officer.get(tab))
    assert cast.client("shelter_intake").get(tab).status_code == 404


def test_walking_the_pages_of_the_list_visits_each_once(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("referrals.views.lists.PAGE", 2)
    case = police_case(cast)
    services = ("safe_accommodation", "emergency_accommodation", "supported_living")
    made = {str(sent(cast, case, service=service).pk) for service in services}
    made |= {str(sent(cast, police_case(cast)).pk) for _more in range(2)}
    for tab in ("answer", "all"):
        url, seen = f"{reverse('referrals:list')}?tab={tab}", []
        client = cast.client("shelter_intake")
        while url:
            shown = client.get(url).content.decode()
            seen += re.findall(r"/referrals/([0-9a-f-]{36})/", shown)
            following = re.search(r'rel="next" href="([^"]+)"', shown)
            url = following.group(1).replace("&amp;", "&") if following else ""
        assert sorted(seen) == sorted(made)


def test_a_mistyped_cursor_starts_at_the_beginning(cast: Cast) -> None:
    client = cast.client("shelter_intake")
    for cursor in ("x", "2026-01-01~x", f"2026-01-01T00:00:00~{uuid4()}", "~"):
        assert client.get(reverse("referrals:list"), {"after": cursor}).status_code == 200


PLUMBING = re.compile(
    r"SAVEPOINT|set_config|django_session|SET LOCAL ROLE|RESET ROLE|accounts_user\"? WHERE|accounts_membership\"? INNER"
)


def queries(client: Client, url: str) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return [query["sql"] for query in captured.captured_queries if not PLUMBING.search(query["sql"])]


def test_the_pages_ask_few_questions_of_the_database(cast: Cast) -> None:
    case = police_case(cast)
    referral = sent(cast, case)
    do(cast, "shelter_intake", ask_question, referral, question="Language?")
    accepted(cast, referral)
    for _step in range(4):
        do(cast, "shelter_worker", record_step, referral, kind="contact_made", happened_on=today(), note="")
    worker = cast.client("shelter_worker")
    first = queries(worker, page(referral))
    assert len(first) <= 15, "\n".join(first)
    for service in ("emergency_accommodation", "supported_living"):
        sent(cast, case, service=service)
    intake = cast.client("shelter_intake")
    few = queries(intake, reverse("referrals:list"))
    for _more in range(4):
        sent(cast, police_case(cast))
    many = queries(intake, reverse("referrals:list"))
    assert len(many) == len(few) <= 8, "\n".join(many)
