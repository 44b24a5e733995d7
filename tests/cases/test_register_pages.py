"""The pages of the guided form: any order, anything typed is kept, any question may stay open."""

import pytest
from django.urls import reverse

from accounts.context import acting
from cases.forms.pages import PAGES
from cases.models import Case, Draft
from tests.cases.registering import AGE, CONTACT, add_form, begin, complete, fill, hidden, send, stored

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(cast):
    return cast.client("ngo_caseworker")


@pytest.fixture
def as_ngo(cast):
    with acting(cast.ngo_caseworker):
        yield cast.ngo_caseworker


def test_the_start_page_says_what_is_needed(client):
    page = client.get("/register/").content.decode()
    assert "28 days" in page
    assert "consent before you ask for details" in page


@pytest.mark.parametrize("name", [name for name in PAGES if name not in {"exploitation", "child"}])
def test_every_page_opens_and_saves_empty_or_says_what_is_missing(client, name):
    pk = begin(client)
    fill(client, pk, "age", **AGE)
    expected = 422 if name in {"age", "consent", "contact"} else 302
    assert fill(client, pk, name).status_code == expected


def test_the_task_list_shows_where_each_page_stands(client):
    pk = begin(client)
    page = client.get(f"/register/{pk}/").content.decode()
    assert page.count("Not started") == 8
    assert "Cannot answer yet" in page
    fill(client, pk, "identity", given_names="O’Neill")
    assert "Done" in client.get(f"/register/{pk}/").content.decode()


def test_consent_waits_for_the_age(client):
    pk = begin(client)
    assert client.get(f"/register/{pk}/consent/").url == f"/register/{pk}/"


@pytest.mark.parametrize("group", ["child", "uncertain"])
def test_a_child_is_informed_instead_of_asked_for_consent(client, group):
    pk = begin(client)
    assert fill(client, pk, "age", age_group=group).url == f"/register/{pk}/child/"
    assert client.get(f"/register/{pk}/consent/").status_code == 302
    assert client.get(f"/register/{pk}/child/").status_code == 200


def test_nothing_is_lost_when_a_page_is_wrong(client, as_ngo):
    pk = begin(client)
    response = fill(
        client, pk, "age", age_group="adult", birth_date_day="31", birth_date_month="2", birth_date_year="1999"
    )
    assert response.status_code == 422
    page = response.content.decode()
    assert "<title>Error: " in page
    assert 'value="31"' in page
    again = client.get(f"/register/{pk}/age/").content.decode()
    assert 'value="31"' in again
    assert "There is a problem" not in again
    assert "To correct" not in client.get(f"/register/{pk}/").content.decode()


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"birth_date_year": "2999"}, "today or in the past"),
        ({"birth_date_year": "2020"}, "the person is a child"),
        ({"birth_date_day": "29", "birth_date_month": "2", "birth_date_year": "1999"}, "a date that exists"),
        ({"birth_date_year": "99"}, "four digits"),
        ({"birth_date_year": "1999", "birth_date_answer": "unknown"}, "not both"),
    ],
)
def test_a_date_of_birth_that_cannot_be_is_refused(client, typed, message):
    response = fill(client, begin(client), "age", age_group="adult", **typed)
    assert response.status_code == 422
    assert message in response.content.decode()


def test_29_february_of_a_leap_year_is_a_date(client):
    typed = {"birth_date_day": "29", "birth_date_month": "2", "birth_date_year": "2000"}
    assert fill(client, begin(client), "age", age_group="adult", **typed).status_code == 302


@pytest.mark.parametrize("name", ["A", "D’Arcy-O'Brien", "محمد", "\N{RIGHT-TO-LEFT MARK}דוד", "🌸 Zoë", "Nguyễn"])
def test_names_of_every_kind_are_kept(client, as_ngo, name):
    pk = begin(client)
    assert fill(client, pk, "identity", given_names=name).status_code == 302
    assert stored(pk)["identity"]["typed"]["given_names"] == [name]


def test_the_account_holds_15000_characters_and_not_one_more(client, as_ngo):
    pk = begin(client)
    assert fill(client, pk, "account", text="é" * 15_000).status_code == 302
    response = fill(client, pk, "account", text="é" * 15_001)
    assert response.status_code == 422
    assert "15001" in response.content.decode()
    assert len(stored(pk)["account"]["typed"]["text"][0]) == 15_001


def test_a_nul_byte_is_refused_and_the_rest_kept(client, as_ngo):
    pk = begin(client)
    response = fill(client, pk, "account", text="before\x00after")
    assert response.status_code == 422
    assert "cannot be saved" in response.content.decode()
    assert stored(pk)["account"]["typed"]["text"] == ["before\x00after"]


def test_not_known_is_an_answer(client):
    pk = begin(client)
    typed = {"given_names_answer": "withheld", "sex": "unknown", "citizenships": ["withheld"]}
    assert fill(client, pk, "identity", **typed).status_code == 302
    page = client.get(f"/register/{pk}/check/").content.decode()
    assert "Does not want to say" in page
    assert "Not known" in page


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"started_year": "2024", "ended_year": "2023"}, "before the start"),
        ({"started_year": "1980"}, "before the person was born"),
        ({"started_year": "2999"}, "today or in the past"),
        ({"ended_year": "2023", "is_ongoing": "yes"}, "still go on"),
        ({"sub_form": "theft"}, "does not belong"),
    ],
)
def test_a_period_or_kind_of_exploitation_that_cannot_be_is_refused(client, typed, message):
    pk = begin(client)
    fill(client, pk, "age", **AGE)
    response, _item = add_form(client, pk, form="labour", **typed)
    assert response.status_code == 422
    assert message in response.content.decode()


