"""Which state may follow which, as data (``domain.md`` section 3); buttons, errors and tests read the same tables."""

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext as _

from cases.enums import CaseState, ConsentState, GuardianshipState, Identification, ReflectionState
from core.errors import Conflict

C, ID, R, G, N = CaseState, Identification, ReflectionState, GuardianshipState, ConsentState

CASE: Final[Mapping[str, frozenset[str]]] = {
    C.REGISTERED: frozenset({C.ACTIVE, C.SUSPENDED, C.CLOSED, C.TRANSFERRED}),
    C.ACTIVE: frozenset({C.FOLLOW_UP, C.SUSPENDED, C.CLOSED, C.TRANSFERRED}),
    C.FOLLOW_UP: frozenset({C.ACTIVE, C.SUSPENDED, C.CLOSED}),
    C.SUSPENDED: frozenset({C.ACTIVE, C.CLOSED, C.TRANSFERRED}),
    C.TRANSFERRED: frozenset(),
    C.CLOSED: frozenset({C.ACTIVE}),
}
IDENTIFICATION: Final[Mapping[str, frozenset[str]]] = {
    ID.PRESUMED: frozenset(
        {
            ID.REASONABLE_GROUNDS,
            ID.NO_REASONABLE_GROUNDS,
            ID.DECLINED,
            ID.IDENTIFIED,
            ID.NOT_IDENTIFIED,
            ID.WITHDRAWN,
        }
    ),
    ID.REASONABLE_GROUNDS: frozenset({ID.IDENTIFIED, ID.NOT_IDENTIFIED, ID.DECLINED, ID.WITHDRAWN, ID.DISQUALIFIED}),
    ID.NO_REASONABLE_GROUNDS: frozenset({ID.REASONABLE_GROUNDS}),
    ID.DECLINED: frozenset({ID.REASONABLE_GROUNDS, ID.IDENTIFIED, ID.NOT_IDENTIFIED}),
    # Who withdrew may come back; a disqualification may be lifted.
    ID.WITHDRAWN: frozenset({ID.REASONABLE_GROUNDS, ID.NO_REASONABLE_GROUNDS}),
    ID.DISQUALIFIED: frozenset({ID.REASONABLE_GROUNDS, ID.IDENTIFIED, ID.NOT_IDENTIFIED}),
    ID.IDENTIFIED: frozenset(),
    ID.NOT_IDENTIFIED: frozenset({ID.IDENTIFIED}),
}
REFLECTION: Final[Mapping[str, frozenset[str]]] = {
    "": frozenset({R.OFFERED, R.NOT_APPLICABLE, R.RUNNING}),
    R.NOT_APPLICABLE: frozenset(),
    R.OFFERED: frozenset({R.RUNNING, R.DECLINED, R.DECLINED_BY_PERSON}),
    R.DECLINED_BY_PERSON: frozenset(),
    R.DECLINED: frozenset(),
    R.RUNNING: frozenset({R.ENDED}),
    R.ENDED: frozenset(),
}
GUARDIANSHIP: Final[Mapping[str, frozenset[str]]] = {
    "": frozenset({G.REQUESTED}),
    G.REQUESTED: frozenset({G.PROVISIONAL, G.APPOINTED, G.ENDED}),
    G.PROVISIONAL: frozenset({G.APPOINTED, G.REPLACED, G.ENDED}),
    G.APPOINTED: frozenset({G.REPLACED, G.ENDED}),
    G.REPLACED: frozenset(),
    G.ENDED: frozenset(),
}
# Ending by the last day follows from reading; a replaced consent names the one that took its place. Overridden after
# overridden: a second person has confirmed it.
CONSENT: Final[Mapping[str, frozenset[str]]] = {
    "": frozenset({N.REQUESTED, N.GIVEN, N.REFUSED, N.OTHER_BASIS, N.PROPOSED, N.OVERRIDDEN}),
    N.REQUESTED: frozenset({N.GIVEN, N.REFUSED}),
    N.GIVEN: frozenset({N.WITHDRAWN, N.EXPIRED, N.SUPERSEDED}),
    N.PROPOSED: frozenset({N.OVERRIDDEN, N.UNCONFIRMED, N.EXPIRED}),
    N.OVERRIDDEN: frozenset({N.OVERRIDDEN, N.WITHDRAWN, N.UNCONFIRMED, N.EXPIRED}),
    N.UNCONFIRMED: frozenset(),
    N.OTHER_BASIS: frozenset({N.EXPIRED}),
    N.REFUSED: frozenset(),
    N.WITHDRAWN: frozenset(),
    N.EXPIRED: frozenset(),
    N.SUPERSEDED: frozenset(),
}


def is_possible(table: Mapping[str, frozenset[str]], state: str, target: str) -> bool:
    """True when ``target`` may follow ``state``."""
    return target in table[state]


def step(table: Mapping[str, frozenset[str]], state: str, target: str) -> str:
    """``target``, when it may follow ``state``; else ``Conflict``: somebody was there first, or it is too late."""
    if not is_possible(table, state, target):
        raise Conflict(_("This step is not possible any more: the case has moved on. Look at the case again."))
    return target
