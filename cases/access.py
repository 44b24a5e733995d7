"""The one door to a case: scope, categories, opening of sealed rows, and the note for the audit.

404 unless a live visibility row of the actor exists (``Missing``); which rows, by category and owner, follows from
``policies.categories``. Sealed content is opened only here and handed on as ``row.content``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TypeVar
from uuid import UUID

from django.contrib.auth.models import Group
from django.db.models import Exists, F, FilteredRelation, OuterRef, Q, QuerySet, Value
from guardian.core import ObjectPermissionChecker

from accounts.actors import Actor
from audit import trail
from audit.models import AuditChange
from cases import policies
from cases.enums import Category, VisibilityReason
from cases.masking import Names
from cases.models import (
    ROWS,
    BreakGlass,
    Case,
    CaseBlock,
    CaseGroupObjectPermission,
    CaseLabel,
    CaseVisibility,
    CategoryRow,
    Consent,
    Deadline,
    DeadlineChange,
    Guardianship,
    IdentificationDecision,
    RecordedAct,
    ReflectionPeriod,
    SealedModel,
    Share,
)
from cases.policies import CaseAccess
from cases.querysets import IsBlocked, IsSentReferral, ShareHolds
from core import clock, reference
from core.db import role
from core.errors import Missing, Refused

# Sent by the system, or a look: the record of who looked is elsewhere.
NOT_ON_THE_TIMELINE: Final = ("send_reminder", "show_name")
# Reads what the own organisation shares for who may know no case.
LEDGER: Final = "nrm_ledger"
MOST_SHARES: Final = 200
Row = TypeVar("Row", bound=SealedModel)
Written = TypeVar("Written", bound=CategoryRow)


class LiveChecker(ObjectPermissionChecker):
    """guardian's checker for the group of the *active* organisation, counting only grants that are live now."""

    def __init__(self, group_id: int) -> None:
        super().__init__(Group(pk=group_id))
        self.group_id = group_id

    def live(self, case: Case) -> list[tuple[UUID, str, bool]]:
        """What is granted to this group now: by whom, which category, and whether to add to the case."""
        now = clock.moment()
        rows = CaseGroupObjectPermission.objects.filter(
            ShareHolds("share_id"), content_object=case, group_id=self.group_id, expires_at__gt=now
        ).values_list("from_organisation_id", "category", "contributes_until")
        return [(owner, category, until is not None and until > now) for owner, category, until in rows]

    def get_perms(self, obj: Any) -> list[str]:
        """guardian's question, answered from live grants only: no colleague, no other organisation, no superuser."""
        return [f"view_{category}" for category in sorted({category for _owner, category, _adds in self.live(obj)})]


def get_case(actor: Actor, shown: str, *, is_locked: bool = False) -> CaseAccess:
    """The case with this reference, when ``actor`` may know it; raises ``Missing`` for hidden and absent alike."""
    try:
        stored = reference.parse(shown)
    except Refused:
        raise Missing from None
    return _load(actor, Q(case__reference=stored), is_locked=is_locked)


def get_case_by_id(actor: Actor, case_id: UUID, *, is_locked: bool = False) -> CaseAccess:
    """As ``get_case``, for rows that carry the key."""
    return _load(actor, Q(case_id=case_id), is_locked=is_locked)


def relock(access: CaseAccess) -> CaseAccess:
    """Lock the case and judge anew: what an operation calls first."""
    return get_case_by_id(access.actor, access.case.pk, is_locked=True)


