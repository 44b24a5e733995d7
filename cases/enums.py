"""The words of the case file that the code decides on. Lists that are only chosen from live in profiles/codes."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Category(TextChoices):
    """The categories of need-to-know (``sharing.md`` section 4); ``status`` is seen by all that may know the case."""

    STATUS = "status", _("Status")
    IDENTITY = "identity", _("Identity")
    CONTACT = "contact", _("Contact")
    EXPLOITATION = "exploitation", _("Exploitation")
    NARRATIVE = "narrative", _("Account in own words")
    EXPLOITERS = "exploiters", _("Alleged exploiters")
    HEALTH = "health", _("Health")
    IMMIGRATION = "immigration", _("Residence")
    CRIMINAL = "criminal", _("Criminal proceedings")
    CHILD = "child", _("Child and guardian")
    SERVICES = "services", _("Needs and services")
    INDICATORS = "indicators", _("Indicators and assessments")
    CONSENT = "consent", _("Consent register")


SHAREABLE = tuple(category for category in Category if category is not Category.STATUS)


class CaseState(TextChoices):
    """``domain.md`` 3.1. A draft and an anonymous notification are no cases and have tables of their own."""

    REGISTERED = "registered", _("Registered")
    ACTIVE = "active", _("Active")
    FOLLOW_UP = "follow_up", _("Follow-up")
    SUSPENDED = "suspended", _("Suspended")
    TRANSFERRED = "transferred", _("Transferred")
    CLOSED = "closed", _("Closed")


class Identification(TextChoices):
    """Where identification stands (``domain.md`` 3.2). Who declines stays presumed for every count."""

    PRESUMED = "presumed", _("Presumed victim")
    REASONABLE_GROUNDS = "reasonable_grounds", _("Presumed victim, reasonable grounds")
    NO_REASONABLE_GROUNDS = "no_reasonable_grounds", _("No reasonable grounds")
    DECLINED = "declined", _("Presumed victim, declined identification")
    IDENTIFIED = "identified", _("Identified victim")
    NOT_IDENTIFIED = "not_identified", _("Not identified as a victim")
    WITHDRAWN = "withdrawn", _("Presumed victim, withdrew from identification")
    DISQUALIFIED = "disqualified", _("Presumed victim, disqualified from protection")


class AgeGroup(TextChoices):
    ADULT = "adult", _("Adult")
    CHILD = "child", _("Child")
    UNCERTAIN = "uncertain", _("Age uncertain, treated as a child")


class Nature(TextChoices):
    """A fact seen or told, or somebody's assessment (Directive (EU) 2016/680, Article 7)."""

    FACT = "fact", _("Fact: seen or told")
    ASSESSMENT = "assessment", _("Own assessment")


class VisibilityReason(TextChoices):
    REGISTERED = "registered", _("Registered the case")
    LEAD = "lead", _("Leads the case")
    SHARE = "share", _("Others share with it")
    BREAK_GLASS = "break_glass", _("Opened it in an emergency")


class Office(TextChoices):
    """Parties by office need no consent (``sharing.md`` rule 2a)."""

    NONE = "", _("None")
    CHILD_PROTECTION = "child_protection", _("Child protection of the region")
    GUARDIAN = "guardian", _("Appointed guardian")
    SHELTER = "shelter", _("Shelter where the person is placed")
    DECIDING_AUTHORITY = "deciding_authority", _("Authority that has to decide")
    REFERRAL = "referral", _("Duty of an open referral")
    BREAK_GLASS = "break_glass", _("Opened in an emergency")
    REASSIGNED_LEAD = "reassigned_lead", _("Lead taken over from a suspended organisation")


class ConsentState(TextChoices):
    """``domain.md`` 3.3. *Expired* follows from the last day when it is read; the hourly job only writes it down."""

    REQUESTED = "requested", _("Asked, waiting for an answer")
    GIVEN = "given", _("Given")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    EXPIRED = "expired", _("Ended by its last day")
    SUPERSEDED = "superseded", _("Replaced by a newer one")
    OTHER_BASIS = "other_basis", _("Other legal basis")
    PROPOSED = "proposed", _("Against the person’s answer: waits for a second person")
    OVERRIDDEN = "overridden", _("Against or without the person’s answer")
    UNCONFIRMED = "unconfirmed", _("Against the person’s answer: not confirmed by a second person")


# What a share or a referral may rest on, as long as its last day, and the time to confirm it, have not passed.
IN_FORCE = (ConsentState.GIVEN, ConsentState.OVERRIDDEN)


class ShareLevel(TextChoices):
    """What a share lets its receiver do beside reading."""

    READ = "read", _("Read only")
    CONTRIBUTE = "contribute", _("Read, and add rows of its own to the case")


class SharingAnswer(TextChoices):
    """What became of a request to share with another organisation."""

    NONE = "", _("Not answered yet")
    SHARED = "shared", _("Shared")
    DECLINED = "declined", _("Not shared")


class DecisionStep(TextChoices):
    REASONABLE_GROUNDS = "reasonable_grounds", _("Reasonable grounds")
    IDENTIFICATION = "identification", _("Identification decision")
    DECLINED = "declined", _("Person declines identification")
    RECONSIDERATION_REQUEST = "reconsideration_request", _("Reconsideration asked for")
    RECONSIDERATION = "reconsideration", _("Reconsideration")


