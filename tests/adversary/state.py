"""The state of one case and of the people around it, as plain data. Rows are named by the step that made them."""

from dataclasses import dataclass, field, fields
from typing import Any, Final

from tests.adversary.words import COUNT, FOR_EVER, MEMBERS, NOWHERE, Office

# The source of a share whose giver knew the case because it leads (rule 18). Other sources are numbers of rows.
LEAD: Final = -1


@dataclass(frozen=True, slots=True)
class Faults:
    """Holes that can be put back into the model, one switch each. Without any, the model follows the rules."""

    # Attacks that once succeeded on the product.
    shelter_makes_itself_host: bool = False
    another_placement_ends_the_host: bool = False
    reader_brings_in: bool = False
    shares_hang_on_nothing: bool = False
    circle_keeps_itself_alive: bool = False
    lead_does_not_see_below: bool = False
    lead_cannot_end_below: bool = False
    giver_does_not_see_below: bool = False
    refusal_is_passed_by: bool = False
    refusal_leaves_what_runs: bool = False
    administrator_makes_a_supervisor_alone: bool = False
    active_organisation_counts: bool = False
    acting_service_becomes_party: bool = False
    authority_opens_its_own_office: bool = False
    authority_ends_before_its_decision: bool = False
    former_registrar_contributes: bool = False
    emergency_opens_for_supervisors: bool = False
    one_supervisor_blocks_all: bool = False
    reinstated_organisation_revives: bool = False
    key_alone_is_recognised: bool = False
    own_share_names_the_host: bool = False
    suspension_strands_the_case: bool = False
    # Their siblings.
    onward_end_is_not_clipped: bool = False
    level_is_not_limited: bool = False
    ceiling_is_not_asked: bool = False
    share_covers_what_others_wrote: bool = False
    withdrawal_leaves_the_branch: bool = False
    completion_leaves_the_branch: bool = False
    override_is_never_confirmed: bool = False
    override_by_one_person: bool = False
    provisional_host_never_lapses: bool = False
    provisional_host_reads_all_locations: bool = False
    police_lead_reads_the_location: bool = False
    one_custodian_releases: bool = False
    reinstated_member_is_assigned_again: bool = False
    reopening_revives: bool = False
    share_ends_when_the_lead_moves: bool = False
    one_coordinator_reassigns: bool = False
    anybody_ends_a_share: bool = False
    anybody_says_that_the_person_left: bool = False
    outsider_records_consent: bool = False


FAULTS: Final = tuple(fault.name for fault in fields(Faults))


@dataclass(slots=True)
class Share:
    """Giver's own rows, open to a receiver. A referral's share begins as ``is_waiting``, an override's may too."""

    number: int
    giver: int
    receiver: int
    purpose: int
    basis: int
    provision: int
    categories: int
    level: int
    until: int
    by: int  # person
    consent: int = 0
    sources: list[int] = field(default_factory=list)
    is_referral: bool = False
    is_waiting: bool = False
    is_done: bool = False
    is_paused: bool = False  # only by a fault
    done_until: int = 0
    confirm_by: int = 0  # an override for a life at risk ends then, unless a second person confirms; 0: confirmed
    is_ended: bool = False


@dataclass(slots=True)
class Held:
    """An office in force or over. ``owners`` is the mask of organisations whose rows it opens (the leads)."""

    number: int
    kind: Office
    holder: int
    categories: int
    level: int
    owners: int
    until: int = FOR_EVER
    is_provisional: bool = False
    referral: int = 0
    is_ended: bool = False


@dataclass(slots=True)
class Consent:
    """An answer of the person: yes or no, to a purpose and a receiver (``ANY``: to all)."""

    number: int
    taken_by: int
    purpose: int
    receiver: int
    categories: int
    until: int
    is_refusal: bool = False
    is_withdrawn: bool = False


@dataclass(slots=True)
class Case:
    """Everything. Masks have one bit for each organisation, or each member."""

    faults: Faults = field(default_factory=Faults)
    now: int = 8
    is_registered: bool = False
    is_open: bool = False
    is_child: bool = False
    is_stranded: bool = False
    lead: int = NOWHERE
    registrar: int = NOWHERE
    shares: dict[int, Share] = field(default_factory=dict)
    offices: dict[int, Held] = field(default_factory=dict)
    consents: dict[int, Consent] = field(default_factory=dict)
    # number: [kind, ...], what is asked and not yet answered: lead offers, role grants, requests to a giver, releases.
    offers: dict[int, tuple[int, bool, set[int], int]] = field(default_factory=dict)
    grants: dict[int, tuple[int, int, int, set[int]]] = field(default_factory=dict)
    requests: dict[int, tuple[int, int]] = field(default_factory=dict)
    releases: dict[int, tuple[int, int, set[int], int]] = field(default_factory=dict)
    emergencies: list[tuple[int, int, int, int]] = field(default_factory=list)
    roles: list[int] = field(default_factory=lambda: [member.roles for member in MEMBERS])
    live: int = sum(1 << number for number, member in enumerate(MEMBERS) if member.roles)
    assigned: int = 0
    blocked: int = 0
    suspended: int = 0  # organisations
    active: dict[int, int] = field(default_factory=dict)
    keys: dict[tuple[int, int], tuple[int, str, dict[str, Any], int, int]] = field(default_factory=dict)
    placed: set[int] = field(default_factory=set)  # referrals on which a placement was recorded
    # Written by knowledge.spread: until when each organisation reads and contributes, and which shares reach the lead.
    reads_until: list[int] = field(default_factory=lambda: [0] * COUNT)
    contributes_until: list[int] = field(default_factory=lambda: [0] * COUNT)
    paths: dict[int, tuple[int, int, bool]] = field(default_factory=dict)
