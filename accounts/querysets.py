"""Scopes of organisations, memberships and invitations."""

from datetime import date, datetime, timedelta
from typing import Final, Self, TypeVar

from django.db import models
from django.db.models import Q

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
        """Unread notices that nobody has put off until later."""
        return self.filter(Q(snoozed_until__isnull=True) | Q(snoozed_until__lte=now), read_at__isnull=True)

    def snoozed(self, now: datetime) -> Self:
        """Unread notices that were put off and come back by themselves."""
        return self.filter(read_at__isnull=True, snoozed_until__gt=now)


class SubmissionQuerySet(models.QuerySet[M]):
    def expired(self, now: datetime) -> Self:
        """Keys that are no longer remembered, whether or not they have been erased yet."""
        return self.filter(created_at__lte=now - KEY_LIFETIME)