def _load(actor: Actor, which: Q, *, is_locked: bool) -> CaseAccess:
    rows = CaseVisibility.objects.visible_to(actor).filter(which)
    if is_locked:
        _lock(rows)
    assigned = CaseVisibility.objects.filter(Q(case=OuterRef("case"), membership_id=actor.membership_id))
    lead = FilteredRelation("case__leads", condition=Q(case__leads__ends_at__isnull=True))
    seen = rows.annotate(is_assigned=Exists(assigned), lead=lead)
    row = seen.select_related("case", "case__key", "lead__organisation").first()  # type: ignore[misc]
    if row is None:
        raise Missing
    if row.reason == VisibilityReason.BREAK_GLASS and not is_named_in_emergency(actor, row.case_id):
        raise Missing
    case = row.case
    trail.note(case_id=case.pk, reference=case.reference, categories=(Category.STATUS,))
    live = LiveChecker(actor.group_id).live(case) if actor.group_id else []
    is_lead = row.lead.organisation_id == actor.organisation_id
    is_registrar = case.registered_by_id == actor.organisation_id
    names = Names(actor, [case.pk])
    return CaseAccess(
        actor=actor,
        case=case,
        lead=names.of(row.lead.organisation),
        names=names,
        is_assigned=row.is_assigned,
        is_lead=is_lead,
        is_registrar=is_registrar,
        is_emergency=row.reason == VisibilityReason.BREAK_GLASS,
        may_contribute=is_lead or any(adds for _owner, _category, adds in live),
        grants=_by_owner(live),
    )


def is_named_in_emergency(actor: Actor, case_id: UUID) -> bool:
    """True while a live emergency opening of the case names the actor: who gave the reason, or the one colleague."""
    named = Q(opened_by=actor.membership_id) | Q(colleague=actor.membership_id)
    live = BreakGlass.objects.filter(named, case=case_id, ended_at__isnull=True, ends_at__gt=clock.moment())
    return live.exists()


def _by_owner(live: Iterable[tuple[UUID, str, bool]]) -> Mapping[UUID, frozenset[str]]:
    """The categories that each organisation shares, by sharing organisation."""
    found: dict[UUID, set[str]] = {}
    for owner, category, _adds in live:
        found.setdefault(owner, set()).add(category)
    return {owner: frozenset(categories) for owner, categories in found.items()}


def _lock(rows: QuerySet[CaseVisibility]) -> None:
    """Wait for whoever works on the case. Whether it may be known is read afterwards: it may have changed meanwhile."""
    known = Case.objects.filter(pk__in=rows.values("case_id"))
    known.select_for_update(no_key=True).values_list("pk").first()


# -- category rows ---------------------------------------------------------------------------------------------------


def scope(access: CaseAccess, category: str) -> Q:
    """Whose rows of ``category`` may be read: one's own, and those of who shares this category."""
    owners = [owner for owner, shared in policies.categories(access).items() if category in shared]
    return Q(case=access.case, owner_organisation__in=owners)


def consents(access: CaseAccess) -> list[Consent]:
    """The register: own consents, those that others share, and those that a share to the own organisation rests on.

    Of the last, what was agreed to is read and nothing sealed: why a refusal was gone against stays where it was said.
    """
    resting = Share.objects.live().filter(
        case=access.case, to_organisation=access.actor.organisation_id, opened_at__isnull=False
    )
    readable = scope(access, Category.CONSENT)
    seen = readable | Q(case=access.case, pk__in=resting.values("consent"))
    rows = Consent.objects.filter(seen).select_related("owner_organisation", "created_by__user", "recipient")
    owners = {owner for owner, shared in policies.categories(access).items() if Category.CONSENT in shared}
    found = list(rows.order_by("created_at", "pk"))
    for row in found:
        row.case = access.case
        row.content = row.open() if row.owner_organisation_id in owners else {}  # type: ignore[attr-defined]
    trail.note(categories=(Category.CONSENT,), owners={row.owner_organisation_id for row in found})
    return found


def get_consent(access: CaseAccess, pk: UUID) -> Consent:
    """One consent of the register; raises ``Missing`` for any other."""
    found = next((row for row in consents(access) if row.pk == pk), None)
    if found is None:
        raise Missing
    return found


