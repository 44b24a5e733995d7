"""Adding and correcting rows of the own organisation. What others wrote is never changed (``sharing.md`` rule 1)."""

from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

from accounts.actors import Actor
from audit import trail
from audit.models import AuditChange
from cases import ledger, notices, policies
from cases.access import own_row, relock
from cases.age import CHILDREN
from cases.models import Case, CategoryRow, Identity, Service
from cases.operations import share_clocks, sources
from cases.operations.age import follow_age
from cases.operations.assistance import start_assistance
from cases.operations.authorship import membership_of, organisation_of
from cases.operations.child_branch import open_child_branch
from cases.operations.labels import leave_out_names
from cases.operations.matching import write_matching_record
from cases.operations.running import OVER, relock_running
from cases.policies import CaseAccess
from core import clock
from core.errors import Conflict
from profiles.profile import active

Values = Mapping[str, Any]
# Saving says on which day the row was last confirmed: that alone corrects nothing.
CONFIRMING: Final = frozenset({"confirmed_on"})


def add_row(
    actor: Actor,
    *,
    access: CaseAccess,
    model: type[CategoryRow],
    columns: Values,
    content: Values,
    case_columns: Values | None = None,
    version: int | None = None,
) -> CategoryRow:
    """Write a new row of the own organisation; a new row has no ``version`` yet.

    Raises ``Conflict`` for a closed case; the database refuses a second row where one is allowed.
    """
    access = relock_running(access)
    policies.require(actor, "add_row", access)
    now = clock.moment()
    row = model(
        case=access.case,
        owner_organisation_id=organisation_of(actor),
        created_by_id=membership_of(actor),
        created_at=now,
        updated_at=now,
        **columns,
    )
    row.seal(dict(content))
    row.save(force_insert=True)
    _record("add_row", actor, row, sorted({*columns, *content}))
    sources.tell_readers(access.case, owner=row.owner_organisation_id, category=row.category, key=row.pk)
    _follow(actor, access, row, case_columns)
    return row


def correct_row(
    actor: Actor,
    *,
    access: CaseAccess,
    row: CategoryRow,
    columns: Values,
    content: Values,
    values_of: Callable[[CategoryRow], Values],
    case_columns: Values | None = None,
    version: int | None = None,
) -> CategoryRow:
    """Replace what an own row says, in a closed case too: what is kept has to be right (GDPR Article 16).

    ``Conflict`` with both versions when it is no longer the ``version`` shown.
    """
    access = relock(access)
    policies.require(actor, "correct_row", access)
    stored = own_row(access, type(row), row.pk)
    if version != stored.version:
        raise Conflict(current=values_of(stored), version=stored.version)
    changed = _changed(stored, columns, content)
    for name, value in columns.items():
        setattr(stored, name, value)
    stored.seal(dict(content))
    stored.version += 1
    stored.updated_at = clock.moment()
    stored.save(update_fields=(*columns, "sealed", "version", "updated_at"))
    recorded = _record("correct_row", actor, stored, changed)
    if set(changed) - CONFIRMING:
        _tell_readers(access.case, stored, key=recorded.pk)
    _follow(actor, access, stored, case_columns)
    return stored


def _tell_readers(case: Case, row: CategoryRow, *, key: UUID) -> None:
    """Whoever reads the row by a share has to hear that it was corrected, and no more (rule 13; GDPR Article 19)."""
    readers = ledger.readers_of(case, row.owner_organisation_id, row.category)
    if readers:
        notices.tell_of_correction(case, sources.working_on(case, readers), key=key)


def _changed(row: CategoryRow, columns: Values, content: Values) -> list[str]:
    """The names of the fields that differ; never what they hold."""
    before: Values = row.content  # type: ignore[attr-defined]
    coded = {name for name, value in columns.items() if getattr(row, name) != value}
    sealed = {name for name in {*before, *content} if before.get(name) != content.get(name)}
    return sorted(coded | sealed)


def _record(kind: str, actor: Actor, row: CategoryRow, fields: list[str]) -> AuditChange:
    recorded = trail.record(
        kind,
        actor=actor,
        case_id=row.case_id,
        category=row.category,
        object_kind=row._meta.model_name or "",
        object_id=row.pk,
        fields=fields,
        version=row.version,
    )
    ledger.touch(row.case_id, owner=row.owner_organisation_id, category=row.category)
    return recorded


def _follow(actor: Actor, access: CaseAccess, row: CategoryRow, case_columns: Values | None) -> None:
    """What a row of the lead changes on the case itself: language, direct contact, child branch, start of assistance.

    A row of anybody else changes nothing there: it would show those that may not see the row that there is one. What it
    says of the age of a child counts all the same for what ends with the 18th birthday (rule 24).
    """
    case = access.case
    if case.state in OVER:
        # What is compared and found follows at once, what runs when the case is reopened: here nothing runs.
        if isinstance(row, Identity):
            write_matching_record(row)
            leave_out_names(actor, case)
        return
    if isinstance(row, Service):
        share_clocks.follow_services(actor, access)
    if isinstance(row, Identity):
        write_matching_record(row)
        leave_out_names(actor, case)
        follow_identity(actor, access=access, row=row)
    if not access.is_lead:
        return
    if case_columns:
        for name, value in case_columns.items():
            setattr(case, name, value)
        case.save(update_fields=tuple(case_columns))
    if isinstance(row, Service) and row.started_on is not None:
        start_assistance(actor, case=case, on=row.started_on)


def follow_identity(actor: Actor, *, access: CaseAccess, row: Identity | None) -> None:
    """What follows from what an own row says of the age; where the lead has found a child, the child branch opens."""
    case = access.case
    is_child = follow_age(actor, case=case).is_child_on(clock.today(active().zone))
    is_found = access.is_lead and row is not None and row.age_group in CHILDREN and is_child
    if is_found and not case.is_child_branch:
        open_child_branch(actor, case=case)
