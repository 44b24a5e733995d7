"""A correction of a row that others read tells them, and shows as changed since they last looked (GDPR 16, 19)."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Notice
from cases.models import Case, Contact
from cases.operations.rows import correct_row
from core import clock
from tests.api.calls import Caller
from tests.cases.ages import on, says
from tests.cases.filing import at_work, filed_case, shared
from tests.cast import Cast
from tests.world import opened_in_an_emergency

CORRECTED = "Corrected since you last looked"


@pytest.fixture
def case(cast: Cast) -> Iterator[Case]:
    """Identity is shared with the shelter, whose caseworker works on the case."""
    with on("2026-06-01"):
        made = filed_case(cast)
        shared(cast, made, cast.organisations.shelter, "identity")
        yield made


def page(cast: Cast, case: Case, who: str = "shelter_supervisor", path: str = "identity/") -> str:
    return cast.client(who).get(f"/cases/{case.shown_reference}/{path}").content.decode()


def corrects(cast: Cast, case: Case, born: str = "1999-04-03", minutes: int = 10) -> None:
    with clock.travel(clock.moment() + timedelta(minutes=minutes)):
        says(cast, case, "ngo_caseworker", born, group="adult")


def told(cast: Cast) -> list[str]:
    found = Notice.objects.filter(kind="row_corrected").select_related("membership__user")
    return sorted(one.membership.user.email.split("@")[0] for one in found)


def test_whoever_reads_the_row_is_told_without_content(cast: Cast, case: Case) -> None:
    corrects(cast, case)
    assert told(cast) == ["shelter_intake", "shelter_supervisor"]
    notice = Notice.objects.filter(kind="row_corrected").first()
    assert (notice.case_id, notice.object_path, notice.number) == (case.pk, "", None)
    html = cast.client("shelter_supervisor").get("/inbox/").content.decode()
    assert "Something that another organisation lets you read was corrected" in html


def test_nobody_is_told_twice_before_they_have_read_it(cast: Cast, case: Case) -> None:
    corrects(cast, case)
    corrects(cast, case, "1999-04-04", minutes=20)
    assert told(cast) == ["shelter_intake", "shelter_supervisor"]
    Notice.objects.filter(kind="row_corrected").update(read_at=clock.moment())
    corrects(cast, case, "1999-04-05", minutes=30)
    assert told(cast) == ["shelter_intake", "shelter_intake", "shelter_supervisor", "shelter_supervisor"]


def test_who_does_not_read_the_category_is_not_told(cast: Cast, case: Case) -> None:
    shared(cast, case, cast.organisations.health, "health", purpose="refer_health")
    corrects(cast, case)
    assert told(cast) == ["shelter_intake", "shelter_supervisor"]


def test_who_opened_it_in_an_emergency_is_not_told(cast: Cast, case: Case) -> None:
    opened_in_an_emergency(cast, case, "police_supervisor")
    corrects(cast, case)
    assert "police_supervisor" not in told(cast)


def test_saving_the_same_again_tells_nobody(cast: Cast, case: Case) -> None:
    corrects(cast, case)
    Notice.objects.all().update(read_at=clock.moment())
    corrects(cast, case, minutes=20)
    assert told(cast) == ["shelter_intake", "shelter_supervisor"]


def test_confirming_on_another_day_tells_nobody(cast: Cast, case: Case) -> None:
    shared(cast, case, cast.organisations.shelter, "contact", purpose="refer_other_service")
    with clock.travel(clock.moment() + timedelta(days=1)), at_work(cast, "ngo_caseworker", case) as (actor, access):
        row = Contact.objects.select_related("case__key").get(case=case)
        columns = {"has_safe_channel": True, "interpreter": "yes", "confirmed_on": clock.moment().date()}
        values: dict[str, Any] = {"columns": columns, "content": row.open(), "version": 1}
        correct_row(actor, access=access, row=row, values_of=lambda _row: {}, **values)
    assert told(cast) == []


def test_it_shows_as_corrected_until_the_reader_looks_again(cast: Cast, case: Case) -> None:
    assert CORRECTED not in page(cast, case)
    corrects(cast, case)
    with clock.travel(clock.moment() + timedelta(hours=1)):
        assert CORRECTED in page(cast, case, path="")
        assert CORRECTED in page(cast, case)
    with clock.travel(clock.moment() + timedelta(hours=2)):
        assert CORRECTED not in page(cast, case)
        assert CORRECTED not in page(cast, case, path="")


def test_each_reader_has_looked_or_not(cast: Cast, case: Case) -> None:
    page(cast, case)
    corrects(cast, case)
    with clock.travel(clock.moment() + timedelta(hours=1)):
        assert CORRECTED not in page(cast, case, "shelter_intake")
        assert CORRECTED in page(cast, case)


def test_ones_own_correction_is_no_news(cast: Cast, case: Case) -> None:
    page(cast, case, "ngo_supervisor")
    corrects(cast, case)
    with clock.travel(clock.moment() + timedelta(hours=1)):
        assert CORRECTED not in page(cast, case, "ngo_supervisor")


def test_a_refused_page_is_no_look(cast: Cast, case: Case) -> None:
    page(cast, case)
    corrects(cast, case)
    with clock.travel(clock.moment() + timedelta(hours=1)):
        assert cast.client("shelter_supervisor").post(f"/cases/{case.shown_reference}/identity/add/", {}).status_code
        assert CORRECTED in page(cast, case)


def test_the_api_says_it_too(cast: Cast, case: Case) -> None:
    caller, path = Caller(cast, "shelter_supervisor"), f"cases/{case.shown_reference}/rows/identity/"
    assert caller.get(path).json()[0]["is_corrected"] is False
    corrects(cast, case)
    with clock.travel(clock.moment() + timedelta(hours=1)):
        assert caller.get(path).json()[0]["is_corrected"] is True
    with clock.travel(clock.moment() + timedelta(hours=2)):
        assert caller.get(path).json()[0]["is_corrected"] is False
