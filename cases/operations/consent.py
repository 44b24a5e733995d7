"""The consent register: a dated, scoped row for each consent, withdrawn as easily as given (``sharing.md`` rule 14)."""

from collections.abc import Collection
from datetime import date

from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import Organisation
from audit import trail
from cases import ledger, policies
from cases.access import own_row, relock
from cases.enums import Category, ConsentState
from cases.models import Consent, Share
from cases.operations import clocks
from cases.operations.authorship import membership_of, organisation_of
from cases.operations.running import relock_running
from cases.operations.sharing import end_shares, live_shares
from cases.policies import CaseAccess
from core import clock
from core.errors import Conflict, Refused
from profiles.enums import Event
from profiles.profile import active


def record_consent(
    actor: Actor,
    *,
    access: CaseAccess,
    purpose: str,
    categories: Collection[str],
    form: str,
    given_on: date,
    recipient: Organisation | None = None,
    language: str = "",
    has_interpreter: bool = False,
    information_given: Collection[str] = (),
    valid_until: date | None = None,
) -> Consent:
    """Record what the person agreed to: for which purpose, whom (None: whoever serves the purpose), which categories.

    Raises ``Refused`` without the information that makes a consent one, for the own organisation as recipient, and
    for a consent that has already ended.
    """
    access = relock_running(access)
    policies.require(actor, "record_consent", access)
    _check(actor, recipient, information_given, valid_until)
    now = clock.moment()
    consent = Consent(
        case=access.case,
        owner_organisation_id=organisation_of(actor),
        created_by_id=membership_of(actor),
        created_at=now,
        updated_at=now,
        state=ConsentState.GIVEN,
        purpose=purpose,
        legal_basis="consent",
        categories=list(categories),
        recipient=recipient,
        form=form,
        language=language,
        has_interpreter=has_interpreter,
        information_given=list(information_given),
        given_on=given_on,
        valid_until=valid_until,
    )
    consent.seal({})
    consent.save(force_insert=True)
    _record("record_consent", actor, consent)
    clocks.start(access.case, Event.CONSENT_GIVEN, actor=actor, on=given_on, subject_id=consent.pk)
    return consent


def withdraw_consent(actor: Actor, *, access: CaseAccess, consent: Consent, withdrawn_via: str) -> Consent:
    """Withdraw: every share that rests on it ends in the same transaction; assistance goes on.

    Raises ``Conflict`` when it is no longer given. What was counted in statistics stays.
    """
    access = relock(access)
    policies.require(actor, "withdraw_consent", access)
    stored = own_row(access, Consent, consent.pk)
    if stored.state != ConsentState.GIVEN:
        raise Conflict(_("This consent is not in force any more."))
    now = clock.moment()
    stored.state, stored.withdrawn_at, stored.withdrawn_via = ConsentState.WITHDRAWN, now, withdrawn_via
    stored.version += 1
    stored.updated_at = now
    stored.save(update_fields=("state", "withdrawn_at", "withdrawn_via", "version", "updated_at"))
    end_shares(actor, case=access.case, shares=dependent_shares(access, stored), reason="consent_withdrawn")
    _record("withdraw_consent", actor, stored)
    clocks.close(access.case, Event.CONSENT_WITHDRAWN, actor=actor, subject_id=stored.pk)
    return stored


def dependent_shares(access: CaseAccess, consent: Consent) -> list[Share]:
    """The live shares that rest on a consent: what a withdrawal ends."""
    return [share for share in live_shares(access.case) if share.consent_id == consent.pk]


def own_consents(access: CaseAccess) -> list[Consent]:
    """The consents that the own organisation has recorded, oldest first: what its shares can rest on."""
    own = access.actor.organisation_id
    return list(Consent.objects.filter(case=access.case, owner_organisation_id=own).order_by("given_on", "created_at"))


def _check(
    actor: Actor, recipient: Organisation | None, information_given: Collection[str], valid_until: date | None
) -> None:
    if not information_given:
        raise Refused(
            _("Choose what was explained. Without information there is no consent."), field="information_given"
        )
    if recipient is not None and recipient.pk == actor.organisation_id:
        raise Refused(_("Your own organisation needs no consent to see its own rows."), field="recipient")
    if valid_until is not None and valid_until < clock.today(active().zone):
        raise Refused(_("This consent has already ended. Correct the last day."), field="valid_until")


def _record(kind: str, actor: Actor, consent: Consent) -> None:
    trail.record(
        kind,
        actor=actor,
        case_id=consent.case_id,
        category=Category.CONSENT,
        object_kind="consent",
        object_id=consent.pk,
        purpose=consent.purpose,
        categories=consent.categories,
        recipient=str(consent.recipient_id or ""),
    )
    ledger.touch(consent.case_id, owner=consent.owner_organisation_id, category=Category.CONSENT)
