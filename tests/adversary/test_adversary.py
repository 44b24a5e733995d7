"""Walks through the pure model: nothing is broken without a fault, and each hole that is put back is found.

The short form plays a few thousand acts and puts back nine faults, at least one for each invariant. The full form plays
five million acts in two processes and puts back every fault; ``make adversary`` prints the shortest attacks, too.
"""

from typing import Final

import pytest

from tests.adversary.invariants import INVARIANTS
from tests.adversary.rules import ACTS, Model
from tests.adversary.state import FAULTS, Faults
from tests.adversary.walk import Attack, explore, replay, search
from tests.proofs import IS_FULL, size
from tests.proofs.figures import Figure

PLAYED: Final = "an adversary that plays on a pure model of the rules"
SEEDED: Final = "faults seeded into the model of the rules"
# Each fault, and the invariants that may find it. The first are holes that once let attacks succeed on the product.
FOUND_BY: Final = {
    "shelter_makes_itself_host": {"v"},
    "another_placement_ends_the_host": {"ix"},
    "reader_brings_in": {"i", "iii"},
    "shares_hang_on_nothing": {"ii"},
    "circle_keeps_itself_alive": {"ii", "iii"},
    "lead_does_not_see_below": {"iv"},
    "lead_cannot_end_below": {"iv"},
    "giver_does_not_see_below": {"iv"},
    "refusal_is_passed_by": {"vi"},
    "administrator_makes_a_supervisor_alone": {"i"},
    "active_organisation_counts": {"vii"},
    "acting_service_becomes_party": {"v"},
    "authority_opens_its_own_office": {"v"},
    "authority_ends_before_its_decision": {"ix"},
    "former_registrar_contributes": {"i", "iii"},
    "emergency_opens_for_supervisors": {"i"},
    "one_supervisor_blocks_all": {"viii"},
    "reinstated_organisation_revives": {"ii"},
    "key_alone_is_recognised": {"vii"},
    "own_share_names_the_host": {"iv"},
    "suspension_strands_the_case": {"viii"},
    "refusal_leaves_what_runs": {"vi"},
    "onward_end_is_not_clipped": {"ii", "iii"},
    "level_is_not_limited": {"iii"},
    "ceiling_is_not_asked": {"iii"},
    "share_covers_what_others_wrote": {"iii"},
    "withdrawal_leaves_the_branch": {"ii", "iii"},
    "completion_leaves_the_branch": {"ii", "iii"},
    "override_is_never_confirmed": {"vi"},
    "override_by_one_person": {"vi"},
    "provisional_host_never_lapses": {"iii", "v"},
    "provisional_host_reads_all_locations": {"i"},
    "police_lead_reads_the_location": {"i"},
    "one_custodian_releases": {"i"},
    "reinstated_member_is_assigned_again": {"i"},
    "reopening_revives": {"ii"},
    "share_ends_when_the_lead_moves": {"ix"},
    "one_coordinator_reassigns": {"viii"},
    "anybody_ends_a_share": {"ix"},
    "anybody_says_that_the_person_left": {"ix"},
    "outsider_records_consent": {"i", "ii", "iii"},
}
# In every test run: five of the old holes, and one fault for each invariant that they do not break.
SHORT: Final = (
    "shelter_makes_itself_host",
    "shares_hang_on_nothing",
    "refusal_is_passed_by",
    "administrator_makes_a_supervisor_alone",
    "key_alone_is_recognised",
    "level_is_not_limited",
    "lead_cannot_end_below",
    "suspension_strands_the_case",
    "share_ends_when_the_lead_moves",
)
SEEDS: Final = range(40_000)


def test_every_fault_has_an_invariant_that_finds_it():
    assert set(FOUND_BY) == set(FAULTS)


def test_every_invariant_can_fail():
    assert set.union(*FOUND_BY.values()) == set(INVARIANTS)
    assert set.union(*(FOUND_BY[fault] for fault in SHORT)) == set(INVARIANTS)


@pytest.mark.proof(SEEDED)
@pytest.mark.parametrize("fault", FAULTS if IS_FULL else SHORT)
def test_a_hole_that_is_put_back_is_found(fault: str, figure: Figure) -> None:
    figures, attack = search(Faults(**{fault: True}), SEEDS, FOUND_BY[fault])
    assert attack is not None, f"not found in {figures.done.total():,} acts"
    assert_is_shortest(attack, Faults(**{fault: True}))
    assert replay(Model(), attack.steps)[1] is None, "the judge finds fault without a fault"
    figure(faults_found=1, acts_until_found=figures.done.total(), steps_of_the_shortest=len(attack.steps))


def assert_is_shortest(attack: Attack, faults: Faults) -> None:
    """No step can be left out."""
    for index in range(len(attack.steps)):
        fewer = attack.steps[:index] + attack.steps[index + 1 :]
        found = replay(Model(faults), fewer)[1]
        assert found is None or found.invariant != attack.broken.invariant, fewer


@pytest.mark.proof(PLAYED)
def test_no_invariant_is_broken(figure: Figure) -> None:
    acts = size(short=12_000, full=5_000_000)
    figures, attack = explore(acts, processes=2 if IS_FULL else 1)
    assert attack is None, f"\n{attack}"
    figure(
        acts_carried_out=figures.done.total(),
        tries_refused=figures.refused.total(),
        walks=figures.walks,
        checks=figures.checks.total(),
        broken=0,
    )
    assert not set(ACTS) - set(figures.done), "acts that were never carried out"
    assert min(figures.checks[invariant] for invariant in INVARIANTS) > acts // 2
