"""Who knows a case through whom, for the lead and for whoever gave: lines without a word of anybody's rows.

The lead sees every organisation that knows the case through it. Whoever gave sees the next step of its own gift, and
the number below that. A host is shown as "A shelter", and an organisation whose purpose lies in a category that the
viewer may never be granted as "An organisation". Source: ``sharing.md`` rule 19.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from cases import ledger, policies
from cases.knowledge import Knowledge
from cases.masking import ShownOrganisation
from cases.models import Share
from cases.policies import CaseAccess
from core.dates import last_day
from core.errors import Missing
from profiles.profile import active


@dataclass(frozen=True)
class Line:
    """One organisation that knows the case, by whom, why, and until when. ``depth`` 0 hangs on the lead itself."""

    share: Share
    number: int
    depth: int
    receiver: ShownOrganisation
    giver: ShownOrganisation
    reads_until: datetime
    last_day: date
    is_own: bool
    is_kept: bool
    below: int

    @property
    def is_named(self) -> bool:
        """True when the viewer may learn who receives."""
        return not self.receiver.is_masked


def who_knows(access: CaseAccess) -> list[Line]:
    """Every line that hangs on the lead, each below the one that it hangs on; raises ``NotAllowed`` (403) for others
    than the lead."""
    policies.require(access.actor, "view_who_knows", access)
    known = ledger.knowledge(access.case)
    return _lines(access, known, _walk(known))


def get_line(access: CaseAccess, pk: UUID) -> Line:
    """One line of ``who_knows``; raises ``Missing`` for any other."""
    found = next((line for line in who_knows(access) if line.share.pk == pk), None)
    if found is None:
        raise Missing
    return found


def next_steps(access: CaseAccess, share: Share) -> tuple[list[Line], int]:
    """For whoever gave ``share``: the lines that hang on it directly, and how many hang below these."""
    known = ledger.knowledge(access.case)
    stored = known.shares.get(share.pk)
    if stored is None or stored.from_organisation_id != access.actor.organisation_id:
        return [], 0
    direct = known.next_steps(stored)
    return _lines(access, known, [(one, 0) for one in direct]), len(known.below(stored)) - len(direct)


def _walk(known: Knowledge) -> list[tuple[Share, int]]:
    """Depth first, each share once."""
    hanging = known.hanging_on_lead()
    keys = {share.pk for share in hanging}
    seen: set[UUID] = set()

    def down(shares: Iterable[Share], depth: int) -> Iterator[tuple[Share, int]]:
        for share in shares:
            if share.pk in keys and share.pk not in seen:
                seen.add(share.pk)
                yield share, depth
                yield from down(known.next_steps(share), depth + 1)

    tops = [share for share in hanging if not any(pk in keys for pk in share.sources)]
    return [*down(tops, 0), *down(hanging, 0)]


def _lines(access: CaseAccess, known: Knowledge, found: list[tuple[Share, int]]) -> list[Line]:
    own = access.actor.organisation_id
    shown = {share.to_organisation_id: _receiver(access, share) for share, _depth in found}
    return [
        Line(
            share=share,
            number=number,
            depth=depth,
            receiver=shown[share.to_organisation_id],
            giver=shown.get(share.from_organisation_id) or access.names.of(share.from_organisation),
            reads_until=known.reach[share.pk].reads_until,
            last_day=last_day(known.reach[share.pk].reads_until, active().zone),
            is_own=share.from_organisation_id == own,
            is_kept=known.is_kept(share),
            below=len(known.below(share)),
        )
        for number, (share, depth) in enumerate(found, start=1)
    ]


def _receiver(access: CaseAccess, share: Share) -> ShownOrganisation:
    """The receiver itself for whoever chose it; else as far as the viewer may learn who receives."""
    if access.actor.organisation_id in {share.from_organisation_id, share.to_organisation_id}:
        return access.names.receiver(share)
    return access.names.for_purpose(share.to_organisation, share.purpose)
