"""The processes of the application, as words of a command line: one list for demo and docker-compose."""

from typing import Final

WEB: Final = (
    "gunicorn nrm.wsgi:application --bind {address} --workers 2 --threads 4 --worker-class gthread --timeout 60 "
    "--max-requests 2000 --max-requests-jitter 200 --no-control-socket --log-level warning"
)
WORKER: Final = "celery -A nrm.celery worker --loglevel WARNING --concurrency 2 --without-gossip --without-mingle"
BEAT: Final = "celery -A nrm.celery beat --loglevel WARNING --schedule {schedule} --pidfile="


def web(address: str) -> list[str]:
    """The web processes, listening on ``address`` (host:port)."""
    return WEB.format(address=address).split()


def worker() -> list[str]:
    """The queue's worker."""
    return WORKER.split()


def beat(schedule: str) -> list[str]:
    """The alarm clock; ``schedule`` is its own small state file."""
    return BEAT.format(schedule=schedule).split()
