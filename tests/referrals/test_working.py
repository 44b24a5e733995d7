"""Steps, outcome, revocation, expiry: every end closes what was open, at once."""

from datetime import timedelta

import pytest

from accounts.context import acting
from audit.models import AuditChange
from cases import access as cases
from cases.models import Deadline, Identity, Service, Share
from cases.operations.sharing import end_share
from core import clock
from core.db import role
from core.errors import Conflict, Missing, NotAllowed, Refused
from referrals.access import get_referral, steps, texts
from referrals.operations import complete_referral, record_step, revoke_referral, write_down_all
from tests.cast import Cast
from tests.referrals.scenes import accepted, do, knows, police_case, row, sent, state, today

STEP = {"kind": "contact_made", "note": "Phoned"}


def step(cast: Cast, persona: str, referral, **changes):
    return do(cast, persona, record_step, referral, **{**STEP, "happened_on": today(), **changes})


def done(cast: Cast, persona: str, referral, **changes):
    return do(cast, persona, complete_referral, referral, **{"outcome": "success", "feedback": "Settled in", **changes})


def test_steps_lead_to_done_and_done_ends_access(cast: Cast) -> None:
    case = police_case(cast)
    referral = accepted(cast, sent(cast, case))
    step(cast, "shelter_worker", referral)
    assert state(cast, "police_officer", referral) == "in_progress"
    step(cast, "shelter_supervisor", referral, kind="appointment")
    done(cast, "shelter_worker", referral)
    assert not knows(cast, "shelter_worker", case)
    assert not knows(cast, "shelter_supervisor", case)
    for persona in ("police_officer", "shelter_worker"):
        actor = getattr(cast, persona).actor
        with acting(actor):
            door = get_referral(actor, referral.pk)
            assert door.referral.state_now == "done"
            assert [one.kind for one in steps(door)] == ["contact_made", "appointment"]
            assert steps(door)[0].content["note"] == "Phoned"
            assert texts(door)["feedback"] == "Settled in"
    with acting(cast.shelter_worker.actor):
        assert not Identity.objects.exists()


def test_a_started_service_is_the_start_of_assistance(cast: Cast) -> None:
    case = police_case(cast)
    referral = accepted(cast, sent(cast, case))
    step(cast, "shelter_worker", referral, kind="service_started")
    with acting(cast.police_officer.actor):
        case.refresh_from_db()
        assert (case.state, case.assistance_started_on) == ("active", today())


@pytest.mark.parametrize("act", [step, done])
@pytest.mark.parametrize(
    ("persona", "refusal"),
    [
        ("police_officer", NotAllowed),
        ("police_supervisor", NotAllowed),
        ("shelter_intake", NotAllowed),
        ("custodian_a", Missing),
        ("ngo_caseworker", Missing),
        ("other_shelter_intake", Missing),
    ],
)
def test_only_who_is_assigned_or_supervises_works_on_it(cast: Cast, persona: str, refusal, act) -> None:
    referral = accepted(cast, sent(cast, police_case(cast)))
    with pytest.raises(refusal):
        act(cast, persona, referral)
    assert state(cast, "police_officer", referral) == "accepted"


@pytest.mark.parametrize("act", [step, done])
def test_nothing_is_worked_before_acceptance_or_after_the_end(cast: Cast, act) -> None:
    case = police_case(cast)
    referral = sent(cast, case)
    with pytest.raises(NotAllowed):
        act(cast, "shelter_supervisor", referral)
    accepted(cast, referral)
    do(cast, "police_officer", revoke_referral, referral)
    with pytest.raises((Conflict, NotAllowed)):
        act(cast, "shelter_supervisor", referral)


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("kind", {"kind": "eaten"}),
        ("happened_on", {"happened_on": lambda: today() + timedelta(days=1)}),
        ("happened_on", {"happened_on": lambda: today() - timedelta(days=1)}),
    ],
)
def test_a_step_that_cannot_be_is_refused(cast: Cast, field: str, changes: dict) -> None:
    referral = accepted(cast, sent(cast, police_case(cast)))
    values = {name: value() if callable(value) else value for name, value in changes.items()}
    with pytest.raises(Refused) as refusal:
        step(cast, "shelter_worker", referral, **values)
    assert refusal.value.field == field


def test_a_service_does_not_end_before_it_started(cast: Cast) -> None:
    referral = accepted(cast, sent(cast, police_case(cast)))
    with clock.travel(clock.moment() + timedelta(days=3)):
        step(cast, "shelter_worker", referral, kind="service_started")
        with pytest.raises(Refused):
            step(cast, "shelter_worker", referral, kind="service_ended", happened_on=today() - timedelta(days=1))
        step(cast, "shelter_worker", referral, kind="service_ended")


