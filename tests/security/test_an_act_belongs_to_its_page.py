"""An act belongs to the page it was made on (``sharing.md`` rule 23): two tabs of one browser, two memberships."""

from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from accounts.actors import actor_for
from accounts.context import acting
from accounts.models import Absence, Membership, Organisation
from accounts.opened_as import opened_as
from audit.models import AuditChange, AuditRequest
from cases.models import Case, Draft, Narrative
from cases.views import kept
from core import clock
from tests.cases.filing import filed_case, shared
from tests.cases.registering import begin, stored
from tests.cast import PASSWORD, Cast
from tests.matrix.addresses import converters
from tests.tabs import choices, choose, hidden_fields, joins, opened, switch

TYPED = {"text": "It rained <when> we left."}
SWITCH_BACK, SEND_FOR_SHELTER = "Switch to NGO and send it", "Send it for Shelter"
# Acts of a person, whatever organisation they work for, and what answers before anybody is known.
OF_A_PERSON = {
    "healthz",
    "styleguide",
    "set_language",
    "hide",
    "locked",
    "accounts:active_organisation",
    "accounts:accept_invitation",
    "accounts:account",
    "accounts:set_pin",
    "accounts:sign_out_everywhere",
}


@pytest.fixture
def shelter(cast: Cast) -> Membership:
    """The NGO's supervisor is also one of the shelter's."""
    return joins(cast.ngo_supervisor, cast.organisations.shelter, "supervisor")


@pytest.fixture
def tab(cast: Cast, shelter: Membership) -> Client:
    """Their browser; active is the NGO."""
    return cast.client("ngo_supervisor")


@pytest.fixture
def case(cast: Cast) -> Case:
    """A case in which both organisations may write."""
    made = filed_case(cast)
    shared(cast, made, cast.organisations.shelter, "identity")
    return made


@pytest.fixture
def url(case: Case) -> str:
    return f"/cases/{case.shown_reference}/narrative/add/"


@pytest.fixture
def refused(tab: Client, shelter: Membership, url: str) -> Any:
    """A page opened for the NGO, sent after switching to the shelter in another tab."""
    form = opened(tab, url)
    switch(tab, shelter)
    return tab.post(url, {**form, **TYPED})


def owners(cast: Cast) -> list[Organisation]:
    """Whose accounts were written, as both may read their own."""
    found = []
    for who in ("ngo_supervisor", "shelter_supervisor"):
        persona = getattr(cast, who)
        with acting(persona.actor):
            rows = Narrative.objects.filter(owner_organisation=persona.organisation)
            found += [persona.organisation for _row in rows]
    return found


def active(client: Client) -> str:
    return client.get("/account/").wsgi_request.actor.organisation_name


def test_a_page_of_one_organisation_writes_nothing_for_another(cast: Cast, refused: Any) -> None:
    assert refused.status_code == 409
    assert owners(cast) == []
    html = refused.content.decode()
    assert "You opened this page for NGO. You now work for Shelter." in html
    assert list(choices(html)) == [SWITCH_BACK, SEND_FOR_SHELTER]
    assert hidden_fields(html)["text"] == [TYPED["text"]]


def test_that_it_was_tried_is_recorded(shelter: Membership, refused: Any) -> None:
    with acting(actor_for(shelter)):
        assert [row.route for row in AuditRequest.objects.filter(outcome=409)] == ["cases:add_row"]


def test_switching_back_sends_it_for_the_organisation_of_the_page(
    cast: Cast, tab: Client, url: str, refused: Any
) -> None:
    answer = choose(tab, url, refused, SWITCH_BACK)
    assert answer.status_code == 302
    assert owners(cast) == [cast.organisations.ngo]
    assert active(tab) == "NGO"
    with acting(cast.ngo_supervisor.actor):
        switches = AuditChange.objects.filter(kind="switch_organisation").order_by("at")
        assert [one.object_id for one in switches][1:] == [cast.ngo_supervisor.membership_id]


def test_it_may_be_sent_for_the_other_by_choice(cast: Cast, tab: Client, url: str, refused: Any) -> None:
    assert choose(tab, url, refused, SEND_FOR_SHELTER).status_code == 302
    assert owners(cast) == [cast.organisations.shelter]
    assert active(tab) == "Shelter"


