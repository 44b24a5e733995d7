"""Every act of ``sharing.md`` section 5, and every other act that a policy knows, in the words of the field.

Who may do it stands in the policies; here is only what it is called, and in which order a reader finds it. An act that
no policy knows, or a policy without its line here, stops the start (``nrm.rights.checks``).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Subject:
    """A heading and the acts below it."""

    code: str
    heading: Promise
    acts: Mapping[str, Promise]


SUBJECTS: Final = (
    Subject(
        "registering",
        _("Registering"),
        {
            "register_presumed_victim": _("Register a presumed victim"),
            "file_anonymous_notification": _("File an anonymous notification"),
        },
    ),
    Subject(
        "file",
        _("The case file"),
        {
            "view_worklist": _("See the own worklist"),
            "add_row": _("Add to the file"),
            "correct_row": _("Correct what the own organisation wrote"),
            "set_label": _("Give the case a working label"),
            "complete_deadline": _("Say that a duty was done"),
            "suspend_deadline": _("Suspend a deadline, where the country allows it"),
            "resume_deadline": _("Let a suspended deadline go on"),
            "extend_deadline": _("Extend a deadline, where the country allows it"),
        },
    ),
    Subject(
        "colleagues",
        _("Colleagues on a case"),
        {
            "assign_member": _("Assign a colleague; intake only caseworkers"),
            "unassign_member": _("Take a colleague off the case"),
            "reassign": _("Hand a colleague’s cases to somebody else"),
            "block_member": _("Keep a colleague with a conflict of interest away from a case"),
            "unblock_member": _("Let them back in: neither the colleague nor who kept them away"),
        },
    ),
    Subject(
        "consent",
        _("Consent and sharing"),
        {
            "record_consent": _("Record a consent"),
            "withdraw_consent": _("Withdraw a consent"),
            "override_consent": _("Go against a refusal: for a life, a child or a duty of law"),
            "answer_override": _("Confirm, as a second person, that a refusal is gone against"),
            "answer_unknown_override": _("The same where nobody else can, without seeing the case"),
            "share": _("Share the own organisation’s rows"),
            "share_with_lead": _("Share the own organisation’s rows with the lead, which knows the case anyway"),
            "renew_share": _("Renew a share"),
            "review_share": _("Review what a party sees by office"),
            "end_share": _("End a share"),
            "ask_the_giver": _("Ask whoever shares with the own organisation to share with another one"),
            "answer_the_asker": _("Answer such a request, with a share of one’s own or a refusal"),
            "view_who_knows": _("See who knows the case through the lead"),
            "end_gift": _("End what hangs on the lead, whoever gave it"),
            "take_over_branch": _("Take over what hangs on another organisation’s share"),
            "view_own_shares": _("See everything that the own organisation shares"),
            "view_received_share": _("See what was shared with the own organisation, and when and why it ended"),
            "end_unknown_share": _("End a share of a case that is not known to oneself"),
        },
    ),
    Subject(
        "referrals",
        _("Referrals"),
        {
            "send_referral": _("Send a referral"),
            "answer_question": _("Answer a question about a referral"),
            "revoke_referral": _("Revoke a referral"),
            "revoke_unknown_referral": _("Revoke a referral of a case that the own organisation no longer knows"),
            "accept_referral": _("Accept a referral"),
            "decline_referral": _("Decline a referral"),
            "ask_question": _("Ask a question about a referral"),
            "record_step": _("Record a step"),
            "complete_referral": _("Complete a referral"),
        },
    ),
    Subject(
        "decisions",
        _("Identification and reflection period"),
        {
            "record_reasonable_grounds": _("Record whether there are reasonable grounds"),
            "record_identification_decision": _("Decide on identification"),
            "reconsider": _("Reconsider a decision on identification"),
            "decline_identification": _("Record that the person declines identification"),
            "request_reconsideration": _("Ask for reconsideration on the person’s behalf"),
            "offer_reflection_period": _("Offer a reflection period"),
            "grant_reflection_period": _("Grant a reflection period"),
            "decline_reflection_period": _("Decline a reflection period"),
            "end_reflection_period": _("End a reflection period"),
            "record_report": _("Record that the person reported to the police, or cooperates otherwise"),
            "record_statement_withdrawal": _("Record that the person withdrew the statement"),
            "record_departure": _("Record that the person left to an unknown destination"),
            "record_asylum_application": _("Record that the person applied for asylum"),
        },
    ),
    Subject(
        "guardians",
        _("Guardians"),
        {
            "request_guardian": _("Request a guardian"),
            "view_guardian_queue": _("See which children wait for a guardian"),
            "assign_provisional_guardian": _("Name a provisional guardian"),
            "assign_guardian": _("Appoint a guardian"),
            "replace_guardian": _("Replace a guardian"),
            "end_guardianship": _("End a guardianship"),
            "settle_age": _("Settle the age of a person: adult or child, and the date of birth"),
            "flag_guardian_conflict": _("Report a guardian’s conflict of interest"),
        },
    ),
    Subject(
        "lead",
        _("Lead and closing"),
        {
            "link_cases": _("Link cases of a family or of one action"),
            "unlink_case": _("Take a case out of such a link"),
            "answer_link_question": _("Answer whether two cases of one person may be linked"),
            "unlink_person": _("Undo that two cases are of one person"),
            "transfer_lead": _("Offer the lead of a case to another organisation"),
            "reassign_lead": _("Offer a case that nobody leads any more to another organisation, without its content"),
            "answer_lead_offer": _("Answer whether the own organisation takes such a case"),
            "change_region": _("Record that the person has moved to another region"),
            "close_case": _("Close a case"),
            "reopen_case": _("Reopen a case"),
        },
    ),
    Subject(
        "location",
        _("Where the person stays"),
        {
            "record_placement": _("Record that the person stays with the own organisation, which leads the case"),
            "bring_person": _("Record that the person was brought to the shelter of an own referral"),
            "confirm_arrival": _("Confirm that the person arrived at a shelter: sender of the referral, or lead"),
            "deny_arrival": _("Say that the person did not arrive there: sender of the referral, or lead"),
            "end_placement": _("Record that the person has left"),
            "write_location": _("Write the safe location: host, or who placed the person"),
            "show_location": _("See the safe location: host, lead that is no authority, guardian, child protection"),
            "ask_location_release": _("Ask for the safe location"),
            "view_location_releases": _("See who asks for and who looked at the own organisation’s locations"),
            "approve_location_release": _("Approve a release of the safe location"),
            "refuse_location_release": _("Refuse a release of the safe location"),
            "revoke_location_release": _("End a release of the safe location"),
        },
    ),
    Subject(
        "emergencies",
        _("Emergencies"),
        {
            "break_glass": _("Open a case in an emergency"),
            "end_break_glass": _("End an emergency opening of the own person or rows"),
            "view_break_glass": _("See emergency openings of both sides"),
            "review_break_glass": _("Review an emergency opening of the own rows"),
        },
    ),
    Subject(
        "oversight",
        _("Figures and oversight"),
        {
            "view_national_dashboard": _("See the national dashboard"),
            "view_duplicate_desk": _("Work at the desk for possible duplicates"),
            "view_own_dashboard": _("See the own organisation’s figures"),
            "view_own_looks": _("See who looked at the own organisation’s rows"),
            "report_to_person": _("Print the report for the person concerned"),
            "read_audit": _("Read the audit, without content"),
            "oversee_audit": _("Read the audit of every organisation, without content"),
            "view_hints": _("See hints at unusual use"),
        },
    ),
    Subject(
        "people",
        _("People and organisations"),
        {
            "view_members": _("See who belongs to the organisation"),
            "invite_member": _("Invite a colleague"),
            "revoke_invitation": _("Take back an invitation"),
            "change_roles": _("Change the roles of a colleague"),
            "view_role_grants": _("See by whose word colleagues have roles that open cases"),
            "confirm_roles": _("Confirm such roles: neither who asked nor the colleague"),
            "refuse_roles": _("Refuse such roles"),
            "suspend_member": _("Suspend a colleague"),
            "reinstate_member": _("Let a suspended colleague back in"),
            "end_membership": _("End a membership"),
            "view_organisations": _("See all organisations"),
            "view_operations": _("See how reminders and mails are doing"),
            "create_organisation": _("Add an organisation"),
            "update_organisation": _("Change an organisation"),
            "suspend_organisation": _("Suspend an organisation"),
            "reinstate_organisation": _("Let a suspended organisation back in"),
            "invite_first_administrator": _("Invite the first administrator of an organisation"),
            "sign_out_everywhere": _("Sign out everywhere"),
            "switch_organisation": _("Switch to another of the own organisations"),
            "lock_screen": _("Hide the screen"),
            "unlock_screen": _("Open the hidden screen again"),
            "set_pin": _("Set a PIN for the hidden screen"),
            "choose_preferences": _("Choose language, time zone and mails"),
            "view_absences": _("See who is away"),
            "plan_absence": _("Plan the own absence and name who stands in"),
            "end_absence": _("End the own absence"),
            "plan_absence_of_colleague": _("Plan a colleague’s absence"),
            "end_absence_of_colleague": _("End a colleague’s absence"),
            "open_calendar": _("Open the own calendar feed"),
            "close_calendar": _("Close the own calendar feed"),
        },
    ),
)
LABELS: Final[Mapping[str, Promise]] = {name: label for subject in SUBJECTS for name, label in subject.acts.items()}
