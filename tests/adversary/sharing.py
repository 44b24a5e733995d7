"""Acts of the model: shares, referrals, consents, the lead's tree (rules 2-4, 18, 19, 21)."""

from typing import NoReturn

from tests.adversary.bases import is_refused, matching_consent, may_rest_on
from tests.adversary.knowledge import contributes, is_live, knows, sources_of
from tests.adversary.people import has_role, opens, works
from tests.adversary.state import LEAD, Case, Consent, Held, Share
from tests.adversary.words import (
    ANY,
    ASSIGNABLE,
    CEILING,
    CONTRIBUTE,
    COORDINATOR,
    DAY,
    DEFAULTS,
    LONGEST,
    MEMBER_OF,
    OVERRIDES,
    PERSONS,
    PUBLIC_AUTHORITIES,
    TYPES,
    Basis,
    Office,
    Purpose,
    Role,
    Type,
    end_of_day,
    end_of_working_day,
)


class Refusal(Exception):
    """An act that the rules refuse; raised before anything is written."""


def refuse(reason: str) -> NoReturn:
    """Refuse the act."""
    raise Refusal(reason)


def require(holds: object, reason: str) -> None:
    """Refuse unless this holds."""
    if not holds:
        raise Refusal(reason)


def working(case: Case, who: int) -> int:
    """The organisation of an assigned caseworker or supervisor that knows the case."""
    own = MEMBER_OF[who]
    require(works(case, who) and knows(case, own), "not on the case")
    return own


def bringing_in(case: Case, who: int) -> int:
    """The organisation of somebody who may bring others in: it contributes (rule 18)."""
    own = working(case, who)
    require(contributes(case, own) or case.faults.reader_brings_in, "reads only: ask the giver")
    return own


def terms(
    case: Case,
    who: int,
    number: int,
    *,
    receiver: int,
    purpose: int,
    basis: int,
    categories: int,
    level: int,
    until: int,
    provision: int = 0,
) -> Share:
    """A share that is not yet written, its end clipped to what it rests on. Refused if the rules do not allow it."""
    giver = MEMBER_OF[who]
    require(giver != receiver and receiver != COORDINATOR, "not to this organisation")
    require(not case.suspended >> receiver & 1, "the receiver is suspended")
    if not case.faults.ceiling_is_not_asked:
        require(not categories & ~CEILING[TYPES[receiver]], "above the ceiling")
    require(categories and level <= CONTRIBUTE and case.now < until <= end_of_day(case.now, LONGEST), "no such terms")
    share = Share(number, giver, receiver, purpose, basis, provision, categories, level, until, PERSONS[who])
    clip(case, share)
    return share


def clip(case: Case, share: Share) -> None:
    """Check the basis, name the sources, and clip the end to the giver's and to the consent's."""
    require(may_rest_on(case, share), "no basis")
    if share.basis == Basis.CONSENT:
        share.consent = matching_consent(case, share.purpose, share.receiver, share.categories)
        share.until = min(share.until, case.consents[share.consent].until)
    if not case.faults.onward_end_is_not_clipped:
        share.until = min(share.until, case.reads_until[share.giver])
    share.sources = sources_of(case, share.giver)


def put(case: Case, share: Share) -> None:
    """Write a share, or what waits for a second person (rule 21)."""
    if share.basis in OVERRIDES and not case.faults.override_by_one_person:
        if share.basis == Basis.LIFE_AT_RISK:
            share.confirm_by = 0 if case.faults.override_is_never_confirmed else case.now + DAY
        else:
            share.is_waiting = True
    case.shares[share.number] = share


def share(case: Case, who: int, number: int, **asked: int) -> None:
    """Share own rows."""
    bringing_in(case, who)
    put(case, terms(case, who, number, **asked))


def confirm_override(case: Case, who: int, number: int, *, share: int) -> None:
    """The second person of an override: another supervisor or intake of the giver."""
    given = _share(case, share)
    is_second = has_role(case, who, Role.SUPERVISOR | Role.INTAKE) and not case.blocked >> who & 1
    require(MEMBER_OF[who] == given.giver and is_second and PERSONS[who] != given.by, "not by this person")
    require(given.basis in OVERRIDES and not given.is_ended and (given.is_waiting or given.confirm_by), "not asked")
    if given.is_waiting:
        bringing_in(case, who)
        require(given.until > case.now and not given.is_referral, "over")
        clip(case, given)
        given.is_waiting = False
    else:
        require(given.confirm_by > case.now, "too late")
        given.confirm_by = 0


