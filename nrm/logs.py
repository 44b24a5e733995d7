"""Logs carry no personal data: a record keeps its message and the kinds of its faults, not their words; of an address
it keeps the route, for addresses hold references, invitations and links of new passwords."""

import logging
import time
from collections.abc import Mapping

from django.apps import apps


class Lines(logging.Formatter):
    """One line: the instant in UTC with its zone, level, logger, the request by the key of its audit row, message."""

    converter = staticmethod(time.gmtime)

    def __init__(self) -> None:
        super().__init__("{asctime}.{msecs:03.0f}Z {levelname} {name} {request_id} {message}", "%Y-%m-%dT%H:%M:%S", "{")

    def format(self, record: logging.LogRecord) -> str:
        record.request_id = _request() or "-"
        return super().format(record)


def _request() -> object:
    """The key of the request; logging is set up before there are models, and writes before there are requests."""
    if not apps.ready:
        return None
    from audit import trail

    return trail.current_request()


class ContentFree(logging.Filter):
    """Keep the place and kind of an exception, drop its text: database errors quote the row that failed."""

    def filter(self, record: logging.LogRecord) -> bool:
        path = str(getattr(getattr(record, "request", None), "path", ""))
        if path and isinstance(record.args, tuple):
            record.args = tuple(_route(record) if arg == _as_logged(path) else arg for arg in record.args)
        if record.exc_info and record.exc_info[0]:
            kind, _error, trace = record.exc_info
            place = ""
            while trace is not None:
                place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
                trace = trace.tb_next
            record.msg = f"{_without_words(record, kind.__name__)} [{kind.__name__} at {place}]"
            record.args, record.exc_info, record.exc_text = (), None, None
        return True


def _without_words(record: logging.LogRecord, kind: str) -> str:
    """The message without what the exception says: Celery puts that into the message of a task that failed."""
    if isinstance(record.args, Mapping):
        record.args = {**record.args, **dict.fromkeys(record.args.keys() & {"exc", "traceback"}, kind)}
    error = record.exc_info[1] if record.exc_info else None
    message = record.getMessage()
    for words in (repr(error), str(error)):
        message = message.replace(words, kind) if error is not None and words else message
    return message


def _route(record: logging.LogRecord) -> str:
    match = getattr(getattr(record, "request", None), "resolver_match", None)
    return f"/{match.route}" if match else "(no such address)"


def _as_logged(path: str) -> str:
    """Django escapes what it logs."""
    return path.encode("unicode_escape").decode("ascii")
