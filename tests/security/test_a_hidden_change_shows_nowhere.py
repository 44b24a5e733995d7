"""Rule 17: no time, order, count, version or page tells a party what another organisation did beyond its share."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from accounts.context import acting
from cases.models import Case, CaseVisibility, Narrative
from cases.operations.labels import set_label
from cases.operations.members import assign_member
from cases.operations.rows import add_row
from core import clock
from referrals.operations import decline_referral
from tests.cases.filing import at_work, consented, filed_case, shared
from tests.cast import Cast
from tests.referrals.scenes import do, sent
from tests.security.test_every_request_is_audited import TOKEN, of_a_case

WITHOUT_CASE = (
    "/my-work/",
    "/my-work/?order=activity",
    "/referrals/?tab=all",
    "/inbox/",
    "/drafts/",
    "/api/v1/my-work/",
)


def pages(cast: Cast, persona: str, case: Case) -> dict[str, tuple[int, str]]:
    """Every page and every answer of the API that a person can open about a case, and the lists."""
    client, found = cast.client(persona), {}
    of_case = [reverse(name, kwargs={"reference": case.shown_reference, **extra}) for name, extra in of_a_case()]
    for path in (*of_case, *WITHOUT_CASE):
        answer = client.get(path)
        found[path] = (answer.status_code, TOKEN.sub("", answer.content.decode()))
    return found


def rows_of(cast: Cast, persona: str) -> list[tuple[Any, ...]]:
    with acting(getattr(cast, persona).actor):
        return list(
            CaseVisibility.objects.order_by("pk").values_list("pk", "ends_at", "next_due_at", "last_activity_at")
        )


def act_in_secret(cast: Cast, case: Case) -> None:
    """What the NGO does with its own file, and with other organisations."""
    with at_work(cast, "ngo_caseworker", case) as (actor, access):
        add_row(actor, access=access, model=Narrative, columns={}, content={"text": "canary"})
        set_label(actor, access=access, label="canary")
    with at_work(cast, "ngo_supervisor", case) as (actor, access):
        assign_member(actor, access=access, member=cast.colleague_unassigned.membership)
    consented(cast, case)
    shared(cast, case, cast.organisations.health, "identity", "health")
    waiting = sent(cast, case, "ngo_caseworker")
    do(cast, "shelter_intake", decline_referral, waiting, reason="no_capacity")


@pytest.mark.parametrize("persona", ["police_supervisor", "other_ngo_supervisor"])
def test_what_is_not_shared_changes_no_byte(cast: Cast, persona: str) -> None:
    start = clock.moment().replace(hour=10, minute=0)
    with clock.travel(start):
        case = filed_case(cast)
        shared(cast, case, cast.organisations.police, "identity")
    with clock.travel(start + timedelta(hours=2)):
        before, known = pages(cast, persona, case), rows_of(cast, persona)
    with clock.travel(start + timedelta(hours=1)):
        act_in_secret(cast, case)
    with clock.travel(start + timedelta(hours=2)):
        after = pages(cast, persona, case)
    assert rows_of(cast, persona) == known
    assert before.keys() == after.keys()
    assert [path for path in before if before[path] != after[path]] == []
