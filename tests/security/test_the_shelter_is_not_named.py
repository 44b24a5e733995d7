"""Whoever may not know which shelter hosts the person finds it nowhere (``sharing.md`` rule 6), whatever they do.

Every address of the access matrix, pages and API, PDF and refusals, is opened as everybody who may not know it, before
and after they have shared with every shelter; in each answer name, address, telephone and key of the host are looked
for, and of every other shelter of the case, by which the host would be known as the one that is missing.
"""

import ast
import json
import logging
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest
from django.core import mail
from django.core.management import call_command
from django.template.base import FilterExpression, Node
from django.test import Client

from accounts.context import acting
from cases import masking
from cases.calendar import as_icalendar
from tests.cast import Cast
from tests.cluster import Cluster, database_name
from tests.proofs import IS_FULL
from tests.proofs.figures import Figure
from tests.security import hidden_host
from tests.security.hidden_host import Scene

ROOT: Final = Path(__file__).parents[2]
PROOF: Final = "the shelter is not named"
# Who may not know it, and the shelter of whose name nothing may show: to a shelter its own name is no news.
BOTH: Final = ("host", "candidate")
VIEWERS: Final = {
    "ngo_caseworker": BOTH,
    "ngo_supervisor": BOTH,
    "data_protection_officer": BOTH,
    "auditor": BOTH,
    "other_ngo_caseworker": BOTH,
    "other_ngo_supervisor": BOTH,
    "police_officer": BOTH,
    "police_supervisor": BOTH,
    "authority_decision_maker": BOTH,
    "immigration_decision_maker": BOTH,
    "labour_inspector": BOTH,
    "coordinator": BOTH,
    "other_shelter_intake": ("host",),
    "custodian_a": ("candidate",),
}
# Where one chooses among all organisations, whatever the case: the host stands there exactly as any other shelter.
CHOOSERS: Final = re.compile(
    r"^(cases:(new_share|ask_the_giver|record_consent|override_consent|add_row)|referrals:new|api:receivers|(reporting|api):audit_\w+)$"
)
# The address itself names the organisation that is asked.
ASKED_BY_ADDRESS: Final = re.compile(r"^referrals:terms$")
# What somebody chose is named on the row of that choice, of each shelter alike.
OWN_CHOICES: Final = re.compile(
    r"^(cases:(case|people|timeline|shares?|renew_share|review_share|category|own_shares?|consent|answer_consent|history|"
    r"who_knows|end_line|take_over)|"
    r"referrals:(list|of_case|referral|revoke|accept|decline|ask|reply|step|complete|withdraw_consent)|"
    r"api:(shares?|own_shares|referrals|referrals_of_case|referral|consents|row_history|who_knows))$"
)
# How fast organisations answer, of no case: exact for the coordinator, and for whoever referred to them (rule 16).
FIGURES: Final = re.compile(r"^(reporting|api):(own_)?dashboard$")
# A release is to a person: the custodian who decides reads who that is (decision 33).
ASKERS: Final = re.compile(r"^(cases|api):location_releases?$")
# These chose shelters in the scene itself, not each shelter alike: on the rows of their choices nothing is compared.
CHOSE_BEFORE: Final = frozenset({"police_officer", "police_supervisor"})
# In the short form this one opens everything, and each other viewer a fourth of the addresses, each another fourth.
DEALING: Final = "ngo_caseworker"
EVERY_FOURTH: Final = 4
CHOOSING: Final = frozenset({"ngo_caseworker", "ngo_supervisor", "data_protection_officer"})


@dataclass
class Crawl:
    """A scene, every address in it, and everything that was answered."""

    scene: Scene
    urls: dict[str, list[str]]
    has_dealt: bool
    letters: list[str] = field(default_factory=list)
    clients: dict[str, Client] = field(default_factory=dict)
    # Where a shelter lost its name, and on which page of whom that was seen; and the one place that lets it through.
    sites: dict[str, dict[tuple[str, str], None]] = field(default_factory=dict)
    page: tuple[str, str] = ("", "")
    without_mask: str = ""

    def get(self, who: str, url: str) -> str:
        """What somebody is answered, body and headers."""
        if who not in self.clients:
            self.clients[who] = self.scene.cast.client(who)
        self.page = (who, url)
        # Names are shown by POST alone.
        client = self.clients[who]
        response = client.post(url) if url.endswith("/name/") else client.get(url)
        assert response.status_code != 500, url
        said = b"".join(response.streaming_content) if response.streaming else response.content
        return said.decode(errors="ignore") + str(dict(response.headers))

    def tokens(self, who: str) -> list[str]:
        return [token for shelter in VIEWERS[who] for token in self.scene.tokens[shelter]]


