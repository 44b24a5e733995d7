"""Whose eyes may see a referral, and how it stands at this moment, whether or not a worker has written it down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self, TypeVar

from django.db import models
from django.db.models import Case, F, Q, Value, When

from cases.models import CaseVisibility
from cases.querysets import IsBlocked, ShareHolds
from core import clock
from referrals.enums import ReferralState
from referrals.workflow import WORKED

if TYPE_CHECKING:
    from accounts.actors import Actor

M = TypeVar("M", bound=models.Model, covariant=True)


class IsCut(models.Func):
    """Whether a suspension of sender or receiver has cut what waits for an answer."""

    function = "nrm_is_cut_between"
    template = "(NOT (SELECT nrm_nobody_suspended()) AND %(function)s(%(expressions)s))"
    output_field = models.BooleanField()


def is_cut() -> Q:
    """Sent before a suspension was lifted, of sender or receiver, and never answered: nobody can accept it any more."""
    return Q(IsCut("from_organisation", "to_organisation", "sent_at"), state=ReferralState.SENT)


class ReferralQuerySet(models.QuerySet[M]):
    def visible_to(self, actor: Actor) -> Self:
        """Visible to the sender and the receiver only: there to intake and supervisors, to who sent it, to who was
        named to work on it, and to whoever may know the case; never to who is kept away from its case."""
        if actor.scope == "none":
            return self.none()
        own = Q(from_organisation=actor.organisation_id) | Q(to_organisation=actor.organisation_id)
        rows = self.filter(own).exclude(IsBlocked.of(actor))
        if actor.scope == "organisation":
            return rows
        known = CaseVisibility.objects.visible_to(actor).values("case_id")
        mine = Q(sent_by=actor.membership_id) | Q(assigned_to=actor.membership_id)
        return rows.filter(mine | Q(case__in=known))

    def with_state_now(self) -> Self:
        """``state_now``: expired when nobody answered in time, ended when its share has ended or a suspension has cut
        it; else ``state``."""
        now = clock.moment()
        expired = Q(state=ReferralState.SENT, expires_at__lte=now)
        over = Q(share__ended_at__isnull=False) | Q(share__ends_at__lte=now) | ~Q(ShareHolds("share"))
        ended = Q(state__in=WORKED) & over | is_cut()
        return self.annotate(
            state_now=Case(
                When(expired, then=Value(ReferralState.EXPIRED.value)),
                When(ended, then=Value(ReferralState.ENDED.value)),
                default=F("state"),
                output_field=models.CharField(),
            )
        )

    def received(self, actor: Actor) -> Self:
        return self.filter(to_organisation=actor.organisation_id)

    def sent(self, actor: Actor) -> Self:
        return self.filter(from_organisation=actor.organisation_id)

    def waiting(self) -> Self:
        """Not answered yet, and not expired."""
        return self.filter(~is_cut(), state=ReferralState.SENT, expires_at__gt=clock.moment())
