"""Registering in one call: the pages of the guided form as one object, checked by the same forms."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.urls import path
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actors import Actor
from accounts.api import actor_of
from cases import policies
from cases.forms.answers import Answers
from cases.forms.notification import RefusalForm
from cases.forms.pages import EXPLOITATION, PAGES
from cases.operations.drafts import Page
from cases.operations.notifications import file_anonymous_notification
from cases.operations.registration import register_presumed_victim
from core.api import Invalid, acts, carry_out, created, endpoint, errors_of, form_from_json, posted, serializer_of
from core.forms import NrmForm

REASON: Final = "refusal_reason"
NOT_ASKED: Final = frozenset({"version", "writer"})


def _request_serializer(name: str, **more: serializers.Field[Any, Any, Any, Any]) -> Any:
    pages = {
        page: serializer_of(spec.form)(many=page == EXPLOITATION, required=False, help_text=str(spec.title))
        for page, spec in PAGES.items()
    }
    return type(name, (serializers.Serializer,), {**pages, **more})


RegistrationRequest: Final = _request_serializer("RegistrationRequest")
NotificationRequest: Final = _request_serializer(
    "NotificationRequest", **{REASON: serializers.CharField(help_text="Why the person does not consent.")}
)


@acts(RegistrationRequest)
def register(request: Request) -> Response:
    """Register a presumed victim: the pages of the form by name, ``exploitation`` as a list of forms."""
    actor = actor_of(request)
    policies.require(actor, "register_presumed_victim")
    answers = _answers(actor, request.data)
    _refuse(_hindrances(answers))
    case = carry_out(NrmForm({}), register_presumed_victim, actor, registration=answers.registration())
    return created("api:case", case.shown_reference, reference=case.shown_reference)


@acts(NotificationRequest)
def notify(request: Request) -> Response:
    """Count an adult who does not consent, by the same pages and a reason. Nothing leads back to the person."""
    actor = actor_of(request)
    policies.require(actor, "file_anonymous_notification")
    data = request.data if isinstance(request.data, Mapping) else {}
    answers = _answers(actor, {name: value for name, value in data.items() if name != REASON})
    _refuse(_errors(answers))
    if not answers.is_notification:
        raise Invalid({"consent": [_("Only an adult who does not consent is counted without being registered.")]})
    form = form_from_json(RefusalForm, {name: data[name] for name in data if name == REASON})
    carry_out(form, file_anonymous_notification, actor, counted=answers.counted())
    return created("api:notify")


def _answers(actor: Actor, data: Any) -> Answers:
    """The body as the pages of a draft that is never stored; raises ``Invalid`` for what no page asks."""
    if not isinstance(data, Mapping):
        raise Invalid({"_": [_("Send one JSON object.")]})
    unknown = [str(name) for name in data if name not in PAGES]
    _refuse({name: [_("There is no such page.")] for name in unknown})
    answers = Answers(actor, {name: _page(name, given) for name, given in _parts(data)})
    for name in answers.pages:
        fields = set(answers.form(name).fields) - NOT_ASKED
        _refuse({f"{_shown(name)}.{field}": [_("There is no such field.")] for field in _typed(answers, name) - fields})
    return answers


def _parts(data: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Page by page, in the order of the form: what is asked earlier decides what is asked later."""
    for name in PAGES:
        given = data.get(name)
        if name == EXPLOITATION and given is not None:
            if not isinstance(given, list):
                raise Invalid({name: [_("Send a list.")]})
            yield from ((f"{name}:{place}", one) for place, one in enumerate(given))
        elif given is not None:
            yield name, given


def _page(name: str, given: Any) -> Page:
    try:
        typed = {field: [str(item) for item in values] for field, values in posted(given).lists()}
    except Invalid as error:
        raise Invalid({f"{_shown(name)}.{field}": said for field, said in error.errors.items()}) from None
    return Page(typed=typed, is_confirmed=True)


def _shown(name: str) -> str:
    """``exploitation:0`` as the caller knows it."""
    return name.replace(":", ".")


def _typed(answers: Answers, name: str) -> set[str]:
    return set(answers.pages[name].typed)


def _hindrances(answers: Answers) -> dict[str, list[str]]:
    """What is wrong, field by field; without that, what is missing, page by page."""
    return _errors(answers) or {one.page: [str(one.message)] for one in answers.hindrances}


def _errors(answers: Answers) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in answers.pages:
        if name.partition(":")[0] not in answers.page_names:
            found[_shown(name)] = [
                _("This is not asked for this person: a child needs no consent, an adult no guardian.")
            ]
        else:
            found |= errors_of(answers.form(name), under=_shown(name))
    return found


def _refuse(errors: Mapping[str, list[str]]) -> None:
    if errors:
        raise Invalid(errors)


urlpatterns = [
    path("cases/", endpoint(register), name="register"),
    path("notifications/", endpoint(notify), name="notify"),
]
