"""My work, the dashboards, the inbox and who one is."""

from datetime import timedelta

from core import clock
from tests.api.calls import Caller, made, problem, registered
from tests.cases.lawful import answered


def test_me_names_the_active_organisation_and_gives_the_token(cast):
    body = Caller(cast, "ngo_caseworker").get("me/").json()
    assert body["organisation"]["id"] == str(cast.organisations.ngo.pk)
    assert body["roles"] == ["caseworker"]
    assert body["csrf_token"]
    assert Caller(cast, "platform_administrator").get("me/").json()["organisation"] is None


def test_the_worklist_goes_page_by_page_without_gap_or_repetition(cast):
    expected = {registered(cast, exploitation=None) for _number in range(27)}
    caller, found, place, pages = Caller(cast, "ngo_caseworker"), [], "", 0
    while place is not None:
        body = caller.get("my-work/", at=place).json()
        found += [row["reference"] for row in body["rows"]]
        place, pages = body["next"], pages + 1
    assert pages == 2
    assert len(found) == len(set(found)) == 27
    assert set(found) == expected


def test_the_worklist_holds_own_cases_only_and_filters_as_the_page(cast):
    reference = registered(cast)
    caller = Caller(cast, "ngo_caseworker")
    assert [row["reference"] for row in caller.get("my-work/", q=reference).json()["rows"]] == [reference]
    assert [row["label"] for row in caller.get("my-work/", q="car wash").json()["rows"]] == ["The car wash"]
    assert caller.get("my-work/", state="closed").json()["rows"] == []
    problem(caller.get("my-work/", state="lost"), 422)
    mistyped = reference[:-1] + ("2" if reference[-1] != "2" else "3")
    problem(caller.get("my-work/", q=mistyped), 422)
    for who in ("colleague_unassigned", "other_ngo_supervisor"):
        assert Caller(cast, who).get("my-work/").json()["rows"] == []
    problem(Caller(cast, "coordinator").get("my-work/"), 403)


def test_the_dashboard_has_process_figures_and_no_person(cast):
    registered(cast)
    coordinator = Caller(cast, "coordinator")
    body = coordinator.get("dashboard/")
    assert sum(month["registrations"] for month in body.json()["months"]) == 1
    assert "The car wash" not in body.content.decode()
    assert problem(coordinator.get("dashboard/", start="2026-05-01", end="2026-01-01"), 422)["errors"]["end"]
    problem(Caller(cast, "ngo_supervisor").get("dashboard/"), 403)
    problem(Caller(cast, "ngo_caseworker").get("dashboard/own/"), 403)
    own = Caller(cast, "other_ngo_supervisor").get("dashboard/own/").json()
    assert sum(month["registrations"] for month in own["months"]) == 0


def test_overdue_steps_name_reference_step_and_organisation(cast):
    with clock.travel(clock.moment() - timedelta(days=60)):
        reference = registered(cast, consent=ADULT_CONSENT)
    body = Caller(cast, "coordinator").get("dashboard/").json()
    assert body["overdue_total"] == len(body["overdue"]) > 0
    assert {one["reference"] for one in body["overdue"]} == {reference}
    assert set(body["overdue"][0]) == {"reference", "step", "organisation", "due_at"}


ADULT_CONSENT = {"answer": "given", "information_given": ["purpose"], "form": "written", "given_on": "2026-01-01"}


def test_the_inbox_is_read_and_marked(cast):
    reference = registered(cast)
    until = (clock.today(clock.moment().tzinfo) + timedelta(days=20)).isoformat()
    asked = {
        "to": str(cast.organisations.shelter.pk),
        "service": "safe_accommodation",
        "urgency": "normal",
        "purpose": "refer_shelter",
        "categories": ["identity"],
        "ends_on": until,
    }
    scope = {"to": cast.organisations.shelter, "purpose": "refer_shelter", "categories": ["identity"]}
    asked |= answered(cast, reference, "ngo_caseworker", **scope)
    sender, intake = Caller(cast, "ngo_caseworker"), Caller(cast, "shelter_intake")
    pk = made(sender.post(f"cases/{reference}/referrals/", asked))["id"]
    made(intake.post(f"referrals/{pk}/decline/", {"reason": "no_capacity"}))
    body = sender.get("inbox/").json()
    assert body["waiting"] == len(body["notices"]) == 1
    assert body["notices"][0]["path"] == f"/referrals/{pk}/"
    assert sender.post("inbox/", {"shown_at": clock.moment().isoformat()}).status_code == 204
    assert sender.get("inbox/").json()["waiting"] == 0
    assert len(sender.get("inbox/", show="read").json()["notices"]) == 1
    assert Caller(cast, "ngo_supervisor").get("inbox/").json()["notices"] == []
