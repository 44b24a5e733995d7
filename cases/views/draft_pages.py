"""The pages of a draft, one subject each. What is typed is stored, right or wrong; going on needs it right."""

from http import HTTPStatus
from typing import Final
from uuid import UUID, uuid4

from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import Http404, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import path, register_converter, reverse
from django.utils.datastructures import MultiValueDict
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from rest_framework.authentication import CSRFCheck

from accounts.http import Request
from cases.forms.answers import Answers, State, make_form, unchecked
from cases.forms.pages import EXPLOITATION, PAGES, DraftPage, spec_of
from cases.forms.summary import title, words
from cases.models import Draft
from cases.operations import drafts
from cases.views import kept
from cases.views.wayfinding import STATES, is_in_danger, next_url, open_draft, page_url
from core.errors import Conflict
from core.forms import NrmForm, render_form, submit

# The header in which the answer to an autosave says what the next one builds on.
VERSION: Final = "Version"
# Pages that say something of their own above the questions.
OWN_PARTS: Final = frozenset({"danger", "age", "consent", "child", "indicators", "contact"})


# Not behind the usual sign-in: a POST whose session ended is kept until the same person has signed in again. The check
# against forgery is made inside: after signing in elsewhere (a new token) the page comes back with what was typed.
@login_not_required
@csrf_exempt
def page(request: Request, pk: UUID, name: str, item: UUID | None = None) -> HttpResponse:
    """One page of the form: what was typed is stored, right or wrong; going on needs it right."""
    if not request.actor.is_signed_in:
        return kept.keep(request)
    draft, answers = open_draft(request, pk)
    stored_as = _stored_name(answers, name, item)
    if stored_as is None:
        return redirect("cases:draft", draft.pk)
    if request.method != "POST":
        return _show_page(request, draft, answers, stored_as)
    if _is_forged(request):
        return _show_again(request, draft, answers, stored_as)
    return _save_page(request, draft, answers, stored_as)


@require_POST
def autosave(request: Request, pk: UUID, name: str, item: UUID | None = None) -> HttpResponse:
    """Store the page as it is, every now and then; 409 when somebody else saved it meanwhile.

    The answer shows nothing (204, the new version in a header), so that typing never counts as reading.
    """
    draft, answers = open_draft(request, pk)
    stored_as = _stored_name(answers, name, item)
    if stored_as is None:
        raise Http404
    try:
        saved = _store(request, draft, make_form(answers, stored_as), stored_as, is_confirmed=False)
    except Conflict:
        return JsonResponse({}, status=HTTPStatus.CONFLICT)
    return HttpResponse(status=HTTPStatus.NO_CONTENT, headers={VERSION: str(saved.version)})


def exploitation(request: Request, pk: UUID) -> HttpResponse:
    """The forms of exploitation so far; without any, the first one."""
    draft, answers = open_draft(request, pk)
    new = page_url(draft, f"{EXPLOITATION}:{uuid4()}")
    if not answers.exploitation_pages:
        return redirect(new)
    forms = [
        {
            "title": title(answers, one),
            "is_primary": bool(answers.cleaned(one).get("is_primary")),
            "state": STATES[answers.state(one)],
            "url": page_url(draft, one),
            "remove_url": page_url(draft, one, "remove"),
        }
        for one in answers.exploitation_pages
    ]
    context = {"draft": draft, "forms": forms, "new_url": new, "next_url": next_url(draft, answers, EXPLOITATION)}
    return render(request, "cases/registration/exploitation.html", context)


def remove_exploitation(request: Request, pk: UUID, item: UUID) -> HttpResponse:
    """Take one form of exploitation away, after asking."""
    draft, answers = open_draft(request, pk)
    name = f"{EXPLOITATION}:{item}"
    if name not in answers.pages:
        return redirect("cases:draft_exploitation", draft.pk)
    form = NrmForm(request.POST if request.method == "POST" else None)
    changes = {"draft_id": draft.pk, "changes": {name: None}}
    if request.method == "POST" and submit(form, drafts.change_pages, request.actor, **changes):
        return redirect("cases:draft_exploitation", draft.pk)
    context = {"draft": draft, "title": title(answers, name)}
    return render_form(request, "cases/registration/remove.html", form, context)


# -- one page --------------------------------------------------------------------------------------------------------


def _show_page(request: Request, draft: Draft, answers: Answers, name: str) -> HttpResponse:
    """As stored; or as typed when the session ended, which is not stored yet."""
    waiting = kept.find(request, request.actor)
    stored = answers.pages.get(name, drafts.Page())
    typed = waiting.typed if waiting else MultiValueDict(stored.typed)
    form = unchecked(answers, name, typed)
    form.initial["version"] = typed.get("version") if waiting else stored.version
    form.initial["writer"] = typed.get("writer") if waiting else kept.new_writer(request.actor.user_id)
    return _render_page(request, draft, answers, name, form, is_waiting=waiting is not None)


def _show_again(request: Request, draft: Draft, answers: Answers, name: str) -> HttpResponse:
    """The token was out of date: nothing is stored, everything typed stands on the page."""
    form = unchecked(answers, name, request.POST)
    for hidden in ("version", "writer"):
        form.initial[hidden] = request.POST.get(hidden)
    response = _render_page(request, draft, answers, name, form, is_waiting=True)
    response.status_code = HTTPStatus.FORBIDDEN
    return response


