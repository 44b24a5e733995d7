"""Seal audit rows in batches, and verify them: what was changed, removed or put in later is found and named.

A hash from row to row would make the site wait in line. Instead every row carries the number of its transaction; what
is older than every transaction that still runs can never grow again, and is sealed as one Merkle tree, signed and
chained to the seal before. Rows are read as ``nrm_worker``; nobody who serves may change or remove a seal.
"""

from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from django.db import connection

from audit import merkle
from audit.models import AuditSeal
from core.db import database_context, role

WORKER: Final = "nrm_worker"
FORM: Final = 1
BATCH: Final = 20_000
# The end of a cluster whose transaction numbers no longer count: its data was restored into another.
FOR_EVER: Final = 2**63 - 1
# Nobody holds a transaction open for longer; a row that says it is older than the seal before it was put in later.
LONGEST_TRANSACTION: Final = timedelta(hours=1)
FIRST: Final = b"\x00" * 64
LOCK: Final = 0x6E726D_5EA1

TABLES: Final = {"r": "audit_auditrequest", "c": "audit_auditchange", "l": "audit_auditlook"}
# What a row says, by form: columns are added under a new form, so that old seals keep to what they sealed.
COLUMNS: Final = {
    1: {
        "r": (
            "id, at, actor_id, actor_label, membership_id, organisation_id, case_id, method, route, reference,"
            " categories, owners, cases_shown, outcome, cluster, xid"
        ),
        "c": (
            "id, at, actor_id, actor_label, membership_id, organisation_id, case_id, request_id, kind, category,"
            " owner_organisation_id, object_kind, object_id, detail, cluster, xid"
        ),
        "l": (
            "id, request_id, at, case_id, reference, owner_organisation_id, categories, organisation_id, roles,"
            " actor_label, cluster, xid"
        ),
    }
}


def _leaf(letter: str, form: int) -> str:
    said = f"sha256(convert_to(jsonb_build_array({COLUMNS[form][letter]})::text, 'UTF8'))"
    return f"'{letter}'::bytea || uuid_send(id) || {said}"


def _each(selected: str, where: str) -> str:
    return " UNION ALL ".join(
        f"SELECT {selected.format(letter=letter)} FROM {table} WHERE {where}" for letter, table in TABLES.items()
    )


WITHIN: Final = "cluster = %(cluster)s AND xid >= %(first)s AND xid < %(end)s"
NOW: Final = """SELECT (pg_control_system()).system_identifier, pg_snapshot_xmin(pg_current_snapshot())::text::bigint,
    now()"""
