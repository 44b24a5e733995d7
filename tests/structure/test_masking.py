"""No page and no answer names an organisation past ``cases.masking`` (``sharing.md`` rule 6).

Where a name or key is read off an organisation itself, the place is listed with the reason why it tells nothing.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
# What holds an organisation, wherever rows, forms and answers name one.
HOLDERS: Final = (
    "organisation", "owner_organisation", "bound_organisation", "from_organisation", "to_organisation", "lead",
    "registered_by", "requested_by", "recipient", "decides", "placed_by", "addressed_to", "reviewed_by", "host",
    "other", "to", "receiver", "sender",
)  # fmt: skip
TOLD: Final = "masked already: a ShownOrganisation"
CHOSEN: Final = "the reader is choosing it"
ASKED: Final = "whom somebody asks to let in: the question names it, and says nothing of where the person stays"
OWN: Final = "an organisation that the reader belongs to; no case is spoken of"
IN_TEMPLATES: Final[dict[str, str]] = {
    "cases/_elsewhere.html: membership.organisation.name": OWN,
    "cases/inbox_of.html: membership.organisation.name": OWN,
    "cases/_layout.html: lead.name": TOLD,
    "cases/doubles/_pair.html: organisation.name": TOLD,
    "cases/doubles/desk.html: organisation.name": TOLD,
    "cases/guardians/_table.html: entry.requested_by.name": TOLD,
    "cases/location/releases.html: organisation.name": TOLD,
    "referrals/_contact.html: other.name": TOLD,
    "referrals/_contact.html: other.phone": TOLD,
    "referrals/_contact.html: other.email": TOLD,
    "cases/new_share.html: to.name": CHOSEN,
    "cases/preview_share.html: to.name": CHOSEN,
    "cases/who_knows.html: line.receiver.name": TOLD,
    "cases/end_line.html: line.receiver.name": TOLD,
    "cases/take_over.html: line.receiver.name": TOLD,
    "cases/share.html: line.receiver.name": TOLD,
    "cases/sharing_request.html: asked.receiver.name": ASKED,
    "cases/_sharing_request.html: asked.receiver.name": ASKED,
    "cases/shares.html: asked.receiver.name": ASKED,
    "cases/lead/confirm.html: offer.organisation.name": CHOSEN,
    "cases/lead/vacancy.html: offer.organisation.name": CHOSEN,
    "cases/lead/withdraw.html: offer.organisation.name": CHOSEN,
    "referrals/new.html: one.organisation.name": CHOSEN,
    "referrals/preview.html: to.name": CHOSEN,
    "referrals/terms.html: to.name": CHOSEN,
}
GUARDIAN: Final = "the organisation of a guardian whom child protection may name; it hosts nobody"
IN_CODE: Final[dict[str, str]] = {
    "cases/api/guardianship.py: one.membership.organisation.name": GUARDIAN,
    "cases/api/guardianship.py: one.requested_by.name": TOLD,
    "cases/api/shared.py: organisation.name": TOLD,
    "cases/forms/guardianship.py: member.organisation.name": GUARDIAN,
    "cases/views/contact.py: access.lead.name": TOLD,
    "cases/views/emergency.py: organisation.name": TOLD,
    "cases/views/location.py: host.name": TOLD,
    "cases/api/who_knows.py: line.receiver.name": TOLD,
    "cases/api/lead.py: one.organisation.name": CHOSEN,
    "cases/views/asking.py: asked.receiver.name": ASKED,
    "cases/views/shares.py: to.name": CHOSEN,
    "referrals/views/new.py: receiver.name": CHOSEN,
    "reporting/report.py: organisation.email": TOLD,
    "reporting/report.py: organisation.phone": TOLD,
    "reporting/trail_api.py: organisation.name": TOLD,
    "reporting/trail_views.py: organisation.name": TOLD,
}
# Answers of the API that name organisations of no case: what one chooses from, and who decides in a region.
NAMING_ANY: Final = {"referrals/api.py", "cases/api/reflection.py"}


def test_no_template_names_an_organisation_by_itself() -> None:
    wanted = re.compile(rf"\b(?:\w+\.)*(?:{'|'.join(HOLDERS)})\.(?:name|email|phone|region|pk)\b")
    found = {
        f"{path.relative_to(ROOT / 'templates').as_posix()}: {one}"
        for path in ROOT.glob("templates/**/*.html")
        if path.relative_to(ROOT / "templates").parts[0] in ("cases", "referrals", "reporting")
        for one in wanted.findall(path.read_text(encoding="utf-8"))
    }
    assert found == set(IN_TEMPLATES)


def test_no_code_of_a_page_or_answer_names_an_organisation_by_itself() -> None:
    found = {
        f"{name}: {ast.unparse(node)}"
        for name, tree in shown_code()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in ("name", "email", "phone") and holds(node.value)
    }
    assert found == set(IN_CODE)


def test_no_answer_carries_the_key_of_an_organisation_by_itself() -> None:
    """A key tells as much as a name: in an answer it comes from a ``ShownOrganisation``."""
    ends = tuple(f"{one}_id" for one in HOLDERS)
    found = {
        f"{name}: {ast.unparse(value)}"
        for name, tree in shown_code()
        if "api" in name
        for node in ast.walk(tree)
        if isinstance(node, ast.Dict)
        for value in node.values
        if isinstance(value, ast.Attribute) and value.attr.endswith(ends)
    }
    assert found == set()


def test_only_choosers_name_any_organisation() -> None:
    found = {
        name
        for name, tree in shown_code()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        and node.module == "accounts.api"
        and "party" in {x.name for x in node.names}
    }
    assert found == NAMING_ANY


def shown_code() -> Iterator[tuple[str, ast.Module]]:
    """What makes pages, lists and answers: views, API, forms, and the modules that read for them; no operation."""
    for app in ("cases", "referrals", "reporting"):
        for path in sorted(ROOT.glob(f"{app}/**/*.py")):
            name = path.relative_to(ROOT).as_posix()
            if (
                not {"operations", "migrations", "management", "models"} & set(path.parts)
                and name != "cases/masking.py"
            ):
                yield name, ast.parse(path.read_text(encoding="utf-8"))


def holds(node: ast.expr) -> bool:
    return (node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")) in HOLDERS
