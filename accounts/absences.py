"""Who is away, and who stands in: read by reminders, digests and the page of absences."""

from collections.abc import Collection, Iterable
from datetime import date
from typing import Final
from uuid import UUID

from accounts.models import Absence, Membership

# A deputy who is away too has a deputy; so far and no further.
LONGEST_CHAIN: Final = 3


def running(day: date, members: Collection[UUID] | None = None) -> dict[UUID, Membership]:
    """The deputies on ``day``, by the membership that is away; of these members, or of all."""
    rows = Absence.objects.running(day).select_related("deputy__user", "deputy__organisation")
    if members is not None:
        rows = rows.filter(membership__in=members)
    return {row.membership_id: row.deputy for row in rows}


def deputies(members: Iterable[Membership], day: date) -> dict[UUID, Membership | None]:
    """For each of these members who is away: who stands in on ``day``; None where nobody does.

    A deputy who is away too is followed by the own deputy, at most ``LONGEST_CHAIN`` steps; suspended ones count not.
    """
    away = running(day, [member.pk for member in members])
    found: dict[UUID, Membership | None] = {}
    for member_id, deputy in away.items():
        found[member_id] = _present(deputy, day, LONGEST_CHAIN)
    return found


def _present(deputy: Membership, day: date, steps: int) -> Membership | None:
    if not Membership.objects.live().filter(pk=deputy.pk).exists():
        return None
    further = running(day, [deputy.pk]).get(deputy.pk)
    if further is None:
        return deputy
    return _present(further, day, steps - 1) if steps > 1 else None
