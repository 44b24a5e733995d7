"""The secret of an invitation's link: derived from the invitation and the site's key, so no table holds it."""

from hashlib import sha256
from typing import Final
from uuid import UUID

from django.utils.crypto import salted_hmac

SALT: Final = "accounts.invitation"


def invitation_token(invitation_id: UUID) -> str:
    """The token that stands in the mail only."""
    return salted_hmac(SALT, invitation_id.hex, algorithm="sha256").hexdigest()[:48]


def token_hash(token: str) -> str:
    """What the database keeps of a token."""
    return sha256(token.encode()).hexdigest()
