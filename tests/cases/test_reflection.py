"""The reflection period: offered, not wanted, granted, declined, ended; for whom it does not apply; one per person."""

from datetime import date, timedelta

import pytest

from accounts.models import Membership
from audit.models import AuditChange
from cases import access as door
from cases.models import Case, Deadline, Person, ReflectionPeriod, Share
from cases.operations.decisions import record_reasonable_grounds
from cases.operations.elapsed import end_elapsed_periods
from cases.operations.reflection import (
    decline_reflection_period,
    end_reflection_period,
    grant_reflection_period,
    offer_reflection_period,
    span,
    state_today,
)
from core import clock
from core.errors import Conflict, Missing, NotAllowed, Refused
from tests.cases.files import assign, in_reflection, inside, let_know, register, today, with_grounds, with_offer
from tests.cast import Cast

OFFER = {"residence": "irregular", "is_wanted": True}


def offer(cast: Cast, case: Case, who: str = "police_officer", **changed):
    with inside(getattr(cast, who), case) as (actor, access):
        return offer_reflection_period(actor, access=access, **({"offered_on": today()} | OFFER | changed))


def grant(cast: Cast, case: Case, who: str = "immigration_decision_maker", **changed):
    values = {"situation": "standard", "decided_on": today(), "starts_on": today()} | changed
    with inside(getattr(cast, who), case) as (actor, access):
        return grant_reflection_period(actor, access=access, **values)


def end(cast: Cast, case: Case, reason: str = "waived", who: str = "immigration_decision_maker", **changed):
    with inside(getattr(cast, who), case) as (actor, access):
        values = {"ended_on": today(), "reason": reason} | changed
        return end_reflection_period(actor, access=access, **values)


def open_rules(cast: Cast, case: Case) -> set[str]:
    with inside(cast.police_supervisor, case):
        return set(Deadline.objects.filter(case=case, state="open").values_list("rule", flat=True))


# -- offering --------------------------------------------------------------------------------------------------------


def test_the_offer_makes_immigration_a_party_that_can_decide(cast: Cast) -> None:
    case = with_grounds(cast)
    period = offer(cast, case)
    assert (period.state, period.decides) == ("offered", cast.organisations.immigration)
    with inside(cast.immigration_supervisor, case) as (_actor, access):
        assert door.reflection_period(access).pk == period.pk
        assert set(Share.objects.get(case=case).categories) == {"identity", "immigration"}


@pytest.mark.parametrize(
    ("who", "error"),
    [
        ("shelter_worker", NotAllowed),
        ("shelter_supervisor", NotAllowed),
        ("immigration_decision_maker", Missing),
        ("other_police_officer", Missing),
        ("coordinator", Missing),
    ],
)
def test_only_whom_the_profile_names_offers(cast: Cast, who: str, error: type[Exception]) -> None:
    case = with_grounds(cast)
    let_know(cast, case, cast.organisations.shelter, "shelter_worker")
    with pytest.raises(error):
        offer(cast, case, who)


def test_nothing_is_offered_without_reasonable_grounds(cast: Cast) -> None:
    with pytest.raises(Conflict):
        offer(cast, register(cast))


@pytest.mark.parametrize(
    "residence", ["own_national", "eu_citizen", "lawful_resident", "international_protection", "victim_permit"]
)
def test_it_does_not_apply_to_nationals_and_lawful_residents(cast: Cast, residence: str) -> None:
    case = with_grounds(cast)
    has_right = True if residence == "eu_citizen" else None
    period = offer(cast, case, residence=residence, has_union_right=has_right)
    assert (period.state, period.decides) == ("not_applicable", None)
    with inside(cast.police_officer, case):
        change = AuditChange.objects.get(case_id=case.pk, kind="reflection_does_not_apply")
        assert residence not in str(change.detail)
        assert not Share.objects.exists()


def test_a_citizen_of_the_union_has_it_without_a_right_under_union_law(cast: Cast) -> None:
    """WBV 2023/11: EU, EEA and Swiss citizens, as far as they derive no right of residence from Union law."""
    case = with_grounds(cast)
    with pytest.raises(Refused) as refused:
        offer(cast, case, residence="eu_citizen")
    assert refused.value.field == "has_union_right"
    assert offer(cast, case, residence="eu_citizen", has_union_right=False).state == "offered"