def _save_page(request: Request, draft: Draft, answers: Answers, name: str) -> HttpResponse:
    form = make_form(answers, name, typed=request.POST)
    try:
        saved = _store(request, draft, form, name, is_confirmed=form.is_valid())
    except Conflict as conflict:
        form.show_conflict(_in_words(answers, name, form, conflict))
        return _render_page(request, draft, answers, name, form)
    if form.is_valid():
        _keep_one_primary(request, draft, answers, name, form)
        return kept.forget(request, redirect(_after(request, draft, answers, name)))
    form.data = _with(request.POST, version=str(saved.version))
    return _render_page(request, draft, answers, name, form)


def _store(request: Request, draft: Draft, form: DraftPage, name: str, *, is_confirmed: bool) -> drafts.Page:
    names = form.typed_names()
    with transaction.atomic():
        return drafts.save_page(
            request.actor,
            draft_id=draft.pk,
            page=name,
            typed={key: list(values) for key, values in request.POST.lists() if key in names},
            version=_number(request.POST.get("version")),
            writer=request.POST.get("writer", ""),
            is_confirmed=is_confirmed,
        )


def _render_page(
    request: Request, draft: Draft, answers: Answers, name: str, form: DraftPage, *, is_waiting: bool = False
) -> HttpResponse:
    kind = name.partition(":")[0]
    context = {
        "draft": draft,
        "page": name,
        "page_title": spec_of(name).title,
        "part": f"cases/registration/parts/{kind}.html" if kind in OWN_PARTS else "",
        # After a conflict only the button saves: a choice between two versions is not made by a timer.
        "autosave_url": "" if form.conflict else page_url(draft, name, "autosave"),
        "tasks_url": reverse("cases:draft", args=[draft.pk]),
        "is_waiting": is_waiting,
        "is_in_danger": kind != "danger" and is_in_danger(answers),
        "is_child": answers.is_child,
    }
    return render_form(request, "cases/registration/page.html", form, context)


def _in_words(answers: Answers, name: str, form: DraftPage, conflict: Conflict) -> Conflict:
    """Both versions by question, as a reader knows them."""
    fields = [field for field in form.fields if field not in {"version", "writer"}]
    stored = unchecked(answers, name, MultiValueDict(conflict.current))
    current = {field: words(stored[field]) for field in fields}
    given = {field: words(form[field]) for field in fields}
    return Conflict(conflict.message, current=current, given=given, version=conflict.version)


def _keep_one_primary(request: Request, draft: Draft, answers: Answers, name: str, form: DraftPage) -> None:
    """Marking a form of exploitation as the primary one unmarks the others."""
    if not form.cleaned_data.get("is_primary"):
        return
    others = [one for one in answers.exploitation_pages if one != name and "is_primary" in answers.pages[one].typed]
    if others:
        changes = {
            one: {key: values for key, values in answers.pages[one].typed.items() if key != "is_primary"}
            for one in others
        }
        drafts.change_pages(request.actor, draft_id=draft.pk, changes=changes)


def _stored_name(answers: Answers, name: str, item: UUID | None) -> str | None:
    """The name under which a page is stored; None while it cannot be answered."""
    if name not in answers.page_names or answers.state(name) is State.LATER:
        return None
    return f"{name}:{item}" if item else name


def _after(request: Request, draft: Draft, answers: Answers, name: str) -> str:
    """Where saving leads: the list when asked for, else the next page."""
    if request.POST.get("next") == "tasks":
        return reverse("cases:draft", args=[draft.pk])
    if name.startswith(EXPLOITATION):
        return reverse("cases:draft_exploitation", args=[draft.pk])
    # The age that was just saved decides which page comes next.
    return next_url(draft, open_draft(request, draft.pk)[1], name)


def _is_forged(request: Request) -> bool:
    """Django's check against cross-site requests, for a view that answers its failure itself."""
    check = CSRFCheck(lambda _request: HttpResponse())
    check.process_request(request)
    # Judged as the act that it guards: the view itself is marked as exempt.
    return check.process_view(request, _save_page, (), {}) is not None


def _with(data: QueryDict, **values: str) -> QueryDict:
    changed = data.copy()
    for name, value in values.items():
        changed[name] = value
    return changed


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() else 0


class PageConverter:
    """A page of the form, by its name; forms of exploitation have addresses of their own."""

    regex = "|".join(name for name in PAGES if name != EXPLOITATION)

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(PageConverter, "draft_page")
FORM: Final = {"name": EXPLOITATION}
urlpatterns = [
    path("register/<uuid:pk>/exploitation/", exploitation, name="draft_exploitation"),
    path("register/<uuid:pk>/exploitation/<uuid:item>/", page, FORM, name="draft_form"),
    path("register/<uuid:pk>/exploitation/<uuid:item>/autosave", autosave, FORM, name="draft_form_autosave"),
    path("register/<uuid:pk>/exploitation/<uuid:item>/remove/", remove_exploitation, name="draft_form_remove"),
    path("register/<uuid:pk>/<draft_page:name>/", page, name="draft_page"),
    path("register/<uuid:pk>/<draft_page:name>/autosave", autosave, name="draft_page_autosave"),
]
