"""Typed readers of the environment that fail loudly, naming what is missing.

Each setting may come from a file instead, named by the setting with ``_FILE`` behind it, as secrets are handed over.
"""

import os
from base64 import b64decode
from binascii import Error
from pathlib import Path
from typing import Final

from django.core.exceptions import ImproperlyConfigured

TRUE: Final = {"1", "true", "yes", "on"}
FALSE: Final = {"0", "false", "no", "off", ""}


def text(name: str, default: str | None = None) -> str:
    """A setting; raises ``ImproperlyConfigured`` with its name when it is missing and has no default."""
    value = given(name) or default
    if value is None:
        raise ImproperlyConfigured(f"The setting {name} is missing. Set it in the environment (docs/operations.md).")
    return value


def given(name: str) -> str:
    """What the environment says, or the file that it names; empty when neither does."""
    file = os.environ.get(f"{name}_FILE", "")
    if not file:
        return os.environ.get(name, "")
    if os.environ.get(name):
        raise ImproperlyConfigured(f"Set {name} or {name}_FILE, not both.")
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(f"The file that {name}_FILE names cannot be read.") from error


def flag(name: str, *, default: bool = False) -> bool:
    """Yes or no."""
    value = given(name).strip().lower()
    if value not in TRUE | FALSE:
        raise ImproperlyConfigured(f"The setting {name} must be 1 or 0, not “{value}”.")
    return value in TRUE if value else default


def number(name: str, default: int) -> int:
    """A whole number."""
    value = given(name).strip() or str(default)
    if not value.isdigit():
        raise ImproperlyConfigured(f"The setting {name} must be a whole number, not “{value}”.")
    return int(value)


def names(name: str, default: str | None = None) -> list[str]:
    """Several values, separated by commas."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def key(name: str, default: str | None = None) -> str:
    """A 256-bit key in base64, as ``openssl rand -base64 32`` makes it."""
    value = text(name, default)
    try:
        length = len(b64decode(value, validate=True))
    except (Error, ValueError):
        length = 0
    if length != 32:
        raise ImproperlyConfigured(f"The setting {name} must be 32 random bytes in base64.")
    return value
