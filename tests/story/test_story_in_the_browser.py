"""The main job in real browsers, several people at once: register, refer, decide, reflect, appoint, watch.

An NGO registers a girl whose age is uncertain; police register and refer a person found at a car wash to a shelter,
which accepts; grounds are recorded, reflection is granted; child protection assigns a guardian; the coordinator's
figures change; the guardian of another child, an unassigned colleague and the outsider find nothing.
"""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.cast import Cast
from tests.story.walking import (
    choose,
    fill_day,
    finds_nothing,
    follow,
    go_on,
    heading,
    press,
    send_registration,
    skip_to,
    skip_to_the_end,
    start_registration,
    submit,
    today,
)

pytestmark = pytest.mark.browser


@pytest.fixture
def window(cast: Cast, open_page: Callable[..., Page]) -> Callable[[str], Page]:
    """A signed-in window of one of the cast that waits five seconds at most."""

    def make(persona: str) -> Page:
        page = open_page(cast.client(persona))
        page.set_default_timeout(5000)
        return page

    return make


def figure(page: Page, words: str) -> int:
    """One of the large numbers of the dashboard."""
    page.goto("/dashboard/")
    card = page.locator(".figure", has_text=words)
    return int(card.locator(".figure__number").inner_text())


def ngo_registers_a_girl(page: Page) -> str:
    start_registration(page)
    choose(page, "Is the person in danger now?", "Not known")
    go_on(page)
    page.get_by_label(re.compile("uncertain|not sure", re.IGNORECASE)).first.check()
    go_on(page)
    page.get_by_role("group", name="Who informed the child?").get_by_role("radio").first.check()
    go_on(page)
    page.get_by_label("Female", exact=True).check()
    go_on(page)
    skip_to(page, "Safe contact and language")
    choose(page, "How can the person be reached?", "Not known")
    go_on(page)
    skip_to_the_end(page)
    return send_registration(page)


def police_register_a_man(page: Page) -> str:
    start_registration(page)
    choose(page, "Is the person in danger now?", "No immediate danger")
    go_on(page)
    page.get_by_label("Adult", exact=True).check()
    go_on(page)
    choose(page, "Does the person consent to being registered?", "Yes, consents")
    choose(page, "What did you explain before asking?", "What the referral mechanism is")
    choose(page, "In which form was consent given?", "In writing")
    fill_day(page, "On which day was it given?", today())
    go_on(page)
    page.get_by_label("Given names", exact=True).fill("Example")
    page.get_by_label("Male", exact=True).check()
    go_on(page)
    expect(heading(page)).to_contain_text("Exploitation")
    page.get_by_label("Forced labour or services", exact=True).check()
    page.get_by_label("Sector", exact=True).select_option(label="Car washes")
    go_on(page)
    press(page, "Continue")
    skip_to(page, "Safe contact and language")
    choose(page, "How can the person be reached?", "Mobile phone")
    page.get_by_label("Mobile phone: number, address or name").fill("06 5555 0101")
    choose(page, "Mobile phone: Is it safe to call?", "Safe")
    choose(page, "Mobile phone: Is it safe to send a text?", "Not safe")
    go_on(page)
    skip_to(page, "Needs now")
    choose(page, "What does the person need now?", "A safe place to stay")
    go_on(page)
    return send_registration(page)


def police_refer_to_the_shelter(page: Page, reference: str) -> None:
    page.goto(f"/cases/{reference}/")
    page.get_by_role("link", name="Refer to an organisation").first.click()
    page.get_by_label("Which service is needed?").select_option("safe_accommodation")
    press(page, "Find organisations")
    follow(page, page.get_by_role("link", name="Choose Shelter", exact=True))
    page.get_by_label("Task of a law-enforcement authority").check()
    press(page, "See what they will see")
    press(page, "Send the referral")
    expect(page.get_by_text("The referral was sent to Shelter.")).to_be_visible()


def shelter_accepts(page: Page, reference: str) -> None:
    page.goto("/referrals/")
    page.get_by_role("link", name=reference).click()
    expect(page.locator("main")).not_to_contain_text("Example")
    press(page, "Accept")
    page.get_by_label("Who will work on it?").select_option(label="Shelter worker (caseworker)")
    press(page, "Accept")
    press(page, "Open the case")
    page.goto(f"/cases/{reference}/identity/")
    expect(page.locator("main")).not_to_contain_text("Example")
    page.get_by_role("button", name="Show the name").click()
    expect(page.locator("main")).to_contain_text("Example")


