"""The tree over the rows of a batch, and the words that are signed. Pure: no database.

A leaf is 49 bytes: the letter of the table, the key of the row, and the SHA-256 of all that the row says. Leaves stand
in order, so that the same rows always give the same root.
"""

from collections.abc import Iterator
from hashlib import sha256
from typing import Final
from uuid import UUID

LEAF: Final = 1 + 16 + 32
KEY: Final = 1 + 16
# Leaf and node are hashed apart, so that a node can never pass for a leaf (RFC 6962).
AS_LEAF: Final = b"\x00"
AS_NODE: Final = b"\x01"


def split(leaves: bytes) -> Iterator[bytes]:
    """The single leaves of a batch."""
    return (leaves[at : at + LEAF] for at in range(0, len(leaves), LEAF))


def root(leaves: bytes) -> bytes:
    """The Merkle root; of an odd row the last node moves up as it is."""
    level = [sha256(AS_LEAF + leaf).digest() for leaf in split(leaves)]
    if not level:
        return sha256(b"").digest()
    while len(level) > 1:
        pairs = [sha256(AS_NODE + level[at] + level[at + 1]).digest() for at in range(0, len(level) - 1, 2)]
        level = pairs + level[len(pairs) * 2 :]
    return level[0]


def by_key(leaves: bytes) -> dict[bytes, bytes]:
    """Hash by letter and key."""
    return {leaf[:KEY]: leaf[KEY:] for leaf in split(leaves)}


def key_of(letter_and_key: bytes) -> tuple[str, UUID]:
    """Letter of the table and key of the row."""
    return letter_and_key[:1].decode(), UUID(bytes=letter_and_key[1:KEY])