def test_a_choice_pressed_twice_acts_once(cast: Cast, tab: Client, url: str, refused: Any) -> None:
    answers = [choose(tab, url, refused, SWITCH_BACK) for _press in range(2)]
    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    assert owners(cast) == [cast.organisations.ngo]


def test_what_was_done_already_is_not_done_again_by_switching_back(
    cast: Cast, tab: Client, shelter: Membership, url: str
) -> None:
    form = {**opened(tab, url), **TYPED}
    assert tab.post(url, form).status_code == 302
    switch(tab, shelter)
    again = tab.post(url, form)
    assert again.status_code == 409
    assert choose(tab, url, again, SWITCH_BACK).status_code == 302
    assert owners(cast) == [cast.organisations.ngo]


def test_a_mistake_after_the_choice_stays_with_the_organisation_chosen(
    cast: Cast, tab: Client, shelter: Membership, url: str
) -> None:
    form = opened(tab, url)
    switch(tab, shelter)
    wrong = choose(tab, url, tab.post(url, {**form, "text": "x" * 15_001}), SWITCH_BACK)
    assert wrong.status_code == 422
    assert tab.post(url, {**hidden_fields(wrong.content.decode()), **TYPED}).status_code == 302
    assert owners(cast) == [cast.organisations.ngo]


def test_a_choice_that_no_page_offered_switches_nothing(cast: Cast, tab: Client, shelter: Membership, url: str) -> None:
    form = opened(tab, url)
    foreign = opened_as(cast.police_officer.user_id, cast.organisations.shelter.pk)
    for value in ("forged", foreign, opened_as(cast.ngo_supervisor.user_id, cast.organisations.police.pk)):
        assert tab.post(url, {**form, **TYPED, "send_as": value}).status_code == 409
    assert owners(cast) == []
    assert active(tab) == "NGO"


def test_a_forged_request_from_elsewhere_switches_nothing(cast: Cast, shelter: Membership, url: str) -> None:
    strict = cast.client("ngo_supervisor", enforce_csrf_checks=True)
    value = opened_as(cast.ngo_supervisor.user_id, cast.organisations.shelter.pk)
    assert strict.post(url, {**TYPED, "send_as": value}).status_code == 403
    assert active(strict) == "NGO"


@pytest.mark.parametrize("given", ["", "forged", "é", "of somebody else", "of another organisation"])
def test_a_page_that_does_not_say_truly_for_which_is_refused(
    cast: Cast, tab: Client, shelter: Membership, url: str, given: str
) -> None:
    values = {
        "of somebody else": opened_as(cast.ngo_caseworker.user_id, cast.organisations.ngo.pk),
        "of another organisation": opened_as(cast.ngo_supervisor.user_id, cast.organisations.police.pk),
    }
    answer = tab.post(url, {**TYPED, "opened_as": values.get(given, given)})
    assert answer.status_code == 409
    html = answer.content.decode()
    assert "does not say for which of your organisations" in html
    assert list(choices(html)) == ["Send it for NGO", "Switch to Shelter and send it"]
    assert owners(cast) == []
    assert choose(tab, url, answer, "Send it for NGO").status_code == 302
    assert owners(cast) == [cast.organisations.ngo]


def test_who_has_one_organisation_needs_no_field_and_may_not_send_a_wrong_one(cast: Cast, url: str) -> None:
    client = cast.client("ngo_supervisor")
    foreign = opened_as(cast.ngo_caseworker.user_id, cast.organisations.ngo.pk)
    for given in ("forged", foreign):
        assert client.post(url, {**TYPED, "opened_as": given}).status_code == 409
    assert owners(cast) == []
    assert client.post(url, TYPED).status_code == 302


def test_a_page_of_an_organisation_that_was_left_writes_nothing_for_the_one_that_remains(
    cast: Cast, tab: Client, url: str
) -> None:
    form = opened(tab, url)
    Membership.objects.filter(pk=cast.ngo_supervisor.membership_id).update(ended_at=clock.moment())
    answer = tab.post(url, {**form, **TYPED})
    assert answer.status_code == 409
    assert "You opened this page for NGO, where you no longer work." in answer.content.decode()
    assert list(choices(answer.content.decode())) == [SEND_FOR_SHELTER]
    assert owners(cast) == []


