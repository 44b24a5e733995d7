"""Celery is the alarm clock only: due work is rows in PostgreSQL. The worker connects as ``nrm_worker``."""

import os
from typing import Any

from celery import Celery
from celery.signals import worker_init

from nrm.checks import refuse_unsafe_start

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nrm.settings")
app = Celery("nrm")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
def check_start(**_: Any) -> None:
    """A worker that could do more than its part does not start."""
    refuse_unsafe_start()
