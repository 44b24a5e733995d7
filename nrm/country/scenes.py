"""What there must be to see today: one scene for each page and each member of the cast, timed back from this moment."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Final, TypeAlias

from accounts.context import acting
from accounts.operations import change_roles, suspend_member
from cases.operations import drafts
from cases.operations.notifications import Counted, file_anonymous_notification
from nrm.country import lives, people, practice, proportions, victims
from nrm.country.agenda import Story
from nrm.country.life import Country, Life
from nrm.country.organisations import REGIONS
from nrm.country.proportions import pick

HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
OFFICER: Final = "child_protection_officer"
AUTHORITY: Final = "authority_decision_maker"
# Anonymous notifications beside 100 registrations: a choice, nobody publishes it.
NOTIFICATIONS_PER_CENT: Final = 16
ABANDONED_EVERY: Final = timedelta(days=45)


@dataclass(frozen=True)
class Share:
    """Which cases one of several processes lives: every ``of``-th, from ``part`` on."""

    part: int = 0
    of: int = 1

    def has(self, number: int) -> bool:
        return number % self.of == self.part


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A case that began ``ago`` before now, of a person who is described as far as it matters."""

    ago: timedelta
    worker: str
    story: Callable[[Life], Story]
    region: str = "amsterdam"
    age_group: str = "adult"
    group: str = ""
    form: str = ""
    residence: str = ""


# -- stories ---------------------------------------------------------------------------------------------------------


def only_registered(life: Life) -> Story:
    """Registered; everything else is still to do."""
    life.register()
    yield from ()


def waiting(to: str, service: str, *, after: timedelta = HOUR, is_urgent: bool = False) -> Callable[[Life], Story]:
    """Referred ``after`` the registration; nobody has answered."""

    def story(life: Life) -> Story:
        life.register()
        yield after
        life.refer(life.worker, to, service, is_urgent=is_urgent)

    return story


def asked(to: str, service: str) -> Callable[[Life], Story]:
    """The receiver has asked something; nobody has answered the question."""

    def story(life: Life) -> Story:
        life.register()
        yield HOUR
        referral = life.refer(life.worker, to, service)
        yield 20 * HOUR
        life.ask(referral, people.answering(to))

    return story


def worked_on(who: str, service: str, *kinds: str, by: str = "", is_confirmed: bool = True) -> Callable[[Life], Story]:
    """Accepted, with the first steps; not done yet. Who was placed has arrived, unless nobody has confirmed it."""

    def story(life: Life) -> Story:
        life.register()
        yield 2 * HOUR
        referral = life.refer(life.worker, people.place_of(who), service)
        yield DAY
        life.accept(referral, who, by)
        for kind in kinds:
            yield DAY
            life.step(referral, who, kind)
            if kind == "placed" and is_confirmed:
                yield HOUR
                life.confirm_arrival(life.worker)

    return story


def declined_by(to: str, service: str) -> Callable[[Life], Story]:
    """The receiver has no place; the sender has to look further."""

    def story(life: Life) -> Story:
        life.register()
        yield HOUR
        referral = life.refer(life.worker, to, service)
        yield DAY
        life.decline(referral, people.answering(to), "no_capacity")

    return story


def revoked(to: str, service: str) -> Callable[[Life], Story]:
    """The sender took the referral back."""

    def story(life: Life) -> Story:
        life.register()
        yield HOUR
        referral = life.refer(life.worker, to, service)
        yield 5 * HOUR
        life.revoke(referral, life.worker)

    return story


def to_be_identified(life: Life) -> Story:
    """The authority has the case and has to decide."""
    life.register()
    yield DAY
    yield from lives.grounded(life, is_positive=True)
    yield HOUR
    life.fulfil(life.worker, "EU-INFO")
    yield 2 * DAY
    if life.asked is None:
        referral = life.refer(life.worker, "competent_authority", "identification")
        yield DAY
        life.accept(referral, AUTHORITY)


def reflection_offered(*, is_assigned: bool) -> Callable[[Life], Story]:
    """Offered and wanted; the immigration service has to decide, once somebody there has been assigned."""

    def story(life: Life) -> Story:
        life.register()
        yield 2 * HOUR
        officer = yield from lives.grounded(life, is_positive=True)
        yield 20 * HOUR
        life.fulfil(life.worker, "EU-INFO")
        if practice.decides_on_reflection():
            life.offer_reflection(officer, is_wanted=True)
            yield 3 * HOUR
        if is_assigned:
            life.assign_decider()

    return story


