"""Colleagues: their roles, suspension and leaving. Each holds on the next request, with no session to hunt down.

That supervisors and custodians are named by two persons comes with a later issue.
"""

from collections.abc import Collection
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import CheckConstraint
from django.utils.translation import gettext_lazy as _

from accounts import access
from accounts.actors import Actor
from accounts.models import Membership
from audit import trail
from core import clock
from core.errors import Conflict, Refused

CHANGED = _("Somebody else changed this colleague meanwhile. Look at the list again.")


@transaction.atomic
def change_roles(actor: Actor, *, membership: Membership, roles: Collection[str]) -> Membership:
    """Give a colleague other roles; raises ``Refused`` for a set of roles that nobody may hold."""
    membership = access.relock(actor, "change_roles", membership)
    if membership.ended_at is not None:
        raise Conflict(CHANGED)
    before, membership.roles = membership.roles, sorted(roles)
    check_roles(membership)
    membership.save(update_fields=("roles",))
    _record("change_roles", actor, membership, before=before, after=membership.roles)
    return membership


@transaction.atomic
def suspend_member(actor: Actor, *, membership: Membership) -> Membership:
    """Shut a colleague out until further notice."""
    membership = access.relock(actor, "suspend_member", membership)
    if membership.suspended_at is not None or membership.ended_at is not None:
        raise Conflict(CHANGED)
    membership.suspended_at = clock.moment()
    membership.save(update_fields=("suspended_at",))
    _record("suspend_member", actor, membership)
    return membership


@transaction.atomic
def reinstate_member(actor: Actor, *, membership: Membership) -> Membership:
    """Let a suspended colleague in again, with the roles they had."""
    membership = access.relock(actor, "reinstate_member", membership)
    if membership.suspended_at is None or membership.ended_at is not None:
        raise Conflict(CHANGED)
    membership.suspended_at = None
    membership.save(update_fields=("suspended_at",))
    _record("reinstate_member", actor, membership)
    return membership


@transaction.atomic
def end_membership(actor: Actor, *, membership: Membership) -> Membership:
    """A colleague leaves. Their name stays with what they did; a new invitation brings them back."""
    membership = access.relock(actor, "end_membership", membership)
    if membership.ended_at is not None:
        raise Conflict(CHANGED)
    membership.ended_at = clock.moment()
    membership.save(update_fields=("ended_at",))
    _record("end_membership", actor, membership)
    return membership


def check_roles(membership: Membership) -> None:
    """Ask the constraints of the table whether these roles go together; raises ``Refused`` with their message."""
    try:
        for constraint in membership._meta.constraints:
            if isinstance(constraint, CheckConstraint):
                constraint.validate(Membership, membership)
    except ValidationError as error:
        raise Refused(error.messages[0], field="roles") from error


def _record(kind: str, actor: Actor, membership: Membership, **codes: Any) -> None:
    trail.record(
        kind,
        actor=actor,
        owner_organisation_id=membership.organisation_id,
        object_kind="membership",
        object_id=membership.pk,
        **codes,
    )
