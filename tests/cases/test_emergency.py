"""Opening a case in an emergency: for 60 minutes, limited, told to everybody concerned, reviewed within 72 hours."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.context import acting
from accounts.models import Membership, Notice, User
from audit.models import AuditChange
from cases import access as door
from cases import emergencies, policies
from cases.enums import SHAREABLE
from cases.models import BreakGlass, BreakGlassTry, Deadline, Health, Identity, Narrative
from cases.operations.emergency import break_glass, end_break_glass, review_break_glass
from core import clock, reference
from core.db import role
from core.errors import Conflict, Missing, NotAllowed, Refused
from tests.cases.filing import filed_case, shared
from tests.cases.staying import ADDRESS, staying
from tests.cast import PASSWORD, persona
from tests.referrals.scenes import knows, row


@pytest.fixture
def case(cast):
    """A case of the NGO, which the police of the region does not know."""
    case = filed_case(cast)
    with acting(cast.ngo_caseworker.actor):
        row(cast.ngo_caseworker, case, Health, {"remarks": "insulin"})
    return case


def attempt(cast, case, who="police_supervisor", **changes):
    values = {
        "reference": case if isinstance(case, str) else case.shown_reference,
        "reason": "life_at_risk",
        "explanation": "He is at her door with a knife",
        "proof": PASSWORD,
        **changes,
    }
    actor = getattr(cast, who).actor
    with acting(actor):
        return break_glass(actor, **values)


def opened(cast, case, who="police_supervisor") -> BreakGlass:
    found = attempt(cast, case, who).opened
    assert found is not None
    return found


def act(cast, who, operation, found, **values):
    actor = getattr(cast, who).actor
    with acting(actor):
        return operation(actor, opened=found, **values)


def readable(cast, who, case) -> set[str]:
    actor = getattr(cast, who).actor
    with acting(actor):
        access = door.get_case(actor, case.reference)
        own = actor.organisation_id
        return {one for owner, some in policies.categories(access).items() if owner != own for one in some}


# -- what it opens ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "categories"),
    [
        ("police_supervisor", {"identity", "contact", "child"}),
        ("shelter_intake", {"identity", "contact", "health", "child"}),
        ("shelter_supervisor", {"identity", "contact", "health", "child"}),
        ("child_protection_supervisor", {"identity", "contact", "health", "child"}),
    ],
)
def test_it_opens_limited_categories_within_the_ceiling(cast, case, who, categories):
    opened(cast, case, who)
    assert readable(cast, who, case) == categories


def test_row_level_security_opens_the_same_and_no_more(cast, case):
    opened(cast, case)
    with acting(cast.police_supervisor.actor):
        assert Identity.objects.filter(case=case).exists()
        assert not Health.objects.filter(case=case).exists()
        assert not Narrative.objects.filter(case=case).exists()


def test_it_ends_by_itself_after_60_minutes(cast, case):
    now = clock.moment()
    with clock.travel(now):
        opened(cast, case)
        client = cast.client("police_supervisor")
        assert client.get(f"/cases/{case.shown_reference}/").status_code == 200
    with clock.travel(now + timedelta(minutes=60)):
        assert cast.client("police_supervisor").get(f"/cases/{case.shown_reference}/").status_code == 404
        with acting(cast.police_supervisor.actor):
            assert not Identity.objects.filter(case=case).exists()


def test_caseworkers_of_the_organisation_still_know_nothing(cast, case):
    opened(cast, case)
    assert not knows(cast, "police_officer", case)


def test_who_opened_it_reads_and_does_nothing_else(cast, case):
    opened(cast, case)
    with acting(cast.police_supervisor.actor):
        access = door.get_case(cast.police_supervisor.actor, case.reference)
        assert access.is_emergency
        assert not any(policies.may(access.actor, act, access) for act in policies.MAY)
    client, base = cast.client("police_supervisor"), f"/cases/{case.shown_reference}"
    for address in ("shares/new/", "location/release/", "identity/add/", "label/"):
        assert client.get(f"{base}/{address}").status_code == 403, address


def test_it_never_opens_the_location(cast):
    case = staying(cast)
    opened(cast, case, "child_protection_supervisor")
    client, base = cast.client("child_protection_supervisor"), f"/cases/{case.shown_reference}/location/"
    assert client.get(f"{base}show/").status_code == 403
    html = client.get(base).content.decode()
    assert "A shelter" in html
    assert ADDRESS not in html


def test_no_category_stands_above_the_ceiling_of_its_organisation(db):
    for kind in ("police", "health", "shelter", "child_protection"):
        assert policies.emergency_categories(kind) <= policies.ceiling(kind)
        assert policies.emergency_categories(kind) < set(SHAREABLE)


# -- who, and with what ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "who",
    ["police_officer", "ngo_intake", "other_ngo_supervisor", "authority_supervisor", "coordinator", "custodian_a"],
)
def test_only_supervisors_and_duty_intake_of_four_kinds_may(cast, case, who):
    with pytest.raises(NotAllowed):
        attempt(cast, case, who)
    assert cast.client(who).get("/emergencies/open/").status_code == 403


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reason": ""}, "reason"),
        ({"reason": "curious"}, "reason"),
        ({"explanation": " "}, "explanation"),
        ({"reference": "not one"}, "reference"),
    ],
)
def test_without_reason_or_reference_nothing_is_tried(cast, case, changes, field):
    with pytest.raises(Refused) as refused:
        attempt(cast, case, **changes)
    assert refused.value.field == field
    assert not BreakGlassTry.objects.exists()


def test_a_wrong_password_opens_nothing_and_is_remembered(cast, case):
    assert attempt(cast, case, proof="wrong").outcome == "not_proven"
    assert not knows(cast, "police_supervisor", case)
    with acting(cast.police_supervisor.actor):
        assert BreakGlassTry.objects.get().outcome == "not_proven"


def test_a_wrong_password_does_not_tell_whether_the_case_exists(cast, case):
    answers = {attempt(cast, wanted, proof="wrong").outcome for wanted in (case, reference.show(reference.new()))}
    assert answers == {"not_proven"}


def test_a_miss_is_recorded_and_told_to_those_who_answer_for_the_asker(cast, case):
    assert attempt(cast, reference.show(reference.new())).outcome == "missed"
    with acting(cast.police_supervisor.actor):
        assert BreakGlassTry.objects.get().outcome == "missed"
        assert AuditChange.objects.filter(kind="break_glass_missed").count() == 1
    told = Notice.objects.filter(kind="break_glass_missed").values_list("membership", flat=True)
    assert set(told) == {cast.police_supervisor.membership_id}


def test_a_closed_case_answers_like_none(cast, case):
    from cases.models import Case

    with acting(cast.ngo_supervisor.actor):
        Case.objects.filter(pk=case.pk).update(state="closed")
    assert attempt(cast, case).outcome == "missed"


def test_three_failures_in_a_day_are_the_limit(cast, case):
    now = clock.moment()
    with clock.travel(now):
        for _number in range(policies.FAILED_ATTEMPTS_OF_A_PERSON):
            attempt(cast, reference.show(reference.new()))
        with pytest.raises(Refused, match="limit"):
            attempt(cast, case)
    with clock.travel(now + timedelta(days=1)):
        opened(cast, case)


def test_a_person_opens_three_in_31_days(cast, case):
    cases = [filed_case(cast) for _number in range(policies.EMERGENCIES_OF_A_PERSON)]
    now = clock.moment()
    with clock.travel(now):
        for one in cases:
            opened(cast, one)
        with pytest.raises(Refused, match="limit"):
            attempt(cast, case)
    with clock.travel(now + timedelta(days=31)):
        opened(cast, case)


def test_an_organisation_has_a_limit_of_its_own(cast, case, monkeypatch):
    monkeypatch.setattr(policies, "EMERGENCIES_OF_AN_ORGANISATION", 1)
    opened(cast, case, "shelter_intake")
    with pytest.raises(Refused, match="limit"):
        attempt(cast, filed_case(cast), "shelter_supervisor")


def test_a_case_that_one_knows_needs_no_emergency(cast):
    with pytest.raises(Refused) as refused:
        attempt(cast, staying(cast))
    assert refused.value.field == "reference"


# -- who is told, and the review -------------------------------------------------------------------------------------


def test_both_sides_are_told_without_content(cast, case):
    found = opened(cast, case)
    told = set(Notice.objects.filter(kind="break_glass").values_list("membership", flat=True))
    assert told == {
        persona.membership_id for persona in (cast.ngo_supervisor, cast.data_protection_officer, cast.police_supervisor)
    }
    html = cast.client("data_protection_officer").get("/inbox/").content.decode()
    assert f'href="/emergencies/{found.pk}/"' in html
    assert case.shown_reference not in html
    assert "knife" not in html


def test_the_organisation_concerned_has_a_clock_of_72_hours(cast, case):
    found = opened(cast, case)
    with acting(cast.ngo_supervisor.actor):
        deadline = Deadline.objects.get(case=case, subject_id=found.pk)
        assert deadline.due_at - deadline.started_at == timedelta(hours=72)
    act(cast, "data_protection_officer", review_break_glass, found, outcome="justified", remarks="A call was made")
    with acting(cast.ngo_supervisor.actor):
        deadline.refresh_from_db()
        assert deadline.state == "met"


def test_a_review_is_kept_with_its_outcome_and_done_once(cast, case):
    found = opened(cast, case)
    reviewed = act(cast, "ngo_supervisor", review_break_glass, found, outcome="breach", remarks="No call was made")
    assert (reviewed.outcome, reviewed.open()["remarks"]) == ("breach", "No call was made")
    with pytest.raises(Conflict):
        act(cast, "data_protection_officer", review_break_glass, found, outcome="justified", remarks="It was")


@pytest.mark.parametrize(("who", "error"), [("police_supervisor", NotAllowed), ("other_ngo_supervisor", Missing),
                                            ("ngo_caseworker", NotAllowed), ("coordinator", NotAllowed)])  # fmt: skip
def test_neither_who_opened_it_nor_others_review(cast, case, who, error):
    found = opened(cast, case)
    with pytest.raises(error):
        act(cast, who, review_break_glass, found, outcome="justified", remarks="It was")


@pytest.mark.parametrize(("values", "field"), [({"outcome": "fine"}, "outcome"), ({"remarks": " "}, "remarks")])
def test_a_review_says_what_it_found_and_why(cast, case, values, field):
    found = opened(cast, case)
    with pytest.raises(Refused) as refused:
        act(cast, "ngo_supervisor", review_break_glass, found, **{"outcome": "justified", "remarks": "x", **values})
    assert refused.value.field == field


def test_the_database_refuses_a_review_by_who_opened_it(cast, case):
    found = opened(cast, case)
    changes = {"reviewed_by_user": cast.police_supervisor.user, "reviewed_at": clock.moment(), "outcome": "justified"}
    with (
        acting(cast.police_supervisor.actor),
        pytest.raises(IntegrityError, match="breakglass_reviewed_by_another"),
        transaction.atomic(),
    ):
        BreakGlass.objects.filter(pk=found.pk).update(**changes)


@pytest.mark.parametrize("who", ["police_supervisor", "ngo_supervisor", "data_protection_officer"])
def test_it_can_be_ended_sooner_by_who_opened_it_and_those_concerned(cast, case, who):
    found = opened(cast, case)
    client, ending = cast.client(who), f"/emergencies/{found.pk}/end/"
    assert client.get(ending).status_code == 200
    act(cast, who, end_break_glass, found)
    assert not knows(cast, "police_supervisor", case)
    assert client.get(ending)["Location"] == f"/emergencies/{found.pk}/"
    with pytest.raises(Conflict):
        act(cast, who, end_break_glass, found)


def test_ending_leaves_no_trace_of_the_case_to_the_worker_and_statistics(cast, case):
    opened(cast, case)
    for name in ("nrm_worker", "nrm_statistics", "nrm_ledger"):
        with pytest.raises(Exception, match="permission denied"), transaction.atomic(), role(name):
            BreakGlass.objects.count()


def test_others_who_know_the_case_do_not_learn_of_it(cast, case):
    opened(cast, case)
    with acting(cast.other_ngo_supervisor.actor):
        assert list(emergencies.seen(cast.other_ngo_supervisor.actor)) == []


# -- the pages -------------------------------------------------------------------------------------------------------


def data(case, **changes):
    return {
        "reference": case.shown_reference, "reason": "life_at_risk", "explanation": "Now", "proof": PASSWORD, **changes
    }  # fmt: skip


def test_the_page_opens_the_case_and_the_review_page_closes_it(cast, case):
    client = cast.client("police_supervisor")
    response = client.post("/emergencies/open/", data(case))
    assert response["Location"] == f"/cases/{case.shown_reference}/"
    assert client.get(response["Location"]).status_code == 200
    with acting(cast.police_supervisor.actor):
        url = f"/emergencies/{BreakGlass.objects.get().pk}/"
    officer = cast.client("data_protection_officer")
    assert "Now" in officer.get(url).content.decode()
    assert officer.post(url, {"outcome": "justified", "remarks": "A call was made"}).status_code == 302
    assert "It was justified" in officer.get("/emergencies/").content.decode() or officer.get(url).status_code == 200
    assert officer.get(f"/cases/{case.shown_reference}/").status_code == 404


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"explanation": ""}, "Say in your own words why this cannot wait."),
        ({"reason": ""}, "Choose what the emergency is."),
        ({"proof": "wrong"}, "This is not right. The attempt is recorded."),
        ({"reference": reference.show(reference.new())}, "Nothing was opened under this reference."),
    ],
)
def test_what_is_wrong_is_told_beside_its_field_and_no_password_comes_back(cast, case, changes, message):
    response = cast.client("police_supervisor").post("/emergencies/open/", data(case, **changes))
    html = response.content.decode()
    assert response.status_code == 422
    assert message in html
    assert PASSWORD not in html
    assert 'name="writer"' not in html


def test_over_the_limit_the_page_says_so(cast, case):
    client = cast.client("police_supervisor")
    for _number in range(policies.FAILED_ATTEMPTS_OF_A_PERSON):
        assert client.post("/emergencies/open/", data(case, proof="wrong")).status_code == 422
    assert client.post("/emergencies/open/", data(case)).status_code == 422
    assert "The limit of emergency openings is reached" in client.get("/emergencies/open/").content.decode()
    assert not knows(cast, "police_supervisor", case)


def test_each_page_leads_back_and_says_an_instant_once(cast, case):
    client = cast.client("police_supervisor")
    client.post("/emergencies/open/", data(case))
    with acting(cast.police_supervisor.actor):
        opened = BreakGlass.objects.get()
    url = f"/emergencies/{opened.pk}/"
    time = timezone.localtime(opened.opened_at).strftime("%H:%M")
    for page, back in ((url, "/emergencies/"), (f"{url}end/", url), ("/emergencies/open/", "/emergencies/")):
        html = client.get(page).content.decode()
        assert f'<a class="govuk-back-link" href="{back}"' in html
        assert f"{time}</time>, {time}" not in html
    html = cast.client("data_protection_officer").post(url, {}).content.decode()
    assert html.count("There is a problem") == 1


def test_in_dutch_a_review_is_a_noun_and_a_case_a_casus(cast, case):
    client = cast.client("police_supervisor")
    client.post("/emergencies/open/", data(case))
    client.cookies["django_language"] = "nl"
    html = client.get("/emergencies/").content.decode()
    assert "Toetsing" in html
    assert "Herbeoordelen" not in html
    assert "Een casus openen in een noodgeval" in html


def test_whoever_reads_in_an_emergency_is_told_so_on_the_case_and_nobody_else(cast, case):
    client, words = cast.client("police_supervisor"), "You read this case in an emergency"
    client.post("/emergencies/open/", data(case))
    html = client.get(f"/cases/{case.shown_reference}/").content.decode()
    assert words in html
    assert 'href="/emergencies/"' in html.split(words)[1].split("</div>")[0]
    assert words not in cast.client("ngo_supervisor").get(f"/cases/{case.shown_reference}/").content.decode()


# -- for whom it opens: who gave the reason, and one colleague named with it (rule 11) --------------------------------


def second_supervisor(cast):
    """One more supervisor of the police."""
    user = User.objects.create_user("second-police@example.test", PASSWORD, name="Second supervisor")
    made = Membership.objects.create(user=user, organisation=cast.organisations.police, roles=["supervisor"])
    cast.personas["second_police_supervisor"] = persona("second_police_supervisor", user, made)
    return made


def test_it_opens_to_who_gave_the_reason_and_to_no_other_supervisor(cast, case):
    second_supervisor(cast)
    opened(cast, case)
    assert knows(cast, "police_supervisor", case)
    assert not knows(cast, "second_police_supervisor", case)
    assert cast.client("second_police_supervisor").get(f"/cases/{case.shown_reference}/").status_code == 404


def test_one_colleague_named_with_it_reads_too_and_is_told(cast, case):
    second = second_supervisor(cast)
    found = attempt(cast, case, colleague=second).opened
    assert knows(cast, "second_police_supervisor", case)
    told = Notice.objects.filter(kind="break_glass_named").values_list("membership", flat=True)
    assert list(told) == [second.pk]
    page = cast.client("second_police_supervisor").get(f"/emergencies/{found.pk}/").content.decode()
    assert "Second supervisor" in page


def test_who_joins_within_the_hour_is_not_named(cast, case):
    opened(cast, case)
    second_supervisor(cast)
    assert cast.client("second_police_supervisor").get(f"/cases/{case.shown_reference}/").status_code == 404


def test_the_database_alone_opens_it_to_no_other_supervisor(cast, case):
    second_supervisor(cast)
    opened(cast, case)
    actor = cast.second_police_supervisor.actor
    with acting(actor):
        assert not Identity.objects.filter(case=case).exists()
    with acting(cast.police_supervisor.actor):
        assert Identity.objects.filter(case=case).exists()


@pytest.mark.parametrize("who", ["police_officer", "ngo_supervisor", "police_supervisor"])
def test_only_another_of_the_own_duty_desk_is_named(cast, case, who):
    with pytest.raises(Refused) as refusal:
        attempt(cast, case, colleague=getattr(cast, who).membership)
    assert refusal.value.field == "colleague"


def test_the_form_offers_the_colleagues_of_the_desk(cast, case):
    second = second_supervisor(cast)
    page = cast.client("police_supervisor").get("/emergencies/open/").content.decode()
    assert str(second.pk) in page
    assert str(cast.police_officer.membership_id) not in page


def test_shared_in_the_ordinary_way_meanwhile_it_is_known_to_the_whole_desk(cast, case):
    second_supervisor(cast)
    opened(cast, case)
    shared(cast, case, cast.organisations.police, "identity")
    assert knows(cast, "second_police_supervisor", case)
