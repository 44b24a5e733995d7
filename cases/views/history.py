"""The history of a row: field by field from what to what, when, and by whom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.http import Request
from cases import access as door
from cases.enums import SHAREABLE, Category
from cases.forms.base import CategoryForm
from cases.forms.categories import FORMS
from cases.forms.history import BESIDE, changed
from cases.history import RECIPIENT, Version, recipient_name, versions
from cases.models import CategoryRow
from cases.operations.legal_bases import provision_label
from cases.operations.names import show_name
from cases.policies import CaseAccess
from cases.views.names import leaves_by_itself
from cases.views.shared import case_context
from cases.views.words import Answered, words_by_question, words_of
from core.errors import Missing
from core.forms import ANSWERED
from core.http import shows_when_asked
from core.templatetags.ui_dates import sentence_date
from profiles import codes

CODES: Final = {"legal_basis": "legal_basis", "withdrawn_via": "consent_form"}


@dataclass(frozen=True)
class Difference:
    """One field in words; ``before`` is empty where nothing was recorded."""

    question: Promise | str
    before: str
    after: str


@dataclass(frozen=True)
class Shown:
    """One version as the page shows it."""

    number: int
    at: datetime
    by: str
    is_first: bool
    differences: Sequence[Difference]


@shows_when_asked
@require_http_methods(["GET", "HEAD", "POST"])
def history(request: Request, reference: str, category: str, pk: UUID) -> HttpResponse:
    """Every version of one visible row, newest first. Names are shown when they are asked for by POST."""
    access = door.get_case(request.actor, reference)
    if category not in SHAREABLE:
        raise Missing
    found, form_class = versions(access, category, pk), FORMS[Category(category)]
    is_shown = request.method == "POST"
    if is_shown:
        show_name(request.actor, access=access)
    is_consent = category == Category.CONSENT
    context = {
        **case_context(access, tab="consent" if is_consent else "file"),
        "category": Category(category),
        "owner": found[0].owner.name if found else "",
        "versions": [_shown(access, form_class, version, is_shown=is_shown) for version in reversed(found)],
        "hides_names": bool(form_class.Meta.names) and not is_shown,
        "columns": [_("Question"), _("Before"), _("After")],
        "back_url": reverse("cases:consent", args=[reference])
        if is_consent
        else reverse("cases:category", args=[reference, category]),
    }
    response = render(request, "cases/history.html", context)
    return leaves_by_itself(response, request.path) if is_shown else response


def history_url(reference: str, row: CategoryRow) -> str:
    """Where the versions of a row are shown."""
    return reverse("cases:history", args=[reference, row.category, row.pk])


def _shown(access: CaseAccess, form_class: type[CategoryForm], version: Version, *, is_shown: bool) -> Shown:
    named = _("%(person)s, %(organisation)s") % {"person": version.person, "organisation": version.owner.name}
    return Shown(
        number=version.row.version,
        at=version.at,
        by=named if version.person else version.owner.name,
        is_first=version.previous is None,
        differences=_differences(access, form_class, version, is_shown=is_shown),
    )


def _differences(
    access: CaseAccess, form_class: type[CategoryForm], version: Version, *, is_shown: bool
) -> list[Difference]:
    names = {name.removesuffix(ANSWERED) for name, _old, _new in changed(form_class, version.previous, version.row)}
    after = words_by_question(form_class, version.row)
    before = words_by_question(form_class, version.previous) if version.previous else {}
    asked = [
        Difference(
            one.question,
            _unless_hidden(before.get(name), is_shown=is_shown),
            _unless_hidden(one, is_shown=is_shown),
        )
        for name, one in after.items()
        if name in names
    ]
    return asked + [
        Difference(label, _beside(access, name, version.previous), _beside(access, name, version.row))
        for name, label in BESIDE.items()
        if name in names
    ]


def _unless_hidden(one: Answered | None, *, is_shown: bool) -> str:
    """The answer; of a name only that there is one, until it is asked for."""
    if one is None or not one.answer:
        return ""
    return _("Hidden") if one.is_name and not is_shown else one.answer


def _beside(access: CaseAccess, name: str, row: CategoryRow | None) -> str:
    """A column that no form asks for, in words."""
    value: Any = getattr(row, name, None)
    if name == RECIPIENT:
        return recipient_name(access, row) if row else ""
    if name == "provision":
        return provision_label(value) if value else ""
    if name in CODES:
        return codes.get(CODES[name]).label(value) if value else ""
    if isinstance(value, datetime):
        return str(sentence_date(value))
    shown: Mapping[str, Any] = dict(row._meta.get_field(name).flatchoices) if row else {}  # type: ignore[union-attr]
    return str(shown.get(value, "")) if value else words_of(None, value)


urlpatterns = [
    path("cases/<str:reference>/history/<str:category>/<uuid:pk>/", history, name="history"),
]
