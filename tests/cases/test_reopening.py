"""Reopening a closed case, by a supervisor of the lead: what closing has ended stays ended, but a child is guarded."""

import re
from datetime import date, timedelta

import pytest

from accounts.context import acting
from accounts.models import Notice
from audit.models import AuditChange
from cases import ledger
from cases.guardian_queue import queue
from cases.models import Case, CaseVisibility, Deadline, Guardianship, Narrative, Reminder, Share
from cases.operations.closing import close_case, reopen_case
from cases.operations.conflicts import block_member
from cases.operations.elapsed import end_at_majority
from cases.operations.members import unassign_member
from cases.operations.reflection import grant_reflection_period
from cases.operations.rows import add_row
from core import clock
from core.db import role
from core.errors import Conflict, Missing, NotAllowed, Refused
from tests.api.calls import Caller, made, problem
from tests.cases.files import assign, in_reflection, inside, today, with_offer
from tests.cases.filing import consented, filed_case, shared
from tests.cases.test_guardianship import a_child, appoint, end, knows, open_rules, provisional
from tests.cast import Cast

REASON = "new_information"


def close(cast: Cast, case: Case, by: str = "ngo_supervisor") -> None:
    with inside(getattr(cast, by), case) as (actor, access):
        close_case(actor, access=access, outcome="support_declined")


def reopen(cast: Cast, case: Case, by: str = "ngo_supervisor", reason: str = REASON) -> Case:
    with inside(getattr(cast, by), case) as (actor, access):
        return reopen_case(actor, access=access, reason=reason)


def reopened(cast: Cast, case: Case) -> Case:
    close(cast, case)
    return reopen(cast, case)


def address(case: Case, page: str = "") -> str:
    return f"/cases/{case.shown_reference}/{page}"


def stored(cast: Cast, case: Case) -> Case:
    with acting(cast.ngo_supervisor.actor):
        return Case.objects.get(pk=case.pk)


@pytest.fixture
def closed(cast: Cast) -> Case:
    case = filed_case(cast)
    close(cast, case)
    return case


# -- the case --------------------------------------------------------------------------------------------------------


def test_the_case_is_active_again_and_the_trail_keeps_how_it_was_closed(cast: Cast, closed: Case) -> None:
    reopen(cast, closed)
    found = stored(cast, closed)
    assert (found.state, found.closed_on, found.closing_outcome) == ("active", None, "")
    with acting(cast.ngo_supervisor.actor):
        kept = AuditChange.objects.get(kind="reopen_case")
    assert kept.detail == {"reason": REASON, "closed_on": today().isoformat(), "outcome": "support_declined"}


def test_work_goes_on_with_the_colleagues_who_were_assigned(cast: Cast, closed: Case) -> None:
    reopen(cast, closed)
    with inside(cast.ngo_caseworker, closed) as (actor, access):
        assert access.is_assigned
        add_row(actor, access=access, model=Narrative, columns={}, content={"text": "She called."})


def test_needs_and_risks_have_a_clock_again(cast: Cast, closed: Case) -> None:
    with inside(cast.ngo_supervisor, closed):
        assert CaseVisibility.objects.get(case=closed, membership=None).next_due_at is None
    reopen(cast, closed)
    with inside(cast.ngo_supervisor, closed):
        running = Deadline.objects.get(case=closed, state="open", rule="EU-NEEDS-REOPEN")
        assert running.due_on >= today() + timedelta(days=7)
        assert CaseVisibility.objects.get(case=closed, membership=None).next_due_at is not None


def test_a_reflection_period_that_still_runs_has_its_clock_and_its_authority_again(cast: Cast) -> None:
    case = in_reflection(cast)
    before = running(cast, case)
    close(cast, case, by="police_supervisor")
    assert running(cast, case) == {}
    assert not knows(cast, case, "immigration_supervisor")
    reopen(cast, case, by="police_supervisor")
    assert running(cast, case).items() >= {rule: due for rule, due in before.items() if rule == "NL-BT"}.items()
    assert "NL-BT" in before
    assert knows(cast, case, "immigration_supervisor")
    with role(ledger.LEDGER):
        again = Deadline.objects.get(case=case, rule="NL-BT", state="open")
        waiting = Reminder.objects.filter(deadline=again, version=again.version, state="waiting")
        assert waiting.exists()


