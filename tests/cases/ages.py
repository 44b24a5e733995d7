"""Children whose age is written, corrected and settled, on days that stand still."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from typing import Any

from cases.models import AgeSettlement, Case, Deadline, Guardianship, Identity, Share
from cases.operations.age_settlement import settle_age
from cases.operations.rows import add_row, correct_row
from cases.operations.sharing import share
from core import clock
from core.dates import instant_at
from core.db import role
from profiles.profile import active
from tests.api.calls import Caller
from tests.cases.files import assign, inside, today
from tests.cases.lawful import lawful
from tests.cast import Cast

OF_THE_BIRTHDAY = ("EU-MAJORITY", "EU-SIS-MAJ", "EU-T18")


@contextmanager
def on(day: str, at: time = time(10)) -> Iterator[datetime]:
    """The clock stands still at ten o'clock of a civil day."""
    moment = instant_at(date.fromisoformat(day), at, active().zone)
    with clock.travel(moment):
        yield moment


def says(
    cast: Cast, case: Case, who: str, born: str, group: str = "child", basis: str = "stated", **names: str
) -> None:
    """The organisation of ``who`` writes or corrects what it says of the age."""
    columns = {"age_group": group, "age_basis": basis, "birth_year": int(born[:4]) if born else None}
    content = {**names, **({"birth_date": born} if born else {})}
    with inside(getattr(cast, who), case) as (actor, access):
        own = Identity.objects.filter(case=case, owner_organisation_id=actor.organisation_id).first()
        if own is None:
            add_row(actor, access=access, model=Identity, columns=columns, content=content)
        else:
            values: dict[str, Any] = {"columns": columns, "content": content, "version": own.version}
            correct_row(actor, access=access, row=own, values_of=lambda _row: {}, **values)


def by_page(cast: Cast, case: Case, born: str, **names: str) -> None:
    """The NGO corrects the date of birth on the page."""
    year, month, day = born.split("-")
    with inside(cast.ngo_caseworker, case):
        row = Identity.objects.get(case=case)
    typed = {"birth_date_year": year, "birth_date_month": month, "birth_date_day": day, "version": row.version}
    path = f"/cases/{case.shown_reference}/identity/{row.pk}/"
    answer = cast.client("ngo_caseworker").post(path, {"age_group": "child", **typed, **names})
    assert answer.status_code == 302, answer.content


def by_api(cast: Cast, case: Case, born: str) -> None:
    """The same by a program."""
    caller = Caller(cast, "ngo_caseworker")
    (row,) = caller.get(f"cases/{case.shown_reference}/rows/identity/").json()
    body = {**row["answers"], "birth_date": born, "version": row["version"]}
    answer = caller.put(f"cases/{case.shown_reference}/rows/identity/{row['id']}/", body)
    assert answer.status_code == 200, answer.content


def settles(
    cast: Cast, case: Case, born: str = "", group: str = "child", who: str = "child_protection_supervisor"
) -> AgeSettlement:
    """Child protection settles the age."""
    with inside(getattr(cast, who), case) as (actor, access):
        return settle_age(
            actor, access=access, age_group=group, birth_date=born, basis="assessed", reason="The school register."
        )


def lets_write(cast: Cast, case: Case, to: str, *assigned: str) -> None:
    """The NGO shares with an organisation that then writes rows of its own."""
    receiver = getattr(cast.organisations, to)
    asked: dict[str, Any] = {"to": receiver, "purpose": "refer_other_service", "categories": ["contact"]}
    basis = lawful(cast, case, "ngo_supervisor", **asked)
    with inside(cast.ngo_supervisor, case) as (actor, access):
        share(actor, access=access, **asked, **basis, ends_on=today().replace(day=28), level="contribute")
    for who in assigned:
        assign(cast, case, who)


def offices(case: Case) -> dict[str, set[str]]:
    """The last days of what child protection and the guardian have by office now."""
    found: dict[str, set[str]] = {}
    with role("nrm_ledger"):
        for one in Share.objects.live().filter(case=case, office__in=("child_protection", "guardian")):
            found.setdefault(one.office, set()).add(one.ends_on.isoformat())
    return found


def running(case: Case) -> dict[str, str]:
    """The running clocks and their days."""
    with role("nrm_ledger"):
        rows = Deadline.objects.filter(case=case, state="open").values_list("rule", "due_on")
        return {rule: day.isoformat() for rule, day in rows}


def of_the_birthday(case: Case) -> dict[str, str]:
    """Those of the 18th birthday."""
    return {rule: day for rule, day in running(case).items() if rule in OF_THE_BIRTHDAY}


def guardianship_of(case: Case) -> tuple[str, str]:
    """Where the guardianship stands, and why it ended."""
    with role("nrm_ledger"):
        held = Guardianship.objects.only("state", "end_reason").get(case=case)
    return held.state, held.end_reason
