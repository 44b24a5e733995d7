"""Acting as another role of the database: it begins and ends with its block, whatever happens inside."""

import pytest
from django.db import DatabaseError, connection, transaction

from core.db import role


def current() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        return str(cursor.fetchone()[0])


def test_it_ends_with_its_block_also_outside_a_transaction(own_database: str) -> None:
    with role("nrm_ledger"):
        assert current() == "nrm_ledger"
        with role("nrm_statistics"):
            assert current() == "nrm_statistics"
        assert current() == "nrm_ledger"
    assert current() == "nrm_app"


@pytest.mark.django_db
def test_it_ends_when_something_goes_wrong_inside() -> None:
    with pytest.raises(KeyError), role("nrm_ledger"):
        raise KeyError
    assert current() == "nrm_app"


@pytest.mark.django_db
def test_a_statement_that_fails_is_told_and_the_rollback_around_it_restores_the_role() -> None:
    with pytest.raises(DatabaseError, match="division by zero"), transaction.atomic(), role("nrm_ledger"):
        connection.cursor().execute("SELECT 1 / 0")
    assert current() == "nrm_app"
    with role("nrm_ledger"):
        assert current() == "nrm_ledger"