def test_an_offer_that_waited_for_its_answer_can_be_answered(cast: Cast) -> None:
    case = with_offer(cast)
    before = running(cast, case)["EU-RR-ANS"]
    close(cast, case, by="police_supervisor")
    reopen(cast, case, by="police_supervisor")
    assert running(cast, case)["EU-RR-ANS"] == before
    assign(cast, case, "immigration_decision_maker")
    with inside(cast.immigration_decision_maker, case) as (actor, access):
        grant_reflection_period(actor, access=access, situation="standard", decided_on=today(), starts_on=today())


def test_an_offer_whose_answer_was_due_meanwhile_is_overdue(cast: Cast) -> None:
    case = with_offer(cast)
    before = running(cast, case)["EU-RR-ANS"]
    close(cast, case, by="police_supervisor")
    with clock.travel(clock.moment() + timedelta(days=20)):
        reopen(cast, case, by="police_supervisor")
        assert running(cast, case)["EU-RR-ANS"] == before < today()


def test_clocks_of_the_case_and_of_its_consents_go_on_and_what_binds_who_is_gone_does_not(cast: Cast) -> None:
    case = filed_case(cast)
    consented(cast, case)
    with role(ledger.LEDGER):
        clocks = Deadline.objects.filter(case=case, state="open")
        of_a_consent = clocks.exclude(subject_id=None).values_list("rule", flat=True)[0]
        gone = clocks.filter(subject_id=None).values_list("rule", flat=True)[0]
        clocks.filter(rule=gone).update(bound_organisation=cast.organisations.shelter)
    reopened(cast, case)
    with role(ledger.LEDGER):
        again = set(Deadline.objects.filter(case=case, state="open").values_list("rule", flat=True))
    assert of_a_consent in again
    assert gone not in again


def test_what_fell_due_while_the_case_was_closed_and_what_began_anew_is_left(cast: Cast) -> None:
    case = in_reflection(cast)
    close(cast, case, by="police_supervisor")
    with clock.travel(clock.moment() + timedelta(days=100)):
        reopen(cast, case, by="police_supervisor")
        assert set(running(cast, case)) == {"EU-NEEDS-REOPEN"}
        close(cast, case, by="police_supervisor")
        reopen(cast, case, by="police_supervisor")
        assert set(running(cast, case)) == {"EU-NEEDS-REOPEN"}


def running(cast: Cast, case: Case) -> dict[str, date]:
    with inside(cast.police_supervisor, case):
        return dict(Deadline.objects.filter(case=case, state="open").values_list("rule", "due_on"))


def test_what_closing_ended_stays_ended(cast: Cast) -> None:
    case = filed_case(cast)
    shared(cast, case, cast.organisations.shelter, "identity")
    reopened(cast, case)
    with acting(cast.ngo_supervisor.actor):
        assert not Share.objects.live().filter(case=case).exists()
    assert cast.client("shelter_intake").get(address(case)).status_code == 404


def test_assigned_colleagues_are_told_and_who_reopened_it_is_not(cast: Cast, closed: Case) -> None:
    assign(cast, closed, "ngo_supervisor")
    for _again in range(2):
        reopen(cast, closed)
        close(cast, closed)
    told = Notice.objects.filter(kind="reopen_case")
    assert [one.membership_id for one in told] == [cast.ngo_caseworker.membership_id] * 2


def test_what_is_due_stands_on_the_worklist_and_it_can_be_closed_again(cast: Cast, closed: Case) -> None:
    worklist = cast.client("ngo_caseworker")
    assert "Assess needs" not in worklist.get("/my-work/").content.decode()
    reopen(cast, closed)
    assert "Assess needs" in worklist.get("/my-work/").content.decode()
    close(cast, closed)
    assert stored(cast, closed).state == "closed"


# -- who, when and why -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("persona", ["ngo_caseworker", "ngo_intake"])
def test_nobody_else_reopens(cast: Cast, closed: Case, persona: str) -> None:
    with pytest.raises(NotAllowed):
        reopen(cast, closed, by=persona)
    assert stored(cast, closed).state == "closed"


