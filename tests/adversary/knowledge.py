"""Rule 18: who knows the case, at which level and until when, spread from the roots along live shares."""

from tests.adversary.state import LEAD, Case, Held, Share
from tests.adversary.words import (
    AUTHORITIES,
    CEILING,
    CONTRIBUTE,
    COUNT,
    FOR_EVER,
    NOWHERE,
    PURPOSE_CATEGORY,
    TYPES,
    Office,
)

Right = tuple[int, int, bool]
NONE: Right = (0, 0, False)


def is_in_force(case: Case, office: Held) -> bool:
    """Whether an office is held now: its fact lives, and its holder is not suspended."""
    return not office.is_ended and office.until > case.now and not case.suspended >> office.holder & 1


def is_live(case: Case, share: Share) -> bool:
    """Whether a share gives its rows now, if its receiver knows the case."""
    if share.is_ended or share.is_waiting or share.is_done or share.is_paused:
        return False
    return _end(share) > case.now


def _end(share: Share) -> int:
    return min(share.until, share.confirm_by) if share.confirm_by else share.until


def sources_of(case: Case, organisation: int) -> list[int]:
    """What an organisation knows the case by now: the lead, offices, shares whose path lives."""
    found = [LEAD] if case.lead == organisation and case.is_open else []
    found += [n for n, office in case.offices.items() if office.holder == organisation and is_in_force(case, office)]
    found += [
        share.number
        for share in case.shares.values()
        if share.receiver == organisation and is_live(case, share) and case.paths.get(share.number, NONE)[0] > case.now
    ]
    return found


def spread(case: Case) -> None:
    """Bring paths and the rights of organisations up to date, and end what nothing leads to any more.

    The least solution: rights start at nothing and grow, so that a circle without a root stays at nothing.
    """
    now, faults = case.now, case.faults
    rights = _roots(case)
    if faults.reinstated_organisation_revives or faults.reopening_revives:
        _pause(case)
    shares = [s for s in case.shares.values() if not (s.is_ended or s.is_waiting or s.is_paused)]
    paths: dict[int, Right] = {}
    if faults.circle_keeps_itself_alive:
        # The greatest solution instead of the least: everything is alive until something shows that it is not.
        paths = {share.number: (_end(share), _end(share), False) for share in shares}
        rights.update(paths)
    has_grown = True
    while has_grown:
        has_grown = False
        for share in shares:
            right = _along(case, share, rights)
            if right != paths.get(share.number, NONE):
                paths[share.number] = right
                rights[share.number] = (
                    right
                    if not share.is_done or faults.completion_leaves_the_branch
                    else (min(right[0], share.done_until), 0, right[2])
                )
                has_grown = True
    case.paths = paths
    _sum_up(case, shares, paths)
    for share in shares:
        end = share.done_until if share.is_done else _end(share)
        if end <= now or (paths.get(share.number, NONE)[0] <= now and case.reads_until[share.receiver] <= now):
            share.is_ended = True


def _roots(case: Case) -> dict[int, Right]:
    """The lead, and each office in force."""
    rights: dict[int, Right] = {LEAD: (FOR_EVER, FOR_EVER, True)} if case.is_open else {}
    for number, office in case.offices.items():
        if is_in_force(case, office):
            rights[number] = (office.until, office.until if office.level == CONTRIBUTE else 0, False)
    return rights


def _pause(case: Case) -> None:
    """A fault: what a suspension or a closing should end only rests meanwhile."""
    for share in case.shares.values():
        is_suspended = case.suspended >> share.giver & 1 or case.suspended >> share.receiver & 1
        share.is_paused = bool(is_suspended) or not case.is_open


def _along(case: Case, share: Share, rights: dict[int, Right]) -> Right:
    """The best of the share's sources, lowered to the share's own level and end. An end that has passed is nothing."""
    end = _end(share)
    reads = writes = 0
    by_lead = False
    for source in share.sources:
        right = rights.get(source, NONE)
        reads = max(reads, right[0])
        writes = max(writes, right[1])
        by_lead = by_lead or (right[2] and right[0] > case.now)
    if case.faults.shares_hang_on_nothing:
        reads = writes = FOR_EVER
    if case.faults.level_is_not_limited:
        writes = reads
    elif share.level != CONTRIBUTE:
        writes = 0
    reads, writes = min(reads, end), min(writes, end)
    if reads <= case.now:
        return NONE
    return (reads, writes if writes > case.now else 0, by_lead)


