"""One's own account: language, sessions, the active organisation."""

from datetime import time

import pytest
from django.test import Client

from accounts.models import Membership, Session
from core import clock

PREFERENCES = {"language": "en", "mails": "at_once", "digest_at": "08:30"}


@pytest.fixture
def two_places(cast):
    """The shelter worker also works for the NGO, as intake."""
    return Membership.objects.create(
        user=cast.shelter_worker.user, organisation=cast.organisations.ngo, roles=["intake"]
    )


def test_the_page_counts_ones_own_sessions_only(cast):
    first, _second, _foreign = (cast.client(who) for who in ("ngo_caseworker", "ngo_caseworker", "police_officer"))
    assert first.get("/account/").context["sessions"] == 2


def test_sign_out_everywhere_ends_every_session_at_its_next_request(cast):
    here, there, foreign = (cast.client(who) for who in ("ngo_caseworker", "ngo_caseworker", "police_officer"))
    assert here.post("/account/sign-out-everywhere/").status_code == 302
    for client in (here, there):
        assert client.get("/account/").url.startswith("/account/login/")
    assert foreign.get("/account/").status_code == 200
    assert not Session.objects.filter(user_id=cast.ngo_caseworker.user_id).exists()


def test_a_session_that_was_copied_is_dead_too(cast):
    """Not the row but the moment decides: a session restored behind our back does not live again."""
    client = cast.client("ngo_caseworker")
    row = Session.objects.get(user_id=cast.ngo_caseworker.user_id)
    client.post("/account/sign-out-everywhere/")
    row.save()
    copy = Client()
    copy.cookies["sessionid"] = row.session_key
    assert copy.get("/account/").status_code == 302


def test_language_of_screens_and_mails(cast):
    client = cast.client("ngo_caseworker")
    assert client.post("/account/", PREFERENCES | {"language": "nl"}).status_code == 302
    cast.ngo_caseworker.user.refresh_from_db()
    assert cast.ngo_caseworker.user.language == "nl"
    assert '<html lang="nl"' in client.get("/account/").content.decode()
    assert client.post("/account/", PREFERENCES | {"language": "xx"}).status_code == 422


def test_switching_changes_organisation_and_roles_of_the_next_request(cast, two_places):
    client = cast.client("shelter_worker")
    assert client.get("/account/").wsgi_request.actor.organisation_kind == "shelter"
    assert client.post("/active-organisation/", {"membership": str(two_places.pk)}).status_code == 302
    actor = client.get("/account/").wsgi_request.actor
    assert (actor.organisation_kind, actor.roles, actor.scope) == ("ngo", {"intake"}, "organisation")


@pytest.mark.parametrize("fate", ["foreign", "suspended", "ended", "organisation"])
def test_a_membership_that_is_not_live_or_not_ones_own_is_missing(cast, two_places, fate):
    pk = cast.police_officer.membership_id if fate == "foreign" else two_places.pk
    if fate == "organisation":
        Membership.objects.filter(pk=pk).update(organisation=cast.organisations.health)
        cast.organisations.health.suspended_at = clock.moment()
        cast.organisations.health.save()
    elif fate != "foreign":
        Membership.objects.filter(pk=pk).update(**{f"{fate}_at": clock.moment()})
    client = cast.client("shelter_worker")
    assert client.post("/active-organisation/", {"membership": str(pk)}).status_code == 404
    assert client.get("/account/").wsgi_request.actor.organisation_kind == "shelter"


def test_the_session_falls_back_when_the_chosen_membership_ends(cast, two_places):
    client = cast.client("shelter_worker")
    client.post("/active-organisation/", {"membership": str(two_places.pk)})
    Membership.objects.filter(pk=two_places.pk).update(ended_at=clock.moment())
    assert client.get("/account/").wsgi_request.actor == cast.shelter_worker.actor


@pytest.mark.parametrize("path", ["/account/", "/active-organisation/", "/account/sign-out-everywhere/", "/members/"])
def test_nobody_signed_in_is_sent_to_the_sign_in(db, path):
    assert Client().get(path).url == f"/account/login/?next={path}"


def test_without_organisation_the_pages_still_say_what_to_do(cast):
    page = cast.client("suspended_member").get("/active-organisation/")
    assert "Ask its administrator" in page.content.decode()


def test_how_and_when_one_is_mailed(cast):
    client = cast.client("ngo_caseworker")
    assert client.post("/account/", PREFERENCES | {"mails": "in_app", "digest_at": "17:30"}).status_code == 302
    cast.ngo_caseworker.user.refresh_from_db()
    user = cast.ngo_caseworker.user
    assert (user.mails, user.digest_at) == ("in_app", time(17, 30))
    html = client.get("/account/").content.decode()
    assert '<option value="17:30" selected' in html
    assert "What the law demands is mailed in any case" in html


@pytest.mark.parametrize("wrong", [{"mails": "never"}, {"digest_at": "25:00"}, {"digest_at": "08:31"}, {"mails": ""}])
def test_what_is_none_of_the_choices_is_refused_and_changes_nothing(cast, wrong):
    client = cast.client("ngo_caseworker")
    assert client.post("/account/", PREFERENCES | {"language": "nl"} | wrong).status_code == 422
    cast.ngo_caseworker.user.refresh_from_db()
    user = cast.ngo_caseworker.user
    assert (user.language, user.mails, user.digest_at) == ("en", "at_once", time(8, 30))