def test_a_changed_status_may_still_get_its_offer(cast: Cast) -> None:
    case = with_grounds(cast)
    offer(cast, case, residence="lawful_resident")
    assert offer(cast, case).state == "offered"


def test_who_does_not_want_it_now_may_think_again(cast: Cast) -> None:
    case = with_grounds(cast)
    assert offer(cast, case, is_wanted=False).state == "declined_by_person"
    assert offer(cast, case).state == "offered"


def test_it_is_offered_once_at_a_time(cast: Cast) -> None:
    case = with_grounds(cast)
    offer(cast, case)
    with pytest.raises(Conflict):
        offer(cast, case)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"offered_on": timedelta(days=1)}, "offered_on"),
        ({"offered_on": timedelta(days=-1)}, "offered_on"),
        ({"residence": "martian"}, "residence"),
    ],
)
def test_what_cannot_be_is_refused(cast: Cast, changed: dict, field: str) -> None:
    values = {key: today() + value if isinstance(value, timedelta) else value for key, value in changed.items()}
    with pytest.raises(Refused) as refused:
        offer(cast, with_grounds(cast), **values)
    assert refused.value.field == field


def test_an_authority_without_a_desk_learns_of_the_offer_through_its_decision_makers(cast: Cast) -> None:
    Membership.objects.filter(pk=cast.immigration_supervisor.membership_id).update(suspended_at=clock.moment())
    case = with_grounds(cast)
    offer(cast, case)
    assert grant(cast, case).state == "running"


def test_the_authority_has_a_clock_to_decide_that_the_decision_ends(cast: Cast) -> None:
    case = with_offer(cast)
    with inside(cast.immigration_supervisor, case):
        waiting = Deadline.objects.get(case=case, rule="EU-RR-ANS")
        assert (waiting.state, waiting.bound_organisation) == ("open", cast.organisations.immigration)
    grant(cast, case)
    assert "EU-RR-ANS" not in open_rules(cast, case)


# -- deciding --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "last"), [(date(2026, 1, 15), date(2026, 4, 15)), (date(2026, 11, 30), date(2027, 2, 28))]
)
def test_three_months_keep_the_day_or_end_with_the_month(cast: Cast, start: date, last: date) -> None:
    rule, ends_on = span(Case(region="amsterdam"), "standard", start)
    assert (rule.code, ends_on) == ("NL-BT", last)


def test_a_dublin_claimant_has_thirty_days(cast: Cast) -> None:
    rule, ends_on = span(Case(region="amsterdam"), "dublin", date(2026, 3, 1))
    assert (rule.code, ends_on) == ("NL-BT-DUB", date(2026, 3, 31))


def test_a_granted_period_runs_with_its_clock_and_the_monthly_report(cast: Cast) -> None:
    case = with_offer(cast)
    period = grant(cast, case)
    assert (period.state, period.starts_on) == ("running", today())
    assert {"NL-BT", "NL-BT-MELD"} <= open_rules(cast, case)
    with inside(cast.police_officer, case):
        clock_row = Deadline.objects.get(case=case, rule="NL-BT")
        assert (clock_row.due_on, clock_row.bound_organisation) == (period.ends_on, cast.organisations.immigration)
        assert AuditChange.objects.filter(case_id=case.pk, kind="grant_reflection_period").exists()


@pytest.mark.parametrize(
    ("who", "error"),
    [
        ("police_officer", NotAllowed),
        ("police_supervisor", NotAllowed),
        ("immigration_supervisor", NotAllowed),
        ("shelter_worker", Missing),
        ("authority_decision_maker", Missing),
    ],
)
def test_only_the_decision_maker_of_the_authority_grants(cast: Cast, who: str, error: type[Exception]) -> None:
    case = with_offer(cast)
    with pytest.raises(error):
        grant(cast, case, who)


def test_what_was_not_offered_cannot_be_granted(cast: Cast) -> None:
    case = with_grounds(cast)
    let_know(cast, case, cast.organisations.immigration, "immigration_decision_maker")
    with pytest.raises(Conflict):
        grant(cast, case)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"decided_on": 1}, "decided_on"),
        ({"decided_on": -1}, "decided_on"),
        ({"starts_on": -1}, "starts_on"),
        ({"starts_on": 31}, "starts_on"),
    ],
)
def test_days_of_a_decision_that_cannot_be_are_refused(cast: Cast, changed: dict[str, int], field: str) -> None:
    case = with_offer(cast)
    with pytest.raises(Refused) as refused:
        grant(cast, case, **{key: today() + timedelta(days=days) for key, days in changed.items()})
    assert refused.value.field == field


