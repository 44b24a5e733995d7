"""Acts of the model: members, assignments, conflicts of interest, suspension (rules 1, 4, 22)."""

from tests.adversary.knowledge import knows
from tests.adversary.people import SUPERVISOR, has_role, is_live, same_person, supervises
from tests.adversary.sharing import refuse, require
from tests.adversary.state import Case
from tests.adversary.words import (
    ASSIGNABLE,
    MEMBER_OF,
    MEMBERS_OF,
    NOWHERE,
    OPENING_ROLES,
    PERSONS,
    Role,
)


def assign_member(case: Case, who: int, number: int, *, member: int) -> None:
    """A supervisor assigns; intake only itself or a caseworker."""
    own = MEMBER_OF[who]
    require(MEMBER_OF[member] == own and own != NOWHERE and knows(case, own), "not on the case")
    require(not case.blocked >> who & 1 and not case.blocked >> member & 1, "kept away")
    by_intake = has_role(case, who, Role.INTAKE) and (who == member or has_role(case, member, Role.CASEWORKER))
    require(has_role(case, who, SUPERVISOR) or by_intake, "no supervisor")
    require(has_role(case, member, ASSIGNABLE) and not case.assigned >> member & 1, "not assignable")
    case.assigned |= 1 << member


def unassign_member(case: Case, who: int, number: int, *, member: int) -> None:
    """A supervisor takes somebody off."""
    require(MEMBER_OF[member] == MEMBER_OF[who] and supervises(case, who), "no supervisor")
    require(case.assigned >> member & 1, "not assigned")
    case.assigned &= ~(1 << member)


def block_member(case: Case, who: int, number: int, *, member: int) -> None:
    """Conflict of interest. Refused where nobody but who blocks could act, or undo it (rule 22)."""
    require(MEMBER_OF[member] == MEMBER_OF[who] != NOWHERE and supervises(case, who), "no supervisor")
    require(who != member and not case.blocked >> member & 1, "oneself, or already")
    if case.roles[member] & SUPERVISOR and not case.faults.one_supervisor_blocks_all:
        require(_other_supervisors(case, MEMBER_OF[who], who, member), "nobody would be left to undo it")
    case.blocked |= 1 << member
    case.assigned &= ~(1 << member)


def _other_supervisors(case: Case, organisation: int, *but: int) -> list[int]:
    return [
        m
        for m in MEMBERS_OF[organisation]
        if supervises(case, m) and not any(m == other or same_person(m, other) for other in but)
    ]


def unblock_member(case: Case, who: int, number: int, *, member: int) -> None:
    """Another supervisor lifts it."""
    require(MEMBER_OF[member] == MEMBER_OF[who] and supervises(case, who) and who != member, "no supervisor")
    require(case.blocked >> member & 1, "not blocked")
    case.blocked &= ~(1 << member)


def grant_role(case: Case, who: int, number: int, *, member: int, role: int) -> None:
    """An administrator invites or grants; what opens cases by itself waits for another person (rule 22)."""
    own = MEMBER_OF[who]
    require(has_role(case, who, Role.ADMINISTRATOR) and MEMBER_OF[member] == own, "no administrator")
    require(
        not case.roles[member] & (role | Role.ADMINISTRATOR) and role & (OPENING_ROLES | ASSIGNABLE), "not this role"
    )
    if role & OPENING_ROLES and not case.faults.administrator_makes_a_supervisor_alone:
        case.grants[number] = (member, role, who, set())
    else:
        case.roles[member] |= role
        case.live |= 1 << member


def confirm_role(case: Case, who: int, number: int, *, grant: int) -> None:
    """Another live member with such a role; else the data-protection officer; else two platform administrators."""
    asked = case.grants.get(grant)
    if asked is None:
        refuse("not asked")
    member, role, proposer, approved = asked
    require(is_live(case, who) and not same_person(who, proposer) and not same_person(who, member), "who gains")
    own = MEMBER_OF[member]
    if has_role(case, who, OPENING_ROLES) and MEMBER_OF[who] == own:
        pass
    elif has_role(case, who, Role.DATA_PROTECTION) and MEMBER_OF[who] == own:
        require(not _confirmers(case, own, OPENING_ROLES, proposer, member), "somebody with such a role is left")
    else:
        require(has_role(case, who, Role.PLATFORM), "no such role")
        require(not _confirmers(case, own, OPENING_ROLES | Role.DATA_PROTECTION, proposer, member), "somebody is left")
        approved.add(PERSONS[who])
        if len(approved) < 2:
            return
    del case.grants[grant]
    case.roles[member] |= role
    case.live |= 1 << member


def _confirmers(case: Case, organisation: int, roles: int, *but: int) -> list[int]:
    return [
        m
        for m in MEMBERS_OF[organisation]
        if has_role(case, m, roles) and not any(same_person(m, other) for other in but)
    ]


def end_membership(case: Case, who: int, number: int, *, member: int) -> None:
    """Refused where no other supervisor would be left."""
    own = _administered(case, who, member)
    if case.roles[member] & SUPERVISOR:
        require(_other_supervisors(case, own, member), "nobody would be left to act")
    case.roles[member] = 0
    _leave(case, member)


def suspend_member(case: Case, who: int, number: int, *, member: int) -> None:
    """At once; assignments end and do not come back (rule 4)."""
    _administered(case, who, member)
    if case.faults.reinstated_member_is_assigned_again:
        case.live &= ~(1 << member)
    else:
        _leave(case, member)


def reinstate_member(case: Case, who: int, number: int, *, member: int) -> None:
    """The membership again, no assignment."""
    require(has_role(case, who, Role.ADMINISTRATOR) and MEMBER_OF[member] == MEMBER_OF[who], "no administrator")
    require(case.roles[member] and not case.live >> member & 1, "not suspended")
    case.live |= 1 << member


def _administered(case: Case, who: int, member: int) -> int:
    own = MEMBER_OF[who]
    require(has_role(case, who, Role.ADMINISTRATOR) and MEMBER_OF[member] == own != NOWHERE, "no administrator")
    require(case.live >> member & 1 and who != member, "not live, or oneself")
    return own


def _leave(case: Case, member: int) -> None:
    case.live &= ~(1 << member)
    case.assigned &= ~(1 << member)


def suspend_organisation(case: Case, who: int, number: int, *, organisation: int) -> None:
    """Chosen shares to and from it end for good. An open referral that the lead sent hangs on the lead, and goes on."""
    require(has_role(case, who, Role.PLATFORM) and not case.suspended >> organisation & 1, "no platform administrator")
    case.suspended |= 1 << organisation
    for given in case.shares.values():
        is_open = given.is_referral and not given.is_waiting and not given.is_done
        goes_on = is_open and given.giver == organisation == case.lead
        if case.faults.reinstated_organisation_revives or given.is_ended:
            continue
        if given.receiver == organisation or (given.giver == organisation and not goes_on):
            given.is_ended = True
    case.emergencies = [row for row in case.emergencies if MEMBER_OF[row[0]] != organisation]


def reinstate_organisation(case: Case, who: int, number: int, *, organisation: int) -> None:
    """Its members act again; chosen shares stay ended."""
    require(has_role(case, who, Role.PLATFORM) and case.suspended >> organisation & 1, "not suspended")
    case.suspended &= ~(1 << organisation)
