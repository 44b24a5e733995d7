"""The access matrix through every relation to a case, and with keys of a hidden case in address, body and filter."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pytest
from django.db import transaction
from django.urls import reverse

from cases.models import Case
from core import clock, reference
from tests.cast import SUSPENDED
from tests.cluster import Cluster
from tests.matrix import relations
from tests.matrix.addresses import NEVER, Addresses
from tests.matrix.relations import CONCERNED, EMERGENCY, RELATIONS
from tests.matrix.table import API, EVERYBODY, ROUTES, Route
from tests.matrix.test_matrix import EXPECTED, ask, is_expected
from tests.proofs import some
from tests.proofs.figures import Figure
from tests.proofs.test_non_interference import SECRET
from tests.world import World, clone_world

PROOF: Final = "generated access matrix"
METHODS: Final = ("GET", "POST")
LISTS: Final = (
    "reporting:worklist", "cases:search", "referrals:list", "cases:inbox", "api:worklist", "api:referrals"
)  # fmt: skip
CELLS: Final = 25  # of each persona, in the short form
# A case of an adult has no guardian to appoint, and who may refer depends on more than the relation.
NOT_OF_ADULTS: Final = ("guardian", "referrals:new")


@dataclass(frozen=True)
class Related:
    """The world with a case for each relation."""

    world: World
    addresses: Addresses
    cases: Mapping[str, Case]


@pytest.fixture(scope="module")
def related(world: World, cluster: Cluster, django_db_blocker: Any) -> Iterator[Related]:
    with clone_world(world, cluster, django_db_blocker, "relations"):
        logging.disable(logging.CRITICAL)
        yield Related(world, Addresses(world), relations.make(world.cast))
        logging.disable(logging.NOTSET)


def of_a_case(addresses: Addresses) -> list[str]:
    """Addresses that a reference and a category are enough for."""
    wanted = addresses.converters
    return [name for name in ROUTES if "reference" in wanted[name] and wanted[name] <= {"reference", "category"}]


def expected(route: Route, who: str, relation: str, method: str, status: int) -> bool:
    """Who does not know the case finds nothing; who knows it may do what the table says of their like."""
    knows = who in RELATIONS[relation].known
    alike = "ngo_caseworker" if relation == "colleague assigned" and who == "colleague_unassigned" else who
    if relation == EMERGENCY and who in CONCERNED[EMERGENCY]:
        return method not in route.methods.split() if status == 405 else status in EXPECTED[route.reading(method)]
    if knows:
        return is_expected(route, alike, method, status)
    if status == 405:
        return method not in route.methods.split()
    is_kept_out = route.gate is not None and who not in route.gate
    return status == (403 if is_kept_out else 404)


@pytest.mark.proof(PROOF)
@pytest.mark.parametrize("who", sorted(EVERYBODY))
def test_a_case_opens_through_its_relation_and_through_no_other(related: Related, who: str, figure: Figure) -> None:
    names = of_a_case(related.addresses)
    cells = [(name, kind, method) for kind in RELATIONS for name in names for method in METHODS]
    _try(related, who, some(cells, short=CELLS), figure)


@pytest.mark.proof(PROOF)
@pytest.mark.parametrize(("relation", "who"), [(kind, who) for kind in CONCERNED for who in sorted(CONCERNED[kind])])
def test_every_address_for_who_is_kept_away_and_for_who_opened_it_in_an_emergency(
    related: Related, relation: str, who: str, figure: Figure
) -> None:
    names = of_a_case(related.addresses)
    _try(related, who, [(name, relation, method) for name in names for method in METHODS], figure)


def _try(related: Related, who: str, cells: Sequence[tuple[str, str, str]], figure: Figure) -> None:
    client, wrong = related.world.cast.client(who), []
    for name, relation, method in cells:
        route, knows = ROUTES[name], who in RELATIONS[relation].known
        if knows and (route.subject != "guarded" or any(word in name for word in NOT_OF_ADULTS)):
            continue
        shown = related.cases[relation].shown_reference
        values = {"reference": shown, "category": "identity"}
        url = reverse(name, kwargs={key: values[key] for key in related.addresses.converters[name]})
        status = ask(client, url, method, is_api=name in API).status_code
        if not expected(route, who, relation, method, status):
            wrong.append(f"{relation}: {method} {name}: {status}")
    figure(cells=len(cells), unexpected=len(wrong))
    assert not wrong, f"{who}\n" + "\n".join(wrong)


def said(answer: Any, *values: str) -> str:
    """The answer without the secrets of its forms, and without what was asked for."""
    text = SECRET.sub(r"\1", answer.content.decode())
    for value in values:
        text = text.replace(value, "VALUE")
    return text


def differing(one: str, other: str) -> str:
    """The first line in which two answers differ."""
    pairs = zip(one.splitlines(), other.splitlines(), strict=False)
    return next((f"{left.strip()[:120]} | {right.strip()[:120]}" for left, right in pairs if left != right), "length")


# -- keys of what is hidden -------------------------------------------------------------------------------------------


def foreign(world: World) -> dict[str, str]:
    """What names things of a case of the police, for people of the NGO, under every field name that takes a key."""
    cast = world.cast
    referral, case = str(world.referrals["waiting"].pk), world.cases["fresh"]
    member, organisation = str(cast.police_officer.membership_id), str(cast.organisations.police.pk)
    return {
        "reference": case.shown_reference,
        "case": str(case.pk),
        "consent": str(case.pk),
        "share": str(case.pk),
        "row": str(case.pk),
        "deadline": str(case.pk),
        "decision": str(case.pk),
        "referral": referral,
        "question": str(world.keys.question),
        "member": member,
        "membership": member,
        "guardian": member,
        "owner": organisation,
        "owner_organisation": organisation,
        "from_organisation": organisation,
        "organisation": organisation,
        "to": organisation,
        "linked_case": case.shown_reference,
    }


@pytest.mark.proof(PROOF)
@pytest.mark.parametrize("who", ["ngo_caseworker", "ngo_supervisor", "other_ngo_supervisor", "shelter_worker"])
def test_foreign_keys_in_an_address_lead_nowhere(related: Related, who: str, figure: Figure) -> None:
    """The own case in front, the key of another's row, share, consent or person behind it."""
    client, wrong, cells = related.world.cast.client(who), [], 0
    own = related.cases["share live"].shown_reference
    keys = related.world.keys
    for name, route in ROUTES.items():
        wanted = related.addresses.converters[name]
        if "reference" not in wanted or "pk" not in wanted:
            continue
        for key in (keys.identity, keys.consent, keys.share, keys.duty, related.world.referrals["waiting"].pk):
            for method in {*METHODS, *route.methods.split()}:
                values = {"reference": own, "pk": key, "category": "identity", "question": keys.question}
                values |= {"item": NEVER, "name": "contact", "to": related.world.cast.organisations.shelter.pk}
                url = reverse(name, kwargs={field: values[field] for field in wanted})
                status = ask(client, url, method, is_api=name in API).status_code
                cells += 1
                if status not in (403, 404, 405):
                    wrong.append(f"{method} {name}: {status}")
    figure(cells=cells, unexpected=len(wrong))
    assert not wrong, "\n".join(sorted(set(wrong)))


