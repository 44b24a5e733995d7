"""An alert by notice: that something out of the ordinary was done, for those who answer for it, without content."""

from uuid import uuid4

import pytest
from django.core import mail as letters

from accounts import kinds, mail
from accounts.context import acting
from accounts.models import Notice
from cases import notices
from cases.models import Case
from core import clock
from tests.cases.test_access import bare_case
from tests.cast import Cast, Persona

ANSWERING = ("supervisor", "data_protection_officer")
WORDS = "A case was opened in an emergency, without a referral."


@pytest.fixture
def case(cast: Cast) -> Case:
    return bare_case(cast)


def alert(cast: Cast, case: Case | None, key=None, **options) -> list[Notice]:
    with acting(cast.police_supervisor.actor):
        return notices.alert(
            "break_glass",
            case,
            organisations=[cast.organisations.ngo, cast.organisations.police],
            roles=ANSWERING,
            key=key or uuid4(),
            **options,
        )


def page(cast: Cast, persona: Persona) -> str:
    return str(cast.client(persona).get("/inbox/").content.decode())


def test_members_with_the_role_in_the_organisations_are_told_and_nobody_else(cast, case):
    told = {notice.membership_id for notice in alert(cast, case)}
    wanted = (cast.ngo_supervisor, cast.data_protection_officer, cast.police_supervisor)
    assert told == {persona.membership_id for persona in wanted}


def test_nobody_is_told_twice_of_one_act(cast, case):
    key = uuid4()
    assert len(alert(cast, case, key)) == 3
    assert alert(cast, case, key) == []
    assert len(alert(cast, case)) == 3


def test_a_data_protection_officer_learns_that_it_happened_and_not_where(cast, case):
    alert(cast, case)
    html = page(cast, cast.data_protection_officer)
    assert f"{WORDS} Ask a supervisor of your organisation which case it is." in html
    assert case.shown_reference not in html
    assert "/cases/" not in html.split("<main", 1)[1]


def test_a_supervisor_of_the_case_is_led_to_it(cast, case):
    alert(cast, case)
    html = page(cast, cast.ngo_supervisor)
    assert f'href="/cases/{case.shown_reference}/">{WORDS}</a>' in html


def test_who_does_not_know_the_case_can_be_led_to_a_page_of_the_act(cast, case):
    alert(cast, case, path="/reviews/")
    html = page(cast, cast.police_supervisor)
    assert f'href="/reviews/">{WORDS}</a>' in html
    assert case.shown_reference not in html


def test_an_alert_may_concern_no_case(cast, db):
    alert(cast, None)
    assert WORDS in page(cast, cast.ngo_supervisor)


def test_the_mail_says_only_that_something_waits(cast, case):
    with clock.travel(clock.moment()):
        alert(cast, case)
        mail.deliver_due()
    assert len(letters.outbox) == 3
    for letter in letters.outbox:
        assert letter.subject == "Your tasks"
        assert letter.body.startswith("Overdue: 0. Due today: 0. New: 1.")
        assert "case" not in letter.body


def test_a_kind_without_words_is_refused(cast, case):
    with acting(cast.ngo_supervisor.actor), pytest.raises(KeyError):
        notices.alert("unknown", case, organisations=[cast.organisations.ngo], roles=ANSWERING, key=uuid4())


def test_every_kind_that_is_treated_apart_has_words():
    assert set(notices.ALERTS) >= kinds.OBLIGED | kinds.TASKS | kinds.ABOUT_A_CASE
