"""Pool isolation: 200 interleaved requests on a pool of two, denials among them, leave nothing to who comes next."""

from http import HTTPStatus
from typing import Any, Final

import pytest
from django.db import connection

from core import db
from tests.browser import Site
from tests.cases.filing import filed_case
from tests.cast import Cast
from tests.proofs.figures import Figure
from tests.proofs.pooled import Visitors, pool_of_two
from tests.referrals.scenes import police_case

THREADS: Final = 8
EACH: Final = 25
NGO: Final = ("ngo_supervisor", "ngo_caseworker")
POLICE: Final = ("police_supervisor", "police_officer")
OUTSIDE: Final = ("other_ngo_supervisor", "colleague_unassigned", "coordinator", "suspended_member")


@pytest.fixture
def visitors(cast: Cast, site: Site) -> Any:
    ours, theirs = filed_case(cast).shown_reference, police_case(cast).shown_reference
    paths = ("/my-work/", f"/cases/{ours}/", f"/cases/{theirs}/", f"/api/v1/cases/{ours}/", "/inbox/")
    found = Visitors(cast, int(site.url.rsplit(":", 1)[1]), (*NGO, *POLICE, *OUTSIDE), paths)
    found.seen_by = {ours: NGO, theirs: POLICE}  # type: ignore[attr-defined]
    return found


def strangers(visitors: Any) -> list[tuple[str, str]]:
    """Who was shown a reference of another organisation, by an answer that is no refusal."""
    return [
        (one.persona, one.path)
        for one in visitors.asked
        for shown, known in visitors.seen_by.items()
        if one.persona not in known and one.status == HTTPStatus.OK and shown in one.text
    ]


@pytest.mark.proof("pool isolation")
def test_a_connection_carries_nothing_from_one_request_to_the_next(visitors: Any, figure: Figure) -> None:
    with pool_of_two():
        visitors.ask(THREADS, EACH)
    denials = [one for one in visitors.asked if one.status in (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)]
    left = [row for row in visitors.left_over if row[0] or row[2] or row[3]]
    figure(requests=len(visitors.asked), denials=len(denials), left_over=len(left))
    figure(shown_to_strangers=len(strangers(visitors)))
    assert len(visitors.asked) == THREADS * EACH
    assert len(denials) > THREADS * EACH / 4
    assert [one for one in visitors.asked if one.status >= HTTPStatus.INTERNAL_SERVER_ERROR] == []
    assert sum(one.status == HTTPStatus.OK for one in visitors.asked) > THREADS * EACH / 3
    assert left == []
    assert strangers(visitors) == []


@pytest.mark.proof("pool isolation")
def test_it_is_found_when_the_setting_is_made_session_wide(
    visitors: Any, monkeypatch: pytest.MonkeyPatch, figure: Figure
) -> None:
    """The naive middleware: ``set_config(…, false)`` at the start of each request, and nothing at its end."""
    wide = db.SET_CONTEXT.replace("true)", "false)")

    def set_for_the_session(values: Any) -> None:
        if tuple(values) != db.CLEARED:
            with connection.cursor() as cursor:
                cursor.execute(wide, list(values))
        connection.nrm_context = tuple(values)  # type: ignore[attr-defined]

    monkeypatch.setattr(db, "set_context", set_for_the_session)
    with pool_of_two():
        visitors.ask(THREADS, 4)
    left = [row for row in visitors.left_over if row[0] or row[2] or row[3]]
    figure(left_over_when_made_session_wide=len(left))
    assert left
