"""What must hold before a process serves: the role's powers, the clock of the database, what guards its tables, and
whole tables of rights.

Registered as database checks (``manage.py check --database default``) and run when a web or worker process starts.
"""

from collections.abc import Sequence
from typing import Any, Final

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import Error, Tags, register, run_checks
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from core.db import LOUD
from nrm import protection, roles

POWERS: Final = """
    SELECT r.rolsuper, r.rolbypassrls,
           EXISTS (SELECT 1 FROM pg_class c WHERE c.relowner = r.oid AND c.relkind IN ('r', 'p', 'v', 'm')),
           pg_has_role(r.oid, 'nrm_owner', 'MEMBER')
    FROM pg_roles r WHERE r.rolname = current_user
"""
BODY: Final = "SELECT prosrc FROM pg_proc WHERE proname = %s"
SERVING: Final = frozenset({"app", "worker"})
# The checks of nrm.rights.
RIGHTS: Final = "rights"


@register(Tags.database)
def check_role(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **options: Any
) -> list[Error]:
    """A serving role is no superuser, owns no table and may not bypass row-level security."""
    if not databases or settings.NRM_ROLE not in SERVING:
        return []
    with connection.cursor() as cursor:
        cursor.execute(POWERS)
        is_superuser, may_bypass, is_owner, is_member = cursor.fetchone()
    faults = {
        "is a superuser": is_superuser,
        "may bypass row-level security": may_bypass,
        "owns tables": is_owner,
        "is a member of nrm_owner": is_member,
    }
    role = connection.settings_dict["USER"]
    return [
        Error(f"The database role {role} {fault}.", hint="Run: manage.py make_roles", id="nrm.E001")
        for fault, is_so in faults.items()
        if is_so
    ]


@register(Tags.database)
def check_clock(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **options: Any
) -> list[Error]:
    """In production nobody moves the database's clock: ``nrm_now()`` is ``now()`` and nothing else."""
    if not databases or not settings.IS_PRODUCTION:
        return []
    with connection.cursor() as cursor:
        cursor.execute(BODY, ["nrm_now"])
        bodies = [body.strip() for (body,) in cursor.fetchall()]
    if bodies == [roles.NOW]:
        return []
    return [Error("nrm_now() is not the clock of production.", hint="Run: manage.py make_roles", id="nrm.E002")]


@register(Tags.database)
def check_protection(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **options: Any
) -> list[Error]:
    """Every table with case data has forced row-level security, policies and rights, as its migrations left it."""
    if not databases or settings.NRM_ROLE not in SERVING:
        return []
    return [
        Error(f"{fault.table} {fault.words}.", hint=fault.mend, obj=fault.table, id="nrm.E003")
        for fault in protection.faults()
    ]


@register(Tags.database)
def check_history(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **options: Any
) -> list[Error]:
    """No setting silences the triggers that write the history."""
    if not databases or settings.NRM_ROLE not in SERVING:
        return []
    with connection.cursor() as cursor:
        cursor.execute(BODY, ["_pgtrigger_should_ignore"])
        bodies = [body.strip() for (body,) in cursor.fetchall()]
    if bodies == [LOUD]:
        return []
    return [Error("The history can be silenced by a setting.", hint="Run: manage.py make_roles", id="nrm.E004")]


def refuse_unsafe_start() -> None:
    """Raise ``ImproperlyConfigured`` when this process must not serve."""
    checks = (check_role, check_clock, check_protection, check_history)
    faults: list[Any] = [fault for check in checks for fault in check(None, ["default"])]
    faults += run_checks(tags=[RIGHTS])
    connection.close()
    if faults:
        raise ImproperlyConfigured(" ".join(f"{fault.msg} {fault.hint}" for fault in faults))