def read_rows(access: CaseAccess, category: str) -> list[CategoryRow]:
    """The visible rows of one category, oldest first, opened (``row.content``) and noted for the audit."""
    rows: list[CategoryRow] = []
    for model in ROWS[category]:
        queryset = model._default_manager.filter(scope(access, category))
        rows += open_rows(
            access, queryset.select_related("owner_organisation", "created_by__user").order_by("created_at")
        )
    trail.note(case_id=access.case.pk, categories=(category,), owners={row.owner_organisation_id for row in rows})
    return rows


def open_rows(access: CaseAccess, rows: Iterable[Row]) -> list[Row]:
    """Open sealed rows with the key of the case; each gets ``content``."""
    opened = list(rows)
    for row in opened:
        row.case = access.case
        row.content = row.open()  # type: ignore[attr-defined]
    return opened


def own_row(access: CaseAccess, model: type[Written], pk: UUID) -> Written:
    """One row of the actor's own organisation, to be corrected; raises ``Missing`` for any other."""
    queryset = model._default_manager.filter(
        case=access.case, owner_organisation_id=access.actor.organisation_id, pk=pk
    )
    found = open_rows(access, queryset)
    if not found:
        raise Missing
    trail.note(case_id=access.case.pk, categories=(model.category,), owners=(found[0].owner_organisation_id,))
    return found[0]


def own_single(access: CaseAccess, model: type[Written]) -> Written | None:
    """The one row of a category that exists once per owner, or None when the organisation has not filled it in."""
    rows = model._default_manager.filter(case=access.case, owner_organisation_id=access.actor.organisation_id)
    found = next(iter(open_rows(access, rows)), None)
    if found is not None:
        trail.note(case_id=access.case.pk, categories=(model.category,), owners=(found.owner_organisation_id,))
    return found


# -- what hangs on a case --------------------------------------------------------------------------------------------


def open_deadlines(access: CaseAccess) -> list[Deadline]:
    """Open clocks that the actor's organisation may see, soonest first."""
    return list(deadlines(access).filter(state="open").order_by("due_at"))


def deadlines(access: CaseAccess) -> QuerySet[Deadline]:
    """Clocks that bind the own organisation, that all may see, or whose category the bound organisation shares.

    Not the receiver's clock of a referral that the own organisation sent: its own two say when an answer is late, and
    where only receivers that share with it showed theirs, that would name whom it knows as *a shelter* (rule 6).
    """
    own = access.actor.organisation_id
    visible = Q(bound_organisation_id=own) | ~Q(IsSentReferral(F("subject_id"), Value(own)))
    found = Deadline.objects.filter(visible, _about(access, "bound_organisation_id"))
    return found.select_related("bound_organisation")


def suspended_deadlines(access: CaseAccess) -> list[Deadline]:
    """Clocks that stand still, as far as the actor's organisation may see them."""
    return list(deadlines(access).filter(state="suspended").order_by("suspended_at", "pk"))


def get_deadline(access: CaseAccess, pk: UUID) -> Deadline:
    """One clock, running or ended, that the actor's organisation may see; raises ``Missing`` for any other."""
    found = deadlines(access).filter(pk=pk).first()
    if found is None:
        raise Missing
    trail.note(categories=(found.category,))
    return found


def changes_of(deadline: Deadline) -> list[DeadlineChange]:
    """What changed a clock since its start, newest first; for who may see the clock itself."""
    return list(deadline.changes.select_related("organisation").order_by("-version"))


def timeline(access: CaseAccess, limit: int = 50, before: AuditChange | None = None) -> list[AuditChange]:
    """What happened, newest first: own acts, what all may see, changes to categories that are shared, and what names
    the own organisation as a party (referrals). ``before``: only what is older than this change."""
    is_party = Q(case_id=access.case.pk, detail__parties__contains=[str(access.actor.organisation_id)])
    acts = AuditChange.objects.filter(_about(access, "owner_organisation_id", key="case_id") | is_party)
    if before is not None:
        acts = acts.filter(Q(at__lt=before.at) | Q(at=before.at, pk__lt=before.pk))
    return list(acts.exclude(kind__in=NOT_ON_THE_TIMELINE).order_by("-at", "-pk")[:limit])


