"""The house's Celery, in haste: ``celery -A tests.chaos.celery worker``."""

from typing import Any

from celery.signals import beat_init, worker_init, worker_process_init

from nrm.celery import app

__all__ = ["app"]


@worker_init.connect
@worker_process_init.connect
@beat_init.connect
def in_haste(**_: Any) -> None:
    """Before the first task: Django is set up by then."""
    from tests.chaos.haste import hurry

    hurry()