@pytest.mark.proof(PROOF)
@pytest.mark.parametrize("who", ["ngo_caseworker", "ngo_supervisor"])
def test_foreign_keys_in_a_body_say_what_absent_ones_say(related: Related, who: str, figure: Figure) -> None:
    client, wrong, cells = related.world.cast.client(who), [], 0
    hidden = foreign(related.world)
    absent = {key: str(NEVER) for key in hidden} | {"reference": reference.show(reference.new())}
    absent["linked_case"] = absent["reference"]
    own = related.cases["share live"].shown_reference
    # Organisations and their people are no secret: only what belongs to a case is compared.
    public = {
        "owner",
        "owner_organisation",
        "from_organisation",
        "organisation",
        "to",
        "member",
        "membership",
        "guardian",
    }
    hidden, absent = ({key: value for key, value in one.items() if key not in public} for one in (hidden, absent))
    for name in of_a_case(related.addresses):
        values = {"reference": own, "category": "identity"}
        url = reverse(name, kwargs={key: values[key] for key in related.addresses.converters[name]})
        answers = []
        for body in (hidden, absent):
            more: dict[str, Any] = {"content_type": "application/json"} if name in API else {}
            client.cookies.pop("messages", None)
            with transaction.atomic():
                answer = client.post(url, body, **more)
                transaction.set_rollback(True)
            answers.append((answer.status_code, said(answer, *body.values())))
        cells += 2
        if answers[0] != answers[1]:
            wrong.append(f"{name}: {answers[0][0]}, {answers[1][0]}: {differing(answers[0][1], answers[1][1])}")
    figure(cells=cells, unexpected=len(wrong))
    assert not wrong, "\n".join(wrong)


@pytest.mark.proof(PROOF)
@pytest.mark.parametrize("who", some(sorted(EVERYBODY - {SUSPENDED}), short=5))
def test_foreign_keys_in_a_filter_or_a_sort_key_find_nothing(related: Related, who: str, figure: Figure) -> None:
    """Each list, asked for what is hidden and for what never was, answers alike."""
    client, wrong, cells = related.world.cast.client(who), [], 0
    case, at = related.world.cases["offered"], clock.moment()
    if who in {"police_officer", "police_supervisor", "immigration_decision_maker", "immigration_supervisor"}:
        return
    pairs = [(case.shown_reference, reference.show(reference.new())), (str(case.pk), str(NEVER))]
    for name in (
        "reporting:worklist",
        "cases:search",
        "referrals:list",
        "cases:inbox",
        "api:worklist",
        "api:referrals",
    ):
        for parameter in ("q", "case", "reference", "order", "tab", "at"):
            for pair in pairs:
                with clock.travel(at):
                    answers = [client.get(reverse(name), {parameter: value}) for value in pair]
                told = [(one.status_code, said(one, value)) for one, value in zip(answers, pair, strict=True)]
                cells += 2
                if told[0] != told[1]:
                    wrong.append(f"{name}?{parameter}: {differing(told[0][1], told[1][1])}")
    figure(cells=cells, unexpected=len(wrong))
    assert not wrong, "\n".join(wrong)