def in_reflection(lead: str) -> Callable[[Life], Story]:
    """The period runs; an NGO leads and has seen to the monthly reports so far."""

    def story(life: Life) -> Story:
        yield from reflection_offered(is_assigned=True)(life)
        yield DAY
        decider = practice.decides_on_reflection()
        if decider:
            life.grant_reflection(decider)
        referral = life.refer(life.worker, people.place_of(lead), "case_management")
        yield DAY
        life.accept(referral, lead)
        life.worker = lead
        yield DAY
        life.fulfil(lead, "EU-NEEDS")
        for _month in range(3):
            yield 27 * DAY
            life.fulfil(lead, "NL-BT-MELD")

    return story


# A person is named whom the child meets for the first time.
NAMING: Final = frozenset({"assign_provisional", "replace"})


def guarded(*acts: tuple[timedelta, str, str]) -> Callable[[Life], Story]:
    """A child, and what child protection does: after a pause, which act, with whom."""

    def story(life: Life) -> Story:
        life.register()
        yield 2 * HOUR
        life.assign("child_protection_intake", OFFICER)
        for pause, act, who in acts:
            yield pause
            getattr(life, act)(OFFICER, who)
            if act in NAMING:
                yield 6 * HOUR
                life.fulfil(who, lives.MEETING)

    return story


def with_disputed_age(*, is_settled: bool) -> Callable[[Life], Story]:
    """The lead corrects the date of birth: the child is older than was written. Child protection has to settle it."""

    def story(life: Life) -> Story:
        yield from guarded((DAY, "assign_provisional", "guardian"), (10 * DAY, "appoint", "guardian"))(life)
        yield 10 * DAY
        life.correct_birth_date(life.worker, months=-7)
        if is_settled:
            yield 5 * DAY
            life.settle_age_as_corrected(OFFICER, life.worker)

    return story


def with_conflict(life: Life) -> Story:
    """The lead has reported that the guardian's interests conflict with the child's."""
    yield from guarded((DAY, "assign_provisional", "third_guardian"), (10 * DAY, "appoint", "third_guardian"))(life)
    yield 20 * DAY
    life.report_conflict(life.worker)


def consent_withdrawn(life: Life) -> Story:
    """Shared with legal aid on consent, which was withdrawn: the share ended with it, the help goes on."""
    life.register()
    yield 3 * DAY
    life.fulfil(life.worker, "EU-NEEDS")
    consent = life.share(life.worker, "legal_aid", "refer_legal")
    yield HOUR
    life.assign("legal_intake", "lawyer")
    yield 20 * DAY
    if consent is not None:
        life.withdraw(life.worker, consent)


def shared_with_prosecution(life: Life) -> Story:
    """Police share with the prosecution, which has assigned somebody."""
    life.register()
    yield HOUR
    yield from lives.grounded(life, is_positive=True)
    life.fulfil(life.worker, "EU-INFO")
    yield DAY
    life.share(life.worker, "prosecution", "share_police")
    yield HOUR
    life.assign("prosecution_supervisor", "prosecutor")


