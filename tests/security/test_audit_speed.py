"""The audit keeps up: requests with their rows a second at the database, and the verification of a million rows.

The time is told in every run; it is judged in the full form only, on a machine that does nothing else.
"""

import threading
import time
from typing import Any, Final
from uuid import UUID, uuid4

import psycopg
import pytest
from django.conf import settings as house

from audit import sealing
from audit.sealing import Finding
from tests.cast import Cast
from tests.cluster import Cluster
from tests.proofs import IS_FULL, size
from tests.proofs.figures import Figure

CONNECTIONS: Final = 4
REQUESTS_A_SECOND: Final = 1_000
SECONDS_FOR_ALL: Final = 60
CONTEXT: Final = (
    "SELECT set_config('nrm.organisation', %s, true), set_config('nrm.membership', %s, true),"
    " set_config('nrm.scope', 'assigned', true)"
)
REQUEST: Final = """INSERT INTO audit_auditrequest (id, at, actor_id, actor_label, membership_id, organisation_id,
    case_id, method, route, reference, categories, owners, cases_shown, outcome)
    VALUES (%s, now(), %s, 'NGO caseworker', %s, %s, %s, 'GET', 'cases:category', 'K7QF2M9XT',
            '{contact,identity,status}', %s, 0, 200)"""
LOOK: Final = """INSERT INTO audit_auditlook (id, request_id, at, case_id, reference, owner_organisation_id, categories,
    organisation_id, roles, actor_label)
    VALUES (%s, %s, now(), %s, 'K7QF2M9XT', %s, '{contact,identity}', %s, '{caseworker}', '')"""
FILL: Final = """INSERT INTO audit_auditrequest (id, at, actor_id, actor_label, membership_id, organisation_id,
    case_id, method, route, reference, categories, owners, cases_shown, outcome)
    SELECT gen_random_uuid(), now(), gen_random_uuid(), 'NGO caseworker', gen_random_uuid(), gen_random_uuid(),
           gen_random_uuid(), 'GET', 'cases:category', 'K7QF2M9XT', '{contact,identity,status}',
           ARRAY[gen_random_uuid(), gen_random_uuid()], 0, 200
      FROM generate_series(1, %s)"""


@pytest.mark.proof("audit: requests a second at the database")
def test_requests_leave_their_rows_fast_enough(cast: Cast, own_database: str, cluster: Cluster, figure: Figure) -> None:
    """Each in a transaction of its own, with the context of row-level security, one request row and two looks."""
    each = size(short=200, full=5_000)
    person, shelter = cast.ngo_caseworker, cast.organisations.shelter.pk
    address = cluster.postgres.url(own_database, "nrm_app", house.ROLE_PASSWORDS["app"])
    ready = threading.Barrier(CONNECTIONS + 1)

    def ask() -> None:
        with psycopg.connect(address, autocommit=True, prepare_threshold=0) as connection:
            ready.wait()
            for _number in range(each):
                _request(connection, person, shelter)

    threads = [threading.Thread(target=ask) for _connection in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    ready.wait()
    start = time.perf_counter()
    for thread in threads:
        thread.join()
    a_second = round(CONNECTIONS * each / (time.perf_counter() - start))
    figure(requests=CONNECTIONS * each, a_second=a_second)
    assert sealing.waiting().rows == 3 * CONNECTIONS * each
    assert a_second >= REQUESTS_A_SECOND or not IS_FULL


def _request(connection: "psycopg.Connection[Any]", person: Any, shelter: UUID) -> None:
    key, case, own = uuid4(), uuid4(), person.organisation_id
    with connection.pipeline(), connection.transaction():
        connection.execute(CONTEXT, [str(own), str(person.membership_id)])
        connection.execute(REQUEST, [key, person.user_id, person.membership_id, own, case, [own, shelter]])
        for owner in (own, shelter):
            connection.execute(LOOK, [uuid4(), key, case, owner, own])


@pytest.mark.proof("audit: verification")
def test_a_million_rows_are_verified_in_a_minute(own_database: str, cluster: Cluster, figure: Figure) -> None:
    rows, part = size(short=20_000, full=1_000_000), 5_000
    with cluster.admin(own_database) as admin:
        for _number in range(rows // part):
            admin.execute(FILL, [part])
        admin.execute("VACUUM ANALYZE audit_auditrequest")
    start = time.perf_counter()
    seals = len(sealing.seal_all())
    sealed = time.perf_counter()
    steps = list(sealing.verify(sealing.public_key()))
    verified = time.perf_counter() - sealed
    figure(rows=rows, seals=seals, seconds_to_seal=sealed - start, seconds_to_verify=verified)
    assert [one for one in steps if isinstance(one, Finding)] == []
    assert sum(one for one in steps if isinstance(one, int)) == rows
    assert verified <= SECONDS_FOR_ALL or not IS_FULL
