"""Roles that open cases without an assignment: one person asks, another confirms (``sharing.md`` rule 22)."""

from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import CheckConstraint
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts import access, digest, policies, second_person
from accounts.actors import Actor
from accounts.models import GrantState, GrantWay, Membership, Notice, Role, RoleGrant, User
from audit import trail
from core import clock
from core.errors import Conflict, NotAllowed, Refused

# Calendar days for which roles wait for the second person.
LIFE: Final = timedelta(days=14)
ANSWERED: Final = _("Somebody answered this meanwhile, or it has lapsed. Look at the list again.")
CONFIRMED_ALREADY: Final = _("You have confirmed these roles. A second platform administrator must confirm them too.")
OVERSEEING: Final = (Role.SUPERVISOR, Role.DATA_PROTECTION_OFFICER)
COORDINATING: Final = (Role.CASEWORKER, Role.INTAKE, Role.SUPERVISOR)


def ask_roles(
    actor: Actor, *, membership: Membership, wanted: Collection[str], kept: Collection[str], asked_by: User
) -> Membership:
    """Let the member hold those of ``wanted`` that one person gives; ask a second person for the others.

    ``kept`` are the roles that the member holds by an earlier grant. What waited before is withdrawn. The caller holds
    the lock of the organisation. Raises ``Refused`` for roles that do not go together.
    """
    check_roles(Membership(roles=sorted(wanted)))
    withdraw_roles(actor, membership)
    needing = (frozenset(wanted) - frozenset(kept)) & policies.CONFIRMED
    alone = second_person.roles_given_alone(membership, needing) if needing else frozenset()
    membership.roles = sorted(frozenset(wanted) - needing | alone)
    membership.save(update_fields=("roles",))
    if alone:
        first = _create(membership, alone, asked_by, state=GrantState.GRANTED, way=GrantWay.FIRST)
        _record("give_first_roles", actor, first)
        _tell("roles_given", first, _overseeing(first))
    if needing - alone:
        asked = _create(membership, needing - alone, asked_by)
        _record("ask_roles", actor, asked)
        _tell("roles_asked", asked, [*_overseeing(asked), *second_person.for_grant(asked).people])
    return membership


@transaction.atomic
def confirm_roles(actor: Actor, *, grant: RoleGrant) -> RoleGrant:
    """Confirm roles as the second person: they hold on the member's next request.

    Where the platform must confirm, the first of two administrators only adds a name. Raises ``NotAllowed`` unless the
    actor may be the second person, ``Conflict`` when it was answered meanwhile or has lapsed.
    """
    stored, second = _open(actor, "confirm_roles", grant)
    if second.way is GrantWay.PLATFORM and stored.confirmed_by is None:
        stored.confirmed_by_id = actor.user_id
        stored.save(update_fields=("confirmed_by",))
        _record("confirm_roles", actor, stored, is_first_of_two=True)
        return stored
    if second.way is GrantWay.PLATFORM and stored.confirmed_by is not None:
        if not second_person.is_another(actor, stored.confirmed_by):
            raise Conflict(CONFIRMED_ALREADY)
        stored.seconded_by_id = actor.user_id
    else:
        stored.confirmed_by_id = actor.user_id
    membership = stored.membership
    membership.roles = sorted({*membership.roles, *stored.roles})
    check_roles(membership)
    membership.save(update_fields=("roles",))
    stored.state, stored.way, stored.answered_at = GrantState.GRANTED, second.way, clock.moment()
    stored.save(update_fields=("state", "way", "confirmed_by", "seconded_by", "answered_at"))
    _record("confirm_roles", actor, stored)
    _tell("roles_given", stored, [*_overseeing(stored), *_of_asker(stored)])
    _tell("roles_given", stored, [membership], path=reverse("accounts:account"))
    if second.way is GrantWay.PLATFORM:
        _tell("roles_given_by_platform", stored, _coordinators(), path="")
    return stored


