"""Which secret which process holds. In production each reads its own and no other, whatever its environment offers.

By role of the process (``NRM_ROLE``). Who takes over one process has what stands here on its line, and no more.
"""

from collections.abc import Mapping
from typing import Final

PASSWORDS: Final = {role: f"NRM_{role.upper()}_PASSWORD" for role in ("owner", "app", "worker", "backup")}
HELD: Final[Mapping[str, frozenset[str]]] = {
    # Pages and API: opens what its members may read, writes what doubles are found by.
    "app": frozenset(
        {"SECRET_KEY", "MASTER_KEY", "MATCHING_KEY", "LOCATION_MASTER_KEY", PASSWORDS["app"], "METRICS_TOKEN"}
    ),
    # Opens mails and the few facts that doubles are compared by, links its mails, seals the audit, sends.
    "worker": frozenset({"SECRET_KEY", "MASTER_KEY", "AUDIT_SIGNING_KEY", PASSWORDS["worker"], "EMAIL_HOST_PASSWORD"}),
    # Rings and reads nothing: not even a database role.
    "beat": frozenset(),
    # The schema. The two keys for ``matching_records`` alone.
    "owner": frozenset({PASSWORDS["owner"], "MASTER_KEY", "MATCHING_KEY"}),
    "backup": frozenset({PASSWORDS["backup"]}),
    # ``make_roles``: gives each role its password, with a superuser's address.
    "admin": frozenset(PASSWORDS.values()),
}
# A process of the role starts without these.
OPTIONAL: Final = {
    "app": frozenset({"METRICS_TOKEN"}),
    "worker": frozenset({"EMAIL_HOST_PASSWORD"}),
    "owner": frozenset({"MASTER_KEY", "MATCHING_KEY"}),
}


def is_held(name: str, role: str) -> bool:
    """Whether a process of this role reads the secret."""
    return name in HELD[role]


def is_needed(name: str, role: str) -> bool:
    """Whether a process of this role cannot start without the secret."""
    return is_held(name, role) and name not in OPTIONAL.get(role, frozenset())
