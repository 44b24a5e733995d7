"""Who tries what: one to three people in collusion, and everybody else, in any order, with time passing.

Players know what was answered to them, as people do: they never look into the world. Most tries are aimed at what
exists, since blind tries are refused and prove little; some are blind all the same.
"""

import random
from bisect import bisect
from collections.abc import Callable
from itertools import accumulate
from typing import Any, Final

from tests.adversary.words import (
    ANY,
    ASSIGNABLE,
    AUTHORITY,
    CATEGORIES,
    CEILING,
    CONTRIBUTE,
    COORDINATOR,
    COUNT,
    GROUNDS,
    GUARDIANS,
    LAWYERS,
    LONGEST,
    MEMBER_OF,
    MEMBERS,
    MEMBERS_OF,
    NGO,
    OTHER_SHELTER,
    OVERRIDES,
    PERSONS,
    POLICE,
    READ,
    SERVICE_OF_REGION,
    SHELTER,
    TYPES,
    Basis,
    Purpose,
    Role,
    end_of_day,
)
from tests.adversary.world import Answer, Refused, Step

PURPOSES: Final = tuple(Purpose)
BASES: Final = tuple(Basis)
ALL: Final = (1 << len(CATEGORIES)) - 1
REGISTRARS: Final = (NGO, NGO, 1, SHELTER, OTHER_SHELTER, POLICE, SERVICE_OF_REGION, 6, 9)
ADMINISTRATORS: Final = tuple(n for n, member in enumerate(MEMBERS) if member.roles & Role.ADMINISTRATOR)
PLATFORM: Final = tuple(n for n, member in enumerate(MEMBERS) if member.roles & Role.PLATFORM)
CUSTODIANS: Final = tuple(n for n, member in enumerate(MEMBERS) if member.roles & Role.CUSTODIAN)
DECISION_MAKER: Final = next(n for n, member in enumerate(MEMBERS) if member.roles & Role.DECISION_MAKER)
TWO_MEMBERSHIPS: Final = tuple(
    n
    for n, member in enumerate(MEMBERS)
    if member.roles and sum(other.person == member.person and other.roles > 0 for other in MEMBERS) > 1
)
ROLES: Final = (Role.SUPERVISOR, Role.INTAKE, Role.CASEWORKER, Role.CUSTODIAN)
PURPOSE_OF: Final = {
    SHELTER: Purpose.ACCOMMODATION, OTHER_SHELTER: Purpose.ACCOMMODATION, AUTHORITY: Purpose.IDENTIFICATION,
    POLICE: Purpose.INVESTIGATION, LAWYERS: Purpose.LEGAL_AID, 9: Purpose.HEALTH,
}  # fmt: skip
HOURS: Final = (1, 1, 2, 4, 4, 9, 9, 24, 25, 30, 60, 80, 200, 800)


Made = tuple[int, int, dict[str, Any]]  # number, organisation of who made it, what was asked


