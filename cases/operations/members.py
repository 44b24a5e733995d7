"""Who of the own organisation works a case: unassigned, a caseworker knows nothing of it (``sharing.md`` rule 1)."""

from typing import Final
from uuid import uuid4

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import Membership, Role
from audit import trail
from cases import ledger, notices, policies
from cases.access import assigned_members, relock
from cases.models import Case
from cases.operations.authorship import organisation_of
from cases.policies import CaseAccess
from core.errors import Refused

# What concerns the own organisation alone: no share can ever show it.
INTERNAL: Final = "internal"


def assign_member(actor: Actor, *, access: CaseAccess, member: Membership) -> Membership:
    """Let a colleague know and work the case; intake only itself or a caseworker. Repeating has no effect."""
    access = relock(access)
    policies.require(actor, "assign_member", access)
    if not assignable(actor).filter(pk=member.pk).exists():
        raise Refused(_("This colleague cannot be assigned: choose somebody from the list."), field="member")
    is_new = member.pk not in {row.membership_id for row in assigned_members(access)}
    ledger.assign(access.case, member)
    _record("assign_member", actor, access, member)
    if is_new:
        tell_of_own_assignment(actor, access.case, member)
    return member


def tell_of_own_assignment(actor: Actor, case: Case, member: Membership) -> int:
    """Tell the other supervisors when somebody assigned themselves (``sharing.md`` rule 20); returns how many.

    Only who gains acts here, so that it must be seen. Whoever is kept away from the case hears nothing.
    """
    if member.pk != actor.membership_id:
        return 0
    others = Membership.objects.live().filter(organisation_id=organisation_of(actor)).with_role(Role.SUPERVISOR)
    people = others.exclude(pk=member.pk).select_related("user").order_by("created_at", "pk")
    return len(notices.alert_members("assign_oneself", case, members=people, key=uuid4()))


def unassign_member(actor: Actor, *, access: CaseAccess, member: Membership) -> Membership:
    """Take a colleague off the case: from the next request it does not exist for them."""
    access = relock(access)
    policies.require(actor, "unassign_member", access)
    if member.pk not in {row.membership_id for row in assigned_members(access)}:
        raise Refused(_("This colleague is not assigned to the case any more."))
    ledger.unassign(access.case, member)
    _record("unassign_member", actor, access, member)
    return member


def assignable(actor: Actor) -> QuerySet[Membership]:
    """Colleagues whom the actor may assign, by name: those with a role that works cases."""
    colleagues = Membership.objects.live().filter(organisation_id=organisation_of(actor))
    found = colleagues.filter(Q(roles__overlap=list(policies.assignable_roles(actor))) | Q(pk=actor.membership_id))
    return found.select_related("user").order_by("user__name", "pk")


def _record(kind: str, actor: Actor, access: CaseAccess, member: Membership) -> None:
    trail.record(
        kind, actor=actor, case_id=access.case.pk, category=INTERNAL, object_kind="membership", object_id=member.pk
    )
