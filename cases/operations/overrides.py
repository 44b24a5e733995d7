"""Going against a refusal, by name: a life, a child, or a duty of law (``sharing.md`` rules 11 and 21).

A life at risk holds at once and ends after 24 hours unless a second person has confirmed it; a child's best interests
and a duty named in law are confirmed first. Until then nothing rests on them.
"""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Final

from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import Membership, Organisation, Role
from cases import ledger, notices, policies
from cases.access import get_consent, relock
from cases.enums import SHAREABLE, ConsentState
from cases.models import Case, Consent
from cases.models.categories import OVERRIDING
from cases.models.sharing import LONGEST_DAYS
from cases.operations import legal_bases
from cases.operations.authorship import membership_of, organisation_of
from cases.operations.consent import check_scope, record_act, state_today, write_row
from cases.operations.proposals import LIFE_AT_RISK, check_ceiling
from cases.operations.running import relock_running
from cases.operations.sharing import end_shares, let_last, live_shares
from cases.policies import CaseAccess
from core import clock
from core.db import role
from core.errors import Conflict, Missing, NotAllowed, Refused
from profiles import codes
from profiles.profile import active

HOURS_TO_CONFIRM: Final = 24
LONGEST_REASON: Final = 4_000
SECOND: Final = (Role.SUPERVISOR, Role.INTAKE)
OFFICER: Final = (Role.DATA_PROTECTION_OFFICER,)
LIST: Final = "/overrides/"
MOST: Final = 200
# What data protection reads of an override: no reason, nothing of the case but its reference.
KNOWN: Final = (
    "id", "case__reference", "owner_organisation_id", "created_by_id", "state", "purpose", "legal_basis", "provision",
    "categories", "recipient__name", "recipient__kind", "valid_until", "confirmed_at", "unconfirmed_until",
    "updated_at", "version",
)  # fmt: skip


def override_consent(
    actor: Actor,
    *,
    access: CaseAccess,
    recipient: Organisation,
    purpose: str,
    categories: Collection[str],
    legal_basis: str,
    reason: str,
    valid_until: date | None,
    provision: str = "",
) -> Consent:
    """Record why something is shared against or without consent, for a second person to confirm.

    Shares and referrals on this basis rest on it and end with it. A life at risk holds from now, for 24 hours until it
    is confirmed; the other grounds from their confirmation. The reason is sealed. Data protection of the own
    organisation and the lead are told once it holds, without content. Raises ``Refused`` for a ground that the table of
    the profile does not allow, without a reason, above the ceiling and beyond ninety days.
    """
    access = relock_running(access)
    policies.require(actor, "override_consent", access)
    check_scope(actor, recipient, valid_until)
    _check(access, recipient, purpose, categories, legal_basis, provision, valid_until)
    if not reason.strip():
        raise Refused(_("Write why this is necessary."), field="reason")
    is_at_once = legal_basis == LIFE_AT_RISK
    consent = write_row(
        access,
        content={"reason": reason},
        state=ConsentState.OVERRIDDEN if is_at_once else ConsentState.PROPOSED,
        purpose=purpose,
        legal_basis=legal_basis,
        provision=provision,
        categories=[category for category in SHAREABLE if category in categories],
        recipient=recipient,
        given_on=clock.today(active().zone),
        valid_until=valid_until,
        unconfirmed_until=clock.moment() + timedelta(hours=HOURS_TO_CONFIRM) if is_at_once else None,
    )
    record_act("override_consent", actor, consent, legal_basis=legal_basis)
    if is_at_once:
        _tell(access.case, consent)
    _ask_second_person(access.case, consent)
    return consent


def answer_override(actor: Actor, *, access: CaseAccess, consent: Consent, is_confirmed: bool) -> Consent:
    """The second person confirms an override, or says no: then what rests on it ends at once.

    Another person of the own organisation, supervisor or intake. Raises ``Conflict`` when it does not wait any more
    (after 24 hours, for example) and ``Refused`` for who recorded it.
    """
    access = relock(access)
    policies.require(actor, "answer_override", access)
    stored = get_consent(access, consent.pk)
    if stored.owner_organisation_id != actor.organisation_id:
        raise NotAllowed
    _answer(actor, access.case, stored, is_confirmed=is_confirmed)
    return get_consent(access, consent.pk)


def answer_unknown_override(actor: Actor, *, consent: Consent, is_confirmed: bool) -> Consent:
    """As ``answer_override``, by data protection, where the organisation has nobody else who could.

    Data protection knows no case: it sees receiver, purpose, categories and ground, and asks who recorded it for the
    reason. Raises ``Missing`` for what does not wait for it.
    """
    policies.require(actor, "answer_unknown_override")
    case = ledger.lock(consent.case_id)
    stored = get_unknown_override(actor, consent.pk)
    _answer(actor, case, stored, is_confirmed=is_confirmed)
    return stored


def unknown_overrides(actor: Actor) -> list[Consent]:
    """Overrides of the own organisation that wait for data protection, oldest first: nobody else there can confirm."""
    policies.require(actor, "answer_unknown_override")
    with role(ledger.LEDGER):
        rows = Consent.objects.filter(
            owner_organisation_id=organisation_of(actor),
            state__in=(ConsentState.PROPOSED, ConsentState.OVERRIDDEN),
            confirmed_at__isnull=True,
            legal_basis__in=OVERRIDING,
        )
        found = list(rows.order_by("updated_at", "pk").only(*KNOWN).select_related("case", "recipient")[:MOST])
    people = {one.pk: one for one in Membership.objects.filter(pk__in={row.created_by_id for row in found})}
    waiting = [row for row in found if is_waiting(row)]
    return [row for row in waiting if not second_people(row.case, row, people[row.created_by_id])]