def renew_share(case: Case, who: int, number: int, *, share: int, until: int) -> None:
    """Give a later end, never beyond what it rests on now. What hangs on it keeps its own end."""
    given = _share(case, share)
    require(MEMBER_OF[who] == given.giver and is_live(case, given), "not live")
    bringing_in(case, who)
    require(case.now < until <= end_of_day(case.now, LONGEST) and given.basis not in OVERRIDES, "no such terms")
    old = given.until
    given.until = until
    sources = given.sources
    try:
        clip(case, given)
    except Refusal:
        given.until = old
        raise
    given.sources = sorted({*sources, *given.sources})


def end_share(case: Case, who: int, number: int, *, share: int) -> None:
    """End a gift: who gave it, the lead if it hangs on the lead, data protection. Always succeeds for them (rule 4)."""
    given = _share(case, share)
    require(not given.is_ended and not given.is_done, "over")
    own = MEMBER_OF[who]
    is_officer = has_role(case, who, Role.DATA_PROTECTION) and own == given.giver
    is_lead = own == case.lead and works(case, who)
    is_below = is_lead and (given.giver == own or case.paths.get(share, (0, 0, False))[2])
    if case.faults.lead_cannot_end_below and given.giver != own:
        is_below = False
    if case.faults.anybody_ends_a_share:
        require(works(case, who), "neither assigned nor supervisor")
    elif _is_legal_aid(given):
        is_private_lead = is_below and TYPES[own] not in PUBLIC_AUTHORITIES
        require(is_officer or is_private_lead, "legal aid ends by the person's word")
    else:
        require(is_officer or is_below or (own == given.giver and works(case, who)), "not this giver, not the lead")
    given.is_ended = True


def _is_legal_aid(given: Share) -> bool:
    return TYPES[given.receiver] is Type.LEGAL_AID and given.purpose == Purpose.LEGAL_AID


def _share(case: Case, number: int) -> Share:
    found = case.shares.get(number)
    if found is None:
        refuse("no such share")
    return found


# -- referrals -------------------------------------------------------------------------------------------------------


def send_referral(case: Case, who: int, number: int, **asked: int) -> None:
    """Send a card; what is granted opens when it is accepted."""
    bringing_in(case, who)
    sent = terms(case, who, number, **asked)
    require(sent.basis not in OVERRIDES, "share by name instead")
    sent.is_referral = sent.is_waiting = True
    case.shares[number] = sent


def accept_referral(case: Case, who: int, number: int, *, referral: int, member: int) -> None:
    """Intake or supervisor of the receiver, who says who works on it; the basis and the sender's right are checked
    again."""
    sent = _waiting(case, who, referral)
    require_assignable(case, who, member)
    require(knows(case, sent.giver) and (contributes(case, sent.giver) or case.faults.reader_brings_in), "sender gone")
    require(sent.until > case.now, "over")
    # It hangs on what the sender knew the case by when it was sent.
    sources = sent.sources
    clip(case, sent)
    sent.sources = sources
    sent.is_waiting = False
    if TYPES[sent.receiver] is Type.AUTHORITY and sent.purpose == Purpose.IDENTIFICATION:
        open_authority(case, number, sent.receiver, owners=1 << sent.giver, categories=sent.categories)
    case.assigned |= 1 << member


def require_assignable(case: Case, who: int, member: int) -> None:
    """Refuse anybody but a colleague who can be assigned."""
    is_colleague = MEMBER_OF[member] == MEMBER_OF[who] and has_role(case, member, ASSIGNABLE)
    require(is_colleague and not case.blocked >> member & 1, "nobody who can work on it")


def decline_referral(case: Case, who: int, number: int, *, referral: int) -> None:
    """The receiver says no."""
    _waiting(case, who, referral).is_ended = True


def _waiting(case: Case, who: int, referral: int) -> Share:
    sent = _share(case, referral)
    require(sent.is_referral and sent.is_waiting and not sent.is_ended, "not waiting")
    require(MEMBER_OF[who] == sent.receiver and has_role(case, who, Role.INTAKE | Role.SUPERVISOR), "not the receiver")
    return sent


def revoke_referral(case: Case, who: int, number: int, *, referral: int) -> None:
    """The sender takes it back; everything below goes at once."""
    sent = _share(case, referral)
    require(sent.is_referral and not sent.is_ended and not sent.is_done and not _is_legal_aid(sent), "over")
    require(MEMBER_OF[who] == sent.giver and works(case, who), "not the sender")
    sent.is_ended = True


def complete_referral(case: Case, who: int, number: int, *, referral: int) -> None:
    """The receiver has done it: its own right ends, the branch stays at read for three working days (rule 18)."""
    sent = _share(case, referral)
    require(sent.is_referral and is_live(case, sent), "not open")
    require(MEMBER_OF[who] == sent.receiver and works(case, who), "not the receiver")
    sent.is_done = True
    sent.done_until = end_of_working_day(case.now, 3)


