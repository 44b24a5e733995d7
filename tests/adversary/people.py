"""Members: who may act, to whom the case opens by the organisation's right, who reads the location (rules 1, 6, 22)."""

from collections.abc import Iterable

from tests.adversary.knowledge import current_hosts, is_in_force, knows, may_know_the_host
from tests.adversary.state import Case
from tests.adversary.words import (
    ASSIGNABLE,
    AUTHORITIES,
    COUNT,
    MEMBER_OF,
    MEMBERS,
    MEMBERS_OF,
    NOWHERE,
    PERSONS,
    TYPES,
    Office,
    Role,
)

SUPERVISOR = Role.SUPERVISOR
BY_ROLE = Role.SUPERVISOR | Role.INTAKE


def is_live(case: Case, member: int) -> bool:
    """Whether somebody may act at all: a live member of an organisation that is not suspended."""
    organisation = MEMBER_OF[member]
    return bool(case.live >> member & 1) and (organisation == NOWHERE or not case.suspended >> organisation & 1)


def has_role(case: Case, member: int, roles: int) -> bool:
    """Whether a live member has one of these roles."""
    return is_live(case, member) and bool(case.roles[member] & roles)


def works(case: Case, member: int) -> bool:
    """Assigned caseworker or supervisor, not kept away by a conflict of interest."""
    if not is_live(case, member) or case.blocked >> member & 1:
        return False
    roles = case.roles[member]
    return bool(roles & SUPERVISOR) or bool(roles & ASSIGNABLE and case.assigned >> member & 1)


def supervises(case: Case, member: int) -> bool:
    """A supervisor who is not kept away."""
    return has_role(case, member, SUPERVISOR) and not case.blocked >> member & 1


def opens(case: Case, member: int) -> bool:
    """Whether the case opens to a member if it does to the organisation (rule 1)."""
    if not is_live(case, member) or case.blocked >> member & 1:
        return False
    roles = case.roles[member]
    return bool(roles & BY_ROLE) or bool(roles & ASSIGNABLE and case.assigned >> member & 1)


def openers(case: Case, organisation: int) -> int:
    """The mask of members of an organisation to whom the case opens if it does to the organisation."""
    return sum(1 << member for member in MEMBERS_OF[organisation] if opens(case, member))


def can_act_for_the_lead(case: Case) -> bool:
    """Whether the lead is live and somebody there can act (rules 18 and 22)."""
    return any(works(case, member) for member in MEMBERS_OF[case.lead])


def emergency_reading(case: Case) -> dict[tuple[int, int], int]:
    """(member, owner) to what openings in an emergency show (rule 11): who gave the reason, and one colleague."""
    found: dict[tuple[int, int], int] = {}
    for opener, colleague, until, categories in case.emergencies:
        if until <= case.now:
            continue
        named = {opener, colleague}
        if case.faults.emergency_opens_for_supervisors:
            named |= {m for m in MEMBERS_OF[MEMBER_OF[opener]] if case.roles[m] & SUPERVISOR}
        for member in named:
            if is_live(case, member) and not case.blocked >> member & 1:
                for owner in {case.lead, case.registrar} - {MEMBER_OF[opener]}:
                    found[member, owner] = found.get((member, owner), 0) | categories
    return found


def location_reading(case: Case) -> dict[int, int]:
    """Member to the mask of hosts whose location row opens (rules 6 and 20)."""
    found: dict[int, int] = {}
    hosts = current_hosts(case)
    every = sum({1 << host.holder for host in hosts})
    for host in hosts:
        own = every if host.is_provisional and case.faults.provisional_host_reads_all_locations else 1 << host.holder
        _add(found, own, (m for m in MEMBERS_OF[host.holder] if opens(case, m)))
    may_lead_read = TYPES[case.lead] not in AUTHORITIES or case.faults.police_lead_reads_the_location
    if every and may_lead_read and knows(case, case.lead):
        assigned = (m for m in MEMBERS_OF[case.lead] if works(case, m) and case.assigned >> m & 1)
        _add(found, every, assigned)
    for held in case.offices.values():
        if every and held.kind in (Office.GUARDIAN, Office.CHILD_PROTECTION) and is_in_force(case, held):
            _add(found, every, (m for m in MEMBERS_OF[held.holder] if opens(case, m)))
    for asker, owner, approved, until in case.releases.values():
        needed = 1 if case.faults.one_custodian_releases else 2
        if len(approved) >= needed and until > case.now and opens(case, asker) and knows(case, MEMBER_OF[asker]):
            _add(found, every & 1 << owner, (asker,))
    return {member: hosts_read for member, hosts_read in found.items() if hosts_read}


def _add(found: dict[int, int], hosts: int, members: Iterable[int]) -> None:
    for member in members:
        found[member] = found.get(member, 0) | hosts


def hosts_named(case: Case) -> list[int]:
    """By organisation, the mask of hosts whose name it is shown as the host."""
    hosts = current_hosts(case)
    if not hosts:
        return [0] * COUNT
    return [
        sum({1 << host.holder for host in hosts if may_know_the_host(case, viewer, host)}) if knows(case, viewer) else 0
        for viewer in range(COUNT)
    ]


def same_person(one: int, other: int) -> bool:
    """Whether two memberships are of one person."""
    return PERSONS[one] == PERSONS[other]


def name(member: int) -> str:
    """The name in the cast."""
    return MEMBERS[member].name
