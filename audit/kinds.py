"""The closed list of what is recorded. The name of a kind is the name of its operation."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

KINDS: Final[dict[str, Promise]] = {
    # accounts
    "signed_in": _("Signed in"),
    "signed_out": _("Signed out"),
    "sign_in_failed": _("Sign-in failed"),
    "sign_out_everywhere": _("Signed out everywhere"),
    "switch_organisation": _("Switched organisation"),
    "invite_member": _("Colleague invited"),
    "accept_invitation": _("Invitation accepted"),
    "invite_first_administrator": _("First administrator invited"),
    "revoke_invitation": _("Invitation revoked"),
    "change_roles": _("Roles changed"),
    "suspend_member": _("Colleague suspended"),
    "reinstate_member": _("Colleague reinstated"),
    "end_membership": _("Membership ended"),
    "create_organisation": _("Organisation created"),
    "update_organisation": _("Organisation changed"),
    "suspend_organisation": _("Organisation suspended"),
    "reinstate_organisation": _("Organisation reinstated"),
    # the case file
    "start_draft": _("Draft started"),
    "save_draft": _("Draft saved"),
    "discard_draft": _("Draft discarded"),
    "register_presumed_victim": _("Registered as presumed victim"),
    "file_anonymous_notification": _("Anonymous notification filed"),
    "add_row": _("Added"),
    "correct_row": _("Corrected"),
    "set_label": _("Working label changed"),
    "assign_member": _("Colleague assigned"),
    "unassign_member": _("Colleague taken off the case"),
    "record_consent": _("Consent recorded"),
    "withdraw_consent": _("Consent withdrawn"),
    "share": _("Shared"),
    "end_share": _("Sharing ended"),
    "open_child_branch": _("Child branch opened"),
    "close_case": _("Case closed"),
    "record_information_given": _("Information about rights given"),
    "complete_deadline": _("Deadline met"),
    # decisions, reflection, guardianship
    "record_reasonable_grounds": _("Reasonable-grounds decision recorded"),
    "record_identification_decision": _("Identification decision recorded"),
    "decline_identification": _("Identification declined by the person"),
    "offer_reflection_period": _("Reflection period offered"),
    "grant_reflection_period": _("Reflection period granted"),
    "decline_reflection_period": _("Reflection period declined"),
    "end_reflection_period": _("Reflection period ended"),
    "reflection_does_not_apply": _("Reflection period does not apply"),
    "request_guardian": _("Guardian requested"),
    "assign_provisional_guardian": _("Provisional guardian assigned"),
    "assign_guardian": _("Guardian assigned"),
    "replace_guardian": _("Guardian replaced"),
    "end_guardianship": _("Guardianship ended"),
    "flag_guardian_conflict": _("Conflict of interest of the guardian reported"),
    # referrals
    "send_referral": _("Referral sent"),
    "accept_referral": _("Referral accepted"),
    "decline_referral": _("Referral declined"),
    "ask_question": _("Question asked"),
    "answer_question": _("Question answered"),
    "record_step": _("Step recorded"),
    "complete_referral": _("Referral completed"),
    "revoke_referral": _("Referral revoked"),
    "expire_referral": _("Referral expired without an answer"),
    "transfer_lead": _("Lead transferred"),
    # clocks
    "send_reminder": _("Reminder sent"),
}
