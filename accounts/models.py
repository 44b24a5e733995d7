"""People, organisations, and the memberships that alone connect them."""

import uuid
from datetime import datetime
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import Group
from django.contrib.postgres.fields import ArrayField
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from accounts import policies
from accounts.enums import DIGEST_AT, GrantState, GrantWay, MailPurpose, MailState, MailWish, Role
from accounts.querysets import (
    KEY_LIFETIME,
    AbsenceQuerySet,
    InvitationQuerySet,
    MembershipQuerySet,
    NoticeQuerySet,
    OrganisationQuerySet,
    RoleGrantQuerySet,
    SubmissionQuerySet,
)
from core import clock

__all__ = [
    "Absence",
    "CalendarFeed",
    "GrantState",
    "GrantWay",
    "Invitation",
    "MailPurpose",
    "MailState",
    "MailWish",
    "Membership",
    "Notice",
    "Organisation",
    "OrganisationSuspension",
    "OutboxMail",
    "Role",
    "RoleGrant",
    "Session",
    "Submission",
    "User",
]


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A person with an unusable password when none is given."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save()
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser):
    """A person who may sign in. No groups, no permissions, no superuser: what one may do follows from memberships.

    ``time_zone`` is the zone of the person's mornings, empty for that of the country; ``digest_at`` is when the daily
    mail comes there and ``digest_on`` the civil day of the last; ``mails`` is of what a mail is sent.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    language = models.CharField(max_length=5, default="en", choices=[("en", "English"), ("nl", "Nederlands")])
    time_zone = models.CharField(max_length=40, blank=True)
    digest_on = models.DateField(null=True, editable=False)
    digest_at = models.TimeField(default=DIGEST_AT)
    mails = models.CharField(max_length=8, choices=MailWish, default=MailWish.AT_ONCE)
    is_active = models.BooleanField(default=True)
    is_platform_administrator = models.BooleanField(default=False)
    sessions_valid_from = models.DateTimeField(default=clock.moment)
    # Opens a hidden screen for a quarter of an hour, nothing else; hashed like the password.
    pin = models.CharField(max_length=128, blank=True, default="")
    date_joined = models.DateTimeField(default=clock.moment)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    objects = UserManager()

    class Meta:
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_once",
                violation_error_message=_("Somebody with this e-mail address already exists."),
            ),
        )

    def __str__(self) -> str:
        return self.name or self.email

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Sessions die with the password *and* with ``sessions_valid_from``: that is "sign out everywhere"."""
        seed = f"{self.password}{self.sessions_valid_from.isoformat()}"
        return salted_hmac("accounts.User.session", seed, secret=secret, algorithm="sha256").hexdigest()


class Organisation(models.Model):
    """An organisation of one kind. Its Group is nothing but the key of guardian's grant rows."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=40)
    region = models.CharField(max_length=32, blank=True)
    serves_regions = ArrayField(models.CharField(max_length=32), default=list, blank=True)
    services = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    # Domains of its own mail addresses, without "@"; an address outside them is shown to whoever confirms roles.
    email_domains = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    group = models.OneToOneField(Group, models.PROTECT, editable=False)
    created_at = models.DateTimeField(default=clock.moment, editable=False)
    suspended_at = models.DateTimeField(null=True, editable=False)

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                Lower("name"),
                name="organisation_name_once",
                violation_error_message=_("An organisation with this name already exists."),
            ),
        )

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """A new organisation gets its group with it."""
        if self.group_id is None:
            self.group = Group.objects.create(name=f"organisation {self.pk}")
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        """Its page, for the platform administrator."""
        return reverse("accounts:organisation", args=[self.pk])

    @property
    def is_active(self) -> bool:
        return self.suspended_at is None


class OrganisationSuspension(models.Model):
    """One suspension of an organisation, from its beginning to its lifting; written by a trigger of ``Organisation``.

    Whatever was shared by choice before ``reinstated_at`` has ended when it is read. The worker writes those ends down,
    case by case: ``after_case`` is the last case that it has looked at, ``written_at`` is set when none is left.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="suspensions")
    suspended_at = models.DateTimeField()
    reinstated_at = models.DateTimeField(null=True)
    after_case = models.UUIDField(null=True)
    shares_ended = models.PositiveIntegerField(default=0)
    referrals_ended = models.PositiveIntegerField(default=0)
    written_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        indexes = (
            # Asked in every statement that reads a case: is any suspension still to be written down?
            models.Index("organisation", condition=models.Q(written_at__isnull=True), name="suspension_to_write"),
        )


