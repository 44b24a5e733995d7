"""Sealed rows: JSON encrypted with a key per case, the key wrapped by a master key from the environment.

The safe location has a master of its own: whoever reads database and ``MASTER_KEY`` does not read it.

AES-256-GCM throughout; a sealed value is nonce (12 bytes) + ciphertext. The additional data binds a value to its
table, primary key and owner, so that a ciphertext moved to another row does not open. Deleting a key is erasure.
"""

from __future__ import annotations

import json
import os
from base64 import b64decode, b64encode
from typing import Any, Final, TypeAlias

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder

NONCE: Final = 12
# A binary column as the driver gives it.
Stored: TypeAlias = "bytes | memoryview[int]"


def new_key() -> bytes:
    """A fresh 256-bit key."""
    return AESGCM.generate_key(bit_length=256)


def wrap(key: bytes) -> bytes:
    """``key`` encrypted with the master key, fit to be stored."""
    return _encrypt(b64decode(settings.MASTER_KEY), key, b"case-key")


def unwrap(wrapped: Stored) -> bytes:
    """The key that ``wrap`` stored; raises ``cryptography.exceptions.InvalidTag`` for another master key."""
    return _decrypt(b64decode(settings.MASTER_KEY), bytes(wrapped), b"case-key")


def wrap_location(key: bytes) -> bytes:
    """As ``wrap``, with the master of safe locations."""
    return _encrypt(b64decode(settings.LOCATION_MASTER_KEY), key, b"location-key")


def unwrap_location(wrapped: Stored) -> bytes:
    """The key that ``wrap_location`` stored; ``InvalidTag`` for another master key, that of the cases included."""
    return _decrypt(b64decode(settings.LOCATION_MASTER_KEY), bytes(wrapped), b"location-key")


def wrap_text(text: str) -> str:
    """A short secret encrypted with the master key, as text."""
    return b64encode(_encrypt(b64decode(settings.MASTER_KEY), text.encode(), b"text")).decode()


def unwrap_text(wrapped: str) -> str:
    """The text that ``wrap_text`` stored; ``InvalidTag`` for another master key."""
    return _decrypt(b64decode(settings.MASTER_KEY), b64decode(wrapped), b"text").decode()


def seal(key: bytes, payload: dict[str, Any], aad: str) -> bytes:
    """``payload`` as encrypted JSON, bound to ``aad``."""
    return _encrypt(key, json.dumps(payload, cls=DjangoJSONEncoder, ensure_ascii=False).encode(), aad.encode())


def open_sealed(key: bytes, blob: Stored, aad: str) -> dict[str, Any]:
    """The payload of a sealed value; raises ``InvalidTag`` when the row, the key or the content was changed."""
    payload: dict[str, Any] = json.loads(_decrypt(key, bytes(blob), aad.encode()))
    return payload


def _encrypt(key: bytes, clear: bytes, aad: bytes) -> bytes:
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, clear, aad)


def _decrypt(key: bytes, blob: bytes, aad: bytes) -> bytes:
    return AESGCM(key).decrypt(blob[:NONCE], blob[NONCE:], aad)
