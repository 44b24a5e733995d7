"""The page that shows every component and field in each of its states; axe and the eye check it (``/styleguide/``)."""

from datetime import datetime, timedelta
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from core import clock
from core.charts import BarChart, Chart, FlowChart, StackedChart, TrendChart
from core.errors import Conflict, Refused
from core.forms import (
    CheckboxesField,
    DateField,
    NrmForm,
    PartialDateField,
    RadioField,
    SelectField,
    Text,
    TextArea,
    VersionField,
    render_form,
    submit,
)
from core.ui import COLOURS, Column, Number, SafeContact, Tab, Task, Viewer

REFERENCE: Final = "K7QF2M9XT"
LANGUAGES: Final = [
    ("ro", _("Romanian")),
    ("vi", _("Vietnamese")),
    ("ar", _("Arabic")),
    ("other", _("Another language")),
]


class SampleForm(NrmForm):
    """One field of each kind."""

    answerable = ("given_names", "birth_date")
    shown_when = {"other_language": ("language", ["other"])}

    given_names = Text(label=_("Given names"), help_text=_("As the person writes them."), width="20")
    birth_date = PartialDateField(
        label=_("Date of birth"), help_text=_("A year alone is enough. For example, 27 3 1999."), past=True
    )
    registered_on = DateField(label=_("When was the person found?"), help_text=_("For example, 27 3 2026."), past=True)
    is_in_danger = RadioField(
        label=_("Is the person in danger now?"),
        choices=[("yes", _("Yes")), ("no", _("No"))],
        answers=True,
        hints={"yes": _("Call the emergency number first.")},
    )
    means = CheckboxesField(
        label=_("What was done to the person?"),
        help_text=_("Choose all that apply."),
        choices=[("force", _("Force")), ("debt", _("Debt")), ("deceit", _("Deceit"))],
        answers=True,
    )
    language = SelectField(label=_("Language"), choices=LANGUAGES)
    other_language = Text(label=_("Which other language?"), required=False, max_length=60)
    account = TextArea(label=_("Account in own words"), required=False, help_text=_("In the language it was told in."))
    version = VersionField(required=False)


@login_not_required
def styleguide(request: HttpRequest) -> HttpResponse:
    """Every part once. Sending the form shows its errors; version 1 meets a conflict, the name “refuse” a refusal."""
    form = SampleForm(request.POST or None, initial={"version": 1})
    if request.method == "POST" and submit(form, _save_sample, None):
        messages.success(request, str(_("The sample was accepted. Nothing is stored.")))
        return redirect("styleguide")
    return render_form(request, "ui/styleguide.html", form, _context())


def _save_sample(_actor: object, *, given_names: str, version: int | None, **_rest: Any) -> None:
    if given_names == "refuse":
        raise Refused(_("An operation may refuse a field with a sentence of its own."), field="given_names")
    if version == 1:
        raise Conflict(current={"given_names": "Ana", "language": "ro"}, version=2)


def _context() -> dict[str, Any]:
    now = clock.moment()
    return {
        "now": now,
        "reference_sample": REFERENCE,
        "colours": sorted(COLOURS),
        "deadlines": _deadlines(now),
        "contact": SafeContact(
            headline=_("Do not phone or text before 20:00. Never leave a message."),
            lines=(_("Use the number of the aunt. Confirmed with the person on 18 November 2026."),),
            numbers=(
                Number(label=_("Own phone"), number="+31 6 0000 0000", safe=False, note=_("Somebody else reads it.")),
                Number(label=_("Aunt"), number="+31 6 0000 0001", safe=True),
            ),
        ),
        "tabs": [
            Tab(label=_("My work"), url="#parts", current=True, count=12),
            Tab(label=_("Overdue"), url="#forms", count=2),
            Tab(label=_("Waiting for others"), url="#charts", count=0),
        ],
        "tasks": [
            Task(label=_("Safe contact"), url="#forms", status=_("Completed")),
            Task(
                label=_("Consent"), url="#forms", status=_("In progress"), colour="blue", hint=_("Two of five answered")
            ),
            Task(label=_("Check your answers"), status=_("Cannot start yet"), colour="grey"),
        ],
        "columns": [
            Column(label=_("Case"), sort_url="#table"),
            Column(label=_("Do next")),
            Column(label=_("Due"), sort_url="#table", sorted="ascending"),
            Column(label=_("Days"), numeric=True),
        ],
        "viewers": [
            Viewer(who=_("Organisation North"), what=_("Lead: everything it wrote")),
            Viewer(who=_("Shelter East"), what=_("Identity, safe contact"), until=(now + timedelta(days=30)).date()),
        ],
        "charts": _charts(),
    }


def _deadlines(now: datetime) -> list[tuple[str, datetime]]:
    names = [_("Risk review"), _("Shelter must answer"), _("Guardian"), _("Care plan"), _("Reflection period ends")]
    return [(str(name), now + timedelta(days=days)) for name, days in zip(names, (-2, 0, 1, 4, 23), strict=True)]


def _charts() -> list[Chart]:
    months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    return [
        BarChart(
            identity="bars",
            title=_("Referrals by type of organisation"),
            message=_("Most referrals go to shelters."),
            heads=[_("Type")],
            bars=[(_("Shelter"), 128), (_("Youth care"), 64), (_("Police"), 31), (_("Health care"), 9)],
        ),
        StackedChart(
            identity="stacked",
            title=_("Referrals by region and state"),
            message=_("Two regions wait longest."),
            heads=[_("Region")],
            parts=[_("Accepted"), _("Waiting"), _("Declined")],
            rows=[(_("North"), [40, 12, 4]), (_("East"), [28, 20, 2]), (_("South"), [12, 3, 1])],
        ),
        TrendChart(
            identity="columns",
            title=_("Registrations by month"),
            message=_("Registrations rose in autumn."),
            heads=[_("Month")],
            periods=months,
            series=[(_("Registrations"), [12, 14, 9, 17, 21, 18, 16, 20, 25, 29, 31, 24])],
        ),
        TrendChart(
            identity="lines",
            title=_("Sent and answered by month"),
            message=_("Answers keep up with what is sent."),
            heads=[_("Month")],
            periods=months,
            series=[
                (_("Sent"), [12, 14, 9, 17, 21, 18, 16, 20, 25, 29, 31, 24]),
                (_("Answered"), [10, 12, 11, 15, 18, 19, 15, 18, 22, 27, 30, 24]),
            ],
        ),
        FlowChart(
            identity="flow",
            title=_("What becomes of referrals"),
            message=_("Seven in ten referrals are accepted."),
            heads=[_("Step")],
            flows=[
                (_("Sent"), _("Accepted"), 72),
                (_("Sent"), _("Declined"), 12),
                (_("Sent"), _("Waiting"), 18),
                (_("Accepted"), _("Done"), 50),
                (_("Accepted"), _("Running"), 22),
            ],
        ),
    ]
