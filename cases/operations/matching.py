"""The search for doubles: what is compared is written with the identity, and compared by the worker, never on request.

The registrar's answer is the same, in bytes and in what it costs, whether or not the person is known elsewhere: nothing
is looked up. The comparison runs as ``nrm_matcher``, which can read nothing of a case but what is compared, the keys,
references and leads; it opens the few facts of ``blocking.Person`` and writes a pair and a score.
"""

from base64 import b64decode
from dataclasses import asdict
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef

from accounts.actors import Actor
from accounts.models import Organisation, Role
from audit import trail
from cases import notices
from cases.enums import DoubleState
from cases.matching.blocking import Person, tokens
from cases.matching.comparing import alike
from cases.models import Case, CaseLead, DoubleSide, Identity, MatchingRecord, PossibleDouble
from core import clock, crypto
from core.db import role

MATCHER: Final = "nrm_matcher"
BATCH: Final = 200
# More candidates than any name has namesakes; what is beyond is not compared.
MOST: Final = 2_000
DESK: Final = "/doubles/"
COORDINATING: Final = (Role.CASEWORKER, Role.INTAKE, Role.SUPERVISOR)


def write_matching_record(identity: Identity) -> None:
    """Write, or write anew, what is compared of an identity row; in the transaction that writes the row."""
    person = Person.of(
        identity.open(),
        citizenships=identity.citizenships,
        sex=identity.sex,
        birth_year=identity.birth_year,
    )
    place = {"case": identity.case, "owner_organisation_id": identity.owner_organisation_id}
    written = MatchingRecord.objects.filter(**place).values_list("pk", flat=True).first()
    record = MatchingRecord(**place, tokens=tokens(person, b64decode(settings.MATCHING_KEY)))
    record.pk = written or record.pk
    record.seal({**asdict(person), "citizenships": sorted(person.citizenships)})
    if written is None:
        record.save(force_insert=True)
    else:
        MatchingRecord.objects.filter(pk=written).update(tokens=record.tokens, sealed=record.sealed, compared_at=None)


def write_matching_records(*, is_all: bool = False) -> int:
    """Write the records that are missing, or, with another ``MATCHING_KEY``, all anew; returns how many.

    For identities of before the duplicate desk and of a restored backup, by the owner of the database alone. Batch by
    batch: what is done stays done. An identity whose key is deleted is erased and has nothing to be compared.
    """
    written, after = 0, UUID(int=0)
    while rows := _to_write(after, is_all=is_all):
        with transaction.atomic():
            for identity in rows:
                write_matching_record(identity)
            trail.record("write_matching_records", actor=Actor.system(), object_kind="matchingrecord", rows=len(rows))
        written, after = written + len(rows), rows[-1].pk
    return written


def _to_write(after: UUID, *, is_all: bool) -> list[Identity]:
    place = {"case": OuterRef("case"), "owner_organisation": OuterRef("owner_organisation")}
    rows = Identity.objects.filter(pk__gt=after, case__key__isnull=False).select_related("case__key").order_by("pk")
    wanted = rows if is_all else rows.exclude(Exists(MatchingRecord.objects.filter(**place)))
    return list(wanted[:BATCH])


def find_doubles(limit: int = BATCH) -> int:
    """Compare what was written since the last time; the coordinator is told of new pairs. Returns how many."""
    with role(MATCHER):
        keys = _waiting(limit)
        found = [double for row in _read(MatchingRecord.objects.filter(pk__in=keys)) for double in _compare(row)]
        MatchingRecord.objects.filter(pk__in=keys).update(compared_at=clock.moment())
    for double in found:
        trail.record(
            "find_double", actor=Actor.system(), object_kind="possibledouble", object_id=double.pk, score=double.score
        )
    if found:
        desk = Organisation.objects.active().of_kind("coordinator")
        key = found[0].pk
        notices.alert("find_double", None, organisations=desk, roles=COORDINATING, key=key, path=DESK)
    return len(found)


def has_waiting() -> bool:
    """True while something is left to compare that no other worker has taken."""
    with role(MATCHER):
        return bool(_waiting(1))


def _waiting(limit: int) -> list[UUID]:
    waiting = MatchingRecord.objects.filter(compared_at__isnull=True).select_for_update(skip_locked=True)
    return list(waiting.order_by("pk").values_list("pk", flat=True)[:limit])


def _compare(row: dict[str, Any]) -> list[PossibleDouble]:
    """The new pairs of one record with records of other cases, of other persons."""
    others = _read(MatchingRecord.objects.filter(tokens__overlap=row["tokens"]).exclude(case=row["case_id"]))
    candidates = {other["pk"]: _opened(other) for other in others[:MOST]}
    scores = alike(_opened(row), candidates)
    cases: dict[UUID, tuple[int, dict[str, Any]]] = {}
    for other in others:
        score = scores.get(other["pk"], 0)
        if score > cases.get(other["case_id"], (0, other))[0] and other["case__person_id"] != row["case__person_id"]:
            cases[other["case_id"]] = score, other
    return [double for score, other in cases.values() if (double := _propose(row, other, score)) is not None]


def _propose(row: dict[str, Any], other: dict[str, Any], score: int) -> PossibleDouble | None:
    """A pair that was never proposed; one that waits keeps its highest score, one that is settled stays settled."""
    first, second = sorted((row, other), key=lambda one: str(one["case_id"]))
    double, is_new = PossibleDouble.objects.get_or_create(
        first_id=first["case_id"],
        second_id=second["case_id"],
        defaults={"score": score, "found_at": clock.moment()},
    )
    if not is_new:
        waiting = PossibleDouble.objects.filter(pk=double.pk, state=DoubleState.FOUND, score__lt=score)
        waiting.update(score=score)
        return None
    leads = dict(
        CaseLead.objects.filter(case__in=(first["case_id"], second["case_id"]), ends_at__isnull=True).values_list(
            "case_id", "organisation_id"
        )
    )
    DoubleSide.objects.bulk_create(
        DoubleSide(
            double=double,
            case_id=one["case_id"],
            reference=one["case__reference"],
            organisation_id=leads[one["case_id"]],
        )
        for one in (first, second)
    )
    return double


def _read(rows: Any) -> list[dict[str, Any]]:
    columns = ("pk", "case_id", "owner_organisation_id", "tokens", "sealed")
    joined = ("case__person_id", "case__reference", "case__key__wrapped")
    return list(rows.order_by("pk").values(*columns, *joined))


def _opened(row: dict[str, Any]) -> Person:
    """The facts that are compared, opened with the key of the case for as long as the comparison takes."""
    record = MatchingRecord(
        pk=row["pk"], owner_organisation_id=row["owner_organisation_id"], sealed=row["sealed"], case_id=row["case_id"]
    )
    record.case = Case(pk=row["case_id"])
    record.case.data_key = crypto.unwrap(row["case__key__wrapped"])
    facts = record.open()
    return Person(
        names=tuple(facts["names"]),
        born=facts["born"],
        citizenships=frozenset(facts["citizenships"]),
        sex=facts["sex"],
    )
