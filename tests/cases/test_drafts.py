"""Drafts: whose they are, how long they live, and that two people, two tabs or an ended session lose nothing."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from accounts.actors import Actor
from accounts.context import acting
from accounts.models import Notice
from audit.models import AuditChange
from cases.models import Draft
from cases.operations import drafts
from core import clock
from core.errors import Missing
from tests.cases.registering import begin, complete, fill, hidden, stored

db = pytest.mark.django_db
START = datetime(2026, 3, 2, 10, tzinfo=UTC)


# -- whose ------------------------------------------------------------------------------------------------------------


@db
@pytest.mark.parametrize("name", ["ngo_caseworker", "ngo_intake", "ngo_supervisor"])
def test_the_author_intake_and_supervisors_open_a_draft(cast, name):
    pk = begin(cast.client("ngo_caseworker"))
    client = cast.client(name)
    assert client.get(f"/register/{pk}/").status_code == 200
    assert f"/register/{pk}/" in client.get("/drafts/").content.decode()


@db
@pytest.mark.parametrize("name", ["colleague_unassigned", "other_ngo_supervisor", "police_officer"])
@pytest.mark.parametrize("path", ["", "check/", "identity/", "exploitation/", "notification/"])
def test_nobody_else_finds_it(cast, name, path):
    pk = begin(cast.client("ngo_caseworker"))
    client = cast.client(name)
    assert client.get(f"/register/{pk}/{path}").status_code == 404
    assert client.post(f"/register/{pk}/identity/", {"given_names": "X"}).status_code == 404
    assert str(pk) not in client.get("/drafts/").content.decode()


@db
def test_row_level_security_alone_hides_it_too(cast):
    pk = begin(cast.client("ngo_caseworker"))
    for name, expected in (
        ("ngo_caseworker", 1),
        ("ngo_supervisor", 1),
        ("colleague_unassigned", 0),
        ("police_officer", 0),
    ):
        with acting(getattr(cast, name)):
            assert Draft.objects.filter(pk=pk).count() == expected, name


@db
def test_what_is_typed_is_sealed(cast):
    client = cast.client("ngo_caseworker")
    pk = begin(client)
    fill(client, pk, "identity", given_names="Zuzanna")
    with acting(cast.ngo_caseworker):
        assert b"Zuzanna" not in bytes(Draft.objects.get(pk=pk).sealed)
        assert stored(pk)["identity"]["typed"]["given_names"] == ["Zuzanna"]


@db
def test_discarding_asks_and_erases(cast):
    client = cast.client("ngo_caseworker")
    pk = begin(client)
    assert client.get(f"/drafts/{pk}/discard/").status_code == 200
    assert client.post(f"/drafts/{pk}/discard/").url == "/drafts/"
    assert client.get(f"/register/{pk}/").status_code == 404
    with acting(cast.ngo_caseworker):
        assert AuditChange.objects.filter(kind="discard_draft", object_id=pk).count() == 1


# -- how long ---------------------------------------------------------------------------------------------------------


@db
@pytest.mark.parametrize(("days", "status"), [(0, 200), (28, 200), (29, 404)])
def test_a_draft_can_be_opened_until_the_28th_day_after_its_last_save(cast, days, status):
    with clock.travel(START):
        pk = begin(cast.client("ngo_caseworker"))
    with clock.travel(START + timedelta(days=days)):
        assert cast.client("ngo_caseworker").get(f"/register/{pk}/").status_code == status


@db
def test_saving_gives_it_another_28_days(cast):
    with clock.travel(START):
        pk = begin(cast.client("ngo_caseworker"))
    with clock.travel(START + timedelta(days=20)):
        fill(cast.client("ngo_caseworker"), pk, "identity", given_names="A")
    with clock.travel(START + timedelta(days=40)):
        assert cast.client("ngo_caseworker").get(f"/register/{pk}/").status_code == 200


@db
@pytest.mark.parametrize(("days", "is_warned"), [(20, False), (21, True)])
def test_the_list_warns_from_the_21st_day(cast, days, is_warned):
    with clock.travel(START):
        begin(cast.client("ngo_caseworker"))
    with clock.travel(START + timedelta(days=days)):
        assert ("Erased soon" in cast.client("ngo_caseworker").get("/drafts/").content.decode()) is is_warned


@pytest.fixture
def as_worker(cast, cluster):
    """Connected as the nightly job is: role ``nrm_worker``, no organisation."""
    before = dict(connection.settings_dict)

    def switch():
        cluster.point(before["NAME"], "worker")

    yield switch
    cluster.point(before["NAME"])


def test_the_nightly_job_warns_once_and_erases_in_time(cast, own_database, as_worker):
    with clock.travel(START):
        pk = begin(cast.client("ngo_caseworker"))
        as_worker()
    with clock.travel(START + timedelta(days=20)):
        assert drafts.warn_of_erasure() == 0
    with clock.travel(START + timedelta(days=21)):
        assert drafts.warn_of_erasure() == 1
        assert drafts.warn_of_erasure() == 0
        notice = Notice.objects.get()
        assert (notice.membership_id, notice.object_path) == (cast.ngo_caseworker.membership_id, "/drafts/")
    with clock.travel(START + timedelta(days=28)):
        assert drafts.erase_expired() == 0
    with clock.travel(START + timedelta(days=29)):
        assert drafts.erase_expired() == 1
        assert not Draft.objects.filter(pk=pk).exists()


@db
def test_a_draft_that_is_gone_is_missing_like_one_that_never_was(cast):
    with clock.travel(START):
        pk = begin(cast.client("ngo_caseworker"))
    with clock.travel(START + timedelta(days=60)), acting(cast.ngo_caseworker):
        with pytest.raises(Missing):
            drafts.get_draft(cast.ngo_caseworker, pk)
        assert drafts.list_drafts(cast.ngo_caseworker) == []


def test_the_system_may_do_nothing_else_with_drafts():
    with pytest.raises(Exception, match="may not"):
        drafts.start_draft(Actor.system())


# -- two at once ------------------------------------------------------------------------------------------------------


@db
def test_the_second_of_two_writers_gets_both_versions(cast):
    mine, theirs = cast.client("ngo_caseworker"), cast.client("ngo_supervisor")
    pk = begin(mine)
    url = f"/register/{pk}/identity/"
    shown_to_both = hidden(mine, url), hidden(theirs, url)
    assert mine.post(url, {**shown_to_both[0], "given_names": "Anna", "sex": "female"}).status_code == 302
    second = theirs.post(url, {**shown_to_both[1], "given_names": "Hanna", "sex": "female"})
    assert second.status_code == 409
    page = second.content.decode()
    assert "Anna" in page
    assert 'value="Hanna"' in page
    assert "data-autosave-url" not in page
    with acting(cast.ngo_caseworker):
        assert stored(pk)["identity"]["typed"]["given_names"] == ["Anna"]
    assert [difference.label for difference in second.context["form"].differences] == ["Given names"]


@db
def test_saving_after_the_comparison_is_a_choice(cast):
    mine, theirs = cast.client("ngo_caseworker"), cast.client("ngo_supervisor")
    pk = begin(mine)
    url = f"/register/{pk}/age/"
    before = hidden(theirs, url)
    fill(mine, pk, "age", age_group="adult", birth_date_year="1999")
    conflict = theirs.post(url, {**before, "age_group": "adult", "birth_date_year": "1998"})
    assert conflict.status_code == 409
    shown = {name: conflict.context["form"].data[name] for name in ("version", "writer")}
    assert theirs.post(url, {**shown, "age_group": "adult", "birth_date_year": "1998"}).status_code == 302


@db
def test_two_people_on_two_pages_do_not_disturb_each_other(cast):
    mine, theirs = cast.client("ngo_caseworker"), cast.client("ngo_supervisor")
    pk = begin(mine)
    before = hidden(theirs, f"/register/{pk}/account/")
    fill(mine, pk, "identity", given_names="Anna")
    assert theirs.post(f"/register/{pk}/account/", {**before, "text": "She said"}).status_code == 302


# -- autosave ---------------------------------------------------------------------------------------------------------


@db
def test_autosave_stores_what_is_not_right_yet_and_is_no_conflict_with_its_own_page(cast):
    client = cast.client("ngo_caseworker")
    pk = begin(client)
    url = f"/register/{pk}/age/"
    shown = hidden(client, url)
    first = client.post(f"{url}autosave", {**shown, "birth_date_day": "31", "birth_date_month": "2"})
    assert (first.status_code, first.content, first.headers["Version"]) == (204, b"", "1")
    assert client.post(f"{url}autosave", {**shown, "age_group": "adult"}).headers["Version"] == "2"
    assert "In progress" in client.get(f"/register/{pk}/").content.decode()
    assert client.post(url, {**shown, "age_group": "adult"}).status_code == 302


@db
def test_autosave_never_overwrites_what_somebody_else_saved(cast):
    mine, theirs = cast.client("ngo_caseworker"), cast.client("ngo_supervisor")
    pk = begin(mine)
    shown = hidden(theirs, f"/register/{pk}/identity/")
    fill(mine, pk, "identity", given_names="Anna")
    answer = theirs.post(f"/register/{pk}/identity/autosave", {**shown, "given_names": "Hanna"})
    assert answer.status_code == 409
    with acting(cast.ngo_caseworker):
        assert stored(pk)["identity"]["typed"]["given_names"] == ["Anna"]


@db
def test_a_draft_keeps_only_what_its_pages_ask(cast):
    client = cast.client("ngo_caseworker")
    pk = begin(client)
    fill(client, pk, "identity", given_names="Anna", smuggled="x", csrfmiddlewaretoken="y")
    with acting(cast.ngo_caseworker):
        assert set(stored(pk)["identity"]["typed"]) == {"given_names"}


@db
def test_a_complete_draft_survives_a_closed_browser(cast):
    pk = complete(cast.client("ngo_caseworker"))
    assert "06 12345678" in cast.client("ngo_caseworker").get(f"/register/{pk}/contact/").content.decode()
