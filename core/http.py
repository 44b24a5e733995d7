"""Addresses that a form gives back."""

from typing import Final

from django.utils.http import url_has_allowed_host_and_scheme

LONGEST_PATH: Final = 400


def local_path(given: str) -> str:
    """An address of this site, else the start page: what a form carries on is never an address elsewhere."""
    is_local = given.startswith("/") and url_has_allowed_host_and_scheme(given, allowed_hosts=None)
    return given if is_local and len(given) <= LONGEST_PATH else "/"
