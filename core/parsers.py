"""What a program may send to the API: JSON (RFC 8259) in UTF-8, as the forms of the screens could hold it.

Python reads more than that (NaN, any depth, half a surrogate pair) and stumbles over some of it later. Everything that
no form could hold is refused here, with 400 and a sentence that says what is wrong.
"""

import json
from collections.abc import Mapping
from http import HTTPStatus
from math import isinf
from typing import IO, Any, Final, NoReturn

from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser

# The deepest body of the API has five levels: a registration, its forms of exploitation, one of them, its answers.
DEEPEST: Final = 20


class TooLong(APIException):
    """More than a request may hold."""

    status_code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class JSONBody(BaseParser):
    """One JSON document. Raises ``ParseError`` (400) for what is none, and ``TooLong`` (413)."""

    media_type = "application/json"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """The document as Python objects; whatever charset the caller names, JSON is UTF-8."""
        longest = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        sent = stream.read(longest + 1)
        if len(sent) > longest:
            raise TooLong(_("This is longer than one request may be."))
        try:
            found = json.loads(sent.decode(), parse_constant=_refuse_constant, parse_float=_finite)
        except RecursionError:
            raise ParseError(_too_deep()) from None
        except UnicodeDecodeError:
            raise ParseError(_("Send JSON in UTF-8.")) from None
        except ValueError:
            raise ParseError(_("This is not JSON, or it holds a number that is too long.")) from None
        _check(found)
        return found


def is_text(text: str) -> bool:
    """False for half of a surrogate pair, which is no text and which no database can store."""
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


def _check(found: Any) -> None:
    """Refuse what is nested too deep, and names that no field can have; what a field may hold, its form decides."""
    waiting = [(found, 1)]
    while waiting:
        value, depth = waiting.pop()
        if depth > DEEPEST:
            raise ParseError(_too_deep())
        if isinstance(value, dict):
            if not all(name.isprintable() and is_text(name) for name in value):
                raise ParseError(_("The name of a field holds a character that no name has."))
            waiting += [(one, depth + 1) for one in value.values()]
        elif isinstance(value, list):
            waiting += [(one, depth + 1) for one in value]


def _too_deep() -> str:
    return _("This is nested too deep: use %(levels)s levels or fewer.") % {"levels": DEEPEST}


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _finite(digits: str) -> float:
    number = float(digits)
    if isinf(number):
        raise ValueError(digits)
    return number
