"""Fields that choose an organisation, a colleague or a consent. The operation judges; the field only finds."""

from collections.abc import Callable, Iterable
from itertools import groupby
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import Membership, Organisation
from cases import policies
from cases.enums import ConsentState
from cases.models import Consent
from cases.operations.consent import state_today
from core.forms import SelectField
from profiles import codes


class OrganisationField(SelectField):
    """One of the organisations that may receive anything; the value is the organisation, suspended or not."""

    def to_python(self, value: Any) -> Organisation | None:
        """The organisation; raises ``ValidationError`` for what is none."""
        if value in self.empty_values:
            return None
        key = as_uuid(value)
        found = Organisation.objects.filter(pk=key).first() if key else None
        if found is None:
            raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice")
        return found

    def validate(self, value: Organisation | None) -> None:
        """Only whether an answer is needed: whether it may receive is the operation's to say."""
        if value is None and self.required:
            raise ValidationError(self.error_messages["required"], code="required")


class ChosenField(SelectField):
    """One of given rows, by key; the value is the row."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rows: dict[str, Any] = {}

    def offer(self, rows: Iterable[Any], label: Callable[[Any], str]) -> None:
        """Set what may be chosen."""
        self.rows = {str(row.pk): row for row in rows}
        self.choices = [("", ""), *((key, label(row)) for key, row in self.rows.items())]

    def clean(self, value: Any) -> Any:
        """The row itself, or None."""
        return self.rows.get(super().clean(value))


def receivers(actor: Actor) -> list[tuple[Any, Any]]:
    """Active organisations that may be granted anything at all, by kind, without the own."""
    kinds = codes.get("organisation_kind")
    rows = Organisation.objects.active().filter(kind__in=list(policies.CEILING)).only("id", "name", "kind")
    others = (row for row in rows if row.pk != actor.organisation_id)
    found = sorted(others, key=lambda row: (kinds.label(row.kind), row.name))
    grouped = groupby(found, key=lambda row: kinds.label(row.kind))
    return [("", ""), *((kind, [(str(row.pk), row.name) for row in rows]) for kind, rows in grouped)]


def member_label(member: Membership) -> str:
    """The colleague's name and roles."""
    roles = codes.get("membership_role")
    return f"{member.user.name} ({', '.join(roles.label(role).lower() for role in member.roles)})"


def consent_label(consent: Consent) -> str:
    """“Shelter: given 3 May 2026, until 3 August 2026”."""
    purpose = codes.get("purpose").label(consent.purpose)
    given = _("given %(day)s") % {"day": date_format(consent.given_on, "j F Y")} if consent.given_on else ""
    until = _("until %(day)s") % {"day": date_format(consent.valid_until, "j F Y")} if consent.valid_until else ""
    return f"{purpose}: {', '.join(filter(None, (given, until)))}"


def in_force(consents: Iterable[Consent]) -> list[Consent]:
    """The consents that are given and neither withdrawn nor past their last day."""
    return [consent for consent in consents if state_today(consent) is ConsentState.GIVEN]


def as_uuid(value: Any) -> UUID | None:
    """The key that was sent, or None for what is no key."""
    try:
        return UUID(str(value))
    except ValueError:
        return None
