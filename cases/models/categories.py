"""One table per data category: the schema is the need-to-know matrix. Coded fields stay plain for statistics.

What stands in the sealed column of each is the content of its form in ``cases/forms/categories.py``.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, Organisation
from cases.enums import AgeGroup, Category, ConsentState, Nature
from cases.models.sealed import CategoryRow, once_per_owner

# The only grounds on which a refusal is gone against (``sharing.md`` rule 21), and the states of such an override.
OVERRIDING = ("child_best_interests", "legal_obligation", "vital_interests")
OVERRIDES = (ConsentState.PROPOSED, ConsentState.OVERRIDDEN, ConsentState.UNCONFIRMED)


def codes(length: int = 40) -> ArrayField[list[str], list[str]]:
    """Several codes of one code list."""
    return ArrayField(models.CharField(max_length=length), default=list, blank=True)


def code(length: int = 40) -> models.CharField[str, str]:
    """One code, empty when not asked; ``unknown`` and ``withheld`` are answers."""
    return models.CharField(max_length=length, blank=True)


class Identity(CategoryRow):
    """Sealed: names, date and place of birth, identity document. Every field is optional."""

    sex = code()
    gender = code()
    citizenships = codes(12)
    age_group = models.CharField(max_length=12, choices=AgeGroup)
    age_basis = code()
    birth_year = models.PositiveSmallIntegerField(null=True, blank=True)

    category = Category.IDENTITY
    is_single = True

    class Meta(CategoryRow.Meta):
        constraints = (once_per_owner("identity"),)


class Contact(CategoryRow):
    """Sealed: channels with what is safe on each, code word, times, who else sees the device."""

    has_safe_channel = models.BooleanField(default=False)
    interpreter = code()
    interpreter_gender = code()
    confirmed_on = models.DateField(null=True, blank=True)

    category = Category.CONTACT
    is_single = True

    class Meta(CategoryRow.Meta):
        constraints = (once_per_owner("contact"),)


class Exploitation(CategoryRow):
    """One form of exploitation; a person may suffer several, one of them primary. Sealed: places and remarks.

    ``started`` and ``ended`` are as exact as is known: ``2024``, ``2024-05`` or ``2024-05-17``.
    """

    form = code()
    sub_form = code()
    is_primary = models.BooleanField(default=False)
    sector = code()
    acts = codes()
    means = codes()
    control = codes()
    recruitment = code()
    countries = codes(12)
    location = code()
    started = models.CharField(max_length=10, blank=True)
    ended = models.CharField(max_length=10, blank=True)
    is_ongoing = code()
    is_online = code()

    category = Category.EXPLOITATION

    class Meta(CategoryRow.Meta):
        constraints = (
            models.UniqueConstraint(
                fields=("case", "owner_organisation"),
                condition=models.Q(is_primary=True),
                name="exploitation_one_primary",
                violation_error_message=_("One form of exploitation is the primary one. Another is already marked."),
            ),
            models.UniqueConstraint(
                fields=("case", "owner_organisation", "form"),
                name="exploitation_form_once",
                violation_error_message=_("This form of exploitation is already recorded. Correct what is there."),
            ),
            models.CheckConstraint(
                condition=models.Q(ended="")
                | models.Q(started="")
                | models.Q(ended__gte=models.F("started"))
                | models.Q(started__startswith=models.F("ended")),
                name="exploitation_ends_after_start",
                violation_error_message=_("The end of the exploitation lies before its start."),
            ),
        )


class Narrative(CategoryRow):
    """Sealed: the account in the person's own words, up to 15,000 characters."""

    category = Category.NARRATIVE

    class Meta(CategoryRow.Meta):
        pass


class Exploiters(CategoryRow):
    """Sealed: what is said about exploiters. No searchable register of suspects (GDPR, Article 10)."""

    relation = code()

    category = Category.EXPLOITERS

    class Meta(CategoryRow.Meta):
        pass


class Health(CategoryRow):
    """Sealed: health, disability and pregnancy in words; coded: which needs are urgent."""

    needs = codes()

    category = Category.HEALTH

    class Meta(CategoryRow.Meta):
        pass


class Immigration(CategoryRow):
    """Residence status and procedures. Nationals are never asked (R8)."""

    status = code()
    valid_until = models.DateField(null=True, blank=True)

    category = Category.IMMIGRATION
    is_single = True

    class Meta(CategoryRow.Meta):
        constraints = (once_per_owner("immigration"),)


class Criminal(CategoryRow):
    """Report, cooperation and proceedings, by reference only. A withdrawn statement changes no status (rule 15)."""

    cooperation = code()
    proceedings = code()
    reported_on = models.DateField(null=True, blank=True)

    category = Category.CRIMINAL
    is_single = True

    class Meta(CategoryRow.Meta):
        constraints = (once_per_owner("criminal"),)


class Child(CategoryRow):
    """Who informed the child, the child's view (sealed), where the parents are."""

    parental_responsibility = code()
    is_unaccompanied = code()
    informed_by = code()
    informed_on = models.DateField(null=True, blank=True)

    category = Category.CHILD
    is_single = True

    class Meta(CategoryRow.Meta):
        constraints = (once_per_owner("child"),)


class Service(CategoryRow):
    """One need or service: asked, offered, refused by the person, not available, running, ended."""

    service = code()
    status = code()
    is_urgent = models.BooleanField(default=False)
    started_on = models.DateField(null=True, blank=True)
    ended_on = models.DateField(null=True, blank=True)

    category = Category.SERVICES

    class Meta(CategoryRow.Meta):
        constraints = (
            models.CheckConstraint(
                condition=models.Q(ended_on__isnull=True) | models.Q(ended_on__gte=models.F("started_on")),
                name="service_ends_after_start",
                violation_error_message=_("The service cannot end before it starts."),
            ),
        )


