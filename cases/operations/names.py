"""The name of the person: hidden everywhere, shown on request for a moment; each showing leaves one line."""

from accounts.actors import Actor
from audit import trail
from cases.access import read_rows
from cases.enums import Category
from cases.models import CategoryRow
from cases.operations.members import INTERNAL
from cases.policies import CaseAccess


def show_name(actor: Actor, *, access: CaseAccess) -> list[CategoryRow]:
    """The rows of identity that the actor may read, opened, and the one line that says who asked for the name."""
    rows = read_rows(access, Category.IDENTITY)
    trail.record(
        "show_name",
        actor=actor,
        case_id=access.case.pk,
        category=INTERNAL,
        object_kind="identity",
        owners=sorted({str(row.owner_organisation_id) for row in rows}),
    )
    return rows
