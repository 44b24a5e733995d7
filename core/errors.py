"""What an operation may refuse, and how the page, the API and the database say it alike."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final, TypeAlias

from django.apps import apps
from django.db import IntegrityError, models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Message: TypeAlias = str | Promise
MAY_NOT: Final = _("You may not do this.")
NOT_FOUND: Final = _("Page not found")
CHANGED: Final = _("Somebody else changed this meanwhile. Compare the two versions and save again.")


class NrmError(Exception):
    """An act that could not be done; ``field`` names the form field that the message belongs to."""

    status = HTTPStatus.BAD_REQUEST

    def __init__(self, message: Message, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class Refused(NrmError):
    """The input breaks a rule; the message says how to mend it."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY


class NotAllowed(NrmError):
    """The actor may know the case but may not do this."""

    status = HTTPStatus.FORBIDDEN

    def __init__(self, message: Message = MAY_NOT, *, field: str | None = None) -> None:
        super().__init__(message, field=field)


class Missing(NrmError):
    """Absent or hidden: the actor learns no difference."""

    status = HTTPStatus.NOT_FOUND

    def __init__(self, message: Message = NOT_FOUND, *, field: str | None = None) -> None:
        super().__init__(message, field=field)


class Conflict(NrmError):
    """Somebody else changed it meanwhile. Carries what is stored and what was given, by field name."""

    status = HTTPStatus.CONFLICT

    def __init__(
        self,
        message: Message = CHANGED,
        *,
        field: str | None = None,
        current: Mapping[str, Any] | None = None,
        given: Mapping[str, Any] | None = None,
        version: int | None = None,
    ) -> None:
        super().__init__(message, field=field)
        self.current = dict(current or {})
        self.given = dict(given or {})
        self.version = version


def constraint_name(error: IntegrityError) -> str | None:
    """The name of the database constraint that ``error`` broke."""
    diagnostic = getattr(error.__cause__, "diag", None)
    return getattr(diagnostic, "constraint_name", None)


def from_integrity(error: IntegrityError) -> NrmError:
    """The human message of the constraint that ``error`` broke; re-raises what no constraint explains."""
    name = constraint_name(error)
    for constraint in _constraints():
        if constraint.name == name:
            return Refused(str(constraint.get_violation_error_message()))
    raise error


def _constraints() -> Iterable[models.BaseConstraint]:
    for model in apps.get_models():
        yield from model._meta.constraints
