"""For which organisation a page was opened: a field of its forms that only the server can make (rule 23).

The field is a keyed digest of person and organisation. It says nothing by itself, is worth nothing to another person,
and is the same on every page of one person in one organisation. It may therefore stand in an address.
"""

from base64 import urlsafe_b64encode
from typing import Final
from uuid import UUID

from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.actors import Actor
from accounts.models import Membership

SALT: Final = "accounts.opened_as"
# 144 bits: nobody guesses it, and it stays short in an address.
BYTES: Final = 18


def opened_as(user_id: UUID | None, organisation_id: UUID | None) -> str:
    """The field of a page that this person opens for this organisation (None: for no organisation)."""
    digest = salted_hmac(SALT, f"{user_id}:{organisation_id or ''}", algorithm="sha256").digest()
    return urlsafe_b64encode(digest[:BYTES]).decode()


def is_opened_by(given: str, actor: Actor) -> bool:
    """True when the page was opened by this person for the organisation that they work for now.

    A page without the field counts only for a person who has no other organisation to which the act could belong.
    """
    if not given:
        return not actor.has_several_organisations
    return constant_time_compare(given, opened_as(actor.user_id, actor.organisation_id))


def membership_of(given: str, user_id: UUID | None, memberships: list[Membership]) -> Membership | None:
    """The one of ``memberships`` for whose organisation the page was opened; None for a forged or foreign field."""
    fitting = (one for one in memberships if constant_time_compare(given, opened_as(user_id, one.organisation_id)))
    return next(fitting, None)
