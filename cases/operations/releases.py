"""Releasing a safe location to one person for hours: asked with a reason, approved by two custodians (rule 6)."""

from datetime import timedelta
from typing import Final

from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import Membership, Organisation
from audit import trail
from cases import notices, places, policies
from cases.access import assigned_members
from cases.enums import ReleaseStage, ReleaseState
from cases.models import Case, LocationRelease
from cases.models.location import LONGEST_HOURS
from cases.operations.placement import CATEGORY
from cases.operations.running import membership_of, relock_running
from cases.policies import CaseAccess
from core import clock
from core.errors import Conflict, Refused

CUSTODIANS: Final = ("custodian",)
QUEUE: Final = "/location-releases/"
# Nobody can approve a request that has lain so long; it must be asked again.
LASTS: Final = timedelta(days=7)


def ask_location_release(
    actor: Actor, *, access: CaseAccess, reason: str, hours: int, person: Membership | None = None
) -> LocationRelease:
    """Ask that ``person`` (by default the actor; a colleague who knows the case) may see the safe location for hours.

    Raises ``Refused`` without a reason, for hours outside 1 to 48, for a person who does not know the case, and for one
    for whom custodians can still decide; ``Conflict`` when nothing was written that could be released.
    """
    access = relock_running(access)
    policies.require(actor, "ask_location_release", access)
    placement = places.current(access)
    owner = places.written_by(placement) if placement is not None else None
    if placement is None or owner is None:
        raise Conflict(_("No safe location is recorded for this person."))
    if not reason.strip():
        raise Refused(_("Say why it must be known where the person stays."), field="reason")
    if not 1 <= hours <= LONGEST_HOURS:
        raise Refused(_("Choose between 1 and 48 hours."), field="hours")
    receiver = person or Membership.objects.get(pk=membership_of(actor))
    if receiver.pk not in {one.pk for one in candidates(access)}:
        raise Refused(_("Choose yourself or a colleague who is assigned to the case."), field="person")
    # No constraint of the database: what has lapsed stays as it was asked, and may be asked again.
    earlier = LocationRelease.objects.filter(placement=placement, person=receiver, state=ReleaseState.ASKED)
    if any(is_waiting(one) for one in earlier):
        raise Refused(_("The location has already been asked for this person."), field="person")
    asked_by = Membership.objects.get(pk=membership_of(actor))
    asked = LocationRelease(
        case=access.case,
        placement=placement,
        organisation_id=owner,
        reference=access.case.reference,
        asked_by=asked_by,
        asked_by_user_id=asked_by.user_id,
        person=receiver,
        person_user_id=receiver.user_id,
        hours=hours,
        asked_at=clock.moment(),
    )
    asked.seal({"reason": reason.strip()})
    asked.save(force_insert=True)
    _record("ask_location_release", actor, asked)
    organisations = [Organisation(pk=owner)]
    notices.alert("location_asked", None, organisations=organisations, roles=CUSTODIANS, key=asked.pk, path=QUEUE)
    return asked


def candidates(access: CaseAccess) -> list[Membership]:
    """To whom it may be released: the actor, and colleagues who are assigned to the case."""
    own = Membership.objects.select_related("user").get(pk=membership_of(access.actor))
    others = [row.membership for row in assigned_members(access) if row.membership and row.membership_id != own.pk]
    return [own, *others]


def approve_location_release(actor: Actor, *, release: LocationRelease) -> LocationRelease:
    """Agree, as one of two custodians; with the second it is given, for its hours from now.

    Raises ``Refused`` for who asks, who would read it, and who has agreed before; ``Conflict`` when it is decided,
    too old, or the person has moved.
    """
    stored = _waiting(actor, "approve_location_release", release)
    if refusal := approval_obstacle(actor, stored):
        raise Refused(refusal, field="decision")
    if stored.first_by_user_id is None:
        stored.first_by_user_id = actor.user_id
    else:
        now = clock.moment()
        stored.second_by_user_id, stored.state = actor.user_id, ReleaseState.GIVEN
        stored.starts_at, stored.ends_at = now, now + timedelta(hours=stored.hours)
    stored.save(update_fields=("first_by_user", "second_by_user", "state", "starts_at", "ends_at"))
    _record("approve_location_release", actor, stored)
    if stored.state == ReleaseState.GIVEN:
        _answer(stored)
    return stored