ABROAD: Final = {"group": "non_eu", "residence": "irregular"}
SCENES: Final = (
    Scene(ago=3 * HOUR, worker="police_officer", story=waiting("shelter", "safe_accommodation", is_urgent=True)),
    Scene(ago=6 * DAY, worker="second_officer", story=waiting("shelter", "emergency_accommodation")),
    Scene(ago=2 * DAY, worker="police_officer", story=asked("shelter", "supported_living")),
    Scene(ago=9 * DAY, worker="police_officer", story=declined_by("shelter", "safe_accommodation")),
    Scene(ago=8 * DAY, worker="police_officer", story=revoked("shelter", "safe_accommodation")),
    Scene(
        ago=12 * DAY,
        worker="police_officer",
        story=worked_on("shelter_worker", "safe_accommodation", "contact_made", "placed"),
    ),
    Scene(
        ago=2 * DAY + 5 * HOUR,
        worker="police_officer",
        story=worked_on("shelter_worker", "safe_accommodation", "placed", is_confirmed=False),
    ),
    Scene(
        ago=15 * DAY,
        worker="ngo_caseworker",
        story=worked_on("shelter_worker", "safe_accommodation", "contact_made", "placed", "service_started"),
    ),
    Scene(
        ago=DAY, worker="other_police_officer", region="limburg", story=waiting("other_shelter", "safe_accommodation")
    ),
    Scene(ago=DAY, worker="border_guard", story=waiting("ngo", "case_management"), group="non_eu"),
    Scene(ago=6 * DAY, worker="labour_inspector", story=waiting("ngo", "counselling"), form="labour"),
    Scene(ago=30 * HOUR, worker="police_officer", story=waiting("other_ngo", "case_management")),
    Scene(ago=DAY, worker="ngo_caseworker", story=waiting("police", "criminal_investigation")),
    Scene(ago=20 * DAY, worker="ngo_caseworker", story=waiting("health", "psychological", after=19 * DAY)),
    Scene(ago=15 * DAY, worker="other_ngo_caseworker", story=waiting("legal_aid", "legal_advice", after=14 * DAY)),
    Scene(ago=9 * DAY, worker="ngo_caseworker", story=worked_on("health_worker", "medical", "contact_made")),
    Scene(ago=16 * DAY, worker="other_ngo_caseworker", story=worked_on("lawyer", "legal_advice", "appointment")),
    Scene(ago=11 * DAY, worker="ngo_caseworker", story=worked_on("focal_point_worker", "cross_border")),
    Scene(ago=12 * DAY, worker="ngo_caseworker", story=worked_on("police_officer", "criminal_investigation")),
    Scene(ago=13 * DAY, worker="police_officer", story=worked_on("ngo_caseworker", "case_management")),
    Scene(ago=4 * DAY, worker="other_ngo_caseworker", story=only_registered),
    Scene(ago=3 * DAY, worker="border_guard", story=only_registered),
    Scene(ago=2 * DAY, worker="labour_inspector", story=only_registered, form="labour"),
    Scene(ago=4 * DAY, worker="asylum_worker", story=only_registered, group="non_eu"),
    Scene(ago=30 * DAY, worker="police_officer", story=shared_with_prosecution),
    Scene(ago=33 * DAY, worker="police_officer", story=to_be_identified),
    Scene(ago=14 * DAY, worker="labour_inspector", story=to_be_identified, form="labour"),
    Scene(ago=3 * DAY, worker="police_officer", story=waiting("competent_authority", "identification", after=DAY)),
    Scene(ago=2 * DAY, worker="border_guard", story=reflection_offered(is_assigned=False), **ABROAD),
    Scene(ago=5 * DAY, worker="police_officer", story=reflection_offered(is_assigned=True), **ABROAD),
    Scene(ago=4 * DAY, worker="police_officer", story=reflection_offered(is_assigned=True), **ABROAD),
    Scene(ago=82 * DAY, worker="police_officer", story=in_reflection("ngo_caseworker"), **ABROAD),
    Scene(ago=86 * DAY, worker="police_officer", story=in_reflection("ngo_caseworker"), **ABROAD),
    Scene(ago=89 * DAY, worker="border_guard", story=in_reflection("other_ngo_caseworker"), **ABROAD),
    Scene(ago=9 * DAY, worker="police_officer", story=in_reflection("ngo_caseworker"), **ABROAD),
    Scene(ago=5 * HOUR, worker="ngo_caseworker", story=only_registered, age_group="uncertain"),
    Scene(ago=4 * DAY, worker="police_officer", story=only_registered, age_group="child"),
    Scene(
        ago=19 * DAY,
        worker="police_officer",
        story=guarded((DAY, "assign_provisional", "guardian")),
        age_group="child",
    ),
    Scene(
        ago=60 * DAY,
        worker="ngo_caseworker",
        age_group="child",
        story=guarded((DAY, "assign_provisional", "guardian"), (12 * DAY, "appoint", "guardian")),
    ),
    Scene(
        ago=70 * DAY,
        worker="police_officer",
        age_group="child",
        story=guarded(
            (DAY, "assign_provisional", "other_guardian"),
            (9 * DAY, "appoint", "other_guardian"),
            (40 * DAY, "replace", "guardian"),
        ),
    ),
    Scene(
        ago=45 * DAY,
        worker="other_police_officer",
        region="limburg",
        age_group="child",
        story=guarded((DAY, "assign_provisional", "other_guardian"), (9 * DAY, "appoint", "other_guardian")),
    ),
    Scene(ago=34 * DAY, worker="ngo_caseworker", story=with_conflict, age_group="child"),
    Scene(ago=27 * DAY, worker="ngo_caseworker", story=with_disputed_age(is_settled=False), age_group="child"),
    Scene(ago=50 * DAY, worker="police_officer", story=with_disputed_age(is_settled=True), age_group="child"),
    Scene(ago=28 * DAY, worker="ngo_caseworker", story=consent_withdrawn),
)


# -- besides the cases -----------------------------------------------------------------------------------------------

Typed: TypeAlias = dict[str, list[str]]
DRAFT_PAGES: Final = ("danger", "age", "identity")
AGE: Final[Typed] = {"age_group": ["adult"], "birth_date_year": ["1998"], "age_basis": ["stated"]}
DANGER: Final[Typed] = {"danger": ["none"], "region": ["amsterdam"]}
IDENTITY: Final[Typed] = {"sex": ["female"], "label": ["silver tulip"]}


def draft(country: Country, who: str, pages: Mapping[str, Typed]) -> Story:
    """Somebody begins to register and does not finish."""
    actor = country.actors[who]
    with acting(actor):
        begun = drafts.start_draft(actor)
        for page, answers in pages.items():
            typed = {name: practice.regions(given) if name == "region" else given for name, given in answers.items()}
            drafts.save_page(actor, draft_id=begun.pk, page=page, typed=typed, version=0, writer="", is_confirmed=True)
    yield from ()