def test_who_works_nowhere_any_more_is_told(cast: Cast, url: str) -> None:
    client = cast.client("ngo_supervisor")
    form = opened(client, url)
    Membership.objects.filter(pk=cast.ngo_supervisor.membership_id).update(ended_at=clock.moment())
    answer = client.post(url, {**form, **TYPED})
    assert (answer.status_code, choices(answer.content.decode())) == (409, {})


def test_a_password_is_not_carried_on(cast: Cast, tab: Client, shelter: Membership) -> None:
    answer = tab.post("/emergencies/open/", {"reference": "K7QF-2M9X-T", "proof": PASSWORD, "explanation": "Now."})
    assert answer.status_code == 409
    html = answer.content.decode()
    assert PASSWORD not in html
    assert "has to be typed once more" in html
    assert hidden_fields(html)["explanation"] == ["Now."]


def test_a_script_is_answered_without_a_page(cast: Cast, tab: Client, shelter: Membership, url: str) -> None:
    answer = tab.post(url, TYPED, headers={"X-Requested-With": "autosave"})
    assert (answer.status_code, answer.json()) == (409, {})


# -- everywhere ------------------------------------------------------------------------------------------------------


def addresses() -> dict[str, str]:
    """Every address of the application; the framework's own pages are about the person."""
    values: dict[str, Any] = {
        "reference": "K7QF-2M9X-T",
        "category": "identity",
        "name": "age",
        "token": "x",
        "row": UUID(int=7),
        "code": "x",
    }
    found = {}
    for name, parameters in converters().items():
        if not name.startswith(("account_", "mfa_")):
            found[name] = reverse(name, kwargs={one: values.get(one, UUID(int=7)) for one in parameters})
    return found


def test_no_address_acts_without_knowing_for_which_organisation(cast: Cast, shelter: Membership) -> None:
    """What a view would answer does not matter: it is not asked. Lists, bulk acts, colleagues, inbox, drafts alike."""
    pages = {name: url for name, url in addresses().items() if "api:" not in name}
    last = "accounts:sign_out_everywhere"
    answers = {
        name: cast.client("ngo_supervisor").post(pages[name]).status_code
        for name in sorted(pages, key=lambda name: name == last)
    }
    assert len(answers) > 90
    assert {name for name, status in answers.items() if status != 409} == OF_A_PERSON


def test_no_address_of_the_api_answers_without_knowing_for_which_organisation(tab: Client) -> None:
    found = {name: url for name, url in addresses().items() if "api:" in name}
    assert len(found) > 40
    for method in ("get", "post", "put", "delete"):
        answers = {getattr(tab, method)(url, content_type="application/json").status_code for url in found.values()}
        assert answers == {409}, method


def test_planning_an_absence_belongs_to_the_page_too(cast: Cast, tab: Client, shelter: Membership) -> None:
    form = opened(tab, "/absences/new/")
    switch(tab, shelter)
    assert tab.post("/absences/new/", form).status_code == 409
    assert not Absence.objects.exists()


# -- an act that begins in the address -------------------------------------------------------------------------------


def test_a_referral_begun_for_one_organisation_is_not_gone_on_with_for_another(
    cast: Cast, tab: Client, shelter: Membership, case: Case
) -> None:
    start = f"/cases/{case.shown_reference}/referrals/new/"
    here = opened(tab, start)["opened_as"][0]
    asked = {"service": "medical", "region": "amsterdam", "urgency": "normal", "opened_as": here}
    page = tab.get(start, asked)
    assert page.status_code == 200
    (next_page,) = [one["url"] for one in page.context["found"]]
    switch(tab, shelter)
    for url in (page.wsgi_request.get_full_path(), next_page):
        answer = tab.get(url)
        assert answer.status_code == 409
        form = hidden_fields(answer.content.decode())
        assert form["next"] == [url]
        assert "Switch to NGO and go on" in answer.content.decode()
    back = tab.post("/active-organisation/", {**form, "membership": str(cast.ngo_supervisor.membership_id)})
    assert back.headers["Location"] == next_page
    assert tab.get(next_page).status_code == 200


