"""What a person is told about a clock: the key of a notice, its settling, and the inbox that is read from notices.

A notice belongs to one membership. It shows a reference only while that person may still know the case. An *alert* says
that something out of the ordinary was done; it also goes to people who can know no case, and then names none.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.db import connection
from django.db.models import F, Value
from django.db.models.functions import Left
from django.utils.translation import gettext_lazy, ngettext_lazy

from accounts import digest
from accounts.models import Membership, Notice, Organisation, Role
from cases.models import Case, Deadline, Reminder
from cases.querysets import IsBlocked
from core import clock

DEAD: Final = "reminder_dead"
OVERDUE: Final = "overdue_in_country"
CORRECTED: Final = "row_corrected"
LONG_OVERDUE: Final = "long_overdue_in_country"
CHILDREN_WAITING: Final = "children_without_guardian"
# What the coordinator hears as a number, and where the figures stand.
COUNTS: Final = {
    CHILDREN_WAITING: (
        ngettext_lazy(
            "%(count)d child has no appointed guardian", "%(count)d children have no appointed guardian", "count"
        ),
        "/dashboard/",
    ),
    OVERDUE: (
        ngettext_lazy(
            "%(count)d deadline of the law is overdue in the country",
            "%(count)d deadlines of the law are overdue in the country",
            "count",
        ),
        "/dashboard/overdue/",
    ),
    LONG_OVERDUE: (
        ngettext_lazy(
            "%(count)d step has been overdue for two weeks or longer",
            "%(count)d steps have been overdue for two weeks or longer",
            "count",
        ),
        "/dashboard/overdue/",
    ),
}
# Notices that no rule of the profile explains.
OTHER_WORDS: Final = {
    DEAD: gettext_lazy("A reminder could not be delivered: look at the deadline yourself"),
    "draft_warning": gettext_lazy("A draft will be erased"),
}
# What was done, and where a person looks who has no page of it to open.
ALERTS: Final = {
    "override_consent": (
        gettext_lazy("A person’s answer was gone against: for a life, a child or a duty of law."),
        gettext_lazy("Ask a supervisor of your organisation which case it is."),
    ),
    "confirm_override": (
        gettext_lazy("A colleague goes against a person’s answer: confirm it as the second person, or say no"),
        gettext_lazy("Open the list of what waits for data protection."),
    ),
    "consent_withdrawn": (
        gettext_lazy("A consent was withdrawn or replaced, and what your organisation could see has ended: see what"),
        "",
    ),
    "share_passed_on": (
        gettext_lazy("An organisation that you let know this case has let another one know it"),
        gettext_lazy("Ask a supervisor of your organisation which case it is."),
    ),
    "share_asked_for": (
        gettext_lazy("An organisation asks you to share with another one: answer it"),
        gettext_lazy("Ask a supervisor of your organisation which case it is."),
    ),
    "share_request_answered": (
        gettext_lazy("What you asked the giver to share has been answered"),
        gettext_lazy("Ask a supervisor of your organisation which case it is."),
    ),
    "age_settled": (
        gettext_lazy("Child protection has settled the age of a person: look at what follows from it"),
        gettext_lazy("Ask a supervisor of your organisation which case it is."),
    ),
    "region_entered": (
        gettext_lazy("A child has moved to your region: your organisation answers for it from now on"),
        gettext_lazy("Ask a supervisor of your organisation which case it is."),
    ),
    "region_left": (
        gettext_lazy("A child has moved to another region: your organisation no longer answers for it"),
        gettext_lazy("You can no longer open the case."),
    ),
    CORRECTED: (
        gettext_lazy("Something that another organisation lets you read was corrected: look at what it says now"),
        gettext_lazy("Correct what you copied. Ask a supervisor of your organisation which case it is."),
    ),
    "branch_kept": (
        gettext_lazy("A referral is done. Say within three working days who else may go on reading this case"),
        gettext_lazy("Ask a supervisor of your organisation which case it is."),
    ),
    "break_glass": (
        gettext_lazy("A case was opened in an emergency, without a referral."),
        gettext_lazy("Ask a supervisor of your organisation which case it is."),
    ),
    "break_glass_named": (
        gettext_lazy("A colleague opened a case in an emergency and named you with it: you can read it for an hour"),
        gettext_lazy("The hour is over, or it was ended."),
    ),
    "break_glass_missed": (
        gettext_lazy("Somebody tried to open a case in an emergency, and there was none with this reference."),
        gettext_lazy("Ask a supervisor of your organisation who it was."),
    ),
    "location_asked": (
        gettext_lazy("Somebody asks where a person stays. Two custodians decide."),
        gettext_lazy("Open the list of safe locations."),
    ),
    "location_answered": (
        gettext_lazy("Custodians have decided on the safe location that was asked for."),
        gettext_lazy("You can no longer open the case."),
    ),
    "location_revoked": (
        gettext_lazy("You can no longer see a safe location that was released to you."),
        gettext_lazy("You can no longer open the case."),
    ),
    "placement_stated": (
        gettext_lazy("Somebody is said to have arrived at a shelter: confirm it, or say that it is not so"),
        gettext_lazy("Ask a supervisor of your organisation which case it is."),
    ),
    "placement_lapsed": (
        gettext_lazy("Nobody confirmed that somebody arrived at a shelter: find out where the person is"),
        gettext_lazy("Ask a supervisor of your organisation which case it is."),
    ),
    "placement_gives_way": (
        gettext_lazy("Somebody who stayed with your organisation is said to stay elsewhere now"),
        gettext_lazy("You can no longer open the case."),
    ),
    "referral_accepted": (
        gettext_lazy("A referral was accepted: see who works on it"),
        "",
    ),
    "referral_declined": (
        gettext_lazy("A referral was declined: look for another organisation"),
        "",
    ),
    "referral_question": (
        gettext_lazy("A question about a referral: answer it, so that it can be accepted"),
        "",
    ),
    "referral_reply": (
        gettext_lazy("Your question about a referral was answered: accept or decline it"),
        "",
    ),
    "referral_done": (
        gettext_lazy("A referral is done: read how it went"),
        "",
    ),
    "referral_revoked": (
        gettext_lazy("A referral was taken back: see when and why"),
        "",
    ),
    "referral_expired": (
        gettext_lazy("A referral was not answered in time: look for another organisation"),
        "",
    ),
    "referral_ended": (
        gettext_lazy("A referral has ended: see when and why"),
        "",
    ),
    "person_brought": (
        gettext_lazy("Somebody was brought to your organisation by a referral: see who was"),
        "",
    ),
    "share_received": (
        gettext_lazy("Something was shared with your organisation: see what it is"),
        gettext_lazy("You can no longer open the case."),
    ),
    "row_added": (
        gettext_lazy("An organisation has added to a case, and shares it with yours"),
        gettext_lazy("You can no longer open the case."),
    ),
    "share_ended": (
        gettext_lazy("What another organisation shared with yours has ended: see what, and when and why"),
        "",
    ),
    "own_share_ended": (
        gettext_lazy("The lead has ended what your organisation shared"),
        gettext_lazy("You can no longer open the case."),
    ),
    "transfer_lead": (
        gettext_lazy("The lead of a case was transferred."),
        gettext_lazy("Ask a supervisor of your organisation which case it is."),
    ),
    "reassign_lead": (
        gettext_lazy("The lead of a case was given to another organisation: who led it had nobody left."),
        gettext_lazy("Ask a supervisor of your organisation which case it is."),
    ),
    "lead_missing": (
        gettext_lazy("Nobody leads this child’s case at the moment: its deadlines are yours until somebody does"),
        gettext_lazy("Ask a supervisor of your organisation which case it is."),
    ),
    "leads_missing": (
        gettext_lazy("Cases have no lead: offer each to an organisation that manages cases there"),
        "",
    ),
    "propose_lead": (
        gettext_lazy("A colleague proposed who could lead a case: confirm it, or withdraw it"),
        "",
    ),
    "confirm_lead": (
        gettext_lazy("Your organisation is asked to lead a case: answer within one working day"),
        gettext_lazy("Intake or a supervisor of your organisation answers."),
    ),
    "decline_lead": (
        gettext_lazy("An organisation does not take the lead of a case: ask the next one"),
        "",
    ),
    "lapse_lead": (
        gettext_lazy("An organisation did not answer in time whether it leads a case: ask the next one"),
        "",
    ),
    "reopen_case": (
        gettext_lazy("A case that you work on was reopened: see what is needed now"),
        gettext_lazy("Ask a supervisor of your organisation which case it is."),
    ),
    "assign_oneself": (
        gettext_lazy("A supervisor or intake has assigned themselves to a case."),
        gettext_lazy("You can no longer open the case."),
    ),
    "block_member": (
        gettext_lazy("A colleague was kept away from a case, for a conflict of interest."),
        gettext_lazy("Ask a supervisor of your organisation which case it is."),
    ),
    "roles_asked": (
        gettext_lazy("Roles that open cases were asked for: a second person confirms or refuses them."),
        gettext_lazy("Open the list of roles."),
    ),
    "roles_given": (
        gettext_lazy("Roles that open cases were given."),
        gettext_lazy("Open the list of roles."),
    ),
    "roles_refused": (
        gettext_lazy("Roles that open cases were refused."),
        gettext_lazy("Open the list of roles."),
    ),
    "roles_given_by_platform": (
        gettext_lazy("Two platform administrators gave roles that open cases: nobody in the organisation could."),
        gettext_lazy("Ask the platform administrator which organisation it is."),
    ),
    "second_factor_removed": (
        gettext_lazy("A lost second factor was taken away, as two people asked: if that is news to you, tell them now"),
        "",
    ),
    "find_double": (
        gettext_lazy("Two cases may be about the same person: look at the desk for possible doubles"),
        "",
    ),
    "ask_to_link": (
        gettext_lazy("May this case be linked with another? Ask the person, then answer"),
        gettext_lazy("A supervisor of the organisation that leads the case answers."),
    ),
    "link_cases": (
        gettext_lazy("A case of the same person was linked with this one"),
        gettext_lazy("Ask a supervisor of your organisation which case it is."),
    ),
    "second_reflection_period": (
        gettext_lazy("The person of this case had a reflection period in another case too: look which one counts"),
        gettext_lazy("Ask a supervisor of your organisation which case it is."),
    ),
}
COORDINATING: Final = (Role.CASEWORKER, Role.INTAKE, Role.SUPERVISOR)
KEY_LENGTH: Final = 36
TOLD: Final = """
SELECT n.membership_id, n.key, n.created_at
  FROM unnest(%s::uuid[], %s::text[]) AS asked (person, key)
  JOIN accounts_notice n ON n.membership_id = asked.person AND n.key = asked.key
