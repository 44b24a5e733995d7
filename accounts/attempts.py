"""How often a password may be tried: counted in the one store that all web processes share (``CACHES``).

Who guesses from afar does not lock anybody out: a browser in which the person has signed in before is counted for
itself. Elsewhere an account is guessed slowly from one address, and not much faster from many. Many people share the
address of an office: what they mistype among them closes it only far above what mistyping explains.
"""

from typing import Final
from uuid import uuid4

from allauth.core.internal import ratelimit
from allauth.core.internal.ratelimit import RateLimitUsage
from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac
from django.utils.translation import ngettext

# Failed sign-ins, of django-allauth's form: how many, in how long, per what.
KNOWN_DEVICE: Final = "10/10m/key"
ACCOUNT_FROM_ADDRESS: Final = "5/5m/key"
ACCOUNT: Final = "50/1h/key"
ADDRESS: Final = "100/10m/ip"
APP: Final = "accounts"
COOKIE: Final = "device"
SALT: Final = "accounts.device"
REMEMBERED_SECONDS: Final = 365 * 24 * 3600
# A computer of a desk is used by several.
MOST_ACCOUNTS: Final = 10


def take(request: HttpRequest, email: str) -> RateLimitUsage:
    """Count one attempt; what it returns is given back when the password is right.

    Raises ``ValidationError`` with the time to wait when there were too many.
    """
    taken = RateLimitUsage(usage=[])
    for rate, key in _limits(request, email):
        used = ratelimit.consume(request, app=APP, action="sign_in", config={"sign_in": rate}, key=key)
        if used is None:
            taken.rollback()
            raise ValidationError(_wait(rate), code="too_many_login_attempts")
        taken.usage += used.usage
    return taken


def forget(request: HttpRequest, email: str) -> None:
    """Nothing counts any more against an account whose owner has chosen a new password by mail."""
    for rate, key in _limits(request, email):
        if rate != ADDRESS:
            ratelimit.clear(request, app=APP, action="sign_in", config={"sign_in": rate}, key=key)


def remember_device(request: HttpRequest, response: HttpResponse, email: str) -> None:
    """Mark the browser as one in which this account has signed in; the mark names nobody."""
    device, *earlier = _remembered(request) or [uuid4().hex]
    marks = [one for one in earlier if one != _mark(email)][: MOST_ACCOUNTS - 1]
    response.set_cookie(
        COOKIE,
        signing.dumps([device, _mark(email), *marks], salt=SALT),
        max_age=REMEMBERED_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )


def _limits(request: HttpRequest, email: str) -> list[tuple[str, str]]:
    account = email.strip().lower()
    device, *marks = _remembered(request) or [""]
    if _mark(account) in marks:
        # By the device, which stays: who signs in beside a colleague's account gets no new guesses at it by that.
        return [(KNOWN_DEVICE, f"device {device} {account}")]
    address = ratelimit.get_ip(request)
    return [(ADDRESS, ""), (ACCOUNT_FROM_ADDRESS, f"{address} {account}"), (ACCOUNT, account)]


def _remembered(request: HttpRequest) -> list[str]:
    """The device, and the marks of the accounts that have signed in there; empty where we remember none."""
    try:
        found = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=REMEMBERED_SECONDS)
    except signing.BadSignature:
        return []
    return [str(one) for one in found]


def _mark(email: str) -> str:
    return salted_hmac(SALT, email.strip().lower(), algorithm="sha256").hexdigest()[:20]


def _wait(rate: str) -> str:
    minutes = round(ratelimit.parse_rate(rate).duration / 60)
    return ngettext(
        "Too many failed sign-ins. Wait %(minutes)d minute, then try again.",
        "Too many failed sign-ins. Wait %(minutes)d minutes, then try again.",
        minutes,
    ) % {"minutes": minutes}
