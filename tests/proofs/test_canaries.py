"""Canaries: a unique value for each category and owner turns up nowhere but where it was granted."""

import json
import logging
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from django.core import mail as sent_mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts import mail
from accounts.models import OutboxMail
from cases import policies, reminders
from cases.models import ROWS, TickSource
from core import clock
from core.db import role
from nrm import backup
from nrm.celery import app
from tests.cluster import Cluster
from tests.matrix.addresses import Addresses
from tests.matrix.table import EVERYBODY, KNOWN, ROUTES
from tests.proofs import IS_FULL
from tests.proofs.canaries import Canary, in_redis, plant, shares
from tests.proofs.figures import Figure
from tests.security.test_seeded_faults import everything_of_who_shares_something
from tests.world import World, clone_world

PROOF: Final = "canaries over every surface"
# In the short form: who was shared with, a colleague who is not assigned, and who may know no case at all.
SHORT: Final = ("shelter_worker", "colleague_unassigned", "coordinator")
TASKS: Final = ("cases.tasks.tick", "cases.tasks.deliver_mail", "cases.tasks.reconcile", "referrals.tasks.nightly")
PEOPLE: Final = tuple(sorted(EVERYBODY)) if IS_FULL else SHORT
# The card of a waiting referral has the reference of its case, for who answers it.
ASKED: Final = {"fresh": ("shelter_intake", "shelter_supervisor")}
SEARCHES: Final = ("/my-work/?q={}", "/cases/search/?q={}", "/referrals/?tab=all&q={}", "/api/v1/my-work/?q={}")


class Birds:
    """The world with its canaries, and where each may be found."""

    def __init__(self, world: World, admin: Any, database: str) -> None:
        self.world, self.database = world, database
        self.canaries = plant(world)
        self.shares = shares(world, admin)
        self.addresses = Addresses(world)

    def in_text(self, text: str) -> list[Canary]:
        return [canary for canary in self.canaries if canary.value in text]

    def escaped(self, persona: str, text: str) -> list[str]:
        """Values in a text that this persona must not come across."""
        return [one.value for one in self.in_text(text) if not one.may_reach(persona, self.shares)]

    def paths(self) -> Iterator[str]:
        """Every address of the table, in both cases with canaries, each category where it names one."""
        for name, route in ROUTES.items():
            if route.is_framework:
                continue
            wanted = self.addresses.converters[name]
            if not {"reference", "category"} & wanted:
                yield self.addresses.of(name)
                continue
            own = self.addresses.of(name)
            yield own
            for subject in ("guarded", "grounds"):
                if wanted <= {"reference", "category"}:
                    for category in ROWS if "category" in wanted else ("",):
                        values = {"reference": self.world.cases[subject].shown_reference, "category": category}
                        yield reverse_or_none(name, {key: values[key] for key in wanted}) or own


def reverse_or_none(name: str, values: dict[str, str]) -> str | None:
    try:
        return reverse(name, kwargs=values)
    except Exception:  # noqa: BLE001 - a category that this address does not take
        return None


@pytest.fixture(scope="module")
def birds(world: World, cluster: Cluster, django_db_blocker: Any) -> Iterator[Birds]:
    with clone_world(world, cluster, django_db_blocker, "canaries") as database, cluster.admin(database) as admin:
        yield Birds(world, admin, database)


@pytest.mark.proof(PROOF)
@pytest.mark.parametrize("persona", PEOPLE)
def test_no_page_and_no_answer_shows_what_was_not_granted(
    birds: Birds, persona: str, figure: Figure, caplog: Any
) -> None:
    client, escaped, found, pages = birds.world.cast.client(persona), [], set(), 0
    with caplog.at_level(logging.DEBUG):
        for path in dict.fromkeys(birds.paths()):
            cache.clear()
            text = body(client.get(path))
            pages += 1
            escaped += [f"{path}: {value}" for value in birds.escaped(persona, text)]
            found |= {canary.value for canary in birds.in_text(text)}
        for canary in birds.canaries[:: 1 if IS_FULL else 20]:
            for search in SEARCHES:
                text = body(client.get(search.format(canary.value)))
                pages += 1
                # What was typed is given back to who typed it; a case it leads to is not.
                escaped += references(birds, persona, text)
    logged = [canary.value for canary in birds.canaries if canary.value in caplog.text]
    granted = {one.value for one in birds.canaries if one.may_reach(persona, birds.shares)}
    figure(pages=pages, not_granted=len(escaped) + len(logged), seen_where_granted=len(found & granted))
    assert escaped == []
    assert logged == []
    # The pages do show rows: what may be read was read.
    assert len(found & granted) >= len(granted) * 0.9, sorted(granted - found)


