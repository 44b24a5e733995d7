"""The words that a country profile may use; the loader refuses any other."""

from enum import StrEnum


class Unit(StrEnum):
    """How a period is counted. The day of the event is never counted."""

    AT_ONCE = "at_once"
    HOURS = "hours"
    CALENDAR_DAYS = "calendar_days"
    WORKING_DAYS = "working_days"
    WEEKS = "weeks"
    MONTHS = "months"
    YEARS = "years"
    EACH_MONTH = "each_month"
    FIXED_DATE = "fixed_date"


class Direction(StrEnum):
    AFTER = "after"
    BEFORE = "before"


class Kind(StrEnum):
    """What it means when the day passes."""

    STATUTORY_MAXIMUM = "statutory_max"
    STATUTORY_MINIMUM = "statutory_min"
    TARGET = "target"
    REVIEW = "review"
    DUTY = "duty"
    LIMITATION = "limitation"
    RETENTION = "retention"


class End(StrEnum):
    """How a period ends: at its length, or at the later or the earlier of its length and an act (``deadlines.md`` 15).

    A deadline, by which somebody has to act, has no end of its own: it is overdue when its day has passed.
    """

    LENGTH = "length"
    LATER = "later"
    EARLIER = "earlier"


class Tag(StrEnum):
    """How sure the source is, from the text of the law in force down to what the country has yet to confirm."""

    FACT = "fact"
    GUIDANCE = "guidance"
    DATED = "dated"
    SECONDARY = "secondary"
    DESIGN = "design"
    MEMORY = "memory"


class ActKind(StrEnum):
    """What happens outside this application, is recorded in it, and starts or ends clocks."""

    REPORT = "report"
    STATEMENT_WITHDRAWAL = "statement_withdrawal"
    DEPARTURE = "departure"
    ASYLUM_APPLICATION = "asylum_application"


class Party(StrEnum):
    """The organisation that a rule binds."""

    LEAD = "lead"
    CHILD_PROTECTION = "child_protection"
    GROUNDS_AUTHORITY = "grounds_authority"
    DECIDING_AUTHORITY = "deciding_authority"
    REFLECTION_AUTHORITY = "reflection_authority"
    REFERRAL_SENDER = "referral_sender"
    REFERRAL_RECEIVER = "referral_receiver"
    SHARER = "sharer"
    GUARDIAN = "guardian"


class Audience(StrEnum):
    """Whom a reminder is for, unless said otherwise at the bound organisation; people are found when it is sent."""

    ASSIGNED = "assigned"
    INTAKE = "intake"
    DECISION_MAKER = "decision_maker"
    SUPERVISOR = "supervisor"
    ALL_ASSIGNED = "all_assigned"
    LEAD_ASSIGNED = "lead_assigned"
    LEAD_SUPERVISOR = "lead_supervisor"
    REFERRAL_SENDER = "referral_sender"
    GUARDIAN = "guardian"
    COORDINATOR = "coordinator"


class Event(StrEnum):
    """What starts, suspends or ends a clock. Operations name the event; the profile says which clocks it moves."""

    CASE_REGISTERED = "case_registered"
    CASE_CLOSED = "case_closed"
    CASE_REOPENED = "case_reopened"
    NEEDS_ASSESSED = "needs_assessed"
    INFORMATION_GIVEN = "information_given"
    SERVICE_STARTED = "service_started"
    CONSENT_GIVEN = "consent_given"
    CONSENT_RECONFIRMED = "consent_reconfirmed"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    GROUNDS_REQUESTED = "grounds_requested"
    REASONABLE_GROUNDS_POSITIVE = "reasonable_grounds_positive"
    REASONABLE_GROUNDS_NEGATIVE = "reasonable_grounds_negative"
    IDENTIFICATION_POSITIVE = "identification_positive"
    IDENTIFICATION_NEGATIVE = "identification_negative"
    IDENTIFICATION_DECLINED = "identification_declined"
    IDENTIFICATION_SUSPENDED = "identification_suspended"
    IDENTIFICATION_WITHDRAWN = "identification_withdrawn"
    DISQUALIFIED = "disqualified"
    REFLECTION_OFFERED = "reflection_offered"
    REFLECTION_DECIDED = "reflection_decided"
    REFLECTION_GRANTED = "reflection_granted"
    REFLECTION_GRANTED_DUBLIN = "reflection_granted_dublin"
    REFLECTION_ENDED = "reflection_ended"
    MONTHLY_REPORT_MADE = "monthly_report_made"
    CHILD_BRANCH_OPENED = "child_branch_opened"
    ASSESSED_ADULT = "assessed_adult"
    ASYLUM_APPLIED = "asylum_applied"
    PROVISIONAL_GUARDIAN_ASSIGNED = "provisional_guardian_assigned"
    GUARDIAN_ASSIGNED = "guardian_assigned"
    GUARDIANSHIP_ENDED = "guardianship_ended"
    GUARDIAN_NAMED = "guardian_named"
    GUARDIAN_LEFT = "guardian_left"
    CHILD_MET = "child_met"
    MAJORITY = "majority"
    CAME_OF_AGE = "came_of_age"
    BIRTH_DATE_WITHDRAWN = "birth_date_withdrawn"
    AGE_DISPUTED = "age_disputed"
    AGE_AGREED = "age_agreed"
    AGE_SETTLED = "age_settled"
    TRANSITION_PLANNED = "transition_planned"
    REFERRAL_SENT = "referral_sent"
    REFERRAL_SENT_URGENT = "referral_sent_urgent"
    REFERRAL_ANSWERED = "referral_answered"
    REFERRAL_DECLINED = "referral_declined"
    REFERRAL_REVOKED = "referral_revoked"
    REFERRAL_EXPIRED = "referral_expired"
    SHARE_MADE = "share_made"
    SHARE_ENDED = "share_ended"
    SERVICE_ENDED = "service_ended"
    BRANCH_KEPT = "branch_kept"
    BRANCH_ANSWERED = "branch_answered"
    LEAD_TAKEN_OVER = "lead_taken_over"
    LEAD_CONSENT_ANSWERED = "lead_consent_answered"
    OFFICE_OPENED = "office_opened"
    OFFICE_REVIEWED = "office_reviewed"
    COORDINATOR_NOTIFIED = "coordinator_notified"
    REPORT_MADE = "report_made"
    REPORT_MADE_RESIDENCE = "report_made_residence"
    REPORT_MADE_DUBLIN = "report_made_dublin"
    STATEMENT_WITHDRAWN = "statement_withdrawn"
    LEFT_UNKNOWN = "left_unknown"
    RESIDENCE_REQUEST_SENT = "residence_request_sent"
    RESIDENCE_DECIDED = "residence_decided"
    LEADS_ASSESSED = "leads_assessed"
    AUTHORITY_REQUESTED = "authority_requested"
    ALERT_REVIEWED = "alert_reviewed"
    ADULT_CONSENT_RECORDED = "adult_consent_recorded"
    ADVOCATE_REFERRED = "advocate_referred"
    RECONSIDERATION_REQUESTED = "reconsideration_requested"
    RECONSIDERATION_DECIDED = "reconsideration_decided"
    RECONSIDERATION_SETTLED = "reconsideration_settled"
    MOVE_ON_PLANNED = "move_on_planned"
    EXIT_PLANNED = "exit_planned"
    BREAK_GLASS_USED = "break_glass_used"
    BREAK_GLASS_REVIEWED = "break_glass_reviewed"


class Situation(StrEnum):
    """Which length of reflection period a person has."""

    STANDARD = "standard"
    DUBLIN = "dublin"
