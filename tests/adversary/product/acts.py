"""Each act of the adversary as the request, or the few requests, by which people carry it out on the product."""

from collections.abc import Callable
from datetime import date
from typing import Any, Final
from uuid import UUID

from accounts.tokens import invitation_token
from cases import reminders
from cases.operations import elapsed, vacancies
from tests.adversary.product.people import PASSWORD
from tests.adversary.product.requests import No, Wire
from tests.adversary.product.vocabulary import (
    BASES,
    LEADING,
    LEVELS,
    PROVISIONS,
    PURPOSES,
    ROLES,
    SERVICE_FOR,
    codes_of,
    day_before,
    day_of,
)
from tests.adversary.words import (
    ANY,
    CEILING,
    IDENTITY,
    MEMBER_OF,
    NOWHERE,
    OVERRIDES,
    TYPES,
    Basis,
    Purpose,
    Type,
)

ADULT: Final = {
    "age": {"age_group": "adult"},
    "consent": {
        "answer": "given", "information_given": ["mechanism", "purpose"], "form": "written", "given_on": "2026-04-01",
    },
    "exploitation": [{"form": "labour"}],
    "account": {"text": "Worked at the car wash, was not paid."},
    "contact": {"reach": ["none"], "language": "ro"},
}  # fmt: skip
CHILD: Final = {
    "danger": {"danger": ["none"]},
    "age": {"age_group": "child", "birth_date": "2014-05-06"},
    "child": {"informed_by": "registrar", "view": "Wants to go to school."},
    "identity": {"sex": "female"},
    "contact": {"reach": ["unknown"], "language": "ro"},
}
# Acts on people and organisations: what they change, they change for every case.
SHARED: Final = frozenset(
    {"grant_role", "confirm_role", "end_membership", "suspend_member", "reinstate_member", "suspend_organisation",
     "reinstate_organisation", "switch_organisation", "wait"}
)  # fmt: skip
NEWEST_SHARE: Final = "SELECT share_id FROM referrals_referral WHERE id = %s"