NEXT: Final = f"SELECT xid FROM ({_each('xid', WITHIN)}) rows ORDER BY xid OFFSET %(skip)s LIMIT 1"
LATE: Final = f"SELECT letter, id FROM ({_each(chr(39) + '{letter}' + chr(39) + ' AS letter, id, at', WITHIN)}) rows"
LATE_ROWS: Final = f"{LATE} WHERE at < %(earliest)s ORDER BY at, id"
NOWHERE: Final = _each(
    "'{letter}', id",
    "(cluster = %(cluster)s AND xid >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint)"
    " OR NOT cluster = ANY (%(known)s)",
)
WAITING: Final = f"SELECT count(*), min(at) FROM ({_each('at', WITHIN)}) rows"


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it was: ``what`` is changed, removed, inserted, back_dated, or a broken seal."""

    what: str
    table: str
    key: str
    seal: int

    def __str__(self) -> str:
        return f"{self.table} {self.key}: {self.what} (seal {self.seal})"


@dataclass(frozen=True)
class Waiting:
    """Rows that no seal holds yet."""

    rows: int
    oldest: datetime | None


# -- sealing ---------------------------------------------------------------------------------------------------------


def seal_all(batch: int = BATCH) -> list[AuditSeal]:
    """Seal everything that is complete; may run at the same time anywhere, for one waits for the other."""
    made: list[AuditSeal] = []
    while (one := seal_next(batch)) is not None:
        made.append(one)
    return made


def seal_next(batch: int = BATCH) -> AuditSeal | None:
    """Seal the next rows in a transaction of its own, about ``batch`` at most; None when there is nothing to seal."""
    with _as_worker(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        cluster, complete, now = _moment(cursor)
        previous = AuditSeal.objects.defer("leaves").order_by("-number").first()
        where, end = _place(previous, cluster, complete)
        where["end"] = _end(cursor, where, end, batch)
        leaves = _leaves(cursor, where, FORM)
        is_closing = where["end"] == FOR_EVER
        if not leaves and not is_closing:
            return None
        seal = AuditSeal(
            number=previous.number + 1 if previous else 1,
            made_at=now,
            form=FORM,
            cluster=where["cluster"],
            from_xid=where["first"],
            to_xid=where["end"],
            leaves=leaves,
            root=merkle.root(leaves),
            previous=bytes(previous.signature) if previous else FIRST,
        )
        seal.signature = _private_key().sign(message(seal))
        seal.save(force_insert=True)
        return seal


def _place(previous: AuditSeal | None, cluster: int, complete: int) -> tuple[dict[str, Any], int]:
    """Where the next seal begins, and where it has to end at the latest."""
    if previous is None or (previous.cluster != cluster and previous.to_xid == FOR_EVER):
        return {"cluster": cluster, "first": 0}, complete
    where = {"cluster": previous.cluster, "first": previous.to_xid}
    return where, complete if previous.cluster == cluster else FOR_EVER


def _end(cursor: Any, where: dict[str, Any], end: int, batch: int) -> int:
    """The first transaction that is left for the next seal: a transaction is never split."""
    within = {**where, "end": end}
    cursor.execute(NEXT, {**within, "skip": batch})
    found = cursor.fetchone()
    if found is None:
        return end
    cursor.execute(NEXT, {**within, "skip": 0})
    return max(int(found[0]), int(cursor.fetchone()[0]) + 1)


def message(seal: AuditSeal) -> bytes:
    """What is signed: everything that a seal says, and the signature before it."""
    numbers = (seal.number, seal.form, seal.cluster, seal.from_xid, seal.to_xid, len(seal.leaves))
    parts = [b"nrm-audit-seal", seal.made_at.isoformat().encode(), *(str(number).encode() for number in numbers)]
    return b"|".join([*parts, bytes(seal.root), bytes(seal.previous)])


def public_key() -> bytes:
    """The key with which anybody can verify, and nobody can seal."""
    return _private_key().public_key().public_bytes_raw()


def _private_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(b64decode(settings.AUDIT_SIGNING_KEY))


# -- verifying -------------------------------------------------------------------------------------------------------


def verify(key: bytes, head: tuple[int, bytes] | None = None) -> Iterator[Finding | int]:
    """Go through all seals in order: yields the number of rows of each seal that was read, and what is wrong.

    ``head``: number and signature of a seal that is known from elsewhere (a log, a print); without it, a tail of seals
    that somebody cut off together with their rows leaves no trace.
    """
    with _as_worker(), connection.cursor() as cursor:
        previous: AuditSeal | None = None
        clusters: list[int] = []
        for number in AuditSeal.objects.order_by("number").values_list("number", flat=True):
            seal = AuditSeal.objects.get(pk=number)
            yield from _broken(seal, previous, Ed25519PublicKey.from_public_bytes(key))
            yield from _compare(cursor, seal)
            yield from _back_dated(cursor, seal, previous)
            yield len(seal.leaves) // merkle.LEAF
            clusters.append(seal.cluster)
            previous = seal
        yield from _beyond(cursor, clusters, previous)
    if head is not None:
        yield from _cut_off(*head)


def _broken(seal: AuditSeal, previous: AuditSeal | None, key: Ed25519PublicKey) -> Iterator[Finding]:
    """The seal itself: its signature, its root, and that it follows the one before."""
    faults = {
        "is not the next after the seal before it": seal.number != (previous.number + 1 if previous else 1),
        "does not carry the seal before it": bytes(seal.previous) != (bytes(previous.signature) if previous else FIRST),
        "does not begin where the seal before it ends": previous is not None
        and previous.to_xid != FOR_EVER
        and (seal.cluster, seal.from_xid) != (previous.cluster, previous.to_xid),
        "has a root that its rows do not give": merkle.root(bytes(seal.leaves)) != bytes(seal.root),
        "has a signature that is not ours": not _is_signed(seal, key),
    }
    for fault, is_so in faults.items():
        if is_so:
            yield Finding(fault, "audit_auditseal", str(seal.number), seal.number)


def _is_signed(seal: AuditSeal, key: Ed25519PublicKey) -> bool:
    try:
        key.verify(bytes(seal.signature), message(seal))
    except InvalidSignature:
        return False
    return True


def _compare(cursor: Any, seal: AuditSeal) -> Iterator[Finding]:
    """The rows as they are now against the rows as they were sealed."""
    where = {"cluster": seal.cluster, "first": seal.from_xid, "end": seal.to_xid}
    found, sealed = _leaves(cursor, where, seal.form), bytes(seal.leaves)
    if found == sealed:
        return
    now, then = merkle.by_key(found), merkle.by_key(sealed)
    for key in sorted(now.keys() | then.keys()):
        if now.get(key) != then.get(key):
            what = "changed" if key in now and key in then else "removed" if key in then else "inserted"
            letter, row = merkle.key_of(key)
            yield Finding(what, TABLES[letter], str(row), seal.number)


def _back_dated(cursor: Any, seal: AuditSeal, previous: AuditSeal | None) -> Iterator[Finding]:
    """Rows that say they are older than the transaction that wrote them can be."""
    if previous is None:
        return
    where = {"cluster": seal.cluster, "first": seal.from_xid, "end": seal.to_xid}
    cursor.execute(LATE_ROWS, {**where, "earliest": previous.made_at - LONGEST_TRANSACTION})
    for letter, row in cursor.fetchall():
        yield Finding("back-dated", TABLES[letter], str(row), seal.number)


def _beyond(cursor: Any, clusters: list[int], last: AuditSeal | None) -> Iterator[Finding]:
    """Rows with a transaction that never was: no seal would ever reach them."""
    cluster = _moment(cursor)[0]
    cursor.execute(NOWHERE, {"cluster": cluster, "known": [*clusters, cluster]})
    for letter, row in cursor.fetchall():
        yield Finding("inserted", TABLES[letter], str(row), last.number + 1 if last else 1)


def _cut_off(number: int, signature: bytes) -> Iterator[Finding]:
    with _as_worker():
        seal = AuditSeal.objects.defer("leaves").filter(number=number).first()
    if seal is None or not bytes(seal.signature).startswith(signature):
        yield Finding("is not the seal that was known", "audit_auditseal", str(number), number)


def waiting() -> Waiting:
    """The rows that no seal holds yet, and since when."""
    with _as_worker(), connection.cursor() as cursor:
        cluster = _moment(cursor)[0]
        last = AuditSeal.objects.defer("leaves").order_by("-number").first()
        first = last.to_xid if last and last.cluster == cluster else 0
        cursor.execute(WAITING, {"cluster": cluster, "first": first, "end": FOR_EVER})
        return Waiting(*cursor.fetchone())


# -- what both read --------------------------------------------------------------------------------------------------


@contextmanager
def _as_worker() -> Iterator[None]:
    with database_context(organisation=None, membership=None, scope="none"), role(WORKER):
        with connection.cursor() as cursor:
            # An instant has one text only when it is told in one zone.
            cursor.execute("SET LOCAL TIME ZONE 'UTC'")
        yield


def _moment(cursor: Any) -> tuple[int, int, datetime]:
    """This cluster, the first transaction that may still run, and the time."""
    cursor.execute(NOW)
    cluster, complete, now = cursor.fetchone()
    return cluster, complete, now


def _leaves(cursor: Any, where: dict[str, Any], form: int) -> bytes:
    """The rows of a range as leaves, in order."""
    parts = [f"SELECT {_leaf(letter, form)} AS leaf FROM {table} WHERE {WITHIN}" for letter, table in TABLES.items()]
    cursor.execute(f"SELECT string_agg(leaf, ''::bytea ORDER BY leaf) FROM ({' UNION ALL '.join(parts)}) rows", where)
    return bytes(cursor.fetchone()[0] or b"")
