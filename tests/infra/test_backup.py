"""A backup holds every row, and what does not is recognised: real ``pg_dump``, real counts of a superuser."""

from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.context import acting
from cases.operations import drafts
from nrm import backup
from tests.cases.filing import consented, filed_case, shared
from tests.cast import Cast
from tests.cluster import Cluster
from tests.proofs.figures import Figure
from tests.referrals.scenes import accepted, police_case, sent


@pytest.fixture
def real(cast: Cast, own_database: str, cluster: Cluster) -> dict[str, int]:
    """Some cases, and how many rows there really are, as a superuser counts them; Django is then the backup."""
    case = filed_case(cast)
    consented(cast, case)
    shared(cast, case, cast.organisations.shelter, "identity")
    accepted(cast, sent(cast, police_case(cast)))
    with acting(cast.ngo_caseworker.actor) as actor:
        drafts.start_draft(actor)
    with cluster.admin(own_database) as admin:
        found = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        tables = [name for (name,) in admin.execute(found)]
        rows = {name: admin.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in tables}  # type: ignore
    cluster.point(own_database, "backup")
    return rows


@pytest.mark.proof("backup by its role, rows counted")
def test_a_backup_holds_every_row_of_every_table(real: dict[str, int], tmp_path: Path, figure: Figure) -> None:
    target = tmp_path / "nightly.dump"
    call_command("backup", str(target), verbosity=0)
    found = backup.rows_in(target)
    figure(tables=len(real), rows=sum(found.values()), missing=sum(real.values()) - sum(found.values()))
    assert found == real
    assert real["cases_identity"] >= 2
    assert real["accounts_user"] > 20


def test_an_older_file_is_counted_too(real: dict[str, int], tmp_path: Path) -> None:
    target = tmp_path / "nightly.dump"
    backup.write(target)
    assert backup.check(target) == real
    backup.dump(target, "--format=custom", "--exclude-table-data=cases_health", "--exclude-table-data=cases_identity")
    with pytest.raises(CommandError, match=r"no backup\..*cases_identity: 0 of 2"):
        call_command("backup", str(target), check=True, verbosity=0)


def test_what_the_applications_role_dumps_is_empty_and_recognised(
    real: dict[str, int], tmp_path: Path, own_database: str, cluster: Cluster
) -> None:
    target = tmp_path / "empty.dump"
    cluster.point(own_database, "app")
    with pytest.raises(backup.NoBackup, match="nrm_app does not see every row"):
        backup.write(target)
    assert not target.exists()
    # What an operator gets who calls pg_dump by hand: no complaint, no row.
    backup.dump(target, "--format=custom", "--data-only", "--table=cases_draft")
    assert backup.rows_in(target) == {"cases_draft": 0}
    cluster.point(own_database, "backup")
    with pytest.raises(backup.NoBackup, match=r"cases_case: 0 of 2.*cases_draft: 0 of 1"):
        backup.check(target)


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("DROP POLICY cases_health_backup ON cases_health", "every row of cases_health"),
        ("REVOKE SELECT ON accounts_user FROM nrm_backup", "every row of accounts_user"),
        ("ALTER POLICY cases_case_backup ON cases_case USING (state = 'active')", "every row of cases_case"),
    ],
)
def test_a_backup_that_has_lost_sight_of_rows_is_not_begun(
    own_database: str, cluster: Cluster, tmp_path: Path, statement: Any, words: str
) -> None:
    with cluster.admin(own_database) as admin:
        admin.execute(statement)
    cluster.point(own_database, "backup")
    with pytest.raises(backup.NoBackup, match=words):
        backup.write(tmp_path / "nightly.dump")
    connection.close()


def test_a_dump_that_fails_leaves_no_file(own_database: str, cluster: Cluster, tmp_path: Path) -> None:
    cluster.point(own_database, "app")
    target = tmp_path / "refused.dump"
    with pytest.raises(backup.NoBackup, match=r"pg_dump was refused: .*permission denied"):
        backup.dump(target, "--format=custom")
    assert not target.exists()
