"""The differential test finds what it must: faults are put into policies, queries and projection, one at a time.

A fault in a policy rewrites the text that the catalogue has, in a database of its own; a fault in the application
replaces one function. Each must make the walk fail.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import pytest

from accounts.querysets import MembershipQuerySet
from cases import access as door
from cases import ledger, policies
from cases.enums import SHAREABLE
from cases.knowledge import Knowledge, Reach
from cases.models import CaseGroupObjectPermission, CaseVisibility, Share
from cases.querysets import LiveQuerySet
from core import clock
from core.db import role
from referrals.querysets import ReferralQuerySet
from tests.cast import Cast
from tests.cluster import Cluster
from tests.proofs import IS_FULL
from tests.proofs.figures import Figure
from tests.security.test_differential import walk

SEED: Final = 11
# The walk ends where it finds the fault; some stand only where a rare chain of acts leads.
STEPS: Final = 4_000
ANYBODY: Final = "nrm_organisation() IS NOT NULL"
KNOWS: Final = r"\( SELECT true\s+FROM cases_casevisibility v\s+WHERE \(v\.case_id = [a-z_.]+\)\s+LIMIT 1\)"
OWN: Final = r"[a-z_]*organisation_id = \( SELECT nrm_organisation\(\) AS nrm_organisation\)"

# What is wrong: policy, part of its text, what stands there instead.
POLICIES: Final[Mapping[str, tuple[str, str, str]]] = {
    "visibility outlives its end": ("cases_casevisibility_read", r"ends_at > nrm_now\(\)", "true"),
    "colleagues who are not assigned": ("cases_casevisibility_read", r"\( SELECT \(nrm_scope\(\) = .*?\)\)", "true"),
    "other organisations": ("cases_casevisibility_read", OWN, "true"),
    "members whose office knows no case": (
        "cases_casevisibility_read",
        r"\( SELECT \(nrm_scope\(\) <> .*?\)\)",
        "true",
    ),
    "cases without visibility": ("cases_case_read", r"^.*$", ANYBODY),
    "keys of cases that are not known": ("cases_casekey_read", r"^.*$", ANYBODY),
    "grants of cases that are not known": ("cases_casegroupobjectpermission_read", KNOWS, "true"),
    "rows of a category that was not shared": ("cases_narrative_read", r"\(g\.category\)::text = '.*?'::text", "true"),
    "rows of an organisation that shared nothing": (
        "cases_narrative_read",
        r"g\.from_organisation_id = [a-z_.]+",
        "true",
    ),
    "rows after the share has run out": ("cases_narrative_read", r"g\.expires_at > nrm_now\(\)", "true"),
    "shared rows that are not shown": ("cases_narrative_read", r"g\.expires_at > nrm_now\(\)", "false"),
    "referrals between others": ("referrals_referral_read", OWN, "true"),
    "referrals of colleagues": ("referrals_referral_read", r"\( SELECT \(nrm_scope\(\) = .*?\)\)", "true"),
}


def sees_whole_organisation(self: Any, actor: Any) -> Any:
    return self.live().filter(organisation_id=actor.organisation_id)


def grants_without_end(self: Any, case: Any) -> list[tuple[Any, str, bool]]:
    rows = CaseGroupObjectPermission.objects.filter(content_object=case, group_id=self.group_id)
    kept = rows.values_list("from_organisation_id", "category", "contributes_until")
    return [(owner, category, until is not None) for owner, category, until in kept]


def everything_of_who_shares_something(access: Any) -> Mapping[Any, frozenset[str]]:
    return dict.fromkeys((access.actor.organisation_id, *access.grants), frozenset(SHAREABLE))


def ended_without_projection(case: Any, shares: Any, reason: str) -> int:
    with role(ledger.LEDGER):
        rows = Share.objects.filter(pk__in=[share.pk for share in shares], ended_at__isnull=True)
        return rows.update(ended_at=clock.moment(), end_reason=reason)


def unassigned_in_name_only(case: Any, member: Any) -> None:
    with role(ledger.LEDGER):
        CaseVisibility.objects.filter(case=case, membership=member).exists()


def keeps_suspended(self: Any) -> Any:
    return self


def reached_without_source(self: Any, share: Any, reach: Any) -> Reach:
    return Reach(share.ends_at, share.ends_at)


def nothing_lost(self: Any) -> list[Any]:
    return []


# What is wrong: whose attribute, its name, what it is instead.
FUNCTIONS: Final[Mapping[str, tuple[Any, str, Callable[..., Any]]]] = {
    "queries that forget the end": (LiveQuerySet, "live", lambda self: self),
    "queries that forget assignment": (LiveQuerySet, "visible_to", sees_whole_organisation),
    "queries of every referral": (ReferralQuerySet, "visible_to", lambda self, actor: self),
    "grants that count after their end": (door.LiveChecker, "live", grants_without_end),
    "one category that opens all": (policies, "categories", everything_of_who_shares_something),
    "shares that end without projection": (ledger, "end_shares", ended_without_projection),
    "shares that need no source": (Knowledge, "_step", reached_without_source),
    "shares that come back when their receiver does": (Knowledge, "lost", nothing_lost),
    "members who stay assigned": (ledger, "unassign", unassigned_in_name_only),
    "suspended members": (MembershipQuerySet, "live", keeps_suspended),
}
# The short form tries those that are found within a few steps.
QUICK: Final = (
    "other organisations",
    "cases without visibility",
    "one category that opens all",
    "shares that need no source",
)
NAMES: Final = (*POLICIES, *FUNCTIONS) if IS_FULL else QUICK


def seed(name: str, database: str, cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put one fault in."""
    if name in FUNCTIONS:
        monkeypatch.setattr(*FUNCTIONS[name])
        return
    policy, part, instead = POLICIES[name]
    with cluster.admin(database) as admin:
        found = admin.execute("SELECT tablename, qual FROM pg_policies WHERE policyname = %s", [policy]).fetchone()
        assert found, policy
        changed, count = re.subn(part, instead, found[1], flags=re.DOTALL)
        assert count, f"{policy} has no {part}: {found[1]}"
        admin.execute(f"ALTER POLICY {policy} ON {found[0]} USING ({changed})")  # type: ignore[arg-type]


@pytest.mark.proof("faults seeded into policies and projection")
@pytest.mark.parametrize("name", NAMES)
def test_the_walk_finds_the_fault(
    cast: Cast, own_database: str, cluster: Cluster, monkeypatch: pytest.MonkeyPatch, name: str, figure: Figure
) -> None:
    seed(name, own_database, cluster, monkeypatch)
    figure(seeded=1)
    with pytest.raises(AssertionError, match=r"^seed \d+, step \d+"):
        walk(cast, SEED, STEPS)
    figure(caught=1)