def test_an_unsuccessful_outcome_needs_its_reason(cast: Cast) -> None:
    referral = accepted(cast, sent(cast, police_case(cast)))
    wrong = (("", "", "outcome"), ("failed", "", "failure_reason"), ("partial", "x", "failure_reason"))
    for outcome, reason, field in wrong:
        with pytest.raises(Refused) as refusal:
            done(cast, "shelter_worker", referral, outcome=outcome, failure_reason=reason)
        assert refusal.value.field == field
    assert done(cast, "shelter_worker", referral, outcome="failed", failure_reason="left").failure_reason == "left"


@pytest.mark.parametrize("persona", ["police_officer", "police_supervisor"])
@pytest.mark.parametrize("is_accepted", [False, True])
def test_the_sender_revokes_and_access_ends_at_once(cast: Cast, persona: str, is_accepted: bool) -> None:
    case = police_case(cast)
    referral = sent(cast, case)
    if is_accepted:
        accepted(cast, referral)
    do(cast, persona, revoke_referral, referral)
    assert state(cast, "shelter_intake", referral) == "revoked"
    assert not knows(cast, "shelter_intake", case)
    with role("nrm_ledger"):
        assert not Deadline.objects.filter(subject_id=referral.pk, state="open").exists()
        assert not Share.objects.filter(case=case, ended_at__isnull=True).exists()
    with pytest.raises(Conflict):
        do(cast, persona, revoke_referral, referral)


@pytest.mark.parametrize(
    ("persona", "refusal"),
    [("shelter_intake", NotAllowed), ("shelter_supervisor", NotAllowed), ("ngo_supervisor", Missing)],
)
def test_nobody_else_revokes(cast: Cast, persona: str, refusal) -> None:
    referral = sent(cast, police_case(cast))
    with pytest.raises(refusal):
        do(cast, persona, revoke_referral, referral)


def test_revoking_succeeds_when_the_sender_has_left_the_case(cast: Cast) -> None:
    case = police_case(cast)
    first = accepted(cast, sent(cast, case))
    actor = cast.shelter_worker.actor
    with acting(actor):
        row(cast.shelter_worker, case, Service, {}, service="medical")
    onward = sent(
        cast,
        case,
        "shelter_worker",
        to=cast.organisations.health,
        service="medical",
        purpose="refer_health",
        categories=["services"],
    )
    do(cast, "police_officer", revoke_referral, first)
    assert not knows(cast, "shelter_supervisor", case)
    do(cast, "shelter_supervisor", revoke_referral, onward)
    assert state(cast, "shelter_supervisor", onward) == "revoked"


def test_a_referral_that_waits_at_a_suspended_receiver_has_ended_without_anybodys_act(cast: Cast) -> None:
    case = police_case(cast)
    waiting = sent(cast, case)
    shelter = cast.organisations.shelter
    shelter.suspended_at = clock.moment()
    shelter.save()
    assert state(cast, "police_officer", waiting) == "ended"


def test_ending_the_share_itself_ends_the_referral(cast: Cast) -> None:
    case = police_case(cast)
    referral = accepted(cast, sent(cast, case))
    actor = cast.police_officer.actor
    with acting(actor):
        door = cases.get_case(actor, case.reference)
        end_share(actor, access=door, share=cases.shares(door)[0])
    assert state(cast, "shelter_worker", referral) == "ended"
    with pytest.raises(NotAllowed):
        step(cast, "shelter_supervisor", referral)


def test_the_last_day_ends_it_when_it_is_read_without_any_job(cast: Cast) -> None:
    case = police_case(cast)
    referral = accepted(cast, sent(cast, case))
    with clock.travel(clock.moment() + timedelta(days=31)):
        assert not knows(cast, "shelter_worker", case)
        assert state(cast, "shelter_worker", referral) == "ended"
        with acting(cast.police_officer.actor):
            assert get_referral(cast.police_officer.actor, referral.pk).referral.state == "accepted"


def test_the_worker_writes_down_what_is_over_once(cast: Cast) -> None:
    case = police_case(cast)
    unanswered = sent(cast, case)
    running = accepted(cast, sent(cast, case, service="supported_living"))
    assert write_down_all() == 0
    with clock.travel(clock.moment() + timedelta(days=31)):
        assert write_down_all() == 2
        assert write_down_all() == 0
        with acting(cast.police_officer.actor):
            unanswered.refresh_from_db()
            running.refresh_from_db()
            assert (unanswered.state, running.state) == ("expired", "ended")
            rows = AuditChange.objects.filter(actor_label="system", kind__endswith="_referral")
            assert set(rows.values_list("object_id", "kind")) == {
                (unanswered.pk, "expire_referral"),
                (running.pk, "end_referral"),
            }
        with role("nrm_ledger"):
            assert not Deadline.objects.filter(subject_id=unanswered.pk, state="open").exists()
