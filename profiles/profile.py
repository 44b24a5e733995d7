"""The country profile of this installation."""

from functools import cache
from pathlib import Path

from django.conf import settings

from profiles.loader import load
from profiles.parts import Profile


def active() -> Profile:
    """The profile that ``settings.COUNTRY_PROFILE`` names; raises ``DataError`` when its file has a mistake."""
    return named(settings.COUNTRY_PROFILE)


@cache
def named(name: str) -> Profile:
    """``eu``, ``nl``, ``uk``, a file added beside them, or the path of a file elsewhere (``/etc/nrm/pt.toml``)."""
    path = Path(name)
    return load(path.stem, path.parent) if path.suffix == ".toml" else load(name)
