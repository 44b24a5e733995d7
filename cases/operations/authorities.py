"""The authority that has to decide: a party by office from the request to its decision, and for the review after it.

It sees who the person is and what its kind is offered by default (``sharing.md`` rule 2a and section 4).
"""

from datetime import date, timedelta
from typing import Final

from accounts.actors import Actor
from accounts.models import Membership, Organisation, Role
from cases import ledger, policies
from cases.enums import Category, Office
from cases.models import Case
from cases.operations import sharing
from profiles.profile import active

LEGAL_BASIS: Final = "legal_obligation"


def hold_office(
    actor: Actor, *, case: Case, authority: Organisation, purpose: str = "", from_day: date | None = None
) -> None:
    """Let ``authority`` see what it needs: until it has decided, or for the review term after ``from_day``."""
    office = Office.DECIDING_AUTHORITY
    until = from_day + timedelta(days=active().offices[office].review_days) if from_day else None
    sharing.open_office(
        actor,
        case=case,
        to=authority,
        office=office,
        legal_basis=LEGAL_BASIS,
        purpose=purpose,
        until=until,
        categories={Category.IDENTITY, *policies.offered(authority.kind)},
    )
    _let_somebody_know(case, authority)


def _let_somebody_know(case: Case, authority: Organisation) -> None:
    """An authority without intake or supervisor would never see the request: then its decision-makers are assigned."""
    members = Membership.objects.live().filter(organisation=authority)
    if not members.with_role(Role.INTAKE, Role.SUPERVISOR).exists():
        for member in members.with_role(Role.DECISION_MAKER):
            if not ledger.is_blocked(case, member):
                ledger.assign(case, member)