def police_record_grounds_and_offer_reflection(page: Page, reference: str) -> None:
    page.goto(f"/cases/{reference}/decisions/reasonable-grounds/")
    page.get_by_role("group", name="What was decided?").get_by_role("radio").first.check()
    fill_day(page, "When was this decided?", today())
    page.get_by_role("group", name="What does the decision rest on most?").get_by_role("radio").first.check()
    submit(page)
    expect(page.locator(".identity")).to_contain_text("reasonable grounds")
    page.goto(f"/cases/{reference}/reflection/offer/")
    page.get_by_label("What is the person’s residence status?").select_option("irregular")
    choose(page, "Does the person want the reflection period?", "Yes")
    fill_day(page, "When was it offered?", today())
    submit(page)
    expect(page.locator(".identity")).to_contain_text("offered")


def assigns(page: Page, reference: str, colleague: str) -> None:
    """The duty desk puts a colleague on the case."""
    page.goto(f"/cases/{reference}/people/")
    options = page.get_by_label("Colleague").locator("option").all_inner_texts()
    page.get_by_label("Colleague").select_option(label=next(name for name in options if name.startswith(colleague)))
    submit(page)
    expect(page.locator("main")).to_contain_text(colleague)


def immigration_grants_reflection(page: Page, reference: str) -> None:
    page.goto("/my-work/")
    page.get_by_role("link", name=reference).click()
    page.goto(f"/cases/{reference}/reflection/grant/")
    page.get_by_role("group", name="Which period does the person have?").get_by_role("radio").first.check()
    fill_day(page, "When was this decided?", today())
    fill_day(page, "From which day?", today())
    submit(page)
    expect(page.locator(".identity")).to_contain_text("running")


def child_protection_assigns_a_guardian(page: Page, reference: str, name: str) -> None:
    page.goto("/guardians/")
    follow(page, page.get_by_role("link", name=reference))
    for step in ("provisional", "appoint"):
        page.goto(f"/cases/{reference}/guardian/{step}/")
        choices = page.get_by_label("Who is the guardian?").locator("option").all_inner_texts()
        named = next(choice for choice in choices if choice.startswith(f"{name}, "))
        page.get_by_label("Who is the guardian?").select_option(label=named)
        page.get_by_role("group", name="Has this person a conflict of interest").get_by_label(re.compile("^No")).check()
        page.get_by_role("group", name="Has this person been screened").get_by_label(re.compile("^Yes")).check()
        if step == "appoint":
            fill_day(page, "When was the child told", today())
        submit(page)
        expect(heading(page)).not_to_contain_text("Error")


def test_the_main_job_from_end_to_end(window: Callable[[str], Page]) -> None:
    coordinator = window("coordinator")
    before = {words: figure(coordinator, words) for words in ("sent", "running", "without a guardian")}
    assert before == {"sent": 0, "running": 0, "without a guardian": 0}

    ngo = window("ngo_caseworker")
    girl = ngo_registers_a_girl(ngo)
    assert figure(coordinator, "without a guardian") == 1

    police = window("police_officer")
    man = police_register_a_man(police)
    police_refer_to_the_shelter(police, man)
    assert figure(coordinator, "waiting for an answer") == 1

    shelter_accepts(window("shelter_intake"), man)
    police_record_grounds_and_offer_reflection(police, man)
    assigns(window("immigration_supervisor"), man, "Immigration decision")
    immigration_grants_reflection(window("immigration_decision_maker"), man)

    desk = window("child_protection_intake")
    desk.goto("/guardians/")
    follow(desk, desk.get_by_role("link", name=girl))
    assigns(desk, girl, "Child protection officer")
    child_protection_assigns_a_guardian(window("child_protection_officer"), girl, "Guardian")
    guardian = window("guardian")
    guardian.goto("/my-work/")
    guardian.get_by_role("link", name=girl).click()
    expect(guardian.locator(".identity")).to_contain_text("child")

    after = {
        words: figure(coordinator, words)
        for words in ("sent", "waiting for an answer", "running", "without a guardian")
    }
    assert after == {"sent": 1, "waiting for an answer": 0, "running": 1, "without a guardian": 0}

    for persona, reference in (
        ("other_guardian", girl),
        ("colleague_unassigned", girl),
        ("other_ngo_caseworker", girl),
        ("guardian", man),
        ("ngo_caseworker", man),
        ("other_ngo_supervisor", man),
        ("coordinator", man),
    ):
        finds_nothing(window(persona), reference)
