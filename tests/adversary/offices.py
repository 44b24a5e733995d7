"""Acts of the model: offices, the lead, emergencies, the location, closing (rules 6, 11, 18, 20; part C)."""

from tests.adversary.knowledge import contributes, is_in_force, is_live, knows
from tests.adversary.people import can_act_for_the_lead, has_role, opens, same_person, supervises
from tests.adversary.sharing import bringing_in, open_authority, refuse, require, require_assignable, working
from tests.adversary.state import LEAD, Case, Held, Share
from tests.adversary.words import (
    ASSIGNABLE,
    BREAKING_GLASS,
    CEILING,
    CONTACT,
    CONTRIBUTE,
    COORDINATOR,
    DAY,
    DEFAULTS,
    EMERGENCY,
    FOR_EVER,
    IDENTITY,
    LEADING,
    LONGEST,
    MEMBER_OF,
    NOWHERE,
    PERSONS,
    PROVISIONAL,
    READ,
    REGISTERING,
    REVIEW_TERM,
    SERVICE_OF_REGION,
    TYPES,
    Basis,
    Office,
    Purpose,
    Role,
    Type,
    end_of_day,
    end_of_working_day,
)

REGISTRARS = Role.CASEWORKER | Role.INTAKE | Role.SUPERVISOR


def register_presumed_victim(case: Case, who: int, number: int, *, child: bool) -> None:
    """The registrar leads; for a child, child protection of the region is party at once."""
    own = MEMBER_OF[who]
    require(not case.is_registered and has_role(case, who, REGISTRARS), "there is a case, or no such role")
    require(TYPES[own] in REGISTERING, "this organisation does not register")
    case.is_registered = case.is_open = True
    case.lead = case.registrar = own
    case.is_child = child
    if case.roles[who] & ASSIGNABLE:
        case.assigned |= 1 << who
    if child:
        open_child_protection(case, number)


def add_row(case: Case, who: int, number: int) -> None:
    """Write a row of the own organisation."""
    own = working(case, who)
    require(contributes(case, own), "reads only")


# -- child protection and guardian -----------------------------------------------------------------------------------


def _held(case: Case, kind: Office, holder: int) -> Held | None:
    for held in case.offices.values():
        if held.kind is kind and held.holder == holder and not held.is_ended and held.until > case.now:
            return held
    return None


def open_child_protection(case: Case, number: int, service: int = SERVICE_OF_REGION) -> None:
    """The service that the profile names for the region (rule 20)."""
    if _held(case, Office.CHILD_PROTECTION, service) is None:
        kind = Office.CHILD_PROTECTION
        categories = DEFAULTS[Type.CHILD_PROTECTION]
        case.offices[number] = Held(number, kind, service, categories, CONTRIBUTE, owners=_file_of(case))


def _file_of(case: Case) -> int:
    """Whose rows an office opens: the lead's and the registrar's."""
    return 1 << case.lead | 1 << case.registrar


def request_guardian(case: Case, who: int, number: int) -> None:
    """Lead organisation or child protection; the question goes to the service of the region."""
    own = working(case, who)
    require(case.is_open and case.is_child, "no child branch")
    if case.faults.acting_service_becomes_party and TYPES[own] is Type.CHILD_PROTECTION:
        open_child_protection(case, number, own)
        return
    require(own == case.lead or _held(case, Office.CHILD_PROTECTION, own), "neither lead nor child protection")
    open_child_protection(case, number)


def correct_date_of_birth(case: Case, who: int, number: int) -> None:
    """Makes the person younger, under age: the child branch opens at once (rule 24)."""
    bringing_in(case, who)
    require(case.is_open and not case.is_child, "already a child")
    case.is_child = True
    open_child_protection(case, number)


def settle_age(case: Case, who: int, number: int) -> None:
    """Child protection finds that the person is of age: its office ends, and the guardian's."""
    own = working(case, who)
    require(case.is_child and _held(case, Office.CHILD_PROTECTION, own), "child protection only")
    case.is_child = False
    for held in case.offices.values():
        if held.kind in (Office.CHILD_PROTECTION, Office.GUARDIAN):
            held.is_ended = True


