"""One kind of case through every relation: who may know it is written out by name, from ``sharing.md`` section 1.

All are cases of adults that the NGO registered; what happened to each is said by its name.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from accounts.models import Membership
from cases import access as door
from cases.models import Case
from cases.operations.consent import withdraw_consent
from cases.operations.members import unassign_member
from cases.operations.sharing import end_share
from core import clock
from referrals.operations import complete_referral, decline_referral, revoke_referral
from tests.cases.files import assign
from tests.cases.filing import at_work, consented, filed_case, shared, today
from tests.cast import Cast
from tests.matrix.table import NGO, SHELTER, Names, people
from tests.referrals import scenes
from tests.world import ago, kept_away, opened_in_an_emergency


@dataclass(frozen=True)
class Relation:
    """What happened to the case, and who may know it now."""

    happens: Callable[[Cast, Case], object]
    known: Names
    days_ago: int = 0


def nothing(cast: Cast, case: Case) -> None:
    """Registered, and nobody told."""


def everybody_taken_off(cast: Cast, case: Case) -> None:
    with at_work(cast, "ngo_supervisor", case) as (actor, access):
        unassign_member(actor, access=access, member=Membership.objects.get(user=cast.ngo_caseworker.user))


def colleague_assigned(cast: Cast, case: Case) -> None:
    assign(cast, case, "colleague_unassigned")


def share(cast: Cast, case: Case, days: int = 30) -> None:
    shared(cast, case, cast.organisations.shelter, "identity", "contact", ends_on=today() + timedelta(days=days))
    assign(cast, case, "shelter_worker")


def share_that_runs_out(cast: Cast, case: Case) -> None:
    share(cast, case, days=2)


def share_that_was_ended(cast: Cast, case: Case) -> None:
    share(cast, case)
    with at_work(cast, "ngo_caseworker", case) as (actor, access):
        end_share(actor, access=access, share=door.shares(access)[0])


def share_on_a_consent_that_was_withdrawn(cast: Cast, case: Case) -> None:
    given = consented(cast, case)
    shared(cast, case, cast.organisations.shelter, "identity", legal_basis="consent", consent=given)
    assign(cast, case, "shelter_worker")
    with at_work(cast, "ngo_caseworker", case) as (actor, access):
        consent = door.own_row(access, type(given), given.pk)
        withdraw_consent(actor, access=access, consent=consent, withdrawn_via="oral_witnessed")


def share_taken_on_by_nobody(cast: Cast, case: Case) -> None:
    shared(cast, case, cast.organisations.shelter, "identity")


def _referred(cast: Cast, case: Case):
    return scenes.sent(cast, case, "ngo_caseworker")


def referral_declined(cast: Cast, case: Case) -> None:
    scenes.do(cast, "shelter_intake", decline_referral, _referred(cast, case), reason="no_capacity")


def referral_accepted(cast: Cast, case: Case) -> None:
    scenes.accepted(cast, _referred(cast, case))


def referral_completed(cast: Cast, case: Case) -> None:
    referral = scenes.accepted(cast, _referred(cast, case))
    scenes.do(cast, "shelter_worker", complete_referral, referral, outcome="success")


def referral_revoked(cast: Cast, case: Case) -> None:
    referral = scenes.accepted(cast, _referred(cast, case))
    scenes.do(cast, "ngo_caseworker", revoke_referral, referral)


def worker_kept_away(cast: Cast, case: Case) -> None:
    kept_away(cast, case, "ngo_caseworker", by="ngo_supervisor")


def who_sees_all_kept_away(cast: Cast, case: Case) -> None:
    for who in ("ngo_intake", "ngo_supervisor"):
        kept_away(cast, case, who, by="ngo_supervisor")


def receivers_kept_away(cast: Cast, case: Case) -> None:
    share(cast, case)
    for who in ("shelter_worker", "shelter_intake"):
        kept_away(cast, case, who, by="shelter_supervisor")


def emergency(cast: Cast, case: Case) -> None:
    opened_in_an_emergency(cast, case, "police_supervisor")


WHOLE_NGO: Final = people("ngo_intake ngo_supervisor")
EMERGENCY: Final = "opened in an emergency"
WHOLE_SHELTER: Final = people("shelter_intake shelter_supervisor")
RELATIONS: Final[Mapping[str, Relation]] = {
    "own": Relation(nothing, NGO),
    "nobody assigned": Relation(everybody_taken_off, WHOLE_NGO),
    "colleague assigned": Relation(colleague_assigned, NGO | people("colleague_unassigned")),
    "share live": Relation(share, NGO | SHELTER),
    "share live, nobody assigned": Relation(share_taken_on_by_nobody, NGO | WHOLE_SHELTER),
    "share expired": Relation(share_that_runs_out, NGO, days_ago=9),
    "share ended": Relation(share_that_was_ended, NGO),
    "consent withdrawn": Relation(share_on_a_consent_that_was_withdrawn, NGO),
    "referral pending": Relation(_referred, NGO),
    "referral declined": Relation(referral_declined, NGO),
    "referral accepted": Relation(referral_accepted, NGO | SHELTER),
    "referral completed": Relation(referral_completed, NGO),
    "referral revoked": Relation(referral_revoked, NGO),
    "worker kept away": Relation(worker_kept_away, WHOLE_NGO),
    "who sees all kept away": Relation(who_sees_all_kept_away, people("ngo_caseworker")),
    "receivers kept away": Relation(receivers_kept_away, NGO | people("shelter_supervisor")),
    EMERGENCY: Relation(emergency, NGO | people("police_supervisor")),
    "emergency over": Relation(emergency, NGO, days_ago=1),
}
# Each person whom a conflict of interest keeps away, and who opened a case in an emergency: tried at every address.
CONCERNED: Final[Mapping[str, Names]] = {
    "worker kept away": people("ngo_caseworker"),
    "who sees all kept away": people("ngo_intake ngo_supervisor"),
    "receivers kept away": people("shelter_worker shelter_intake"),
    EMERGENCY: people("police_supervisor"),
    "emergency over": people("police_supervisor"),
}


def make(cast: Cast) -> dict[str, Case]:
    """A case for each relation."""
    found = {}
    for name, relation in RELATIONS.items():
        with clock.travel(ago(relation.days_ago)):
            found[name] = filed_case(cast, label=name)
            relation.happens(cast, found[name])
    return found
