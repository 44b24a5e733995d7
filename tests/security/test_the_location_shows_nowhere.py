"""One value that only a safe location holds is looked for on every surface (``sharing.md`` rule 6, section 3)."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command

from accounts.context import acting
from cases import access as door
from cases.models import CaseGroupObjectPermission
from cases.operations.location import write_location
from cases.views.shared import FILE
from tests.cases.files import today
from tests.cluster import Cluster, database_name
from tests.matrix.addresses import Addresses
from tests.matrix.table import ROUTES
from tests.world import World, clone_world

CANARY = "Canary-Wharf-93f1c7"
READERS = ("shelter_worker",)
SHOWING = {"cases:show_location", "api:show_location"}
OTHERS = (
    "police_officer",
    "police_supervisor",
    "shelter_supervisor",
    "shelter_intake",
    "custodian_a",
    "authority_decision_maker",
    "ngo_supervisor",
    "data_protection_officer",
    "coordinator",
    "platform_administrator",
)


@pytest.fixture(scope="module")
def asked(world: World, cluster: Cluster, django_db_blocker: Any) -> Iterator[Addresses]:
    """The world, in which the shelter has just written the canary on its page; every message has left."""
    with clone_world(world, cluster, django_db_blocker, "location"):
        yield Addresses(world)


def test_it_stands_in_no_mail_log_or_dump(asked: Addresses, cluster: Cluster, caplog: Any) -> None:
    caplog.set_level(logging.DEBUG)
    case, day = asked.world.cases["grounds"], today()
    url = f"/cases/{case.shown_reference}/location/write/"
    told = {"address": CANARY, "contact": CANARY, "safety": CANARY}
    date = {"starts_on_day": day.day, "starts_on_month": day.month, "starts_on_year": day.year}
    client = asked.world.cast.client("shelter_worker")
    assert client.post(url, {**told, "address": ""}).status_code == 422
    assert client.post(url, {**told, **date}).status_code == 302
    assert CANARY in client.get(f"/cases/{case.shown_reference}/location/show/").content.decode()
    call_command("send_reminders", verbosity=0)
    assert mail.outbox
    for letter in mail.outbox:
        assert CANARY not in f"{letter.subject}{letter.body}"
    assert CANARY not in caplog.text
    assert tables_with(cluster, CANARY) == []
    mail.outbox.clear()


def test_it_stands_on_no_page_and_in_no_answer_for_anybody_else(asked: Addresses) -> None:
    write(asked)
    found = []
    for who in OTHERS:
        client = asked.world.cast.client(who)
        for name, route in ROUTES.items():
            if not route.is_framework and CANARY in client.get(asked.of(name)).content.decode(errors="ignore"):
                found.append(f"{who}: {name}")
    assert found == []


@pytest.mark.parametrize("who", READERS)
def test_who_reads_it_finds_it_on_its_own_page_only(asked: Addresses, who: str) -> None:
    write(asked)
    client, case = asked.world.cast.client(who), asked.world.cases["grounds"]
    found = {
        name
        for name, route in ROUTES.items()
        if not route.is_framework and CANARY in client.get(asked.of(name)).content.decode(errors="ignore")
    }
    assert found == SHOWING
    base = f"/cases/{case.shown_reference}"
    for part in ("", "timeline/", "people/", "shares/", "referrals/", "location/", *(f"{one}/" for one in FILE)):
        assert CANARY not in client.get(f"{base}/{part}").content.decode()


def test_no_share_and_no_grant_can_name_it(asked: Addresses) -> None:
    with acting(asked.world.cast.police_supervisor.actor):
        grants = set(CaseGroupObjectPermission.objects.values_list("category", flat=True))
    assert grants
    assert "location" not in grants


def write(asked: Addresses) -> None:
    actor, case = asked.world.cast.shelter_worker.actor, asked.world.cases["grounds"]
    with acting(actor):
        access = door.get_case(actor, case.reference)
        write_location(actor, access=access, address=CANARY, contact=CANARY, safety=CANARY, starts_on=today())


def tables_with(cluster: Cluster, value: str) -> list[str]:
    """Every table of the database, as a dump would write it, in which the value stands: as text or as bytes."""
    with cluster.admin(f"{database_name()}_location") as admin:
        names = [
            row[0]
            for row in admin.execute(
                "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
            )
        ]
        statement = "SELECT count(*) FROM {} t WHERE t::text LIKE %s OR t::text LIKE %s"
        wanted = [f"%{value}%", f"%{value.encode().hex()}%"]
        return [one for one in names if admin.execute(statement.format(f'"{one}"'), wanted).fetchone()[0]]
