"""The adversary on the product: nothing is broken, and each hole that once let an attack succeed is found again.

The short form plays some acts in one process and puts back five holes; the full form plays 20,000 acts in two
processes and puts back all ten.
"""

from collections import Counter
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from django.conf import settings as django_settings

from profiles.bases import Asked
from profiles.profile import named
from tests.adversary.product.holes import HOLES, Hole
from tests.adversary.product.people import Stage, stage
from tests.adversary.product.processes import explore_in_processes, read, written
from tests.adversary.product.vocabulary import BASES, COUNTRY, KINDS, PROVISIONS, PURPOSES, codes_of
from tests.adversary.product.walks import Turn, explore, replay, shrink
from tests.adversary.state import FAULTS
from tests.adversary.walk import Figures
from tests.adversary.words import CATEGORIES, GROUNDS, Basis, Ground, Type
from tests.cluster import Cluster
from tests.proofs import IS_FULL, size
from tests.proofs.figures import Figure

PLAYED = "an adversary that plays on the product"
SEEDED = "holes put back into the product"
SHORT = (
    "shelter_makes_itself_host", "reader_brings_in", "refusal_is_passed_by", "administrator_makes_a_supervisor_alone",
    "key_alone_is_recognised",
)  # fmt: skip


@pytest.fixture(scope="module")
def ready(cluster: Cluster, django_db_setup: None, django_db_blocker: Any) -> Iterator[Stage]:
    """The cast in a database, in the country where one authority decides, offers and grants."""
    before = django_settings.COUNTRY_PROFILE
    django_settings.COUNTRY_PROFILE = COUNTRY
    try:
        with django_db_blocker.unblock(), stage(cluster) as made:
            yield made
    finally:
        django_settings.COUNTRY_PROFILE = before


def test_the_table_of_bases_is_the_profiles() -> None:
    """The adversary's data is the profile's: of each basis, between each two types, for each purpose and age."""
    profile = named(COUNTRY)
    offers = frozenset({"psychological"})
    chosen = [
        *((basis, 0, profile.legal_bases[BASES[basis]]) for basis in (
            Basis.HEALTH_CARE, Basis.LAW_ENFORCEMENT, Basis.PUBLIC_TASK
        )),
        *((Basis.LEGAL_OBLIGATION, number, profile.provisions[code]) for number, code in enumerate(PROVISIONS) if code),
    ]  # fmt: skip
    for (basis, provision, found), giver, receiver in product(chosen, _types(), _types()):
        for purpose, is_child in product(PURPOSES, (False, True)):
            between = {"giver": KINDS[giver], "receiver": KINDS[receiver]}
            asked = Asked(**between, offers=offers, is_child=is_child, purpose=PURPOSES[purpose])
            lines = [one for one in GROUNDS if (one.basis, one.provision) == (basis, provision)]
            fitting = [one for one in lines if _fits(one, giver, receiver, purpose, is_child)]
            assert bool(fitting) is (found.limit(asked) is None), (basis, giver, receiver, purpose)
            for category in CATEGORIES if fitting else ():
                more = Asked(**{**_fields(asked), "categories": frozenset({category})})
                is_covered = any(category in codes_of(one.categories) for one in fitting)
                assert is_covered is (found.limit(more) is None), (basis, category)


def _types() -> list[Type]:
    return [type_ for type_ in Type if type_ is not Type.COORDINATOR]


def _fits(one: Ground, giver: Type, receiver: Type, purpose: Any, is_child: bool) -> bool:
    is_between = giver in one.givers and receiver in one.receivers and purpose in one.purposes
    return is_between and (is_child or not one.is_for_children)


def _fields(asked: Asked) -> dict[str, Any]:
    names = ("giver", "offers", "is_child", "receiver", "purpose", "categories", "registers")
    return {name: getattr(asked, name) for name in names}


def test_each_hole_is_a_fault_of_the_model_as_well() -> None:
    assert {hole.name for hole in HOLES} <= set(FAULTS)
    assert set(SHORT) <= {hole.name for hole in HOLES}


@pytest.mark.proof(SEEDED)
@pytest.mark.parametrize(
    "hole", [hole for hole in HOLES if IS_FULL or hole.name in SHORT], ids=lambda hole: str(hole.name)
)
def test_a_hole_that_is_put_back_is_found(ready: Stage, hole: Hole, figure: Figure) -> None:
    """Without the hole an act is refused, or what it opened ends. With it the judge says what is broken, and not before
    the last act: every other one was carried out."""
    turns = [Turn(0, step) for step in hole.steps()]
    assert replay(ready, turns)[1] is None, "the judge finds fault without the hole"
    length, found = replay(ready, turns, hole.dig)
    assert found is not None, "not found"
    assert length == len(turns)
    assert found[1].invariant in hole.broken, found
    figure(holes_found=1, steps_of_the_attack=len(turns))


@pytest.mark.proof(PLAYED)
def test_no_invariant_is_broken(ready: Stage, figure: Figure) -> None:
    acts = size(short=20, full=20_000)
    if IS_FULL:
        figures, attack = explore_in_processes(acts)
    else:
        figures, found = explore(ready, acts=acts, first=1)
        attack = str(shrink(ready, found, seconds=60)) if found else ""
    assert not attack, f"\n{attack}"
    figure(
        acts_carried_out=figures.done.total(),
        tries_refused=figures.refused.total(),
        walks=figures.walks,
        checks=figures.checks.total(),
        broken=0,
    )


def test_the_figures_of_a_process_come_back_as_they_were() -> None:
    figures = Figures(done=Counter(share=3), refused=Counter(share=2, end=1), checks=Counter(A=6), walks=2, seconds=1.5)
    assert read(written(figures, "the attack")) == (figures, "the attack")
    assert read("{}") == (Figures(), "")
