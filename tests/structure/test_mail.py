"""No mail and no log carries anything about a person or a case, whatever has happened (``sharing.md`` rule 13)."""

import logging
import re

import pytest
from django.core import mail
from django.core.management import call_command

from tests.cases.filing import NAME, PHONE, UNSAFE_PHONE
from tests.cluster import Cluster
from tests.world import World, clone_world

REFERENCE = re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]\b")


@pytest.fixture
def told(world: World, cluster: Cluster, django_db_blocker, caplog):
    """Every clock of the world has rung and every mail has left."""
    caplog.set_level(logging.DEBUG)
    with clone_world(world, cluster, django_db_blocker, "mail"):
        call_command("send_reminders", verbosity=0)
        yield world, caplog.text
    mail.outbox.clear()


def secrets(world: World) -> set[str]:
    """What must stand nowhere: names, numbers, labels, references, organisations."""
    organisations = {one.name for one in vars(world.cast.organisations).values() if len(one.name) > 6}
    return (
        {NAME, PHONE, UNSAFE_PHONE, "blue umbrella", "Rose", "Fern", "Heather", "Willow"}
        | organisations
        | {form for case in world.cases.values() for form in (case.reference, case.shown_reference)}
    )


def test_mails_and_log_say_nothing(told):
    world, log = told
    letters = [f"{letter.subject}\n{letter.body}" for letter in mail.outbox]
    assert letters
    for text in [*letters, log]:
        assert {secret for secret in secrets(world) if secret in text} == set()
        assert not REFERENCE.search(text)