def test_several_forms_of_exploitation_one_of_them_primary(client, as_ngo):
    pk = begin(client)
    _response, first = add_form(client, pk, form="labour", sector="cleaning", is_primary="on")
    _response, second = add_form(client, pk, form="criminal", sub_form="theft", is_primary="on")
    pages = stored(pk)
    assert "is_primary" not in pages[f"exploitation:{first}"]["typed"]
    assert pages[f"exploitation:{second}"]["typed"]["is_primary"] == ["on"]
    listed = client.get(f"/register/{pk}/exploitation/").content.decode()
    assert "Forced labour or services" in listed
    twice, _item = add_form(client, pk, form="labour")
    assert twice.status_code == 422
    client.post(f"/register/{pk}/exploitation/{first}/remove/")
    assert f"exploitation:{first}" not in stored(pk)


def test_each_channel_needs_its_safety_answers(client):
    pk = begin(client)
    response = fill(client, pk, "contact", reach=["mobile", "email"], mobile_call="safe")
    form = response.context["form"]
    assert set(form.errors) == {"mobile_text", "email_write"}


def test_an_indicator_is_a_fact_or_an_assessment(client):
    pk = begin(client)
    assert fill(client, pk, "indicators", fear=["fact", "assessment"], fear_note="Cried").status_code == 302
    wrong = fill(client, pk, "indicators", fear_note="Cried")
    assert "fear" in wrong.context["form"].errors


def test_danger_shows_the_emergency_number_from_then_on(client):
    pk = begin(client)
    assert "112" in client.get(f"/register/{pk}/danger/").content.decode()
    fill(client, pk, "danger", danger=["threatened"])
    assert "in danger now" in client.get(f"/register/{pk}/age/").content.decode()
    assert fill(client, pk, "danger", danger=["none", "threatened"]).status_code == 422


def test_saving_leads_on_or_back_to_the_list(client):
    pk = begin(client)
    assert fill(client, pk, "danger").url == f"/register/{pk}/age/"
    assert fill(client, pk, "danger", next="tasks").url == f"/register/{pk}/"
    assert fill(client, pk, "needs").url == f"/register/{pk}/check/"


def test_checking_shows_all_answers_with_a_way_to_change_each(client):
    pk = complete(client)
    page = client.get(f"/register/{pk}/check/").content.decode()
    assert "06 12345678" in page
    assert "1 March 2026" in page
    assert f"/register/{pk}/contact/" in page
    assert "Before you can send" not in page


def test_what_was_told_about_danger_stands_before_every_way_of_contact(client):
    pk = complete(client, danger={"danger": "threatened", "danger_note": "Near the school"})
    reference = send(client, pk).url.rstrip("/").split("/")[-1]
    page = client.get(f"/cases/{reference}/").content.decode()
    told = page.index("In danger: The person or the family is threatened. Near the school")
    assert page.index("safe-contact") < told < page.index("06 12345678")


@pytest.mark.parametrize("missing", ["age", "consent", "contact"])
def test_only_age_consent_and_safe_contact_keep_it_from_being_sent(client, as_ngo, missing):
    pk = complete(client)
    draft = Draft.objects.get(pk=pk)
    draft.seal({name: page for name, page in draft.open().items() if name != missing})
    draft.save()
    response = send(client, pk)
    assert response.status_code == 422
    assert "Before you can send" in response.content.decode()
    assert not Case.objects.exists()


def test_a_page_that_is_wrong_is_mended_before_sending(client):
    pk = complete(client)
    fill(client, pk, "account", text="x" * 15_001)
    response = send(client, pk)
    assert response.status_code == 422
    assert "Correct the page" in response.content.decode()


def test_a_register_page_needs_the_same_queries_however_much_is_filled_in(client, django_assert_max_num_queries):
    pk = complete(client)
    for form in ("labour", "criminal", "sexual", "begging"):
        add_form(client, pk, form=form)
    client.get(f"/register/{pk}/")
    with django_assert_max_num_queries(14):
        client.get(f"/register/{pk}/")
    with django_assert_max_num_queries(14):
        client.get(f"/register/{pk}/check/")


@pytest.mark.parametrize("name", ["police_officer", "shelter_intake", "health_worker", "ngo_supervisor"])
def test_who_may_register_begins(cast, name):
    assert cast.client(name).post("/register/").status_code == 302


@pytest.mark.parametrize(
    "name", ["guardian", "authority_decision_maker", "coordinator", "lawyer", "organisation_administrator", "stranger"]
)
def test_who_may_not_register_is_refused(cast, name):
    client = cast.client(name)
    assert client.get("/register/").status_code == 403
    assert client.post("/register/").status_code == 403


def test_the_page_carries_the_version_and_its_writer(client):
    pk = begin(client)
    found = hidden(client, reverse("cases:draft_page", args=[pk, "danger"]))
    assert found["version"] == "0"
    assert found["writer"]
    fill(client, pk, "contact", **CONTACT)
    assert hidden(client, f"/register/{pk}/contact/")["version"] == "1"
