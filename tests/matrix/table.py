"""Every address: who of the cast may open it, who may send it, and for whom its subject does not exist.

Sources: ``sharing.md`` section 5 (who may do what) and rule 7 (404 unless one may know, 403 unless one may do).
The sets are written out by name; nothing here asks the policies under test.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from tests.cast import PERSONAS, PLATFORM, STRANGER, SUSPENDED

Names = frozenset[str]


def people(text: str) -> Names:
    return frozenset(text.split())


EVERYBODY: Final = people(" ".join(PERSONAS)) | {PLATFORM, STRANGER}
# Two more in the world of the matrix: a second supervisor of the NGO who is kept away from each of its cases, and a
# supervisor of the health service who opened the guarded child's case in an emergency.
KEPT_AWAY: Final = "kept_away_supervisor"
IN_AN_EMERGENCY: Final = "emergency_supervisor"
BESIDE_THE_CAST: Final = frozenset({KEPT_AWAY, IN_AN_EMERGENCY})
NGO: Final = people("ngo_caseworker ngo_intake ngo_supervisor")
SHELTER: Final = people("shelter_worker shelter_intake shelter_supervisor")
DUTY_DESK: Final = people("child_protection_intake child_protection_supervisor")
GUARDIANS: Final = people("guardian guardian_supervisor")
POLICE: Final = people("police_officer police_supervisor")
SUPERVISORS: Final = frozenset(name for name, (_organisation, roles) in PERSONAS.items() if "supervisor" in roles)
AUDITING: Final = people("data_protection_officer auditor")
ADMINISTRATORS: Final = people("organisation_administrator other_organisation_administrator")
# Everybody who belongs to an organisation.
MEMBERS: Final = frozenset(PERSONAS) - {SUSPENDED}
OF_THE_NGO: Final = frozenset(name for name, (of, _roles) in PERSONAS.items() if of == "ngo") - {SUSPENDED}
# Who works cases: everybody in the cast but administrators, auditors, custodians, coordinator and rapporteur.
WORKING: Final = frozenset(
    name
    for name, (of, roles) in PERSONAS.items()
    if of not in ("coordinator", "rapporteur")
    and set(roles) & {"caseworker", "intake", "supervisor", "guardian", "decision_maker"}
) - {SUSPENDED}
REGISTERING: Final = frozenset(
    name
    for name in WORKING
    if PERSONAS[name][0].removeprefix("other_")
    in ("ngo", "police", "border", "labour_inspectorate", "shelter", "child_protection", "immigration", "health")
    and PERSONAS[name][1] != ("decision_maker",)
)
CHILD_PROTECTION: Final = people("child_protection_officer child_protection_intake child_protection_supervisor")

CUSTODIANS: Final = people("custodian_a custodian_b")


def holding(*roles: str) -> Names:
    """Everybody of the cast with one of these roles."""
    return frozenset(name for name, (_of, held) in PERSONAS.items() if set(held) & set(roles)) - {SUSPENDED}


# A second person may confirm roles; who asks for them only sees what became of it.
CONFIRMING_ROLES: Final = holding("supervisor", "intake", "custodian", "data_protection_officer") | {PLATFORM}
SEEING_ROLES: Final = CONFIRMING_ROLES | ADMINISTRATORS
OPENING_IN_AN_EMERGENCY: Final = people(
    "police_supervisor shelter_intake shelter_supervisor other_shelter_intake"
    " child_protection_intake child_protection_supervisor"
)
SEEING_EMERGENCIES: Final = holding("supervisor", "intake", "data_protection_officer")
REVIEWING: Final = holding("supervisor", "data_protection_officer")
ENDING: Final = SEEING_EMERGENCIES | holding("caseworker", "guardian", "decision_maker")

# For whom a subject exists; for everybody else it answers like one that never was.
KNOWN: Final[Mapping[str, Names]] = {
    "guarded": NGO | SHELTER | DUTY_DESK | GUARDIANS,
    # A line of who knows the guarded child's case; and what the shelter asked the NGO there.
    "line": NGO | SHELTER | DUTY_DESK | GUARDIANS,
    "sharing request": NGO | SHELTER,
    "unasked": NGO | DUTY_DESK,
    "waiting": NGO | DUTY_DESK,
    "provisional": NGO | DUTY_DESK | GUARDIANS,
    "closed": NGO,
    "fresh": POLICE,
    "grounds": POLICE | SHELTER | people("authority_decision_maker authority_supervisor"),
    **dict.fromkeys(("denied", "asked again"), POLICE | people("authority_decision_maker authority_supervisor")),
    "stated": POLICE | SHELTER,
    "sheltered": SHELTER,
    "offered": POLICE | people("immigration_decision_maker immigration_supervisor"),
    "running": POLICE | people("immigration_decision_maker immigration_supervisor"),
    "own row": NGO,
    "read row": NGO | SHELTER | DUTY_DESK | GUARDIANS,
    "own consent": NGO,
    "unknown override": people(""),
    "share": NGO | SHELTER,
    "own share": people("ngo_supervisor data_protection_officer"),
    # A duty stands on the page of every organisation whose clocks are shown; the one that is bound may end it.
    "duty": NGO | SHELTER | GUARDIANS,
    # Whoever may unassign looks among the colleagues of the own organisation only.
    "assignment": (NGO | SHELTER | DUTY_DESK | GUARDIANS)
    - people("shelter_supervisor child_protection_supervisor guardian_supervisor"),
    "block": (NGO | SHELTER | DUTY_DESK | GUARDIANS)
    - people("shelter_supervisor child_protection_supervisor guardian_supervisor"),
    "draft": NGO,
    "notice": people("ngo_caseworker"),
    # The inbox of one membership, for its own person.
    "own membership": people("ngo_caseworker"),
    # What the NGO shared with the shelter, for whoever answers there for what was read.
    "received share": people("shelter_intake shelter_supervisor"),
    "absence": OF_THE_NGO,
    "member": OF_THE_NGO,
    "invitation": people("organisation_administrator platform_administrator"),
    # What the administrator asked for a colleague: for whoever oversees or confirms roles of the NGO, and who asked.
    "role grant": people("ngo_intake ngo_supervisor data_protection_officer organisation_administrator"),
    "referral": POLICE | people("shelter_intake shelter_supervisor"),
    "double": people("coordinator"),
    # Cases without a lead, for the office; an offer of one, for intake and supervisors of who is asked.
    **dict.fromkeys(("lead vacancy", "lead proposal"), people("coordinator")),
    "lead offer": people("other_ngo_supervisor"),
    # A question about the own case exists for the organisation that leads it.
    "link question": NGO,
    # A link is shown to who made it, to the lead, and of a child to child protection and its guardian.
    "link": NGO | DUTY_DESK | GUARDIANS,
    "worked referral": POLICE | SHELTER,
    "release": CUSTODIANS,
    "emergency": people("police_supervisor ngo_supervisor data_protection_officer"),
}
# Subjects that are no case and hang on none: for who is kept away from every case they exist as for any colleague.
OF_NO_CASE: Final = frozenset({"", "draft", "absence", "member", "invitation", "role grant"})
# What exists of a case for who opened it in an emergency: to be read, and nothing done with it.
READ_IN_AN_EMERGENCY: Final = frozenset({"guarded", "line", "read row", "assignment", "block"})
# Own work (add, correct, label, share, refer) in the guarded child's case: the assigned and supervisors.
OWN_WORK: Final = people(
    "ngo_caseworker ngo_supervisor shelter_worker shelter_supervisor child_protection_supervisor"
    " guardian guardian_supervisor"
)
# Going against a refusal: whoever answers for an organisation that adds to the guarded child's case, or is on duty.
OVERRIDING: Final = DUTY_DESK | people(
    "ngo_intake ngo_supervisor shelter_intake shelter_supervisor guardian_supervisor"
)
SHARING: Final = SUPERVISORS | people("data_protection_officer")
# Of those to whom a link is shown, who works the case.
LINK_WORK: Final = people("ngo_caseworker ngo_supervisor child_protection_supervisor guardian guardian_supervisor")
NGO_WORK: Final = people("ngo_caseworker ngo_supervisor")
ASSIGNING: Final = people("ngo_intake shelter_intake child_protection_intake") | (SUPERVISORS & KNOWN["guarded"])
IMMIGRATION: Final = people("immigration_decision_maker")
RECEIVERS: Final = people("shelter_intake shelter_supervisor")
SHELTER_WORK: Final = people("shelter_worker shelter_supervisor")


@dataclass(frozen=True)
class Route:
    """One address: its subject, who may read it, who may send it, and which methods it has."""

    subject: str = ""
    reads: Names | None = None  # everybody for whom the subject exists
    acts: Names | None = None  # everybody who may read it
    methods: str = "GET"
    gate: Names | None = None  # who may ask for such a subject at all: 403 before it is looked up
    is_public: bool = False  # open without signing in
    is_framework: bool = False  # of django-allauth: about one's own account only; never 403, never a case

    def outcome(self, who: str, method: str) -> str:
        """``open``, ``denied`` (403) or ``absent`` (404)."""
        if who == KEPT_AWAY:
            return self._without_cases("ngo_supervisor", method)
        if who == IN_AN_EMERGENCY:
            reads = self.subject in READ_IN_AN_EMERGENCY
            return self.reading(method) if reads else self._without_cases("police_supervisor", method)
        if self.gate is not None and who not in self.gate:
            return "denied"
        known = KNOWN[self.subject] if self.subject else EVERYBODY
        if who not in known:
            return "absent"
        allowed = known if self.reads is None else self.reads
        if method != "GET" and self.acts is not None:
            allowed = self.acts
        return "open" if who in allowed else "denied"

    def reading(self, method: str) -> str:
        """For who knows the subject, may read what everybody reads who knows it, and may do nothing."""
        names_people = self.reads if method == "GET" else self.reads or self.acts
        return "open" if names_people is None else "denied"

    def _without_cases(self, like: str, method: str) -> str:
        """As somebody like ``like``, for whom no case exists and nothing that hangs on one."""
        if self.subject in OF_NO_CASE or (self.gate is not None and like not in self.gate):
            return self.outcome(like, method)
        return "absent"


BOTH: Final = "GET POST"


def form(subject: str, who: Names, **more: Names | str) -> Route:
    """A page with a form: the same people open and send it."""
    return Route(subject, reads=who, methods=BOTH, **more)  # type: ignore[arg-type]


def post(subject: str, who: Names, **more: Names | str) -> Route:
    """An act of the API."""
    return Route(subject, reads=who, methods="POST", **more)  # type: ignore[arg-type]


OWN_ACCOUNT: Final = Route(methods=BOTH, is_framework=True)
SIGNING_IN: Final = Route(methods=BOTH, is_framework=True, is_public=True)
DRAFT: Final = Route("draft", methods=BOTH, gate=REGISTERING)
MEMBER: Final = form("member", people("organisation_administrator"))
PLATFORM_ONLY: Final = form("", frozenset({PLATFORM}))

PAGES: Final[Mapping[str, Route]] = {
    "home": Route(),
    "styleguide": Route(methods=BOTH, is_public=True),
    "healthz": Route(is_public=True),
    "rights": Route(),
    "set_language": Route(methods=BOTH, is_public=True),
    "hide": Route(methods="POST", is_public=True),
    "locked": Route(methods=BOTH, is_public=True),
    **dict.fromkeys(
        (
            "account_login",
            "account_logout",
            "account_signup",
            "account_inactive",
            "account_reset_password",
            "account_reset_password_from_key_done",
            "account_reset_password_from_key",
            "account_reset_password_done",
            "mfa_authenticate",
        ),
        SIGNING_IN,
    ),
    **dict.fromkeys(
        (
            "account_reauthenticate",
            "account_change_password",
            "mfa_index",
            "mfa_reauthenticate",
            "mfa_activate_totp",
            "mfa_deactivate_totp",
            "mfa_view_recovery_codes",
            "mfa_generate_recovery_codes",
            "mfa_download_recovery_codes",
        ),
        OWN_ACCOUNT,
    ),
    "accounts:members": Route(reads=ADMINISTRATORS),
    "accounts:invite_member": form("", ADMINISTRATORS),
    "accounts:change_roles": MEMBER,
    "accounts:suspend_member": MEMBER,
    "accounts:reinstate_member": MEMBER,
    "accounts:end_membership": MEMBER,
    "accounts:revoke_invitation": form(
        "invitation", KNOWN["invitation"], gate=KNOWN["invitation"] | {"other_organisation_administrator"}
    ),
    "accounts:role_grants": Route(reads=SEEING_ROLES),
    "accounts:role_grant": Route("role grant", gate=SEEING_ROLES),
    "accounts:confirm_roles": form("role grant", people("ngo_intake ngo_supervisor"), gate=CONFIRMING_ROLES),
    "accounts:refuse_roles": form("role grant", people("ngo_intake ngo_supervisor"), gate=CONFIRMING_ROLES),
    **dict.fromkeys(
        (
            "accounts:create_organisation",
            "accounts:update_organisation",
            "accounts:suspend_organisation",
            "accounts:reinstate_organisation",
            "accounts:invite_first_administrator",
        ),
        PLATFORM_ONLY,
    ),
    "accounts:organisations": Route(reads=frozenset({PLATFORM})),
    "accounts:organisation": Route(reads=frozenset({PLATFORM})),
    "accounts:active_organisation": Route(methods=BOTH),
    "accounts:account": Route(methods=BOTH),
    "accounts:set_pin": Route(methods=BOTH),
    "accounts:sign_out_everywhere": Route(methods=BOTH),
    # -- registering
    "cases:register": form("", REGISTERING),
    "cases:drafts": Route(reads=REGISTERING),
    **dict.fromkeys(
        (
            "cases:draft",
            "cases:draft_page",
            "cases:draft_exploitation",
            "cases:draft_form",
            "cases:draft_form_remove",
            "cases:draft_check",
            "cases:draft_notification",
            "cases:discard_draft",
        ),
        DRAFT,
    ),
    "cases:draft_page_autosave": Route("draft", methods="POST", gate=REGISTERING),
    "cases:draft_form_autosave": Route("draft", methods="POST", gate=REGISTERING),
    "cases:registered": Route("guarded"),
    # -- the case
    "cases:search": Route(),
    "cases:inbox": Route(methods=BOTH),
    "cases:country": Route(),
    "cases:inbox_of": Route("own membership"),
    "cases:snooze": Route("notice", methods=BOTH),
    "cases:absences": Route(reads=MEMBERS),
    "cases:plan_absence": Route(reads=MEMBERS, methods=BOTH),
    "cases:end_absence": form("absence", people("ngo_caseworker ngo_supervisor")),
    "cases:operations": Route(reads=frozenset({PLATFORM})),
    "cases:calendar_day": Route(reads=MEMBERS),
    "cases:calendar": Route(reads=MEMBERS, methods=BOTH),
    "cases:close_calendar": Route(reads=MEMBERS, methods=BOTH),
    "cases:case": Route("guarded"),
    "cases:timeline": Route("guarded"),
    "cases:show_name": Route("guarded", methods=BOTH),
    "cases:looks": Route("guarded", reads=SUPERVISORS & KNOWN["guarded"]),
    "cases:label": form("guarded", OWN_WORK),
    "cases:close": form("guarded", people("ngo_supervisor")),
    "cases:reopen": form("closed", people("ngo_supervisor")),
    "cases:duty": form("duty", NGO_WORK),
    "cases:clock": Route("duty"),
    "cases:suspend_deadline": form("duty", people("ngo_supervisor")),
    "cases:resume_deadline": form("duty", people("ngo_supervisor")),
    "cases:extend_deadline": form("duty", people("ngo_supervisor")),
    "cases:people": Route("guarded", acts=ASSIGNING, methods=BOTH),
    "cases:block": form("guarded", SUPERVISORS & KNOWN["guarded"]),
    "cases:unblock": form("block", people("ngo_supervisor")),
    "cases:team": Route(reads=SUPERVISORS),
    "cases:caseload": form("member", people("ngo_supervisor"), gate=SUPERVISORS),
    "cases:unassign": form("assignment", people("ngo_supervisor")),
    "cases:file": Route("guarded"),
    "cases:category": Route("guarded"),
    "cases:add_row": form("guarded", OWN_WORK),
    "cases:correct_row": form("own row", NGO_WORK),
    "cases:history": Route("read row", methods=BOTH),
    "cases:consent": Route("guarded"),
    "cases:record_consent": form("guarded", OWN_WORK),
    "cases:override_consent": form("guarded", OVERRIDING),
    "cases:answer_consent": form("own consent", NGO_WORK),
    "cases:answer_override": form("own consent", people("ngo_supervisor ngo_intake")),
    "cases:unknown_overrides": Route(reads=people("data_protection_officer")),
    # The NGO has a second person, so that nothing waits for its data protection.
    "cases:answer_unknown_override": form("unknown override", people(""), gate=people("data_protection_officer")),
    "referrals:withdraw_consent": form("own consent", NGO_WORK),
    "cases:shares": Route("guarded"),
    "cases:links": Route("guarded", acts=OWN_WORK, methods=BOTH),
    "cases:unlink": form("link", LINK_WORK),
    "cases:doubles": Route(reads=people("coordinator")),
    "cases:double": Route("double", gate=people("coordinator")),
    "cases:ask_to_link": form("double", people("coordinator"), gate=people("coordinator")),
    "cases:keep_apart": form("double", people("coordinator"), gate=people("coordinator")),
    "cases:link_question": form("link question", people("ngo_supervisor")),
    # -- cases without a lead
    "cases:lead_desk": Route(reads=people("coordinator")),
    "cases:lead_vacancy": form("lead vacancy", people("coordinator"), gate=people("coordinator")),
    **dict.fromkeys(
        ("cases:confirm_lead", "cases:withdraw_lead"),
        form("lead proposal", people("coordinator"), gate=people("coordinator")),
    ),
    **dict.fromkeys(
        ("cases:lead_offer", "cases:decline_lead"),
        form("lead offer", people("other_ngo_supervisor"), gate=holding("intake", "supervisor")),
    ),
    "cases:new_share": form("guarded", OWN_WORK),
    "cases:share": Route("share", acts=NGO_WORK, methods=BOTH),
    "cases:renew_share": form("share", NGO_WORK),
    "cases:review_share": form("share", people("ngo_supervisor")),
    "cases:who_knows": Route("guarded", reads=NGO_WORK),
    "cases:end_line": form("line", NGO_WORK),
    "cases:take_over": form("line", NGO_WORK),
    "cases:ask_the_giver": form("guarded", KNOWN["guarded"]),
    "cases:sharing_request": Route("sharing request", acts=NGO_WORK, methods=BOTH),
    "cases:decline_to_share": form("sharing request", NGO_WORK),
    "cases:own_shares": Route(reads=SHARING),
    "cases:received_share": Route("received share", gate=holding("supervisor", "intake", "data_protection_officer")),
    "cases:own_share": form("own share", KNOWN["own share"], gate=SHARING),
    # -- where the person stays, and emergencies
    "cases:location": Route("grounds"),
    "cases:show_location": Route("grounds", reads=people("shelter_worker")),
    "cases:write_location": form("grounds", people("police_officer shelter_worker")),
    "cases:record_placement": form("sheltered", SHELTER_WORK),
    "cases:confirm_arrival": form("stated", POLICE),
    "cases:deny_arrival": form("stated", POLICE),
    "cases:end_placement": form("grounds", POLICE | SHELTER_WORK),
    "cases:ask_location_release": form("grounds", KNOWN["grounds"]),
    "cases:location_releases": Route(reads=CUSTODIANS),
    "cases:location_release": form("release", CUSTODIANS, gate=CUSTODIANS),
    "cases:emergencies": Route(reads=SEEING_EMERGENCIES),
    "cases:break_glass": form("", OPENING_IN_AN_EMERGENCY),
    "cases:emergency": Route("emergency", methods=BOTH, gate=SEEING_EMERGENCIES),
    "cases:end_break_glass": Route("emergency", methods=BOTH, gate=ENDING),
    # -- decisions, reflection, guardian
    "cases:decisions": Route("guarded"),
    "cases:reasonable_grounds": form("fresh", POLICE),
    "cases:identification": form("grounds", people("authority_decision_maker")),
    "cases:decline_identification": form("fresh", POLICE),
    "cases:request_reconsideration": form("denied", POLICE),
    "cases:reconsider": form("asked again", people("authority_decision_maker")),
    "cases:offer_reflection": form("grounds", POLICE),
    "cases:grant_reflection": form("offered", IMMIGRATION),
    "cases:decline_reflection": form("offered", IMMIGRATION),
    "cases:end_reflection": form("running", IMMIGRATION),
    "cases:record_report": form("fresh", POLICE),
    "cases:record_statement_withdrawal": form("fresh", POLICE),
    "cases:record_departure": form("fresh", POLICE),
    "cases:record_asylum_application": form("fresh", POLICE),
    "cases:guardians": Route(reads=CHILD_PROTECTION),
    "cases:guardian": Route("guarded"),
    "cases:request_guardian": form("unasked", NGO_WORK | DUTY_DESK),
    "cases:provisional_guardian": form("waiting", DUTY_DESK),
    "cases:appoint_guardian": form("provisional", DUTY_DESK),
    "cases:replace_guardian": form("guarded", DUTY_DESK),
    "cases:end_guardianship": form("guarded", DUTY_DESK),
    "cases:guardian_conflict": form("guarded", NGO_WORK | DUTY_DESK | GUARDIANS),
    "cases:age": Route("guarded"),
    "cases:region": form("guarded", NGO_WORK),
    "cases:settle_age": form("guarded", people("child_protection_supervisor")),
    # -- referrals
    "referrals:list": Route(reads=WORKING),
    "referrals:of_case": Route("guarded"),
    "referrals:new": Route("guarded", reads=OWN_WORK),
    "referrals:terms": form("guarded", OWN_WORK),
    "referrals:referral": Route("referral"),
    "referrals:accept": form("referral", RECEIVERS),
    "referrals:decline": form("referral", RECEIVERS),
    "referrals:ask": form("referral", RECEIVERS),
    "referrals:reply": form("referral", POLICE),
    "referrals:revoke": form("referral", POLICE),
    "referrals:step": form("worked referral", SHELTER_WORK),
    "referrals:bring": form("worked referral", POLICE),
    "referrals:complete": form("worked referral", SHELTER_WORK),
    # -- work and figures
    "reporting:worklist": Route(reads=WORKING),
    "reporting:dashboard": Route(reads=people("coordinator")),
    "reporting:overdue": Route(reads=people("coordinator")),
    "reporting:own_dashboard": Route(reads=SUPERVISORS),
    "reporting:own_overdue": Route(reads=SUPERVISORS),
    "reporting:report": Route("guarded", reads=NGO_WORK),
    "reporting:report_pdf": Route("guarded", reads=NGO_WORK),
    **dict.fromkeys(
        ("reporting:audit_requests", "reporting:audit_acts", "reporting:audit_looks"), Route(reads=AUDITING)
    ),
    "reporting:audit_hints": Route(reads=SUPERVISORS | AUDITING),
}
API: Final[Mapping[str, Route]] = {
    "api:schema": Route(),
    "api:me": Route(),
    "api:worklist": Route(reads=WORKING),
    "api:inbox": Route(methods=BOTH),
    "api:snooze": Route("notice", methods="POST"),
    "api:register": post("", REGISTERING),
    "api:notify": post("", REGISTERING),
    "api:case": Route("guarded"),
    "api:reopen": post("closed", people("ngo_supervisor")),
    "api:members": Route("guarded", acts=ASSIGNING, methods=BOTH),
    "api:member": Route("assignment", reads=people("ngo_supervisor"), methods="DELETE"),
    "api:blocks": Route("guarded", reads=SUPERVISORS & KNOWN["guarded"], methods=BOTH),
    "api:team": Route(reads=SUPERVISORS),
    "api:caseload": form("member", people("ngo_supervisor"), gate=SUPERVISORS),
    "api:unblock": post("block", people("ngo_supervisor")),
    "api:rows": Route("guarded", acts=OWN_WORK, methods=BOTH),
    "api:looks": Route("guarded", reads=SUPERVISORS & KNOWN["guarded"]),
    "api:row": Route("own row", acts=NGO_WORK, methods="GET PUT"),
    "api:row_history": Route("read row"),
    "api:clock": Route("duty"),
    "api:consents": Route("guarded", acts=OWN_WORK, methods=BOTH),
    "api:answer_consent": post("own consent", NGO_WORK),
    "api:answer_override": post("own consent", people("ngo_supervisor ngo_intake")),
    "api:unknown_overrides": Route(reads=people("data_protection_officer")),
    "api:answer_unknown_override": post("unknown override", people(""), gate=people("data_protection_officer")),
    "api:override_consent": post("guarded", OVERRIDING),
    "api:withdraw_consent": post("own consent", NGO_WORK),
    "api:shares": Route("guarded", acts=OWN_WORK, methods=BOTH),
    "api:share": Route("share"),
    "api:end_share": post("share", NGO_WORK),
    "api:renew_share": post("share", NGO_WORK),
    "api:review_share": post("share", people("ngo_supervisor")),
    "api:who_knows": Route("guarded", reads=NGO_WORK),
    "api:end_line": post("line", NGO_WORK),
    "api:take_over": post("line", NGO_WORK),
    "api:sharing_requests": Route("guarded", acts=KNOWN["guarded"], methods=BOTH),
    "api:sharing_request": Route("sharing request"),
    "api:share_as_asked": post("sharing request", NGO_WORK),
    "api:decline_to_share": post("sharing request", NGO_WORK),
    "api:own_shares": Route(reads=SHARING),
    "api:end_own_share": post("own share", KNOWN["own share"], gate=SHARING),
    "api:links": Route("guarded", acts=OWN_WORK, methods=BOTH),
    "api:unlink": post("link", LINK_WORK),
    "api:doubles": Route(reads=people("coordinator")),
    "api:double": Route("double", gate=people("coordinator")),
    "api:ask_to_link": post("double", people("coordinator"), gate=people("coordinator")),
    "api:keep_apart": post("double", people("coordinator"), gate=people("coordinator")),
    "api:link_question": form("link question", people("ngo_supervisor")),
    "api:lead_desk": Route(reads=people("coordinator")),
    "api:lead_vacancy": Route("lead vacancy", gate=people("coordinator")),
    "api:propose_lead": post("lead vacancy", people("coordinator"), gate=people("coordinator")),
    **dict.fromkeys(
        ("api:confirm_lead", "api:withdraw_lead"),
        post("lead proposal", people("coordinator"), gate=people("coordinator")),
    ),
    "api:lead_offer": Route("lead offer", gate=holding("intake", "supervisor")),
    **dict.fromkeys(
        ("api:accept_lead", "api:decline_lead"),
        post("lead offer", people("other_ngo_supervisor"), gate=holding("intake", "supervisor")),
    ),
    "api:location": Route(
        "grounds", acts=people("police_officer shelter_worker authority_decision_maker"), methods=BOTH
    ),
    "api:show_location": PAGES["cases:show_location"],
    "api:record_placement": post("sheltered", SHELTER_WORK),
    "api:confirm_arrival": post("stated", POLICE),
    "api:deny_arrival": post("stated", POLICE),
    "api:end_placement": post("grounds", POLICE | SHELTER_WORK),
    "api:own_location_releases": Route("grounds", methods=BOTH),
    "api:location_releases": Route(reads=CUSTODIANS),
    "api:location_release": Route("release", gate=CUSTODIANS),
    "api:decide_location_release": post("release", CUSTODIANS, gate=CUSTODIANS),
    "api:revoke_location_release": post("release", CUSTODIANS, gate=CUSTODIANS),
    "api:emergencies": Route(reads=SEEING_EMERGENCIES, acts=OPENING_IN_AN_EMERGENCY, methods=BOTH),
    "api:emergency": Route("emergency", gate=SEEING_EMERGENCIES),
    "api:review_break_glass": Route("emergency", methods="POST", gate=REVIEWING),
    "api:end_break_glass": Route("emergency", methods="POST", gate=ENDING),
    "api:decisions": Route("guarded"),
    "api:reflection": Route("guarded"),
    "api:recorded_acts": Route("guarded"),
    "api:guardians": Route(reads=CHILD_PROTECTION),
    "api:guardian": Route("guarded"),
    "api:age": Route("guarded"),
    "api:receivers": Route("guarded", reads=OWN_WORK),
    "api:referrals_of_case": Route("guarded", acts=OWN_WORK, methods=BOTH),
    "api:referrals": Route(reads=WORKING),
    "api:referral": Route("referral"),
    "api:dashboard": Route(reads=people("coordinator")),
    "api:own_dashboard": Route(reads=SUPERVISORS),
    **{f"api:{name}": PAGES[f"reporting:{name}"] for name in ("audit_requests", "audit_acts", "audit_looks")},
    "api:audit_hints": PAGES["reporting:audit_hints"],
    # An act of the API has the people of its page.
    **{
        f"api:{act}": post(PAGES[page].subject, PAGES[page].reads or frozenset())
        for act, page in {
            **{
                name: f"cases:{name}"
                for name in (
                    "suspend_deadline",
                    "resume_deadline",
                    "extend_deadline",
                    "reasonable_grounds",
                    "identification",
                    "decline_identification",
                    "request_reconsideration",
                    "reconsider",
                    "offer_reflection",
                    "grant_reflection",
                    "decline_reflection",
                    "end_reflection",
                    "record_report",
                    "record_statement_withdrawal",
                    "record_departure",
                    "record_asylum_application",
                    "request_guardian",
                    "provisional_guardian",
                    "appoint_guardian",
                    "replace_guardian",
                    "end_guardianship",
                    "guardian_conflict",
                    "settle_age",
                    "region",
                )
            },
            "accept_referral": "referrals:accept",
            "decline_referral": "referrals:decline",
            "ask_question": "referrals:ask",
            "answer_question": "referrals:reply",
            "record_step": "referrals:step",
            "bring_person": "referrals:bring",
            "complete_referral": "referrals:complete",
            "revoke_referral": "referrals:revoke",
        }.items()
    },
}
# Whoever holds the secret address of an invitation or a calendar; without one there is nothing. Tried in tests/accounts
# and tests/cases/test_calendar.py.
BY_SECRET: Final = frozenset({"accounts:accept_invitation", "cases:calendar_feed"})
ROUTES: Final[Mapping[str, Route]] = {**PAGES, **API}