def body(response: Any) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return content.decode(errors="backslashreplace")


def references(birds: Birds, persona: str, text: str) -> list[str]:
    """References of cases that the persona may not know, and that no referral has told."""
    told = {name: {*KNOWN.get(name, EVERYBODY), *ASKED.get(name, ())} for name in birds.world.cases}
    cases = birds.world.cases.items()
    return [name for name, case in cases if case.shown_reference in text and persona not in told[name]]


def test_a_value_is_found_when_both_lines_are_down(birds: Birds, cluster: Cluster, monkeypatch: Any) -> None:
    """What the proof is worth: with the filter of the application and the policy opened, it speaks."""
    page = f"/cases/{birds.world.cases['guarded'].shown_reference}/narrative/"
    client = birds.world.cast.client("shelter_worker")
    assert birds.escaped("shelter_worker", body(client.get(page))) == []
    monkeypatch.setattr(policies, "categories", everything_of_who_shares_something)
    with cluster.admin(birds.database) as admin:
        admin.execute("CREATE POLICY open ON cases_narrative FOR SELECT TO nrm_app USING (true)")
        escaped = birds.escaped("shelter_worker", body(client.get(page)))
        admin.execute("DROP POLICY open ON cases_narrative")
    assert escaped == ["zzngoguardednarrative"]


@pytest.mark.proof(PROOF)
def test_mail_and_queue_carry_none(birds: Birds, figure: Figure, redis_url: str) -> None:
    with clock.travel(clock.moment() + timedelta(days=40)):
        reminders.begin(TickSource.BEAT)
        reminders.tick()
        with role("nrm_worker"):
            outbox = list(OutboxMail.objects.values())
        mail.deliver_due()
    letters = [f"{one.subject} {one.body} {one.to} {one.extra_headers}" for one in sent_mail.outbox]
    assert outbox
    assert letters
    with app.connection_for_write(redis_url) as broker:
        for task in TASKS:
            app.send_task(task, connection=broker)
    queued = list(in_redis(redis_url))
    assert any("cases.tasks.tick" in text for text in queued)
    places = [*map(str, outbox), *letters, *queued]
    escaped = [canary.value for text in places for canary in birds.in_text(text)]
    # Nor the reference of any case (sharing.md rule 13).
    shown = [name for name, case in birds.world.cases.items() if any(case.shown_reference in text for text in places)]
    figure(letters=len(letters), not_granted=len(escaped) + len(shown))
    assert escaped == shown == []


@pytest.mark.proof(PROOF)
def test_a_dump_of_the_database_shows_none(birds: Birds, cluster: Cluster, tmp_path: Path, figure: Figure) -> None:
    """Also what was posted: by the API with a key that keeps the answer, by a form, with a mistake in it."""
    written = post(birds, birds.world.cast.client("ngo_caseworker"))
    target = tmp_path / "plain.sql"
    cluster.point(birds.database, "backup")
    backup.dump(target, "--format=plain")
    cluster.point(birds.database)
    text = target.read_text()
    assert text.count("COPY public.") > 40
    assert str(birds.world.cases["guarded"].pk) in text
    values = [*written, *(canary.value for canary in birds.canaries)]
    escaped = [value for value in values if value in text]
    figure(values_in_the_dump=len(escaped))
    assert escaped == []


def post(birds: Birds, client: Client) -> Sequence[str]:
    reference = birds.world.cases["guarded"].shown_reference
    made = client.post(
        f"/api/v1/cases/{reference}/rows/narrative/",
        json.dumps({"text": "zzpostedbyapi"}),
        content_type="application/json",
        headers={"Idempotency-Key": "00000000-0000-4000-8000-000000000001"},
    )
    assert made.status_code == 201
    form = client.get(f"/cases/{reference}/narrative/add/").context["form"]
    client.post(f"/cases/{reference}/narrative/add/", {**form.initial, "text": "zzpostedbyform"})
    client.post(f"/cases/{reference}/services/add/", {"remarks": "zzpostedwithamistake"})
    client.get("/my-work/?q=zzsearchedfor")
    return "zzpostedbyapi", "zzpostedbyform", "zzpostedwithamistake", "zzsearchedfor"
