"""The secrets of links: derived from a row and the site's key, so that no table holds them."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from hashlib import sha256
from typing import Final
from uuid import UUID

from django.utils.crypto import constant_time_compare, salted_hmac

SALT: Final = "accounts.invitation"
CALENDAR_SALT: Final = "accounts.calendar"
SIGNATURE_LENGTH: Final = 40


def invitation_token(invitation_id: UUID) -> str:
    """The token that stands in the mail only."""
    return salted_hmac(SALT, invitation_id.hex, algorithm="sha256").hexdigest()[:48]


def token_hash(token: str) -> str:
    """What the database keeps of a token."""
    return sha256(token.encode()).hexdigest()


def calendar_token(feed_id: UUID) -> str:
    """What stands in the address of a calendar feed."""
    key = urlsafe_b64encode(feed_id.bytes).decode().rstrip("=")
    return key + salted_hmac(CALENDAR_SALT, feed_id.hex, algorithm="sha256").hexdigest()[:SIGNATURE_LENGTH]


def calendar_feed_id(token: str) -> UUID | None:
    """The feed that ``token`` was made for; None for one that we did not make."""
    key = token[:-SIGNATURE_LENGTH]
    try:
        feed_id = UUID(bytes=urlsafe_b64decode(f"{key}=="))
    except (ValueError, Error):
        return None
    return feed_id if constant_time_compare(calendar_token(feed_id), token) else None
