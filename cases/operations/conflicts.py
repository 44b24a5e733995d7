"""Conflict of interest: a supervisor keeps a colleague away from a case (``sharing.md`` section 5, ``block_member``).

From the next request on the case does not exist for that person, whatever their role. Only a supervisor who is neither
that person nor the one who kept them away lets them back in; what they had been assigned stays taken from them.

A block that would leave nobody to act, or of several supervisors only the one who makes it, is refused (rule 22); each
is told to the other supervisors and to the data-protection officer.
"""

from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.access import lock_organisation
from accounts.actors import NO_KEY, Actor
from accounts.models import Membership, Role
from audit import trail
from cases import ledger, notices, policies
from cases.access import blocks, relock
from cases.models import CaseBlock
from cases.operations.authorship import membership_of, organisation_of
from cases.operations.members import INTERNAL
from cases.policies import CaseAccess
from core import clock
from core.errors import Missing, NotAllowed, Refused

LONGEST = 2_000
TOLD = (Role.SUPERVISOR, Role.DATA_PROTECTION_OFFICER)


def block_member(actor: Actor, *, access: CaseAccess, member: Membership, reason: str) -> CaseBlock:
    """Keep a colleague, or oneself, away from the case; an assignment ends with it, and unread news of it.

    Raises ``Refused`` where nobody would be left to act, or nobody else to undo it.
    """
    access = relock(access)
    policies.require(actor, "block_member", access)
    if not reason.strip():
        raise Refused(_("Say what the conflict of interest is."), field="reason")
    if not blockable(actor, access).filter(pk=member.pk).exists():
        raise Refused(_("This colleague cannot be chosen: choose somebody from the list."), field="member")
    lock_organisation(organisation_of(actor))
    _check_somebody_acts(actor, access, member)
    block = CaseBlock(
        case=access.case,
        owner_organisation_id=organisation_of(actor),
        person_id=member.user_id,
        blocked_by_id=membership_of(actor),
        blocked_at=clock.moment(),
    )
    block.seal({"reason": reason})
    block.save(force_insert=True)
    _record("block_member", actor, block)
    theirs = list(Membership.objects.filter(user=member.user_id, organisation=organisation_of(actor)))
    for one in theirs:
        ledger.unassign(access.case, one)
    notices.forget(access.case, theirs)
    ledger.refresh_clocks(access.case.pk)
    _tell(actor, block)
    return block


def unblock_member(actor: Actor, *, access: CaseAccess, block: CaseBlock, reason: str) -> CaseBlock:
    """Let a colleague back in; raises ``NotAllowed`` for that colleague and for who kept them away."""
    access = relock(access)
    policies.require(actor, "unblock_member", access)
    stored = next((one for one in blocks(access) if one.pk == block.pk), None)
    if stored is None:
        raise Missing
    if not may_lift(actor, stored):
        raise NotAllowed
    if not reason.strip():
        raise Refused(_("Say why there is no conflict of interest any more."), field="reason")
    stored.seal({**stored.open(), "lift_reason": reason})
    stored.lifted_by_id, stored.lifted_at = membership_of(actor), clock.moment()
    stored.save(update_fields=("sealed", "lifted_by", "lifted_at"))
    _record("unblock_member", actor, stored)
    ledger.refresh_clocks(access.case.pk)
    return stored


def may_lift(actor: Actor, block: CaseBlock) -> bool:
    """Another supervisor than the one who kept the colleague away, and never the colleague."""
    return actor.user_id not in {block.person_id, block.blocked_by.user_id}


def blockable(actor: Actor, access: CaseAccess) -> QuerySet[Membership]:
    """Colleagues of the own organisation, suspended ones too, by name; without those who are kept away already."""
    people = [block.person_id for block in blocks(access)]
    colleagues = Membership.objects.filter(organisation_id=organisation_of(actor), ended_at__isnull=True)
    found = colleagues.with_role(*policies.WORKING).exclude(user__in=people)
    return found.select_related("user").order_by("user__name", "pk")


def kept_away(access: CaseAccess) -> frozenset[UUID]:
    """The memberships that cannot be assigned to the case."""
    people = [block.person_id for block in blocks(access)]
    found = Membership.objects.filter(user__in=people, organisation_id=access.actor.organisation_id or NO_KEY)
    return frozenset(found.values_list("pk", flat=True))


def _check_somebody_acts(actor: Actor, access: CaseAccess, member: Membership) -> None:
    """Raise ``Refused`` unless a live supervisor without a conflict is left; for a supervisor, another than the actor.

    A single supervisor may keep a caseworker or intake away: somebody acts, and data protection is told. Nobody may
    keep away the only other supervisor, who alone could undo it: that one declares it, or a third is named first.
    """
    live = Membership.objects.live().filter(organisation_id=organisation_of(actor)).with_role(Role.SUPERVISOR)
    supervisors = set(live.values_list("user_id", flat=True)) - {block.person_id for block in blocks(access)}
    left = supervisors - {member.user_id}
    if not left:
        raise Refused(_("Nobody would be left to act on the case. Name another supervisor first."), field="member")
    if Role.SUPERVISOR in member.roles and not left - {actor.user_id}:
        raise Refused(
            _("Only you would be left. Ask them to say it themselves, or name a third supervisor first."),
            field="member",
        )


def _tell(actor: Actor, block: CaseBlock) -> None:
    """The other supervisors, who may undo it, and the data-protection officer, to whom no case is named."""
    live = Membership.objects.live().filter(organisation_id=block.owner_organisation_id).with_role(*TOLD)
    people = live.exclude(pk=membership_of(actor)).exclude(user=block.person_id)
    members = people.select_related("user").order_by("created_at", "pk")
    notices.alert_members("block_member", block.case, members=members, key=block.pk)


def _record(kind: str, actor: Actor, block: CaseBlock) -> None:
    trail.record(
        kind, actor=actor, case_id=block.case_id, category=INTERNAL, object_kind="caseblock", object_id=block.pk
    )
