"""What waits about cases that a person may not know any more: for nobody there, and no mail counts it."""

from accounts import kinds
from accounts.actors import actor_for
from accounts.models import Membership, Notice
from cases.models import CaseVisibility
from core import clock


def finish_lost_tasks() -> int:
    """Every hour, as the worker: finish what was told of clocks, and of news in cases that the member may not know now.

    The clock itself binds somebody else by then, and tells them (``clocks.follow_knowledge``). Returns how many.
    """
    told = Notice.objects.filter(done_at__isnull=True, kind__in=_meant(), object_path="")
    people = Membership.objects.live().filter(pk__in=told.values("membership")).select_related("user", "organisation")
    return sum(_finish(person) for person in people.order_by("pk"))


def _finish(person: Membership) -> int:
    known = CaseVisibility.objects.visible_to(actor_for(person)).values("case_id")
    told = Notice.objects.filter(membership=person, kind__in=_meant(), object_path="")
    return told.exclude(case_id__in=known).finish(clock.moment())


def _meant() -> frozenset[str]:
    return kinds.about_clocks() | kinds.ABOUT_A_CASE
