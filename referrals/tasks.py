"""What the worker does at night: writes down what has ended by time already, and erases what is kept no longer."""

from celery import shared_task

from accounts.context import database_time
from referrals.operations import write_down_all, write_suspensions


@shared_task
def nightly() -> None:
    with database_time():
        write_down_all()


@shared_task
def suspensions() -> None:
    """Every minute: what the suspension of an organisation has ended is written down, as far as fifty seconds go."""
    write_suspensions()
