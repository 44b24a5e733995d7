"""The person has moved: the lead changes the region of the case, and what follows from the region follows it.

Child protection of the new region takes the place of the former one, with what hung on its office; running clocks count
by the working days of the new region. Nothing that hung on the fact falls (``sharing.md`` rules 18 and 20).
"""

from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import Organisation, Role
from audit import trail
from cases import ledger, notices, policies
from cases.enums import Category, Office
from cases.models import Case, Share
from cases.operations import child_branch, clocks, sharing, sources
from cases.operations.age import read_age
from cases.operations.authorship import organisation_of
from cases.operations.running import relock_running
from cases.policies import CaseAccess
from core import clock
from core.errors import Refused
from profiles.enums import Party
from profiles.profile import active

ANSWERING: Final = (Role.SUPERVISOR, Role.INTAKE)


def change_region(actor: Actor, *, access: CaseAccess, region: str) -> Case:
    """Record in which region the person is now, as a code of the profile.

    1. the region; 2. of a child, child protection of the new region: its office with everything that hung on it, the
    guardianship that it answers for, and the clocks that bind it; the former service is out at once; 3. running clocks
    by the working days of the new region, entitlements never shorter. ``Refused`` for a region that is not the
    profile's, for the one that it is already, and for a child where no service is active. Both services are told,
    without content.
    """
    access = relock_running(access)
    policies.require(actor, "change_region", access)
    case, before = access.case, access.case.region
    if region not in active().regions:
        raise Refused(_("Choose a region from the list."), field="region")
    if region == before:
        raise Refused(_("The person is in this region already. Choose another one."), field="region")
    case.region = region
    is_child = case.is_child_branch and not read_age(case).is_of_age_on(clock.today(active().zone))
    service = child_branch.child_protection_for(case) if is_child else None
    case.save(update_fields=("region",))
    recorded = trail.record(
        "change_region",
        actor=actor,
        case_id=case.pk,
        category=Category.STATUS,
        object_kind="case",
        object_id=case.pk,
        before=before,
        after=region,
    )
    ledger.touch(case.pk, owner=organisation_of(actor), category=Category.STATUS)
    if service is not None:
        _hand_over(actor, case, service, key=recorded.pk)
    clocks.follow_region(case, actor=actor)
    return case


def _hand_over(actor: Actor, case: Case, service: Organisation, *, key: UUID) -> None:
    """Child protection of the new region is in office, then the former one is not."""
    held = sharing.held(case, Office.CHILD_PROTECTION, None)
    former = list({one.to_organisation_id: one.to_organisation for one in held}.values())
    if service not in former and service != ledger.lead_of(case.pk):
        child_branch.open_office(actor, case, service)
    for one in former:
        if one != service:
            _replace(actor, case, one, service)
            told = Organisation.objects.filter(pk=one.pk)
            notices.alert("region_left", None, organisations=told, roles=ANSWERING, key=key, about=case)
    if service not in former:
        working = sources.working_on(case, {service.pk})
        notices.alert_members("region_entered", case, members=working, key=key)


def _replace(actor: Actor, case: Case, former: Organisation, service: Organisation) -> None:
    """Everything of the office goes from ``former`` to ``service``; the rows of ``former`` stay with it."""
    named = {rule.code for rule in active().rules if rule.bound is Party.CHILD_PROTECTION}
    clocks.rebind(case, named, before=former, to=service)
    child_branch.answer_for(case, service, before=former)
    hanging = [one for one in sharing.live_shares(case) if _hangs_on_office(one, former)]
    opened = sharing.held(case, Office.CHILD_PROTECTION, service)
    ledger.hang_on(case, hanging, opened[0] if opened else None)
    sharing.end_office(actor, case=case, office=Office.CHILD_PROTECTION, to=former)


def _hangs_on_office(share: Share, former: Organisation) -> bool:
    return share.from_organisation_id == former.pk and Office.CHILD_PROTECTION in share.roots
