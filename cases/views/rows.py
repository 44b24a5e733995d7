"""The file: rows by category, whose they are, who else sees them; adding and correcting one's own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, register_converter, reverse
from django.utils.translation import gettext as _

from accounts.http import Request
from cases import access as door
from cases import policies
from cases.corrections import is_corrected, last_looks
from cases.enums import Category
from cases.forms.base import CategoryForm
from cases.forms.categories import FORMS
from cases.models import ROWS, CategoryRow
from cases.operations.rows import add_row, correct_row
from cases.operations.sharing import is_live
from cases.policies import CaseAccess
from cases.residence import is_own_national
from cases.views.history import history_url
from cases.views.shared import FILE, case_context, may_read, posted
from cases.views.words import Answered, answers, contains
from core.forms import render_form, submit
from core.ui import Tab, Viewer
from profiles import codes


class CategoryConverter:
    """A category of the file; the consent register has pages of its own."""

    regex = "|".join(FILE)

    def to_python(self, value: str) -> Category:
        return Category(value)

    def to_url(self, value: Category | str) -> str:
        return str(value)


register_converter(CategoryConverter, "category")


@dataclass(frozen=True)
class Shown:
    """One row as the page shows it."""

    row: CategoryRow
    answers: Sequence[Answered]
    is_own: bool
    change_url: str
    history_url: str
    is_corrected: bool


def file(request: Request, reference: str) -> HttpResponse:
    """The file opens at the first category."""
    access = door.get_case(request.actor, reference)
    return redirect("cases:category", access.case.shown_reference, FILE[0])


def show(request: Request, reference: str, category: Category) -> HttpResponse:
    """One category: own rows, rows that others share, and who else sees the own ones."""
    access = door.get_case(request.actor, reference)
    rows = door.read_rows(access, category) if may_read(access, category) else []
    looks = last_looks(access)
    shown = [_shown(access, category, row, looks) for row in rows]
    is_filled = ROWS[category][0].is_single and any(one.is_own for one in shown)
    is_unasked = category is Category.IMMIGRATION and is_own_national(access)
    return render(
        request,
        "cases/category.html",
        {
            **case_context(access, tab="file", has_numbers=category is Category.CONTACT),
            "category": category,
            "contains": contains(category),
            "category_tabs": _category_tabs(access, category),
            "rows": shown,
            "viewers": viewers(access, category),
            "may_add": policies.may(request.actor, "add_row", access) and not is_filled and not is_unasked,
            "is_unasked": is_unasked,
            "age_url": reverse("cases:age", args=[reference]) if category is Category.IDENTITY else "",
        },
    )


def add(request: Request, reference: str, category: Category) -> HttpResponse:
    """Add a row of the own organisation."""
    access = door.get_case(request.actor, reference)
    policies.require(request.actor, "add_row", access)
    form_class = FORMS[category]
    form = form_class(posted(request), **form_class.known(access))
    if request.method == "POST" and submit(form, add_row, request.actor, access=access, model=form.Meta.model):
        messages.success(request, _("Added."))
        return redirect("cases:category", reference, category)
    return _form_page(request, access, category, form)


def correct(request: Request, reference: str, category: Category, pk: UUID) -> HttpResponse:
    """Correct a row of the own organisation; saved by somebody else meanwhile: both versions, nothing lost."""
    access = door.get_case(request.actor, reference)
    row = door.own_row(access, ROWS[category][0], pk)
    policies.require(request.actor, "correct_row", access)
    form_class = FORMS[category]
    form = form_class(posted(request), initial=form_class.initial_of(row), **form_class.known(access))
    if request.method == "POST" and submit(
        form, correct_row, request.actor, access=access, row=row, values_of=form_class.stored
    ):
        messages.success(request, _("Corrected."))
        return redirect("cases:category", reference, category)
    return _form_page(request, access, category, form)


def viewers(access: CaseAccess, category: str) -> list[Viewer]:
    """Who else sees the own rows of a category, for what and until when."""
    purposes, own = codes.get("purpose"), access.actor.organisation_id
    return [
        Viewer(
            who=access.names.receiver(share).name,
            what=purposes.label(share.purpose),
            until=share.ends_on,
            url=reverse("cases:share", args=[access.case.shown_reference, share.pk]),
        )
        for share in door.shares(access)
        if is_live(share) and share.from_organisation_id == own and category in share.categories
    ]


def _shown(access: CaseAccess, category: Category, row: CategoryRow, looks: Mapping[str, datetime]) -> Shown:
    is_own = row.owner_organisation_id == access.actor.organisation_id
    may_correct = is_own and policies.may(access.actor, "correct_row", access)
    url = reverse("cases:correct_row", args=[access.case.shown_reference, category, row.pk]) if may_correct else ""
    history = history_url(access.case.shown_reference, row)
    return Shown(row, answers(FORMS[category], row), is_own, url, history, is_corrected(access, row, looks))


def _category_tabs(access: CaseAccess, current: Category) -> list[Tab]:
    return [
        Tab(
            label=one.label,
            url=reverse("cases:category", args=[access.case.shown_reference, one]),
            current=one is current,
        )
        for one in FILE
    ]


def _form_page(request: Request, access: CaseAccess, category: Category, form: CategoryForm) -> HttpResponse:
    context = case_context(access, tab="file")
    return render_form(request, "cases/row_form.html", form, {**context, "category": category})


urlpatterns = [
    path("cases/<str:reference>/file/", file, name="file"),
    path("cases/<str:reference>/<category:category>/", show, name="category"),
    path("cases/<str:reference>/<category:category>/add/", add, name="add_row"),
    path("cases/<str:reference>/<category:category>/<uuid:pk>/", correct, name="correct_row"),
]