def test_a_declined_offer_keeps_its_reason_and_may_be_followed_by_another(cast: Cast) -> None:
    case = with_offer(cast)
    with inside(cast.immigration_decision_maker, case) as (actor, access):
        period = decline_reflection_period(actor, access=access, decided_on=today(), reason="lawful_residence")
    assert (period.state, period.end_reason) == ("declined", "lawful_residence")
    assert offer(cast, case).state == "offered"


def test_the_authority_keeps_the_case_for_its_review_term_only(cast: Cast) -> None:
    case = with_offer(cast)
    with inside(cast.immigration_decision_maker, case) as (actor, access):
        decline_reflection_period(actor, access=access, decided_on=today(), reason="other")
    with inside(cast.immigration_decision_maker, case):
        pass
    with (
        clock.travel(clock.moment() + timedelta(days=91)),
        pytest.raises(Missing),
        inside(cast.immigration_decision_maker, case),
    ):
        pass


# -- ending ----------------------------------------------------------------------------------------------------------


def test_an_ended_period_stops_its_clocks(cast: Cast) -> None:
    case = in_reflection(cast)
    period = end(cast, case)
    assert (period.state, period.end_reason, period.ended_on) == ("ended", "waived", today())
    assert not {"NL-BT", "NL-BT-MELD"} & open_rules(cast, case)
    with pytest.raises(Conflict):
        end(cast, case)


@pytest.mark.parametrize("reason", ["elapsed", "renewed_contact", "boredom"])
def test_only_reasons_of_the_profile_end_it(cast: Cast, reason: str) -> None:
    with pytest.raises(Refused):
        end(cast, in_reflection(cast), reason)


def test_it_elapses_when_read_and_no_job_has_run(cast: Cast) -> None:
    case = in_reflection(cast)
    with inside(cast.police_officer, case) as (_actor, access):
        last = door.reflection_period(access).ends_on
    days = (last - today()).days
    for day, state in ((days, "running"), (days + 1, "ended")):
        with clock.travel(clock.moment() + timedelta(days=day)), inside(cast.police_officer, case) as (_a, access):
            assert state_today(door.reflection_period(access)) == state
    with clock.travel(clock.moment() + timedelta(days=days + 1)), pytest.raises(Conflict):
        end(cast, case)


def test_the_night_writes_down_what_has_elapsed_and_stops_the_clocks(cast: Cast) -> None:
    case = in_reflection(cast)
    with inside(cast.police_officer, case):
        assert end_elapsed_periods() == 0
    with clock.travel(clock.moment() + timedelta(days=100)), inside(cast.police_officer, case) as (_actor, access):
        assert end_elapsed_periods() == 1
        assert end_elapsed_periods() == 0
        period = door.reflection_period(access)
        assert (period.state, period.end_reason, period.ended_on) == ("ended", "elapsed", period.ends_on)
        assert not Deadline.objects.filter(case=case, rule="NL-BT", state="open").exists()


def test_it_is_never_given_twice(cast: Cast) -> None:
    case = in_reflection(cast)
    end(cast, case)
    with pytest.raises(Conflict):
        offer(cast, case)


def test_one_person_has_one_period_also_in_another_case(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    first = in_reflection(cast)
    # A new episode of the same person; no operation of this version makes one.
    monkeypatch.setattr(Person.objects, "create", lambda: Person(pk=first.person_id))
    second = with_grounds(cast)
    with pytest.raises(Refused, match="one reflection period"):
        offer(cast, second)
    with inside(cast.police_officer, second):
        assert ReflectionPeriod.objects.filter(person=first.person_id).count() == 1


def test_a_period_that_runs_from_the_grounds_needs_no_offer(cast: Cast, settings) -> None:
    settings.COUNTRY_PROFILE = "uk"
    case = register(cast)
    let_know(cast, case, cast.organisations.competent_authority)
    assign(cast, case, "authority_decision_maker")
    with inside(cast.authority_decision_maker, case) as (actor, access):
        record_reasonable_grounds(actor, access=access, outcome="positive", decided_on=today(), basis="indicators")
        period = door.reflection_period(access)
    assert (period.state, period.starts_on, period.length_rule) == ("running", today(), "UK-RR")
