"""What somebody typed into a page whose session had ended: kept, sealed, until the same person has signed in again.

Works without script. The ciphertext stands in the visitor's session, its key only in a cookie of the browser, so that
neither opens without the other. It is kept only when the page was made for somebody (``writer`` is signed, one day
valid), shown only to that person, only on that page, only for the organisation that the page was opened for, and never
stored by a GET: the person sees it and saves it.
"""

from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from cryptography.exceptions import InvalidTag
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.datastructures import MultiValueDict

from accounts.actors import Actor
from accounts.opened_as import is_opened_by
from core import crypto
from core.forms import OF_THE_PAGE, OPENED_AS, SECRETS

SESSION: Final = "kept"
COOKIE: Final = "kept"
PATH: Final = "/register/"
LONGEST: Final = timedelta(days=1)
LARGEST: Final = 400_000
SALT: Final = "cases.kept"
# What belongs to the page and not to the person, and what nobody keeps. For which organisation it was typed is kept.
NOT_KEPT: Final = (OF_THE_PAGE - {OPENED_AS}) | SECRETS | {"hide_from"}


@dataclass(frozen=True)
class Kept:
    """The fields of the page, as typed."""

    typed: MultiValueDict[str, Any]


def new_writer(user_id: UUID | None) -> str:
    """The key of one page load, signed for the person it is made for."""
    return signing.TimestampSigner(salt=SALT).sign(f"{user_id}.{uuid4().hex}")


def keep(request: HttpRequest, place: str = PATH) -> HttpResponse:
    """Send a visitor to sign in and back to this page; what was posted waits for them. ``place``: the cookie's path."""
    return wait(request, redirect_to_login(request.get_full_path()), path=request.path, place=place)


def wait(request: HttpRequest, response: HttpResponse, *, path: str, place: str = "") -> HttpResponse:
    """Seal what was posted until the page ``path`` is opened again; the key leaves with ``response``."""
    if request.method == "POST" and _written_by(request.POST.get("writer", "")) and _size(request) <= LARGEST:
        key = crypto.new_key()
        typed = {name: values for name, values in request.POST.lists() if name not in NOT_KEPT}
        sealed = crypto.seal(key, {"typed": typed}, path)
        request.session[SESSION] = {"path": path, "sealed": b64encode(sealed).decode()}
        response.set_cookie(
            COOKIE,
            b64encode(key).decode(),
            path=place or (PATH if path.startswith(PATH) else path),
            httponly=True,
            samesite="Lax",
            secure=bool(settings.SESSION_COOKIE_SECURE),
        )
    return response


def find(request: HttpRequest, actor: Actor) -> Kept | None:
    """What this person had typed on this page, for the organisation they work for, when the session ended."""
    found = waiting(request, actor.user_id)
    return found if found and is_opened_by(str(found.typed.get(OPENED_AS, "")), actor) else None


def waiting(request: HttpRequest, user_id: UUID | None) -> Kept | None:
    """What this person had typed on this page when the session ended, for whichever organisation."""
    stored = request.session.get(SESSION)
    if not stored or stored["path"] != request.path or not request.COOKIES.get(COOKIE):
        return None
    try:
        key = b64decode(request.COOKIES[COOKIE])
        typed = crypto.open_sealed(key, b64decode(stored["sealed"]), request.path)["typed"]
    except (InvalidTag, NotBase64, ValueError):
        return None
    kept = Kept(MultiValueDict(typed))
    return kept if _written_by(str(kept.typed.get("writer", ""))) == str(user_id) else None


def forget(request: HttpRequest, response: HttpResponse, place: str = PATH) -> HttpResponse:
    """It has been saved, or somebody else has signed in."""
    if SESSION in request.session:
        del request.session[SESSION]
        response.delete_cookie(COOKIE, path=place, samesite="Lax")
    return response


def _written_by(writer: str) -> str:
    """The person a page load was signed for; empty when the signature is missing, forged or too old."""
    try:
        return signing.TimestampSigner(salt=SALT).unsign(writer, max_age=LONGEST).partition(".")[0]
    except signing.BadSignature:
        return ""


def _size(request: HttpRequest) -> int:
    return sum(len(value) for _name, values in request.POST.lists() for value in values)