def test_who_registered_it_and_leads_it_no_more_does_not_reopen_it(cast: Cast) -> None:
    case = filed_case(cast, by="police_officer")
    ledger.move_lead(ledger.lock(case.pk), cast.organisations.ngo)
    close(cast, case)
    with pytest.raises(NotAllowed):
        reopen(cast, case, by="police_supervisor")
    reopen(cast, case)


@pytest.mark.parametrize("persona", ["shelter_supervisor", "other_ngo_supervisor", "colleague_unassigned"])
def test_for_who_does_not_know_it_there_is_no_such_case(cast: Cast, persona: str) -> None:
    case = filed_case(cast)
    shared(cast, case, cast.organisations.shelter, "identity")
    close(cast, case)
    with pytest.raises(Missing):
        reopen(cast, case, by=persona)
    assert cast.client(persona).post(address(case, "reopen/"), {"reason": REASON}).status_code == 404


def test_who_knows_a_running_case_by_a_share_may_not_reopen_it(cast: Cast) -> None:
    case = filed_case(cast)
    shared(cast, case, cast.organisations.shelter, "identity")
    with pytest.raises(NotAllowed):
        reopen(cast, case, by="shelter_supervisor")


def test_what_is_not_closed_is_not_reopened(cast: Cast, closed: Case) -> None:
    with pytest.raises(Conflict):
        reopen(cast, filed_case(cast))
    reopen(cast, closed)
    with pytest.raises(Conflict):
        reopen(cast, closed)


@pytest.mark.parametrize("reason", ["", "because", "support_declined"])
def test_it_needs_a_reason_of_the_list(cast: Cast, closed: Case, reason: str) -> None:
    with pytest.raises(Refused) as refusal:
        reopen(cast, closed, reason=reason)
    assert refusal.value.field == "reason"


def test_who_was_trafficked_again_needs_another_case(cast: Cast, closed: Case) -> None:
    response = cast.client("ngo_supervisor").post(address(closed, "reopen/"), {"reason": "trafficked_again"})
    assert response.status_code == 422
    assert "Register the person anew, then link the two cases" in response.content.decode()
    assert stored(cast, closed).state == "closed"


# -- a child ---------------------------------------------------------------------------------------------------------


def held(cast: Cast, case: Case, who: str = "child_protection_supervisor") -> list[str]:
    with inside(getattr(cast, who), case):
        return list(Guardianship.objects.filter(case=case).order_by("requested_at").values_list("state", flat=True))


def test_a_child_without_a_guardian_gets_a_request_for_one(cast: Cast) -> None:
    case = a_child(cast)
    end(cast, case)
    close(cast, case)
    assert not knows(cast, case, "child_protection_supervisor")
    reopen(cast, case)
    assert held(cast, case) == ["ended", "requested"]
    assert "EU-GUA-0" in open_rules(cast, case)


def test_a_request_that_waited_waits_again_with_its_clock(cast: Cast) -> None:
    case = a_child(cast)
    reopened(cast, case)
    assert held(cast, case) == ["requested"]
    with role(ledger.LEDGER):
        assert Deadline.objects.filter(case=case, rule="EU-GUA-0", state="open").count() == 1
    with acting(cast.child_protection_intake.actor) as actor:
        assert [one.case.pk for one in queue(actor).without] == [case.pk]


def test_who_is_guardian_sees_the_child_again(cast: Cast) -> None:
    case = a_child(cast)
    appoint(cast, case)
    close(cast, case)
    assert not knows(cast, case, "guardian")
    reopen(cast, case)
    assert held(cast, case, "guardian") == ["appointed"]
    assert knows(cast, case, "child_protection_supervisor")
    assert not knows(cast, case, "other_guardian")


def test_a_guardian_who_is_kept_away_stays_away(cast: Cast) -> None:
    case = a_child(cast)
    appoint(cast, case)
    with inside(cast.guardian_supervisor, case) as (actor, access):
        block_member(actor, access=access, member=cast.guardian.membership, reason="A cousin of the child.")
    reopened(cast, case)
    assert not knows(cast, case, "guardian")
    assert held(cast, case) == ["appointed"]


