"""The roles of a member are written in one module, which asks a second person (``sharing.md`` rule 22)."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
APPS = ("nrm", "reporting", "referrals", "cases", "accounts", "audit", "profiles", "core")
# The demo makes its people before anything happens, with the grants that go with their roles.
DEMO = "nrm/country/making.py"


def writes_of_roles(text: str) -> Iterator[int]:
    """The lines that set ``roles`` of something, update it in bulk, or make a membership that has some."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            parts = [one for target in targets for one in ast.walk(target)]
            if any(isinstance(one, ast.Attribute) and one.attr == "roles" for one in parts):
                yield node.lineno
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            given = next((one.value for one in node.keywords if one.arg == "roles"), None)
            if given is None or (isinstance(given, ast.List) and not given.elts):
                continue
            is_membership = ast.unparse(node.func) == "Membership.objects.create"
            if is_membership or node.func.attr in ("update", "update_or_create", "get_or_create"):
                yield node.lineno


def test_roles_are_written_in_one_module() -> None:
    found = {
        path.relative_to(ROOT).as_posix()
        for app in APPS
        for path in (ROOT / app).rglob("*.py")
        if "migrations" not in path.parts and [*writes_of_roles(path.read_text(encoding="utf-8"))]
    }
    assert found == {"accounts/operations/role_grants.py", DEMO}


def test_another_place_is_noticed() -> None:
    assert [*writes_of_roles("member.roles = ['intake']")] == [1]
    assert [*writes_of_roles("Membership.objects.create(user=user, roles=['intake'])")] == [1]
    assert [*writes_of_roles("Membership.objects.filter(pk=pk).update(roles=[role])")] == [1]
    assert [*writes_of_roles("before, member.roles = member.roles, []")] == [1]
    assert not [*writes_of_roles("Membership.objects.create(user=user, roles=[])")]
