"""A conflict of interest holds on every other way on which one learns of a case: news, emergencies, figures, audit."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from accounts.context import acting
from accounts.digest import post_digests
from accounts.models import Membership, Notice, OutboxMail
from cases import audiences, places
from cases.access import blocks, get_case_by_id
from cases.calendar import as_icalendar
from cases.models import BreakGlass, BreakGlassTry, Case, Deadline
from cases.operations.conflicts import unblock_member
from cases.operations.emergency import break_glass
from cases.reminders import as_worker
from core import clock, reference
from core.db import role
from profiles.enums import Audience
from reporting import trail
from tests.api.calls import Caller
from tests.cases.files import in_reflection
from tests.cases.filing import filed_case, shared
from tests.cases.staying import asked, staying
from tests.cast import Cast, Persona, persona
from tests.referrals.scenes import police_case, sent
from tests.world import kept_away, opened_in_an_emergency, supervisor_of

SOON = "Screams were heard"


@pytest.fixture
def second(cast: Cast) -> Persona:
    """Another supervisor of the NGO."""
    return _second(cast, "ngo")


def _second(cast: Cast, organisation: str) -> Persona:
    cast.personas["second"] = supervisor_of(getattr(cast.organisations, organisation), "second")
    return cast.second


def with_roles(person: Persona, *roles: str) -> Persona:
    """The same person with other roles of the membership."""
    Membership.objects.filter(pk=person.membership_id).update(roles=list(roles))
    membership = Membership.objects.select_related("organisation").get(pk=person.membership_id)
    return persona(person.name, person.user, membership)


# -- news ------------------------------------------------------------------------------------------------------------


def told(cast: Cast, who: str, case: Case, kind: str = "EU-NEEDS") -> Notice:
    due_at = clock.moment() + timedelta(days=10)
    return Notice.objects.create(
        membership=getattr(cast, who).membership,
        key=f"{who}:1:0d",
        kind=kind,
        case_id=case.pk,
        due_at=due_at,
        created_at=clock.moment(),
    )


def test_what_waits_in_the_inbox_goes_and_no_digest_counts_it(cast: Cast) -> None:
    case = filed_case(cast)
    told(cast, "ngo_intake", case)
    client = cast.client("ngo_intake")
    assert client.get("/inbox/").context["inbox"].waiting == 1
    kept_away(cast, case, "ngo_intake", by="ngo_supervisor")
    for show in ("waiting", "later", "read"):
        assert client.get(f"/inbox/?show={show}").context["inbox"].entries == ()
    told(cast, "ngo_supervisor", case)
    with clock.travel((clock.moment() + timedelta(days=1)).replace(hour=12)):
        post_digests()
    mailed = set(OutboxMail.objects.filter(purpose="tasks").values_list("user", flat=True))
    assert cast.ngo_supervisor.user.pk in mailed
    assert cast.ngo_intake.user.pk not in mailed


def test_news_of_before_and_after_is_in_no_inbox_whatever_wrote_it(cast: Cast) -> None:
    """A notice that is written all the same shows nothing, and is not counted beside the inbox."""
    case = filed_case(cast)
    kept_away(cast, case, "ngo_intake", by="ngo_supervisor")
    told(cast, "ngo_intake", case)
    inbox = cast.client("ngo_intake").get("/inbox/").context["inbox"]
    assert (inbox.entries, inbox.waiting) == ((), 0)


def test_no_alert_is_told_to_them(cast: Cast, second: Persona) -> None:
    case = filed_case(cast)
    kept_away(cast, case, "second", by="ngo_supervisor")
    opened_in_an_emergency(cast, case, "police_supervisor")
    people = set(Notice.objects.filter(kind="break_glass").values_list("membership", flat=True))
    assert second.membership_id not in people
    assert cast.ngo_supervisor.membership_id in people


def test_they_are_not_asked_to_answer_a_referral_of_the_case(cast: Cast) -> None:
    case = police_case(cast)
    shared(cast, case, cast.organisations.shelter, "identity", by="police_officer")
    referral = sent(cast, case)
    with as_worker():
        deadline = next(
            one
            for one in Deadline.objects.filter(case=case, bound_organisation=cast.organisations.shelter)
            if audiences.is_of_referral(one)
        )
    assert cast.shelter_intake.membership_id in reminded(deadline)
    kept_away(cast, case, "shelter_intake", by="shelter_supervisor")
    assert reminded(deadline) == {cast.shelter_supervisor.membership_id}
    assert referral.case_id == case.pk


def reminded(deadline: Deadline) -> set[Any]:
    with as_worker():
        finder = audiences.Finder([deadline])
        every = (Audience.INTAKE, Audience.SUPERVISOR)
        return {one.pk for audience in every for one in finder.recipients(deadline, audience)}


def test_a_calendar_of_theirs_has_no_day_of_it(cast: Cast) -> None:
    case = filed_case(cast)
    actor = cast.ngo_caseworker.actor
    with acting(actor):
        assert b"BEGIN:VEVENT" in as_icalendar(actor)
    kept_away(cast, case, "ngo_caseworker", by="ngo_supervisor")
    with acting(actor):
        assert b"BEGIN:VEVENT" not in as_icalendar(actor)


# -- emergencies and releases ----------------------------------------------------------------------------------------


def attempt(who: Persona, shown: str) -> str:
    with acting(who.actor):
        tried = break_glass(who.actor, reference=shown, reason="life_at_risk", explanation=SOON, proof=who.password)
        return tried.outcome.value


def test_a_case_that_they_are_kept_away_from_is_a_wrong_reference_in_an_emergency(cast: Cast) -> None:
    case = police_case(cast)
    kept_away(cast, case, "police_supervisor", by="police_supervisor")
    assert attempt(cast.police_supervisor, case.shown_reference) == "missed"
    with acting(cast.police_supervisor.actor):
        assert BreakGlassTry.objects.get().outcome == "missed"
        assert not BreakGlass.objects.exists()


def test_hidden_and_absent_answer_alike_in_an_emergency(cast: Cast) -> None:
    case = police_case(cast)
    kept_away(cast, case, "police_supervisor", by="police_supervisor")
    said = []
    for shown in (case.shown_reference, reference.show(reference.new())):
        body = {"reference": shown, "reason": "life_at_risk", "explanation": SOON, "proof": cast.ngo_intake.password}
        response = Caller(cast, "police_supervisor").post("emergencies/", body)
        said.append((response.status_code, response.content.decode().replace(shown, "REFERENCE")))
    assert said[0][0] == 422
    assert said[0] == said[1]


def test_they_find_no_emergency_of_the_case(cast: Cast, second: Persona) -> None:
    case = filed_case(cast)
    opening = opened_in_an_emergency(cast, case, "police_supervisor")
    assert cast.client("second").get(f"/emergencies/{opening}/").status_code == 200
    kept_away(cast, case, "second", by="ngo_supervisor")
    assert cast.client("second").get(f"/emergencies/{opening}/").status_code == 404
    assert case.shown_reference not in cast.client("second").get("/emergencies/").content.decode()
    assert Caller(cast, "second").get("emergencies/").json() == []
    with acting(second.actor):
        assert not BreakGlass.objects.exists()
    with acting(cast.ngo_supervisor.actor):
        assert BreakGlass.objects.exists()


def test_a_custodian_who_also_works_cases_decides_on_no_release_of_it(cast: Cast) -> None:
    case = staying(cast)
    release = asked(cast, case, "police_officer")
    worker = with_roles(cast.shelter_intake, "custodian", "intake")
    with acting(worker.actor):
        assert [one.pk for one in places.releases(worker.actor)] == [release.pk]
    kept_away(cast, case, "shelter_intake", by="shelter_supervisor")
    with acting(worker.actor):
        assert places.releases(worker.actor) == []
        assert type(release).objects.count() == 0


# -- figures ---------------------------------------------------------------------------------------------------------


def figures(cast: Cast, who: str, path: str = "dashboard/own/", **asked_for: Any) -> dict[str, Any]:
    response = Caller(cast, who).get(path, **asked_for)
    assert response.status_code == 200, response.content
    body: dict[str, Any] = response.json()
    return body


def child_with_a_referral(cast: Cast) -> Case:
    case = filed_case(cast, age_group="child")
    sent(cast, case, "ngo_caseworker")
    return case


def test_own_figures_are_those_of_an_organisation_without_the_case(cast: Cast, second: Persona) -> None:
    """As every figure can be cut by day, region and kind, a number of one would be the case itself."""
    now = clock.moment()
    with clock.travel(now):
        filed_case(cast)
        before = figures(cast, "second")
        case = child_with_a_referral(cast)
        assert figures(cast, "second") != before
        kept_away(cast, case, "second", by="ngo_supervisor")
        assert figures(cast, "second") == before
    with clock.travel(now + timedelta(days=200)):
        late = figures(cast, "second")
        assert late["overdue_total"] == len(late["overdue"])
        assert case.shown_reference not in str(late)


def test_reflection_periods_and_waits_of_it_are_not_counted_either(cast: Cast) -> None:
    _second(cast, "police")
    before = figures(cast, "second")
    case = in_reflection(cast)
    assert figures(cast, "second")["reflection"]["running"] == 1
    kept_away(cast, case, "second", by="police_supervisor")
    assert figures(cast, "second") == before


def test_a_child_of_it_waits_in_no_figure_of_child_protection(cast: Cast) -> None:
    _second(cast, "child_protection")
    before = figures(cast, "second")
    case = filed_case(cast, age_group="child")
    assert figures(cast, "second")["children"]["waiting"] == 1
    kept_away(cast, case, "second", by="child_protection_supervisor")
    assert figures(cast, "second") == before


def test_colleagues_and_the_country_count_it_exactly(cast: Cast, second: Persona) -> None:
    case = child_with_a_referral(cast)
    own, country = figures(cast, "ngo_supervisor"), figures(cast, "coordinator", "dashboard/")
    kept_away(cast, case, "second", by="ngo_supervisor")
    # Whoever waits has waited a moment longer in the second answer.
    for body in (own, country):
        body["longest_wait_days"] = None
    assert {**figures(cast, "ngo_supervisor"), "longest_wait_days": None} == own
    assert {**figures(cast, "coordinator", "dashboard/"), "longest_wait_days": None} == country


# -- the audit -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("read", [trail.requests, trail.acts, trail.looks])
def test_who_also_reads_the_audit_finds_nothing_of_it(
    cast: Cast, second: Persona, read: Callable[..., trail.Found]
) -> None:
    case = filed_case(cast)
    assert cast.client("ngo_caseworker").get(f"/cases/{case.shown_reference}/identity/").status_code == 200
    reader = with_roles(second, "supervisor", "auditor")
    kept_away(cast, case, "second", by="ngo_supervisor")

    def found(who: Persona) -> set[Any]:
        with acting(who.actor):
            return {row.case_id for row in read(who.actor, trail.Question(), None).rows}

    assert case.pk not in found(reader)
    assert case.pk in found(cast.auditor)


def test_only_the_roles_that_count_and_read_the_audit_may_ask_which_cases(cast: Cast) -> None:
    for name, may in (("nrm_statistics", True), ("nrm_auditor", True), ("nrm_worker", False), ("nrm_ledger", False)):
        with role(name), connection.cursor() as cursor:
            cursor.execute("SELECT has_function_privilege(current_user, 'nrm_kept_away()', 'EXECUTE')")
            assert cursor.fetchone()[0] is may, name


def test_lifting_it_brings_everything_back(cast: Cast, second: Persona) -> None:
    case = child_with_a_referral(cast)
    before = figures(cast, "ngo_supervisor")
    kept_away(cast, case, "ngo_supervisor", by="ngo_supervisor")
    assert figures(cast, "ngo_supervisor")["states"] == {}
    with acting(second.actor):
        access = get_case_by_id(second.actor, case.pk)
        unblock_member(second.actor, access=access, block=blocks(access)[0], reason="It was somebody else.")
    assert figures(cast, "ngo_supervisor")["states"] == before["states"] != {}
