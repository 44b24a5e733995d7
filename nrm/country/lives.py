"""How a case goes, from the first signal to the end: stories that run side by side in one case."""

from collections.abc import Generator, Sequence
from datetime import timedelta
from random import Random
from typing import Final

from cases.enums import ReflectionState
from nrm.country import people, practice, proportions
from nrm.country.agenda import Story
from nrm.country.life import Life
from nrm.country.organisations import offering
from nrm.country.proportions import happens, pick
from profiles.enums import ActKind
from referrals.models import Referral

# The first meeting of a guardian and the child, as the profile calls it.
MEETING: Final = "EU-GUA-MEET"
GUARDIANS: Final = {"guardian": 15, "other_guardian": 50, "third_guardian": 20, "fourth_guardian": 15}
# Who may stay anyway: of these no request for residence follows from a report.
RESIDENT: Final = frozenset({"own_national", "eu_citizen", "lawful_resident"})
MONTHS_OF_REFLECTION: Final = {"dublin_claimant": 1}


def ordinary(life: Life) -> Story:
    """Registered, grounds, help, perhaps identification, closed. Children stay longer."""
    random = life.random
    life.register()
    if life.victim.is_child:
        life.meanwhile(guarded(life))
        if life.victim.residence == "asylum_seeker" and practice.may_record(life.worker, ActKind.ASYLUM_APPLICATION):
            life.meanwhile(applied_for_asylum(life))
    yield random.randint(0, 1)
    is_positive = happens(random, proportions.POSITIVE_GROUNDS)
    officer = yield from grounded(life, is_positive=is_positive)
    if not is_positive and not life.victim.is_child:
        yield random.randint(15, 50)
        life.close("not_a_victim")
        return
    if not life.victim.is_child and happens(random, proportions.BRIEF):
        yield from brief(life)
        return
    if is_positive:
        life.meanwhile(cooperating(life, officer if practice.may_record(officer, ActKind.REPORT) else life.registrar))
        yield from opened(life, officer)
    if people.kind_of(life.lead) != "ngo":
        yield random.randint(1, 3)
        yield from handed_over(life)
    yield from accompanied(life, officer, has_grounds=is_positive)


def brief(life: Life) -> Story:
    """Told of rights and help; the person wants none of it, or leaves."""
    yield 0
    life.fulfil(life.worker, "EU-INFO")
    yield life.random.randint(2, 5)
    life.fulfil(life.worker, "EU-NEEDS")
    yield life.random.randint(10, 30)
    life.close(pick(life.random, proportions.LEAVING))


def opened(life: Life, officer: str) -> Story:
    """What positive grounds open: information, a safe place, the reflection period."""
    yield 0
    shelter = "child_accommodation" if life.victim.is_child else "safe_accommodation"
    life.meanwhile(referred(life, shelter, is_urgent=happens(life.random, 45)))
    life.meanwhile(reflected(life, officer))
    if happens(life.random, proportions.REMEMBERED):
        yield pick(life.random, {0: 80, 1: 15, 2: 5})
        life.fulfil(life.worker, "EU-INFO")


def accompanied(life: Life, officer: str, *, has_grounds: bool) -> Story:
    """The long part: needs, other services, identification, reviews, the end."""
    random = life.random
    yield random.randint(0, 2)
    if happens(random, proportions.REMEMBERED):
        life.fulfil(life.worker, "EU-NEEDS")
    if happens(random, proportions.NEEDS_LAWYER):
        life.meanwhile(referred(life, "legal_advice"))
    if happens(random, proportions.NEEDS_CARE):
        life.meanwhile(referred(life, random.choice(("medical", "psychological", "counselling"))))
    yield random.randint(20, 50)
    if has_grounds and happens(random, proportions.DECLINES_IDENTIFICATION):
        life.decline_identification(pick(random, {"fear": 3, "no_trust": 2, "no_benefit": 2, "not_given": 3}))
    elif has_grounds and happens(random, proportions.IS_IDENTIFIED):
        life.meanwhile(identified(life, officer))
    for _review in range(random.randint(4, 10) if life.victim.is_child else 1):
        yield random.randint(55, 80)
        life.fulfil(life.worker, "EU-NEEDS-REV")
        if happens(random, proportions.REMEMBERED):
            life.review_offices()
    yield random.randint(5, 30)
    yield from closed(life)


def closed(life: Life) -> Story:
    """The guardianship of a child ends first."""
    if life.is_child:
        life.end_guardianship("child_protection_officer", "family_reunited")
        yield 1
        life.close("durable_solution_child")
    else:
        life.close(pick(life.random, proportions.CLOSING))


