"""The list of derived values. ``docs/derived.md`` is written from it; a column that stands in neither list is found.

``DERIVED``: values that follow from others. ``FACTS``: what somebody said or did, when, for whom; keys, what is typed.
Every column of the case file and of referrals stands in exactly one of the two (``tests/structure/test_derived.py``).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True)
class Derived:
    """One derived value. ``columns`` of its model (none for what is only worked out when it is read); ``sources`` in
    words; ``home``: ``module:function`` that works it out; ``tests``: ``path::test`` that change a source and look."""

    value: str
    model: str = ""
    columns: str = ""
    sources: str
    home: str
    tests: Sequence[str]

    @property
    def names(self) -> frozenset[str]:
        """``model.column`` of each column."""
        return frozenset(f"{self.model}.{column}" for column in self.columns.split())


AGE: Final = "tests/cases/test_age_follows.py"
REGION: Final = "tests/cases/test_region.py"
FOLLOWS: Final = "tests/cases/test_derived.py"

DERIVED: Final = (
    # -- of the age
    Derived(
        value="Until when the person is treated as a child",
        model="cases.Minority",
        columns="child_until",
        sources="what every organisation of the case says of the age, and how child protection"
        " settled it; the 18th birthday",
        home="cases.operations.age:follow_age",
        tests=(
            f"{AGE}::test_coming_of_age_ends_the_clocks_of_a_child",
            f"{AGE}::test_it_ends_them_where_child_protection_leads_the_case_itself",
        ),
    ),
    Derived(
        value="Child branch; “treated as a child” on every page, the tab and the tag",
        model="cases.Case",
        columns="is_child_branch",
        sources="the age that the lead gives, how child protection settled it, the day",
        home="cases.operations.child_branch:open_child_branch, cases.operations.child_branch:come_of_age",
        tests=(
            f"{AGE}::test_settled_as_an_adult_and_then_said_to_be_a_child_again",
            f"{AGE}::test_coming_of_age_ends_the_clocks_of_a_child",
            f"{AGE}::test_corrected_to_an_adult_and_back_to_a_child",
        ),
    ),
    Derived(
        value="Ends of what child protection, guardian, shelter, deciding authority have by office;"
        " of a share on consent",
        model="cases.Share",
        columns="ends_on ends_at consent_valid_until",
        sources="the age; appointment and replacement; placement; decision and review term; the"
        " consent and its last day",
        home="cases.operations.age:follow_age, cases.operations.sharing:redate_offices,"
        " cases.operations.sharing:shorten",
        tests=(
            f"{AGE}::test_who_is_younger_than_was_written_stays_a_child",
            f"{AGE}::test_a_date_that_becomes_known_starts_the_clocks_and_sets_the_end",
            "tests/cases/test_overrides.py::test_confirmed_in_time_it_goes_on_to_the_last_day_that_was_asked_for",
        ),
    ),
    Derived(
        value="Year of birth, for the age bands of statistics",
        model="cases.Identity",
        columns="birth_year",
        sources="the date of birth in the same row",
        home="cases.forms.categories:IdentityForm",
        tests=(f"{FOLLOWS}::test_year_of_birth_and_tokens_follow_the_date_of_birth",),
    ),
    Derived(
        value="What is compared to find doubles",
        model="cases.MatchingRecord",
        columns="tokens sealed compared_at",
        sources="names, date of birth, citizenships and sex in the identity row",
        home="cases.operations.matching:write_matching_record",
        tests=(
            f"{FOLLOWS}::test_year_of_birth_and_tokens_follow_the_date_of_birth",
            "tests/cases/test_doubles.py::test_a_corrected_identity_is_compared_anew",
        ),
    ),
    # -- who may know
    Derived(
        value="Who may know the case, since and until when; what a list is ordered by",
        model="cases.CaseVisibility",
        columns="organisation reason starts_at ends_at next_due_at last_activity_at is_child is_unattended blocked",
        sources="lead, registration, live shares and what they hang on, clocks, child branch,"
        " members, conflicts of interest",
        home="cases.ledger:project, cases.ledger:refresh_clocks, cases.ledger:mark_unattended, cases.ledger:touch",
        tests=(
            f"{FOLLOWS}::test_lists_follow_child_branch_and_clocks",
            "tests/security/test_differential.py::test_oracle_queries_and_row_level_security_agree_after_every_step",
        ),
    ),
    Derived(
        value="What may be read, and added to, until when",
        model="cases.CaseGroupObjectPermission",
        columns="permission group share from_organisation to_organisation category purpose"
        " contributes_until expires_at",
        sources="shares, and what they hang on",
        home="cases.ledger:project",
        tests=(f"{FOLLOWS}::test_what_may_be_read_follows_the_end_of_an_office",),
    ),
    Derived(
        value="When a share was opened, what it hangs on, how long it is read on, when it has ended",
        model="cases.Share",
        columns="opened_at roots sources kept_until ended_at end_reason",
        sources="its first day; what its giver knew the case by; completion; the source, the"
        " consent, a suspension, its end",
        home="cases.ledger:write_shares, cases.operations.sharing:follow_sources,"
        " cases.operations.branches:keep_for_the_lead",
        tests=(
            f"{REGION}::test_what_hung_on_the_office_goes_on",
            "tests/cases/test_sources.py::test_revoking_a_share_takes_everything_below",
        ),
    ),
    # -- clocks
    Derived(
        value="Due day and instant, and by which rule and holidays it was counted",
        model="cases.Deadline",
        columns="rule_version calendar_version category kind counted_from occurrence due_at due_on version version_at",
        sources="the event and its correction, rule and holidays of the profile, region, pauses and extensions",
        home="cases.operations.clocks:start, cases.operations.clocks:redate, cases.operations.clocks:follow_region,"
        " cases.operations.recalculation:recalculate, cases.operations.moving:move",
        tests=(
            f"{AGE}::test_who_is_younger_than_was_written_stays_a_child",
            f"{REGION}::test_clocks_count_by_the_working_days_of_the_new_region",
            "tests/cases/test_late_holidays.py::test_a_holiday_announced_late_moves_a_running_clock",
        ),
    ),
    Derived(
        value="Whom a clock binds",
        model="cases.Deadline",
        columns="bound_organisation",
        sources="the party of the rule: lead, child protection of the region, authority; who still knows the case",
        home="cases.operations.parties:Parties, cases.operations.clocks:rebind,"
        " cases.operations.clocks:follow_knowledge",
        tests=(
            f"{REGION}::test_no_clock_is_lost_and_those_of_the_service_bind_the_new_one",
            f"{AGE}::test_no_clock_is_left_with_an_organisation_that_no_longer_knows_the_case",
        ),
    ),
    Derived(
        value="Whether a clock runs, stands still or has ended",
        model="cases.Deadline",
        columns="state suspended_at closed_at closed_by_event",
        sources="the acts that end or suspend it; coming of age; a date of birth that is taken back",
        home="cases.operations.clocks:close",
        tests=(
            f"{AGE}::test_coming_of_age_ends_the_clocks_of_a_child",
            f"{AGE}::test_a_date_that_is_taken_back_ends_the_clocks_and_not_the_office",
        ),
    ),
    Derived(
        value="Day of the act with which a minimum ends",
        model="cases.Deadline",
        columns="acted_on",
        sources="the decision, or the act, that the rule of the profile waits for",
        home="cases.operations.clocks:close",
        tests=("tests/cases/test_periods.py::test_a_decision_within_the_thirty_days_does_not_shorten_them",),
    ),
    Derived(
        value="Reminders of a clock",
        model="cases.Reminder",
        columns="deadline version offset audience is_escalation due_at state",
        sources="the due day, the rule, the version of the clock",
        home="cases.operations.planning:plan_reminders, cases.operations.moving:supersede",
        tests=(f"{FOLLOWS}::test_reminders_follow_the_due_day",),
    ),
    Derived(
        value="Entries of the calendar feed",
        sources="open clocks of the cases assigned to the person",
        home="cases.calendar:as_icalendar",
        tests=(f"{FOLLOWS}::test_the_calendar_feed_follows_the_due_day",),
    ),
    Derived(
        value="Last day, the last of its minimum, and whether it is the second of a person",
        model="cases.ReflectionPeriod",
        columns="person ends_on minimum_until is_second",
        sources="first day and rule of its length; extension, pause and recalculation of its clock;"
        " links of one person",
        home="cases.operations.reflection:follow_clock, cases.operations.recalculation:recalculate,"
        " cases.operations.links:join_persons",
        tests=(
            "tests/cases/test_suspension.py::test_a_suspended_reflection_period_is_not_over_and_an_extended_one_lasts",
        ),
    ),
    # -- the case itself
    Derived(
        value="Language, and whether the person may be contacted directly",
        model="cases.Case",
        columns="language do_not_contact",
        sources="the contact row of the lead",
        home="cases.operations.rows:_follow",
        tests=("tests/cases/test_rows.py::test_contact_and_language_on_the_case_follow_the_lead_only",),
    ),
    Derived(
        value="State of the case, and the first day of assistance",
        model="cases.Case",
        columns="state assistance_started_on",
        sources="accepted referrals, first service, closing and reopening",
        home="cases.operations.assistance:start_assistance, cases.workflow:CASE",
        tests=("tests/referrals/test_working.py::test_a_started_service_is_the_start_of_assistance",),
    ),
    Derived(
        value="Identification status, and the day of reasonable grounds",
        model="cases.Case",
        columns="identification reasonable_grounds_on",
        sources="the newest decision; never a statement to the police",
        home="cases.operations.decisions:move",
        tests=("tests/cases/test_decisions.py::test_positive_grounds_move_the_status_and_start_the_clocks_of_support",),
    ),
    Derived(
        value="Under which person a case stands",
        model="cases.Case",
        columns="person",
        sources="links of one person",
        home="cases.operations.links:join_persons",
        tests=("tests/cases/test_doubles.py::test_linked_only_when_both_have_agreed",),
    ),
    Derived(
        value="Whether something is known to be safe, and the day of the last confirmation",
        model="cases.Contact",
        columns="has_safe_channel confirmed_on",
        sources="the channels in the same row; the day of saving",
        home="cases.forms.categories:ContactForm",
        tests=("tests/cases/test_rows.py::test_contact_and_language_on_the_case_follow_the_lead_only",),
    ),
    Derived(
        value="State of a consent, and until when an override waits for its second person",
        model="cases.Consent",
        columns="state superseded_by unconfirmed_until",
        sources="the answer, a withdrawal, a newer one, the last day, the second person",
        home="cases.ledger:move_consent, cases.operations.consent:state_today",
        tests=(
            "tests/cases/test_consent_register.py::test_a_consent_ends_by_its_last_day_when_it_is_read_and_the_hour_writes_it_dow"
            "n",
        ),
    ),
    Derived(
        value="Words by which a working label is found",
        model="cases.CaseLabel",
        columns="tokens",
        sources="the label",
        home="cases.operations.labels:tokens",
        tests=(f"{FOLLOWS}::test_a_label_is_found_by_its_new_words_alone",),
    ),
    Derived(
        value="Whether the shelter is host, and until when",
        model="cases.Placement",
        columns="ends_at ended_at end_reason",
        sources="word and confirmation of the arrival, another placement, leaving, revocation, closure",
        home="cases.operations.placement:confirm_arrival, cases.operations.placement:end",
        tests=(
            "tests/cases/test_arrival.py::test_it_lasts_24_hours_and_to_the_end_of_the_next_working_day",
            "tests/cases/test_location.py::test_revoking_the_referral_ends_the_placement_and_the_location",
        ),
    ),
    Derived(
        value="Which service answers for a guardianship, and its end by age",
        model="cases.Guardianship",
        columns="owner_organisation ended_at end_reason",
        sources="the region; replacement, end, the age",
        home="cases.operations.child_branch:answer_for, cases.operations.child_branch:come_of_age",
        tests=(
            f"{REGION}::test_the_new_service_answers_for_the_guardianship_with_what_was_reported",
            f"{AGE}::test_coming_of_age_ends_the_clocks_of_a_child",
        ),
    ),
    Derived(
        value="A possible double: how alike, and which organisation is asked",
        model="cases.PossibleDouble",
        columns="score state",
        sources="what is compared; the answers of both sides",
        home="cases.operations.matching:find_doubles",
        tests=("tests/cases/test_doubles.py::test_a_corrected_identity_is_compared_anew",),
    ),
    Derived(
        value="Which organisation a side of a double is put to",
        model="cases.DoubleSide",
        columns="organisation reference",
        sources="the lead of the case",
        home="cases.operations.doubles:follow_lead",
        tests=("tests/cases/test_doubles_third_organisation.py::test_a_question_goes_with_the_lead",),
    ),
    Derived(
        value="A case without a lead, as the coordinator’s office is shown it",
        model="cases.LeadVacancy",
        columns="reference region is_child keeper kept_clocks",
        sources="the case, its child branch, its clocks, members of the lead",
        home="cases.operations.vacancies:look",
        tests=("tests/cases/test_cases_without_lead.py::test_a_childs_case_goes_to_child_protection_meanwhile",),
    ),
    Derived(
        value="A nightly count",
        model="cases.NightlyCount",
        columns="count",
        sources="open cases without a lead, clocks without a keeper",
        home="cases.responsibility:last_counts",
        tests=("tests/cases/test_cases_without_lead.py::test_the_check_counts_and_the_page_and_health_show_it",),
    ),
    Derived(
        value="What an emergency opens, whom it concerns, and by when it is reviewed",
        model="cases.BreakGlass",
        columns="reference categories concerned ends_at review_due_at",
        sources="the ceiling of the organisation, who knows the case, the hour",
        home="cases.operations.emergency:break_glass",
        tests=("tests/cases/test_emergency.py::test_it_opens_limited_categories_within_the_ceiling",),
    ),
    # -- referrals
    Derived(
        value="The card of a referral: frozen when it is sent, and follows nothing after that (sharing.md rule 3)",
        model="referrals.Referral",
        columns="card",
        sources="reference, age, sex, language, urgency, region, service on the day of sending",
        home="referrals.operations.terms:card",
        tests=("tests/referrals/test_sending.py::test_a_later_correction_does_not_change_the_card",),
    ),
    Derived(
        value="Until when a referral waits, what its share hangs on, what became of it",
        model="referrals.Referral",
        columns="state response_deadline answer_due_at expires_at share roots sources ended_at",
        sources="the clocks of the profile, the terms, what its sender knew the case by, answers and steps",
        home="referrals.operations.sending:_expiry",
        tests=("tests/referrals/test_sending.py::test_the_clocks_of_both_sides_start",),
    ),
    # -- worked out when it is read
    Derived(
        value="What is known of the age, what contradicts it",
        sources="every version of every identity row, the settlement",
        home="cases.age:known, cases.age_shown:shown_age",
        tests=("tests/cases/test_settle_age.py::test_the_api_settles_it",),
    ),
    Derived(
        value="Which rows were corrected since the reader last looked",
        sources="versions of rows that others share; the record of requests",
        home="cases.corrections:corrected_categories",
        tests=("tests/cases/test_corrections.py::test_it_shows_as_corrected_until_the_reader_looks_again",),
    ),
    Derived(
        value="Cards and badges of clocks: overdue, due today",
        sources="due instant and state of the clock, the moment",
        home="cases.views.next:clock_cards",
        tests=(f"{FOLLOWS}::test_a_card_follows_the_due_day",),
    ),
    Derived(
        value="Under which name an organisation is shown",
        sources="placements, what the reader chose",
        home="cases.masking:Names",
        tests=("tests/cases/test_masking.py::test_only_the_sender_of_the_referral_of_the_placement_knows_it",),
    ),
)

ROW: Final = "case owner_organisation sealed version created_at created_by updated_at"
FACTS: Final = {
    "cases.Person": "",
    "cases.Case": "reference profile region registered_by registered_at registered_on closed_on closing_outcome",
    "cases.CaseKey": "wrapped",
    "cases.CaseLead": "case organisation starts_at ends_at",
    "cases.AgeSettlement": "case owner_organisation sealed age_group basis settled_at settled_by",
    "cases.Minority": "",
    "cases.CaseBlock": "case owner_organisation sealed person blocked_by blocked_at lifted_by lifted_at",
    "cases.Identity": f"{ROW} sex gender citizenships age_group age_basis",
    "cases.Contact": f"{ROW} interpreter interpreter_gender",
    "cases.Exploitation": f"{ROW} form sub_form is_primary sector acts means control recruitment countries location"
    " started ended is_ongoing is_online",
    "cases.Narrative": ROW,
    "cases.Exploiters": f"{ROW} relation",
    "cases.Health": f"{ROW} needs",
    "cases.Immigration": f"{ROW} status valid_until",
    "cases.Criminal": f"{ROW} cooperation proceedings reported_on",
    "cases.Child": f"{ROW} parental_responsibility is_unaccompanied informed_by informed_on",
    "cases.Service": f"{ROW} service status is_urgent started_on ended_on",
    "cases.Indicator": f"{ROW} indicator nature",
    "cases.Consent": f"{ROW} purpose legal_basis categories recipient form language has_interpreter information_given"
    " given_on valid_until withdrawn_at withdrawn_via provision confirmed_by confirmed_at",
    "cases.Deadline": "case rule subject_id started_at",
    "cases.DeadlineChange": "deadline case kind version at recorded_at due_before due_after rule_version reason"
    " organisation made_by",
    "cases.Reminder": "lease_until attempts sent_at is_late fault",
    "cases.IdentificationDecision": "case owner_organisation sealed step outcome basis decided_on"
    " recorded_at recorded_by"
    " addressed_to",
    "cases.RecordedAct": "case owner_organisation sealed act category manner happened_on recorded_at recorded_by",
    "cases.ReflectionPeriod": "case owner_organisation sealed state decides length_rule offered_on decided_on starts_on"
    " ended_on end_reason offered_by decided_by recorded_at",
    "cases.Guardianship": "case sealed state requested_by requested_at organisation guardian"
    " provisional_at appointed_at"
    " child_informed_on has_no_conflict is_screened conflict_flagged_at replaces",
    "cases.MatchingRecord": "case owner_organisation",
    "cases.PossibleDouble": "first second found_at settled_at",
    "cases.DoubleSide": "double case asked_at is_open answer basis reason told_on answered_at answered_by",
    "cases.CaseLink": "group case kind made_at made_by_organisation ended_at",
    "cases.Draft": "organisation author wrapped_key sealed version started_at saved_at warned_at",
    "cases.AnonymousNotification": "notified_on organisation region sex age_group citizenship_group"
    " forms refusal_reason",
    "cases.BreakGlass": "wrapped_key sealed case organisation opened_by opened_by_user colleague colleague_user reason"
    " opened_at ended_at reviewed_at reviewed_by reviewed_by_user outcome",
    "cases.BreakGlassTry": "membership organisation user at outcome",
    "cases.CaseLabel": "case owner_organisation sealed changed_by",
    "cases.Placement": "case organisation placed_by referral_id starts_on recorded_at recorded_by"
    " confirmed_at confirmed_by",
    "cases.SafeLocation": "wrapped_key sealed case placement owner_organisation starts_on written_at written_by",
    "cases.LocationRelease": "wrapped_key sealed case placement organisation reference asked_by asked_by_user person"
    " person_user hours asked_at state first_by_user second_by_user starts_at ends_at closed_at closed_by_user",
    "cases.CaseVisibility": "case membership",
    "cases.Share": "case from_organisation to_organisation categories purpose legal_basis provision"
    " consent level office"
    " starts_at renewed_at renewal_reason made_by made_at",
    "cases.SharingRequest": "case owner_organisation sealed asked_by asked_at giver receiver"
    " categories purpose legal_basis"
    " answer answered_at answered_by",
    "cases.CaseGroupObjectPermission": "content_object",
    "cases.Tick": "at",
    "cases.NightlyCount": "at",
    "cases.LeadVacancy": "case found_at ended_at outcome",
    "cases.LeadOffer": "vacancy organisation state proposed_by proposed_at confirmed_by confirmed_at answer_due_at"
    " answered_by answered_at",
    "referrals.Referral": "case from_organisation to_organisation service phase purpose legal_basis provision"
    " transfer_reason consent categories urgency region ends_on wrapped_key sealed sent_at sent_by"
    " answered_at answered_by"
    " assigned_to decline_reason outcome failure_reason",
    "referrals.ReferralStep": "sealed referral kind happened_on recorded_at recorded_by",
    "referrals.ReferralQuestion": "sealed referral asked_at asked_by answered_at answered_by",
}