def assign_guardian(case: Case, who: int, number: int, *, member: int) -> None:
    """Child protection appoints a person, who represents the child; a former guardian's office ends."""
    own, organisation = working(case, who), MEMBER_OF[member]
    require(has_role(case, member, Role.GUARDIAN) and not case.blocked >> member & 1, "no guardian")
    require(case.is_child and _held(case, Office.CHILD_PROTECTION, own), "child protection only")
    require(TYPES[organisation] is Type.GUARDIANS and not _held(case, Office.GUARDIAN, organisation), "no guardian")
    for held in case.offices.values():
        if held.kind is Office.GUARDIAN:
            held.is_ended = True
    categories = CEILING[Type.GUARDIANS]
    case.offices[number] = Held(number, Office.GUARDIAN, organisation, categories, CONTRIBUTE, owners=_file_of(case))
    case.assigned |= 1 << member


def end_guardianship(case: Case, who: int, number: int) -> None:
    """Child protection ends it."""
    own = working(case, who)
    guardians = [h for h in case.offices.values() if h.kind is Office.GUARDIAN and not h.is_ended]
    require(guardians and _held(case, Office.CHILD_PROTECTION, own), "child protection only")
    for held in guardians:
        held.is_ended = True


# -- authority -------------------------------------------------------------------------------------------------------


def request_decision(case: Case, who: int, number: int, *, authority: int) -> None:
    """Somebody else asks an authority (rule 20)."""
    own = bringing_in(case, who)
    require(case.is_open and TYPES[authority] is Type.AUTHORITY and authority != own, "no other authority")
    require(not case.suspended >> authority & 1, "suspended")
    require(_held(case, Office.AUTHORITY, authority) is None, "already asked")
    open_authority(case, number, authority)


def record_decision(case: Case, who: int, number: int) -> None:
    """The authority decides; its office ends with the review term."""
    own = MEMBER_OF[who]
    require(has_role(case, who, Role.DECISION_MAKER) and opens(case, who) and knows(case, own), "no decision-maker")
    held = _held(case, Office.AUTHORITY, own)
    if held is None or held.until != FOR_EVER:
        refuse("not asked")
    held.until = end_of_day(case.now, REVIEW_TERM)


def offer_reflection_period(case: Case, who: int, number: int) -> None:
    """The authority that was asked offers; no office comes from it."""
    own = working(case, who)
    require(TYPES[own] is Type.AUTHORITY and case.is_open, "no authority")
    if case.faults.authority_opens_its_own_office:
        open_authority(case, number, own)
    require(_held(case, Office.AUTHORITY, own), "not asked")


# -- placement -------------------------------------------------------------------------------------------------------


def record_placement(case: Case, who: int, number: int, *, shelter: int, referral: int) -> None:
    """By a shelter that leads; else provisional: by the shelter's word on a referral, or by police (rule 20)."""
    own = working(case, who)
    require(case.is_open and TYPES[shelter] is Type.SHELTER and not case.suspended >> shelter & 1, "no shelter")
    require(_held(case, Office.HOST, shelter) is None, "already there")
    sent = case.shares.get(referral)
    is_sent = sent is not None and sent.receiver == shelter and _is_for_shelter(case, sent)
    if own == shelter and (own == case.lead or case.faults.shelter_makes_itself_host):
        _host(case, number, shelter)
        return
    require(is_sent or TYPES[own] is Type.POLICE, "no accepted referral")
    require(own == shelter or (TYPES[own] is Type.POLICE and contributes(case, own)), "neither shelter nor police")
    root = referral if is_sent else -shelter - 2
    require(root not in case.placed, "the shelter's word was given once")
    case.placed.add(root)
    held = _host(case, number, shelter, is_provisional=not case.faults.shelter_makes_itself_host)
    held.referral = referral if is_sent else 0


def _is_for_shelter(case: Case, sent: Share) -> bool:
    return sent.is_referral and is_live(case, sent) and sent.purpose == Purpose.ACCOMMODATION


def _host(case: Case, number: int, shelter: int, *, is_provisional: bool = False) -> Held:
    categories = PROVISIONAL if is_provisional else (PROVISIONAL | DEFAULTS[Type.SHELTER])
    level = READ if is_provisional else CONTRIBUTE
    if case.faults.another_placement_ends_the_host or not is_provisional:
        end_former_hosts(case, shelter)
    held = Held(
        number, Office.HOST, shelter, categories & CEILING[Type.SHELTER], level, _file_of(case),
        is_provisional=is_provisional,
    )  # fmt: skip
    if is_provisional and not case.faults.provisional_host_never_lapses:
        held.until = max(case.now + DAY, end_of_working_day(case.now, 1))
    case.offices[number] = held
    return held


