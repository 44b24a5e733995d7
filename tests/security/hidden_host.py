"""Cases whose shelter most of those who know them must not learn (``sharing.md`` rule 6), and every address of each.

``make`` lives through it in the order in which it would happen. Of every place where an organisation is shown, at least
one shows the host, or another shelter of the same case, to somebody who may not know which of them hosts the person.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import product
from typing import Any, Final
from uuid import uuid4

from django.urls import NoReverseMatch, reverse

from accounts.context import acting
from accounts.models import Organisation, User
from cases import access as door
from cases import emergencies, policies
from cases.enums import Office
from cases.models import Case, Deadline, Identity
from cases.operations import sharing
from cases.operations.consent import record_consent
from cases.operations.decisions import decline_identification, record_reasonable_grounds
from cases.operations.emergency import review_break_glass
from cases.operations.lead import transfer_lead
from cases.operations.location import write_location
from cases.operations.placement import record_placement
from cases.operations.reflection import grant_reflection_period, offer_reflection_period
from cases.operations.rows import add_row
from cases.operations.suspension import suspend_deadline
from core import clock
from core.db import role
from referrals.operations import record_step
from tests.cases import files, pairs
from tests.cases.filing import filed_case, shared
from tests.cases.staying import asked, confirmed, on
from tests.cast import Cast
from tests.matrix.addresses import NEVER, converters
from tests.matrix.table import ROUTES
from tests.referrals import scenes
from tests.world import opened_in_an_emergency

# What tells which shelter it is. The region is that of nobody else; the word stands in every chooser of a region.
HOST: Final = {
    "name": "Harbour-canary",
    "email": "desk@harbour-canary.test",
    "phone": "0900-4444-01",
    "region": "zeeland",
}
CANDIDATE: Final = {
    "name": "Meadow-canary",
    "email": "desk@meadow-canary.test",
    "phone": "0900-4444-02",
    "region": "limburg",
}
ADDRESS: Final = "Canary-Quay-7b21"
PERSON: Final = "Somebody"
GIVEN: Final = ("identity", "contact", "services", "consent")


@dataclass
class Scene:
    """The cases by name, and what tells the shelters apart."""

    cast: Cast
    cases: dict[str, Case]
    tokens: dict[str, list[str]]


def make(cast: Cast) -> Scene:
    """Everything happens once. In ``led`` the shelter also leads the case; in ``held`` the police lead it again."""
    shelter, other = cast.organisations.shelter, cast.organisations.other_shelter
    for organisation, values in ((shelter, HOST), (other, CANDIDATE)):
        organisation.services += ["counselling"]
        for name, value in values.items():
            setattr(organisation, name, value)
        organisation.save()
        User.objects.filter(memberships__organisation=organisation).update(name=f"{PERSON} of {organisation.name}")
    making = {"led": _led, "held": _held, "child": _child, "moved": _moved, "pair": _pair, "opened": _opened}
    making |= {"office": _office, "through": _through}
    cases = {name: made(cast) for name, made in making.items()}
    _late(cases["led"])
    seen_by_the_host(cast, cases)
    return Scene(cast, cases, {"host": _tokens(shelter), "candidate": _tokens(other)})


def deal_with_every_shelter(scene: Scene) -> None:
    """Whoever may not know the host shares one row with each candidate, and refers an unrelated service to each."""
    cast = scene.cast
    for case in (scene.cases["led"], scene.cases["held"]):
        written = {"columns": {"age_group": "adult"}, "content": {"given_names": "Amina"}}
        on(cast, "ngo_caseworker", case, add_row, model=Identity, **written)
        for shelter in (cast.organisations.shelter, cast.organisations.other_shelter):
            shared(cast, case, shelter, "identity", by="ngo_caseworker", purpose="refer_other_service")
            asking = {"to": shelter, "service": "counselling", "purpose": "refer_other_service"}
            asking["region"] = shelter.serves_regions[0]
            scenes.sent(cast, case, persona="ngo_caseworker", categories=["identity"], **asking)
    seen_by_the_host(cast, scene.cases)


def _told(cast: Cast, case: Case, by: str = "police_officer") -> None:
    for to in ("ngo", "other_ngo", "shelter", "other_shelter", "competent_authority"):
        categories = policies.ceiling(getattr(cast.organisations, to).kind) & {"identity", "contact", "services"}
        shared(cast, case, getattr(cast.organisations, to), *sorted(categories), by=by)
    for who in ("ngo_caseworker", "other_ngo_caseworker", "shelter_worker", "authority_decision_maker"):
        files.assign(cast, case, who)


def _led(cast: Cast) -> Case:
    """Registered by the police, led by the shelter, which took the person in, and wrote, decided, suspended, shared."""
    case = filed_case(cast, by="police_officer")
    day = files.today()
    on(cast, "police_officer", case, record_reasonable_grounds, outcome="positive", decided_on=day, basis="indicators")
    wanted = {"residence": "irregular", "is_wanted": True, "offered_on": day}
    on(cast, "police_officer", case, offer_reflection_period, **wanted)
    files.assign(cast, case, "immigration_decision_maker")
    _told(cast, case)
    _lead(cast, case, "shelter", by="police_supervisor")
    on(cast, "shelter_worker", case, record_placement, starts_on=day)
    granting = {"situation": "standard", "decided_on": day, "starts_on": day}
    on(cast, "immigration_decision_maker", case, grant_reflection_period, **granting)
    _written_by_the_host(cast, case)
    on(cast, "shelter_worker", case, decline_identification, declined_on=day, reason="fear")
    with files.inside(cast.shelter_supervisor, case) as (actor, access):
        deadline = next(one for one in door.open_deadlines(access) if one.rule == "EU-NEEDS")
        suspend_deadline(actor, access=access, deadline=deadline, stopped_on=day, reason="hospital")
    return case


def _held(cast: Cast) -> Case:
    """The police registered the case and lead it, after the shelter led it; they did not send the person there."""
    case = filed_case(cast, by="police_officer")
    _told(cast, case)
    _lead(cast, case, "shelter", by="police_supervisor")
    on(cast, "shelter_worker", case, record_placement, starts_on=files.today())
    _written_by_the_host(cast, case)
    _lead(cast, case, "police", by="shelter_supervisor")
    files.assign(cast, case, "police_officer")
    return case


def _child(cast: Cast) -> Case:
    """A child whom the shelter registered and hosts; the NGO reads what is known of the guardian."""
    case = filed_case(cast, by="shelter_worker", age_group="child")
    on(cast, "shelter_worker", case, record_placement, starts_on=files.today())
    shared(cast, case, cast.organisations.ngo, "child", "identity", by="shelter_worker")
    shared(cast, case, cast.organisations.ngo, "child", by="child_protection_supervisor", purpose="child_protection")
    files.assign(cast, case, "ngo_caseworker")
    return case


def _office(cast: Cast) -> Case:
    """The border guard placed the person and led the case; the police, who lead it now, give the host its office."""
    case = filed_case(cast, by="border_guard")
    shared(cast, case, cast.organisations.police, "identity", by="border_guard")
    stay = scenes.accepted(cast, scenes.sent(cast, case, persona="border_guard"))
    scenes.do(cast, "shelter_worker", record_step, stay, kind="placed", happened_on=files.today())
    confirmed(cast, case, by="border_guard")
    _lead(cast, case, "police", by="border_guard")
    with files.inside(cast.police_supervisor, case) as (actor, access):
        given = next(one for one in door.shares(access) if one.office == Office.SHELTER)
        terms: dict[str, Any] = {
            "categories": given.categories,
            "legal_basis": given.legal_basis,
            "owners": [given.from_organisation_id],
        }
        sharing.open_office(actor, case=access.case, to=given.to_organisation, office=Office.SHELTER, **terms)
    return case


def _through(cast: Cast) -> Case:
    """The shelter led it and let child protection in, which let the other shelter in; both hang on the police, who
    lead it again and know neither the place nor, of these two lines, who gave the one and was given the other.
    Child protection chose, and opens nothing in the crawl."""
    case = filed_case(cast, by="police_officer")
    _lead(cast, case, "shelter", by="police_supervisor")
    files.assign(cast, case, "shelter_worker")
    on(cast, "shelter_worker", case, record_placement, starts_on=files.today())
    leading = {"purpose": "case_management"}
    shared(cast, case, cast.organisations.child_protection, "identity", by="shelter_worker", **leading)
    files.assign(cast, case, "child_protection_officer")
    shared(cast, case, cast.organisations.other_shelter, "identity", by="child_protection_officer", **leading)
    _lead(cast, case, "police", by="shelter_supervisor")
    files.assign(cast, case, "police_officer")
    return case


def _moved(cast: Cast) -> Case:
    """Somebody of the other shelter asked where the person stays, before the border guard sent the person there."""
    case, by = filed_case(cast, by="border_guard"), "border_guard"
    _told(cast, case, by=by)
    first = scenes.accepted(cast, scenes.sent(cast, case, persona=by))
    scenes.do(cast, "shelter_worker", record_step, first, kind="placed", happened_on=files.today())
    confirmed(cast, case, by=by)
    on(cast, "shelter_worker", case, write_location, address=ADDRESS, starts_on=files.today())
    asked(cast, case, "other_shelter_intake")
    second = scenes.sent(cast, case, persona=by, to=cast.organisations.other_shelter, region="limburg")
    second = scenes.accepted(cast, second, by="other_shelter_intake", member="other_shelter_intake")
    scenes.do(cast, "other_shelter_intake", record_step, second, kind="placed", happened_on=files.today())
    confirmed(cast, case, by=by)
    return case


def _pair(cast: Cast) -> Case:
    """One person at the shelter, which hosts and leads, and at the police: a pair for the coordinator."""
    case = pairs.registered(cast, "shelter_worker", pairs.HERE)
    pairs.registered(cast, "police_officer", pairs.THERE)
    on(cast, "shelter_worker", case, record_placement, starts_on=files.today())
    assert pairs.search() == 1
    return case


def _written_by_the_host(cast: Cast, case: Case) -> None:
    """Rows, a consent that names a shelter and was withdrawn, a location; shared with the NGO, and a referral to it."""
    written = {"columns": {"age_group": "adult"}, "content": {"given_names": "Amina"}}
    on(cast, "shelter_worker", case, add_row, model=Identity, **written)
    on(cast, "shelter_worker", case, write_location, address=ADDRESS, starts_on=files.today())
    given = {"purpose": "refer_shelter", "categories": ["identity"], "form": "written", "given_on": files.today()}
    given |= {"information_given": ["mechanism"], "recipient": cast.organisations.other_shelter}
    on(cast, "shelter_worker", case, record_consent, **given)
    shared(cast, case, cast.organisations.ngo, *GIVEN, by="shelter_worker")
    ended = shared(cast, case, cast.organisations.ngo, "services", by="shelter_worker", purpose="refer_other_service")
    on(cast, "shelter_worker", case, sharing.end_share, share=ended)
    for service in ("counselling", "social_care"):
        asking = {"to": cast.organisations.ngo, "service": service, "purpose": "refer_other_service"}
        sent = scenes.sent(cast, case, persona="shelter_worker", categories=["services"], **asking)
        if service == "counselling":
            scenes.accepted(cast, sent, by="ngo_intake", member="ngo_caseworker")


def seen_by_the_host(cast: Cast, cases: dict[str, Case]) -> None:
    """Both shelters look at what others wrote."""
    for name in ("led", "held"):
        for who in ("shelter_supervisor", "other_shelter_intake"):
            cast.client(who).get(f"/cases/{cases[name].shown_reference}/identity/")


def _lead(cast: Cast, case: Case, to: str, *, by: str) -> None:
    with files.inside(getattr(cast, by), case) as (actor, access):
        transfer_lead(actor, case=access.case, to=getattr(cast.organisations, to), key=uuid4())


def _opened(cast: Cast) -> Case:
    """Another shelter opened the case in an emergency; the shelter that hosts and leads reviewed it."""
    case = filed_case(cast, by="police_officer")
    shared(cast, case, cast.organisations.shelter, "identity", by="police_officer")
    files.assign(cast, case, "shelter_worker")
    _lead(cast, case, "shelter", by="police_supervisor")
    on(cast, "shelter_worker", case, record_placement, starts_on=files.today())
    key = opened_in_an_emergency(cast, case, "other_shelter_intake")
    actor = cast.shelter_supervisor.actor
    with acting(actor):
        opened = emergencies.get_emergency(actor, key)
        review_break_glass(actor, opened=opened, outcome="justified", remarks="Screams were heard.")
    return case


def _late(case: Case) -> None:
    """A clock that binds the host has run out: the coordinator's list names whom it binds."""
    with role("nrm_ledger"):
        running = Deadline.objects.filter(case=case, state="open", rule="NL-BT-MELD")
        assert running.update(due_at=clock.moment() - timedelta(days=2)) == 1


