"""Logs carry no personal data: a record keeps its message and the kinds of its faults, not their words; of an address
it keeps the route, for addresses hold references, invitations and links of new passwords."""

import logging


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
            record.msg = f"{record.getMessage()} [{kind.__name__} at {place}]"
            record.args, record.exc_info, record.exc_text = (), None, None
        return True


def _route(record: logging.LogRecord) -> str:
    match = getattr(getattr(record, "request", None), "resolver_match", None)
    return f"/{match.route}" if match else "(no such address)"


def _as_logged(path: str) -> str:
    """Django escapes what it logs."""
    return path.encode("unicode_escape").decode("ascii")