def get_unknown_override(actor: Actor, pk: object) -> Consent:
    """One override that waits for data protection; raises ``Missing`` for any other."""
    found = next((row for row in unknown_overrides(actor) if row.pk == pk), None)
    if found is None:
        raise Missing
    return found


def is_waiting(consent: Consent) -> bool:
    """True while a second person can still confirm it."""
    if consent.confirmed_at is not None or consent.legal_basis not in OVERRIDING:
        return False
    state = state_today(consent)
    is_running = state is ConsentState.OVERRIDDEN and consent.unconfirmed_until is not None
    return is_running or state is ConsentState.PROPOSED


def may_confirm(access: CaseAccess, consent: Consent) -> bool:
    """True when ``answer_override`` will not refuse."""
    is_own = consent.owner_organisation_id == access.actor.organisation_id
    if not is_own or not is_waiting(consent) or consent.created_by.user_id == access.actor.user_id:
        return False
    return policies.may(access.actor, "answer_override", access)


def second_people(case: Case, consent: Consent, recorder: Membership) -> list[Membership]:
    """Who can confirm: supervisors and intake of the organisation, of another person, not kept away from the case."""
    members = Membership.objects.live().filter(organisation_id=consent.owner_organisation_id).with_role(*SECOND)
    others = members.exclude(user_id=recorder.user_id).select_related("user").order_by("created_at", "pk")
    return [one for one in others if not ledger.is_blocked(case, one)]


# -- parts -----------------------------------------------------------------------------------------------------------


def _answer(actor: Actor, case: Case, stored: Consent, *, is_confirmed: bool) -> None:
    if Membership.objects.get(pk=stored.created_by_id).user_id == actor.user_id:
        raise Refused(_("Somebody else than the one who recorded it confirms it."))
    if not is_waiting(stored):
        raise Conflict(_("This does not wait for a second person any more. Look at the register again."))
    was_proposed = stored.state == ConsentState.PROPOSED
    if is_confirmed:
        _move(stored, ConsentState.OVERRIDDEN, actor)
        let_last(case, stored.pk)
    else:
        if not ledger.move_consent(stored, ConsentState.UNCONFIRMED):
            raise Conflict(_("This does not wait for a second person any more. Look at the register again."))
        resting = [share for share in live_shares(case) if share.consent_id == stored.pk]
        end_shares(actor, case=case, shares=resting, reason="override_refused")
    record_act("confirm_override" if is_confirmed else "refuse_override", actor, stored, ground=stored.legal_basis)
    notices.settle_alert("confirm_override", stored.pk)
    if is_confirmed and was_proposed:
        _tell(case, stored)


def _move(stored: Consent, state: ConsentState, actor: Actor) -> None:
    values = {"confirmed_by_id": membership_of(actor), "confirmed_at": clock.moment(), "unconfirmed_until": None}
    if not ledger.move_consent(stored, state, **values):
        raise Conflict(_("This does not wait for a second person any more. Look at the register again."))


def _tell(case: Case, consent: Consent) -> None:
    """Data protection of the own organisation, and supervisors of the lead, hear that it was done, and no more."""
    own = Organisation.objects.filter(pk=consent.owner_organisation_id)
    notices.alert("override_consent", case, organisations=own, roles=OFFICER, key=consent.pk)
    lead = ledger.lead_of(case.pk)
    if lead.pk != consent.owner_organisation_id:
        notices.alert("override_consent", case, organisations=[lead], roles=(Role.SUPERVISOR,), key=consent.pk)


def _ask_second_person(case: Case, consent: Consent) -> None:
    """The task of whoever can confirm; of data protection where nobody else can."""
    people = second_people(case, consent, Membership.objects.get(pk=consent.created_by_id))
    if people:
        notices.alert_members("confirm_override", case, members=people, key=consent.pk)
        return
    own = Organisation.objects.filter(pk=consent.owner_organisation_id)
    notices.alert("confirm_override", None, organisations=own, roles=OFFICER, key=consent.pk, path=LIST, about=case)


def _check(
    access: CaseAccess,
    recipient: Organisation,
    purpose: str,
    categories: Collection[str],
    legal_basis: str,
    provision: str,
    valid_until: date | None,
) -> None:
    if legal_basis not in OVERRIDING:
        raise Refused(
            _("Only a life, a child or a duty of law is a reason to go against a refusal."), field="legal_basis"
        )
    if purpose not in codes.get("purpose"):
        raise Refused(_("Say for which purpose this is shared."), field="purpose")
    if not recipient.is_active:
        raise Refused(_("This organisation is suspended and cannot receive anything."), field="recipient")
    check_ceiling(recipient, categories)
    giver = legal_bases.giver_of(access.actor)
    is_child = legal_bases.is_child(access.case)
    asked = legal_bases.asked_by(giver, is_child=is_child, to=recipient, purpose=purpose, categories=categories)
    legal_bases.require_basis(asked, legal_basis, provision)
    if valid_until is None or valid_until > clock.today(active().zone) + timedelta(days=LONGEST_DAYS):
        raise Refused(_("Choose a last day, at most 90 days from today."), field="valid_until")