def test_going_on_for_the_other_opens_the_page_anew(cast: Cast, tab: Client, shelter: Membership, case: Case) -> None:
    start = f"/cases/{case.shown_reference}/shares/new/"
    here = opened(tab, start)["opened_as"][0]
    switch(tab, shelter)
    answer = tab.get(start, {"opened_as": here})
    assert answer.status_code == 409
    assert tab.get(answer.context["address_for_active"]).status_code == 200


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_switching_leads_nowhere_else(tab: Client, shelter: Membership, target: str) -> None:
    answer = tab.post("/active-organisation/", {"membership": str(shelter.pk), "next": target})
    assert answer.headers["Location"] == "/"


# -- drafts ----------------------------------------------------------------------------------------------------------


def drafts_of(cast: Cast, who: str) -> int:
    with acting(getattr(cast, who).actor):
        return Draft.objects.count()


def test_a_draft_begun_on_a_page_of_the_ngo_is_never_one_of_the_shelter(
    cast: Cast, tab: Client, shelter: Membership
) -> None:
    form = opened(tab, "/register/")
    switch(tab, shelter)
    answer = tab.post("/register/", form)
    assert answer.status_code == 409
    assert drafts_of(cast, "shelter_supervisor") == 0
    assert choose(tab, "/register/", answer, SWITCH_BACK).status_code == 302
    assert (drafts_of(cast, "ngo_supervisor"), drafts_of(cast, "shelter_supervisor")) == (1, 0)


def test_a_draft_is_not_gone_on_with_for_another_organisation(cast: Cast, shelter: Membership) -> None:
    pk = begin(cast.client("ngo_caseworker"))
    tab = cast.client("ngo_supervisor")
    url = f"/register/{pk}/identity/"
    form = {**opened(tab, url), "given_names": "Żaneta"}
    switch(tab, shelter)
    for address in (url, f"/register/{pk}/", f"/register/{pk}/check/"):
        assert tab.get(address).status_code == 404
    for address in (f"{url}autosave", f"/register/{pk}/check/", f"/drafts/{pk}/discard/"):
        assert tab.post(address, form).status_code == 409
    answer = tab.post(url, form)
    assert answer.status_code == 409
    assert choose(tab, url, answer, SEND_FOR_SHELTER).status_code == 404
    with acting(cast.ngo_supervisor.actor):
        assert stored(pk) == {}
    assert choose(tab, url, answer, SWITCH_BACK).status_code == 302
    with acting(cast.ngo_supervisor.actor):
        assert stored(pk)["identity"]["typed"]["given_names"] == ["Żaneta"]


# -- what was typed when the session ended ---------------------------------------------------------------------------


@pytest.fixture
def signed_in_anew(cast: Cast, tab: Client, shelter: Membership, url: str) -> Any:
    """A page of the shelter, sent after its session had ended; who signs in anew works for the NGO at first."""
    switch(tab, shelter)
    form = opened(tab, url)
    tab.logout()
    assert tab.post(url, {**form, **TYPED}).status_code == 302
    person = cast.ngo_supervisor
    login = {"login": person.email, "password": person.password, "next": url}
    return tab.post("/account/login/", login, follow=True)


def test_what_was_typed_waits_for_its_organisation(cast: Cast, tab: Client, url: str, signed_in_anew: Any) -> None:
    assert signed_in_anew.status_code == 409
    html = signed_in_anew.content.decode()
    assert "You opened this page for Shelter. You now work for NGO." in html
    assert hidden_fields(html)["text"] == [TYPED["text"]]
    assert choose(tab, url, signed_in_anew, "Switch to Shelter and send it").status_code == 302
    assert owners(cast) == [cast.organisations.shelter]
    assert kept.SESSION not in tab.session


def test_it_is_shown_on_the_page_once_that_organisation_is_active(
    tab: Client, shelter: Membership, url: str, signed_in_anew: Any
) -> None:
    switch(tab, shelter)
    page = tab.get(url)
    assert page.status_code == 200
    assert "It rained &lt;when&gt; we left." in page.content.decode()


def test_a_page_of_another_organisation_finds_nothing(cast: Cast, tab: Client, url: str, signed_in_anew: Any) -> None:
    request = tab.get(url).wsgi_request
    assert kept.waiting(request, cast.ngo_supervisor.user_id)
    assert kept.find(request, cast.ngo_supervisor.actor) is None
