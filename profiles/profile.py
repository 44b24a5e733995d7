"""The country profile of this installation."""

from functools import cache

from django.conf import settings

from profiles.loader import load
from profiles.parts import Profile


def active() -> Profile:
    """The profile that ``settings.COUNTRY_PROFILE`` names; raises ``DataError`` when its file has a mistake."""
    return named(settings.COUNTRY_PROFILE)


@cache
def named(name: str) -> Profile:
    """A profile that ships with the application: ``eu``, ``nl``, ``uk`` or a file added beside them."""
    return load(name)
