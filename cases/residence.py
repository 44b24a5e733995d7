"""Whom residence is asked of: nobody who is of this country and of no other (``domain.md`` R8)."""

from cases.models import Identity
from cases.policies import CaseAccess
from profiles.profile import active


def is_own_national(access: CaseAccess) -> bool:
    """Whether the own organisation has written that the person is a citizen of this country alone; what others wrote is
    not looked at. Who is also a citizen of another country, or whose citizenship is not known, is asked."""
    own = Identity.objects.filter(case=access.case, owner_organisation_id=access.actor.organisation_id)
    written = own.values_list("citizenships", flat=True).first()
    return list(written or ()) == [active().country]
