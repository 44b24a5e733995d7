"""Entry points of Celery for the case file: an alarm clock, nothing else. Cron runs the same by ``send_reminders``."""

from time import monotonic
from typing import Final

from celery import shared_task

from accounts import digest, mail, operations
from accounts.context import database_time
from cases import reminders, responsibility
from cases.models import TickSource
from cases.operations import drafts, elapsed, lost_tasks, matching, overdue, reconciling, vacancies

COMPARE_SECONDS: Final = 240


@shared_task
def tick() -> None:
    """Every thirty seconds: what is due is sent and opened; after a pause, what is missing is mended first."""
    with database_time():
        if reminders.begin(TickSource.BEAT):
            reconciling.mend()
        with reminders.as_worker():
            elapsed.open_begun_shares()
    reminders.tick()


@shared_task
def deliver_mail() -> None:
    """Every thirty seconds, apart from ``tick``: a mail server that hangs holds nothing else up."""
    with database_time():
        digest.post_digests()
    mail.deliver_due()


@shared_task
def reconcile() -> None:
    """Hourly: what ended by time is written down, monthly duties go on, missing reminders come back."""
    with database_time(), reminders.as_worker():
        elapsed.record_elapsed()
        lost_tasks.finish_lost_tasks()
        overdue.tell_coordinators()
    with database_time():
        reconciling.mend()


@shared_task
def find_doubles() -> None:
    """Every five minutes: new and changed identities are compared; what may be a double goes to the coordinator.

    Batch by batch, each a transaction, until none waits or four minutes are over: many wait after a restored backup.
    """
    is_more, until = True, monotonic() + COMPARE_SECONDS
    while is_more and monotonic() < until:
        with database_time(), reminders.as_worker():
            matching.find_doubles()
            is_more = matching.has_waiting()


@shared_task
def keep_drafts() -> None:
    """Every six hours: authors are warned after 21 days without a save, drafts erased after 28."""
    with database_time(), reminders.as_worker():
        drafts.warn_of_erasure()
        drafts.erase_expired()


@shared_task
def erase_submissions() -> None:
    """Hourly: the keys of requests that were sent more than a day ago are erased."""
    with database_time():
        operations.erase_expired_submissions()


@shared_task
def find_vacancies() -> None:
    """Every five minutes: cases whose lead has nobody left go to the coordinator's desk, and come back from it."""
    with database_time():
        vacancies.look(reminders.as_worker)


@shared_task
def check_responsibility() -> None:
    """Every night: cases without a live lead, and clocks that nobody keeps, as numbers in the log if any."""
    with database_time(), reminders.as_worker():
        responsibility.check()