class Acts:
    """The acts of one case. ``rows`` are the keys of what the steps made; ``asked`` what a step said."""

    def __init__(self, wire: Wire, shared: "dict[int, UUID]") -> None:
        self.wire = wire
        self.reference = ""
        self.case: UUID | None = None
        self.lead = NOWHERE
        self.rows = shared
        self.asked: dict[int, tuple[int, dict[str, Any]]] = {}
        self.consents: dict[UUID, int] = {}
        self.resting: dict[int, UUID] = {}

    # -- parts -------------------------------------------------------------------------------------------------------

    def row(self, number: int) -> UUID:
        """The key of what a step made."""
        if number not in self.rows:
            raise No("there is no such thing")
        return self.rows[number]

    def path(self, rest: str = "") -> str:
        """An address of the case."""
        if not self.reference:
            raise No("there is no case")
        return f"cases/{self.reference}/{rest}"

    def key_of(self, organisation: int) -> str:
        """The key of an organisation."""
        return str(self.wire.people.organisations[organisation].pk)

    def member_key(self, member: int) -> str:
        """The key of a membership."""
        if member not in self.wire.memberships:
            raise No("no member")
        return str(self.wire.memberships[member])

    def today(self) -> date:
        """The day of the walk."""
        return day_of(self.wire.now)

    def terms(self, who: int, asked: dict[str, Any]) -> dict[str, Any]:
        """What, why and until when, as the forms of sharing ask it."""
        basis = Basis(asked["basis"])
        body: dict[str, Any] = {
            "categories": codes_of(asked["categories"]),
            "purpose": PURPOSES[Purpose(asked["purpose"])],
            "legal_basis": BASES[basis],
            "ends_on": day_before(asked["until"]).isoformat(),
        }
        if basis is Basis.LEGAL_OBLIGATION and asked["provision"]:
            body["provision"] = PROVISIONS[asked["provision"]]
        if basis is Basis.CONSENT:
            body["consent"] = str(self._own_consent(who, asked))
        return body

    def _own_consent(self, who: int, asked: dict[str, Any]) -> UUID:
        """The newest consent of one's own register that seems to fit: what a form would offer first."""
        own = MEMBER_OF[who]
        for number, (by, given) in reversed(self.asked.items()):
            if number not in self.rows or MEMBER_OF[by] != own or not given.get("is_consent"):
                continue
            is_for_it = given["purpose"] == asked["purpose"] and given["receiver"] in (ANY, asked["receiver"])
            if is_for_it and given["until"] > self.wire.now and not asked["categories"] & ~given["categories"]:
                return self.rows[number]
        raise No("no consent of one's own fits")

    def offered_consent(self, who: int, number: int, asked: dict[str, Any]) -> dict[str, Any]:
        """What is asked, aimed at a consent of one's own register, as the form that lists them suggests it."""
        listed = [
            given
            for made, (by, given) in self.asked.items()
            if made in self.rows and MEMBER_OF[by] == MEMBER_OF[who] and given.get("is_consent")
        ]
        if not listed:
            return {}
        given = listed[number % len(listed)]
        receiver = asked["receiver"] if given["receiver"] == ANY else given["receiver"]
        fitting = asked["categories"] & given["categories"] & CEILING[TYPES[receiver]]
        return {
            "receiver": receiver,
            "purpose": given["purpose"],
            "categories": fitting or asked["categories"],
            "until": min(asked["until"], given["until"]),
        }

    def _put(self, number: int, who: int, asked: dict[str, Any], path: str, body: dict[str, Any]) -> None:
        made = self.wire.api(who, path, body)
        self.rows[number] = UUID(made["id"])
        self.asked[number] = (who, asked)

    # -- registering, rows -------------------------------------------------------------------------------------------

    def register_presumed_victim(self, who: int, number: int, *, child: bool) -> None:
        if self.reference:
            raise No("there is a case")
        made = self.wire.api(who, "cases/", CHILD if child else ADULT)
        self.reference = made["reference"]
        found = self.wire.one("SELECT id FROM cases_case ORDER BY registered_at DESC LIMIT 1")
        self.case = found[0] if found else None

    def add_row(self, who: int, number: int) -> None:
        self.wire.page(who, f"/{self.path('narrative/add/')}", {"text": "Said it rained."})

    # -- shares ------------------------------------------------------------------------------------------------------

    def share(self, who: int, number: int, **asked: Any) -> None:
        if asked["basis"] in OVERRIDES:
            self._override(who, number, asked)
            return
        body = {**self.terms(who, asked), "to": self.key_of(asked["receiver"]), "level": LEVELS[asked["level"]]}
        self._put(number, who, asked, self.path("shares/"), body)

    def _override(self, who: int, number: int, asked: dict[str, Any]) -> None:
        """A row of the register first; what holds at once is shared at once, the rest when it was confirmed."""
        basis = Basis(asked["basis"])
        body = {
            "legal_basis": BASES[basis],
            "recipient": self.key_of(asked["receiver"]),
            "purpose": PURPOSES[Purpose(asked["purpose"])],
            "categories": codes_of(asked["categories"]),
            "reason": "It cannot wait.",
            "valid_until": day_before(asked["until"]).isoformat(),
        }
        if basis is Basis.DUTY_IN_LAW:
            body["provision"] = PROVISIONS[asked["provision"] or 1]
        key, self.wire.key = self.wire.key, 0
        self.resting[number] = UUID(self.wire.api(who, self.path("consents/override/"), body)["id"])
        self.asked[number] = (who, asked)
        self.wire.key = key
        if basis is Basis.LIFE_AT_RISK:
            self._share_on_override(number)

    def _share_on_override(self, number: int) -> None:
        who, asked = self.asked[number]
        body = {
            "categories": codes_of(asked["categories"]),
            "purpose": PURPOSES[Purpose(asked["purpose"])],
            "legal_basis": BASES[Basis(asked["basis"])],
            "ends_on": day_before(asked["until"]).isoformat(),
            "to": self.key_of(asked["receiver"]),
            "level": LEVELS[asked["level"]],
        }
        if Basis(asked["basis"]) is Basis.DUTY_IN_LAW:
            body["provision"] = PROVISIONS[asked["provision"] or 1]
        self._put(number, who, asked, self.path("shares/"), body)

    def confirm_override(self, who: int, number: int, *, share: int) -> None:
        if share not in self.resting:
            raise No("there is no such thing")
        self.wire.api(who, self.path(f"consents/{self.resting[share]}/confirmation/"), {"decision": "confirm"})
        if share not in self.rows:
            self.wire.key = 0
            self._share_on_override(share)

    def renew_share(self, who: int, number: int, *, share: int, until: int) -> None:
        body = {"ends_on": day_before(until).isoformat(), "reason": "person_asks"}
        self.wire.api(who, self.path(f"shares/{self.row(share)}/renew/"), body)

    def end_share(self, who: int, number: int, *, share: int) -> None:
        """By who gave; else by the lead, as a line of its tree; else from the list of all that one shares.

        What waits for a second person is taken back in the register.
        """
        if share in self.resting and share not in self.rows:
            path = self.path(f"consents/{self.resting[share]}/withdrawal/")
            self.wire.api(who, path, {"withdrawn_via": "oral_witnessed"})
            return
        key = self._share_key(share)
        giver = self.wire.one("SELECT from_organisation_id FROM cases_share WHERE id = %s", key)
        is_giver = giver is not None and str(giver[0]) == self.key_of(MEMBER_OF[who]) if MEMBER_OF[who] >= 0 else False
        ways = [self.path(f"shares/{key}/end/"), f"shares/{key}/end/"] if is_giver else []
        for path in (*ways, self.path(f"who-knows/{key}/end/")):
            try:
                self.wire.api(who, path)
            except No as no:
                refused = no
            else:
                return
        raise refused

    def _share_key(self, number: int) -> UUID:
        """The share itself, or that of an accepted referral."""
        key = self.row(number)
        found = self.wire.one(NEWEST_SHARE, key)
        if found is None:
            return key
        if found[0] is None:
            raise No("nothing was opened yet")
        share: UUID = found[0]
        return share

    # -- referrals ---------------------------------------------------------------------------------------------------

    def send_referral(self, who: int, number: int, **asked: Any) -> None:
        self._send(who, number, SERVICE_FOR[Purpose(asked["purpose"])], asked, self.terms(who, asked))

    def _send(self, who: int, number: int, service: str, asked: dict[str, Any], terms: dict[str, Any]) -> None:
        body = {**terms, "to": self.key_of(asked["receiver"]), "service": service, "region": "", "urgency": "normal"}
        self._put(number, who, asked, self.path("referrals/"), body)

    def accept_referral(self, who: int, number: int, *, referral: int, member: int) -> None:
        self.wire.api(who, f"referrals/{self.row(referral)}/accept/", {"member": self.member_key(member)})

    def decline_referral(self, who: int, number: int, *, referral: int) -> None:
        self.wire.api(who, f"referrals/{self.row(referral)}/decline/", {"reason": "no_capacity"})

    def revoke_referral(self, who: int, number: int, *, referral: int) -> None:
        self.wire.api(who, f"referrals/{self.row(referral)}/revoke/")

    def complete_referral(self, who: int, number: int, *, referral: int) -> None:
        self.wire.api(who, f"referrals/{self.row(referral)}/complete/", {"outcome": "success"})

    def answer_completion(self, who: int, number: int, *, referral: int) -> None:
        """The lead ends every line that only waits for its answer."""
        below = "SELECT id FROM cases_share WHERE %s = ANY (sources) AND kept_until IS NOT NULL AND ended_at IS NULL"
        lines = self.wire.every(below, self._share_key(referral))
        if not lines:
            raise No("nothing waits")
        for (line,) in lines:
            self.wire.api(who, self.path(f"who-knows/{line}/end/"))
            self.wire.key = 0

    # -- asking, taking over -----------------------------------------------------------------------------------------

    def ask_the_giver(self, who: int, number: int, *, share: int, receiver: int) -> None:
        body = {
            "through": str(self._share_key(share)),
            "receiver": self.key_of(receiver),
            "categories": ["identity"],
            "purpose": "refer_other_service",
            "legal_basis": "consent",
            "why": "They speak the language.",
        }
        self._put(number, who, {"receiver": receiver}, self.path("sharing-requests/"), body)

    def answer_request(self, who: int, number: int, *, request: int, **asked: Any) -> None:
        receiver = self.asked.get(request, (0, {}))[1].get("receiver", ANY)
        body = {**self.terms(who, {**asked, "receiver": receiver}), "level": LEVELS[asked["level"]]}
        path = self.path(f"sharing-requests/{self.row(request)}/share/")
        self._put(number, who, {**asked, "receiver": receiver}, path, body)

    def take_over_branch(self, who: int, number: int, *, share: int, **asked: Any) -> None:
        taken = self.asked.get(share)
        if taken is None or "purpose" not in taken[1]:
            raise No("there is no such thing")
        terms = {**asked, "purpose": taken[1]["purpose"], "receiver": taken[1]["receiver"]}
        body = {**self.terms(who, terms), "level": LEVELS[asked["level"]]}
        self._put(number, who, terms, self.path(f"who-knows/{self._share_key(share)}/take-over/"), body)

    # -- the person's answers ----------------------------------------------------------------------------------------

    def record_consent(self, who: int, number: int, **asked: Any) -> None:
        body = self._answer(asked, "given")
        body["categories"] = codes_of(asked["categories"])
        body["valid_until"] = day_before(asked["until"]).isoformat()
        self._put(number, who, {**asked, "is_consent": True}, self.path("consents/"), body)
        self.consents[self.rows[number]] = number

    def record_refusal(self, who: int, number: int, **asked: Any) -> None:
        body = self._answer(asked, "refused")
        body["categories"] = ["identity"]
        self._put(number, who, asked, self.path("consents/"), body)

    def _answer(self, asked: dict[str, Any], state: str) -> dict[str, Any]:
        purpose = Purpose.SERVICES if asked["purpose"] == ANY else Purpose(asked["purpose"])
        body = {
            "state": state,
            "purpose": PURPOSES[purpose],
            "form": "written",
            "given_on": self.today().isoformat(),
            "information_given": ["mechanism"],
        }
        return body if asked["receiver"] == ANY else {**body, "recipient": self.key_of(asked["receiver"])}

    def withdraw_consent(self, who: int, number: int, *, consent: int) -> None:
        self.wire.api(who, self.path(f"consents/{self.row(consent)}/withdrawal/"), {"withdrawn_via": "oral_witnessed"})

    # -- colleagues --------------------------------------------------------------------------------------------------

    def assign_member(self, who: int, number: int, *, member: int) -> None:
        self.wire.api(who, self.path("members/"), {"member": self.member_key(member)})

    def unassign_member(self, who: int, number: int, *, member: int) -> None:
        self.wire.api(who, self.path(f"members/{self.member_key(member)}/"), method="delete")

    def block_member(self, who: int, number: int, *, member: int) -> None:
        body = {"member": self.member_key(member), "reason": "A cousin."}
        made = self.wire.api(who, self.path("blocks/"), body)
        self.rows[-member - 1] = UUID(made["id"])

    def unblock_member(self, who: int, number: int, *, member: int) -> None:
        self.wire.api(who, self.path(f"blocks/{self.row(-member - 1)}/lift/"), {"reason": "It was somebody else."})

    # -- child, guardian, authority ----------------------------------------------------------------------------------

    def request_guardian(self, who: int, number: int) -> None:
        self.wire.api(who, self.path("guardian/request/"))

    def assign_guardian(self, who: int, number: int, *, member: int) -> None:
        body = {
            "guardian": self.member_key(member),
            "conflict_of_interest": "none",
            "is_screened": "yes",
            "child_informed_on": self.today().isoformat(),
        }
        held = self.wire.one(
            "SELECT 1 FROM cases_guardianship WHERE case_id = %s AND guardian_id IS NOT NULL AND ended_at IS NULL",
            self.case,
        )
        if held:
            self.wire.api(who, self.path("guardian/replace/"), {**body, "reason": "Moved away."})
        else:
            self.wire.api(who, self.path("guardian/appoint/"), body)

    def end_guardianship(self, who: int, number: int) -> None:
        self.wire.api(who, self.path("guardian/end/"), {"reason": "authority_decision"})

    def record_decision(self, who: int, number: int) -> None:
        body = {"outcome": "positive", "decided_on": self.today().isoformat(), "basis": "interview"}
        grounds = self.wire.one(
            "SELECT 1 FROM cases_identificationdecision WHERE case_id = %s AND step = 'reasonable_grounds'", self.case
        )
        if not grounds:
            key, self.wire.key = self.wire.key, 0
            self.wire.api(who, self.path("decisions/reasonable-grounds/"), body)
            self.wire.key = key
        self.wire.api(who, self.path("decisions/identification/"), body)

    def offer_reflection_period(self, who: int, number: int) -> None:
        body = {"residence": "irregular", "is_wanted": "yes", "offered_on": self.today().isoformat()}
        self.wire.api(who, self.path("reflection/offer/"), body)

    # -- placement ---------------------------------------------------------------------------------------------------

    def record_placement(self, who: int, number: int, *, shelter: int, referral: int) -> None:
        own, day = MEMBER_OF[who], self.today().isoformat()
        before = self._placements(shelter)
        if own == shelter == self.lead or (own == shelter and referral not in self.rows):
            self.wire.api(who, self.path("location/placement/"), {"starts_on": day})
        elif own != NOWHERE and TYPES[own] is Type.POLICE:
            self.wire.api(who, f"referrals/{self.row(referral)}/bring/", {"happened_on": day})
        else:
            step = {"kind": "placed", "happened_on": day}
            self.wire.api(who, f"referrals/{self.row(referral)}/steps/", step)
        after = self._placements(shelter)
        if len(after) == len(before):
            raise No("it opens no placement")
        self.rows[number] = after[-1]

    def _placements(self, shelter: int) -> list[UUID]:
        statement = "SELECT id FROM cases_placement WHERE case_id = %s AND organisation_id = %s ORDER BY recorded_at"
        return [row[0] for row in self.wire.every(statement, self.case, self.key_of(shelter))]

    def confirm_arrival(self, who: int, number: int, *, placement: int) -> None:
        self.wire.api(who, self.path(f"location/{self.row(placement)}/confirm/"))

    def record_departure(self, who: int, number: int, *, placement: int) -> None:
        self.wire.api(who, self.path(f"location/{self.row(placement)}/leave/"))

    def write_location(self, who: int) -> None:
        """What a host does when somebody has come; no act of the adversary."""
        body = {"address": f"House of {MEMBER_OF[who]}", "starts_on": self.today().isoformat()}
        self.wire.api(who, self.path("location/"), body)

    def ask_location_release(self, who: int, number: int, *, host: int) -> None:
        body = {"person": self.member_key(who), "reason": "A summons must be brought.", "hours": 4}
        self._put(number, who, {"host": host}, self.path("location/releases/"), body)

    def approve_location_release(self, who: int, number: int, *, release: int) -> None:
        self.wire.api(who, f"location-releases/{self.row(release)}/decide/", {"decision": "approve"})

    # -- the lead ----------------------------------------------------------------------------------------------------

    def transfer_lead(self, who: int, number: int, *, receiver: int, until: int) -> None:
        """On the person's consent, with the identity of the person."""
        consent = {
            "state": "given",
            "purpose": LEADING,
            "form": "written",
            "given_on": self.today().isoformat(),
            "information_given": ["mechanism"],
            "categories": codes_of(IDENTITY),
            "recipient": self.key_of(receiver),
        }
        key, self.wire.key = self.wire.key, 0
        given = self.wire.api(who, self.path("consents/"), consent)["id"]
        self.wire.key = key
        terms = {
            "purpose": LEADING,
            "legal_basis": "consent",
            "consent": given,
            "categories": codes_of(IDENTITY),
            "ends_on": day_before(until).isoformat(),
            "transfer_reason": "expertise",
        }
        self._send(who, number, LEADING, {"receiver": receiver}, terms)

    def reassign_lead(self, who: int, number: int, *, receiver: int, offer: int) -> None:
        if offer in self.rows:
            self.wire.api(who, f"lead/offers/{self.rows[offer]}/confirm/")
            return
        vacancy = self.wire.one("SELECT id FROM cases_leadvacancy WHERE case_id = %s AND ended_at IS NULL", self.case)
        if vacancy is None:
            raise No("there is a lead")
        made = self.wire.api(who, f"lead/{vacancy[0]}/propose/", {"to": self.key_of(receiver)})
        self.rows[number] = UUID(made["id"])

    def accept_lead(self, who: int, number: int, *, offer: int, member: int) -> None:
        is_referral = self.wire.one("SELECT 1 FROM referrals_referral WHERE id = %s", self.row(offer))
        kind = "referrals" if is_referral else "lead-offers"
        self.wire.api(who, f"{kind}/{self.row(offer)}/accept/", {"member": self.member_key(member)})
        handed = self.wire.one(
            "SELECT id FROM cases_share WHERE case_id = %s AND office = 'reassigned_lead' AND ended_at IS NULL",
            self.case,
        )
        if not is_referral and handed:
            self.rows[number] = handed[0]

    def close_case(self, who: int, number: int) -> None:
        self.wire.page(who, f"/{self.path('close/')}", {"outcome": "support_declined"})

    def reopen_case(self, who: int, number: int) -> None:
        self.wire.api(who, self.path("reopen/"), {"reason": "new_information"})

    def break_glass(self, who: int, number: int, *, colleague: int) -> None:
        body = {
            "reference": self.reference or "K7QF-2M9X-T",
            "reason": "life_at_risk",
            "explanation": "Somebody is at the door.",
            "proof": PASSWORD,
        }
        if colleague != who:
            body["colleague"] = self.member_key(colleague)
        self.wire.api(who, "emergencies/", body)

    # -- people and organisations ------------------------------------------------------------------------------------

    def grant_role(self, who: int, number: int, *, member: int, role: int) -> None:
        if member in self.wire.memberships:
            held = self.wire.one("SELECT roles FROM accounts_membership WHERE id = %s", self.member_key(member))
            roles = sorted({*(held[0] if held else ()), ROLES[role]})
            self.wire.page(who, f"/members/{self.member_key(member)}/roles/", {"roles": roles})
        else:
            self._invite(who, member, role)
        waiting = self.wire.one(
            "SELECT id FROM accounts_rolegrant WHERE membership_id = %s ORDER BY asked_at DESC LIMIT 1",
            self.member_key(member),
        )
        if waiting:
            self.rows[number] = waiting[0]

    def _invite(self, who: int, member: int, role: int) -> None:
        """The address is invited and follows the link at once."""
        user = self.wire.people.accounts[member]
        self.wire.page(who, "/members/invite/", {"email": user.email, "roles": [ROLES[role]]})
        self.wire.key = 0
        made = self.wire.one("SELECT id FROM accounts_invitation WHERE email = %s ORDER BY created_at DESC", user.email)
        if made is None:
            raise No("not invited")
        self.wire.page(member, f"/invitation/{invitation_token(made[0])}/")
        joined = self.wire.one(
            "SELECT id FROM accounts_membership WHERE user_id = %s AND organisation_id = %s AND ended_at IS NULL",
            user.pk,
            self.key_of(MEMBER_OF[member]),
        )
        if joined is None:
            raise No("not joined")
        self.wire.memberships[member] = joined[0]

    def confirm_role(self, who: int, number: int, *, grant: int) -> None:
        self.wire.page(who, f"/roles/{self.row(grant)}/confirm/")

    def end_membership(self, who: int, number: int, *, member: int) -> None:
        self.wire.page(who, f"/members/{self.member_key(member)}/end/")
        del self.wire.memberships[member]

    def suspend_member(self, who: int, number: int, *, member: int) -> None:
        self.wire.page(who, f"/members/{self.member_key(member)}/suspend/")

    def reinstate_member(self, who: int, number: int, *, member: int) -> None:
        self.wire.page(who, f"/members/{self.member_key(member)}/reinstate/")

    def suspend_organisation(self, who: int, number: int, *, organisation: int) -> None:
        self.wire.page(who, f"/organisations/{self.key_of(organisation)}/suspend/")

    def reinstate_organisation(self, who: int, number: int, *, organisation: int) -> None:
        self.wire.page(who, f"/organisations/{self.key_of(organisation)}/reinstate/")

    def switch_organisation(self, who: int, number: int) -> None:
        self.wire.page(who, "/active-organisation/", {"membership": self.member_key(who)})

    def wait(self, who: int, number: int, *, hours: int) -> None:
        """Hours pass. What only a worker would write down is sometimes left undone: rights end without it."""
        self.wire.pass_hours(hours)
        if number % 3 == 0:
            with self.wire.at(), reminders.as_worker():
                elapsed.record_elapsed()


def look_for_vacancies(wire: Wire) -> None:
    """What the worker does every five minutes: cases that nobody can act on come to the coordinator's desk."""
    with wire.at():
        vacancies.look(reminders.as_worker)


ACTS: Final[frozenset[str]] = frozenset(
    name
    for name, value in vars(Acts).items()
    if isinstance(value, Callable) and not name.startswith("_")  # type: ignore[arg-type]
) - {"row", "path", "key_of", "offered_consent", "member_key", "today", "terms", "write_location"}