def grounded(life: Life, *, is_positive: bool) -> Generator[int | timedelta, None, str]:
    """Reasonable grounds by whom the profile names: whoever registered, police that are told, or the authority."""
    officer = life.registrar
    if not practice.may_decide_grounds(officer):
        officer = yield from (reported(life) if practice.police_decide_grounds() else asked_for(life))
    life.decide_grounds(officer, is_positive=is_positive)
    return officer


def asked_for(life: Life) -> Generator[int | timedelta, None, str]:
    """The authority that identifies is asked for a decision on reasonable grounds; returns who decides there."""
    life.asked = life.refer(life.worker, practice.AUTHORITY, "identification")
    yield life.random.randint(0, 2)
    life.accept(life.asked, practice.AUTHORITY_WORKER)
    yield life.random.randint(0, 4)
    return practice.AUTHORITY_WORKER


def cooperating(life: Life, officer: str) -> Story:
    """A report or other cooperation, whether or not a reflection period runs; few withdraw it, few leave."""
    random = life.random
    if not practice.may_record(officer, ActKind.REPORT):
        return
    yield random.randint(2, 12)
    if happens(random, proportions.LEAVES_UNKNOWN):
        if life.is_party(officer):
            life.leave(officer)
        return
    if not happens(random, proportions.REPORTS) or not life.is_party(officer):
        return
    life.report(officer)
    yield random.randint(0, 1)
    if not life.is_party(officer):
        return
    life.fulfil(officer, "NL-COM-REP", "NL-M55")
    if practice.follows_residence() and life.victim.residence not in RESIDENT:
        yield timedelta(hours=random.randint(1, 20))
        life.assign_decider()
        life.fulfil(practice.decides_on_reflection(), "NL-IND24")
    yield random.randint(8, 26)
    if life.is_party(officer):
        life.fulfil(officer, "NL-DUB-OM")
        if happens(random, proportions.WITHDRAWS_STATEMENT):
            life.withdraw_statement(officer)


def applied_for_asylum(life: Life) -> Story:
    """A child asks for asylum; whoever leads records it."""
    yield life.random.randint(0, 2)
    life.apply_for_asylum(life.worker)


def reported(life: Life) -> Generator[int | timedelta, None, str]:
    """Who may not decide on grounds refers to police of the region or labour inspectors; returns the officer."""
    is_labour = life.victim.form == "labour" and happens(life.random, 40)
    found = [place for place in offering("criminal_investigation", life.region) if place != "labour_inspectorate"]
    to = "labour_inspectorate" if is_labour else found[0]
    referral = life.refer(life.worker, to, "criminal_investigation")
    officer = people.with_role(to, "caseworker")[0]
    yield life.random.randint(0, 2)
    life.accept(referral, officer)
    life.meanwhile(worked_on(life, referral, officer, ("contact_made",), life.random.randint(30, 60)))
    yield life.random.randint(1, 5)
    return officer


def handed_over(life: Life) -> Story:
    """An NGO of the region takes over the lead."""
    to = life.random.choice(_others(life, "case_management"))
    referral = life.refer(life.worker, to, "case_management")
    yield pick(life.random, {0: 30, 1: 40, 2: 20, 3: 10})
    caseworker = life.random.choice(people.with_role(to, "caseworker"))
    life.accept(referral, caseworker)
    life.worker = caseworker
    life.meanwhile(worked_on(life, referral, caseworker, ("service_started",), life.random.randint(40, 60)))


def referred(life: Life, service: str, *, is_urgent: bool = False, is_again: bool = False) -> Story:
    """One referral: revoked, unanswered, asked about, declined and tried again, or accepted and worked on."""
    random, sender = life.random, life.worker
    places = _others(life, service)
    if not places:
        return
    to = random.choice(places)
    referral = life.refer(sender, to, service, is_urgent=is_urgent)
    answer = "accept" if is_again else pick(random, proportions.ANSWERS)
    if answer == "expire":
        return
    if answer == "revoke":
        yield 1
        life.revoke(referral, sender)
        return
    yield timedelta(minutes=random.randint(40, 330)) if is_urgent else pick(random, {0: 35, 1: 40, 2: 15, 3: 7, 6: 3})
    if answer == "decline":
        life.decline(referral, people.answering(to), pick(random, proportions.DECLINED))
        yield random.randint(0, 2)
        yield from referred(life, service, is_again=True)
        return
    if answer == "ask":
        life.ask(referral, people.answering(to))
        yield 0 if is_urgent else random.randint(0, 1)
        life.answer(referral, sender)
        yield 0
    worker = random.choice(people.with_role(to, "caseworker"))
    life.accept(referral, worker)
    first = ("placed",) if service.endswith("accommodation") else ()
    if first:
        life.meanwhile(confirmed(life))
    yield from worked_on(life, referral, worker, (*first, "service_started"), random.randint(20, 55))


