"""What follows from a report to the police, or from other cooperation, whether or not a reflection period runs.

The police that record it are bound; whoever decides on residence becomes a party by office, since the report counts as
a request for residence. Source: Vreemdelingencirculaire B8/3.1 and B8/3.4.
"""

from collections.abc import Mapping
from datetime import date
from typing import Final

from accounts.actors import Actor
from accounts.models import Organisation
from cases import ledger
from cases.models import Case, RecordedAct
from cases.operations import clocks
from cases.operations.authorities import hold_office
from core.db import role
from profiles.enums import ActKind, Event, Party, Situation
from profiles.profile import active

PURPOSE: Final = "share_immigration"


def start_duties_of_report(
    actor: Actor,
    *,
    case: Case,
    on: date,
    residence: str,
    has_union_right: bool = False,
    authority: Organisation | None = None,
    bound: Mapping[Party, Organisation] | None = None,
) -> None:
    """Start the clocks of a report made on ``on`` by a person of this residence status (code list); ``authority``
    decides on residence where that is at stake."""
    profile, parties = active(), {**(bound or {})}
    is_at_stake = is_residence_at_stake(residence, has_union_right=has_union_right)
    is_dublin = profile.reflection.length_for(residence).situation is Situation.DUBLIN
    if is_at_stake and authority is not None:
        hold_office(actor, case=case, authority=authority, purpose=PURPOSE)
        parties[Party.REFLECTION_AUTHORITY] = authority
    events = [
        Event.REPORT_MADE,
        *([Event.REPORT_MADE_RESIDENCE] if is_at_stake else []),
        *([Event.REPORT_MADE_DUBLIN] if is_dublin else []),
    ]
    for event in events:
        clocks.start(case, event, actor=actor, on=on, bound=parties)


def asks_residence() -> bool:
    """True where the law lets a request for residence follow from a report, so that the status counts."""
    return any(rule.trigger is Event.REPORT_MADE_RESIDENCE for rule in active().rules)


def is_residence_at_stake(residence: str, *, has_union_right: bool = False) -> bool:
    """True unless the status leaves no room for a reflection period either: such a person needs no permit."""
    return asks_residence() and not active().reflection.is_exempt(residence, has_union_right=has_union_right)


def was_reported(case: Case) -> bool:
    """True when a report or other cooperation was recorded before, by any organisation."""
    with role(ledger.LEDGER):
        return RecordedAct.objects.filter(case=case, act=ActKind.REPORT).exists()
