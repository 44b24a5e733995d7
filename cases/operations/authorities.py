"""The authority that has to decide: a party by office from the request to its decision, and for the review after it.

The request is somebody else's, never its own act: an offer or a request for reconsideration, on which it sees who the
person is and what its kind is offered by default; or an accepted referral for identification, on which it goes on
seeing what the referral granted. Source: ``sharing.md`` rules 2a and 20.
"""

from datetime import date, timedelta
from typing import Final

from django.db.models import Q

from accounts.actors import Actor
from accounts.models import Membership, Organisation, Role
from cases import ledger, policies
from cases.enums import Category, Office
from cases.models import Case, IdentificationDecision, Share
from cases.operations import sharing
from core import clock
from core.db import role
from profiles.profile import active

LEGAL_BASIS: Final = "legal_obligation"
IDENTIFICATION: Final = sharing.PURPOSES[Office.DECIDING_AUTHORITY]


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


def hold_as_referred(actor: Actor, *, case: Case, referred: Share) -> None:
    """Part of accepting a referral for identification: its terms hold until the decision and the review after it, not
    only to the referral's last day."""
    sharing.open_office(
        actor,
        case=case,
        to=referred.to_organisation,
        office=Office.DECIDING_AUTHORITY,
        legal_basis=LEGAL_BASIS,
        purpose=IDENTIFICATION,
        categories=referred.categories,
        owners=[referred.from_organisation_id],
    )


def follow_decision(actor: Actor, *, case: Case, authority: Organisation) -> None:
    """The authority has decided what it was asked: what it holds for identification ends after the review term."""
    last = clock.today(active().zone) + timedelta(days=active().offices[Office.DECIDING_AUTHORITY].review_days)
    held = sharing.held(case, Office.DECIDING_AUTHORITY, authority, IDENTIFICATION)
    sharing.shorten(actor, case=case, shares=[share for share in held if share.ends_on > last], until=last)


def let_go(actor: Actor, *, case: Case, authority: Organisation) -> None:
    """The request for identification is over before a decision: revoked, its consent withdrawn, or given back."""
    steps = IdentificationDecision.objects.filter(
        Q(owner_organisation=authority) | Q(addressed_to=authority), case=case
    )
    with role(ledger.LEDGER):
        has_decided = steps.exists()
    if not has_decided:
        held = sharing.held(case, Office.DECIDING_AUTHORITY, authority, IDENTIFICATION)
        sharing.end_shares(actor, case=case, shares=held, reason="office_ended")


def _let_somebody_know(case: Case, authority: Organisation) -> None:
    """An authority without intake or supervisor would never see the request: then its decision-makers are assigned."""
    members = Membership.objects.live().filter(organisation=authority)
    if not members.with_role(Role.INTAKE, Role.SUPERVISOR).exists():
        for member in members.with_role(Role.DECISION_MAKER):
            if not ledger.is_blocked(case, member):
                ledger.assign(case, member)
