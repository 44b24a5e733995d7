"""Colleagues: their roles, suspension and leaving. Each holds on the next request, with no session to hunt down.

Roles that open cases without an assignment wait for a second person (``accounts.operations.role_grants``). What would
leave nobody to act on the organisation's cases is refused (``sharing.md`` rule 22).
"""

from collections.abc import Collection
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts import access, policies, second_person
from accounts.actors import NO_KEY, Actor
from accounts.models import Membership, User
from accounts.operations.role_grants import ask_roles, check_roles, withdraw_roles
from audit import trail
from core import clock
from core.errors import Conflict, Refused

CHANGED = _("Somebody else changed this colleague meanwhile. Look at the list again.")
NOBODY_LEFT: Final = _(
    "Nobody would be left to act on a case of the organisation. First let somebody else have the role: a supervisor"
    " where there is one, and one without a conflict of interest in the case."
)


@transaction.atomic
def change_roles(actor: Actor, *, membership: Membership, roles: Collection[str]) -> Membership:
    """Give a colleague other roles: some at once, others when a second person has confirmed them.

    Raises ``Refused`` for a set of roles that nobody may hold, and where nobody would be left to act.
    """
    membership = access.relock(actor, "change_roles", membership)
    if membership.ended_at is not None:
        raise Conflict(CHANGED)
    check_roles(Membership(roles=sorted(roles)))
    before = membership.roles
    _check_somebody_acts(membership, kept=set(before) & set(roles), field="roles")
    ask_roles(actor, membership=membership, wanted=roles, kept=before, asked_by=_person(actor))
    _record("change_roles", actor, membership, before=before, after=membership.roles, asked=sorted(roles))
    return membership


@transaction.atomic
def suspend_member(actor: Actor, *, membership: Membership) -> Membership:
    """Shut a colleague out until further notice; raises ``Refused`` where nobody would be left to act."""
    membership = access.relock(actor, "suspend_member", membership)
    if membership.suspended_at is not None or membership.ended_at is not None:
        raise Conflict(CHANGED)
    _check_somebody_acts(membership)
    withdraw_roles(actor, membership)
    membership.suspended_at = clock.moment()
    membership.save(update_fields=("suspended_at",))
    _record("suspend_member", actor, membership)
    return membership


@transaction.atomic
def reinstate_member(actor: Actor, *, membership: Membership) -> Membership:
    """Let a suspended colleague in again, with the roles they had.

    Letting somebody in who opens cases without an assignment is as much as giving the role: it waits for a second
    person. The other roles hold at once.
    """
    membership = access.relock(actor, "reinstate_member", membership)
    if membership.suspended_at is None or membership.ended_at is not None:
        raise Conflict(CHANGED)
    membership.suspended_at = None
    membership.save(update_fields=("suspended_at",))
    if membership.roles:
        ask_roles(actor, membership=membership, wanted=membership.roles, kept=(), asked_by=_person(actor))
    _record("reinstate_member", actor, membership)
    return membership


@transaction.atomic
def end_membership(actor: Actor, *, membership: Membership) -> Membership:
    """A colleague leaves. Their name stays with what they did; a new invitation brings them back.

    Raises ``Refused`` where nobody would be left to act.
    """
    membership = access.relock(actor, "end_membership", membership)
    if membership.ended_at is not None:
        raise Conflict(CHANGED)
    _check_somebody_acts(membership)
    withdraw_roles(actor, membership)
    membership.ended_at = clock.moment()
    membership.save(update_fields=("ended_at",))
    _record("end_membership", actor, membership)
    return membership


def _person(actor: Actor) -> User:
    return User.objects.get(pk=actor.user_id or NO_KEY)


def _check_somebody_acts(membership: Membership, *, kept: Collection[str] = (), field: str | None = None) -> None:
    """Raise ``Refused`` if a case would have nobody to act once this live member holds only the roles ``kept``.

    Those act who hold the first of ``policies.ACTING`` that anybody in the organisation holds.
    """
    live = Membership.objects.live().filter(organisation_id=membership.organisation_id)
    present = {pk: (user_id, roles) for pk, user_id, roles in live.values_list("pk", "user_id", "roles")}
    _user, held = present.pop(membership.pk, (None, ()))
    others = list(present.values())
    everybody = set(held).union(*(roles for _user_id, roles in others))
    acting: Collection[str] = next((roles for roles in policies.ACTING if roles & everybody), ())
    if not set(acting) & set(held) or set(acting) & set(kept):
        return
    left = {user_id for user_id, roles in others if set(acting) & set(roles)}
    if second_person.leaves_nobody(membership.organisation_id, left):
        raise Refused(NOBODY_LEFT, field=field)


def _record(kind: str, actor: Actor, membership: Membership, **codes: Any) -> None:
    trail.record(
        kind,
        actor=actor,
        owner_organisation_id=membership.organisation_id,
        object_kind="membership",
        object_id=membership.pk,
        **codes,
    )