class Membership(models.Model):
    """One person's place in one organisation, with roles: the only truth about who belongs where.

    ``roles`` may be empty: those that were asked for wait for a second person (``RoleGrant``), who may also refuse.
    Once ended it stays so: who comes back gets a new one, and with it none of the cases of before.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="memberships")
    roles = ArrayField(models.CharField(max_length=32, choices=Role))
    created_at = models.DateTimeField(default=clock.moment, editable=False)
    suspended_at = models.DateTimeField(null=True, editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=("user", "organisation"),
                condition=models.Q(ended_at__isnull=True),
                name="membership_once",
                violation_error_message=_("This person already belongs to the organisation."),
            ),
            models.CheckConstraint(
                condition=models.Q(roles__contained_by=Role.values),
                name="membership_roles_known",
                violation_error_message=_("Choose roles from the list."),
            ),
            models.CheckConstraint(
                condition=~models.Q(roles__contains=[Role.ORGANISATION_ADMINISTRATOR])
                | ~models.Q(roles__overlap=[Role.SUPERVISOR, Role.CUSTODIAN]),
                name="membership_administrator_alone",
                violation_error_message=_("An organisation administrator cannot also be supervisor or custodian."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.user} ({self.organisation})"


class RoleGrant(models.Model):
    """Roles that one person asked for a member and another confirms (``sharing.md`` rule 22); never deleted.

    While it waits, ``confirmed_by`` is the first of two platform administrators. ``asked_by`` is empty only for roles
    that were given before this was recorded. A grant that nobody answered by ``expires_at`` has lapsed.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    membership = models.ForeignKey(Membership, models.PROTECT, related_name="grants")
    # Repeats the member's person, so that the database can see that nobody confirms their own roles.
    person = models.ForeignKey(User, models.PROTECT, related_name="+")
    roles = ArrayField(models.CharField(max_length=32, choices=Role))
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    state = models.CharField(max_length=9, choices=GrantState, default=GrantState.WAITING)
    way = models.CharField(max_length=15, choices=GrantWay, blank=True)
    confirmed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    seconded_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)

    objects = RoleGrantQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=("membership",),
                condition=models.Q(state=GrantState.WAITING),
                name="rolegrant_one_waiting",
                violation_error_message=_("Roles of this colleague wait for confirmation already."),
            ),
            models.CheckConstraint(
                condition=models.Q(roles__len__gt=0, roles__contained_by=sorted(policies.CONFIRMED)),
                name="rolegrant_roles_known",
                violation_error_message=_("These roles need no second person."),
            ),
            models.CheckConstraint(
                condition=models.Q(confirmed_by__isnull=True)
                | ~models.Q(confirmed_by=models.F("person"))
                & (models.Q(asked_by__isnull=True) | ~models.Q(confirmed_by=models.F("asked_by"))),
                name="rolegrant_confirmed_by_another",
                violation_error_message=_("Somebody else must confirm these roles."),
            ),
            models.CheckConstraint(
                condition=models.Q(seconded_by__isnull=True)
                | ~models.Q(seconded_by=models.F("person"))
                & ~models.Q(seconded_by=models.F("asked_by"))
                & ~models.Q(seconded_by=models.F("confirmed_by")),
                name="rolegrant_seconded_by_another",
                violation_error_message=_("A second platform administrator must confirm these roles."),
            ),
            models.CheckConstraint(
                condition=~models.Q(state=GrantState.GRANTED)
                | models.Q(way=GrantWay.FIRST, asked_by__isnull=False)
                | models.Q(way=GrantWay.EARLIER, asked_by__isnull=True)
                | models.Q(
                    way__in=(GrantWay.COLLEAGUE, GrantWay.DATA_PROTECTION),
                    asked_by__isnull=False,
                    confirmed_by__isnull=False,
                )
                | models.Q(
                    way=GrantWay.PLATFORM,
                    asked_by__isnull=False,
                    confirmed_by__isnull=False,
                    seconded_by__isnull=False,
                ),
                name="rolegrant_given_by_two",
                violation_error_message=_("A second person must confirm these roles."),
            ),
        )

    @property
    def has_lapsed(self) -> bool:
        """True when nobody answered in time."""
        return self.state == GrantState.WAITING and self.expires_at <= clock.moment()

    @property
    def is_waiting(self) -> bool:
        return self.state == GrantState.WAITING and not self.has_lapsed


