"""How the country of the demo works: the same places and people in every profile, with its regions and its deciders."""

from collections.abc import Iterable
from typing import Final

from cases.operations.report_duties import asks_residence
from nrm.country import people
from nrm.country.organisations import EAST, HARBOUR, PLACES, SOUTH, WEST
from profiles.enums import ActKind
from profiles.profile import active

# A region of the demo in another country: the parts of the United Kingdom, which differ in law and holidays.
ELSEWHERE: Final = {
    **dict.fromkeys(WEST, "england"),
    **dict.fromkeys(HARBOUR, "wales"),
    **dict.fromkeys(SOUTH, "scotland"),
    **dict.fromkeys(EAST, "northern-ireland"),
}
AUTHORITY: Final = "competent_authority"
AUTHORITY_WORKER: Final = "authority_decision_maker"
IMMIGRATION: Final = "immigration"
# A country with no national of its own in the profile (the generic one) has those of the demo.
OWN_CITIZENSHIP: Final = "NL"


def region(code: str) -> str:
    """A region of the demo as the profile calls it; the whole country where it has no such part."""
    known = active().regions
    local = code if code in known else ELSEWHERE.get(code, "")
    return local if local in known else next(iter(known)) if code else ""


def regions(codes: Iterable[str]) -> list[str]:
    """Each region of the profile once."""
    return list(dict.fromkeys(map(region, codes)))


def own_citizenship() -> str:
    """The citizenship of the country's own nationals."""
    return active().country or OWN_CITIZENSHIP


def may_decide_grounds(worker: str) -> bool:
    """True when somebody works where reasonable grounds are recorded."""
    return _kind(worker) in active().who_may("record_reasonable_grounds").kinds


def police_decide_grounds() -> bool:
    """True where whoever investigates records reasonable grounds; else the authority that identifies is asked."""
    return "police" in active().who_may("record_reasonable_grounds").kinds


def decides_on_reflection() -> str:
    """Who grants the reflection period; empty where it begins with the grounds."""
    if active().reflection.starts_with:
        return ""
    is_immigration = IMMIGRATION in active().reflection.granted_by.kinds
    return "immigration_decision_maker" if is_immigration else AUTHORITY_WORKER


def reader() -> str:
    """Who answers a request for reconsideration: where the profile says so, somebody else than who decided."""
    return "second_reader" if active().reconsideration.second_reader else AUTHORITY_WORKER


def may_record(worker: str, act: ActKind) -> bool:
    """True when somebody works where such an act is recorded."""
    return act in active().acts and _kind(worker) in active().acts[act].recorded_by.kinds


def follows_residence() -> bool:
    """True where a report counts as a request for residence."""
    return asks_residence()


def _kind(worker: str) -> str:
    return PLACES[people.place_of(worker)].kind
