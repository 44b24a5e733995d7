"""The pure model of the rules: one case as plain data, acts that refuse or change it, what everybody then meets."""

from collections.abc import Callable
from typing import Any, Final

from tests.adversary import knowledge, members, offices, people, sharing
from tests.adversary.sharing import Refusal, require
from tests.adversary.state import Case, Faults
from tests.adversary.words import DAY, FOR_EVER, MEMBER_OF, NOWHERE, PERSONS
from tests.adversary.world import Answer, Done, Observation, Refused, Step

Act = Callable[..., None]
ACTS: Final[dict[str, Act]] = {
    act.__name__: act
    for act in (
        offices.register_presumed_victim, offices.add_row, offices.request_guardian, offices.correct_date_of_birth,
        offices.settle_age, offices.assign_guardian, offices.end_guardianship, offices.request_decision,
        offices.record_decision, offices.offer_reflection_period, offices.record_placement, offices.confirm_arrival,
        offices.record_departure, offices.transfer_lead, offices.reassign_lead, offices.accept_lead,
        offices.close_case, offices.reopen_case, offices.break_glass, offices.ask_location_release,
        offices.approve_location_release, sharing.share, sharing.confirm_override, sharing.renew_share,
        sharing.end_share, sharing.send_referral, sharing.accept_referral, sharing.decline_referral,
        sharing.revoke_referral, sharing.complete_referral, sharing.answer_completion, sharing.ask_the_giver,
        sharing.answer_request, sharing.take_over_branch, sharing.record_consent, sharing.record_refusal,
        sharing.withdraw_consent, members.assign_member, members.unassign_member, members.block_member,
        members.unblock_member, members.grant_role, members.confirm_role, members.end_membership,
        members.suspend_member, members.reinstate_member, members.suspend_organisation,
        members.reinstate_organisation,
    )
}  # fmt: skip
# Acts after which somebody may have to look after a case whose lead can no longer act.
OF_PEOPLE: Final = frozenset(
    {"assign_member", "unassign_member", "block_member", "unblock_member", "grant_role", "confirm_role",
     "end_membership", "suspend_member", "reinstate_member", "suspend_organisation", "reinstate_organisation",
     "accept_lead", "accept_referral", "assign_guardian", "reopen_case", "correct_date_of_birth"}
)  # fmt: skip
# Acts that change neither shares nor offices nor who leads.
WITHOUT_PATHS: Final = frozenset(
    {"add_row", "assign_member", "unassign_member", "block_member", "unblock_member", "grant_role", "confirm_role",
     "break_glass", "ask_location_release", "approve_location_release", "record_consent", "transfer_lead",
     "ask_the_giver", "switch_organisation"}
)  # fmt: skip


NO_FAULTS: Final = Faults()


class Model:
    """A world that follows the rules, but for the faults that were put into it."""

    def __init__(self, faults: Faults = NO_FAULTS) -> None:
        self.case = Case(faults=faults)
        # What is met changes only with paths, or with people; forgotten then.
        self._openers: dict[int, int] = {}
        self._met: tuple[Any, ...] | None = None

    def act(self, step: Step) -> Answer:
        """Try one step."""
        if step.name == "wait":
            self.case.now += step.arguments["hours"]
            self._settle(step.number, is_late=True)
            return Done(step.number, NOWHERE)
        try:
            return self._act(step)
        except Refusal as refusal:
            return Refused(str(refusal))

    def _act(self, step: Step) -> Done:
        case, who = self.case, step.player
        require(people.is_live(case, who), "no live member")
        if step.key and (repeated := self._repeated(step)):
            return repeated
        if step.key:
            kept = (PERSONS[who], step.key), (who, step.name, step.arguments, step.number, case.now)
        if step.name == "switch_organisation":
            case.active[PERSONS[who]] = who
            if step.key:
                case.keys[kept[0]] = kept[1]
            return Done(step.number, MEMBER_OF[who])
        acting = self._acting(who)
        ACTS[step.name](case, acting, step.number, **step.arguments)
        if step.name in OF_PEOPLE or step.name == "register_presumed_victim":
            self._openers.clear()
        if step.key:
            case.keys[kept[0]] = kept[1]
        if step.name not in WITHOUT_PATHS or step.name in OF_PEOPLE:
            self._settle(step.number, is_late=step.name in OF_PEOPLE, has_paths=step.name not in WITHOUT_PATHS)
        return Done(step.number, MEMBER_OF[acting])

    def _acting(self, who: int) -> int:
        """Rule 23: an act belongs to the organisation of its page; another active one meanwhile is a conflict."""
        active = self.case.active.get(PERSONS[who], who)
        if self.case.faults.active_organisation_counts:
            return active
        require(active == who, "another organisation is active")
        return who

    def _repeated(self, step: Step) -> Done | None:
        """The first result, if the same act is posted again within 24 hours; refused if it is another act."""
        known = self.case.keys.get((PERSONS[step.player], step.key))
        if known is None or known[4] + DAY <= self.case.now:
            return None
        player, name, arguments, number, _ = known
        is_same = (player, name, arguments) == (step.player, step.name, step.arguments)
        require(is_same or self.case.faults.key_alone_is_recognised, "the key was used for another act")
        return Done(number, MEMBER_OF[step.player])

    def _settle(self, number: int, *, is_late: bool, has_paths: bool = True) -> None:
        """What an act or time brings about by itself: a lead that can act, and ends below what has ended."""
        case = self.case
        if not case.is_registered:
            return
        self._met = None
        if has_paths:
            knowledge.spread(case)
        if is_late:
            lead, stranded = case.lead, case.is_stranded
            offices.look_after(case, number)
            if (lead, stranded) != (case.lead, case.is_stranded):
                knowledge.spread(case)

    def observe(self) -> Observation:
        """What everybody meets now."""
        case = self.case
        if not case.is_registered:
            return Observation(case.now, False, NOWHERE, False, [0], [0], {}, [], {}, {}, [], {}, {}, [])
        if self._met is None:
            self._met = self._look()
        reads_until, contributes_until, reading, offices_held, tree, gifts, hosts_named = self._met
        return Observation(
            case.now,
            case.is_open,
            case.lead,
            case.is_stranded,
            reads_until,
            contributes_until,
            reading,
            [self._readers(o) if until > case.now else 0 for o, until in enumerate(reads_until)],
            people.emergency_reading(case) if case.emergencies else {},
            people.location_reading(case) if offices_held else {},
            offices_held,
            tree,
            gifts,
            hosts_named,
        )

    def _readers(self, organisation: int) -> int:
        if organisation not in self._openers:
            self._openers[organisation] = people.openers(self.case, organisation)
        return self._openers[organisation]

    def _look(self) -> tuple[Any, ...]:
        """What is met by paths and offices."""
        case = self.case
        reads_until = case.reads_until.copy()
        if not case.suspended >> case.registrar & 1:
            reads_until[case.registrar] = FOR_EVER
        return (
            reads_until,
            case.contributes_until.copy(),
            knowledge.reading(case),
            [(held.kind, held.holder) for held in case.offices.values() if knowledge.is_in_force(case, held)],
            knowledge.tree(case),
            knowledge.gifts(case),
            people.hosts_named(case),
        )
