"""A pair of cases that may be one person, as it is stored: what its sides say, where it stands, who is asked.

Called by operations that hold the locks and have judged; written as ``nrm_ledger``.
"""

from typing import Final

from django.db.models import F

from accounts.models import Notice
from cases import ledger
from cases.enums import DoubleState
from cases.models import DoubleSide, PossibleDouble
from core import clock
from core.db import role

WAITING: Final = (DoubleState.FOUND, DoubleState.ASKED, DoubleState.REFUSED)
SETTLED: Final = (DoubleState.LINKED, DoubleState.KEPT_APART)


def store(side: DoubleSide, **values: object) -> None:
    """Write values of one side, and who leads its case."""
    for name, value in values.items():
        setattr(side, name, value)
    with role(ledger.LEDGER):
        side.save(update_fields=("organisation", *values))


def close(side: DoubleSide) -> None:
    """Nobody is asked any more."""
    store(side, is_open=False)
    settle_notices(side)


def move(double: PossibleDouble, state: DoubleState) -> PossibleDouble:
    """Give the pair its next state."""
    double.state = state
    double.settled_at = clock.moment() if state in SETTLED else None
    with role(ledger.LEDGER):
        double.save(update_fields=("state", "settled_at"))
    return double


def settle_pairs_of_one_person() -> None:
    """What was a question about two persons is one no more: the pair itself, and a third case of the person."""
    with role(ledger.LEDGER):
        pairs = PossibleDouble.objects.filter(state__in=WAITING, first__person=F("second__person"))
        found = list(pairs.prefetch_related("sides"))
    for double in found:
        for side in double.sides.all():
            close(side)
        move(double, DoubleState.LINKED)


def path(side: DoubleSide) -> str:
    """The page on which the lead answers."""
    return f"/link-questions/{side.pk}/"


def settle_notices(side: DoubleSide) -> None:
    """What was asked about this side waits no more."""
    Notice.objects.filter(object_path=path(side)).finish(clock.moment())
