"""Addresses that a form gives back, and views that only show something."""

from collections.abc import Callable
from typing import Any, Final, TypeVar

from django.utils.http import url_has_allowed_host_and_scheme

LONGEST_PATH: Final = 400
ONLY_SHOWS: Final = "only_shows"
View = TypeVar("View", bound=Callable[..., Any])


def local_path(given: str) -> str:
    """An address of this site, else the start page: what a form carries on is never an address elsewhere."""
    is_local = given.startswith("/") and url_has_allowed_host_and_scheme(given, allowed_hosts=None)
    return given if is_local and len(given) <= LONGEST_PATH else "/"


def shows_when_asked(view: View) -> View:
    """Mark a view whose POST shows something and saves nothing that was typed: a name, asked for."""
    setattr(view, ONLY_SHOWS, True)
    return view


def only_shows(view: Callable[..., Any]) -> bool:
    """True for a view that ``shows_when_asked`` marks."""
    return getattr(view, ONLY_SHOWS, False) is True
