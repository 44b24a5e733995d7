"""Secrets and addresses of a demo or test on this machine: made once, kept in a git-ignored folder."""

import base64
import json
import os
import secrets as random
from pathlib import Path


def secrets(folder: Path) -> dict[str, str]:
    """What ``folder/secrets.json`` holds; made on the first call. Never used in production."""
    file = folder / "secrets.json"
    if not file.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        made = {
            "SECRET_KEY": random.token_urlsafe(48),
            "MASTER_KEY": base64.b64encode(os.urandom(32)).decode(),
            "ROLE_PASSWORD": random.token_urlsafe(24),
            "DATABASE_URL": "postgresql://127.0.0.1:5432/nrm",
            "REDIS_URL": "redis://127.0.0.1:6379/0",
        }
        part = file.with_suffix(f".{os.getpid()}")
        part.write_text(json.dumps(made, indent=1))
        part.chmod(0o600)
        part.replace(file)
    found: dict[str, str] = json.loads(file.read_text())
    return found
