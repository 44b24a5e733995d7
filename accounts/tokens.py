"""The secrets of links: derived from a row and the site's key, so that no table holds them."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from hashlib import sha256
from typing import Final
from uuid import UUID

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.models import User

SALT: Final = "accounts.invitation"
CALENDAR_SALT: Final = "accounts.calendar"
SIGNATURE_LENGTH: Final = 40


def invitation_token(invitation_id: UUID) -> str:
    """The token that stands in the mail only."""
    return salted_hmac(SALT, invitation_id.hex, algorithm="sha256").hexdigest()[:48]


def token_hash(token: str) -> str:
    """What the database keeps of a token."""
    return sha256(token.encode()).hexdigest()


def password_path(user: User) -> str:
    """Where this person chooses a password, once: the link dies with the password that is chosen, or in three days."""
    key = {"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}
    return reverse("account_reset_password_from_key", kwargs=key)


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
