"""Another organisation takes the lead, and the clocks that bind who leads."""

from accounts.actors import Actor
from accounts.models import Organisation
from audit import trail
from cases import ledger
from cases.enums import Category, DeadlineState
from cases.models import Case, CaseLead, Deadline
from core.db import role
from profiles.enums import Party
from profiles.profile import active


def lead_of(case: Case) -> Organisation:
    """Who leads now; for operations, whose actor may not know the case yet."""
    with role(ledger.LEDGER):
        return CaseLead.objects.select_related("organisation").get(case=case, ends_at__isnull=True).organisation


def move_lead(actor: Actor, *, case: Case, to: Organisation) -> None:
    """Give the lead to ``to``, which has accepted; called inside the operation that holds the lock and has judged.

    Rows stay with who wrote them. Open clocks of the lead bind the new lead from now on.
    """
    before = lead_of(case)
    ledger.move_lead(case, to)
    of_the_lead = {rule.code for rule in active().rules if rule.bound is Party.LEAD}
    with role(ledger.LEDGER):
        Deadline.objects.filter(
            case=case, rule__in=of_the_lead, state=DeadlineState.OPEN, bound_organisation=before
        ).update(bound_organisation=to)
    ledger.refresh_clocks(case.pk)
    trail.record(
        "move_lead",
        actor=actor,
        case_id=case.pk,
        category=Category.STATUS,
        object_kind="case",
        object_id=case.pk,
        before=str(before.pk),
        after=str(to.pk),
    )
    ledger.touch(case.pk, owner=to.pk, category=Category.STATUS)
