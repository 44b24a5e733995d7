"""Being away: who stands in, from when to when. The deputy hears of the tasks; access to cases does not move along."""

from datetime import date, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import access, policies
from accounts.actors import Actor
from accounts.models import Absence, Membership
from audit import trail
from core import clock
from core.errors import Conflict, Missing, Refused
from profiles.profile import active

LONGEST: Final = timedelta(days=366)


@transaction.atomic
def plan_absence(actor: Actor, *, membership: UUID, deputy: UUID, starts_on: date, ends_on: date) -> Absence:
    """Say that a member is away on these civil days and who stands in.

    One's own; a supervisor also a colleague's. Raises ``Missing`` for somebody of another organisation, ``NotAllowed``,
    and ``Refused`` for days in the past or in the wrong order, and where an absence is already planned.
    """
    policies.require(actor, _action(actor, membership, "plan_absence"))
    member, standing_in = _colleague(actor, membership), _colleague(actor, deputy)
    today = clock.today(active().zone)
    if ends_on < today:
        raise Refused(_("The last day lies in the past."), field="ends_on")
    if ends_on < starts_on:
        raise Refused(_("The last day lies before the first."), field="ends_on")
    if ends_on - starts_on > LONGEST:
        raise Refused(_("An absence lasts a year at most. After that the cases need somebody else."), field="ends_on")
    if standing_in == member:
        raise Refused(_("Choose somebody else as deputy."), field="deputy")
    Absence.objects.filter(membership=member, ended_at__isnull=True, ends_on__lt=today).update(ended_at=clock.moment())
    if Absence.objects.filter(membership=member, ended_at__isnull=True).exists():
        raise Refused(_("An absence is already planned. End that one first."), field="starts_on")
    absence = Absence.objects.create(membership=member, deputy=standing_in, starts_on=starts_on, ends_on=ends_on)
    _record("plan_absence", actor, absence)
    return absence


@transaction.atomic
def end_absence(actor: Actor, *, absence: UUID) -> Absence:
    """Back earlier, or not away after all; raises ``Missing``, ``NotAllowed``, or ``Conflict`` when it has ended."""
    found = access.absences(actor).select_for_update(of=("self",)).filter(pk=absence).first()
    if found is None:
        raise Missing
    policies.require(actor, _action(actor, found.membership_id, "end_absence"))
    if found.ended_at is not None:
        raise Conflict(_("This absence has already ended."))
    found.ended_at = clock.moment()
    found.save(update_fields=("ended_at",))
    _record("end_absence", actor, found)
    return found


def _action(actor: Actor, membership: UUID, action: str) -> str:
    return action if membership == actor.membership_id else f"{action}_of_colleague"


def _colleague(actor: Actor, pk: UUID) -> Membership:
    found = access.present_colleagues(actor).filter(pk=pk).first()
    if found is None:
        raise Missing
    return found


def _record(kind: str, actor: Actor, absence: Absence) -> None:
    trail.record(
        kind,
        actor=actor,
        object_kind="absence",
        object_id=absence.pk,
        membership=str(absence.membership_id),
        deputy=str(absence.deputy_id),
        starts_on=absence.starts_on.isoformat(),
        ends_on=absence.ends_on.isoformat(),
    )
