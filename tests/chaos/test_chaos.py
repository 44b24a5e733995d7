"""One small life under every kind of fault; ``make chaos`` runs the full form and prints its table."""

import pytest
from django.db import connection

from tests.chaos.running import run
from tests.cluster import Cluster

pytestmark = [pytest.mark.processes, pytest.mark.proof("reminders under faults (make chaos has the full form)")]


def test_under_every_kind_of_fault_each_reminder_is_told_once_and_on_time(
    django_db_setup: None, django_db_blocker, figure
) -> None:
    durable = Cluster(None, is_durable=True)
    with django_db_blocker.unblock():
        before = _address()
        try:
            durable.start()
            outcome = run(durable, seed=1, reminders=500, faults=9, pause=1.5)
        finally:
            durable.stop()
            _restore(before)
    figure(reminders=outcome.reminders, faults=outcome.faults.total(), lost=outcome.lost, early=outcome.early)
    assert (outcome.lost, outcome.early, outcome.twice) == (0, 0, 0)
    assert outcome.mails > 0
    assert outcome.repeated <= outcome.crashes
    assert len(outcome.faults) == 9


def _address() -> dict[str, object]:
    return {key: connection.settings_dict[key] for key in ("HOST", "PORT", "NAME", "USER", "PASSWORD")}


def _restore(before: dict[str, object]) -> None:
    connection.close()
    connection.settings_dict.update(before)