def get_change(access: CaseAccess, pk: UUID) -> AuditChange | None:
    """One change of the timeline, or None when it is not in it."""
    acts = AuditChange.objects.filter(_about(access, "owner_organisation_id", key="case_id"), pk=pk)
    return acts.first()


def _about(access: CaseAccess, owner: str, key: str = "case") -> Q:
    visible = Q(category=Category.STATUS) | Q(**{owner: access.actor.organisation_id})
    for organisation_id, shared in access.grants.items():
        visible |= Q(**{owner: organisation_id, "category__in": list(shared)})
    return Q(**{key: access.case.pk}) & visible


def decisions(access: CaseAccess) -> list[IdentificationDecision]:
    """The history of identification, oldest first. Reasons are opened for who wrote them, and whom they are put to."""
    rows = IdentificationDecision.objects.filter(case=access.case).select_related("owner_organisation")
    found = _with_own_content(access, rows.order_by("decided_on", "recorded_at"))
    for row in found:
        if row.addressed_to_id == access.actor.organisation_id:
            row.content = row.open()  # type: ignore[attr-defined]
    return found


def recorded_acts(access: CaseAccess) -> list[RecordedAct]:
    """What happened elsewhere, oldest first: own rows, those of category *status*, and those of a shared category.

    Remarks are opened for who wrote them.
    """
    rows = RecordedAct.objects.filter(_about(access, "owner_organisation_id")).select_related("owner_organisation")
    return _with_own_content(access, rows.order_by("happened_on", "recorded_at"))


def reflection_period(access: CaseAccess) -> ReflectionPeriod | None:
    """The reflection period of the case: dates for all that know the case, remarks for who wrote them."""
    rows = ReflectionPeriod.objects.filter(case=access.case).select_related("owner_organisation", "decides")
    return next(iter(_with_own_content(access, rows.order_by("-recorded_at")[:1])), None)


def guardianships(access: CaseAccess) -> list[Guardianship]:
    """Guardians, newest first: for who may read ``child``, who asked, who leads, and the guardian's organisation."""
    own = access.actor.organisation_id
    seen = scope(access, Category.CHILD) | Q(case=access.case, requested_by=own) | Q(case=access.case, organisation=own)
    rows = Guardianship.objects.filter(Q(case=access.case) if access.is_lead else seen)
    rows = rows.select_related("organisation", "guardian__user", "owner_organisation", "requested_by")
    found = _with_own_content(access, rows.order_by("-requested_at"))
    if found:
        owners = {row.owner_organisation_id for row in found}
        trail.note(case_id=access.case.pk, categories=(Category.CHILD,), owners=owners)
    return found


def _with_own_content(access: CaseAccess, rows: Iterable[Row]) -> list[Row]:
    found = list(rows)
    for row in found:
        row.case = access.case
        is_own = row.owner_organisation_id == access.actor.organisation_id
        row.content = row.open() if is_own else {}  # type: ignore[attr-defined]
    return found


def shares(access: CaseAccess) -> list[Share]:
    """Shares from or to the own organisation, newest first."""
    own = access.actor.organisation_id
    rows = Share.objects.with_holds().filter(Q(from_organisation=own) | Q(to_organisation=own), case=access.case)
    return list(rows.select_related("from_organisation", "to_organisation", "consent").order_by("-starts_at"))


def get_share(access: CaseAccess, pk: UUID) -> Share:
    """One share from or to the own organisation; raises ``Missing`` for any other."""
    found = next((share for share in shares(access) if share.pk == pk), None)
    if found is None:
        raise Missing
    return found


