"""Every page of the product, with the person whose page it is and the state in which it has something to show."""

from collections.abc import Mapping
from typing import Final

from tests.matrix.table import EVERYBODY, PAGES

# The persona that opens a page where it is not the first of these that may.
OFTEN: Final = (
    "ngo_supervisor",
    "police_officer",
    "shelter_supervisor",
    "child_protection_supervisor",
    "immigration_decision_maker",
    "authority_decision_maker",
    "organisation_administrator",
    "platform_administrator",
    "data_protection_officer",
    "coordinator",
)
REST: Final = sorted(EVERYBODY)
OWN: Final[Mapping[str, str]] = {
    "reporting:worklist": "police_officer",
    "cases:inbox": "child_protection_supervisor",
    "cases:location_releases": "custodian_a",
    "cases:location_release": "custodian_a",
}
# No pages: they answer a script, redirect, or send what is not HTML.
NO_PAGE: Final = frozenset(
    # In this world no override waits for data protection; tests/cases/test_overrides.py opens its page.
    {"cases:answer_unknown_override",
     # Nobody in this world belongs to two organisations; tests/accounts/test_two_organisations.py opens it.
     "cases:inbox_of",
     "home", "healthz", "set_language", "cases:file", "cases:draft_page_autosave", "cases:draft_form_autosave",
     "cases:draft_form_remove", "cases:draft_notification", "styleguide", "referrals:terms",
     "hide", "locked", "cases:show_name", "reporting:report_pdf"}
)  # fmt: skip
LONGEST: Final = ("cases:case", "cases:add_row", "reporting:dashboard", "referrals:referral", "cases:draft_page")


def visits() -> dict[str, str]:
    """URL name → persona, for every page that a signed-in person may open."""
    found = {}
    for name, route in PAGES.items():
        if name in NO_PAGE or route.is_framework or "GET" not in route.methods.split():
            continue
        found[name] = OWN.get(name) or next(who for who in (*OFTEN, *REST) if route.outcome(who, "GET") == "open")
    return found
