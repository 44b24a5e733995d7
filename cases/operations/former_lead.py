"""What a new lead reads of the rows of a former lead that had nobody left to hand them over (decision 36).

Thirty days by law; before they are over the new lead asks the person. What the person agrees to goes on under that
consent, without a gap and with an end of its own; the rest ends. Nobody else could ask: the former lead has nobody.
"""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Final

from accounts.actors import Actor
from accounts.models import Organisation
from cases import policies
from cases.enums import ConsentState, Office, ShareLevel
from cases.models import Case, Consent, Share
from cases.models.sharing import LONGEST_DAYS
from cases.operations import clocks, refusals, sharing
from cases.operations.proposals import BY_CONSENT, Proposal
from core import clock
from profiles.bases import OBLIGATION
from profiles.enums import Event
from profiles.profile import active

LEADING: Final = "case_management"
ANSWERS: Final = frozenset({ConsentState.GIVEN, ConsentState.REFUSED})


def open_former_lead(
    actor: Actor, *, case: Case, former: Organisation, to: Organisation, categories: Collection[str]
) -> list[Share]:
    """Let the new lead read what it needs of the former lead's rows, and start the clock to ask the person.

    A legal obligation, with the provision that the profile's office names, for its number of days; it cannot be
    renewed. Categories above the ceiling are left out. Returns the share, none when nothing is left.
    """
    office = active().offices[Office.REASSIGNED_LEAD]
    given = frozenset(categories) & policies.ceiling(to.kind)
    if not given or former.pk == to.pk:
        return []
    proposal = Proposal(
        to=to,
        categories=given,
        purpose=LEADING,
        legal_basis=OBLIGATION,
        provision=office.provision,
        ends_on=_today() + timedelta(days=office.longest_days),
        level=ShareLevel.CONTRIBUTE,
    )
    return [_open(actor, case, former, proposal)]


def follow_consent(actor: Actor, consent: Consent) -> None:
    """The person answered whether the lead may go on: what they agreed to goes on, and the clock to ask has ended. A no
    ends what an earlier consent let go on; what the law opened stays to its last day.

    For whoever has just recorded an answer, under the lock of the case. Nothing happens without rows of a former lead
    that the actor's organisation reads as lead, or for any other purpose or receiver. A refusal that somebody else
    recorded still bars it (rule 21).
    """
    own = actor.organisation_id
    is_about = consent.purpose == LEADING and consent.recipient_id in {None, own} and consent.state in ANSWERS
    if not is_about:
        return
    held = [one for one in sharing.held(consent.case, Office.REASSIGNED_LEAD, None) if one.to_organisation_id == own]
    for share in held:
        clocks.close(consent.case, Event.LEAD_CONSENT_ANSWERED, actor=actor, subject_id=share.pk)
    if consent.state == ConsentState.REFUSED:
        _end_earlier(actor, consent.case, held)
    else:
        for former in {one.from_organisation_id: one.from_organisation for one in held}.values():
            _go_on(actor, consent, [one for one in held if one.from_organisation_id == former.pk])


def may_ask_to_go_on(actor: Actor, share: Share) -> bool:
    """True while the share opens rows of a former lead to the actor's organisation: the person may agree to more."""
    is_own = share.to_organisation_id == actor.organisation_id
    return is_own and share.office == Office.REASSIGNED_LEAD and sharing.is_live(share)


# -- parts -----------------------------------------------------------------------------------------------------------


def _go_on(actor: Actor, consent: Consent, held: list[Share]) -> None:
    """One share in place of those on earlier consents; what the law opened goes on beside it to its own last day."""
    to, former = held[0].to_organisation, held[0].from_organisation
    read = frozenset(category for one in held for category in one.categories)
    given = read & frozenset(consent.categories)
    if not given or refusals.is_refused(consent.case_id, purpose=LEADING, to=to, categories=given):
        return
    proposal = Proposal(
        to=to,
        categories=given,
        purpose=LEADING,
        legal_basis=BY_CONSENT,
        consent=consent,
        ends_on=min(_today() + timedelta(days=LONGEST_DAYS), consent.valid_until or date.max),
        level=ShareLevel.CONTRIBUTE,
    )
    _open(actor, consent.case, former, proposal, resting=consent)
    _end_earlier(actor, consent.case, held)


def _end_earlier(actor: Actor, case: Case, held: list[Share]) -> None:
    """What rested on an answer that a newer one takes the place of."""
    earlier = [one for one in held if one.legal_basis == BY_CONSENT]
    sharing.end_shares(actor, case=case, shares=earlier, reason="replaced")


def _open(
    actor: Actor, case: Case, former: Organisation, proposal: Proposal, *, resting: Consent | None = None
) -> Share:
    written = sharing.write_of_office(
        actor, case=case, giver=former, proposal=proposal, office=Office.REASSIGNED_LEAD, resting=resting
    )
    clocks.start(case, Event.LEAD_TAKEN_OVER, actor=actor, on=written.ends_on, subject_id=written.pk)
    return written


def _today() -> date:
    return clock.today(active().zone)
