"""Who may know and what may be read, written down: visibility and grant rows as a projection of lead and shares.

The application's role can only read these tables. They are written here, as the database role ``nrm_ledger``, always
inside the operation's transaction and after its policy check. ``project`` may be repeated without effect.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.contrib.auth.models import Permission
from django.db import connection
from django.db.models import F, Q
from django.utils.translation import gettext as _

from accounts.actors import actor_for
from accounts.models import Membership, Organisation
from cases.enums import CaseState, ConsentState, Office, VisibilityReason
from cases.knowledge import CHOSEN, LEAD, Knowledge
from cases.models import Case, CaseBlock, CaseGroupObjectPermission, CaseLead, CaseVisibility, Consent, Share
from cases.querysets import ShareHolds, is_suspension_waiting
from core import clock
from core.dates import end_of_day, last_day
from core.db import role
from core.errors import Refused
from profiles.profile import active

LEDGER = "nrm_ledger"

REFRESH = """
UPDATE cases_casevisibility v
   SET is_child = (SELECT c.is_child_branch FROM cases_case c WHERE c.id = v.case_id),
       blocked = (SELECT array_agg(p.person_id ORDER BY p.person_id) FROM (
           SELECT b.person_id FROM cases_caseblock b
            WHERE b.case_id = v.case_id AND b.owner_organisation_id = v.organisation_id AND b.lifted_at IS NULL
           UNION
           SELECT n.person_id FROM nrm_not_named(v.case_id, v.organisation_id) n (person_id)
            WHERE v.reason = 'break_glass') p),
       next_due_at = (
    SELECT min(d.due_at) FROM cases_deadline d
     WHERE d.case_id = v.case_id AND d.state = 'open' AND NOT (d.rule = ANY(%(periods)s) AND d.due_at <= nrm_now())
       AND (d.bound_organisation_id = v.organisation_id OR d.category = 'status'))
 WHERE v.case_id = ANY(%(cases)s)
"""
HOLD = "SELECT cases_hold_membership(%s)"
MARK = "SELECT cases_mark_unattended(ARRAY[%s]::uuid[], %s)"
TOUCH = """
UPDATE cases_casevisibility v SET last_activity_at = %(now)s
 WHERE v.case_id = %(case)s AND (
       v.organisation_id = %(owner)s OR %(category)s = 'status'
    OR EXISTS (SELECT 1 FROM cases_casegroupobjectpermission g
                WHERE g.content_object_id = v.case_id AND g.to_organisation_id = v.organisation_id
                  AND g.from_organisation_id = %(owner)s AND g.category = %(category)s AND g.expires_at > %(now)s
                  AND ((SELECT nrm_nobody_suspended()) OR nrm_share_holds(g.share_id))))
