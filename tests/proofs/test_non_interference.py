"""Non-interference: two databases that differ only in what a persona may not see answer every GET of theirs alike."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

import pytest
from django.core.cache import cache

from accounts.context import acting
from accounts.models import User
from cases import access as door
from cases.models import Health, Narrative
from cases.operations.labels import set_label
from cases.operations.members import assign_member
from cases.operations.rows import add_row
from core import clock
from referrals.operations import send_referral
from tests.cases.filing import at_work, consented, filed_case, shared
from tests.cluster import Cluster
from tests.matrix.addresses import Addresses
from tests.matrix.table import EVERYBODY, ROUTES
from tests.proofs import IS_FULL
from tests.proofs.figures import Figure
from tests.referrals.scenes import terms
from tests.world import World, clone_world

# Secrets that every answer makes anew.
SECRET: Final = re.compile(r'((?:name="(?:csrfmiddlewaretoken|submission_key|writer)" value=|"csrf_token":)")[^"]*')
# They list the very requests that this test makes: several rows of one instant, in the order of their new keys.
OF_THESE_REQUESTS: Final = (":looks", ":audit_looks", ":audit_requests", ":report", ":report_pdf")
# For those who watch the whole installation: they count reminders that wait, of whatever case (docs/operations.md).
WATCHING: Final = ("healthz", "cases:operations")
MORE: Final = ("/my-work/?order=activity", "/my-work/?q=canary", "/referrals/?tab=all", "/cases/search/?q=canary")


def hidden_case(world: World) -> None:
    """The police registers one more person, and shares and refers the case to health."""
    cast = world.cast
    case = filed_case(cast, by="police_officer", age_group="adult", label="canary")
    shared(cast, case, cast.organisations.health, "identity", by="police_officer")
    with acting(cast.police_officer.actor) as actor:
        wanted = terms(cast, to=cast.organisations.health, service="medical")
        send_referral(actor, access=door.get_case_by_id(actor, case.pk), terms=wanted)


def hidden_rows(world: World) -> None:
    """In a case that others know too, the NGO writes what it shares with nobody of them."""
    cast, case = world.cast, world.cases["guarded"]
    with at_work(cast, "ngo_caseworker", case) as (actor, access):
        add_row(actor, access=access, model=Narrative, columns={}, content={"text": "canary"})
        add_row(actor, access=access, model=Health, columns={"needs": ["medical"]}, content={"text": "canary"})
        set_label(actor, access=access, label="canary")
    with at_work(cast, "ngo_supervisor", case) as (actor, access):
        assign_member(actor, access=access, member=cast.colleague_unassigned.membership)
    consented(cast, case, purpose="legal_support", categories=["health"])
    shared(cast, case, cast.organisations.health, "health", purpose="refer_health")


# Persons whom it does not concern. Figures of the coordinator count what happens everywhere, without saying where.
ELSEWHERE: Final = sorted(
    name for name in EVERYBODY if not name.startswith(("police", "health", "coordinator", "rapporteur", "auditor"))
)
# From the guardian of the child nothing is hidden that is written about it: by office it reads every category.
KNOW_THE_CASE: Final = (
    "shelter_supervisor",
    "shelter_worker",
    "child_protection_supervisor",
    "other_ngo_supervisor",
    "police_supervisor",
)
SCENES: Final[dict[str, tuple[Callable[[World], None], Any]]] = {
    "a hidden case": (hidden_case, ELSEWHERE if IS_FULL else ("ngo_supervisor",)),
    "hidden rows of a visible case": (hidden_rows, KNOW_THE_CASE if IS_FULL else ("shelter_supervisor",)),
}


def answers(world: World, persona: str, at: datetime) -> dict[str, tuple[int, str]]:
    """Status and text of every GET, at one moment."""
    addresses, found = Addresses(world), {}
    addresses.absent_reference = "BBBB-BBBB-B"
    client = world.cast.client(persona)
    # The list of members says when somebody signed in last, which was now.
    User.objects.update(last_login=at)
    names = [name for name, route in ROUTES.items() if not route.is_framework and name not in WATCHING]
    names = [name for name in names if not name.endswith(OF_THESE_REQUESTS)]
    for path in (*map(addresses.of, names), *MORE):
        cache.clear()
        with clock.travel(at):
            answer = client.get(path)
        text = b"".join(answer) if answer.streaming else answer.content
        found[path] = (answer.status_code, SECRET.sub(r"\1", text.decode(errors="backslashreplace")))
    return found


@pytest.fixture
def at() -> datetime:
    return clock.moment() + timedelta(hours=3)


@pytest.fixture
def in_a_clone(world: World, cluster: Cluster, django_db_blocker: Any) -> Callable[..., Any]:
    def ask(name: str, change: Callable[[World], None] | None, people: Any, at: datetime) -> dict[str, Any]:
        with clone_world(world, cluster, django_db_blocker, name):
            if change:
                with clock.travel(at - timedelta(hours=2)):
                    change(world)
            return {persona: answers(world, persona, at) for persona in people}

    return ask


@pytest.mark.proof("non-interference")
@pytest.mark.parametrize("scene", SCENES if IS_FULL else ["hidden rows of a visible case"])
def test_what_is_hidden_changes_no_byte(in_a_clone: Any, at: datetime, scene: str, figure: Figure) -> None:
    change, people = SCENES[scene]
    without, with_it = in_a_clone("without", None, people, at), in_a_clone("with", change, people, at)
    pairs = [(persona, path) for persona in people for path in without[persona]]
    differing = [pair for pair in pairs if without[pair[0]][pair[1]] != with_it[pair[0]][pair[1]]]
    figure(answers_compared=len(pairs), different=len(differing))
    assert len(pairs) > 100 * len(people)
    assert differing == []


def test_a_difference_is_found_where_somebody_may_see_it(in_a_clone: Any, at: datetime) -> None:
    """What the proof is worth: the same acts do change the pages of those whom they concern."""
    people = ("ngo_supervisor",)
    without, with_it = in_a_clone("without", None, people, at), in_a_clone("with", hidden_rows, people, at)
    differing = [path for path, answer in without[people[0]].items() if with_it[people[0]][path] != answer]
    assert any(path.endswith("/") and "/cases/" in path for path in differing)
    assert len(differing) >= 3