def _sum_up(case: Case, shares: list[Share], paths: dict[int, Right]) -> None:
    reads, writes = [0] * COUNT, [0] * COUNT
    if case.is_registered and not case.suspended >> case.lead & 1:
        reads[case.lead] = FOR_EVER
        writes[case.lead] = FOR_EVER if case.is_open else 0
    for office in case.offices.values():
        if is_in_force(case, office):
            reads[office.holder] = max(reads[office.holder], office.until)
            if office.level == CONTRIBUTE:
                writes[office.holder] = max(writes[office.holder], office.until)
    for share in shares:
        if share.is_done or share.number not in paths or case.suspended >> share.receiver & 1:
            continue
        right = paths[share.number]
        reads[share.receiver] = max(reads[share.receiver], right[0])
        writes[share.receiver] = max(writes[share.receiver], right[1])
    if case.faults.former_registrar_contributes and case.is_open and case.registrar != NOWHERE:
        reads[case.registrar] = writes[case.registrar] = FOR_EVER
    case.reads_until, case.contributes_until = reads, writes


def knows(case: Case, organisation: int) -> bool:
    """Whether an organisation knows the case now (a registrar's own rows aside)."""
    return organisation != NOWHERE and case.reads_until[organisation] > case.now


def contributes(case: Case, organisation: int) -> bool:
    """Whether an organisation may write, and bring others in, now."""
    return organisation != NOWHERE and case.contributes_until[organisation] > case.now


def reading(case: Case) -> dict[tuple[int, int], int]:
    """(viewer, owner) to the categories that live shares and offices open."""
    found: dict[tuple[int, int], int] = {}
    now = case.now
    for share in case.shares.values():
        if is_live(case, share) and case.reads_until[share.receiver] > now:
            pair = (share.receiver, share.giver)
            found[pair] = found.get(pair, 0) | share.categories
    for office in case.offices.values():
        if is_in_force(case, office):
            for owner in range(COUNT):
                if office.owners >> owner & 1 and owner != office.holder:
                    pair = (office.holder, owner)
                    found[pair] = found.get(pair, 0) | office.categories
    if case.faults.share_covers_what_others_wrote:
        _pass_on(case, found)
    return found


def _pass_on(case: Case, found: dict[tuple[int, int], int]) -> None:
    """A fault: a share opens what its giver reads, not only what it wrote."""
    for share in case.shares.values():
        for (viewer, owner), categories in list(found.items()) if is_live(case, share) else ():
            if viewer == share.giver and owner != share.receiver and knows(case, share.receiver):
                pair = (share.receiver, owner)
                found[pair] = found.get(pair, 0) | categories & share.categories


def gifts(case: Case) -> dict[int, int]:
    """Rule 19: how many lines hang below each live share; what has nothing below is left out."""
    below: dict[int, list[int]] = {}
    for share in case.shares.values():
        if is_live(case, share) and case.paths.get(share.number, NONE)[0] > case.now:
            for source in share.sources:
                below.setdefault(source, []).append(share.number)
    counts: dict[int, int] = {}
    for number, share in case.shares.items():
        if number in below and is_live(case, share) and case.paths.get(number, NONE)[0] > case.now:
            reached, waiting = {number}, below[number].copy()
            while waiting:
                other = waiting.pop()
                if other not in reached:
                    reached.add(other)
                    waiting += below.get(other, ())
            if len(reached) > 1:
                counts[number] = len(reached) - 1
    return {} if case.faults.giver_does_not_see_below else counts


def current_hosts(case: Case) -> list[Held]:
    """Placements in force, provisional ones included."""
    return [held for held in case.offices.values() if held.kind is Office.HOST and is_in_force(case, held)]


def may_know_the_host(case: Case, viewer: int, host: Held) -> bool:
    """Rule 6: whether an organisation is told which shelter hosts: the four relations, and who sent that referral."""
    if viewer in (host.holder, NOWHERE):
        return viewer == host.holder
    if case.faults.own_share_names_the_host and any(
        share.giver == viewer and share.receiver == host.holder and is_live(case, share)
        for share in case.shares.values()
    ):
        return True
    if viewer == case.lead and TYPES[viewer] not in AUTHORITIES:
        return True
    sent = case.shares.get(host.referral)
    if sent is not None and sent.giver == viewer:
        return True
    return any(
        held.holder == viewer and held.kind in (Office.GUARDIAN, Office.CHILD_PROTECTION) and is_in_force(case, held)
        for held in case.offices.values()
    )


def tree(case: Case) -> dict[int, bool]:
    """Rule 19: the lines of the lead's tree, share to whether its receiver is named to the lead."""
    lines: dict[int, bool] = {}
    hidden = {host.holder for host in current_hosts(case) if not may_know_the_host(case, case.lead, host)}
    for share in case.shares.values():
        if not is_live(case, share) or not case.paths.get(share.number, NONE)[2] or share.receiver == case.lead:
            continue
        if case.faults.lead_does_not_see_below and share.giver != case.lead:
            continue
        category = PURPOSE_CATEGORY[share.purpose]
        may_be_named = share.receiver not in hidden and not category & ~CEILING[TYPES[case.lead]]
        lines[share.number] = may_be_named or share.giver == case.lead
    return lines
