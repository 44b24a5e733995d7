"""A POST with a key acts once: repeated, it gets the first answer again; with anything different it is refused.

Compared are method, address with its query, organisation and content (decision 0030). Nothing of the content is kept:
only a digest that nobody can make who has the database alone.
"""

import json
from hashlib import sha256
from http import HTTPStatus
from typing import Any, Final
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from accounts.http import Request
from accounts.models import Submission
from core import clock
from core.api import KEY, problem
from core.forms import OF_THE_PAGE, SECRETS, NrmForm, carried
from nrm.organisation_of_act import is_api, is_of_a_person

FORMS: Final = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})
DONE: Final = frozenset({HTTPStatus.FOUND, HTTPStatus.CREATED, HTTPStatus.NO_CONTENT})
# The key of a page load stands beside that of its form; a password typed once more is no other act.
NOT_COMPARED: Final = OF_THE_PAGE | SECRETS | {"writer"}


def begin(request: Request) -> HttpResponse | None:
    """The answer to a repetition; None for a request that is to be carried out, whose key is then taken.

    A second request with the same key waits here until the first has been answered.
    """
    key = key_of(request)
    if key is None or request.actor.user_id is None:
        return None
    asked = fingerprint(request, key)
    submission, is_first = _take(request.actor.user_id, key, asked)
    if is_first:
        request.submission = submission
        return None
    return repeated(submission) if submission.fingerprint == asked else refused(request, submission)


def settle(request: Request, response: HttpResponseBase) -> None:
    """Keep what was answered, so that it can be answered again; after anything but an act the key is free again."""
    submission = request.submission
    if submission is None:
        return
    location = response.headers.get("Location", "")
    if response.status_code not in DONE or (response.status_code == HTTPStatus.FOUND and not location):
        submission.delete()
        return
    submission.location, submission.status = location, response.status_code
    submission.body = getattr(response, "data", None)
    submission.save(update_fields=("location", "status", "body"))


def key_of(request: Request) -> UUID | None:
    """The key of a POST: the API's ``Idempotency-Key``, or a hidden field of the form."""
    if request.method != "POST":
        return None
    given = request.headers.get(KEY) or request.POST.get("submission_key", "")
    try:
        return UUID(given)
    except ValueError:
        return None


def fingerprint(request: Request, key: UUID) -> str:
    """What is compared, as one digest. The key is part of it: two equal forms of two people look unlike."""
    membership = "" if is_of_a_person(request.resolver_match) else str(request.actor.membership_id)
    asked = (str(key), request.method, request.get_full_path(), membership, _content(request))
    return salted_hmac("nrm.repetition", json.dumps(asked), algorithm="sha256").hexdigest()


def repeated(submission: Submission) -> HttpResponse:
    """The answer that the first request with this key got."""
    if submission.status == HTTPStatus.CREATED:
        return JsonResponse(submission.body, status=submission.status, headers={"Location": submission.location})
    if submission.status == HTTPStatus.NO_CONTENT:
        return HttpResponse(status=submission.status)
    return redirect(submission.location or reverse("home"))


def refused(request: Request, submission: Submission) -> HttpResponse:
    """422: the key belongs to something else that was done. A page keeps everything typed, to be sent as a new act."""
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    if is_api(request):
        said = _("This key was sent before, with something else. Nothing was done. Send a new key for a new act.")
        return problem(status, said, errors={KEY: [said]})
    if "X-Requested-With" in request.headers:
        return JsonResponse({}, status=status)
    context = {
        "address": request.get_full_path(),
        "first": submission.location,
        "fresh": NrmForm(),
        "carried": carried(request.POST),
        "has_secrets": bool(SECRETS & set(request.POST)),
    }
    return render(request, "errors/repeated_key.html", context, status=status)


def _take(user_id: UUID, key: UUID, asked: str) -> tuple[Submission, bool]:
    """The row of this key, and whether it is new. A key older than a day is as good as new, erased or not."""
    now = clock.moment()
    values: dict[str, Any] = {"fingerprint": asked, "created_at": now}
    submission, is_first = Submission.objects.get_or_create(user_id=user_id, key=key, defaults=values)
    if not is_first and submission.is_expired(now):
        # By what was read, not asked again: another request may have erased it meanwhile, and taken the key itself.
        Submission.objects.filter(pk=submission.pk).delete()
        return Submission.objects.get_or_create(user_id=user_id, key=key, defaults=values)
    return submission, is_first


def _content(request: Request) -> str:
    """What was sent, however it was written down: fields in any order, JSON with any spaces, files by their bytes."""
    if request.content_type in FORMS:
        fields = sorted((name, values) for name, values in request.POST.lists() if name not in NOT_COMPARED)
        files = sorted((name, one.name or "", _digest(one)) for name, many in request.FILES.lists() for one in many)
        return _digest_of([fields, files])
    try:
        sent = json.loads(request.body)
        if isinstance(sent, dict):
            sent = {name: value for name, value in sent.items() if name not in SECRETS}
        return _digest_of(sent)
    except (ValueError, RecursionError):
        return sha256(request.body).hexdigest()


def _digest_of(content: Any) -> str:
    return sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _digest(file: "UploadedFile[bytes]") -> str:
    digest = sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()
