"""What differs between two versions of a row, field by field, in the names of the category's form."""

from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.forms.base import CategoryForm
from cases.models import CategoryRow
from core.forms import ANSWERED

# Columns that an operation sets and no form of the category asks for.
BESIDE: Final[dict[str, Promise]] = {
    "state": _("State"),
    "legal_basis": _("Legal basis"),
    "recipient_id": _("For which organisation?"),
    "provision": _("Provision of law"),
    "confirmed_at": _("Confirmed by a second person"),
    "withdrawn_at": _("Withdrawn"),
    "withdrawn_via": _("How it was withdrawn"),
}
# Columns that follow from a field, or from the state, which itself shows the change.
DERIVED: Final = frozenset(
    {"birth_year", "has_safe_channel", "confirmed_on", "superseded_by", "confirmed_by", "unconfirmed_until"}
)
EMPTY: Final[tuple[object, ...]] = (None, "", [], (), False)


def values(form_class: type[CategoryForm], row: CategoryRow | None) -> dict[str, Any]:
    """Every field of a version by its name; nothing for the time before the row was written."""
    if row is None:
        return {}
    fields = form_class.base_fields
    asked = {
        name: value
        for name, value in form_class.stored(row).items()
        if name.removesuffix(ANSWERED) in fields and name != "version"
    }
    return asked | {name: getattr(row, name) for name in BESIDE if hasattr(row, name)}


def changed(
    form_class: type[CategoryForm], previous: CategoryRow | None, row: CategoryRow
) -> list[tuple[str, Any, Any]]:
    """Name, value before and value after of each field that differs; of a first version each that was answered."""
    before, after = values(form_class, previous), values(form_class, row)
    pairs = [(name, before.get(name), after.get(name)) for name in after | before]
    return [(name, old, new) for name, old, new in pairs if old != new and not (old in EMPTY and new in EMPTY)]
