"""Who may do what, and what may be granted to whom, as data (``sharing.md`` sections 4 and 5). Pure: no ORM.

Everything else asks ``may``, ``require``, ``categories`` and ``ceiling``; no other place compares roles.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final
from uuid import UUID

from cases.enums import SHAREABLE, Category
from core.errors import NotAllowed
from profiles import codes
from profiles.profile import active

if TYPE_CHECKING:
    from accounts.actors import Actor
    from cases.masking import Names, ShownOrganisation
    from cases.models import Case

OFFERED: Final = "d"
GRANTABLE: Final = "g"

# What an organisation of this kind may be granted of another's rows: d offered by default, g may be granted, - never.
COLUMNS: Final = (
    "ngo",
    "shelter",
    "police",
    "border",
    "labour_inspectorate",
    "child_protection",
    "guardian_organisation",
    "competent_authority",
    "immigration",
    "asylum",
    "health",
    "legal_aid",
    "prosecution",
    "focal_point",
)
CEILING_TABLE: Final = {
    Category.IDENTITY: "d d g g g d d d g g g g g g",
    Category.CONTACT: "d d g g - d d - g g g g - g",
    Category.EXPLOITATION: "d g g g g d d d g g - g g g",
    Category.NARRATIVE: "g - g g - g g g g g - g - -",
    Category.EXPLOITERS: "- - d g - - - g - - - g g -",
    Category.HEALTH: "g g - - - g g - g g d g - g",
    Category.IMMIGRATION: "g - - g - g g g d d - g - g",
    Category.CRIMINAL: "- - d g - - - g g - - g d -",
    Category.CHILD: "g g g g - d d g g g - g - g",
    Category.SERVICES: "d d - - - g g - - - g g - g",
    Category.INDICATORS: "g - g g g g g d g g - g g -",
    Category.CONSENT: "g g - - - g g g - - - g - -",
}
CEILING: Final[Mapping[str, Mapping[str, str]]] = {
    kind: {
        category: letter
        for category, letters in CEILING_TABLE.items()
        for column, letter in zip(COLUMNS, letters.split(), strict=False)  # nrm.rights.checks finds a row too short
        if column == kind and letter != "-"
    }
    for kind in COLUMNS
}


def ceiling(kind: str) -> frozenset[str]:
    """The categories that an organisation of this kind may be granted at most; none for kinds that are not listed."""
    return frozenset(CEILING.get(kind, {}))


def offered(kind: str) -> frozenset[str]:
    """The categories that a sharing form offers by default to an organisation of this kind."""
    return frozenset(category for category, letter in CEILING.get(kind, {}).items() if letter == OFFERED)


@dataclass(frozen=True)
class CaseAccess:
    """What one actor has to do with one case, loaded once: only made by ``access``, only for who may know it."""

    actor: Actor
    case: Case
    lead: ShownOrganisation
    # Under which name an organisation is shown to the actor in this case.
    names: Names
    is_assigned: bool
    is_lead: bool
    is_registrar: bool
    is_guardian: bool = False
    # False for whoever knows the case by shares to read alone, or only since it registered it.
    may_contribute: bool = False
    is_emergency: bool = False
    grants: Mapping[UUID, frozenset[str]] = field(default_factory=dict)


def categories(access: CaseAccess) -> Mapping[UUID, frozenset[str]]:
    """Which categories of whose rows may be read: all of the own organisation's, of others what they share."""
    own = access.actor.organisation_id
    readable = dict(access.grants)
    if own is not None:
        readable[own] = frozenset(SHAREABLE)
    return readable


# What opening a case in an emergency may show at most, within the ceiling of the organisation; never the location.
EMERGENCY_CATEGORIES: Final = frozenset({Category.IDENTITY, Category.CONTACT, Category.HEALTH, Category.CHILD})
EMERGENCY_MINUTES: Final = 60
# Within 31 days: opened by one person, by one organisation. Within one day: attempts of one person that failed.
EMERGENCIES_OF_A_PERSON: Final = 3
EMERGENCIES_OF_AN_ORGANISATION: Final = 10
FAILED_ATTEMPTS_OF_A_PERSON: Final = 3


def emergency_categories(kind: str) -> frozenset[str]:
    """What an organisation of this kind sees of a case that it opens in an emergency."""
    return EMERGENCY_CATEGORIES & ceiling(kind)


