"""Identities without a matching record get one: those of before the duplicate desk, of a backup, of a new key."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError
from django.db.utils import ProgrammingError

from audit import trail
from audit.models import AuditChange
from cases.models import Case, CaseKey, MatchingRecord, PossibleDouble
from cases.operations import matching
from core.db import role
from tests.cases.pairs import ANOTHER, HERE, THERE, registered, search
from tests.cast import Cast
from tests.cluster import Cluster

OTHER_KEY = "enl4d3Z1dHNycXBvbm1sa2ppaGdmZWRjYmEwOTg3NjU="


@pytest.fixture
def cases(cast: Cast, own_database: str, cluster: Cluster) -> tuple[Case, Case]:
    """One person at two organisations, and no record of either; Django is then the owner."""
    made = registered(cast, "ngo_caseworker", HERE), registered(cast, "police_officer", THERE)
    with cluster.admin(own_database) as admin:
        admin.execute("DELETE FROM cases_matchingrecord")
    cluster.point(own_database, "owner")
    return made


def run(*options: str) -> str:
    said = StringIO()
    call_command("matching_records", *options, stdout=said)
    return said.getvalue().strip()


def searched(own_database: str, cluster: Cluster) -> int:
    """What the worker finds then."""
    cluster.point(own_database, "worker")
    return search()


def test_they_are_found_after_it_and_not_before(cases: Any, own_database: str, cluster: Cluster) -> None:
    assert searched(own_database, cluster) == 0
    cluster.point(own_database, "owner")
    assert run() == "2 matching records written."
    assert searched(own_database, cluster) == 1


def test_it_writes_what_registration_writes(cast: Cast, own_database: str, cluster: Cluster) -> None:
    registered(cast, "ngo_caseworker", HERE)
    cluster.point(own_database, "owner")
    before = MatchingRecord.objects.get()
    MatchingRecord.objects.all().delete()
    run()
    after = MatchingRecord.objects.get()
    assert (after.case_id, after.owner_organisation_id) == (before.case_id, before.owner_organisation_id)
    assert sorted(after.tokens) == sorted(before.tokens)


def test_it_may_be_run_again_and_leaves_alone_what_is_there(cases: Any) -> None:
    run()
    kept = dict(MatchingRecord.objects.values_list("pk", "sealed"))
    assert run() == "0 matching records written."
    assert dict(MatchingRecord.objects.values_list("pk", "sealed")) == kept


def test_it_goes_on_batch_by_batch(cases: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "BATCH", 1)
    assert run() == "2 matching records written."
    assert MatchingRecord.objects.count() == 2


def test_what_was_done_before_it_was_stopped_stays(cases: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "BATCH", 1)
    write, calls = matching.write_matching_record, []

    def stopped(identity: Any) -> None:
        calls.append(identity)
        if len(calls) == 2:
            raise DatabaseError
        write(identity)

    monkeypatch.setattr(matching, "write_matching_record", stopped)
    with pytest.raises(DatabaseError):
        matching.write_matching_records()
    assert AuditChange.objects.filter(kind="write_matching_records").count() == MatchingRecord.objects.count() == 1
    monkeypatch.setattr(matching, "write_matching_record", write)
    assert run() == "1 matching records written."


def test_a_batch_that_was_stopped_leaves_no_record_without_its_row_in_the_audit(
    cases: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_arguments: Any, **_more: Any) -> None:
        raise DatabaseError

    monkeypatch.setattr(trail, "record", stopped)
    with pytest.raises(DatabaseError):
        matching.write_matching_records()
    assert not MatchingRecord.objects.exists()


def test_after_a_new_key_all_are_written_anew_and_compared_again(
    cases: Any, own_database: str, cluster: Cluster, settings: Any
) -> None:
    run()
    before = sorted(token for row in MatchingRecord.objects.all() for token in row.tokens)
    MatchingRecord.objects.update(compared_at="2026-01-01T00:00:00Z")
    settings.MATCHING_KEY = OTHER_KEY
    assert run() == "0 matching records written."
    assert run("--all") == "2 matching records written."
    rows = MatchingRecord.objects.all()
    assert not set(before) & {token for row in rows for token in row.tokens}
    assert {row.compared_at for row in rows} == {None}
    assert searched(own_database, cluster) == 1


def test_who_was_erased_is_left_alone(cases: Any) -> None:
    CaseKey.objects.filter(case=cases[0]).delete()
    assert run() == "1 matching records written."


def test_it_is_recorded_without_a_case(cases: Any) -> None:
    run()
    (change,) = AuditChange.objects.filter(kind="write_matching_records")
    assert (change.case_id, change.detail) == (None, {"rows": 2})


@pytest.mark.parametrize("name", ["app", "worker"])
def test_no_role_that_serves_can_run_it(cases: Any, own_database: str, cluster: Cluster, name: str) -> None:
    """The web sees no identity without an organisation, the worker none at all."""
    cluster.point(own_database, name)
    if name == "worker":
        with pytest.raises(ProgrammingError, match="permission denied"):
            run()
    else:
        assert run() == "0 matching records written."


# -- a worker's run that was lost ------------------------------------------------------------------------------------


def test_a_run_that_was_lost_is_repeated(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was claimed by a worker that died is still waiting, and its pair is found by the next."""
    registered(cast, "ngo_caseworker", HERE)
    registered(cast, "ngo_caseworker", ANOTHER)
    registered(cast, "police_officer", THERE)

    def dies(*_arguments: Any, **_more: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(trail, "record", dies)
    with pytest.raises(KeyboardInterrupt):
        search()
    monkeypatch.undo()
    with role("nrm_ledger"):
        assert not PossibleDouble.objects.exists()
    assert search() == 1
    assert search() == 0
