"""Withdrawing a consent: the verb of both apps, so that everything that rested on it ends in one transaction."""

from accounts.actors import Actor
from cases.models import Consent
from cases.operations import consent as register
from cases.operations import placement
from cases.operations.authorities import let_go
from cases.policies import CaseAccess
from referrals.enums import ReferralState
from referrals.models import Referral
from referrals.operations.ending import IDENTIFICATION, end
from referrals.operations.shared import record
from referrals.operations.telling import tell_receiver
from referrals.workflow import OPEN


def withdraw_consent(actor: Actor, *, access: CaseAccess, consent: Consent, withdrawn_via: str) -> Consent:
    """Withdraw: shares and referrals that rest on it end at once, their receivers are told so, help goes on.

    1. the register and the shares (``cases.operations.consent``); 2. the referrals, answered or not, with their clocks.
    """
    withdrawn = register.withdraw_consent(actor, access=access, consent=consent, withdrawn_via=withdrawn_via)
    for referral in dependent_referrals(access, withdrawn):
        placement.end_unconfirmed(actor, case=access.case, referral_id=referral.pk, reason="consent_withdrawn")
        end(actor, case=access.case, referral=referral, state=ReferralState.ENDED)
        if referral.service == IDENTIFICATION:
            let_go(actor, case=access.case, authority=referral.to_organisation)
        record("end_referral", actor=actor, referral=referral, state=ReferralState.ENDED.value)
        tell_receiver(referral, "referral_ended", f"withdrawn:{referral.pk}")
    return withdrawn


def dependent_referrals(access: CaseAccess, consent: Consent) -> list[Referral]:
    """The open referrals of the own organisation that rest on a consent: what a withdrawal ends.

    Those of another organisation, whose consent the lead withdraws, end by being read.
    """
    own = Referral.objects.with_state_now().filter(consent=consent, from_organisation=access.actor.organisation_id)
    rows = own.filter(state__in=OPEN).select_related("share", "from_organisation", "to_organisation")
    return list(rows.order_by("sent_at", "pk"))