REGISTERING: Final = frozenset(
    {
        "ngo",
        "shelter",
        "police",
        "border",
        "labour_inspectorate",
        "child_protection",
        "asylum",
        "immigration",
        "health",
        "focal_point",
    }
)
# Organisations with public authority: as the lead these do not end legal aid (rule 19).
AUTHORITIES: Final = frozenset(
    {
        "police",
        "border",
        "labour_inspectorate",
        "child_protection",
        "asylum",
        "immigration",
        "competent_authority",
        "prosecution",
    }
)
LEGAL_AID: Final = "legal_aid"
WORKING: Final = frozenset({"caseworker", "intake", "guardian", "decision_maker", "supervisor"})
ANY: Final[frozenset[str]] = frozenset()


@dataclass(frozen=True)
class Rule:
    """One line of the table: organisation kinds (none named: any), roles, and what the actor must be to the case.

    ``contributes``: the organisation leads the case, or something is shared with it to add to; ``or_registrar``: one
    that registered the case and leads it no longer may too (``sharing.md`` rule 18).
    """

    roles: frozenset[str]
    kinds: frozenset[str] = ANY
    is_assigned: bool = False
    is_lead: bool = False
    knows_case: bool = True
    contributes: bool = False
    or_registrar: bool = False

    def allows(self, actor: Actor, access: CaseAccess | None) -> bool:
        """True when every condition of this line holds."""
        if not self.roles & actor.roles or (self.kinds and actor.organisation_kind not in self.kinds):
            return False
        if not self.knows_case:
            return True
        if access is None or (self.is_lead and not access.is_lead) or not self._contributes(access):
            return False
        return access.is_assigned or not self.is_assigned

    def _contributes(self, access: CaseAccess) -> bool:
        return not self.contributes or access.may_contribute or (self.or_registrar and access.is_registrar)


def roles(*names: str) -> frozenset[str]:
    return frozenset(names)


def kinds(*names: str) -> frozenset[str]:
    return frozenset(names)


SUPERVISOR: Final = roles("supervisor")
CUSTODIAN: Final = roles("custodian")
DATA_PROTECTION: Final = roles("data_protection_officer")
OWN_WORK: Final = (Rule(WORKING, is_assigned=True), Rule(SUPERVISOR))
CONTRIBUTION: Final = (Rule(WORKING, is_assigned=True, contributes=True), Rule(SUPERVISOR, contributes=True))
CORRECTION: Final = tuple(replace(rule, or_registrar=True) for rule in CONTRIBUTION)
LEAD_WORK: Final = (Rule(WORKING, is_assigned=True, is_lead=True), Rule(SUPERVISOR, is_lead=True))
CHILD_PROTECTION: Final = (Rule(roles("caseworker", "intake", "supervisor"), kinds=kinds("child_protection")),)
PARTIES_OF_A_CHILD: Final = kinds("child_protection", "guardian_organisation")

