"""Who is told of a share: that it was made, that something was added, that it ended, and which case that was."""

from datetime import timedelta

import pytest

from accounts.context import acting
from accounts.models import Notice
from cases import inbox, reminders
from cases.models import Case, Narrative, Share
from cases.operations.closing import close_case
from cases.operations.consent import withdraw_consent
from cases.operations.elapsed import end_elapsed_shares, open_begun_shares
from cases.operations.rows import add_row
from cases.operations.sharing import end_share
from core import clock
from tests.cases.filing import at_work, consented, filed_case, shared, today
from tests.cast import Cast
from tests.world import kept_away

DAY = timedelta(days=1)
RECEIVED = "Something was shared with your organisation: see what it is"
ENDED = "What another organisation shared with yours has ended: see what, and when and why"


@pytest.fixture
def case(cast: Cast) -> Case:
    return filed_case(cast)


def told(cast: Cast, who: str) -> list[tuple[str, str]]:
    """What the inbox of a person says, and where it leads."""
    actor = getattr(cast, who).actor
    with acting(actor):
        return [(entry.task, entry.path) for entry in inbox.inbox(actor).entries]


def to_shelter(cast: Cast, case: Case, *categories: str, **changed: object) -> Share:
    return shared(cast, case, cast.organisations.shelter, *(categories or ("identity", "contact")), **changed)


def ended(cast: Cast, case: Case, share: Share) -> None:
    with at_work(cast, "ngo_caseworker", case) as (actor, access):
        end_share(actor, access=access, share=share)


def test_the_receiver_is_led_to_the_case(cast: Cast, case: Case) -> None:
    to_shelter(cast, case)
    assert told(cast, "shelter_supervisor") == [(RECEIVED, f"/cases/{case.shown_reference}/")]
    assert told(cast, "ngo_supervisor") == []


def test_a_share_that_begins_later_is_told_when_it_begins(cast: Cast, case: Case) -> None:
    to_shelter(cast, case, starts_on=today() + 2 * DAY)
    assert told(cast, "shelter_supervisor") == []
    with clock.travel(clock.moment() + 3 * DAY):
        with reminders.as_worker():
            open_begun_shares()
        assert told(cast, "shelter_supervisor") == [(RECEIVED, f"/cases/{case.shown_reference}/")]


def test_whoever_reads_the_category_learns_that_a_row_was_added_once_until_read(cast: Cast, case: Case) -> None:
    to_shelter(cast, case, "identity", "services")
    shared(cast, case, cast.organisations.other_ngo, "narrative", purpose="refer_legal")
    Notice.objects.update(read_at=clock.moment(), done_at=clock.moment())
    for text in ("It was cold.", "He took the passport."):
        with at_work(cast, "ngo_caseworker", case) as (actor, access):
            add_row(actor, access=access, model=Narrative, columns={}, content={"text": text})
    assert told(cast, "shelter_supervisor") == []
    words = "An organisation has added to a case, and shares it with yours"
    assert told(cast, "other_ngo_supervisor") == [(words, f"/cases/{case.shown_reference}/")]


def test_the_receiver_of_an_ended_share_is_led_to_what_it_was(cast: Cast, case: Case) -> None:
    share = to_shelter(cast, case)
    ended(cast, case, share)
    (end,) = told(cast, "shelter_supervisor")
    assert end == (ENDED, f"/shares/received/{share.pk}/")
    html = cast.client("shelter_supervisor").get(end[1]).content.decode()
    for shown in (case.shown_reference, "NGO", "Whoever shared it has ended it", "erase it"):
        assert shown in html
    assert f'href="/cases/{case.shown_reference}/"' not in html


def test_one_that_goes_on_says_until_when_and_leads_to_the_case(cast: Cast, case: Case) -> None:
    share = to_shelter(cast, case)
    html = cast.client("shelter_supervisor").get(f"/shares/received/{share.pk}/").content.decode()
    assert "Until and including" in html
    assert f'href="/cases/{case.shown_reference}/"' in html
    assert "erase it" not in html


@pytest.mark.parametrize("who", ["ngo_supervisor", "other_ngo_supervisor", "coordinator", "guardian_supervisor"])
def test_nobody_else_is_shown_what_was_received(cast: Cast, case: Case, who: str) -> None:
    share = to_shelter(cast, case)
    ended(cast, case, share)
    assert cast.client(who).get(f"/shares/received/{share.pk}/").status_code in (403, 404)


def test_whoever_is_kept_away_does_not_see_it(cast: Cast, case: Case) -> None:
    share = to_shelter(cast, case)
    kept_away(cast, case, "shelter_intake", by="shelter_supervisor")
    assert cast.client("shelter_intake").get(f"/shares/received/{share.pk}/").status_code == 404


def test_what_ends_on_its_last_day_is_told(cast: Cast, case: Case) -> None:
    share = to_shelter(cast, case)
    with clock.travel(clock.moment() + 40 * DAY):
        with reminders.as_worker():
            assert end_elapsed_shares() == 1
        assert told(cast, "shelter_supervisor")[-1] == (ENDED, f"/shares/received/{share.pk}/")
        html = cast.client("shelter_supervisor").get(f"/shares/received/{share.pk}/").content.decode()
    assert "Its last day is over" in html


def test_what_ends_with_the_case_is_told(cast: Cast, case: Case) -> None:
    share = to_shelter(cast, case)
    with at_work(cast, "ngo_supervisor", case) as (actor, access):
        close_case(actor, access=access, outcome="returned_voluntary")
    assert (ENDED, f"/shares/received/{share.pk}/") in told(cast, "shelter_supervisor")


def test_a_consent_that_was_withdrawn_leads_to_what_rested_on_it(cast: Cast, case: Case) -> None:
    consent = consented(cast, case)
    share = to_shelter(cast, case, legal_basis="consent", consent=consent)
    with at_work(cast, "ngo_caseworker", case) as (actor, access):
        withdraw_consent(actor, access=access, consent=consent, withdrawn_via="written")
    words = "A consent was withdrawn or replaced, and what your organisation could see has ended: see what"
    assert (words, f"/shares/received/{share.pk}/") in told(cast, "shelter_supervisor")


def test_no_line_of_the_inbox_asks_to_erase_what_it_does_not_name() -> None:
    for words in (one for pair in inbox.ALERTS.values() for one in pair):
        assert "erase" not in str(words)
