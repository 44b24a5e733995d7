"""Decisions and guardians in a browser: from an uncertain age to a guardian without script; accessible everywhere."""

import re

import pytest
from playwright.sync_api import expect

from cases.operations.guardianship import flag_guardian_conflict
from tests.axe import assert_accessible
from tests.browser import VIEWS
from tests.cases.files import assign, in_reflection, inside, let_know, register, with_grounds, with_offer
from tests.cases.test_guardianship import a_child, appoint, many_children, provisional
from tests.cast import Cast

pytestmark = pytest.mark.browser


def test_without_script_a_child_gets_a_guardian_who_finds_it_and_no_other(cast: Cast, open_page) -> None:
    mine, other = a_child(cast, age="uncertain"), a_child(cast)
    desk = open_page(cast.client("child_protection_intake"), java_script_enabled=False)
    desk.goto("/guardians/")
    desk.get_by_role("link", name=mine.shown_reference).click()
    desk.get_by_role("link", name="Name a provisional guardian").click()
    desk.get_by_role("button", name="Name a provisional guardian").click()
    expect(desk).to_have_title(re.compile("^Error:"))
    desk.get_by_label("Who is the guardian?").select_option(value=str(cast.guardian.membership_id))
    desk.get_by_label("No conflict of interest").check()
    desk.get_by_label("Yes").check()
    desk.get_by_role("button", name="Name a provisional guardian").click()
    assert desk.get_by_text("The provisional guardian can open the case now.").is_visible()

    guardian = open_page(cast.client("guardian"), java_script_enabled=False)
    assert guardian.goto(f"/cases/{mine.shown_reference}/").status == 200
    assert guardian.goto(f"/cases/{other.shown_reference}/").status == 404


def test_without_script_grounds_are_recorded_and_reflection_is_offered(cast: Cast, open_page) -> None:
    case = register(cast)
    page = open_page(cast.client("police_officer"), java_script_enabled=False)
    page.goto(f"/cases/{case.shown_reference}/")
    page.get_by_role("link", name="Record reasonable grounds").click()
    page.get_by_label("There are reasonable grounds to believe").check()
    page.get_by_label("Indicators").check()
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Offer the reflection period").click()
    page.get_by_label("What is the person’s residence status?").select_option(label="Without lawful residence")
    wanted = page.get_by_role("group", name="Does the person want the reflection period?")
    wanted.get_by_label("Yes", exact=True).check()
    page.get_by_role("button", name="Save").click()
    assert page.get_by_text("The reflection period is offered.").is_visible()


@pytest.mark.proof("every page is whole")
@pytest.mark.parametrize(("viewport", "scheme"), VIEWS)
def test_every_page_is_accessible(cast: Cast, open_page, viewport, scheme: str) -> None:
    def visit(who: str, *addresses: str) -> None:
        page = open_page(cast.client(who), viewport=viewport, color_scheme=scheme)
        for address in addresses:
            assert page.goto(address).status == 200, address
            assert_accessible(page)

    new, granted, offered = with_grounds(cast), in_reflection(cast), with_offer(cast)
    fresh = register(cast)
    let_know(cast, granted, cast.organisations.competent_authority, "authority_decision_maker")
    child, named, flagged = a_child(cast), a_child(cast), a_child(cast)
    provisional(cast, named)
    appoint(cast, flagged, guardian="other_guardian")
    with inside(cast.ngo_caseworker, flagged) as (actor, access):
        flag_guardian_conflict(actor, access=access, conflict_of_interest="other", remarks="Told by the child.")
    visit(
        "police_officer",
        *(
            f"/cases/{new.shown_reference}/{page}"
            for page in ("decisions/", "reflection/offer/", "decisions/declined/")
        ),
        f"/cases/{granted.shown_reference}/decisions/",
        f"/cases/{fresh.shown_reference}/decisions/reasonable-grounds/",
    )
    visit(
        "immigration_decision_maker",
        *(f"/cases/{offered.shown_reference}/reflection/{page}/" for page in ("grant", "decline")),
        f"/cases/{granted.shown_reference}/reflection/end/",
    )
    visit("authority_decision_maker", f"/cases/{granted.shown_reference}/decisions/identification/")
    visit(
        "child_protection_supervisor",
        "/guardians/",
        *(f"/cases/{child.shown_reference}/guardian/{page}" for page in ("", "provisional/", "appoint/")),
        *(f"/cases/{named.shown_reference}/guardian/{page}" for page in ("replace/", "end/", "conflict/")),
        f"/cases/{flagged.shown_reference}/guardian/",
    )


def test_the_warning_above_thirty_children_is_accessible(cast: Cast, open_page, monkeypatch) -> None:
    many_children(cast, 1)
    case = a_child(cast)
    monkeypatch.setattr("cases.operations.caseload.Candidate.is_near_limit", True)
    assign(cast, case, "child_protection_officer")
    page = open_page(cast.client("child_protection_officer"))
    page.goto(f"/cases/{case.shown_reference}/guardian/provisional/")
    page.get_by_label("Who is the guardian?").select_option(value=str(cast.guardian.membership_id))
    page.get_by_label("No conflict of interest").check()
    page.get_by_label("Yes", exact=True).check()
    page.get_by_role("button", name="Name a provisional guardian").click()
    expect(page).to_have_title(re.compile("^Error:"))
    assert_accessible(page)
    page.get_by_label("the exception is justified").check()
    page.get_by_role("button", name="Name a provisional guardian").click()
    assert page.get_by_text("The provisional guardian can open the case now.").is_visible()
