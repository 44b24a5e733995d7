"""A person who stays in a shelter: placed by a referral of the police, with a safe location that the shelter wrote."""

from typing import Any

from accounts.context import acting
from cases import access as door
from cases import hosting
from cases.models import Case, LocationRelease, Placement
from cases.operations.location import write_location
from cases.operations.members import assign_member
from cases.operations.placement import confirm_arrival, end_placement
from cases.operations.releases import approve_location_release, ask_location_release
from referrals.models import Referral
from referrals.operations import record_step
from tests.cast import Cast, Persona
from tests.referrals.scenes import accepted, do, police_case, sent, today

ADDRESS = "Boathouse 7, Willow Quay, canary-9f3e1c"


def on(cast: Cast, who: str | Persona, case: Case, operation: Any, **values: Any) -> Any:
    """One act of a persona on a case."""
    persona = getattr(cast, who) if isinstance(who, str) else who
    with acting(persona.actor):
        return operation(persona.actor, access=door.get_case(persona.actor, case.reference), **values)


def said(cast: Cast, case: Case, **changes: Any) -> Referral:
    """The shelter has accepted the referral and says that the person is there; nobody has confirmed it."""
    referral = accepted(cast, sent(cast, case, **changes))
    do(cast, "shelter_worker", record_step, referral, kind="placed", happened_on=today())
    return referral


def placed(cast: Cast, case: Case, **changes: Any) -> Referral:
    """The shelter has recorded that the person is there, and who sent the referral has confirmed it."""
    referral = said(cast, case, **changes)
    confirmed(cast, case, by=changes.get("persona", "police_officer"))
    return referral


def said_elsewhere(cast: Cast, case: Case, by: str = "police_officer") -> Referral:
    """Another shelter has accepted a referral too, and says that the person is with it; nobody has confirmed it."""
    referral = sent(cast, case, persona=by, to=cast.organisations.other_shelter, region="limburg")
    referral = accepted(cast, referral, by="other_shelter_intake", member="other_shelter_intake")
    do(cast, "other_shelter_intake", record_step, referral, kind="placed", happened_on=today())
    return referral


def moved(cast: Cast, case: Case, by: str = "police_officer") -> Referral:
    """The person stays in the other shelter, confirmed."""
    referral = said_elsewhere(cast, case, by)
    confirmed(cast, case, by)
    return referral


def confirmed(cast: Cast, case: Case, by: str = "police_officer") -> Placement:
    """The newest word of a shelter, confirmed."""
    placement: Placement = on(cast, by, case, confirm_arrival, placement=hosting.unsettled(case.pk)[0])
    return placement


def left(cast: Cast, case: Case, by: str) -> None:
    """The person has left the place that counts."""
    on(cast, by, case, end_placement, placement=hosting.live(case.pk)[0])


def staying(cast: Cast, *, is_child: bool = False, is_written: bool = True) -> Case:
    """A case of the police whose person stays in the shelter."""
    case = police_case(cast, is_child=is_child)
    placed(cast, case)
    if is_written:
        write(cast, case)
    return case


def write(cast: Cast, case: Case, who: str = "shelter_worker", address: str = ADDRESS) -> Any:
    values = {"address": address, "contact": "", "safety": "", "starts_on": today()}
    return on(cast, who, case, write_location, **values)


def assigned(cast: Cast, case: Case, who: str, by: str) -> None:
    on(cast, by, case, assign_member, member=getattr(cast, who).membership)


def asked(cast: Cast, case: Case, who: str, **changes: Any) -> LocationRelease:
    values = {"reason": "A bag must be brought there", "hours": 4, **changes}
    release: LocationRelease = on(cast, who, case, ask_location_release, **values)
    return release


def approved(cast: Cast, release: LocationRelease, *custodians: str) -> LocationRelease:
    for who in custodians or ("custodian_a", "custodian_b"):
        actor = getattr(cast, who).actor
        with acting(actor):
            release = approve_location_release(actor, release=release)
    return release
