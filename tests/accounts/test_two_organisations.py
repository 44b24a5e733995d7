"""Whoever works for two organisations: one mail counts both, its link leads to the right inbox, the head shows it."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.conf import settings
from django.core import mail as letters

from accounts import digest, mail
from accounts.models import Membership, Notice
from core import clock

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def one_moment():
    """The clock stands still: what is posted now is due now."""
    with clock.travel(clock.moment()):
        yield


@pytest.fixture
def second(cast):
    """The shelter worker also works for the NGO, as intake; for the shelter first."""
    return Membership.objects.create(
        user=cast.shelter_worker.user, organisation=cast.organisations.ngo, roles=["intake"]
    )


def tell(membership, *, due_in):
    now = clock.moment()
    made = Notice.objects.create(
        membership=membership, key=str(uuid4()), kind="EU-NEEDS", case_id=uuid4(), due_at=now + due_in, created_at=now
    )
    digest.tell_all([made])


def mailed():
    letters.outbox.clear()
    assert mail.deliver_due()["sent"] == 1
    (letter,) = letters.outbox
    words, link = letter.body.strip().split("\n\n")
    return words, link.removeprefix(settings.BASE_URL)


def test_the_mail_counts_both_and_leads_to_where_the_most_urgent_waits(cast, second):
    tell(cast.shelter_worker.membership, due_in=9 * HOUR)
    tell(second, due_in=-HOUR)
    words, link = mailed()
    assert words.startswith("Overdue: 1.")
    assert link == f"/inbox/of/{second.pk}/"


def test_the_link_says_where_and_one_press_leads_there(cast, second):
    tell(second, due_in=HOUR)
    _words, link = mailed()
    client = cast.client("shelter_worker")
    html = client.get(link).content.decode()
    assert "waits at NGO. You now work for Shelter." in html
    assert client.get("/account/").wsgi_request.actor.organisation_kind == "shelter"  # looking changes nothing
    assert client.post("/active-organisation/", {"membership": second.pk.hex, "next": "/inbox/"}).url == "/inbox/"
    assert client.get(link).url == "/inbox/"


def test_the_link_of_another_person_is_not_found(cast, second):
    tell(second, due_in=HOUR)
    assert cast.client("ngo_caseworker").get(f"/inbox/of/{second.pk}/").status_code == 404


def test_who_works_for_one_organisation_is_led_to_the_inbox(cast):
    tell(cast.ngo_caseworker.membership, due_in=HOUR)
    assert mailed()[1] == "/inbox/"


def test_the_inbox_says_what_waits_elsewhere_and_nothing_of_it(cast, second):
    tell(second, due_in=HOUR)
    html = cast.client("shelter_worker").get("/inbox/").content.decode()
    main = html.split("<main", 1)[1]
    assert "NGO: <strong>1</strong>" in main
    assert "Individual assessment" not in main
    assert 'name="next" value="/inbox/"' in main


def test_the_switcher_shows_numbers_in_the_head_and_on_its_page(cast, second):
    for hours in (1, 2):
        tell(second, due_in=hours * HOUR)
    client = cast.client("shelter_worker")
    head = client.get("/account/").content.decode().split("</header>", 1)[0]
    assert '<span class="bubble">2</span>' in head
    assert "2 things wait in the inbox" in client.get("/active-organisation/").content.decode()


def test_nothing_is_said_of_a_membership_that_is_over(cast, second):
    tell(second, due_in=HOUR)
    Membership.objects.filter(pk=second.pk).update(ended_at=clock.moment())
    html = cast.client("shelter_worker").get("/inbox/").content.decode()
    assert "For the others there waits" not in html
    assert cast.client("shelter_worker").get(f"/inbox/of/{second.pk}/").status_code == 404
