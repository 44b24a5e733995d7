"""How django-allauth behaves here: nobody signs up alone, sign-ins are recorded, and mail leaves through the outbox."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from accounts import attempts, mail
from accounts.actors import Actor, load_actor
from accounts.models import User
from audit import trail


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """One comes by invitation."""
        return False

    def login(self, request: HttpRequest, user: Any) -> None:
        """Sign in and record it."""
        super().login(request, user)
        actor = load_actor(user, request.session)
        trail.record("signed_in", actor=actor, object_kind="user", object_id=actor.user_id)

    def logout(self, request: Any) -> None:
        """Record it and sign out."""
        if request.actor.is_signed_in:
            trail.record("signed_out", actor=request.actor, object_kind="user", object_id=request.actor.user_id)
        super().logout(request)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count the attempt, as ``accounts.attempts`` counts."""
        self._login_failed_rl_usage = attempts.take(request, str(credentials.get("email", "")))

    def _delete_login_attempts_cached_email(self, request: HttpRequest, **credentials: Any) -> None:
        attempts.forget(request, str(credentials.get("email", "")))

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Record that it failed, and for whom when there is such a person; never what was typed."""
        email = str(credentials.get("email", "")).strip().lower()
        known = User.objects.filter(email=email).values_list("pk", flat=True).first()
        trail.record("sign_in_failed", actor=Actor.nobody(), object_kind="user", object_id=known)

    def post_login(self, request: HttpRequest, user: Any, **options: Any) -> HttpResponse:
        """The screens speak the person's language from here on."""
        response: HttpResponse = super().post_login(request, user, **options)
        attempts.remember_device(request, response, user.email)
        return remember_language(response, user.language)

    def send_password_reset_mail(self, user: Any, email: str, context: dict[str, Any]) -> None:
        """By the outbox: the link is made when the mail is sent, to the address that the person signs in with."""
        mail.post_password_reset(user)


def remember_language(response: HttpResponse, language: str) -> HttpResponse:
    """The cookie that Django's own language switch sets."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )
    return response
