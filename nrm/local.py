"""Secrets and addresses of a demo or test on this machine: made once each, kept in a git-ignored folder."""

import base64
import json
import os
import secrets as random
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final


def _master_key() -> str:
    return base64.b64encode(os.urandom(32)).decode()


SECRETS: Final[Mapping[str, Callable[[], str]]] = {
    "SECRET_KEY": lambda: random.token_urlsafe(48),
    "MASTER_KEY": _master_key,
    "MATCHING_KEY": _master_key,
    "AUDIT_SIGNING_KEY": _master_key,
    "LOCATION_MASTER_KEY": _master_key,
    "ROLE_PASSWORD": lambda: random.token_urlsafe(24),
    "DATABASE_URL": lambda: "postgresql://127.0.0.1:5432/nrm",
    "REDIS_URL": lambda: "redis://127.0.0.1:6379/0",
}


def secrets(folder: Path) -> dict[str, str]:
    """What ``folder/secrets.json`` holds; made on the first call, and completed when a secret is new. Never used in
    production."""
    file = folder / "secrets.json"
    found: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
    missing = {name: make() for name, make in SECRETS.items() if name not in found}
    if missing:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = file.with_suffix(f".{os.getpid()}")
        part.write_text(json.dumps({**found, **missing}, indent=1))
        part.chmod(0o600)
        part.replace(file)
        found = json.loads(file.read_text())
    return found