def refuse_location_release(actor: Actor, *, release: LocationRelease) -> LocationRelease:
    """Refuse what was asked: one custodian is enough."""
    stored = _waiting(actor, "refuse_location_release", release)
    _close(actor, stored, ReleaseState.REFUSED)
    _record("refuse_location_release", actor, stored)
    _answer(stored)
    return stored


def revoke_location_release(actor: Actor, *, release: LocationRelease) -> LocationRelease:
    """End a release before its hours are over: from the next request the location is closed to that person."""
    stored = _locked(actor, "revoke_location_release", release)
    if not places.is_live(stored):
        raise Conflict(_("This release has ended already."))
    _close(actor, stored, ReleaseState.REVOKED)
    _record("revoke_location_release", actor, stored)
    notices.alert_members("location_revoked", Case(pk=stored.case_id), members=[stored.person], key=stored.pk)
    return stored


def approval_obstacle(actor: Actor, release: LocationRelease) -> str:
    """Why this custodian cannot approve what waits, in words; nothing for who can."""
    if actor.user_id in (release.asked_by_user_id, release.person_user_id):
        return _("Whoever asks, or would read it, cannot approve.")
    if release.first_by_user_id == actor.user_id:
        return _("You have approved this already. A second custodian must approve it.")
    return ""


def is_waiting(release: LocationRelease) -> bool:
    """True while custodians can still decide."""
    if release.state != ReleaseState.ASKED or release.asked_at + LASTS <= clock.moment():
        return False
    return places.is_there(release)


def stage(release: LocationRelease) -> ReleaseStage:
    """Where it stands today: what was asked lapses, and what was given is over, without anybody writing it down."""
    if release.state == ReleaseState.GIVEN:
        return ReleaseStage.LIVE if places.is_live(release) else ReleaseStage.OVER
    if release.state != ReleaseState.ASKED:
        return ReleaseStage(release.state)
    if not is_waiting(release):
        return ReleaseStage.LAPSED
    return ReleaseStage.HALFWAY if release.first_by_user_id else ReleaseStage.WAITING


def _waiting(actor: Actor, action: str, release: LocationRelease) -> LocationRelease:
    stored = _locked(actor, action, release)
    if not is_waiting(stored):
        raise Conflict(_("This has been decided, or is too late: the person has moved, or it was asked too long ago."))
    return stored


def _locked(actor: Actor, action: str, release: LocationRelease) -> LocationRelease:
    """Two custodians at once: the second waits for the first, and judges what it left."""
    policies.require(actor, action)
    LocationRelease.objects.select_for_update(no_key=True).filter(pk=release.pk).values_list("pk").first()
    return places.get_release(actor, release.pk)


def _close(actor: Actor, release: LocationRelease, state: ReleaseState) -> None:
    release.state, release.closed_at, release.closed_by_user_id = state, clock.moment(), actor.user_id
    release.save(update_fields=("state", "closed_at", "closed_by_user"))


def _answer(release: LocationRelease) -> None:
    people = {one.pk: one for one in (release.asked_by, release.person)}
    notices.alert_members("location_answered", Case(pk=release.case_id), members=people.values(), key=release.pk)


def _record(kind: str, actor: Actor, release: LocationRelease) -> None:
    parties = dict.fromkeys((release.organisation_id, release.asked_by.organisation_id))
    trail.record(
        kind,
        actor=actor,
        case_id=release.case_id,
        owner_organisation_id=release.organisation_id,
        category=CATEGORY,
        object_kind="location_release",
        object_id=release.pk,
        parties=[str(party) for party in parties],
        hours=release.hours,
    )
