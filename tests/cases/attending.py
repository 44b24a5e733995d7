"""Which cases nobody works on, asked of assignments and members anew: what the stored mark is compared with."""

from uuid import UUID

from django.db.models import Exists, OuterRef

from accounts.models import Membership
from cases import policies
from cases.enums import CaseState
from cases.models import Case, CaseVisibility
from core.db import role

Found = set[tuple[UUID, str]]


def marked() -> Found:
    """Case and name of the organisation, of all marks that somebody could see."""
    with role("nrm_worker"):
        rows = CaseVisibility.objects.live().filter(is_unattended=True, organisation__suspended_at__isnull=True)
        return set(rows.values_list("case_id", "organisation__name"))


def unattended() -> Found:
    """The same by the long way, one question for each organisation and case; no mark is read."""
    there = Membership.objects.live().with_role(*policies.WORKING)
    own = CaseVisibility.objects.live().filter(case=OuterRef("case"), organisation=OuterRef("organisation"))
    with role("nrm_worker"):
        rows = CaseVisibility.objects.live().filter(membership=None, organisation__suspended_at__isnull=True)
        rows = rows.filter(~Exists(own.filter(membership__in=there))).exclude(case__state=CaseState.CLOSED)
        return set(rows.values_list("case_id", "organisation__name"))


def nobody_at(case: Case) -> set[str]:
    """The organisations that know the case and where nobody works on it; every mark of every case is compared."""
    found = marked()
    assert found == unattended()
    return {name for key, name in found if key == case.pk}