class Players:
    """The people of one walk and what they remember: who is on the case, and the numbers of what was made."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.chance = self.random.random
        self.colluding = self.random.sample(range(len(MEMBERS)), self.random.randint(1, 3))
        self.inside: list[int] = []
        self.leads: list[int] = []
        self.made: dict[str, list[Made]] = {}
        self.posted: list[Step] = []
        self.hour = 8
        self.is_blank = False
        self.active: dict[int, int] = {}
        self.suspended: list[int] = []
        self.intended: list[str] = []
        # Each walk prefers other acts, so that rare ones come together in some.
        self.names = list(TRIES)
        weights = [weight * (4 if self.chance() < 0.2 else 1) for weight, _ in TRIES.values()]
        self.bounds = list(accumulate(weights))

    def next(self, number: int) -> Step:
        """The next try."""
        if not self.leads and self.chance() < 0.98:
            who = self._member(self._pick(REGISTRARS))
            return Step(number, who, "register_presumed_victim", {"child": self.chance() < 0.4})
        for _ in range(6):
            # People do not act on nothing: where there is nothing yet to aim at, mostly something else is tried.
            name, who, arguments = self._something()
            if not self.is_blank or self.chance() < 0.03:
                break
        if name == "wait":
            return Step(number, 0, name, {"hours": self._pick(HOURS)})
        if name == "post_again":
            return self._post_again(number)
        if self.active.get(PERSONS[who], who) != who and self.chance() < 0.7:
            return Step(number, who, "switch_organisation", {})
        key = number if self.chance() < 0.1 else 0
        return Step(number, who, name, arguments, key)

    def blind(self, number: int) -> Step:
        """A try that is aimed at nothing in particular: by anybody, on whatever was made or was not."""
        name = self._pick([name for name in TRIES if name not in ("wait", "post_again", "register_presumed_victim")])
        _who, arguments = TRIES[name][1](self)
        return Step(number, int(self.chance() * len(MEMBERS)), name, arguments)

    def _something(self) -> tuple[str, int, dict[str, Any]]:
        self.is_blank = False
        if self.intended and self.chance() < 0.5:
            name = self.intended.pop()
        else:
            name = self.names[bisect(self.bounds, self.chance() * self.bounds[-1])]
        return (name, *TRIES[name][1](self))

    def told(self, step: Step, answer: Answer) -> None:
        """Remember what was made."""
        if isinstance(answer, Refused):
            return
        if step.key:
            self.posted.append(step)
        if answer.number != step.number or step.name == "wait":
            return
        if step.name == "switch_organisation":
            self.active[PERSONS[step.player]] = step.player
        own = MEMBER_OF[step.player]
        made = (step.number, own, step.arguments)
        if step.arguments.get("basis", 0) in OVERRIDES:
            self.made.setdefault("override", []).append(made)
            self.intended.append("confirm_override")
        self.made.setdefault(KIND.get(step.name, step.name), []).append(made)
        if step.name in ANSWERED and self.chance() < 0.6:
            self.intended.append(ANSWERED[step.name])
        if step.name in BRINGING:
            receiver = step.arguments.get(BRINGING[step.name], ANY)
            self.inside.append(receiver if receiver != ANY else own)
        elif step.name in REMEMBERED:
            REMEMBERED[step.name](self, made)

    # -- picking -----------------------------------------------------------------------------------------------------

    def _pick(self, items: Any) -> Any:
        return items[int(self.chance() * len(items))]

    def _member(self, organisation: int) -> int:
        """Mostly somebody who may do much there, sometimes anybody, sometimes who colludes."""
        chance = self.chance()
        if chance < 0.1:
            return int(self._pick(self.colluding))
        if chance < 0.12 or organisation < 0:
            return int(self.chance() * len(MEMBERS))
        return int(MEMBERS_OF[organisation][0] if chance < 0.8 else self._pick(MEMBERS_OF[organisation]))

    def _insider(self) -> int:
        """Mostly the supervisor of an organisation that was brought in."""
        chance = self.chance()
        if chance < 0.2:
            return int(self._pick(self.colluding))
        if chance < 0.5 and self.leads:
            return self._member(self.leads[-1])
        return self._member(self._pick(self.inside[-5:])) if self.inside else self._member(NGO)

    def _lead(self) -> int:
        return self._member(self.leads[-1]) if self.leads and self.chance() < 0.85 else self._insider()

    def _worker(self, who: int) -> int:
        """Mostly the caseworker there."""
        members = MEMBERS_OF[MEMBER_OF[who]] if MEMBER_OF[who] >= 0 else (who,)
        return int(members[1] if len(members) > 1 and self.chance() < 0.8 else self._pick(members))

    def _organisation(self) -> int:
        if self.inside and self.chance() < 0.3:
            return int(self._pick(self.inside))
        return int(self.chance() * COUNT)

    def _of(self, kind: str) -> Made:
        """Something that was made: the newest, mostly."""
        made = self.made.get(kind)
        if not made:
            self.is_blank = True
            return (0, NGO, {})
        return made[-1] if self.chance() < 0.6 else made[int(self.chance() * len(made))]

    # -- arguments ---------------------------------------------------------------------------------------------------

    def _terms(self, giver: int, receiver: int, purpose: int | None = None) -> dict[str, Any]:
        chance = self.chance()
        if purpose is None:
            purpose = int(PURPOSE_OF.get(receiver, Purpose.SERVICES) if chance < 0.8 else self._pick(PURPOSES))
        basis, provision = Basis.CONSENT, 0
        if self.chance() < 0.45:
            fitting = [g for g in GROUNDS if TYPES[receiver] in g.receivers and TYPES[giver] in g.givers]
            if fitting and self.chance() < 0.8:
                line = self._pick(fitting)
                basis, provision = line.basis, line.provision
                purpose = int(self._pick(tuple(line.purposes)))
                ceiling = line.categories
            else:
                basis, ceiling = self._pick(BASES), ALL
        else:
            ceiling = ALL
        categories = self.random.getrandbits(len(CATEGORIES)) & ceiling
        if self.chance() < 0.9:
            categories &= CEILING[TYPES[receiver]]
        return {
            "purpose": purpose,
            "basis": int(basis),
            "provision": provision,
            "categories": categories or 1,
            "level": CONTRIBUTE if self.chance() < 0.6 else READ,
            "until": self._until(),
        }

    def _on_a_consent(self, asked: dict[str, Any]) -> None:
        """Aim terms at what the person has agreed to."""
        _, _, given = self._of("record_consent")
        if given:
            if given["receiver"] != ANY:
                asked["receiver"] = given["receiver"]
            categories = asked["categories"] & given["categories"] & CEILING[TYPES[asked["receiver"]]]
            asked.update(purpose=given["purpose"], basis=0, provision=0, categories=categories or 1)

    def _until(self) -> int:
        # Players do not know the hour; they ask for a day of the calendar. Later than allowed is refused.
        return end_of_day(self.hour, int(self._pick((0, 1, 3, 12, 40, LONGEST, LONGEST + 1))))

    def _post_again(self, number: int) -> Step:
        """The same form again: as it was, or with the key of another."""
        if not self.posted:
            return self.next(number)
        first = self._pick(self.posted)
        if self.chance() < 0.5:
            return Step(number, *first[1:])
        other = self._pick(self.posted)
        return Step(number, other.player, other.name, other.arguments, first.key)


Try = tuple[int, dict[str, Any]]


def _share(p: Players) -> Try:
    who, receiver = p._insider(), p._organisation()
    asked = {"receiver": receiver, **p._terms(MEMBER_OF[who], receiver)}
    if p.chance() < 0.6:
        p._on_a_consent(asked)
    return who, asked


def _refer(p: Players) -> Try:
    who, asked = _share(p)
    if p.chance() < 0.4:
        receiver = p._pick((SHELTER, SHELTER, OTHER_SHELTER, AUTHORITY))
        asked = {"receiver": receiver, **p._terms(MEMBER_OF[who], receiver, int(PURPOSE_OF[receiver]))}
    return who, asked


def _renew(p: Players) -> Try:
    number, giver, _ = p._of("share")
    return p._member(giver), {"share": number, "until": p._until()}


def _end_share(p: Players) -> Try:
    number, giver, _ = p._of("share")
    return (p._lead() if p.chance() < 0.5 else p._member(giver)), {"share": number}


def _second(p: Players) -> Try:
    number, giver, _ = p._of("override")
    return p._pick(MEMBERS_OF[giver] if giver >= 0 else PLATFORM), {"share": number}


def _referral(p: Players) -> Try:
    number, _, asked = p._of("referral")
    return p._member(asked.get("receiver", NGO)), {"referral": number}


def _accept(p: Players) -> Try:
    who, asked = _referral(p)
    return who, {**asked, "member": p._worker(who)}


def _revoke(p: Players) -> Try:
    number, sender, _ = p._of("referral")
    return p._member(sender), {"referral": number}


def _answer_completion(p: Players) -> Try:
    return p._lead(), {"referral": p._of("complete_referral")[2].get("referral", 0)}


def _ask(p: Players) -> Try:
    number, _, asked = p._of("share")
    return p._member(asked.get("receiver", NGO)), {"share": number, "receiver": p._organisation()}


def _answer(p: Players) -> Try:
    number, _, asked = p._of("ask_the_giver")
    receiver = asked.get("receiver", NGO)
    gifts = p.made.get("share", []) + p.made.get("referral", [])
    giver = next((gift[1] for gift in gifts if gift[0] == asked.get("share")), NGO)
    who = p._member(giver)
    terms = {"receiver": receiver, **p._terms(MEMBER_OF[who], receiver)}
    if p.chance() < 0.6:
        p._on_a_consent(terms)
    terms.pop("receiver")
    return who, {"request": number, **terms}


def _take_over(p: Players) -> Try:
    number, _, asked = p._of("share" if p.chance() < 0.7 else "referral")
    who, receiver = p._lead(), asked.get("receiver", NGO)
    wanted = p._terms(MEMBER_OF[who], receiver, asked.get("purpose"))
    if p.chance() < 0.6:
        wanted.update(basis=0, categories=wanted["categories"] & CEILING[TYPES[receiver]] or 1)
    wanted.pop("purpose")
    return who, {"share": number, **wanted}


def _consent(p: Players) -> Try:
    receiver = p._organisation() if p.chance() < 0.4 else ANY
    purpose = p._pick(PURPOSES) if receiver == ANY else PURPOSE_OF.get(receiver, Purpose.SERVICES)
    categories = ALL if p.chance() < 0.8 else p.random.getrandbits(len(CATEGORIES))
    until = end_of_day(p.hour, p._pick((4, 20, 125)))
    return p._insider(), {"purpose": int(purpose), "receiver": receiver, "categories": categories, "until": until}


def _refusal(p: Players) -> Try:
    receiver = p._organisation() if p.chance() < 0.6 else ANY
    purpose = ANY if p.chance() < 0.3 else int(p._pick(PURPOSES))
    return p._insider(), {"purpose": purpose, "receiver": receiver}


def _withdraw(p: Players) -> Try:
    number, taker, _ = p._of("record_consent")
    return (p._member(taker) if p.chance() < 0.5 else p._lead()), {"consent": number}


def _colleague(p: Players) -> Try:
    who = p._insider()
    organisation = MEMBER_OF[who]
    return who, {"member": p._pick(MEMBERS_OF[organisation]) if organisation >= 0 else 0}


def _assign(p: Players) -> Try:
    who, asked = _colleague(p)
    for _ in range(3):
        if not MEMBERS[asked["member"]].roles & ASSIGNABLE:
            who, asked = _colleague(p)
    return who, asked


def _unassign(p: Players) -> Try:
    _, own, asked = p._of("assign_member")
    return p._member(own), {"member": asked.get("member", 0)}


def _unblock(p: Players) -> Try:
    _, own, asked = p._of("block_member")
    return p._member(own), {"member": asked.get("member", 0)}


def _reinstate_member(p: Players) -> Try:
    _, _, asked = p._of("suspend_member")
    return p._pick(ADMINISTRATORS), {"member": asked.get("member", 0)}


def _placement(p: Players) -> Try:
    number, _, asked = p._of("place" if p.chance() < 0.7 else "referral")
    p.is_blank = False
    shelter = asked.get("receiver", SHELTER) if p.chance() < 0.8 else p._pick((SHELTER, OTHER_SHELTER))
    by_police = p.chance() < 0.2
    p.is_blank = (POLICE if by_police else shelter) not in p.inside
    return p._member(POLICE if by_police else shelter), {"shelter": shelter, "referral": number}


def _confirm(p: Players) -> Try:
    return (p._lead() if p.chance() < 0.7 else p._insider()), {"placement": p._of("arrival")[0]}


def _departure(p: Players) -> Try:
    number, _, asked = p._of("record_placement")
    return (p._lead() if p.chance() < 0.5 else p._member(asked.get("shelter", SHELTER))), {"placement": number}


def _child_protection(p: Players) -> Try:
    p.is_blank = SERVICE_OF_REGION not in p.inside
    return p._member(SERVICE_OF_REGION if p.chance() < 0.8 else 6), {}


def _guardian(p: Players) -> Try:
    p.is_blank = SERVICE_OF_REGION not in p.inside
    return p._member(SERVICE_OF_REGION), {"member": p._pick(MEMBERS_OF[GUARDIANS])}


def _authority(p: Players) -> Try:
    p.is_blank = AUTHORITY not in p.inside
    return (DECISION_MAKER if p.chance() < 0.5 else p._pick(MEMBERS_OF[AUTHORITY])), {}


def _grant(p: Players) -> Try:
    who = p._pick(ADMINISTRATORS)
    return who, {"member": p._pick(MEMBERS_OF[MEMBER_OF[who]]), "role": p._pick(ROLES)}


def _confirm_role(p: Players) -> Try:
    number, own, _ = p._of("grant_role")
    return (p._pick(PLATFORM) if p.chance() < 0.2 else p._pick(MEMBERS_OF[own])), {"grant": number}


def _administered(p: Players) -> Try:
    who = p._pick(ADMINISTRATORS)
    return who, {"member": p._pick(MEMBERS_OF[MEMBER_OF[who]])}


def _platform(p: Players) -> Try:
    return p._pick(PLATFORM), {"organisation": p._organisation()}


def _reinstate(p: Players) -> Try:
    p.is_blank = not p.suspended
    return p._pick(PLATFORM), {"organisation": p._pick(p.suspended) if p.suspended else p._organisation()}


def _transfer(p: Players) -> Try:
    return p._lead(), {"receiver": p._organisation(), "until": p._until()}


def _reassign(p: Players) -> Try:
    number, _, asked = p._of("reassign_lead")
    p.is_blank = not p.leads or p.leads[-1] not in p.suspended
    receiver = asked.get("receiver", 0) if p.chance() < 0.7 else p._organisation()
    return p._pick(MEMBERS_OF[COORDINATOR]), {"receiver": receiver, "offer": number}


def _accept_lead(p: Players) -> Try:
    number, _, asked = p._of("transfer_lead" if p.chance() < 0.5 else "reassign_lead")
    who = p._member(asked.get("receiver", NGO))
    return who, {"offer": number, "member": p._worker(who)}


def _glass(p: Players) -> Try:
    who = p._member(p._pick((SHELTER, POLICE, SERVICE_OF_REGION, 9, OTHER_SHELTER)))
    organisation = MEMBER_OF[who]
    return who, {"colleague": p._pick(MEMBERS_OF[organisation]) if organisation >= 0 else 0}


def _plain(p: Players) -> Try:
    return p._insider(), {}


def _lead_plain(p: Players) -> Try:
    return p._lead(), {}


def _new_lead(p: Players, made: Made) -> None:
    p.leads.append(made[1])
    p.inside.append(made[1])
    if made[2].get("child"):
        p.inside.append(SERVICE_OF_REGION)


def _placed(p: Players, made: Made) -> None:
    p.inside.append(made[2]["shelter"])
    if made[2]["shelter"] != p.leads[-1]:
        p.made.setdefault("arrival", []).append(made)
        p.intended.append("confirm_arrival")


def _accepted(p: Players, made: Made) -> None:
    p.inside.append(made[1])
    sent = next(sent for sent in p.made["referral"] if sent[0] == made[2]["referral"])
    if sent[2]["purpose"] == Purpose.ACCOMMODATION:
        p.made.setdefault("place", []).append(sent)
        p.intended.append("record_placement")


# What else is remembered of some acts.
REMEMBERED: Final[dict[str, Callable[[Players, Made], None]]] = {
    "register_presumed_victim": _new_lead,
    "accept_lead": _new_lead,
    "record_placement": _placed,
    "accept_referral": _accepted,
    "suspend_organisation": lambda p, made: p.suspended.append(made[2]["organisation"]),
    "reinstate_organisation": lambda p, made: p.suspended.remove(made[2]["organisation"]),
}
# What people often do next, so that what needs several of them comes about.
ANSWERED: Final = {
    "send_referral": "accept_referral", "ask_the_giver": "answer_request", "transfer_lead": "accept_lead",
    "ask_location_release": "approve_location_release", "approve_location_release": "approve_location_release",
    "complete_referral": "take_over_branch", "grant_role": "confirm_role", "close_case": "reopen_case",
}  # fmt: skip
BRINGING: Final = {
    "share": "receiver", "take_over_branch": "", "request_decision": "authority", "assign_guardian": "",
}  # fmt: skip
KIND: Final = {"answer_request": "share", "take_over_branch": "share", "send_referral": "referral"}
# How often, and how: the acts of the rules, time, and a form that is posted again.
TRIES: Final[dict[str, tuple[float, Callable[[Players], Try]]]] = {
    "share": (14, _share),
    "send_referral": (8, _refer),
    "accept_referral": (7, _accept),
    "decline_referral": (0.5, _referral),
    "revoke_referral": (1.5, _revoke),
    "complete_referral": (2, _referral),
    "answer_completion": (0.7, _answer_completion),
    "renew_share": (4, _renew),
    "end_share": (3, _end_share),
    "confirm_override": (3, _second),
    "ask_the_giver": (2, _ask),
    "answer_request": (2, _answer),
    "take_over_branch": (2, _take_over),
    "record_consent": (8, _consent),
    "record_refusal": (1, _refusal),
    "withdraw_consent": (2, _withdraw),
    "add_row": (2, _plain),
    "assign_member": (5, _assign),
    "unassign_member": (0.7, _unassign),
    "block_member": (1.2, _colleague),
    "unblock_member": (1, _unblock),
    "record_placement": (7, _placement),
    "confirm_arrival": (4, _confirm),
    "record_departure": (1, _departure),
    "request_guardian": (1, _plain),
    "correct_date_of_birth": (0.5, _lead_plain),
    "settle_age": (0.4, _child_protection),
    "assign_guardian": (2, _guardian),
    "end_guardianship": (0.4, _child_protection),
    "request_decision": (2, lambda p: (p._insider(), {"authority": AUTHORITY})),
    "record_decision": (1.5, _authority),
    "offer_reflection_period": (1, _authority),
    "transfer_lead": (2, _transfer),
    "reassign_lead": (2, _reassign),
    "accept_lead": (3, _accept_lead),
    "break_glass": (0.8, _glass),
    "ask_location_release": (1, lambda p: (p._insider(), {"host": p._pick((SHELTER, OTHER_SHELTER))})),
    "approve_location_release": (
        1.5,
        lambda p: (p._pick(CUSTODIANS), {"release": p._of("ask_location_release")[0]}),
    ),
    "close_case": (0.15, _lead_plain),
    "reopen_case": (1, _lead_plain),
    "grant_role": (1, _grant),
    "confirm_role": (2, _confirm_role),
    "end_membership": (0.3, _administered),
    "suspend_member": (0.6, _administered),
    "reinstate_member": (1.5, _reinstate_member),
    "suspend_organisation": (0.4, _platform),
    "reinstate_organisation": (2, _reinstate),
    "switch_organisation": (1, lambda p: (p._pick(TWO_MEMBERSHIPS), {})),
    "wait": (3, _plain),
    "post_again": (2, _plain),
}