MAY: Final[Mapping[str, tuple[Rule, ...]]] = {
    "register_presumed_victim": (
        Rule(roles("caseworker", "intake", "supervisor"), kinds=REGISTERING, knows_case=False),
    ),
    "file_anonymous_notification": (
        Rule(roles("caseworker", "intake", "supervisor"), kinds=REGISTERING, knows_case=False),
    ),
    "add_row": CONTRIBUTION,
    "correct_row": CORRECTION,
    "set_label": OWN_WORK,
    "assign_member": (Rule(SUPERVISOR), Rule(roles("intake"))),
    "unassign_member": (Rule(SUPERVISOR),),
    "reassign": (Rule(SUPERVISOR, knows_case=False),),
    "block_member": (Rule(SUPERVISOR),),
    "unblock_member": (Rule(SUPERVISOR),),
    "record_consent": CONTRIBUTION,
    "withdraw_consent": OWN_WORK,
    # A refusal is gone against by who answers for the organisation or is on duty, not by whoever works on the case.
    "override_consent": (Rule(roles("supervisor", "intake"), contributes=True),),
    # The second person; data protection, who knows no case, where nobody else is left.
    "answer_override": (Rule(roles("supervisor", "intake"), contributes=True),),
    "answer_unknown_override": (Rule(DATA_PROTECTION, knows_case=False),),
    # Only who contributes brings somebody in; who reads asks the giver, and shares own rows with the lead.
    "share": CONTRIBUTION,
    "share_with_lead": OWN_WORK,
    "renew_share": CONTRIBUTION,
    "review_share": (Rule(SUPERVISOR),),
    "end_share": OWN_WORK,
    "ask_the_giver": (Rule(WORKING),),
    "answer_the_asker": OWN_WORK,
    "view_who_knows": LEAD_WORK,
    "end_gift": LEAD_WORK,
    "take_over_branch": LEAD_WORK,
    # Ending always succeeds: of a case that the organisation no longer knows, and by data protection, who knows none.
    "view_own_shares": (Rule(roles("supervisor", "data_protection_officer"), knows_case=False),),
    # What was read is erased by who answers for it: after the end the case itself is not known any more.
    "view_received_share": (Rule(roles("supervisor", "intake", "data_protection_officer"), knows_case=False),),
    "end_unknown_share": (Rule(roles("supervisor", "data_protection_officer"), knows_case=False),),
    "send_referral": CONTRIBUTION,
    "revoke_referral": OWN_WORK,
    "revoke_unknown_referral": (Rule(SUPERVISOR, knows_case=False),),
    "answer_question": OWN_WORK,
    "accept_referral": (Rule(roles("intake", "supervisor"), knows_case=False),),
    "decline_referral": (Rule(roles("intake", "supervisor"), knows_case=False),),
    "ask_question": (Rule(roles("intake", "supervisor"), knows_case=False),),
    "record_step": OWN_WORK,
    "complete_referral": OWN_WORK,
    "transfer_lead": (Rule(SUPERVISOR, is_lead=True),),
    "view_duplicate_desk": (
        Rule(roles("caseworker", "supervisor", "intake"), kinds=kinds("coordinator"), knows_case=False),
    ),
    "answer_link_question": (Rule(SUPERVISOR, is_lead=True),),
    "link_cases": OWN_WORK,
    "unlink_case": OWN_WORK,
    "unlink_person": (Rule(SUPERVISOR, is_lead=True),),
    # Two members of the coordinator's office, by reference, region and type alone (``cases.operations.lead_offers``).
    "reassign_lead": (Rule(roles("caseworker", "supervisor", "intake"), kinds=kinds("coordinator"), knows_case=False),),
    "answer_lead_offer": (Rule(roles("intake", "supervisor"), kinds=frozenset(COLUMNS), knows_case=False),),
    "decline_identification": LEAD_WORK,
    "request_reconsideration": LEAD_WORK,
    "request_guardian": (*LEAD_WORK, *(replace(rule, contributes=True) for rule in CHILD_PROTECTION)),
    "assign_provisional_guardian": CHILD_PROTECTION,
    "assign_guardian": CHILD_PROTECTION,
    "replace_guardian": CHILD_PROTECTION,
    "end_guardianship": CHILD_PROTECTION,
    "settle_age": (Rule(roles("caseworker", "supervisor"), kinds=kinds("child_protection")),),
    "view_guardian_queue": (
        Rule(roles("caseworker", "intake", "supervisor"), kinds=kinds("child_protection"), knows_case=False),
    ),
    "flag_guardian_conflict": (
        *LEAD_WORK,
        *(Rule(rule.roles, kinds=PARTIES_OF_A_CHILD) for rule in OWN_WORK),
    ),
    "complete_deadline": OWN_WORK,
    "suspend_deadline": (Rule(SUPERVISOR),),
    "resume_deadline": (Rule(SUPERVISOR),),
    "extend_deadline": (Rule(SUPERVISOR),),
    "change_region": LEAD_WORK,
    "close_case": (Rule(SUPERVISOR, is_lead=True),),
    "reopen_case": (Rule(SUPERVISOR, is_lead=True),),
    # Where the person stays: which organisation beside the role, the operation judges (rule 6).
    # No shelter becomes host by its own word, unless it leads: sender or lead confirm (rule 20).
    "record_placement": tuple(Rule(rule.roles, kinds("shelter"), rule.is_assigned, is_lead=True) for rule in OWN_WORK),
    "bring_person": tuple(Rule(rule.roles, kinds("police", "border"), rule.is_assigned) for rule in OWN_WORK),
    "confirm_arrival": OWN_WORK,
    "deny_arrival": OWN_WORK,
    "end_placement": OWN_WORK,
    "write_location": (Rule(WORKING, is_assigned=True),),
    "show_location": (Rule(WORKING, is_assigned=True),),
    "ask_location_release": (Rule(WORKING),),
    "view_location_releases": (Rule(CUSTODIAN, knows_case=False),),
    "approve_location_release": (Rule(CUSTODIAN, knows_case=False),),
    "refuse_location_release": (Rule(CUSTODIAN, knows_case=False),),
    "revoke_location_release": (Rule(CUSTODIAN, knows_case=False),),
    "break_glass": (
        Rule(
            roles("supervisor", "intake"),
            kinds=kinds("police", "health", "shelter", "child_protection"),
            knows_case=False,
        ),
    ),
    "end_break_glass": (Rule(WORKING | DATA_PROTECTION, knows_case=False),),
    "view_break_glass": (Rule(roles("supervisor", "intake") | DATA_PROTECTION, knows_case=False),),
    "review_break_glass": (Rule(SUPERVISOR | DATA_PROTECTION, knows_case=False),),
    "view_national_dashboard": (
        Rule(roles("caseworker", "supervisor", "intake"), kinds=kinds("coordinator"), knows_case=False),
    ),
    "view_worklist": (Rule(WORKING, kinds=frozenset(COLUMNS), knows_case=False),),
    "view_own_dashboard": (Rule(SUPERVISOR, knows_case=False),),
    "view_own_looks": (Rule(SUPERVISOR),),
    "report_to_person": (Rule(roles("caseworker"), is_assigned=True, is_lead=True), Rule(SUPERVISOR, is_lead=True)),
    "read_audit": (Rule(roles("data_protection_officer", "auditor"), knows_case=False),),
    # Of everybody; without content, as all of it (docs/decisions/0020-who-looked.md).
    "oversee_audit": (Rule(roles("auditor"), kinds=kinds("coordinator"), knows_case=False),),
    "view_hints": (Rule(roles("supervisor", "data_protection_officer", "auditor"), knows_case=False),),
}
# Steps that the country profile gives to kinds of organisations.
PROFILE_STEPS: Final = (
    "record_reasonable_grounds",
    "record_identification_decision",
    "reconsider",
    "offer_reflection_period",
    "grant_reflection_period",
    "decline_reflection_period",
    "end_reflection_period",
    "record_report",
    "record_statement_withdrawal",
    "record_departure",
    "record_asylum_application",
)
# What the system may do by itself, without an actor.
SYSTEM_MAY: Final = frozenset(
    {
        "expire_referral",
        "end_referral",
        "expire_draft",
        "send_reminder",
        "request_guardian",
        "end_share",
        "lapse_placement",
        "end_placement",
        "expire_consent",
        "end_reflection_period",
    }
)