class Absence(models.Model):
    """A member is away from ``starts_on`` to ``ends_on`` (civil days, both included); ``deputy`` hears of the tasks."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    membership = models.ForeignKey(Membership, models.PROTECT, related_name="absences")
    deputy = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    starts_on = models.DateField()
    ends_on = models.DateField()
    created_at = models.DateTimeField(default=clock.moment, editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=("membership",),
                condition=models.Q(ended_at__isnull=True),
                name="absence_one_at_a_time",
                violation_error_message=_("An absence is already planned. End that one first."),
            ),
            models.CheckConstraint(
                condition=models.Q(ends_on__gte=models.F("starts_on")),
                name="absence_ends_after_start",
                violation_error_message=_("The last day lies before the first."),
            ),
            models.CheckConstraint(
                condition=~models.Q(deputy=models.F("membership")),
                name="absence_deputy_is_another",
                violation_error_message=_("Choose somebody else as deputy."),
            ),
        )


class CalendarFeed(models.Model):
    """An address for calendars, of one membership. Its secret is derived from the row and stands in no table."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    membership = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=("membership",),
                condition=models.Q(closed_at__isnull=True),
                name="calendarfeed_one_open",
                violation_error_message=_("A feed is already open."),
            ),
        )


class Invitation(models.Model):
    """An invitation by mail. The token stands only in the mail; here is its SHA-256."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField()
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="invitations")
    roles = ArrayField(models.CharField(max_length=32, choices=Role))
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=clock.moment)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "email"),
                condition=models.Q(accepted_at__isnull=True, revoked_at__isnull=True),
                name="invitation_one_open",
                violation_error_message=_("This person has already been invited. Revoke that invitation first."),
            ),
        )


class Session(AbstractBaseSession):
    """A session of the browser that knows whose it is, and since when its screen is hidden (``accounts.sessions``)."""

    user_id = models.UUIDField(null=True, db_index=True)
    locked_at = models.DateTimeField(null=True)
    locked_path = models.CharField(max_length=400, blank=True, default="")
    lock_attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        default_permissions = ()

    @classmethod
    def get_session_store_class(cls) -> type[SessionStore]:
        """What decodes a row."""
        return SessionStore

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Storing what a session holds leaves its lock alone: a request that began before *Hide* cannot undo it."""
        if kwargs.get("force_update"):
            kwargs["update_fields"] = ("session_data", "expire_date", "user_id")
        super().save(*args, **kwargs)


class Notice(models.Model):
    """One message to one person inside the application. ``case_id`` is a plain key: accounts lies below cases.

    ``read_at`` is when the person put it aside, ``done_at`` since when nothing is left to do about it: what a notice is
    about ended, gave way to newer news, or is no longer this person's.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    membership = models.ForeignKey(Membership, models.PROTECT, related_name="notices")
    key = models.CharField(max_length=80)
    kind = models.CharField(max_length=40)
    case_id = models.UUIDField(null=True)
    object_path = models.CharField(max_length=200, blank=True)
    due_at = models.DateTimeField(null=True)
    number = models.PositiveIntegerField(null=True)
    is_late = models.BooleanField(default=False)
    is_escalation = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    snoozed_until = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=("membership", "key"), name="notice_once"),)
        indexes = (
            models.Index(fields=("membership", "-created_at"), name="notice_inbox"),
            models.Index("membership", condition=models.Q(done_at__isnull=True), name="notice_not_done"),
        )


class OutboxMail(models.Model):
    """One mail to be sent, marked after it was: at least once. Claimed with a lease; ``attempts`` is the fence."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    to = models.EmailField(blank=True)
    notice = models.ForeignKey(Notice, models.PROTECT, null=True, related_name="mails")
    purpose = models.CharField(max_length=20, choices=MailPurpose)
    context = models.JSONField(default=dict)
    message_id = models.CharField(max_length=120, unique=True)
    state = models.CharField(max_length=8, choices=MailState, default=MailState.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    fault = models.CharField(max_length=40, blank=True)

    class Meta:
        default_permissions = ()
        indexes = (models.Index("next_try_at", condition=models.Q(state="queued"), name="outboxmail_due"),)


class Submission(models.Model):
    """A POST with a key that was carried out, so that a repetition gets the same answer (decisions 0004, 0030).

    ``fingerprint`` is a keyed digest of what was asked: nothing of it is kept. ``location`` and ``body`` are the
    address and the identifiers that were answered.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.UUIDField()
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    fingerprint = models.CharField(max_length=64)
    location = models.TextField(blank=True)
    status = models.PositiveSmallIntegerField(default=302)
    body = models.JSONField(null=True)
    created_at = models.DateTimeField()

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=("user", "key"), name="submission_once"),)

    def is_expired(self, now: datetime) -> bool:
        """True when the key is no longer remembered, as ``expired`` asks of the table."""
        return self.created_at <= now - KEY_LIFETIME
