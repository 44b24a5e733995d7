"""The placements of a case, by where they stand today: confirmed, said and not confirmed, giving way (rule 20).

What ends by itself has ended when it is read: a word that nobody confirmed in time, and the placement before, 72 hours
after another was confirmed. Read as the ledger, whoever asks: callers say only what the reader may know of it.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from django.db.models import Q

from accounts.models import Organisation
from cases.models import Placement
from core import clock
from core.dates import add_working_days, civil_day, end_of_day
from core.db import role
from profiles.profile import active

LEDGER: Final = "nrm_ledger"
# A provisional placement lasts at least this long; so long does the placement before go on after another was confirmed.
PROVISIONAL: Final = timedelta(hours=24)
GIVES_WAY: Final = timedelta(hours=72)
# How a placement ended that nobody had confirmed in time; sender or lead may still say what happened.
NOT_CONFIRMED: Final = "not_confirmed"


class Standing(StrEnum):
    """Where a placement stands today."""

    CONFIRMED = "confirmed"
    PROVISIONAL = "provisional"
    GIVING_WAY = "giving_way"
    LAPSED = "lapsed"
    ENDED = "ended"


ORDER: Final = (Standing.CONFIRMED, Standing.PROVISIONAL, Standing.GIVING_WAY)
MAIN: Final = (Standing.CONFIRMED, Standing.GIVING_WAY, Standing.PROVISIONAL)


def standing(placement: Placement) -> Standing:
    """Where the placement stands at this moment."""
    is_past = placement.ends_at is not None and placement.ends_at <= clock.moment()
    if placement.confirmed_at is None:
        if placement.end_reason == NOT_CONFIRMED or (placement.ended_at is None and is_past):
            return Standing.LAPSED
        return Standing.ENDED if placement.ended_at is not None else Standing.PROVISIONAL
    if placement.ended_at is not None or is_past:
        return Standing.ENDED
    return Standing.GIVING_WAY if placement.ends_at is not None else Standing.CONFIRMED


def live(case_id: UUID) -> list[Placement]:
    """What makes an organisation the host now: the confirmed placement first, then what is not confirmed, then what
    gives way."""
    with role(LEDGER):
        rows = Placement.objects.live().filter(case=case_id).select_related("organisation", "placed_by")
        found = list(rows.order_by("-recorded_at", "pk"))
    return sorted(found, key=lambda one: ORDER.index(standing(one)))


def unsettled(case_id: UUID) -> list[Placement]:
    """What a shelter said, or police who brought somebody, and nobody has confirmed or denied; newest first."""
    is_open = Q(ended_at__isnull=True) | Q(end_reason=NOT_CONFIRMED)
    with role(LEDGER):
        rows = Placement.objects.filter(is_open, case=case_id, confirmed_at__isnull=True)
        return list(rows.select_related("organisation", "placed_by").order_by("-recorded_at", "pk"))


def hosted(placements: Iterable[Placement], organisation_id: UUID | None) -> Placement | None:
    """The one of these by which an organisation is host, or None."""
    return next((one for one in placements if one.organisation_id == organisation_id), None)


def main(placements: Iterable[Placement]) -> Placement | None:
    """The one of these that counts for who hosts nobody: a word that is not confirmed only where there is no other."""
    return min(placements, key=lambda one: MAIN.index(standing(one)), default=None)


def provisional_until(at: datetime, confirmers: Iterable[Organisation]) -> datetime:
    """When a word lapses that was said at ``at``: after 24 hours, and not before the next working day is over for those
    who can confirm it. The day itself is never counted."""
    profile = active()
    day: date = civil_day(at, profile.zone)
    calendars = [profile.calendar(one.region) for one in confirmers]
    days = [end_of_day(add_working_days(day, 1, calendar), profile.zone) for calendar in calendars]
    return max([at + PROVISIONAL, *days])
