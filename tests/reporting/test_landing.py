"""Where each person lands: the worklist, the dashboard or the page of the own office, and never a refusal."""

import pytest

from reporting.landing import landing
from tests.cast import PERSONAS, PLATFORM, STRANGER, SUSPENDED, Cast


@pytest.mark.parametrize("persona", [*PERSONAS, PLATFORM, STRANGER])
def test_the_start_page_leads_to_a_page_that_one_may_see(cast: Cast, persona: str) -> None:
    if persona == SUSPENDED:
        pytest.skip("who is suspended is signed out")
    response = cast.client(persona).get("/", follow=True)
    assert response.status_code == 200


@pytest.mark.parametrize(
    ("persona", "route"),
    [
        ("ngo_caseworker", "reporting:worklist"),
        ("shelter_intake", "reporting:worklist"),
        ("guardian", "reporting:worklist"),
        ("child_protection_officer", "reporting:worklist"),
        ("authority_decision_maker", "reporting:worklist"),
        ("immigration_decision_maker", "reporting:worklist"),
        ("coordinator", "reporting:dashboard"),
        ("rapporteur", "cases:inbox"),
        ("organisation_administrator", "accounts:members"),
        ("platform_administrator", "accounts:organisations"),
        ("auditor", "cases:inbox"),
        ("stranger", "accounts:account"),
    ],
)
def test_landing(cast: Cast, persona: str, route: str) -> None:
    assert landing(getattr(cast, persona).actor) == route