def confirmed(life: Life) -> Story:
    """Whoever leads looks each working day whether the shelter says that the person arrived; a few forget."""
    if happens(life.random, proportions.ARRIVAL_FORGOTTEN):
        return
    for _day in range(6):
        yield 1
        life.confirm_arrival(life.worker)


def worked_on(life: Life, referral: Referral, worker: str, steps: Sequence[str], days: int) -> Story:
    """The steps, then some weeks, then done."""
    random = life.random
    for kind in steps:
        yield random.randint(0, 3)
        life.step(referral, worker, kind)
    yield days
    outcome = pick(random, proportions.OUTCOMES)
    life.complete(referral, worker, outcome, "" if outcome == "success" else pick(random, proportions.FAILURES))


def reflected(life: Life, officer: str) -> Story:
    """Offered, wanted or not, granted or declined, monthly reports, ended early or by time."""
    random = life.random
    if life.victim.group in {"own", "eu"} and not happens(random, 15):
        return
    decider = practice.decides_on_reflection()
    if not decider:
        return
    yield random.randint(1, 3)
    is_wanted = happens(random, proportions.WANTS_REFLECTION)
    if life.offer_reflection(officer, is_wanted=is_wanted) != ReflectionState.OFFERED:
        return
    yield random.randint(0, 2)
    life.assign_decider()
    yield random.randint(1, 4)
    if not happens(random, proportions.GRANTED):
        life.refuse_reflection(decider)
        return
    life.grant_reflection(decider)
    for _month in range(MONTHS_OF_REFLECTION.get(life.victim.residence, 3)):
        yield 25
        if not life.is_in_reflection:
            return
        life.fulfil(life.worker, "NL-BT-MELD")
        if happens(random, 5):
            life.end_reflection(decider, "waived")
            return


def identified(life: Life, officer: str) -> Story:
    """The authority is asked, unless it found the grounds itself, takes its time, decides."""
    random, authority = life.random, practice.AUTHORITY_WORKER
    referral = None
    if officer != authority:
        referral = life.refer(life.worker, practice.AUTHORITY, "identification")
        yield random.randint(0, 2)
        life.accept(referral, authority)
    yield random.randint(14, 55)
    is_positive = happens(random, proportions.POSITIVE_IDENTIFICATION)
    life.decide_identification(authority, is_positive=is_positive)
    yield 0
    # A referral for the grounds may have reached its last day long before this decision.
    if referral is not None:
        life.complete(referral, authority, "success")
    if not is_positive and happens(random, proportions.ASKS_RECONSIDERATION):
        yield random.randint(5, 25)
        life.ask_again()
        yield 1
        life.assign("authority_supervisor", practice.reader())
        yield random.randint(10, 35)
        life.answer_again(practice.reader(), is_overturned=happens(random, proportions.IS_OVERTURNED))


def guarded(life: Life) -> Story:
    """A guardian for a child: provisional first, then appointed; some are found to be adults, of others
    the year of birth is settled; some are given another guardian."""
    random, officer = life.random, "child_protection_officer"
    yield timedelta(hours=random.randint(1, 26))
    if life.registrar != officer:
        life.assign("child_protection_intake", officer)
    life.assign_provisional(officer, free_guardian(life))
    yield 1
    life.fulfil(life.guardian, MEETING)
    yield random.randint(6, 21)
    if not life.is_child:
        return
    if life.victim.age_group == "uncertain" and happens(random, 70):
        if happens(random, 55):
            life.settle_age(officer, "adult")
            return
        life.settle_age(officer, "child", str(life.today.year - life.victim.age))
    life.appoint(officer, life.guardian)
    if happens(random, 8):
        yield random.randint(30, 60)
        if life.is_child:
            life.replace(officer, free_guardian(life))
            yield 1
            life.fulfil(life.guardian, MEETING)


def worker_who_registers(random: Random, region: str) -> str:
    """Somebody who registers, of a kind as often as published, who works in the region."""
    kind = pick(random, proportions.REGISTERING)
    places = [
        place
        for place in dict.fromkeys(worker.place for worker in people.WORKERS.values())
        if people.kind_of(place) == kind and people.works_in(place, region) and people.with_role(place, "caseworker")
    ]
    return random.choice(people.with_role(random.choice(places), "caseworker"))


def _others(life: Life, service: str) -> list[str]:
    return [place for place in offering(service, life.region) if place != life.lead]


def free_guardian(life: Life) -> str:
    """A guardian who is not the child's own and may have one more child."""
    others = {one: weight for one, weight in GUARDIANS.items() if one != life.guardian}
    free = {one: weight for one, weight in others.items() if life.country.has_room(one)}
    return pick(life.random, free or others)