def given_shares(actor: Actor, stored_reference: str = "") -> list[Share]:
    """What the own organisation shares and that has not ended, soonest end first, whether or not its cases are known.

    For who answers for ending it: a supervisor, and data protection, who learns the reference and nothing of the case.
    """
    policies.require(actor, "view_own_shares")
    with role(LEDGER):
        rows = _open_to(actor, Share.objects.live().with_holds().filter(from_organisation=actor.organisation_id))
        rows = rows.filter(case__reference=stored_reference) if stored_reference else rows
        found = list(rows.select_related("to_organisation", "case").order_by("ends_at", "pk")[:MOST_SHARES])
    trail.note(categories=(Category.STATUS,), owners=(share.from_organisation_id for share in found))
    trail.note(cases_shown=len({share.case_id for share in found}))
    return found


def given_share(actor: Actor, pk: UUID) -> Share:
    """One share that the own organisation gave; raises ``Missing`` for any other."""
    policies.require(actor, "view_own_shares")
    with role(LEDGER):
        rows = _open_to(actor, Share.objects.filter(pk=pk, from_organisation=actor.organisation_id))
        found = rows.select_related("from_organisation", "to_organisation", "case").first()
    if found is None:
        raise Missing
    trail.note(case_id=found.case_id, reference=found.case.reference, categories=(Category.STATUS,))
    return found


def received_share(actor: Actor, pk: UUID) -> Share:
    """One share that the own organisation was given, also after its end; raises ``Missing`` for any other.

    For whoever answers for what was read: the reference, from whom, which categories and when, and nothing of the case.
    A share whose first day lies ahead is no news yet.
    """
    policies.require(actor, "view_received_share")
    with role(LEDGER):
        given = Share.objects.filter(pk=pk, to_organisation=actor.organisation_id, opened_at__isnull=False)
        rows = _open_to(actor, given.with_holds())
        found = rows.select_related("from_organisation", "to_organisation", "case").first()
    if found is None:
        raise Missing
    trail.note(case_id=found.case_id, reference=found.case.reference, categories=(Category.STATUS,))
    return found


def _open_to(actor: Actor, shares: QuerySet[Share]) -> QuerySet[Share]:
    """Without those of cases that ``actor`` is kept away from."""
    return shares.exclude(IsBlocked.of(actor))


def blocks(access: CaseAccess) -> list[CaseBlock]:
    """Colleagues of the own organisation who are kept away from the case now, each opened; for who sees all cases."""
    own = CaseBlock.objects.filter(case=access.case, owner_organisation_id=access.actor.organisation_id)
    live = own.filter(lifted_at__isnull=True).select_related("person", "blocked_by__user")
    return open_rows(access, live.order_by("blocked_at", "pk"))


def unattended(actor: Actor) -> QuerySet[CaseVisibility]:
    """Open cases of the own organisation that nobody works on: no assigned colleague is there, with a role for it.

    A case is one of them if, and only if, it is not closed and every membership of the organisation that is assigned to
    it is suspended, ended, without any of ``policies.WORKING``, or of a person whose account is shut. That stands in
    ``is_unattended``, which names no time: assignments end with the organisation's own row, never before. A suspended
    organisation has nobody who could ask.
    """
    return CaseVisibility.objects.visible_to(actor).filter(is_unattended=True)


def assigned_members(access: CaseAccess) -> list[CaseVisibility]:
    """The colleagues of the own organisation that are assigned."""
    own = Q(organisation_id=access.actor.organisation_id, membership__isnull=False)
    rows = CaseVisibility.objects.filter(own, case=access.case)
    return list(rows.select_related("membership__user").order_by("starts_at"))


# -- labels ----------------------------------------------------------------------------------------------------------


def label_of(access: CaseAccess) -> str:
    """The own organisation's working label; empty when none was given."""
    found = own_labels(access.actor, [access.case.pk]).first()
    return str(open_rows(access, [found])[0].open()["label"]) if found else ""


def own_labels(actor: Actor, case_ids: Sequence[UUID] | None = None) -> QuerySet[CaseLabel]:
    """Labels of the own organisation, for some cases or all, still sealed."""
    labels = CaseLabel.objects.filter(owner_organisation_id=actor.organisation_id)
    return labels if case_ids is None else labels.filter(case__in=case_ids)
