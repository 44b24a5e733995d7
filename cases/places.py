"""Where a person stays, for whom (``sharing.md`` rule 6): who reads the location, and to whom it is released.

Four relations read the location, each as a person assigned to the case: the host, the lead, the guardian, child
protection of an open child branch (decision 0021). A lead that is police, border, labour inspectorate, immigration,
asylum or prosecution does not read it. Anybody else needs a live release to themselves. Who is told which shelter it is
stands in ``masking``.
"""

from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.actors import NO_KEY, Actor
from audit import trail
from audit.models import AuditLook
from cases import hosting, masking, policies
from cases.enums import ReleaseState
from cases.models import Case, Guardianship, LocationRelease, Placement, SafeLocation
from cases.policies import CaseAccess
from cases.querysets import IsBlocked
from core import clock
from core.db import role
from core.errors import Missing, NotAllowed

LEDGER = "nrm_ledger"
# What the audit calls a look at a safe location; no category, so that nothing can ever be shared under this name.
LOCATION = "location"
HOST = masking.HOST
LOOKS = 50


def current(access: CaseAccess) -> Placement | None:
    """The placement that counts for the reader: the own one for a host, else the confirmed one, else what was said.

    Whoever asks: callers say only what the reader may know of it.
    """
    found = hosting.live(access.case.pk)
    return hosting.hosted(found, access.actor.organisation_id) or hosting.main(found)


def may_know_which(actor: Actor, case: Case, placement: Placement) -> bool:
    """Whether ``actor`` may learn which shelter it is; the rule is in ``masking``."""
    return masking.knows_host(actor, placement)


# -- the location ----------------------------------------------------------------------------------------------------


def may_show(access: CaseAccess, placement: Placement | None) -> bool:
    """True for the four relations, and for whom two custodians have let in."""
    if placement is None or access.is_emergency:
        return False
    return _is_related(access, placement) or released_until(access, placement) is not None


def _is_related(access: CaseAccess, placement: Placement) -> bool:
    actor, case = access.actor, access.case
    if not policies.may(actor, "show_location", access):
        return False
    guarded = Guardianship.objects.filter(case=case, guardian=actor.membership_id, state__in=masking.IN_OFFICE)
    return (
        placement.organisation_id == actor.organisation_id
        or (access.is_lead and masking.is_told_as_lead(actor))
        or guarded.exists()
        or masking.protected(actor.organisation_id, [case.pk]).exists()
    )


def released_until(access: CaseAccess, placement: Placement) -> LocationRelease | None:
    """The live release of this placement's location to the actor."""
    rows = LocationRelease.objects.filter(
        placement=placement,
        person=access.actor.membership_id,
        state=ReleaseState.GIVEN,
        ends_at__gt=clock.moment(),
    )
    return rows.order_by("-ends_at").first()


def show_locations(access: CaseAccess) -> list[SafeLocation]:
    """The location of each placement that the reader may see, as last written, opened, the confirmed one first; each
    look noted for the audit. ``placement`` of each says whether anybody has confirmed that the person is there.

    A host reads what was written about its own placement alone: none before, and not where somebody else says that the
    person is. Raises ``NotAllowed`` for who is in no relation to any, ``Missing`` when none was written.
    """
    seen = [one for one in hosting.live(access.case.pk) if may_show(access, one)]
    if not seen:
        raise NotAllowed
    found = [row for row in (_newest(access, one) for one in seen) if row is not None]
    if not found:
        raise Missing
    for row in found:
        row.content = row.open()  # type: ignore[attr-defined]
    trail.note(categories=(LOCATION,), owners={row.owner_organisation_id for row in found})
    return found


def _newest(access: CaseAccess, placement: Placement) -> SafeLocation | None:
    rows = SafeLocation.objects.filter(placement=placement)
    if not _is_related(access, placement):
        release = released_until(access, placement)
        rows = rows.filter(owner_organisation=release.organisation_id if release else NO_KEY)
    row = rows.select_related("owner_organisation").order_by("-written_at", "pk").first()
    if row is not None:
        row.placement = placement
    return row


def written_by(placement: Placement) -> UUID | None:
    """The organisation that last wrote the location of this placement, or None."""
    with role(LEDGER):
        rows = SafeLocation.objects.filter(placement=placement).order_by("-written_at", "pk")
        return rows.values_list("owner_organisation_id", flat=True).first()


# -- releases --------------------------------------------------------------------------------------------------------


def releases(actor: Actor) -> list[LocationRelease]:
    """What was asked of the own organisation, newest first: for custodians."""
    policies.require(actor, "view_location_releases")
    rows = _own_releases(actor)
    return list(rows.select_related(*PEOPLE).order_by("-asked_at", "pk")[:LOOKS])


def get_release(actor: Actor, pk: UUID) -> LocationRelease:
    """One release of the own organisation's location, opened; raises ``Missing`` for any other."""
    rows = _own_releases(actor).filter(pk=pk)
    found = rows.select_related(*PEOPLE).first() if policies.may(actor, "view_location_releases") else None
    if found is None:
        raise Missing
    found.content = found.open()  # type: ignore[attr-defined]
    return found


def _own_releases(actor: Actor) -> QuerySet[LocationRelease]:
    """What was asked of the own organisation, but about cases that ``actor`` is kept away from."""
    return LocationRelease.objects.filter(organisation=actor.organisation_id).exclude(IsBlocked.of(actor))


def own_releases(access: CaseAccess) -> list[LocationRelease]:
    """What the actor has asked in this case, or what was asked for the actor; newest first."""
    mine = Q(asked_by=access.actor.membership_id) | Q(person=access.actor.membership_id)
    rows = LocationRelease.objects.filter(mine, case=access.case).select_related(*PEOPLE)
    return list(rows.order_by("-asked_at", "pk"))


def is_live(release: LocationRelease) -> bool:
    """True while the release opens the location: given, not revoked, its hours not over, the person still there."""
    is_given = release.state == ReleaseState.GIVEN and (release.ends_at or clock.moment()) > clock.moment()
    return is_given and is_there(release)


def is_there(release: LocationRelease) -> bool:
    """True while the person is still where the release was asked for."""
    return any(one.pk == release.placement_id for one in hosting.live(release.case_id))


def looks(actor: Actor) -> list[AuditLook]:
    """Who looked at the locations that the own organisation wrote, newest first."""
    policies.require(actor, "view_location_releases")
    rows = AuditLook.objects.filter(owner_organisation_id=actor.organisation_id or NO_KEY)
    rows = rows.filter(categories__contains=[LOCATION])
    return list(rows.order_by("-at", "pk")[:LOOKS])


PEOPLE = (
    "organisation",
    "asked_by__user",
    "asked_by__organisation",
    "person__user",
    "person__organisation",
    "first_by_user",
    "second_by_user",
    "closed_by_user",
)