"""
REPLACE: Final = """
UPDATE accounts_notice n SET done_at = %(now)s, read_at = coalesce(n.read_at, %(now)s)
  FROM unnest(%(people)s::uuid[], %(about)s::text[]) AS news (person, about)
 WHERE n.membership_id = news.person AND n.done_at IS NULL AND left(n.key, 36) = news.about
"""


def key(reminder: Reminder, offset: str = "") -> str:
    """One notice per person for each offset of each version of a clock: who is in two audiences hears it once."""
    return f"{reminder.deadline_id}:{reminder.version}:{offset or reminder.offset}"


def dead_key(reminder: Reminder) -> str:
    """The notice that a reminder could not be sent."""
    return f"{reminder.deadline_id}:dead:{reminder.pk.hex}"


def told(asked: Collection[tuple[UUID, str]]) -> dict[tuple[UUID, str], datetime]:
    """Which of these people (memberships) have been told by which of these keys, and when."""
    with connection.cursor() as cursor:
        cursor.execute(TOLD, [[pk for pk, _key in asked], [key for _pk, key in asked]])
        return {(pk, key): created_at for pk, key, created_at in cursor.fetchall()}


def replace(pairs: Collection[tuple[UUID, UUID]]) -> None:
    """What these people (memberships) were told about a clock gives way to the news about it."""
    people, about = [pk for pk, _about in pairs], [str(about) for _pk, about in pairs]
    with connection.cursor() as cursor:
        cursor.execute(REPLACE, {"now": clock.moment(), "people": people, "about": about})


def settle(ended: Collection[Deadline], organisation_ids: Collection[UUID]) -> int:
    """Nothing is left to do about these clocks for anybody in these organisations, or something else than was told."""
    if not ended:
        return 0
    told = Notice.objects.filter(membership__organisation__in=organisation_ids)
    about = told.alias(clock=Left("key", KEY_LENGTH)).filter(clock__in=[str(deadline.pk) for deadline in ended])
    return about.finish(clock.moment())


def settle_alert(kind: str, key: UUID) -> int:
    """What ``kind`` of ``ALERTS`` told about ``key`` asks nothing of anybody any more; returns how much waited."""
    return Notice.objects.filter(key=f"{kind}:{key}").finish(clock.moment())


def alert(
    kind: str,
    case: Case | None,
    *,
    organisations: Iterable[Organisation],
    roles: Iterable[str],
    key: UUID,
    path: str = "",
    about: Case | None = None,
) -> list[Notice]:
    """Tell everybody with one of ``roles`` in these organisations that ``kind`` of ``ALERTS`` was done, and no more.

    A link leads to ``path``, which must name nobody, or else to the case, for who may know it. ``key`` is what was
    done: who has been told of it is not told again. Returns the new notices; each is followed by a mail that says how
    many tasks wait. Who is kept away from the case hears nothing; ``about`` is one that the news does not name.
    """
    members = Membership.objects.live().filter(organisation__in=list(organisations)).with_role(*roles)
    people = _without_kept_away(about, members.select_related("user").order_by("created_at", "pk"))
    return alert_members(kind, case, members=people, key=key, path=path)


def alert_members(
    kind: str, case: Case | None, *, members: Iterable[Membership], key: UUID, path: str = ""
) -> list[Notice]:
    """As ``alert``, for these people: those who work on the case."""
    ALERTS[kind]
    news = [
        Notice(
            membership=person,
            key=f"{kind}:{key}",
            kind=kind,
            case_id=case.pk if case else None,
            object_path=path,
            created_at=clock.moment(),
        )
        for person in _without_kept_away(case, members)
    ]
    return digest.post(news)


def tell_of_correction(case: Case, members: Iterable[Membership], *, key: UUID) -> list[Notice]:
    """Tell these people that a row which others let them read was corrected; who has not read that of an earlier
    correction of the case is not told twice."""
    people = list(members)
    unread = Notice.objects.filter(membership__in=people, kind=CORRECTED, case_id=case.pk, read_at__isnull=True)
    told = set(unread.values_list("membership_id", flat=True))
    return alert_members(CORRECTED, case, members=[one for one in people if one.pk not in told], key=key)


def _without_kept_away(case: Case | None, members: Iterable[Membership]) -> list[Membership]:
    """For who has a conflict of interest there is no such case, and no news of it."""
    people = list(members)
    if case is None:
        return people
    asked = IsBlocked(Value(case.pk), F("organisation_id"), F("user_id"))
    away = set(Membership.objects.filter(asked, pk__in=[one.pk for one in people]).values_list("pk", flat=True))
    return [one for one in people if one.pk not in away]


def forget(case: Case, members: Iterable[Membership]) -> int:
    """What these people were told about the case waits no more: they are kept away from it. Returns how much."""
    return Notice.objects.filter(membership__in=list(members), case_id=case.pk).finish(clock.moment())


def tell_coordinators(numbers: Mapping[str, int], day: date) -> list[Notice]:
    """Tell the coordinator's organisation, once a day, the ``numbers`` of ``COUNTS`` that are not nil: no case.

    News of the days before gives way to it, also where the number is nil today.
    """
    members = Membership.objects.live().filter(organisation__kind="coordinator").with_role(*COORDINATING)
    news = [
        Notice(
            membership=person,
            key=f"{kind}:{day.isoformat()}",
            kind=kind,
            number=count,
            object_path=COUNTS[kind][1],
            created_at=clock.moment(),
        )
        for person in members.select_related("user").order_by("created_at", "pk")
        for kind, count in numbers.items()
        if count
    ]
    told = digest.post(news)
    keys = {f"{kind}:{day.isoformat()}" for kind, count in numbers.items() if count}
    Notice.objects.filter(kind__in=numbers).exclude(key__in=keys).finish(clock.moment())
    return told
