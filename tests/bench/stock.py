"""django-guardian as it comes, on the same data: one permission for each user and case, ``get_objects_for_user``.

Every row of visibility becomes a permission of guardian's generic table: of the assigned member, or of each supervisor.
"""

import time
from typing import Any, Final

import psycopg
from django.db import connection
from guardian.shortcuts import get_objects_for_user  # noqa: TID251 - measured as it comes

from accounts.models import Membership, User
from cases.models import Case
from core.db import role

BYPASS: Final = "nrm_loader"
PERMISSION: Final = "view_identity"
ROUNDS: Final = 5
PAGE: Final = 26
FILL: Final = """
    INSERT INTO guardian_userobjectpermission (permission_id, content_type_id, object_pk, user_id)
    SELECT p.id, p.content_type_id, v.case_id::text, m.user_id
    FROM cases_casevisibility v
    JOIN accounts_membership m ON m.id = v.membership_id
         OR (v.membership_id IS NULL AND m.organisation_id = v.organisation_id AND 'supervisor' = ANY (m.roles))
    JOIN auth_permission p ON p.codename = %s JOIN django_content_type t ON t.id = p.content_type_id
    WHERE t.app_label = 'cases' AND t.model = 'case' AND (v.ends_at IS NULL OR v.ends_at > now())
    ON CONFLICT DO NOTHING
"""


def fill(admin: "psycopg.Connection[Any]") -> int:
    """Permissions for everybody who may know a case; returns how many."""
    rows = admin.execute(FILL, [PERMISSION]).rowcount
    admin.execute("VACUUM (ANALYZE) guardian_userobjectpermission")
    return rows


def first_page(membership: Any) -> tuple[float, int]:
    """Milliseconds of the first page of a member's cases, newest first, without row-level security; and its rows."""
    user = User.objects.get(memberships=Membership.objects.get(pk=membership))
    best, found = float("inf"), 0
    with role(BYPASS):
        for _round in range(ROUNDS):
            start = time.perf_counter()
            rows = get_objects_for_user(
                user, f"cases.{PERMISSION}", Case, use_groups=False, with_superuser=False, accept_global_perms=False
            )
            found = len(list(rows.order_by("-registered_at").values_list("pk")[:PAGE]))
            best = min(best, (time.perf_counter() - start) * 1000)
    return best, found


def unchecked_page() -> float:
    """Milliseconds of a first page of all cases, without any check."""
    best = float("inf")
    with role(BYPASS), connection.cursor() as cursor:
        for _round in range(ROUNDS):
            start = time.perf_counter()
            cursor.execute(
                "SELECT c.* FROM cases_case c JOIN cases_casekey k ON k.case_id = c.id"
                " WHERE c.state <> 'closed' ORDER BY c.id LIMIT %s",
                [PAGE],
            )
            cursor.fetchall()
            best = min(best, (time.perf_counter() - start) * 1000)
    return best