def end_former_hosts(case: Case, shelter: int) -> None:
    """A former host stays for 72 hours after another is confirmed (rule 20), suspended or not."""
    for other in case.offices.values():
        if other.kind is Office.HOST and other.holder != shelter and not other.is_provisional and not other.is_ended:
            delay = 0 if case.faults.another_placement_ends_the_host else 3 * DAY
            other.until = min(other.until, case.now + delay)


def confirm_arrival(case: Case, who: int, number: int, *, placement: int) -> None:
    """The sender of the referral, or the lead, says that the person has arrived."""
    own = working(case, who)
    held = case.offices.get(placement)
    if held is None or held.kind is not Office.HOST or not held.is_provisional or not is_in_force(case, held):
        refuse("no provisional placement")
    require(own != held.holder, "nobody confirms their own arrival")
    accepted = [s for s in case.shares.values() if s.receiver == held.holder and _is_for_shelter(case, s)]
    senders = {sent.giver for sent in accepted}
    require(accepted and (own == case.lead or own in senders), "neither sender nor lead")
    held.is_provisional = False
    held.until = FOR_EVER
    held.level = CONTRIBUTE
    held.categories = (PROVISIONAL | DEFAULTS[Type.SHELTER]) & CEILING[Type.SHELTER]
    held.referral = held.referral or accepted[0].number
    end_former_hosts(case, held.holder)


def record_departure(case: Case, who: int, number: int, *, placement: int) -> None:
    """The person has left: the host's own word, or the lead's."""
    held = case.offices.get(placement)
    require(held is not None and held.kind is Office.HOST and is_in_force(case, held), "no placement")
    if held is not None:
        is_ours = working(case, who) in (held.holder, case.lead)
        require(is_ours or case.faults.anybody_says_that_the_person_left, "neither host nor lead")
        held.is_ended = True


# -- the lead --------------------------------------------------------------------------------------------------------


def transfer_lead(case: Case, who: int, number: int, *, receiver: int, until: int) -> None:
    """A supervisor of the lead offers it, and identity until an hour."""
    own = working(case, who)
    require(own == case.lead and supervises(case, who) and case.is_open, "no supervisor of the lead")
    require(receiver != own and TYPES[receiver] in REGISTERING and not case.suspended >> receiver & 1, "not to them")
    require(case.now < until <= end_of_day(case.now, LONGEST), "no such terms")
    case.offers[number] = (receiver, False, set(), until)


def reassign_lead(case: Case, who: int, number: int, *, receiver: int, offer: int) -> None:
    """Two members of the coordinator's office, while no live lead exists: the second names the first's offer."""
    require(has_role(case, who, Role.CASEWORKER) and MEMBER_OF[who] == COORDINATOR, "not the coordinator's office")
    require(case.is_stranded and case.is_open, "there is a lead")
    require(TYPES[receiver] in LEADING and not case.suspended >> receiver & 1 and receiver != case.lead, "not to them")
    first = case.offers.get(offer)
    if first is None:
        case.offers[number] = (receiver, True, {PERSONS[who]}, 0)
    else:
        require(first[1] and first[0] == receiver and PERSONS[who] not in first[2], "another offer, or the same person")
        first[2].add(PERSONS[who])


def accept_lead(case: Case, who: int, number: int, *, offer: int, member: int) -> None:
    """Intake or supervisor of the receiver accepts, and says who works on it; what hung on the lead hangs on the new
    one."""
    asked = case.offers.get(offer)
    if asked is None or asked[0] != MEMBER_OF[who] or not has_role(case, who, Role.SUPERVISOR | Role.INTAKE):
        refuse("not offered to this organisation")
    receiver, is_reassigned, approved, until = asked
    require_assignable(case, who, member)
    require(case.is_open and case.is_stranded == is_reassigned, "over")
    require(not is_reassigned or len(approved) >= (1 if case.faults.one_coordinator_reassigns else 2), "one of two")
    require(not case.blocked >> who & 1, "kept away")
    case.assigned |= 1 << member
    # What is handed over was named by the offer, as a referral names what it opens.
    move_lead(case, number if is_reassigned else offer, receiver, is_reassigned=is_reassigned, until=until)


