"""What no constraint can say, as questions that return rows: 0 on every path that people and time can take.

Asked every night. The page of operations and ``/healthz`` show the numbers; rows are only here.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from cases.models import NightlyCount
from core import clock
from core.db import role
from profiles.enums import Party
from profiles.profile import active

logger = logging.getLogger(__name__)
STATISTICS = "nrm_statistics"
WITHOUT_LEAD = "SELECT case_id, organisation_id, reference, region, is_child FROM nrm_cases_without_lead()"
WITHOUT_KEEPER = "SELECT deadline_id, case_id, organisation_id, rule FROM nrm_clocks_without_keeper(%s, %s)"


@dataclass(frozen=True)
class WithoutLead:
    """An open case whose lead is suspended, or has no live member who may act on it."""

    case_id: UUID
    organisation_id: UUID
    reference: str
    region: str
    is_child: bool


@dataclass(frozen=True)
class WithoutKeeper:
    """A running clock whose organisation has nobody who can act on the case, or does not know it any more."""

    deadline_id: UUID
    case_id: UUID
    organisation_id: UUID
    rule: str


def cases_without_lead() -> list[WithoutLead]:
    """Open cases that nobody is responsible for."""
    with role(STATISTICS), connection.cursor() as cursor:
        cursor.execute(WITHOUT_LEAD)
        return [WithoutLead(*row) for row in cursor.fetchall()]


def clocks_without_keeper(*, is_whole: bool = True) -> list[WithoutKeeper]:
    """Running clocks that nobody keeps. Who must answer a referral knows its card, not the case.

    Without ``is_whole`` only those of organisations that have nobody left: that is soon answered.
    """
    answering = sorted({rule.code for rule in active().rules if rule.bound is Party.REFERRAL_RECEIVER})
    with role(STATISTICS), connection.cursor() as cursor:
        cursor.execute(WITHOUT_KEEPER, [answering, is_whole])
        return [WithoutKeeper(*row) for row in cursor.fetchall()]


def check() -> Mapping[str, int]:
    """Ask both, keep the numbers for the page of operations and ``/healthz``, and log those that are not 0: no case and
    no organisation. As the worker, every night."""
    found = {"cases_without_lead": len(cases_without_lead()), "clocks_without_keeper": len(clocks_without_keeper())}
    for name, count in found.items():
        NightlyCount.objects.update_or_create(name=name, defaults={"count": count, "at": clock.moment()})
        if count:
            logger.warning("Nightly check: %s is %d", name, count)
    return found


def last_counts() -> Mapping[str, int | None]:
    """What the check of the last night found; None before the first."""
    with role(STATISTICS):
        known = dict(NightlyCount.objects.order_by("name").values_list("name", "count"))
    return {name: known.get(name) for name in ("cases_without_lead", "clocks_without_keeper")}