def test_a_provisional_guardian_waits_for_the_appointment_again(cast: Cast) -> None:
    case = a_child(cast)
    provisional(cast, case)
    reopened(cast, case)
    assert knows(cast, case, "guardian")
    assert "EU-GUA-2" in open_rules(cast, case)


def test_who_came_of_age_meanwhile_leaves_the_child_branch(cast: Cast) -> None:
    eighteen = today() + timedelta(days=30)
    case = a_child(cast, born=date(eighteen.year - 18, eighteen.month, min(eighteen.day, 28)).isoformat())
    appoint(cast, case)
    close(cast, case)
    with clock.travel(clock.moment() + timedelta(days=40)):
        assert end_at_majority() == 0
        reopen(cast, case)
        assert not stored(cast, case).is_child_branch
        assert not knows(cast, case, "guardian")
        assert not knows(cast, case, "child_protection_supervisor")
        with role("nrm_ledger"):
            ended = Guardianship.objects.only("state", "end_reason").get(case=case)
        assert (ended.state, ended.end_reason) == ("ended", "majority")


# -- page and API ----------------------------------------------------------------------------------------------------


def test_the_page_says_what_comes_back_and_reopens(cast: Cast, closed: Case) -> None:
    client = cast.client("ngo_supervisor")
    assert "Reopen the case" in client.get(address(closed)).content.decode()
    html = client.get(address(closed, "reopen/")).content.decode()
    assert "Shares, referrals and the placement stay ended" in html
    assert "Child protection" not in html.split("<main")[1]
    assert "No colleague is assigned" not in html
    assert client.post(address(closed, "reopen/"), {"reason": REASON}).status_code == 302
    page = client.get(address(closed)).content.decode()
    assert "The case is open again" in page
    assert "This case is closed" not in page
    assert "Close the case" in page
    assert "Case reopened" in client.get(address(closed, "timeline/")).content.decode()


def test_the_page_says_when_nobody_is_left(cast: Cast) -> None:
    case = filed_case(cast)
    with inside(cast.ngo_supervisor, case) as (actor, access):
        unassign_member(actor, access=access, member=cast.ngo_caseworker.membership)
    close(cast, case)
    client = cast.client("ngo_supervisor")
    assert "No colleague is assigned" in client.get(address(case, "reopen/")).content.decode()
    reopen(cast, case)
    member = {"member": str(cast.ngo_caseworker.membership_id)}
    assert client.post(address(case, "people/"), member).status_code == 302
    assert knows(cast, case, "ngo_caseworker")


def test_a_case_that_is_not_closed_has_its_own_page(cast: Cast) -> None:
    case = filed_case(cast)
    client = cast.client("ngo_supervisor")
    assert client.get(address(case, "reopen/")).headers["Location"] == address(case)
    assert "Reopen" not in client.get(address(case)).content.decode()
    stale = client.post(address(case, "reopen/"), {"reason": "closed_in_error"})
    assert stale.status_code == 409
    assert re.search(r'value="closed_in_error"[^>]* checked', stale.content.decode())
    assert cast.client("ngo_caseworker").get(address(case, "reopen/")).status_code == 403


def test_an_answer_is_asked_for(cast: Cast, closed: Case) -> None:
    response = cast.client("ngo_supervisor").post(address(closed, "reopen/"), {})
    assert response.status_code == 422
    assert "Choose why the case is reopened." in response.content.decode()


def test_it_is_reopened_through_the_api(cast: Cast, closed: Case) -> None:
    caller, path = Caller(cast, "ngo_supervisor"), f"cases/{closed.shown_reference}/"
    problem(caller.post(f"{path}reopen/", {"reason": "nonsense"}), 422)
    problem(Caller(cast, "ngo_caseworker").post(f"{path}reopen/", {"reason": REASON}), 403)
    problem(Caller(cast, "shelter_supervisor").post(f"{path}reopen/", {"reason": REASON}), 404)
    made(caller.post(f"{path}reopen/", {"reason": REASON}))
    assert caller.get(path).json()["state"] == "active"
    problem(caller.post(f"{path}reopen/", {"reason": REASON}), 409)
