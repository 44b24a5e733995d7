"""Scopes of rows: adjectives for states, ``visible_to`` for whose eyes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self, TypeVar
from uuid import UUID

from django.db import connection, models

from cases.enums import IN_FORCE
from core import clock
from profiles.profile import active

if TYPE_CHECKING:
    from accounts.actors import Actor

M = TypeVar("M", bound=models.Model, covariant=True)


class IsBlocked(models.Func):
    """Whether a person of an organisation is kept away from a case; asked where no visibility row can tell."""

    function = "nrm_is_blocked"
    output_field = models.BooleanField()

    @classmethod
    def of(cls, actor: Actor, case: str = "case_id") -> Self:
        """Whether ``actor`` is kept away from the case whose key stands in the column ``case``."""
        return cls(models.F(case), models.Value(actor.organisation_id), models.Value(actor.user_id))


def in_force(prefix: str = "") -> models.Q:
    """Consents and overrides that something may rest on now: state, last day, and the time in which to confirm one.

    ``prefix``: the relation that leads to the consent, such as ``consent__``.
    """
    fields = {
        "valid_until": models.Q(**{f"{prefix}valid_until__gte": clock.today(active().zone)}),
        "unconfirmed_until": models.Q(**{f"{prefix}unconfirmed_until__gt": clock.moment()}),
    }
    found = models.Q(**{f"{prefix}state__in": IN_FORCE})
    for name, lasts in fields.items():
        found &= models.Q(**{f"{prefix}{name}__isnull": True}) | lasts
    return found


class UnlessSuspended(models.Func):
    """True while no suspension's ends are still to be written; else what ``function`` answers of the row."""

    template = "((SELECT nrm_nobody_suspended()) OR %(function)s(%(expressions)s))"
    output_field = models.BooleanField()


class IsStillKnown(UnlessSuspended):
    """Whether an organisation knows a case by something that no suspension has cut: ``(case, organisation)``."""

    function = "nrm_is_still_known"


class IsWithoutLead(models.Func):
    """Whether nobody is left at the lead of an open case: ``(case)``."""

    function = "nrm_is_without_lead"
    output_field = models.BooleanField()


class ShareHolds(UnlessSuspended):
    """Whether no suspension has cut a share, or that through which its giver knew the case: ``(share)``."""

    function = "nrm_share_holds"


class IsSentReferral(models.Func):
    """Whether a key is that of a referral that an organisation sent: ``(key, organisation)``."""

    template = "EXISTS (SELECT FROM referrals_referral r WHERE (r.id, r.from_organisation_id) = (%(expressions)s))"
    output_field = models.BooleanField()


def share_holds(share_id: UUID) -> bool:
    """As ``ShareHolds``, of one share, whether or not the actor may read its row."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nrm_nobody_suspended() OR nrm_share_holds(%s)", [share_id])
        return bool(cursor.fetchone()[0])


def is_suspension_waiting() -> bool:
    """True while the ends of some suspension are still to be written."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT NOT nrm_nobody_suspended()")
        return bool(cursor.fetchone()[0])


class LiveQuerySet(models.QuerySet[M]):
    """Rows with an end; ``live`` is asked of the one clock, so an end takes effect without any job.

    What a suspension has cut is not live either, before its end is written (``docs/decisions/0035``).
    """

    def live(self) -> Self:
        now = clock.moment()
        queryset = self.filter(models.Q(ends_at__isnull=True) | models.Q(ends_at__gt=now))
        if not self._has_ended_at():
            return queryset.filter(IsStillKnown("case_id", "organisation_id"))
        return queryset.filter(ShareHolds("pk"), ended_at__isnull=True)

    def with_holds(self) -> Self:
        """Shares with ``holds``, asked for all of them at once."""
        return self.annotate(holds=ShareHolds("pk"))

    def _has_ended_at(self) -> bool:
        return any(field.name == "ended_at" for field in self.model._meta.concrete_fields)

    def visible_to(self, actor: Actor) -> Self:
        """Rows of ``CaseVisibility`` that make ``actor`` know a case: of the own assignment, or of the whole
        organisation for intake and supervisors; nobody else (``sharing.md`` rules 1 and 7), and never who has a
        conflict of interest in the case."""
        if actor.scope == "organisation":
            return self._open_to(actor).filter(membership__isnull=True)
        return self.assigned_to(actor) if actor.scope == "assigned" else self.none()

    def assigned_to(self, actor: Actor) -> Self:
        """Rows of the cases that ``actor`` personally works on."""
        return self._open_to(actor).filter(membership_id=actor.membership_id)

    def _open_to(self, actor: Actor) -> Self:
        """Live rows of the own organisation, without cases that ``actor`` is kept away from (conflict of interest)."""
        return self.live().filter(organisation_id=actor.organisation_id).exclude(blocked__contains=[actor.user_id])


class CaseQuerySet(models.QuerySet[M]):
    """Cases are reached only through visibility."""

    def visible_to(self, actor: Actor) -> Self:
        """Visible if, and only if, a live visibility row of the actor names the case."""
        visibility: Any = self.model._meta.get_field("visibility").related_model
        return self.filter(pk__in=visibility.objects.visible_to(actor).values("case_id"))
