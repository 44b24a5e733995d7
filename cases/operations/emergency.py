"""Opening a case in an emergency, without referral or share, for an hour (``sharing.md`` rule 11).

A wrong reference answers that nothing was opened, and costs as much as a right one: a proof of who asks, a reason, one
of few attempts, and a message to those who answer for the organisation (decision 0022).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.access import proves_identity
from accounts.actors import Actor
from accounts.models import Membership, Organisation
from audit import trail
from cases import emergencies, ledger, notices, policies
from cases.enums import SHAREABLE, Office, TryOutcome
from cases.models import BreakGlass, BreakGlassTry, Case, CaseVisibility, Share
from cases.operations import clocks, sharing
from cases.operations.running import OVER, membership_of, organisation_of
from cases.querysets import IsBlocked
from core import clock, reference
from core.dates import civil_day
from core.db import role
from core.errors import Conflict, NotAllowed, Refused
from profiles import codes
from profiles.enums import Event, Party
from profiles.profile import active

CATEGORY: Final = "emergency"
LEGAL_BASIS: Final = "vital_interests"
PURPOSES: Final[Mapping[str, str]] = {
    "police": "share_police",
    "health": "refer_health",
    "shelter": "refer_shelter",
    "child_protection": "child_protection",
}
REVIEW: Final = timedelta(hours=72)
TOLD: Final = ("supervisor", "data_protection_officer")
DUTY_DESK: Final = ("supervisor", "intake")


@dataclass(frozen=True)
class Attempt:
    """What became of it; ``opened`` is None unless a case was opened."""

    outcome: TryOutcome
    opened: BreakGlass | None = None


def break_glass(
    actor: Actor, *, reference: str, reason: str, explanation: str, proof: str, colleague: Membership | None = None
) -> Attempt:
    """Open the case with exactly this reference for 60 minutes: limited categories of the lead and the registrar.

    It opens to the actor, and to one ``colleague`` of the own duty desk named with it; to nobody else there.
    ``proof`` is the password, or the code of the second factor. A wrong proof and a wrong reference are answered, not
    raised: the attempt must stand. Raises ``Refused`` without reason, for a mistyped reference, above the limits, and
    for a case that the actor may know already. A case from which the actor is kept away is a wrong reference.
    """
    policies.require(actor, "break_glass")
    wanted = _check(reference, reason, explanation)
    if colleague is not None and not colleagues(actor).filter(pk=colleague.pk).exists():
        raise Refused(_("Choose a colleague of your duty desk from the list."), field="colleague")
    # One at a time for each organisation, so that the limits hold.
    Organisation.objects.select_for_update(no_key=True).filter(pk=organisation_of(actor)).values_list("pk").first()
    if emergencies.left(actor).is_over:
        raise Refused(_("The limit of emergency openings is reached. Call the organisation that you need."))
    if not proves_identity(actor, proof):
        return _fail(actor, TryOutcome.NOT_PROVEN, wanted)
    with role(ledger.LEDGER):
        there = Case.objects.filter(reference=wanted).exclude(state__in=OVER).exclude(IsBlocked.of(actor, "pk"))
        case_id = there.values_list("pk", flat=True).first()
    if case_id is None:
        return _fail(actor, TryOutcome.MISSED, wanted)
    if CaseVisibility.objects.visible_to(actor).filter(case=case_id).exists():
        raise Refused(_("You can open this case without an emergency: search for its reference."), field="reference")
    return _open(actor, ledger.lock(case_id), reason, explanation, colleague)


def end_break_glass(actor: Actor, *, opened: BreakGlass) -> BreakGlass:
    """End it before its 60 minutes are over: by who opened it, or by who answers for the organisations concerned."""
    policies.require(actor, "end_break_glass")
    case = ledger.lock(opened.case_id)
    stored = emergencies.get_emergency(actor, opened.pk)
    if not is_live(stored):
        raise Conflict(_("This has ended already."))
    if not may_end(actor, stored):
        raise NotAllowed
    held = [share for share in sharing.live_shares(case) if _is_of(share, stored)]
    sharing.end_shares(actor, case=case, shares=held, reason="emergency_ended")
    stored.ended_at = clock.moment()
    stored.save(update_fields=("ended_at",))
    _record("end_break_glass", actor, stored)
    return stored


def review_break_glass(actor: Actor, *, opened: BreakGlass, outcome: str, remarks: str) -> BreakGlass:
    """Say within 72 hours whether it was justified: data protection or a supervisor of an organisation concerned.

    Never who opened it. Raises ``Conflict`` when it has been reviewed.
    """
    policies.require(actor, "review_break_glass")
    case = ledger.lock(opened.case_id)
    stored = emergencies.get_emergency(actor, opened.pk)
    if not is_reviewer(actor, stored):
        raise NotAllowed
    if stored.reviewed_at is not None:
        raise Conflict(_("This has been reviewed already."))
    if outcome not in codes.get("emergency_outcome"):
        raise Refused(_("Say what the review found."), field="outcome")
    if not remarks.strip():
        raise Refused(_("Say what this is based on."), field="remarks")
    stored.outcome, stored.reviewed_at = outcome, clock.moment()
    stored.reviewed_by_id, stored.reviewed_by_user_id = membership_of(actor), actor.user_id
    stored.seal({**stored.open(), "remarks": remarks.strip()})
    stored.save(update_fields=("outcome", "reviewed_at", "reviewed_by", "reviewed_by_user", "sealed"))
    clocks.close(case, Event.BREAK_GLASS_REVIEWED, actor=actor, subject_id=stored.pk)
    _record("review_break_glass", actor, stored, outcome=outcome)
    return stored


def colleagues(actor: Actor) -> QuerySet[Membership]:
    """Whom the actor may name beside: the others of the own duty desk, who might have opened it themselves."""
    live = Membership.objects.live().filter(organisation_id=organisation_of(actor)).with_role(*DUTY_DESK)
    return live.exclude(user_id=_person(actor)).select_related("user").order_by("user__name", "pk")


def is_live(opened: BreakGlass) -> bool:
    """True while it opens anything."""
    return opened.ended_at is None and opened.ends_at > clock.moment()


def may_end(actor: Actor, opened: BreakGlass) -> bool:
    """True while it is live, for who opened it and for who answers for the organisations concerned."""
    answers = actor.organisation_id in opened.concerned and policies.may(actor, "review_break_glass")
    return is_live(opened) and (opened.opened_by_id == actor.membership_id or answers)


def is_reviewer(actor: Actor, opened: BreakGlass) -> bool:
    """True for who may review this one: of an organisation whose rows were opened, and another person."""
    is_other = actor.user_id not in (opened.opened_by_user_id, opened.colleague_user_id)
    return is_other and actor.organisation_id in opened.concerned and policies.may(actor, "review_break_glass")


# -- parts -----------------------------------------------------------------------------------------------------------


def _check(shown: str, reason: str, explanation: str) -> str:
    try:
        wanted = reference.parse(shown)
    except Refused as mistyped:
        raise Refused(mistyped.message, field="reference") from mistyped
    if reason not in codes.get("emergency_reason"):
        raise Refused(_("Choose what the emergency is."), field="reason")
    if not explanation.strip():
        raise Refused(_("Say in your own words why this cannot wait."), field="explanation")
    return wanted


def _fail(actor: Actor, outcome: TryOutcome, wanted: str) -> Attempt:
    """The attempt stands, with the reference that was tried in the audit; a miss is told at once."""
    attempt = _attempt(actor, outcome)
    trail.note(reference=wanted)
    trail.record("break_glass_missed", actor=actor, category=CATEGORY, object_kind="attempt", outcome=outcome.value)
    if outcome is TryOutcome.MISSED:
        organisations = [Organisation(pk=organisation_of(actor))]
        notices.alert("break_glass_missed", None, organisations=organisations, roles=TOLD, key=attempt.pk)
    return Attempt(outcome)


def _attempt(actor: Actor, outcome: TryOutcome) -> BreakGlassTry:
    return BreakGlassTry.objects.create(
        membership_id=membership_of(actor),
        organisation_id=organisation_of(actor),
        user_id=_person(actor),
        at=clock.moment(),
        outcome=outcome,
    )


def _person(actor: Actor) -> UUID:
    """Limits and reviews are about the person, whatever the organisation."""
    return Membership.objects.values_list("user_id", flat=True).get(pk=membership_of(actor))


def _open(actor: Actor, case: Case, reason: str, explanation: str, colleague: Membership | None) -> Attempt:
    now = clock.moment()
    until = now + timedelta(minutes=policies.EMERGENCY_MINUTES)
    lead = ledger.lead_of(case.pk)
    concerned = list(dict.fromkeys((lead.pk, case.registered_by_id)))
    categories = [one.value for one in SHAREABLE if one in policies.emergency_categories(actor.organisation_kind)]
    opened = BreakGlass(
        case=case,
        reference=case.reference,
        organisation_id=organisation_of(actor),
        opened_by_id=membership_of(actor),
        opened_by_user_id=_person(actor),
        colleague=colleague,
        colleague_user_id=colleague.user_id if colleague else None,
        reason=reason,
        concerned=concerned,
        categories=categories,
        opened_at=now,
        ends_at=until,
        review_due_at=now + REVIEW,
    )
    opened.seal({"explanation": explanation.strip()})
    opened.save(force_insert=True)
    # After it: who is named there decides for whom of the organisation the visibility row counts.
    for owner in concerned:
        _share(actor, case, owner, categories, now, until)
    _attempt(actor, TryOutcome.OPENED)
    trail.note(case_id=case.pk, reference=case.reference, owners=concerned)
    _record("break_glass", actor, opened, reason=reason, categories=categories)
    clocks.start(case, Event.BREAK_GLASS_USED, actor=actor, bound={Party.LEAD: lead}, subject_id=opened.pk)
    told = [Organisation(pk=pk) for pk in (*concerned, organisation_of(actor))]
    page = f"/emergencies/{opened.pk}/"
    notices.alert("break_glass", case, organisations=told, roles=TOLD, key=opened.pk, path=page)
    if colleague is not None:
        notices.alert_members("break_glass_named", case, members=[colleague], key=opened.pk, path=page)
    return Attempt(TryOutcome.OPENED, opened)


def _share(
    actor: Actor, case: Case, owner: UUID, categories: list[str], starts_at: datetime, ends_at: datetime
) -> None:
    """The same projection as every share, so that access, row-level security and the end work alike."""
    ledger.write_share(
        Share(
            case=case,
            from_organisation_id=owner,
            to_organisation=Organisation.objects.get(pk=organisation_of(actor)),
            categories=categories,
            purpose=PURPOSES[actor.organisation_kind],
            legal_basis=LEGAL_BASIS,
            office=Office.BREAK_GLASS,
            starts_at=starts_at,
            ends_at=ends_at,
            ends_on=civil_day(ends_at, active().zone),
            made_by_id=actor.membership_id,
        )
    )


def _is_of(share: Share, opened: BreakGlass) -> bool:
    return share.office == Office.BREAK_GLASS and share.to_organisation_id == opened.organisation_id


def _record(kind: str, actor: Actor, opened: BreakGlass, **detail: object) -> None:
    """One row that the organisations concerned and the one that opened it see, and nobody else that knows the case."""
    parties = [*opened.concerned, opened.organisation_id]
    trail.record(
        kind,
        actor=actor,
        case_id=opened.case_id,
        owner_organisation_id=opened.concerned[0],
        category=CATEGORY,
        object_kind="emergency",
        object_id=opened.pk,
        parties=[str(party) for party in parties],
        **detail,
    )
    for party in opened.concerned:
        ledger.touch(opened.case_id, owner=party, category=CATEGORY)
