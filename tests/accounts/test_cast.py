"""The cast is complete and signs in."""

import pytest

from accounts.actors import load_actor
from tests.cast import PERSONAS

NAMED = [
    "ngo_caseworker",
    "ngo_supervisor",
    "other_ngo_caseworker",
    "police_officer",
    "labour_inspector",
    "shelter_intake",
    "shelter_worker",
    "child_protection_officer",
    "guardian",
    "other_guardian",
    "authority_decision_maker",
    "immigration_decision_maker",
    "coordinator",
    "rapporteur",
    "custodian_a",
    "custodian_b",
    "data_protection_officer",
    "organisation_administrator",
    "platform_administrator",
    "colleague_unassigned",
    "suspended_member",
]


def test_everybody_of_the_need_to_know_rules_is_there(cast):
    assert all(getattr(cast, name).user.pk for name in NAMED)


@pytest.mark.parametrize("name", sorted({*PERSONAS, "platform_administrator"} - {"suspended_member"}))
def test_a_persona_is_the_actor_that_the_application_loads(cast, name):
    persona = getattr(cast, name)
    assert load_actor(persona.user, {}) == persona.actor