def may(actor: Actor, action: str, access: CaseAccess | None = None) -> bool:
    """True when ``actor`` may do ``action``; raises ``KeyError`` for an action that no table knows.

    Who opened a case in an emergency reads, and does nothing else with it.
    """
    if actor.is_system:
        return action in SYSTEM_MAY
    if access is not None and access.is_emergency:
        return False
    return any(rule.allows(actor, access) for rule in rules(action))


def rules(action: str) -> tuple[Rule, ...]:
    """The lines of the table for one action."""
    return _profile_rules(action) if action in PROFILE_STEPS else MAY[action]


def require(actor: Actor, action: str, access: CaseAccess | None = None) -> None:
    """Raise ``NotAllowed`` (403) unless ``may``."""
    if not may(actor, action, access):
        raise NotAllowed


def sharing_act(access: CaseAccess, to: UUID) -> str:
    """The act that giving own rows to ``to`` is: the lead knows the case anyway, everybody else is brought in."""
    return "share_with_lead" if to == access.lead.key else "share"


def may_share_at_all(access: CaseAccess) -> bool:
    """True when the actor may share own rows with somebody, the lead at least."""
    return any(may(access.actor, act, access) for act in ("share", "share_with_lead"))


def require_to_share(access: CaseAccess) -> None:
    """Raise ``NotAllowed`` (403) unless ``may_share_at_all``."""
    if not may_share_at_all(access):
        raise NotAllowed


def may_renew_to(access: CaseAccess, to: UUID) -> bool:
    """True when the actor may let a share to ``to`` go on."""
    return may(access.actor, "share_with_lead" if to == access.lead.key else "renew_share", access)


def may_learn_receiver(kind: str, purpose: str) -> bool:
    """False where the purpose lies in a category that an organisation of this kind may never be granted (rule 19)."""
    category = codes.get("purpose")[purpose].extra.get("category", "")
    return not category or category in ceiling(kind)


def may_end_gift_to(actor: Actor, access: CaseAccess | None, kind: str) -> bool:
    """False for legal aid, which ends by the person's word, by a lead that is no authority, or by data protection
    (``sharing.md`` rule 19); true for a receiver of any other kind. Whether the gift is the actor's to end is asked
    elsewhere."""
    if kind != LEGAL_AID or actor.is_system or actor.roles & DATA_PROTECTION:
        return True
    return access is not None and access.is_lead and actor.organisation_kind not in AUTHORITIES


def assignable_roles(actor: Actor) -> frozenset[str]:
    """Whom ``actor`` may assign: a supervisor everybody who works cases, intake only caseworkers (section 5)."""
    return WORKING if actor.roles & SUPERVISOR else roles("caseworker")


def _profile_rules(action: str) -> tuple[Rule, ...]:
    who = active().who_may(action)
    return (Rule(who.roles, kinds=who.kinds, contributes=True, or_registrar=True),) if who.kinds else ()