@pytest.fixture(scope="module", params=["before", "after sharing with every shelter"])
def crawl(request: Any, cluster: Cluster, django_db_setup: None, django_db_blocker: Any) -> Iterator[Crawl]:
    name = f"{database_name()}_hidden"
    cluster.clone(name)
    try:
        with django_db_blocker.unblock():
            cluster.point(name)
            scene = hidden_host.make(Cast())
            has_dealt = request.param != "before"
            if has_dealt:
                hidden_host.deal_with_every_shelter(scene)
            call_command("send_reminders", verbosity=0)
            letters = [f"{one.subject}{one.body}" for one in mail.outbox]
            mail.outbox.clear()
            with cluster.admin(name) as admin:
                urls = hidden_host.addresses(scene, admin)
            yield Crawl(scene, urls, has_dealt, letters)
    finally:
        cluster.point(database_name())
        cluster.drop(name)


@pytest.fixture(autouse=True)
def watched(crawl: Crawl, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The PDF as the words that are set in it; and every place noted at which a shelter lost its name."""
    monkeypatch.setattr("reporting.report_views.pdf", lambda report: json.dumps(asdict(report)).encode())
    judge = masking.Names._hides

    def noted(names: masking.Names, organisation: Any, case: Any) -> bool:
        if not judge(names, organisation, case):
            return False
        site = site_of(sys._getframe(1))
        crawl.sites.setdefault(site, {})[crawl.page] = None
        return site != crawl.without_mask

    monkeypatch.setattr(masking.Names, "_hides", noted)
    # Each refusal would be written with its whole stack, some thousand times.
    logging.getLogger("django.request").disabled = True
    yield
    logging.getLogger("django.request").disabled = False


@pytest.mark.proof(PROOF)
@pytest.mark.parametrize("who", VIEWERS)
def test_no_answer_tells_which_shelter_it_is(crawl: Crawl, who: str, figure: Figure) -> None:
    if not (IS_FULL or crawl.has_dealt or who == DEALING):
        # Judged alike in both scenes, and the second holds every row of the first; only for those who deal in between
        # some pages are compared in another way afterwards.
        pytest.skip("the second crawl asks the same of this viewer, and more")
    found: list[str] = []
    opened = 0
    for number, (name, urls) in enumerate(crawl.urls.items()):
        if not (IS_FULL or who == DEALING) and (number + list(VIEWERS).index(who)) % EVERY_FOURTH:
            continue
        bodies = [crawl.get(who, url) for url in urls]
        opened += len(bodies)
        found += leaks(crawl, who, name, bodies)
    figure(answers=opened, telling=len(found))
    assert found == []
    assert opened > (200 if IS_FULL or who == DEALING else 50)


def leaks(crawl: Crawl, who: str, name: str, bodies: list[str]) -> list[str]:
    """What tells of a shelter; where both may be named, what tells of one more often than of the other."""
    if ASKED_BY_ADDRESS.match(name) or FIGURES.match(name):
        return []
    if (who in CHOSE_BEFORE and OWN_CHOICES.match(name)) or (who == "custodian_a" and ASKERS.match(name)):
        return []
    is_choice = crawl.has_dealt and who in CHOOSING and OWN_CHOICES.match(name)
    if not CHOOSERS.match(name) and not is_choice:
        return [f"{who}, {name}: {token}" for body in bodies for token in crawl.tokens(who) if token in body]
    if VIEWERS[who] != BOTH:
        return []
    sums = [[sum(body.count(token) for body in bodies) for token in crawl.scene.tokens[one]] for one in BOTH]
    return [f"{who}, {name}: {sums}"] if sums[0] != sums[1] else []


def test_no_letter_and_no_calendar_tells_it(crawl: Crawl) -> None:
    said = [*crawl.letters]
    for who in VIEWERS:
        actor = getattr(crawl.scene.cast, who).actor
        with acting(actor):
            said.append(as_icalendar(actor).decode())
    assert crawl.letters
    tokens = [token for one in BOTH for token in (*crawl.scene.tokens[one], hidden_host.ADDRESS)]
    assert [token for token in tokens for text in said if token in text] == []


# -- taking the mask away ----------------------------------------------------------------------------------------------

MASKS: Final = frozenset({"of", "for_purpose", "by_key", "giver", "receiver", "other_side", "recipient"})
FILTERS: Final = re.compile(r"[\w.]+\|(?:named|giver|receiver):[\w.]*names")
# Between them they are shown every place; of whom which pages.
SEEING_ALL: Final = {
    "ngo_supervisor": "",
    "police_supervisor": "",
    "data_protection_officer": r"audit|own_share|emergenc",
    "coordinator": r"double|dashboard|overdue",
    "custodian_a": r"location_release",
}
SHOWING: Final = re.compile(
    r"^(cases:(case|people|timeline|clock|ask_the_giver|who_knows|category|history|show_name|consent|shares?|own_shares?|renew_share|review_share|"
    r"location|location_releases?|emergenc(y|ies)|decisions|guardians?|looks|doubles?|duty|suspend_deadline|age|"
    r"received_share)|"
    r"referrals:(list|of_case|referral|withdraw_consent)|reporting:(?!own_dashboard).*|"
    r"api:(worklist|case|rows|row_history|looks|clock|consents|shares?|own_shares|doubles?|location|emergenc(y|ies)|"
    r"age|recorded_acts|decisions|reflection|guardians?|referrals|referrals_of_case|referral|dashboard|audit_\w+))$"
)
GUARDED: Final = "guardians and child protection; neither is a shelter"
GRANTED: Final = "the profile names the kinds that offer and grant a period; none is a shelter"
ONE_OF_TWO: Final = "whoever sees a referral has sent it, and chose the receiver, or is the receiver"
CHOSEN: Final = "what rests on an own consent, the own organisation chose"
# Places at which the scene shows no shelter that must be hidden, and why; the structural test holds them all the same.
UNASKED: Final = "nobody in the scene asks a giver to share"
UNSEEN: Final[dict[str, str]] = {
    'cases/api/acts.py: "owner": shown(access.names.of(row.owner_organisation)),': (
        "no shelter of the scene records what happened elsewhere"
    ),
    'cases/api/guardianship.py: "organisation": shown_party(access.names.of(row.organisation))'
    " if row.organisation else None,": GUARDED,
    'cases/api/guardianship.py: "service": shown(access.names.of(row.owner_organisation)),': GUARDED,
    "templates/cases/guardians/guardian.html:entry.row.organisation|named:access.names": GUARDED,
    "templates/cases/guardians/guardian.html:entry.row.owner_organisation|named:access.names": GUARDED,
    "templates/cases/guardians/name.html:held.organisation|named:access.names": GUARDED,
    "cases/guardian_queue.py: requested_by=names.of(row.requested_by, row.case_id),": "child protection knows the host",
    'cases/api/reflection.py: "decides": shown_party(access.names.of(period.decides)) if period.decides else None,': (
        GRANTED
    ),
    'cases/api/reflection.py: "owner": shown(access.names.of(period.owner_organisation)),': GRANTED,
    "templates/cases/decisions/history.html:period.decides|named:access.names": GRANTED,
    'referrals/api.py: "receiver": shown_party(names.receiver(row)),': ONE_OF_TWO,
    "templates/referrals/_card.html:referral|receiver:names": ONE_OF_TWO,
    "referrals/views/consent.py: (access.names.receiver(referral).name, services.label(referral.service))": CHOSEN,
    "templates/cases/consent.html:share|receiver:access.names": CHOSEN,
    "templates/referrals/withdraw_consent.html:share|receiver:access.names": CHOSEN,
    'cases/views/releases.py: return names.of(found, look.case_id).name if found else ""': (
        "a reader by release whose shelter hosts the person later"
    ),
    "referrals/views/words.py: return SafeContact(headline=words"
    ' % {"organisation": door.names.giver(door.referral).name})': "a receiver that does not know the case yet",
    "cases/tree.py: return access.names.receiver(share)": "what the lead gave itself, it chose",
    "cases/views/emergency.py: return _person(opened.colleague_user, names.of(opened.organisation, opened.case_id))": (
        "nobody is named with an emergency of the scene"
    ),
    "templates/cases/_sharing_request.html:asked.owner_organisation|named:access.names": UNASKED,
    'cases/api/asking.py: "asking": access.names.of(asked.owner_organisation).name,': UNASKED,
    'cases/api/asking.py: "giver": access.names.of(asked.giver).name,': UNASKED,
    "reporting/report.py: received = [_share(one, access.names.giver(one))"
    " for one in shares if one.to_organisation_id == own]": "nobody shares with the leads of the scene",
}
PAGES_OF_A_PLACE: Final = 12
# Keys and references in an address.
KEYS: Final = re.compile(r"[0-9a-f-]{36}|[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]")
# Pages of what members did and looked at, newest first.
LOOKED_AT: Final = r"^(reporting|api):\w*(audit|trail)"
# On paper no shelter is named at all, masked or not.
ON_PAPER: Final = "reporting/report.py"


def without_line(place: str) -> str:
    """A place in the code by the call in that line, which stays when lines move."""
    path, _colon, rest = place.partition(":")
    if not path.endswith(".py"):
        return place
    return f"{path}: {(ROOT / path).read_text(encoding='utf-8').splitlines()[int(rest) - 1].strip()}"


def site_of(frame: Any) -> str:
    """The line of code, or the expression of a template, that asked under which name an organisation is shown."""
    while frame.f_code.co_filename == masking.__file__:
        frame = frame.f_back
    path = Path(frame.f_code.co_filename).relative_to(ROOT).as_posix()
    if path != "cases/templatetags/case_words.py":
        return f"{path}:{frame.f_lineno}"
    while not isinstance(frame.f_locals.get("self"), FilterExpression):
        frame = frame.f_back
    expression = frame.f_locals["self"].token
    while not (isinstance(frame.f_locals.get("self"), Node) and getattr(frame.f_locals["self"], "origin", None)):
        frame = frame.f_back
    template = Path(frame.f_locals["self"].origin.name).relative_to(ROOT).as_posix()
    return f"{template}:{expression}"


def sites() -> dict[str, str]:
    """Every place in the code and in the templates, as ``site_of`` may write it."""
    found = {}
    for app in ("cases", "referrals", "reporting"):
        for path in ROOT.glob(f"{app}/**/*.py"):
            name = path.relative_to(ROOT).as_posix()
            if name not in ("cases/masking.py", "cases/templatetags/case_words.py"):
                found |= {f"{name}:{line}": f"{name}:{node.lineno}" for node in _calls(path) for line in _lines(node)}
    for path in ROOT.glob("templates/**/*.html"):
        name = path.relative_to(ROOT).as_posix()
        found |= {f"{name}:{one}": f"{name}:{one}" for one in FILTERS.findall(path.read_text(encoding="utf-8"))}
    return found


def _calls(path: Path) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        is_method = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in MASKS
        if is_method and ast.unparse(node.func.value).split(".")[-1] == "names":
            yield node


def _lines(node: ast.Call) -> range:
    return range(node.lineno, (node.end_lineno or node.lineno) + 1)


@pytest.mark.proof(PROOF)
def test_taking_the_mask_away_at_any_one_place_is_found(crawl: Crawl) -> None:
    """Of every place, some answer of the crawl tells more of a shelter when this place alone lets its name through."""
    if not crawl.has_dealt:
        pytest.skip("the second crawl sees all places")
    for who, wanted in SEEING_ALL.items():
        for name, urls in crawl.urls.items():
            for url in urls if SHOWING.match(name) and re.search(wanted, name) else ():
                crawl.get(who, url)
    # Newest first: what the host looked at must stand on the first page, now and when the mask is away.
    hidden_host.seen_by_the_host(crawl.scene.cast, crawl.scene.cases)
    for name, urls in crawl.urls.items():
        for url in urls if re.search(LOOKED_AT, name) else ():
            crawl.get("data_protection_officer", url)
    known = sites()
    seen = {known[site]: (site, of_each_viewer(pages)) for site, pages in crawl.sites.items()}
    unseen = {without_line(place) for place in set(known.values()) - set(seen)}
    missing = sorted(unseen - set(UNSEEN))
    assert not missing, "\n".join(missing)
    unnoticed = []
    for place, (site, pages) in sorted(seen.items()):
        is_told = not place.startswith(ON_PAPER)
        if is_told and not any(tells_more(crawl, site, who, url) for who, url in pages):
            unnoticed.append(f"{place}, of which {pages[0]} is one")
    assert not unnoticed, "\n".join(unnoticed)


def of_each_viewer(pages: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Pages on which a place was seen, some of each viewer and kind: not every page shows what it asked for."""
    kinds: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for who, url in pages:
        kinds.setdefault((who, KEYS.sub("", url)), []).append((who, url))
    return [page for own in kinds.values() for page in own[:PAGES_OF_A_PLACE]]


def tells_more(crawl: Crawl, site: str, who: str, url: str) -> bool:
    """Whether the answer names a shelter more often when this one place lets its name through."""
    masked = crawl.get(who, url)
    crawl.without_mask = site
    told = crawl.get(who, url)
    crawl.without_mask = ""
    return any(told.count(token) > masked.count(token) for token in crawl.tokens(who))
