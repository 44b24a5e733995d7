"""Every page of people and organisations in a real browser: accessible, on a desk and on a phone, console empty."""

import re

import pytest
from playwright.sync_api import expect

from accounts.operations import invite_first_administrator, invite_member
from accounts.tokens import invitation_token
from tests.axe import assert_accessible
from tests.browser import DESKTOP, PHONE
from tests.proofs import IS_FULL

pytestmark = pytest.mark.browser


def pages(cast):
    """Who opens what; the link of an invitation is opened by nobody signed in."""
    ngo, shelter, colleague = cast.organisations.ngo, cast.organisations.shelter, cast.ngo_caseworker.membership_id
    invitation = invite_member(cast.organisation_administrator, email="new@example.test", roles=["caseworker"])
    invite_first_administrator(cast.platform_administrator, organisation=shelter, email="first@example.test")
    return {
        "organisation_administrator": [
            "/members/",
            "/members/invite/",
            f"/members/{colleague}/roles/",
            f"/members/{colleague}/end/",
            "/account/",
            f"/members/invitations/{invitation.pk}/revoke/",
            "/account/sign-out-everywhere/",
        ],
        "platform_administrator": [
            "/organisations/",
            "/organisations/new/",
            f"/organisations/{shelter.pk}/",
            f"/organisations/{ngo.pk}/edit/",
            f"/organisations/{ngo.pk}/suspend/",
            f"/organisations/{shelter.pk}/administrator/",
        ],
        "shelter_worker": ["/active-organisation/"],
        "": [f"/invitation/{invitation_token(invitation.pk)}/", "/invitation/none/"],
    }


@pytest.mark.proof("every page is whole")
@pytest.mark.parametrize("viewport", [PHONE, DESKTOP][: None if IS_FULL else 1])
def test_accessible(cast, open_page, viewport):
    for persona, paths in pages(cast).items():
        page = open_page(cast.client(persona) if persona else None, viewport=viewport)
        for path in paths:
            page.goto(path)
            assert_accessible(page)


def test_errors_move_the_focus_to_the_summary(cast, open_page):
    page = open_page(cast.client("organisation_administrator"))
    page.goto("/members/invite/")
    page.get_by_role("button", name="Send the invitation").click()
    expect(page).to_have_title(re.compile("^Error:"))
    assert page.evaluate("document.activeElement.className").startswith("govuk-error-summary")
    assert_accessible(page)
