"""The REST side of the same forms and operations: JSON in, problem+json out (RFC 9457), one shape per act.

@acts(AcceptForm)
def accept(request: Request, pk: UUID) -> Response:
    form = form_from_json(AcceptForm, request.data, ...)
    carry_out(form, accept_referral, actor_of(request), referral=referral)
    return created("api:referral", pk, id=str(pk))

urlpatterns = [path("referrals/<uuid:pk>/accept/", endpoint(accept), name="accept")]
"""

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import Any, Final, NotRequired, TypeAlias, TypedDict
from uuid import UUID

from django import forms
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import Http404, JsonResponse, QueryDict
from django.http.request import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.authentication import SessionScheme
from drf_spectacular.plumbing import resolve_type_hint
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions, serializers
from rest_framework.decorators import api_view
from rest_framework.request import Request, is_form_media_type
from rest_framework.response import Response

from core.errors import Conflict, NrmError, Refused, from_integrity
from core.fields import DateField
from core.forms import NrmForm
from core.parsers import is_text

PROBLEM: Final = "application/problem+json"
# The header that makes a POST repeatable, and the one that says for which membership the caller acts.
KEY: Final = "Idempotency-Key"
MEMBERSHIP: Final = "Membership"
ROLLED_BACK: Final = frozenset({HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.INTERNAL_SERVER_ERROR})
SCALARS: Final = (str, int, float, bool, type(None))
VISIBLE: Final = ("version", "shown_at")
REFUSALS: Final = (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY)
Handler = Callable[..., Response]
Answers: TypeAlias = dict[HTTPStatus | tuple[int, str], Any]


class SignedIn(SessionScheme):  # type: ignore[no-untyped-call]
    """How the schema says that the session of the screens is asked for."""

    target_class = "core.authentication.SessionAuthentication"
    priority = 1


class NamedMembership(TypedDict):
    """A live membership of the caller, and the organisation that it is one of."""

    id: str
    organisation: str


class Problem(TypedDict):
    """RFC 9457. ``errors``: messages by field; ``current``, ``given``, ``version``: the two sides of a conflict.
    ``memberships``: those of the caller, of which the header ``Membership`` names one."""

    type: str
    title: str
    status: int
    detail: str
    errors: NotRequired[dict[str, list[str]]]
    current: NotRequired[dict[str, Any]]
    given: NotRequired[dict[str, Any]]
    version: NotRequired[int | None]
    memberships: NotRequired[list[NamedMembership]]


class Created(TypedDict):
    """Identifiers only. ``url`` is where the result can be read, as in ``Location``."""

    url: str
    id: NotRequired[str]
    reference: NotRequired[str]


