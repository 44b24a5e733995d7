"""What the worker does for those who watch over the use of the application."""

from celery import shared_task

from reporting import hints


@shared_task
def look_for_hints() -> None:
    """Hourly."""
    hints.find()