def notification(country: Country, random: Random, who: str, region: str) -> Story:
    """An adult does not consent: counted, nothing else."""
    actor, victim = country.actors[who], victims.draw(random, age_group="adult")
    counted = Counted(
        sex=victim.sex, citizenship_group=victim.group, forms=[victim.form], region=practice.region(region)
    )
    with acting(actor):
        file_anonymous_notification(actor, counted=counted, refusal_reason=pick(random, proportions.REFUSALS))
    yield from ()


def suspension(country: Country) -> Story:
    """The organisation's administrator shuts a colleague out."""
    administrator = country.actors["organisation_administrator"]
    with acting(administrator):
        suspend_member(administrator, membership=country.memberships["suspended_member"])
    yield from ()


def a_role_that_waits(country: Country) -> Story:
    """The administrator wants a caseworker to be intake too; a second person has not answered yet."""
    administrator = country.actors["organisation_administrator"]
    with acting(administrator):
        change_roles(administrator, membership=country.memberships["second_caseworker"], roles=["caseworker", "intake"])
    yield from ()


# -- into the agenda -------------------------------------------------------------------------------------------------


def write_down(country: Country, share: Share, *, seed: str, count: int, first: date, now: datetime) -> None:
    """What falls to one share of all that begins between ``first`` and ``now``: scenes, ordinary cases, the rest."""
    days = (now.date() - first).days
    country.most_children = max(country.most_children // share.of, 1)
    for number, scene in enumerate(SCENES):
        if share.has(number):
            _begin_scene(country, _random(seed, number), scene, now)
    ordinary = max(count - len(SCENES), 0)
    for number, offset in enumerate(_days(_random(seed, -1), days, ordinary), start=len(SCENES)):
        if share.has(number):
            _begin_ordinary(country, _random(seed, number), first + timedelta(days=offset))
    if share.has(0):
        _write_down_the_rest(country, _random(seed, -2), first, now, count * NOTIFICATIONS_PER_CENT // 100)


def _begin_scene(country: Country, random: Random, scene: Scene, now: datetime) -> None:
    victim = victims.draw(
        random, age_group=scene.age_group, group=scene.group, form=scene.form, residence=scene.residence
    )
    life = Life(country, random, victim, scene.worker, scene.region)
    country.agenda.begin(now - scene.ago, scene.story(life), random, lambda: life.is_closed)


def _begin_ordinary(country: Country, random: Random, day: date) -> None:
    region = random.choice(REGIONS)
    worker = lives.worker_who_registers(random, region)
    life = Life(country, random, victims.draw(random), worker, region)
    at = country.agenda.office_time(day, random)
    country.agenda.begin(at, lives.ordinary(life), random, lambda: life.is_closed)


def _write_down_the_rest(country: Country, random: Random, first: date, now: datetime, notifications: int) -> None:
    for offset in _days(random, (now.date() - first).days, notifications):
        region = random.choice(REGIONS)
        who = random.choice(("ngo_caseworker", "police_officer", "other_ngo_caseworker", "work_ngo_caseworker"))
        at = country.agenda.office_time(first + timedelta(days=offset), random)
        country.agenda.begin(at, notification(country, random, who, region), random)
    begun = {
        21 * DAY + HOUR: ("ngo_caseworker", DANGER, AGE, {}),
        6 * DAY: ("ngo_caseworker", {}, AGE, IDENTITY),
        5 * DAY: ("other_ngo_caseworker", DANGER, AGE, {}),
        2 * DAY: ("colleague_unassigned", DANGER, {}, {}),
        DAY: ("police_officer", DANGER, AGE, {}),
    }
    forgotten = 50 * DAY
    while (now - forgotten).date() > first:
        begun[forgotten] = ("second_caseworker", {}, AGE, {})
        forgotten += ABANDONED_EVERY
    for ago, (who, *typed) in begun.items():
        pages = {page: answers for page, answers in zip(DRAFT_PAGES, typed, strict=True) if answers}
        country.agenda.begin(now - ago, draft(country, who, pages), random)
    country.agenda.begin(now - 40 * DAY, suspension(country), random)
    country.agenda.begin(now - 3 * DAY, a_role_that_waits(country), random)


def _days(random: Random, days: int, count: int) -> Iterable[int]:
    """On which days something begins: the last month is busier than the first by the published growth."""
    weights = [1 + proportions.GROWTH * day / days for day in range(days)]
    return sorted(random.choices(range(days), weights=weights, k=count))


def _random(seed: str, number: int) -> Random:
    """Chance of its own for each case, so that one more case changes no other."""
    return Random(f"{seed}:{number}")  # noqa: S311 - the same seed gives the same country