class DecisionOutcome(TextChoices):
    POSITIVE = "positive", _("Positive")
    NEGATIVE = "negative", _("Negative")
    SUSPENDED = "suspended", _("Suspended")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    DISQUALIFIED = "disqualified", _("Disqualified from protection")
    DECLINED = "declined", _("Declined by the person")
    REQUESTED = "requested", _("Asked for")
    OVERTURNED = "overturned", _("Decided anew, in favour of the person")
    UPHELD = "upheld", _("The decision stands")


class DoubleState(TextChoices):
    """A pair of cases that may be about one person (``sharing.md`` rule 9)."""

    FOUND = "found", _("Found")
    ASKED = "asked", _("Both organisations were asked")
    REFUSED = "refused", _("Not linked: an organisation refused")
    LINKED = "linked", _("Linked")
    KEPT_APART = "kept_apart", _("Kept apart")


class LinkAnswer(TextChoices):
    NONE = "", _("Not answered")
    AGREED = "agreed", _("Agreed")
    REFUSED = "refused", _("Refused")


class VacancyOutcome(TextChoices):
    """What became of a case whose lead has nobody left."""

    NONE = "", _("Nobody leads it yet")
    REASSIGNED = "reassigned", _("Another organisation leads it")
    RETURNED = "returned", _("Its organisation can act again, or it was closed")


class LeadOfferState(TextChoices):
    """An offer of the lead by the coordinator's office. *Lapsed* follows from its term when it is read."""

    PROPOSED = "proposed", _("To be confirmed by a colleague")
    OFFERED = "offered", _("Waiting for an answer")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    LAPSED = "lapsed", _("Not answered in time")


class LinkKind(TextChoices):
    """What connects cases. Those of one person are linked through the coordinator's desk, once both sides agree."""

    FAMILY = "family", _("Family")
    JOINT_ACTION = "joint_action", _("Found in the same action")
    SAME_PERSON = "same_person", _("The same person")
    NEW_EPISODE = "new_episode", _("The same person, trafficked again")


class RecordedActKind(TextChoices):
    """What happens outside this application and is recorded in it (``profiles.enums.ActKind``)."""

    REPORT = "report", _("Report to the police, or other cooperation")
    STATEMENT_WITHDRAWAL = "statement_withdrawal", _("Withdrawal of the statement")
    DEPARTURE = "departure", _("Departure to an unknown destination")
    ASYLUM_APPLICATION = "asylum_application", _("Asylum application")


class ReflectionState(TextChoices):
    NOT_APPLICABLE = "not_applicable", _("Does not apply")
    OFFERED = "offered", _("Offered")
    DECLINED_BY_PERSON = "declined_by_person", _("Not wanted by the person")
    DECLINED = "declined", _("Declined")
    RUNNING = "running", _("Running")
    ENDED = "ended", _("Ended")


class GuardianshipState(TextChoices):
    REQUESTED = "requested", _("Guardian requested")
    PROVISIONAL = "provisional", _("Provisional guardian")
    APPOINTED = "appointed", _("Guardian appointed")
    REPLACED = "replaced", _("Replaced")
    ENDED = "ended", _("Ended")


class DeadlineState(TextChoices):
    OPEN = "open", _("Open")
    SUSPENDED = "suspended", _("Suspended")
    MET = "met", _("Met")
    SUPERSEDED = "superseded", _("Superseded")
    CANCELLED = "cancelled", _("Cancelled")


# Clocks that have not ended: one that stands still goes on.
RUNNING = (DeadlineState.OPEN, DeadlineState.SUSPENDED)


class DeadlineMove(TextChoices):
    """What may happen to a clock between its start and its end; each gives it a new version."""

    MOVED = "moved", _("Counted from another day")
    EXTENDED = "extended", _("Extended")
    SUSPENDED = "suspended", _("Suspended")
    RESUMED = "resumed", _("Goes on")
    RECALCULATED = "recalculated", _("Recalculated by a new version of the rule or of the holidays")


class ReminderState(TextChoices):
    WAITING = "waiting", _("Waiting")
    SENT = "sent", _("Sent")
    SUPERSEDED = "superseded", _("Superseded")
    CANCELLED = "cancelled", _("Cancelled")
    DEAD = "dead", _("Could not be sent")


class ReleaseState(TextChoices):
    """A release of the safe location to one person (``sharing.md`` rule 6)."""

    ASKED = "asked", _("Waits for two custodians")
    GIVEN = "given", _("Given")
    REFUSED = "refused", _("Refused")
    REVOKED = "revoked", _("Revoked")


class ReleaseStage(TextChoices):
    """Where a release stands today: its state, and what time and the other custodian have made of it."""

    WAITING = "waiting", _("Waits for two custodians")
    HALFWAY = "halfway", _("Waits for a second custodian")
    LAPSED = "lapsed", _("Lapsed: the person moved, or nobody decided in time")
    LIVE = "live", _("Open now")
    OVER = "over", _("Over")
    REFUSED = "refused", _("Refused")
    REVOKED = "revoked", _("Revoked")


class TryOutcome(TextChoices):
    """What became of an attempt to open a case in an emergency."""

    OPENED = "opened", _("Opened a case")
    MISSED = "missed", _("No case with this reference")
    NOT_PROVEN = "not_proven", _("Password or code was wrong")
