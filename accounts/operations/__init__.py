"""What can be done with people and organisations: one function per verb, atomic, with its audit row."""

from accounts.operations.absences import end_absence, plan_absence
from accounts.operations.calendars import close_calendar, open_calendar
from accounts.operations.invitations import (
    accept_invitation,
    invite_first_administrator,
    invite_member,
    revoke_invitation,
)
from accounts.operations.lock import lock_screen, set_pin, unlock_screen
from accounts.operations.members import change_roles, end_membership, reinstate_member, suspend_member
from accounts.operations.organisations import (
    create_organisation,
    reinstate_organisation,
    suspend_organisation,
    update_organisation,
)
from accounts.operations.own import choose_preferences, sign_out_everywhere, switch_organisation
from accounts.operations.platform import create_platform_administrator
from accounts.operations.role_grants import confirm_roles, refuse_roles
from accounts.operations.second_factor import remove_second_factor
from accounts.operations.submissions import erase_expired_submissions

__all__ = [
    "accept_invitation",
    "change_roles",
    "choose_preferences",
    "close_calendar",
    "confirm_roles",
    "create_organisation",
    "create_platform_administrator",
    "end_absence",
    "end_membership",
    "erase_expired_submissions",
    "invite_first_administrator",
    "invite_member",
    "lock_screen",
    "open_calendar",
    "plan_absence",
    "refuse_roles",
    "reinstate_member",
    "reinstate_organisation",
    "remove_second_factor",
    "revoke_invitation",
    "set_pin",
    "sign_out_everywhere",
    "suspend_member",
    "suspend_organisation",
    "switch_organisation",
    "unlock_screen",
    "update_organisation",
]
