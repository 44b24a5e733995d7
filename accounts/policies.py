"""Who manages people and organisations (``sharing.md`` section 5), as data. Pure: no ORM.

Administrators manage access to the application and see no case.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from uuid import UUID

from accounts.enums import Role
from core.errors import NotAllowed

if TYPE_CHECKING:
    from accounts.actors import Actor

# Roles that open cases, or the safe location, without anybody assigning the member (``sharing.md`` rule 22).
OPENING: Final = frozenset({Role.SUPERVISOR, Role.INTAKE, Role.CUSTODIAN})
# Roles that a second person confirms. The data-protection officer, who opens no case, is one of them because that
# officer confirms where no colleague is left: otherwise one person would make the second person too.
CONFIRMED: Final = OPENING | {Role.DATA_PROTECTION_OFFICER}
# Who confirms them, in this order: whoever knows every case of the organisation; where none of them is left, and among
# custodians always, a custodian.
CONFIRMING: Final = frozenset({Role.SUPERVISOR, Role.INTAKE})
# Who acts on a case: the first of these that anybody in the organisation holds.
ACTING: Final = (
    frozenset({Role.SUPERVISOR}),
    frozenset({Role.SUPERVISOR, Role.INTAKE}),
    frozenset({Role.SUPERVISOR, Role.INTAKE, Role.CASEWORKER, Role.GUARDIAN, Role.DECISION_MAKER}),
)

# An organisation's administrator, for the own organisation only. The platform may also take back an invitation.
MEMBER_ACTS: Final = frozenset(
    {
        "view_members",
        "invite_member",
        "revoke_invitation",
        "change_roles",
        "suspend_member",
        "reinstate_member",
        "end_membership",
    }
)
# The platform administrator. An organisation without any administrator gets its first from the platform.
ORGANISATION_ACTS: Final = frozenset(
    {
        "view_organisations",
        "view_operations",
        "create_organisation",
        "update_organisation",
        "suspend_organisation",
        "reinstate_organisation",
        "invite_first_administrator",
    }
)
# Whoever may be the second person; ``accounts.second_person`` says for which grants. Administrators only read them.
GRANT_ACTS: Final = frozenset({"view_role_grants", "confirm_roles", "refuse_roles"})
# Anybody who is signed in, for themselves.
OWN_ACTS: Final = frozenset(
    {"sign_out_everywhere", "switch_organisation", "choose_preferences", "lock_screen", "unlock_screen", "set_pin"}
)
# Whoever belongs to an organisation, for themselves; a supervisor also for a colleague.
MEMBERS_OWN_ACTS: Final = frozenset({"view_absences", "plan_absence", "end_absence", "open_calendar", "close_calendar"})
SUPERVISOR_ACTS: Final = frozenset({"plan_absence_of_colleague", "end_absence_of_colleague"})


def may(actor: Actor, action: str, organisation_id: UUID | None = None) -> bool:
    """True when ``actor`` may do ``action`` in the organisation (their own when none is named).

    Raises ``KeyError`` for an action that no table knows.
    """
    if action in MEMBER_ACTS:
        is_own = actor.organisation_id is not None and organisation_id in {None, actor.organisation_id}
        is_platforms = action == "revoke_invitation" and actor.is_platform_administrator
        return is_platforms or (is_own and Role.ORGANISATION_ADMINISTRATOR in actor.roles)
    if action in ORGANISATION_ACTS:
        return actor.is_platform_administrator
    if action in GRANT_ACTS:
        is_reader = action == "view_role_grants" and Role.ORGANISATION_ADMINISTRATOR in actor.roles
        return actor.is_platform_administrator or is_reader or bool(actor.roles & CONFIRMED)
    if action in MEMBERS_OWN_ACTS:
        return actor.membership_id is not None
    if action in SUPERVISOR_ACTS:
        return Role.SUPERVISOR in actor.roles
    if action in OWN_ACTS:
        return actor.is_signed_in
    raise KeyError(action)


def require(actor: Actor, action: str, organisation_id: UUID | None = None) -> None:
    """Raise ``NotAllowed`` (403) unless ``may``."""
    if not may(actor, action, organisation_id):
        raise NotAllowed
