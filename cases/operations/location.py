"""Writing the safe location: by the host of a placement, or by who placed the person (rule 6)."""

from datetime import date

from django.utils.translation import gettext as _

from accounts.actors import Actor
from audit import trail
from cases import hosting, places, policies
from cases.hosting import Standing
from cases.models import Placement, SafeLocation
from cases.operations.placement import CATEGORY
from cases.operations.running import membership_of, organisation_of, relock_running
from cases.policies import CaseAccess
from core import clock
from core.errors import Conflict, NotAllowed, Refused
from profiles.profile import active

LONGEST = 2_000


def write_location(
    actor: Actor, *, access: CaseAccess, address: str, contact: str = "", safety: str = "", starts_on: date
) -> SafeLocation:
    """Write where the person stays. What was written before stays as it was; the newest row is what is shown.

    Raises ``Conflict`` when nobody hosts the person, ``Refused`` without an address or for a day outside the placement.
    """
    access = relock_running(access)
    policies.require(actor, "write_location", access)
    placement = places.current(access)
    if placement is None:
        raise Conflict(_("The person does not stay in a shelter any more."))
    if not may_write(access, placement):
        raise NotAllowed
    _check(placement, address, starts_on)
    written = SafeLocation(
        case=access.case,
        placement=placement,
        owner_organisation_id=organisation_of(actor),
        starts_on=starts_on,
        written_at=clock.moment(),
        written_by_id=membership_of(actor),
    )
    written.seal({"address": address.strip(), "contact": contact, "safety": safety})
    written.save(force_insert=True)
    trail.record(
        "write_location",
        actor=actor,
        case_id=access.case.pk,
        category=CATEGORY,
        object_kind="location",
        object_id=written.pk,
    )
    return written


def may_write(access: CaseAccess, placement: Placement | None) -> bool:
    """True when ``write_location`` will not refuse the person: of the host; of who placed the person, once it is
    confirmed that the person is there and while the person stays there."""
    if placement is None or not policies.may(access.actor, "write_location", access):
        return False
    own = access.actor.organisation_id
    is_confirmed = hosting.standing(placement) is Standing.CONFIRMED
    return own == placement.organisation_id or (own == placement.placed_by_id and is_confirmed)


def _check(placement: Placement, address: str, starts_on: date) -> None:
    if not address.strip():
        raise Refused(_("Write where the person stays."), field="address")
    if not placement.starts_on <= starts_on <= clock.today(active().zone):
        raise Refused(_("Choose a day between the placement and today."), field="starts_on")
