"""Another organisation takes the lead, and with it the clocks and duties that bind who leads.

Part of accepting a referral for case management, which holds the lock and has judged (``sharing.md`` rule 11).
"""

from typing import Final
from uuid import UUID

from django.db.models import Q

from accounts.actors import Actor
from accounts.models import Membership, Organisation, Role
from audit import trail
from cases import ledger, notices
from cases.enums import Category, Office
from cases.knowledge import STATUTORY
from cases.models import Case, CaseVisibility, Share
from cases.operations import child_branch, clocks, doubles, placement, sharing
from core.db import role
from profiles.enums import Party
from profiles.profile import active

PURPOSE: Final = "case_management"
REASON: Final = "lead_transferred"
ANSWERABLE: Final = (Role.SUPERVISOR, Role.DATA_PROTECTION_OFFICER)


def transfer_lead(actor: Actor, *, case: Case, to: Organisation, key: UUID, kind: str = "transfer_lead") -> None:
    """Give the lead to ``to``, which has accepted; ``key`` is the referral, or offer, by which it did.

    1. lead and visibility; 2. open clocks of the lead bind ``to``, which hears of what is overdue; 3. parties by office
    see the rows of ``to`` too, a host and child protection that led among them; 4. what others gave the former lead as
    the lead ends: it keeps its own rows, and knows the case on as registrar or party by office only; 5. everybody
    concerned is told, without content.
    """
    before = ledger.lead_of(case.pk)
    organisations, members = _concerned(case)
    sharing.follow_sources(actor, case)
    ledger.move_lead(case, to)
    clocks.rebind(case, {rule.code for rule in active().rules if rule.bound is Party.LEAD}, before=before, to=to)
    _open_to_offices(actor, case, to)
    placement.follow_lead(actor, case=case)
    child_branch.follow_lead(actor, case=case, before=before)
    sharing.end_shares(actor, case=case, shares=_of_the_former_lead(case, before), reason=REASON)
    sharing.follow_sources(actor, case)
    trail.record(
        kind,
        actor=actor,
        case_id=case.pk,
        category=Category.STATUS,
        object_kind="case",
        object_id=case.pk,
        before=str(before.pk),
        after=str(to.pk),
    )
    ledger.touch(case.pk, owner=to.pk, category=Category.STATUS)
    doubles.follow_lead(case, to)
    people = Membership.objects.live().filter(
        Q(pk__in=members) | Q(organisation__in=organisations, roles__overlap=list(ANSWERABLE))
    )
    notices.alert_members(kind, case, members=people.select_related("user").order_by("pk"), key=key)


def _concerned(case: Case) -> tuple[set[UUID], set[UUID]]:
    """The organisations that know the case at this moment, and the members that work on it."""
    with role(ledger.LEDGER):
        rows = CaseVisibility.objects.live().filter(case=case)
        pairs = list(rows.values_list("organisation_id", "membership_id"))
    return {organisation for organisation, _member in pairs}, {member for _organisation, member in pairs if member}


def _open_to_offices(actor: Actor, case: Case, to: Organisation) -> None:
    """Child protection, guardian, shelter and deciding authority see what the new lead writes, as long as before."""
    held = [share for share in sharing.live_shares(case) if share.office in STATUTORY]
    given = {(share.office, share.to_organisation_id) for share in held if share.from_organisation_id == to.pk}
    latest: dict[tuple[str, UUID], Share] = {}
    for share in sorted(held, key=lambda one: one.ends_at):
        latest[share.office, share.to_organisation_id] = share
    for (office, holder), share in latest.items():
        if holder != to.pk and (office, holder) not in given:
            sharing.extend_office(actor, case=case, like=share, owner=to)


def _of_the_former_lead(case: Case, before: Organisation) -> list[Share]:
    """What it was given by choice, or to manage the case. An office or another referral of its own goes on."""
    with role(ledger.LEDGER):
        as_lead = Q(office=Office.REFERRAL, purpose=PURPOSE) | Q(office=Office.REASSIGNED_LEAD)
        by_choice = Q(office=Office.NONE) | as_lead
        return list(Share.objects.live().filter(by_choice, case=case, to_organisation=before).order_by("pk"))
