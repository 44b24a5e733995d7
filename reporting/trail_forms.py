"""The filters of the audit. They live in the address, so a search can be kept, and told to somebody."""

from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Any, Final
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import access as people
from accounts.actors import Actor
from accounts.models import Organisation
from audit.kinds import KINDS
from cases import policies
from cases.enums import Category
from core import reference
from core.errors import Refused
from core.fields import DateField, SelectField, Text
from reporting.trail import Question

OUTCOME_WORDS: Final[dict[str, Promise]] = {
    "shown": _("Shown or done"),
    "refused": _("Refused"),
    "not_saved": _("Not saved"),
    "slowed_down": _("Slowed down"),
    "failed": _("Failed"),
}
# What one chooses from, by the words of the reader's language.
LISTED: Final[dict[str, Iterable[tuple[str, Any]]]] = {
    "kind": KINDS.items(),
    "category": Category.choices,
    "outcome": OUTCOME_WORDS.items(),
}
# By what each list can be narrowed, beside reference and days.
BY_REQUESTS: Final = ("member", "organisation", "outcome")
BY_ACTS: Final = ("member", "organisation", "kind")
BY_LOOKS: Final = ("organisation", "category")


class TrailFilter(forms.Form):
    """Which rows of the audit; fields that a list has no use for are taken out by ``of``."""

    reference = Text(label=_("Reference"), required=False, max_length=20)
    member = SelectField(label=_("Person"), required=False)
    organisation = SelectField(label=_("Organisation"), required=False)
    kind = SelectField(label=_("Kind of act"), required=False)
    category = SelectField(label=_("Category"), required=False)
    outcome = SelectField(label=_("Outcome"), required=False)
    start = DateField(label=_("From"), required=False)
    end = DateField(label=_("Until and including"), required=False)

    def __init__(self, data: QueryDict, *, actor: Actor, of: Sequence[str]) -> None:
        super().__init__(data)
        wanted = {"reference", "start", "end", *of}
        for name in set(self.fields) - wanted:
            del self.fields[name]
        for name, choices in LISTED.items():
            if name in wanted:
                self._offer(name, sorted(((code, str(words)) for code, words in choices), key=itemgetter(1)))
        if "member" in wanted:
            self._offer("member", [(str(one.pk), one.user.name) for one in people.members(actor)])
        if "organisation" in wanted:
            # Whom the own organisation knows of stands in its rows; an overseer chooses from all.
            is_wide = policies.may(actor, "oversee_audit") or of == BY_LOOKS
            rows = Organisation.objects.order_by("name") if is_wide else Organisation.objects.none()
            self._offer("organisation", [(str(pk), name) for pk, name in rows.values_list("pk", "name")])

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        if choices:
            self.fields[name].choices = [("", _("All")), *choices]  # type: ignore[attr-defined]
        else:
            del self.fields[name]

    def clean_reference(self) -> str:
        """As it is stored, whatever way it was typed."""
        typed: str = self.cleaned_data["reference"].strip()
        try:
            return reference.parse(typed) if typed else ""
        except Refused as refusal:
            raise forms.ValidationError(str(refusal.message)) from refusal

    def clean(self) -> dict[str, Any]:
        """An end before the start is refused beside the end."""
        given = super().clean() or self.cleaned_data
        start, end = given.get("start"), given.get("end")
        if start and end and end < start:
            self.add_error("end", _("The end lies before the start. Choose a later day."))
        return given

    @property
    def question(self) -> Question:
        """What a valid address asks; nothing in particular where it is not valid."""
        given = self.cleaned_data if self.is_valid() else {}
        return Question(
            reference=given.get("reference") or "",
            member=_key(given.get("member")),
            organisation=_key(given.get("organisation")),
            kind=given.get("kind") or "",
            category=given.get("category") or "",
            outcome=given.get("outcome") or "",
            start=given.get("start"),
            end=given.get("end"),
        )

    @property
    def count(self) -> int:
        """How many filters are set."""
        return sum(bool(value) for value in getattr(self, "cleaned_data", {}).values())


def _key(value: str | None) -> UUID | None:
    return UUID(value) if value else None