# -- addresses -------------------------------------------------------------------------------------------------------


def _tokens(organisation: Organisation) -> list[str]:
    return [organisation.name, organisation.email, organisation.phone, str(organisation.pk)]


# Where the keys of an address come from, with the case of each: by a word in its name, the first that fits.
KEYS: Final = {
    "share": "SELECT id, case_id FROM cases_share",
    "clock": "SELECT id, case_id FROM cases_deadline WHERE state = 'suspended' OR rule = 'NL-BT-MELD'",
    "deadline": "SELECT id, case_id FROM cases_deadline WHERE state = 'suspended'",
    "duty": "SELECT id, case_id FROM cases_deadline WHERE state = 'open' AND rule = 'NL-BT-MELD'",
    "consent": "SELECT id, case_id FROM cases_consent",
    "history": "SELECT id, case_id FROM cases_identity UNION ALL SELECT id, case_id FROM cases_consent",
    "row": "SELECT id, case_id FROM cases_identity",
    "release": "SELECT id, case_id FROM cases_locationrelease",
    "double": "SELECT id, NULL FROM cases_possibledouble",
    "emergency": "SELECT id, case_id FROM cases_breakglass",
    "break_glass": "SELECT id, case_id FROM cases_breakglass",
    "referral": "SELECT id, case_id FROM referrals_referral",
}
# The days on which a clock of the host falls due.
DAYS: Final = """
    SELECT DISTINCT (due_at AT TIME ZONE 'Europe/Amsterdam')::date::text FROM cases_deadline WHERE rule = 'NL-BT-MELD'
"""
CATEGORIES: Final = ("identity", "consent")
Keys = list[tuple[Any, Any]]


