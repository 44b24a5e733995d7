"""The holes that once let attacks succeed on the product, put back one at a time, each with the attack that used it.

An attack is a list of acts: who, what, with which arguments; numbers name the step that made something. Without the
hole the product refuses one of them, or nothing is broken; with it, the judge must say which invariant is.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final, NamedTuple
from unittest.mock import patch

from accounts import second_person
from accounts.models import Organisation
from cases import access, policies
from cases.operations import child_branch, conflicts, refusals
from nrm import organisation_of_act, repetition
from tests.adversary.product.requests import Wire
from tests.adversary.words import (
    ANY,
    BY_NAME,
    CONTRIBUTE,
    DAY,
    ELSEWHERE,
    IDENTITY,
    OTHER_NGO,
    POLICE,
    READ,
    SERVICES,
    SHELTER,
    Basis,
    Purpose,
    Role,
)
from tests.adversary.world import Step

MONTH: Final = 31 * DAY
EVERYTHING: Final = (1 << 12) - 1
Dig = Callable[[Wire], Any]
Act = tuple[str, str, dict[str, Any]]


class Hole(NamedTuple):
    """One hole: how it is put back, which invariants it breaks, and the attack."""

    name: str
    broken: frozenset[str]
    dig: Dig
    attack: tuple[Act, ...]

    def steps(self) -> list[Step]:
        """The attack as steps."""
        return [
            Step(number, BY_NAME[who], name, _numbers(arguments), arguments.get("key", 0))
            for number, (who, name, arguments) in enumerate(self.attack, 1)
        ]


def _numbers(arguments: dict[str, Any]) -> dict[str, Any]:
    """Members by number; the key belongs to the step."""
    named = {name: BY_NAME[value] if isinstance(value, str) else value for name, value in arguments.items()}
    named.pop("key", None)
    return named


def _consent(purpose: Purpose, receiver: int = ANY, **more: Any) -> dict[str, Any]:
    return {"purpose": int(purpose), "receiver": receiver, "categories": EVERYTHING, "until": MONTH, **more}


def _terms(
    receiver: int,
    purpose: Purpose,
    categories: int,
    *,
    basis: Basis = Basis.CONSENT,
    provision: int = 0,
    level: int = CONTRIBUTE,
    until: int = MONTH,
) -> dict[str, Any]:
    return {
        "receiver": receiver,
        "purpose": int(purpose),
        "basis": int(basis),
        "provision": provision,
        "categories": categories,
        "level": level,
        "until": until,
    }


def _replace_function(wire: Wire, signature: str, returns: str, selected: str) -> None:
    """A hole in the database, of the copy only."""
    security = "LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp"
    statement = f"CREATE OR REPLACE FUNCTION {signature} RETURNS {returns} {security} AS 'SELECT {selected}'"
    wire.admin.execute(statement)


@contextmanager
def _a_suspension_cuts_nothing(wire: Wire) -> Iterator[None]:
    _replace_function(wire, "nrm_cut_shares(of_case uuid)", "uuid[]", "NULL::uuid[]")
    yield


@contextmanager
def _a_shelter_places_whom_it_reads(wire: Wire) -> Iterator[None]:
    rules = tuple(replace(rule, is_lead=False) for rule in policies.MAY["record_placement"])
    with patch.dict(policies.MAY, {"record_placement": rules}):
        yield


@contextmanager
def _whoever_reads_brings_in(wire: Wire) -> Iterator[None]:
    with patch.object(policies.Rule, "_contributes", lambda rule, access: True):
        yield


@contextmanager
def _a_no_bars_nothing(wire: Wire) -> Iterator[None]:
    with patch.object(refusals, "is_refused", lambda *args, **asked: False):
        yield


@contextmanager
def _one_person_gives_every_role(wire: Wire) -> Iterator[None]:
    with patch.object(second_person, "roles_given_alone", lambda membership, roles: frozenset(roles)):
        yield


@contextmanager
def _any_page_counts(wire: Wire) -> Iterator[None]:
    with patch.object(organisation_of_act, "is_opened_by", lambda given, actor: True):
        yield


@contextmanager
def _the_service_that_asks_is_asked(wire: Wire) -> Iterator[None]:
    elsewhere = wire.people.organisations[ELSEWHERE].pk
    with patch.object(child_branch, "child_protection_for", lambda case: Organisation.objects.get(pk=elsewhere)):
        yield


@contextmanager
def _an_emergency_opens_to_the_desk(wire: Wire) -> Iterator[None]:
    _replace_function(wire, "nrm_not_named(of_case uuid, of_organisation uuid)", "SETOF uuid", "NULL::uuid WHERE false")
    with patch.object(access, "is_named_in_emergency", lambda actor, case_id: True):
        yield


@contextmanager
def _nobody_need_be_left(wire: Wire) -> Iterator[None]:
    with patch.object(conflicts, "_check_somebody_acts", lambda actor, access, member: None):
        yield


@contextmanager
def _only_the_key_counts(wire: Wire) -> Iterator[None]:
    with patch.object(repetition, "fingerprint", lambda request, key: "the same"):
        yield


HOLES: Final = (
    Hole(
        "shelter_makes_itself_host",
        frozenset({"v"}),
        _a_shelter_places_whom_it_reads,
        (
            ("ngo_supervisor", "register_presumed_victim", {"child": False}),
            ("ngo_supervisor", "record_consent", _consent(Purpose.SERVICES, SHELTER)),
            ("ngo_supervisor", "share", _terms(SHELTER, Purpose.SERVICES, SERVICES, level=READ, until=2 * DAY)),
            ("shelter_supervisor", "record_placement", {"shelter": SHELTER, "referral": 0}),
        ),
    ),
    Hole(
        "reader_brings_in",
        frozenset({"i", "ii", "iii"}),
        _whoever_reads_brings_in,
        (
            ("ngo_supervisor", "register_presumed_victim", {"child": False}),
            ("ngo_supervisor", "record_consent", _consent(Purpose.INVESTIGATION, POLICE)),
            ("ngo_supervisor", "share", _terms(POLICE, Purpose.INVESTIGATION, IDENTITY, level=READ, until=2 * DAY)),
            (
                "police_supervisor",
                "share",
                _terms(OTHER_NGO, Purpose.SERVICES, IDENTITY, basis=Basis.LAW_ENFORCEMENT, until=2 * DAY),
            ),
        ),
    ),
    Hole(
        "refusal_is_passed_by",
        frozenset({"vi"}),
        _a_no_bars_nothing,
        (
            ("police_supervisor", "register_presumed_victim", {"child": False}),
            ("police_supervisor", "record_refusal", {"purpose": int(Purpose.ACCOMMODATION), "receiver": ANY}),
            (
                "police_supervisor",
                "share",
                _terms(SHELTER, Purpose.SERVICES, IDENTITY, basis=Basis.LAW_ENFORCEMENT),
            ),
        ),
    ),
    Hole(
        "administrator_makes_a_supervisor_alone",
        frozenset({"i"}),
        _one_person_gives_every_role,
        (
            ("ngo_supervisor", "register_presumed_victim", {"child": False}),
            ("ngo_administrator", "grant_role", {"member": "ngo_administrator_again", "role": Role.SUPERVISOR}),
        ),
    ),
    Hole(
        "active_organisation_counts",
        frozenset({"vii"}),
        _any_page_counts,
        (
            ("ngo_supervisor", "register_presumed_victim", {"child": False}),
            ("ngo_supervisor", "record_consent", _consent(Purpose.SERVICES, OTHER_NGO)),
            ("ngo_supervisor", "share", _terms(OTHER_NGO, Purpose.SERVICES, IDENTITY)),
            ("ngo_supervisor_in_other_ngo", "switch_organisation", {}),
            ("ngo_supervisor", "add_row", {}),
        ),
    ),
    Hole(
        "acting_service_becomes_party",
        frozenset({"v"}),
        _the_service_that_asks_is_asked,
        (("ngo_supervisor", "register_presumed_victim", {"child": True}),),
    ),
    Hole(
        "emergency_opens_for_supervisors",
        frozenset({"i"}),
        _an_emergency_opens_to_the_desk,
        (
            ("ngo_supervisor", "register_presumed_victim", {"child": False}),
            ("shelter_supervisor", "break_glass", {"colleague": "shelter_supervisor"}),
        ),
    ),
    Hole(
        "one_supervisor_blocks_all",
        frozenset({"viii"}),
        _nobody_need_be_left,
        (
            ("ngo_supervisor", "register_presumed_victim", {"child": False}),
            ("ngo_supervisor", "block_member", {"member": "ngo_second_supervisor"}),
        ),
    ),
    Hole(
        "reinstated_organisation_revives",
        frozenset({"ii"}),
        _a_suspension_cuts_nothing,
        (
            ("ngo_supervisor", "register_presumed_victim", {"child": False}),
            ("ngo_supervisor", "record_consent", _consent(Purpose.SERVICES, SHELTER)),
            ("ngo_supervisor", "share", _terms(SHELTER, Purpose.SERVICES, IDENTITY)),
            ("platform_administrator_a", "suspend_organisation", {"organisation": SHELTER}),
            ("platform_administrator_a", "reinstate_organisation", {"organisation": SHELTER}),
        ),
    ),
    Hole(
        "key_alone_is_recognised",
        frozenset({"vii"}),
        _only_the_key_counts,
        (
            ("ngo_supervisor", "register_presumed_victim", {"child": False}),
            ("ngo_supervisor", "record_consent", _consent(Purpose.SERVICES, SHELTER, key=7)),
            ("ngo_supervisor", "record_consent", _consent(Purpose.HEALTH, SHELTER, key=7)),
        ),
    ),
)