@transaction.atomic
def refuse_roles(actor: Actor, *, grant: RoleGrant) -> RoleGrant:
    """Refuse roles as the second person. Who holds no other role leaves the organisation with it."""
    stored, _second = _open(actor, "refuse_roles", grant)
    stored.state, stored.confirmed_by, stored.answered_at = GrantState.REFUSED, None, clock.moment()
    stored.save(update_fields=("state", "confirmed_by", "answered_at"))
    if not stored.membership.roles:
        stored.membership.ended_at = clock.moment()
        stored.membership.save(update_fields=("ended_at",))
    _record("refuse_roles", actor, stored)
    _tell("roles_refused", stored, [*_overseeing(stored), *_of_asker(stored)])
    return stored


def withdraw_roles(actor: Actor, membership: Membership) -> int:
    """What waits for confirmation is asked no more; returns how many grants that were. The caller holds the lock."""
    waiting = list(RoleGrant.objects.filter(membership=membership, state=GrantState.WAITING))
    for one in waiting:
        one.state, one.answered_at = GrantState.WITHDRAWN, clock.moment()
        one.save(update_fields=("state", "answered_at"))
        _record("withdraw_roles", actor, one)
    return len(waiting)


def check_roles(membership: Membership) -> None:
    """Ask the constraints of the table whether these roles go together; raises ``Refused`` with their message."""
    if not membership.roles:
        raise Refused(_("Choose at least one role."), field="roles")
    try:
        for constraint in membership._meta.constraints:
            if isinstance(constraint, CheckConstraint):
                constraint.validate(Membership, membership)
    except ValidationError as error:
        raise Refused(error.messages[0], field="roles") from error


def _open(actor: Actor, action: str, grant: RoleGrant) -> tuple[RoleGrant, second_person.SecondPerson]:
    """Lock the organisation, load the grant afresh and judge the actor by what is stored now."""
    policies.require(actor, action)
    access.lock_organisation(grant.membership.organisation_id)
    waiting = RoleGrant.objects.waiting(clock.moment()).select_for_update(of=("self",), no_key=True)
    rows = waiting.select_related("membership__organisation", "membership__user", "person", "asked_by", "confirmed_by")
    stored = rows.filter(pk=grant.pk).first()
    if stored is None:
        raise Conflict(ANSWERED)
    second = second_person.for_grant(stored)
    if not second.includes(actor, stored):
        raise NotAllowed
    return stored, second


def _create(membership: Membership, roles: Collection[str], asked_by: User, **values: Any) -> RoleGrant:
    now = clock.moment()
    is_given = bool(values)
    return RoleGrant.objects.create(
        membership=membership,
        person_id=membership.user_id,
        roles=sorted(roles),
        asked_by=asked_by,
        asked_at=now,
        expires_at=now + LIFE,
        answered_at=now if is_given else None,
        **values,
    )


def _overseeing(grant: RoleGrant) -> list[Membership]:
    """All supervisors and the data-protection officers, but for the member."""
    members = Membership.objects.live().filter(organisation_id=grant.membership.organisation_id)
    found = members.with_role(*OVERSEEING).exclude(pk=grant.membership_id)
    return list(found.select_related("user").order_by("created_at", "pk"))


def _of_asker(grant: RoleGrant) -> list[Membership]:
    members = Membership.objects.live().filter(organisation_id=grant.membership.organisation_id, user=grant.asked_by)
    return list(members.select_related("user"))


def _coordinators() -> list[Membership]:
    members = Membership.objects.live().filter(organisation__kind="coordinator").with_role(*COORDINATING)
    return list(members.select_related("user").order_by("created_at", "pk"))


def _tell(kind: str, grant: RoleGrant, people: Iterable[Membership], *, path: str | None = None) -> list[Notice]:
    """Tell each of them once, with a link to the grant; the mail says only that a task waits."""
    where = reverse("accounts:role_grant", args=[grant.pk]) if path is None else path
    news = {
        one.pk: Notice(
            membership=one,
            key=f"{kind}:{grant.pk}",
            kind=kind,
            object_path=where,
            created_at=clock.moment(),
        )
        for one in people
    }
    return digest.post(list(news.values()))


def _record(kind: str, actor: Actor, grant: RoleGrant, **codes: Any) -> None:
    trail.record(
        kind,
        actor=actor,
        owner_organisation_id=grant.membership.organisation_id,
        object_kind="rolegrant",
        object_id=grant.pk,
        membership=str(grant.membership_id),
        roles=grant.roles,
        way=str(grant.way),
        **codes,
    )