def addresses(scene: Scene, admin: Any) -> dict[str, list[str]]:
    """Every address that is opened, by the name of its route: for each case, and each key that could stand in it."""
    keys: dict[str, Keys] = {word: admin.execute(statement).fetchall() for word, statement in KEYS.items()}
    days = [day for (day,) in admin.execute(DAYS).fetchall()]
    return {
        name: sorted({url for day in days for url in _addresses(scene, name, parameters, keys, day)})
        for name, parameters in converters().items()
        if name in ROUTES and not ROUTES[name].is_framework and "GET" in ROUTES[name].methods
    }


def _addresses(scene: Scene, name: str, parameters: set[str], keys: dict[str, Keys], day: str) -> Iterator[str]:
    word = next((word for word in KEYS if word in name), "referral" if name.startswith("referrals:") else "")
    fixed = {"item": NEVER, "name": "contact", "question": NEVER, "token": "none", "key": "none", "uidb36": "1"}
    fixed |= {"to": scene.cast.organisations.shelter.pk, "day": day}
    cases: list[Any] = list(scene.cases.values()) if "reference" in parameters else [None]
    for case, category in product(cases, CATEGORIES if "category" in parameters else CATEGORIES[:1]):
        of_case = [key for key, of in keys.get(word, []) if case is None or of == case.pk] or [NEVER]
        for key in of_case if "pk" in parameters else [NEVER]:
            every = {**fixed, "category": category, "pk": key, "reference": case.shown_reference if case else ""}
            yield _reversed(name, {field: every[field] for field in parameters})


def _reversed(name: str, values: dict[str, Any]) -> str:
    """Consents have pages of their own: the file has no address for them."""
    try:
        return reverse(name, kwargs=values)
    except NoReverseMatch:
        return reverse(name, kwargs={**values, "category": "identity"})