class Indicator(CategoryRow):
    """One indicator, marked fact or assessment; an aid, never a score that decides (GDPR, Article 22)."""

    indicator = code()
    nature = models.CharField(max_length=12, choices=Nature)

    category = Category.INDICATORS

    class Meta(CategoryRow.Meta):
        constraints = (
            models.UniqueConstraint(
                fields=("case", "owner_organisation", "indicator", "nature"),
                name="indicator_once",
                violation_error_message=_("This indicator is already recorded."),
            ),
        )


class Consent(CategoryRow):
    """A dated, scoped consent, or what stands in its place (``sharing.md`` rule 14; ``domain.md`` 3.3).

    ``given_on`` is the day of the answer; a request has none yet. Sealed: the reason of an override. What was agreed to
    is never changed: states move through ``cases.ledger`` alone, a changed agreement is a new row.
    """

    state = models.CharField(max_length=12, choices=ConsentState)
    purpose = code()
    legal_basis = code()
    categories = codes(20)
    recipient = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="+")
    form = code()
    language = code(12)
    has_interpreter = models.BooleanField(default=False)
    information_given = codes()
    given_on = models.DateField(null=True, blank=True)
    valid_until = models.DateField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_via = code()
    superseded_by = models.ForeignKey("self", models.PROTECT, null=True, related_name="+", editable=False)
    # Of a legal obligation: which provision of the profile obliges.
    provision = code()
    # Of an override: the second person; the instant at which it ends unless one has confirmed it (null once one has).
    confirmed_by = models.ForeignKey(Membership, models.PROTECT, null=True, related_name="+", editable=False)
    confirmed_at = models.DateTimeField(null=True, editable=False)
    unconfirmed_until = models.DateTimeField(null=True, editable=False)

    category = Category.CONSENT

    class Meta(CategoryRow.Meta):
        constraints = (
            models.CheckConstraint(
                condition=models.Q(state__in=ConsentState.values),
                name="consent_state_known",
                violation_error_message=_("Choose a state from the list."),
            ),
            models.CheckConstraint(
                condition=models.Q(valid_until__isnull=True) | models.Q(valid_until__gte=models.F("given_on")),
                name="consent_valid_after_given",
                violation_error_message=_("A consent cannot end before it is given."),
            ),
            models.CheckConstraint(
                condition=~models.Q(state=ConsentState.GIVEN) | models.Q(given_on__isnull=False),
                name="consent_given_has_date",
                violation_error_message=_("Say on which day the consent was given."),
            ),
            models.CheckConstraint(
                condition=~models.Q(state=ConsentState.GIVEN) | models.Q(information_given__len__gt=0),
                name="consent_given_is_informed",
                violation_error_message=_("Choose what was explained. Without information there is no consent."),
            ),
            models.CheckConstraint(
                condition=~models.Q(state=ConsentState.WITHDRAWN)
                | models.Q(withdrawn_at__isnull=False) & ~models.Q(withdrawn_via=""),
                name="consent_withdrawn_says_how",
                violation_error_message=_("Choose how the person withdrew."),
            ),
            models.CheckConstraint(
                condition=~models.Q(state=ConsentState.OTHER_BASIS) | ~models.Q(legal_basis__in=("", "consent")),
                name="consent_other_basis_is_named",
                violation_error_message=_("Say on which other legal basis."),
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=OVERRIDES)
                | models.Q(legal_basis__in=OVERRIDING, recipient__isnull=False, valid_until__isnull=False)
                & models.Q(sealed__isnull=False, categories__len__gt=0),
                name="consent_overridden_is_bounded",
                violation_error_message=_("An override names a receiver, categories, a reason and a last day."),
            ),
            models.CheckConstraint(
                condition=models.Q(state=ConsentState.SUPERSEDED, superseded_by__isnull=False)
                | ~models.Q(state=ConsentState.SUPERSEDED) & models.Q(superseded_by__isnull=True),
                name="consent_superseded_by_another",
                violation_error_message=_("Only a newer consent replaces one."),
            ),
            models.CheckConstraint(
                condition=models.Q(legal_basis="legal_obligation") & ~models.Q(provision="")
                | ~models.Q(legal_basis="legal_obligation") & models.Q(provision=""),
                name="consent_obligation_names_provision",
                violation_error_message=_("Choose the provision of law that obliges you."),
            ),
            models.CheckConstraint(
                condition=models.Q(confirmed_by__isnull=True, confirmed_at__isnull=True)
                | models.Q(confirmed_by__isnull=False, confirmed_at__isnull=False)
                & ~models.Q(confirmed_by=models.F("created_by")),
                name="consent_confirmed_by_another",
                violation_error_message=_("Somebody else than the one who recorded it confirms it."),
            ),
        )


ROWS: dict[str, tuple[type[CategoryRow], ...]] = {
    Category.IDENTITY: (Identity,),
    Category.CONTACT: (Contact,),
    Category.EXPLOITATION: (Exploitation,),
    Category.NARRATIVE: (Narrative,),
    Category.EXPLOITERS: (Exploiters,),
    Category.HEALTH: (Health,),
    Category.IMMIGRATION: (Immigration,),
    Category.CRIMINAL: (Criminal,),
    Category.CHILD: (Child,),
    Category.SERVICES: (Service,),
    Category.INDICATORS: (Indicator,),
    Category.CONSENT: (Consent,),
}