"""


def lock(case_id: UUID) -> Case:
    """The case row, locked against every other operation until the transaction ends. One lock, always first."""
    with role(LEDGER):
        return Case.objects.select_for_update(no_key=True).get(pk=case_id)


def lead_of(case_id: UUID) -> Organisation:
    """Who leads now; for operations, whose actor may not know the case."""
    with role(LEDGER):
        return CaseLead.objects.select_related("organisation").get(case=case_id, ends_at__isnull=True).organisation


def open_case(case: Case) -> None:
    """First rows of a new case: the registering organisation leads it and may know it."""
    with role(LEDGER):
        CaseLead.objects.create(case=case, organisation_id=case.registered_by_id, starts_at=clock.moment())
        project(case)


def move_lead(case: Case, to: Organisation) -> None:
    """End the lead of today and begin that of ``to``; who leads has no share from itself to lose."""
    now = clock.moment()
    with role(LEDGER):
        settle_suspensions(case)
        CaseLead.objects.filter(case=case, ends_at__isnull=True).update(ends_at=now)
        CaseLead.objects.create(case=case, organisation=to, starts_at=now)
        project(case)


def write_share(share: Share) -> Share:
    """Store a share and its grants."""
    write_shares(share.case, [share])
    return share


def write_shares(case: Case, shares: Sequence[Share]) -> None:
    """Store shares of one case, and their grants; a chosen one names what its giver knows the case by now (rule 18)."""
    with role(LEDGER):
        settle_suspensions(case)
        known = knowledge(case)
        for share in shares:
            if share.office in CHOSEN and not (share.roots or share.sources):
                sources = known.sources_of(share.from_organisation_id)
                share.roots, share.sources = list(sources.roots), list(sources.shares)
        Share.objects.bulk_create(shares)
        project(case)


def knowledge(case: Case) -> Knowledge:
    """Who knows the case by which live shares, for operations, which have judged. One read of shares and lead."""
    now = clock.moment()
    with role(LEDGER):
        begun = Share.objects.live().filter(case=case, starts_at__lte=now).order_by("starts_at", "pk")
        shares = list(begun.select_related("from_organisation", "to_organisation"))
        lead = CaseLead.objects.filter(case=case, ends_at__isnull=True).values_list("organisation_id", flat=True)
        return Knowledge(shares, lead=lead.first(), registrar=case.registered_by_id, now=now)


def settle_suspensions(case: Case) -> None:
    """Project what a suspension has cut, before anything new opens: whoever was assigned then is not assigned again."""
    with role(LEDGER):
        if is_suspension_waiting():
            project(case)


def renew_share(share: Share, *, ends_on: date, ends_at: datetime, reason: str) -> Share:
    """Move the end of a share, and with it of its grants."""
    with role(LEDGER):
        share.ends_on, share.ends_at, share.renewal_reason, share.renewed_at = ends_on, ends_at, reason, clock.moment()
        share.save(update_fields=("ends_on", "ends_at", "renewal_reason", "renewed_at"))
        project(share.case)
    return share


def keep_reading(case: Case, shares: Iterable[Share], until: datetime) -> None:
    """Let the receivers of shares read on until ``until``, though what they hang on ends (rule 18)."""
    with role(LEDGER):
        Share.objects.filter(case=case, pk__in=[share.pk for share in shares]).update(kept_until=until)


def forget_kept(case: Case) -> None:
    """What was read on after a completion is over: nothing waits for the lead any more."""
    with role(LEDGER):
        Share.objects.filter(case=case, kept_until__lte=clock.moment()).update(kept_until=None)


def hang_on(case: Case, shares: Iterable[Share], source: Share | None) -> None:
    """Let shares hang on one more source: what was taken over. None: on the lead itself."""
    with role(LEDGER):
        for share in shares:
            share.sources = [*share.sources, *([source.pk] if source else [])]
            share.roots = share.roots if source else sorted({*share.roots, LEAD})
            share.save(update_fields=("sources", "roots"))
        project(case)


def let_last(case: Case, ends: Mapping[Share, datetime]) -> None:
    """Move the ends of shares to the instants of ``ends``: what they rest on was confirmed."""
    with role(LEDGER):
        for share, ends_at in ends.items():
            Share.objects.filter(pk=share.pk, ended_at__isnull=True).update(ends_at=ends_at)
        project(case)


def shorten_shares(case: Case, shares: Iterable[Share], ends_at: datetime) -> None:
    """Let shares end at ``ends_at``, where that is sooner: the office that they hang on gives way."""
    with role(LEDGER):
        later = Share.objects.filter(case=case, pk__in=[share.pk for share in shares], ends_at__gt=ends_at)
        later.filter(ended_at__isnull=True).update(ends_at=ends_at, ends_on=last_day(ends_at, active().zone))
        project(case)


def redate_shares(case: Case, days: Mapping[Share, date]) -> None:
    """Move the ends of shares to the end of the civil day of ``days``: what they hang on has another end."""
    with role(LEDGER):
        for share, day in days.items():
            ends_at = end_of_day(day, active().zone)
            Share.objects.filter(pk=share.pk, ended_at__isnull=True).update(ends_on=day, ends_at=ends_at)
        project(case)


def rest_on(case: Case, shares: Iterable[Share], consent: Consent) -> None:
    """Let shares rest on a newer consent."""
    with role(LEDGER):
        live = Share.objects.filter(case=case, pk__in=[share.pk for share in shares], ended_at__isnull=True)
        live.update(consent=consent, consent_valid_until=consent.valid_until)


def move_consent(consent: Consent, state: ConsentState, **values: Any) -> bool:
    """Give a consent its next state, unless somebody else has moved it since it was read; true when it was moved.

    What was agreed to (purpose, receiver, categories) is not among ``values``: the ledger has no right to change it.
    """
    with role(LEDGER):
        rows = Consent.objects.filter(pk=consent.pk, state=consent.state)
        moved = rows.update(state=state, version=F("version") + 1, updated_at=clock.moment(), **values)
    return bool(moved)


def end_shares(case: Case, shares: Iterable[Share], reason: str) -> int:
    """End shares now, whatever became of consent or recipient; returns how many were still live."""
    now = clock.moment()
    with role(LEDGER):
        live = Share.objects.filter(pk__in=[share.pk for share in shares], ended_at__isnull=True)
        count = live.update(ended_at=now, end_reason=reason)
        project(case)
    return count


def assign(case: Case, member: Membership) -> None:
    """Let one member know the case; raises ``Refused`` for who is kept away from it."""
    now = clock.moment()
    with role(LEDGER):
        if is_blocked(case, member):
            raise Refused(_("This colleague is kept away from the case. Choose somebody else."), field="member")
        rows = CaseVisibility.objects.filter(case=case, organisation_id=member.organisation_id)
        known = {row.membership_id: row for row in rows.filter(Q(membership=None) | Q(membership=member))}
        if member.pk in known:
            return
        hold(member)
        whole = known[None]
        CaseVisibility.objects.create(
            case=case,
            organisation_id=member.organisation_id,
            membership=member,
            reason=whole.reason,
            starts_at=now,
            ends_at=whole.ends_at,
            next_due_at=whole.next_due_at,
            last_activity_at=whole.last_activity_at,
            is_child=whole.is_child,
            blocked=whole.blocked,
        )
        mark_unattended(case)


def unassign(case: Case, member: Membership) -> None:
    """Take one member off the case."""
    with role(LEDGER):
        CaseVisibility.objects.filter(case=case, membership=member).delete()
        mark_unattended(case)


def hold(member: Membership) -> None:
    """Nobody suspends or ends ``member``, or changes the roles, until the transaction ends; many may hold at once.

    ``assign`` holds: else a suspension at the same moment would not see the assignment, nor the assignment it. Who
    assigns one member to several cases holds before locking any, as a suspension does.
    """
    with role(LEDGER), connection.cursor() as cursor:
        cursor.execute(HOLD, [member.pk])


def mark_unattended(case: Case) -> None:
    """Bring ``is_unattended`` up to date for each organisation that knows the case; for who holds the lock of the case.

    Whoever changes the state of a case calls it. It is no part of ``refresh_clocks``: no clock changes it.
    """
    with role(LEDGER), connection.cursor() as cursor:
        cursor.execute(MARK, [case.pk, clock.moment()])


def is_blocked(case: Case, member: Membership) -> bool:
    """True while the person of ``member`` is kept away from the case by the organisation of ``member``."""
    with role(LEDGER):
        live = CaseBlock.objects.filter(case=case, owner_organisation_id=member.organisation_id, lifted_at=None)
        return live.filter(person_id=member.user_id).exists()


def project(case: Case) -> None:
    """Write visibility and grants anew from lead, registration and what live shares open (``cases.knowledge``)."""
    with role(LEDGER):
        known = knowledge(case)
        unopened = [pk for pk, share in known.shares.items() if share.opened_at is None]
        if unopened:
            Share.objects.filter(pk__in=unopened).update(opened_at=known.now)
        _project_visibility(case, known)
        _project_grants(case, known)
        refresh_clocks(case.pk)
        mark_unattended(case)


def refresh_clocks(*case_ids: UUID) -> None:
    """Bring ``next_due_at`` up to date: the soonest open clock that binds the organisation, or that all may see, but
    for periods whose last day has passed, of which nobody is late; ``is_child``: the child branch opens and closes with
    a clock; and ``blocked``: who has a conflict of interest and, of a case that was opened in an emergency, whoever of
    the organisation is not named there."""
    with role(LEDGER), connection.cursor() as cursor:
        cursor.execute(REFRESH, {"cases": list(case_ids), "periods": sorted(active().periods)})


def readers_of(case: Case, owner: UUID, category: str) -> set[UUID]:
    """The organisations that read rows of ``owner`` in this category now, but for those of an emergency opening."""
    with role(LEDGER):
        live = CaseGroupObjectPermission.objects.filter(
            ShareHolds("share_id"),
            content_object=case,
            from_organisation=owner,
            category=category,
            expires_at__gt=clock.moment(),
        )
        return set(live.exclude(share__office=Office.BREAK_GLASS).values_list("to_organisation_id", flat=True))


def touch(case_id: UUID, *, owner: UUID, category: str) -> None:
    """Note activity for those organisations that may see what changed, and for nobody else (rule 17)."""
    with role(LEDGER), connection.cursor() as cursor:
        cursor.execute(TOUCH, {"case": case_id, "owner": owner, "category": category, "now": clock.moment()})


def count_unknown(membership_id: UUID, *, to: UUID) -> int:
    """How many open cases that one member is assigned to another member of the organisation may not know."""
    other = Membership.objects.get(pk=to)
    if actor_for(other).scope == "organisation":
        return 0
    now = clock.moment()
    with role(LEDGER):
        live = CaseVisibility.objects.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=now)).exclude(
            case__state=CaseState.CLOSED
        )
        known = live.filter(membership=to).values("case_id")
        return live.filter(membership=membership_id).exclude(case__in=known).count()


def _project_visibility(case: Case, known: Knowledge) -> None:
    now = known.now
    rows = list(CaseVisibility.objects.filter(case=case))
    # Who was assigned in an organisation that had to leave is not assigned again when it comes back.
    gone = [row.pk for row in rows if row.membership_id and row.ends_at and row.ends_at <= now]
    if gone:
        CaseVisibility.objects.filter(pk__in=gone).delete()
    ends: dict[UUID, datetime | None] = defaultdict(lambda: now)
    reasons: dict[UUID, VisibilityReason] = {}
    for pk, reach in known.reach.items():
        share = known.shares[pk]
        ends[share.to_organisation_id] = max(ends[share.to_organisation_id] or now, reach.reads_until)
        is_emergency = share.office == Office.BREAK_GLASS
        if reasons.get(share.to_organisation_id) != VisibilityReason.SHARE:
            reasons[share.to_organisation_id] = VisibilityReason.BREAK_GLASS if is_emergency else VisibilityReason.SHARE
    for organisation_id, office in (
        (known.registrar, VisibilityReason.REGISTERED),
        (known.lead, VisibilityReason.LEAD),
    ):
        if organisation_id is not None:
            ends[organisation_id], reasons[organisation_id] = None, office
    existing = {row.organisation_id: row for row in rows if row.membership_id is None}
    for organisation_id, reason in reasons.items():
        if organisation_id not in existing:
            CaseVisibility.objects.create(
                case=case,
                organisation_id=organisation_id,
                reason=reason,
                starts_at=now,
                ends_at=ends[organisation_id],
                last_activity_at=now,
            )
    for organisation_id, row in existing.items():
        until = ends[organisation_id] if organisation_id in reasons else min(row.ends_at or now, now)
        why = reasons.get(organisation_id, row.reason)
        if (row.ends_at, row.reason) != (until, why):
            changed = CaseVisibility.objects.filter(case=case, organisation_id=organisation_id)
            changed.update(ends_at=until, reason=why)


def _project_grants(case: Case, known: Knowledge) -> None:
    grants = CaseGroupObjectPermission.objects.filter(content_object=case)
    columns = ("share_id", "category", "expires_at", "contributes_until")
    written = {(pk, category): (reads, adds) for pk, category, reads, adds in grants.values_list(*columns)}
    opened = {share.pk: reach for share in known.shares.values() if (reach := known.grant(share)) is not None}
    ended = {share for share, _category in written} - opened.keys()
    if ended:
        grants.filter(share__in=ended).delete()
    CaseGroupObjectPermission.objects.bulk_create(
        CaseGroupObjectPermission(
            content_object=case,
            share=share,
            category=category,
            purpose="" if share.office else share.purpose,
            contributes_until=opened[share.pk].contributes_until,
            permission_id=permission_id(category),
            group_id=share.to_organisation.group_id,
            from_organisation_id=share.from_organisation_id,
            to_organisation_id=share.to_organisation_id,
            expires_at=opened[share.pk].reads_until,
        )
        for share in known.shares.values()
        if share.pk in opened
        for category in share.categories
        if (share.pk, category) not in written
    )
    for pk, reach in opened.items():
        until = (reach.reads_until, reach.contributes_until)
        if any(written.get((pk, category), until) != until for category in known.shares[pk].categories):
            grants.filter(share=pk).update(expires_at=until[0], contributes_until=until[1])


@cache
def permission_id(category: str) -> int:
    """The id of guardian's permission for a category; permissions are made by ``migrate`` and never change."""
    return Permission.objects.values_list("pk", flat=True).get(
        content_type__app_label="cases", codename=f"view_{category}"
    )
