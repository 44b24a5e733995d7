"""A legal basis that holds for a share or referral of a test that does not say which (``sharing.md`` rule 21)."""

from collections.abc import Collection
from typing import Any

from accounts.context import acting
from accounts.models import Organisation
from cases.access import get_case, get_case_by_id
from cases.models import Case
from cases.operations import legal_bases
from cases.operations.consent import record_consent
from core import clock
from profiles.profile import active
from tests.cast import Cast

BY_TASK = ("law_enforcement", "public_task")


def lawful(
    cast: Cast, case: Case, by: str, *, to: Organisation, purpose: str, categories: Collection[str]
) -> dict[str, Any]:
    """An authority acts on its task; everybody else has the consent of the person, recorded here for this receiver."""
    worker = getattr(cast, by)
    asked = legal_bases.asked_by(
        worker.organisation, is_child=case.is_child_branch, to=to, purpose=purpose, categories=categories
    )
    for basis in BY_TASK:
        if legal_bases.is_allowed(asked, basis):
            return {"legal_basis": basis}
    with acting(worker.actor):
        consent = record_consent(
            worker.actor,
            access=get_case_by_id(worker.actor, case.pk),
            purpose=purpose,
            categories=list(categories),
            recipient=to if to.pk != worker.organisation_id else None,
            form="written",
            given_on=clock.today(active().zone),
            information_given=["mechanism"],
        )
    return {"legal_basis": "consent", "consent": consent}


def answered(
    cast: Cast, reference: str, by: str, *, to: Organisation, purpose: str, categories: Collection[str]
) -> dict[str, str]:
    """The same as a form or a program sends it, for a case that is known by its reference."""
    with acting(getattr(cast, by).actor) as actor:
        case = get_case(actor, reference).case
    found = lawful(cast, case, by, to=to, purpose=purpose, categories=categories)
    return {name: str(getattr(value, "pk", value)) for name, value in found.items()}
