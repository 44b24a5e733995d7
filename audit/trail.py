"""Write the audit: ``record`` a change, ``note`` what a request shows, ``write_request`` once it is answered."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID, uuid4

from audit.kinds import KINDS
from audit.models import AuditChange, AuditLook, AuditRequest
from core import clock


class Doer(Protocol):
    """What the audit needs to know of an actor."""

    @property
    def user_id(self) -> UUID | None: ...
    @property
    def label(self) -> str: ...
    @property
    def membership_id(self) -> UUID | None: ...
    @property
    def organisation_id(self) -> UUID | None: ...
    @property
    def roles(self) -> frozenset[str]: ...


@dataclass
class Touched:
    """What one request has shown so far."""

    request_id: UUID = field(default_factory=uuid4)
    case_id: UUID | None = None
    reference: str = ""
    categories: set[str] = field(default_factory=set)
    owners: set[UUID] = field(default_factory=set)
    looks: dict[tuple[UUID, UUID], set[str]] = field(default_factory=dict)
    references: dict[UUID, str] = field(default_factory=dict)
    cases_shown: int = 0
    is_touched: bool = False


_current: ContextVar[Touched | None] = ContextVar("touched", default=None)


@contextmanager
def request_trail() -> Iterator[Touched]:
    """Collect what one request touches."""
    touched = Touched()
    token = _current.set(touched)
    try:
        yield touched
    finally:
        _current.reset(token)


def current_request() -> UUID | None:
    """The key that the request row of this request will have; None outside a request."""
    touched = _current.get()
    return touched.request_id if touched else None


def note(
    *,
    case_id: UUID | None = None,
    reference: str = "",
    categories: Iterable[str] = (),
    owners: Iterable[UUID] = (),
    cases_shown: int = 0,
) -> None:
    """Remember for the request row that case data was looked at; outside a request there is nothing to remember.

    ``categories`` are those of the rows of ``owners``: each of these organisations can read that they were looked at.
    """
    touched = _current.get()
    if touched is None:
        return
    touched.is_touched = True
    touched.case_id = case_id or touched.case_id
    touched.reference = reference or touched.reference
    shown, of = set(categories), set(owners)
    touched.categories |= shown
    touched.owners |= of
    touched.cases_shown += cases_shown
    about = case_id or touched.case_id
    if about is None or not shown:
        return
    if reference:
        touched.references[about] = reference
    for owner in of:
        touched.looks.setdefault((about, owner), set()).update(shown)


def note_list(looks: Iterable[tuple[UUID, str, UUID]], *, category: str) -> None:
    """Remember rows of one category that a list shows of several cases: case, reference and owner of each."""
    touched = _current.get()
    if touched is None:
        return
    touched.is_touched = True
    touched.categories.add(category)
    for case_id, reference, owner in looks:
        touched.owners.add(owner)
        touched.references[case_id] = reference
        touched.looks.setdefault((case_id, owner), set()).add(category)


def record(
    kind: str,
    *,
    actor: Doer,
    case_id: UUID | None = None,
    owner_organisation_id: UUID | None = None,
    category: str = "status",
    object_kind: str = "",
    object_id: UUID | None = None,
    **detail: Any,
) -> AuditChange:
    """Append one change, in the caller's transaction. ``detail`` holds codes, dates and ids, never what a person said.

    Raises ``KeyError`` for a kind that is not in ``audit.kinds``.
    """
    made = change(
        kind,
        actor=actor,
        case_id=case_id,
        owner_organisation_id=owner_organisation_id,
        category=category,
        object_kind=object_kind,
        object_id=object_id,
        **detail,
    )
    made.save(force_insert=True)
    return made


def append(changes: Iterable[AuditChange]) -> None:
    """Append many changes at once: what a batch has done."""
    AuditChange.objects.bulk_create(changes)


def change(
    kind: str,
    *,
    actor: Doer,
    case_id: UUID | None = None,
    owner_organisation_id: UUID | None = None,
    category: str = "status",
    object_kind: str = "",
    object_id: UUID | None = None,
    **detail: Any,
) -> AuditChange:
    """A change that ``append`` will write; as ``record`` otherwise."""
    KINDS[kind]
    touched = _current.get()
    if touched is not None and case_id is not None:
        touched.is_touched = True
        touched.case_id = case_id
    return AuditChange(
        request_id=touched.request_id if touched else None,
        at=clock.moment(),
        kind=kind,
        actor_id=actor.user_id,
        actor_label=actor.label,
        membership_id=actor.membership_id,
        organisation_id=actor.organisation_id,
        owner_organisation_id=owner_organisation_id or actor.organisation_id,
        case_id=case_id,
        category=category,
        object_kind=object_kind,
        object_id=object_id,
        detail=detail,
    )


def write_request(touched: Touched, *, actor: Doer, method: str, route: str, outcome: int) -> AuditRequest:
    """Append the one row of a request, and what each organisation may know of looks at its own rows."""
    now = clock.moment()
    _write_looks(touched, actor, now)
    return AuditRequest.objects.create(
        id=touched.request_id,
        at=now,
        actor_id=actor.user_id,
        actor_label=actor.label,
        membership_id=actor.membership_id,
        organisation_id=actor.organisation_id,
        case_id=touched.case_id,
        method=method,
        route=route,
        reference=touched.reference,
        categories=sorted(touched.categories),
        owners=sorted(touched.owners),
        cases_shown=touched.cases_shown,
        outcome=outcome,
    )


def nothing_shown(touched: Touched) -> None:
    """The request was refused: what had been loaded until then was shown to nobody."""
    touched.looks.clear()
    touched.categories.clear()
    touched.owners.clear()
    touched.cases_shown = 0


def _write_looks(touched: Touched, actor: Doer, now: datetime) -> None:
    AuditLook.objects.bulk_create(
        AuditLook(
            request_id=touched.request_id,
            at=now,
            case_id=case_id,
            reference=touched.references.get(case_id, ""),
            owner_organisation_id=owner,
            categories=sorted(categories),
            organisation_id=actor.organisation_id,
            roles=sorted(actor.roles),
            # Of others the owner learns organisation and function only.
            actor_label=actor.label if owner == actor.organisation_id else "",
        )
        for (case_id, owner), categories in touched.looks.items()
    )
