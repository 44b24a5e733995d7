"""Scopes of organisations, memberships and invitations."""

from datetime import date, datetime, timedelta
from typing import Final, Self, TypeVar

from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Coalesce

from accounts import kinds
from core.dates import ONE_DAY, civil_day, end_of_day
from profiles.profile import active

M = TypeVar("M", bound=models.Model, covariant=True)
# How long the key of a POST is remembered; then it is as good as new.
KEY_LIFETIME: Final = timedelta(hours=24)


class OrganisationQuerySet(models.QuerySet[M]):
    def active(self) -> Self:
        """Organisations that are not suspended."""
        return self.filter(suspended_at__isnull=True)

    def of_kind(self, *kinds: str) -> Self:
        return self.filter(kind__in=kinds)

    def serving(self, region: str) -> Self:
        """Organisations that work in ``region``; those that name no region work everywhere."""
        return self.filter(Q(serves_regions=[]) | Q(serves_regions__contains=[region])) if region else self

    def offering(self, service: str, region: str = "") -> Self:
        """Active organisations that offer ``service`` in ``region``."""
        return self.active().filter(services__contains=[service]).serving(region)


class MembershipQuerySet(models.QuerySet[M]):
    def live(self) -> Self:
        """Memberships that count now: neither they, nor the person, nor the organisation is suspended or ended."""
        return self.filter(
            suspended_at__isnull=True,
            ended_at__isnull=True,
            organisation__suspended_at__isnull=True,
            user__is_active=True,
        )

    def with_role(self, *roles: str) -> Self:
        return self.filter(roles__overlap=list(roles))


class InvitationQuerySet(models.QuerySet[M]):
    def open(self, now: datetime) -> Self:
        """Invitations that can still be accepted."""
        return self.filter(accepted_at__isnull=True, revoked_at__isnull=True, expires_at__gt=now)


class RoleGrantQuerySet(models.QuerySet[M]):
    def waiting(self, now: datetime) -> Self:
        """Grants that somebody may still confirm: not answered, not lapsed, of a member who is there."""
        return self.filter(
            state="waiting",
            expires_at__gt=now,
            membership__suspended_at__isnull=True,
            membership__ended_at__isnull=True,
            membership__organisation__suspended_at__isnull=True,
        )


class AbsenceQuerySet(models.QuerySet[M]):
    def planned(self, today: date) -> Self:
        """Absences that run or lie ahead."""
        return self.filter(ended_at__isnull=True, ends_on__gte=today)

    def running(self, day: date) -> Self:
        """Absences that nobody ended and that ``day`` falls in."""
        return self.filter(ended_at__isnull=True, starts_on__lte=day, ends_on__gte=day)


class NoticeQuerySet(models.QuerySet[M]):
    def waiting(self, now: datetime) -> Self:
        """What is to be done or looked at: unread, or read and not to be put off, as long as it is not done.

        Without what somebody has put off until later. To read is not to have done (``deadlines.md`` 2.14).
        """
        is_back = Q(snoozed_until__isnull=True) | Q(snoozed_until__lte=now)
        return self.filter(is_back, Q(read_at__isnull=True) | may_not_be_put_off(now), done_at__isnull=True)

    def put_aside(self, now: datetime) -> Self:
        """What was read, and does not wait for an act that may not be put off, or is done."""
        return self.filter(read_at__isnull=False).exclude(may_not_be_put_off(now), done_at__isnull=True)

    def snoozed(self, now: datetime) -> Self:
        """Unread notices that were put off and come back by themselves."""
        return self.filter(read_at__isnull=True, done_at__isnull=True, snoozed_until__gt=now)

    def overdue(self, now: datetime) -> Self:
        """What should have been done before ``now``."""
        return self.filter(due_at__lte=now)

    def due_today(self, now: datetime) -> Self:
        """What has not fallen due and does so by the end of the day, in the zone of the profile."""
        return self.filter(due_at__gt=now, due_at__lte=_end_of_day(now, 0))

    def finish(self, now: datetime) -> int:
        """Nothing is left to do about these; returns how many waited or lay with what was put off."""
        return self.filter(done_at__isnull=True).update(done_at=now, read_at=Coalesce("read_at", Value(now)))


def may_not_be_put_off(now: datetime) -> Q:
    """What an act ends and nobody may put off: a day of the law, and what is overdue or falls due by tomorrow."""
    is_close = Q(due_at__lte=_end_of_day(now, 1))
    return Q(kind__in=kinds.that_wait()) & (Q(kind__in=kinds.of_the_law()) | is_close)


def _end_of_day(now: datetime, days_ahead: int) -> datetime:
    zone = active().zone
    return end_of_day(civil_day(now, zone) + days_ahead * ONE_DAY, zone)


class SubmissionQuerySet(models.QuerySet[M]):
    def expired(self, now: datetime) -> Self:
        """Keys that are no longer remembered, whether or not they have been erased yet."""
        return self.filter(created_at__lte=now - KEY_LIFETIME)
