"""The coordinator's desk for possible doubles, and the page on which a lead answers about its own case."""

from collections.abc import Callable, Container
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.http import Request
from cases import policies
from cases.enums import DoubleState
from cases.forms.doubles import LinkAnswerForm
from cases.forms.work import ConfirmForm
from cases.masking import Names, ShownOrganisation
from cases.models import DoubleSide, PossibleDouble
from cases.operations import doubles as operations
from cases.operations.pairs import WAITING
from cases.views.shared import Tag, case_context, posted
from core.forms import render_form, submit
from core.ui import Colour, Tab

TABS: Final = {"waiting": gettext_lazy("To decide"), "settled": gettext_lazy("Settled")}
HEADS: Final = (gettext_lazy("Cases"), gettext_lazy("Score"), gettext_lazy("Organisations"), gettext_lazy("State"))
COLOURS: Final[dict[str, Colour]] = {
    DoubleState.FOUND: "blue",
    DoubleState.ASKED: "purple",
    DoubleState.LINKED: "green",
}


def desk(request: Request) -> HttpResponse:
    """Pairs of cases that may be one person: two references, a score, two organisations."""
    tab = request.GET.get("tab", "waiting")
    tab = tab if tab in TABS else "waiting"
    found = operations.desk(request.actor, is_settled=tab == "settled")
    names = Names(request.actor, [side.case_id for double in found for side in double.sides.all()])
    context = {
        "tabs": [
            Tab(label=label, url=f"{reverse('cases:doubles')}?tab={name}", current=name == tab)
            for name, label in TABS.items()
        ],
        "heads": HEADS,
        "lines": [(double, _tag(double), _sides(double, names)) for double in found],
        "is_shortened": len(found) == operations.PAGE,
    }
    return render(request, "cases/doubles/desk.html", context)


def double(request: Request, pk: UUID) -> HttpResponse:
    """One pair, and what can be done with it."""
    found = operations.get_double(request.actor, pk)
    context = {
        **_pair(request, found),
        "may_ask": found.state in operations.ASKABLE,
        "may_keep_apart": found.state in WAITING,
    }
    return render(request, "cases/doubles/double.html", context)


def ask(request: Request, pk: UUID) -> HttpResponse:
    """Ask both organisations."""
    done = _("Both organisations were asked.")
    return _act(request, pk, operations.ASKABLE, operations.ask_to_link, "cases/doubles/ask.html", done)


def keep_apart(request: Request, pk: UUID) -> HttpResponse:
    """Keep the two cases apart."""
    done = _("The cases are kept apart. They will not be proposed again.")
    return _act(request, pk, WAITING, operations.keep_apart, "cases/doubles/keep_apart.html", done)


def question(request: Request, pk: UUID) -> HttpResponse:
    """May this case be linked with another? The page shows the own case and nothing of the other."""
    access, side = operations.get_question(request.actor, pk)
    policies.require(request.actor, "answer_link_question", access)
    form = LinkAnswerForm(posted(request), access=access)
    answer = operations.answer_link_question
    if request.method == "POST" and submit(form, answer, request.actor, access=access, side=side):
        messages.success(request, _("Your answer is recorded."))
        return redirect("cases:links", access.case.shown_reference)
    context = {**case_context(access, tab="people"), "side": side, "is_open": side.is_open}
    return render_form(request, "cases/doubles/question.html", form, context)


def _act(
    request: Request,
    pk: UUID,
    states: Container[str],
    operation: Callable[..., Any],
    template: str,
    done: str,
) -> HttpResponse:
    """The question for confirmation, where the state still allows the act; else the pair as it stands now."""
    found = operations.get_double(request.actor, pk)
    if request.method != "POST" and found.state not in states:
        return redirect("cases:double", pk)
    form = ConfirmForm(posted(request))
    if request.method == "POST" and submit(form, operation, request.actor, double=found):
        messages.success(request, done)
        return redirect("cases:doubles")
    return render_form(request, template, form, _pair(request, found))


def _pair(request: Request, double: PossibleDouble) -> dict[str, Any]:
    names = Names(request.actor, [side.case_id for side in double.sides.all()])
    return {"double": double, "sides": _sides(double, names), "tag": _tag(double)}


def _sides(double: PossibleDouble, names: Names) -> list[tuple[DoubleSide, ShownOrganisation]]:
    return [(side, names.of(side.organisation, side.case_id)) for side in double.sides.all()]


def _tag(double: PossibleDouble) -> Tag:
    return Tag(str(DoubleState(double.state).label), COLOURS.get(double.state, "grey"))


urlpatterns = [
    path("doubles/", desk, name="doubles"),
    path("doubles/<uuid:pk>/", double, name="double"),
    path("doubles/<uuid:pk>/ask/", ask, name="ask_to_link"),
    path("doubles/<uuid:pk>/keep-apart/", keep_apart, name="keep_apart"),
    path("link-questions/<uuid:pk>/", question, name="link_question"),
]
