"""Registering: start, task list, check, send."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _

from accounts.http import Request
from cases import policies
from cases.access import get_case, open_deadlines
from cases.enums import SHAREABLE
from cases.forms.answers import Answers, State
from cases.forms.pages import PAGES, spec_of
from cases.forms.summary import sections
from cases.models import Deadline, Draft
from cases.operations import drafts
from cases.operations.registration import register_presumed_victim
from cases.views.wayfinding import STATES, is_in_danger, open_draft, page_url
from core.forms import NrmForm, render_form, submit
from core.ui import Task, Viewer
from profiles.profile import active


def start(request: Request) -> HttpResponse:
    """What is needed, how long it takes, how long a draft lives; beginning makes the draft."""
    policies.require(request.actor, drafts.ACTION)
    form = NrmForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and (draft := submit(form, drafts.start_draft, request.actor)):
        return redirect("cases:draft_page", draft.pk, next(iter(PAGES)))
    return render_form(request, "cases/registration/start.html", form, {"terms": active().drafts})


def tasks(request: Request, pk: UUID) -> HttpResponse:
    """Every page with its state, in any order."""
    draft, answers = open_draft(request, pk)
    context = {
        "draft": draft,
        "tasks": [_task(draft, answers, name) for name in answers.page_names],
        "done": sum(answers.state(name) is State.DONE for name in answers.page_names),
        "total": len(answers.page_names),
        "is_in_danger": is_in_danger(answers),
        "is_notification": answers.is_notification,
        "erased_on": drafts.erased_on(draft),
    }
    return render(request, "cases/registration/tasks.html", context)


def check(request: Request, pk: UUID) -> HttpResponse:
    """All answers with a way to change each, who will see what, and sending."""
    draft, answers = open_draft(request, pk)
    form = NrmForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        for hindrance in answers.hindrances:
            form.add_error(None, str(hindrance.message))
        if form.is_valid() and (case := _register(request, form, draft, answers)):
            return redirect("cases:registered", case.shown_reference)
    context = {
        "draft": draft,
        "sections": [(section, page_url(draft, section.page)) for section in sections(answers)],
        "hindrances": [(hindrance, page_url(draft, hindrance.page)) for hindrance in answers.hindrances],
        "viewers": list(_viewers(request, answers)),
        "is_child": answers.is_child,
        "is_notification": answers.is_notification,
    }
    return render_form(request, "cases/registration/check.html", form, context)


def registered(request: Request, reference: str) -> HttpResponse:
    """The reference, what happens next, and the clocks that have started."""
    access = get_case(request.actor, reference)
    deadlines = [(deadline, _clock_name(deadline)) for deadline in open_deadlines(access)]
    context = {"case": access.case, "deadlines": deadlines}
    return render(request, "cases/registration/registered.html", context)


def _clock_name(deadline: Deadline) -> str:
    return active().rule_version(deadline.rule, deadline.rule_version).name.label()


def _task(draft: Draft, answers: Answers, name: str) -> Task:
    state = answers.state(name)
    status, colour = STATES[state]
    url = "" if state is State.LATER else page_url(draft, name)
    hint = _("First say whether the person is an adult or a child.") if state is State.LATER else ""
    return Task(label=spec_of(name).title, status=status, colour=colour, url=url, hint=hint)


def _register(request: Request, form: NrmForm, draft: Draft, answers: Answers) -> Any:
    return submit(form, register_presumed_victim, request.actor, registration=answers.registration(), draft=draft)


def _viewers(request: Request, answers: Answers) -> Iterator[Viewer]:
    """Who may see the case once it is registered."""
    yield Viewer(
        who=request.actor.organisation_name,
        what=_("All of it: you, colleagues who are assigned, intake and supervisors. Nobody else."),
    )
    if answers.is_child:
        given = policies.offered("child_protection")
        offered = [str(category.label) for category in SHAREABLE if category in given]
        yield Viewer(who=_("Child protection of the region"), what=", ".join(offered))


urlpatterns = [
    path("register/", start, name="register"),
    path("register/done/<str:reference>/", registered, name="registered"),
    path("register/<uuid:pk>/", tasks, name="draft"),
    path("register/<uuid:pk>/check/", check, name="draft_check"),
]
