"""A withdrawn police statement changes neither status nor services (Directive 2011/36/EU, Article 9(1); rule 15)."""

from cases import access as door
from cases.models import Criminal, Deadline, Service
from cases.operations.rows import add_row, correct_row
from tests.cases.files import in_reflection, inside
from tests.cast import Cast


def test_a_withdrawn_statement_changes_neither_status_nor_services(cast: Cast) -> None:
    case = in_reflection(cast)
    with inside(cast.police_officer, case) as (actor, access):
        add_row(
            actor,
            access=access,
            model=Service,
            columns={"service": "safe_accommodation", "status": "started"},
            content={},
        )
        reported = {"cooperation": "reported", "proceedings": "", "reported_on": None}
        row = add_row(actor, access=access, model=Criminal, columns=reported, content={})
    before = standing(cast, case)
    with inside(cast.police_officer, case) as (actor, access):
        correct_row(
            actor,
            access=access,
            row=row,
            columns=reported | {"cooperation": "withdrawn"},
            content={},
            values_of=lambda stored: {},
            version=row.version,
        )
    assert standing(cast, case) == before


def standing(cast, case):
    """Status, reflection period, services and clocks of support: all that a statement must not move."""
    with inside(cast.police_officer, case) as (_actor, access):
        period = door.reflection_period(access)
        return (
            access.case.identification,
            access.case.state,
            (period.state, period.ends_on),
            [(row.service, row.status) for row in door.read_rows(access, "services")],
            sorted(Deadline.objects.filter(case=case).values_list("rule", "state", "due_at")),
        )