def answer_completion(case: Case, who: int, number: int, *, referral: int) -> None:
    """The lead lets go what hangs on a completed referral."""
    done = _share(case, referral)
    require(done.is_done and not done.is_ended and MEMBER_OF[who] == case.lead and works(case, who), "not asked")
    done.is_ended = True


# -- the tree --------------------------------------------------------------------------------------------------------


def ask_the_giver(case: Case, who: int, number: int, *, share: int, receiver: int) -> None:
    """Who reads asks who gave to bring somebody in."""
    given = _share(case, share)
    own = MEMBER_OF[who]
    require(own == given.receiver and is_live(case, given) and knows(case, own) and opens(case, who), "not a receiver")
    case.requests[number] = (given.giver, receiver)


def answer_request(case: Case, who: int, number: int, *, request: int, **asked: int) -> None:
    """The giver answers with a share of its own."""
    waiting = case.requests.get(request)
    require(waiting is not None and waiting[0] == MEMBER_OF[who], "not asked")
    bringing_in(case, who)
    put(case, terms(case, who, number, receiver=waiting[1] if waiting else ANY, **asked))
    del case.requests[request]


def take_over_branch(case: Case, who: int, number: int, *, share: int, **asked: int) -> None:
    """The lead gives its own share to a receiver further down; what hangs there hangs on it too."""
    taken = _share(case, share)
    own = working(case, who)
    require(own == case.lead and case.is_open and not taken.is_ended and not taken.is_waiting, "not the lead")
    require(taken.giver != own and taken.receiver != own and case.paths.get(share, (0, 0, False))[2], "no such branch")
    new = terms(case, who, number, receiver=taken.receiver, purpose=int(taken.purpose), **asked)
    require(new.basis not in OVERRIDES, "share by name instead")
    put(case, new)
    for other in case.shares.values():
        if share in other.sources and not other.is_ended and other.number != number:
            other.sources.append(number)


# -- the person's answers --------------------------------------------------------------------------------------------


def record_consent(
    case: Case, who: int, number: int, *, purpose: int, receiver: int, categories: int, until: int
) -> None:
    """A yes of the person, for a purpose and a receiver, to some categories."""
    own = MEMBER_OF[who] if case.faults.outsider_records_consent and works(case, who) else bringing_in(case, who)
    require(case.now < until, "over")
    case.consents[number] = Consent(number, own, purpose, receiver, categories, until)


def record_refusal(case: Case, who: int, number: int, *, purpose: int, receiver: int) -> None:
    """A no of the person. What rests on a chosen basis for the same ends with it."""
    own = bringing_in(case, who)
    require(purpose != ANY or receiver != ANY, "a purpose or a receiver")
    agreed = [given for given in case.shares.values() if not is_refused(case, given.purpose, given.receiver)]
    case.consents[number] = Consent(number, own, purpose, receiver, 0, 0, is_refusal=True)
    if not case.faults.refusal_leaves_what_runs:
        for given in agreed:
            if given.basis not in OVERRIDES and is_refused(case, given.purpose, given.receiver):
                given.is_ended = True


def withdraw_consent(case: Case, who: int, number: int, *, consent: int) -> None:
    """As easy as giving: the lead, or the organisation that took it. What rests on it ends."""
    answer = case.consents.get(consent)
    if answer is None or answer.is_refusal or answer.is_withdrawn:
        refuse("no such consent")
    require(works(case, who) and MEMBER_OF[who] in (case.lead, answer.taken_by), "neither lead nor taker")
    answer.is_withdrawn = True
    for given in case.shares.values():
        if given.consent == consent and not given.is_ended:
            given.is_ended = True
            if case.faults.withdrawal_leaves_the_branch:
                for other in case.shares.values():
                    if given.number in other.sources:
                        other.sources.append(LEAD)


def open_authority(case: Case, number: int, authority: int, *, owners: int = 0, categories: int = 0) -> None:
    """The office of an authority that somebody else asked, until its decision and the review term.

    On a referral it opens what the referral gave; else what is offered to its type, of the lead's rows and the
    registrar's.
    """
    for held in case.offices.values():
        if held.kind is Office.AUTHORITY and held.holder == authority and not held.is_ended and held.until > case.now:
            return
    opened = categories or DEFAULTS[TYPES[authority]]
    of = owners or 1 << case.lead | 1 << case.registrar
    office = Held(number, Office.AUTHORITY, authority, opened, CONTRIBUTE, owners=of)
    if case.faults.authority_ends_before_its_decision:
        office.until = end_of_day(case.now, LONGEST)
    case.offices[number] = office