def move_lead(case: Case, number: int, receiver: int, *, is_reassigned: bool, until: int = 0) -> None:
    """The lead moves. After a reassignment the new lead reads the former's rows for 30 days, by law; else what was
    handed over with it."""
    former, case.lead = case.lead, receiver
    case.is_stranded = False
    case.offers.clear()
    for held in case.offices.values():
        held.owners |= 1 << receiver
    if case.faults.share_ends_when_the_lead_moves:
        for given in case.shares.values():
            given.is_ended = given.is_ended or given.giver == former
    categories = (IDENTITY | CONTACT if is_reassigned else IDENTITY) & CEILING[TYPES[receiver]]
    end = end_of_day(case.now, 30) if is_reassigned else until
    basis = Basis.LEGAL_OBLIGATION if is_reassigned else Basis.CONSENT
    case.shares[number] = Share(
        number, former, receiver, Purpose.SERVICES, basis, 0, categories, READ, end, by=NOWHERE, sources=[LEAD]
    )


def look_after(case: Case, number: int) -> None:
    """A case whose lead cannot act goes to child protection if it is a child's, else to the coordinator's list."""
    if not case.is_open or case.faults.suspension_strands_the_case:
        return
    if can_act_for_the_lead(case):
        case.is_stranded = False
        return
    service = SERVICE_OF_REGION
    if case.is_child and case.lead != service and not case.suspended >> service & 1:
        former = case.lead
        case.lead = service
        if can_act_for_the_lead(case):
            case.lead = former
            move_lead(case, number, service, is_reassigned=True)
            return
        case.lead = former
    case.is_stranded = True


def close_case(case: Case, who: int, number: int) -> None:
    """Every grant and office ends."""
    require(working(case, who) == case.lead and supervises(case, who) and case.is_open, "no supervisor of the lead")
    case.is_open = False
    if not case.faults.reopening_revives:
        for given in case.shares.values():
            given.is_ended = True
    for held in case.offices.values():
        held.is_ended = True
    case.emergencies.clear()
    case.releases.clear()
    case.offers.clear()
    case.requests.clear()


def reopen_case(case: Case, who: int, number: int) -> None:
    """Nothing that ended comes back; the child branch of a child opens anew."""
    require(MEMBER_OF[who] == case.lead and supervises(case, who) and not case.is_open, "no supervisor of the lead")
    require(case.is_registered, "no case")
    case.is_open = True
    if case.is_child:
        open_child_protection(case, number)


# -- emergency and location ------------------------------------------------------------------------------------------


def break_glass(case: Case, who: int, number: int, *, colleague: int) -> None:
    """Opens for who gives the reason and one named colleague, for 60 minutes, reading only (rule 11)."""
    own = MEMBER_OF[who]
    require(case.is_open and has_role(case, who, Role.SUPERVISOR | Role.INTAKE), "no supervisor or intake")
    require(own != NOWHERE and TYPES[own] in BREAKING_GLASS and not case.blocked >> who & 1, "not this organisation")
    require(MEMBER_OF[colleague] == own and has_role(case, colleague, REGISTRARS), "no colleague")
    case.emergencies.append((who, colleague, case.now + 1, EMERGENCY & CEILING[TYPES[own]]))


def ask_location_release(case: Case, who: int, number: int, *, host: int) -> None:
    """Anybody to whom the case opens asks for the row of one host."""
    require(opens(case, who) and knows(case, MEMBER_OF[who]), "not on the case")
    require(_held(case, Office.HOST, host), "no such row")
    case.releases[number] = (who, host, set(), 0)


def approve_location_release(case: Case, who: int, number: int, *, release: int) -> None:
    """Two custodians of the organisation that wrote it, two people, neither who asks; then for four hours."""
    asked = case.releases.get(release)
    require(asked is not None, "not asked")
    if asked is not None:
        asker, owner, approved, _ = asked
        require(MEMBER_OF[who] == owner and has_role(case, who, Role.CUSTODIAN), "no custodian of the row")
        require(PERSONS[who] not in approved and not same_person(who, asker), "two others")
        approved.add(PERSONS[who])
        case.releases[release] = (asker, owner, approved, case.now + 4)