class Invalid(NrmError):
    """A form with errors, as the API says it: messages by field name, ``_`` for what belongs to none."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, errors: Mapping[str, list[str]]) -> None:
        super().__init__(_("Some answers need to be mended."))
        self.errors = errors


def form_from_json(form_class: type[forms.Form], data: Any, **kwargs: Any) -> Any:
    """A bound form of the screens, from JSON: lists for several choices, ISO dates, true and false, null for nothing.

    Raises ``Invalid`` for a body that is no object, a name that the form does not know, and an object as a value.
    """
    form = form_class(posted(data), **kwargs)
    unknown = [str(name) for name in data if name not in form.fields]
    if unknown:
        raise Invalid({name: [_("There is no such field.")] for name in unknown})
    return form


def carry_out(form: forms.Form, operation: Callable[..., Any], actor: Any, /, **kwargs: Any) -> Any:
    """Run ``operation`` with what the form holds, as ``core.forms.submit`` does for a page; raises, shows nothing."""
    check(form)
    arguments = form.arguments() if isinstance(form, NrmForm) else form.cleaned_data
    try:
        with transaction.atomic():
            return operation(actor, **kwargs, **arguments)
    except Conflict as conflict:
        conflict.given = conflict.given or {name: form.cleaned_data.get(name) for name in conflict.current}
        raise
    except IntegrityError as error:
        raise from_integrity(error) from error


def check(form: forms.Form, *, under: str = "") -> None:
    """Raise ``Invalid`` with the messages of the form; ``under`` names the part of the body that it read."""
    errors = errors_of(form, under=under)
    if errors:
        raise Invalid(errors)


def errors_of(form: forms.Form, *, under: str = "") -> dict[str, list[str]]:
    """The messages of a form by field, ``_`` for what belongs to none."""
    found = {("_" if name == "__all__" else name): list(map(str, said)) for name, said in form.errors.items()}
    return {f"{under}.{name}" if under else name: said for name, said in found.items()}


def created(route: str, *args: Any, **body: Any) -> Response:
    """201 with the address of what was made. The body holds identifiers only: it is kept for repetitions."""
    address = reverse(route, args=args)
    return Response({**body, "url": address}, status=HTTPStatus.CREATED, headers={"Location": address})


# -- addresses -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Method:
    """What one method of an address does, and how the OpenAPI schema describes it."""

    name: str
    handle: Handler
    described: Mapping[str, Any]


def reads(answer: Any, *query: str) -> Callable[[Handler], Method]:
    """GET: ``answer`` is the type of the body, ``query`` the parameters that the address may carry."""
    refusals = _problems(HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)
    responses: Answers = {HTTPStatus.OK: _shape(answer), **refusals}
    parameters = [OpenApiParameter(name, OpenApiTypes.STR, OpenApiParameter.QUERY) for name in query]
    return _method("GET", request=None, responses=responses, parameters=parameters)


def acts(body: Any, *, is_told: bool = True) -> Callable[[Handler], Method]:
    """POST: a form (or a serializer made of forms) as the body; answers 201 and where the result can be read, or 204
    where nothing ``is_told``."""
    key = OpenApiParameter(
        KEY,
        OpenApiTypes.UUID,
        OpenApiParameter.HEADER,
        description="A repetition with the same key changes nothing and gets the first answer again. The same key with "
        "another address, membership or body is refused (422). A key is remembered for 24 hours.",
    )
    done: Answers = {HTTPStatus.CREATED: _shape(Created)} if is_told else {HTTPStatus.NO_CONTENT: None}
    responses: Answers = {**done, **_problems(*REFUSALS)}
    return _method("POST", request=_body(body), responses=responses, parameters=[key])


def replaces(body: Any, answer: Any) -> Callable[[Handler], Method]:
    """PUT: the whole form, with the version that was read. 204: saved, and too fast to be told more."""
    responses: Answers = {HTTPStatus.OK: _shape(answer), HTTPStatus.NO_CONTENT: None, **_problems(*REFUSALS)}
    return _method("PUT", request=_body(body), responses=responses)


def removes(handle: Handler) -> Method:
    """DELETE: nothing in the body, nothing in the answer."""
    responses: Answers = {HTTPStatus.NO_CONTENT: None, **_problems(*REFUSALS)}
    return _method("DELETE", request=None, responses=responses)(handle)


def endpoint(*methods: Method) -> Any:
    """The view of one address; another method is answered with 405."""
    by_name = {method.name: method for method in methods}

    def answer(request: Request, **kwargs: Any) -> Response:
        name = "GET" if request.method == "HEAD" else str(request.method)
        if is_form_media_type(request.content_type):
            raise exceptions.UnsupportedMediaType(request.content_type)
        _check_key(request, name)
        return by_name[name].handle(request, **kwargs)

    answer.__name__ = methods[0].handle.__name__
    answer.__doc__ = methods[0].handle.__doc__
    view: Any = api_view([*by_name, *(["HEAD"] if "GET" in by_name else [])])(answer)
    for method in methods:
        view = extend_schema(methods=[method.name], **method.described)(view)
    return view


def _check_key(request: Request, method: str) -> None:
    """Refuse a key that protects nothing: the caller would count on it. PUT and DELETE may be repeated without one."""
    key = request.headers.get(KEY)
    if key and method not in ("GET", "POST"):
        raise Invalid({KEY: [_("A key belongs to a POST. This method may be repeated without one.")]})
    try:
        UUID(key or str(UUID(int=0)))
    except ValueError:
        raise Invalid({KEY: [_("Send a UUID.")]}) from None


def _method(name: str, **described: Any) -> Callable[[Handler], Method]:
    def wrap(handle: Handler) -> Method:
        parts = [part for part in handle.__module__.split(".") if part != "api"]
        identity = "_".join((*parts, handle.__name__))
        words = {"description": handle.__doc__, "operation_id": identity, "tags": parts[:1]}
        parameters = [*described.get("parameters", ()), _membership()]
        return Method(name, handle, {**words, **described, "parameters": parameters})

    return wrap


def _membership() -> OpenApiParameter:
    """What every address takes: a person may work for several organisations, and acts for one at a time."""
    return OpenApiParameter(
        MEMBERSHIP,
        OpenApiTypes.UUID,
        OpenApiParameter.HEADER,
        description="For which of your memberships you act. Needed when you have several: without it the answer is 409 "
        "and lists them. What is chosen in the screens counts for nothing here.",
    )


def _problems(*statuses: HTTPStatus) -> Answers:
    return {(int(status), PROBLEM): _shape(Problem) for status in statuses}


def _shape(answer: Any) -> Any:
    return resolve_type_hint(answer)  # type: ignore[no-untyped-call]


def _body(body: Any) -> Any:
    return serializer_of(body) if isinstance(body, type) and issubclass(body, forms.Form) else body


# -- refusals --------------------------------------------------------------------------------------------------------


def problem(status: HTTPStatus, detail: str, *, headers: Mapping[str, str] | None = None, **extra: Any) -> JsonResponse:
    """problem+json from outside a view of the API."""
    body = {"type": "about:blank", "title": status.phrase, "status": int(status), "detail": detail, **extra}
    return JsonResponse(body, status=status, headers=headers, content_type=PROBLEM)


def exception_handler(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """problem+json for everything that is refused. What the middleware must roll back is marked on the request."""
    status, detail, extra = _said(error)
    if status is None:
        return None
    request: Request = context["request"]
    if status in ROLLED_BACK or not isinstance(error, NrmError):
        _mark(request._request)
    problem = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": int(status),
        "detail": detail,
        **extra,
    }
    challenge = getattr(error, "auth_header", None)
    headers = {"WWW-Authenticate": challenge} if challenge else None
    return Response(problem, status=status, content_type=PROBLEM, headers=headers)


def _said(error: Exception) -> tuple[HTTPStatus | None, str, dict[str, Any]]:
    match error:
        case Invalid():
            return error.status, str(error.message), {"errors": error.errors}
        case Conflict():
            return (
                error.status,
                str(error.message),
                {
                    "current": error.current,
                    "given": error.given,
                    "version": error.version,
                },
            )
        case Refused(field=str(field)):
            return error.status, str(error.message), {"errors": {field: [str(error.message)]}}
        case NrmError():
            return error.status, str(error.message), {}
        case Http404():
            return HTTPStatus.NOT_FOUND, _("Page not found"), {}
        case PermissionDenied():
            return HTTPStatus.FORBIDDEN, _("You may not do this."), {}
        case exceptions.APIException():
            return HTTPStatus(error.status_code), str(error.detail), {}
    return None, "", {}


def _mark(request: HttpRequest) -> None:
    request.has_failed = True  # type: ignore[attr-defined]


# -- forms as JSON ---------------------------------------------------------------------------------------------------


@cache
def serializer_of(form_class: type[forms.Form]) -> type[serializers.Serializer[Any]]:
    """A serializer with the fields of a form: what the OpenAPI schema shows. Validation stays with the form."""
    fields = {
        name: _described(field)
        for name, field in _fields_of(form_class).items()
        if not isinstance(field.widget, forms.HiddenInput) or name in VISIBLE
    }
    return type(f"{form_class.__name__}Request", (serializers.Serializer,), fields)


def posted(data: Any) -> QueryDict:
    """JSON as a browser would send it. Raises ``Invalid`` for what a form cannot hold."""
    if not isinstance(data, Mapping):
        raise Invalid({"_": [_("Send one JSON object.")]})
    made = QueryDict(mutable=True)
    for name, value in data.items():
        items = value if isinstance(value, list) else [value]
        if not all(_is_plain(item) for item in items):
            raise Invalid({str(name): [_("Send text, a number, true, false, null, or a list of these.")]})
        if isinstance(value, list):
            made.setlist(name, [_text(item) for item in value])
        elif value is not None:
            made[name] = _text(value)
    return made


def _is_plain(value: Any) -> bool:
    """Text, number or truth; no half of a surrogate pair, which no database can store."""
    if not isinstance(value, SCALARS):
        return False
    return is_text(value) if isinstance(value, str) else True


def _text(value: Any) -> str:
    return "true" if value is True else "" if value is False or value is None else str(value)


def _fields_of(form_class: type[forms.Form]) -> Mapping[str, forms.Field]:
    """The fields of the class, and those that its instances add where it can be made without anything at hand."""
    declared: dict[str, forms.Field] = form_class.base_fields
    needed = inspect.signature(form_class.__init__).parameters.values()
    if any(one.kind is one.KEYWORD_ONLY and one.default is one.empty for one in needed):
        return declared
    return {**declared, **form_class().fields}


def _described(field: forms.Field) -> serializers.Field[Any, Any, Any, Any]:
    given: dict[str, Any] = {"required": field.required, "help_text": field.help_text or field.label or ""}
    choices = list(dict.fromkeys(_codes(getattr(field, "choices", ()))))
    if isinstance(field.widget, forms.CheckboxSelectMultiple) or hasattr(field, "exclusive"):
        child = serializers.ChoiceField(choices) if choices else serializers.CharField()
        return serializers.ListField(child=child, **given)
    given["allow_null"] = not field.required
    if isinstance(field, forms.BooleanField):
        return serializers.BooleanField(**given)
    if isinstance(field, forms.IntegerField):
        return serializers.IntegerField(**given)
    if isinstance(field, forms.DateTimeField):
        return serializers.DateTimeField(**given)
    if type(field) is DateField:
        return serializers.DateField(**given)
    given["allow_blank"] = not field.required
    return serializers.ChoiceField(choices, **given) if choices else serializers.CharField(**given)


def _codes(choices: Any) -> Iterator[str]:
    """The codes of choices, without the empty one and without the headings that group them."""
    for code, label in choices:
        if isinstance(label, list | tuple):
            yield from _codes(label)
        elif str(code):
            yield str(code)
