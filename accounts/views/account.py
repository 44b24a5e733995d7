"""One's own account: language, sessions, the organisation one works for."""

from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import access, operations
from accounts.actors import SESSION_MEMBERSHIP
from accounts.adapter import remember_language
from accounts.forms import ConfirmForm, PinForm, PreferencesForm, SwitchForm
from accounts.http import Request
from accounts.views.shared import FORM, posted
from core.forms import render_form, submit
from core.http import local_path


@require_http_methods(FORM)
def account(request: Request) -> HttpResponse:
    """Who one is here, in which language, and when it is morning."""
    form = PreferencesForm(posted(request), initial=access.preferences(request.actor))
    if request.method == "POST":
        user = submit(form, operations.choose_preferences, request.actor)
        if user:
            with override(user.language):
                messages.success(request, _("Saved."))
            return remember_language(redirect("accounts:account"), user.language)
    context = {
        "memberships": access.own_memberships(request.actor),
        "stopped": access.stopped_memberships(request.actor),
        "sessions": access.count_sessions(request.actor),
        "has_pin": access.has_pin(request.actor),
    }
    return render_form(request, "accounts/account.html", form, context)


@sensitive_post_parameters("password", "pin", "pin_again")
@require_http_methods(FORM)
def pin(request: Request) -> HttpResponse:
    """Set or change the PIN that opens a hidden screen. Passwords are tried here no faster than at a sign-in."""
    form = PinForm(posted(request))
    if request.method == "POST":
        if not ratelimit.consume(request, action="reauthenticate", user=request.user):
            form.add_error(None, _("Too many attempts. Wait a minute and try again."))
        elif submit(form, operations.set_pin, request.actor):
            messages.success(request, _("Your PIN was set. It opens a hidden screen for 15 minutes."))
            return redirect("accounts:account")
    return render_form(request, "accounts/pin.html", form)


@require_http_methods(FORM)
def sign_out(request: Request) -> HttpResponse:
    """Sign out on every device, this one included."""
    form = ConfirmForm(posted(request))
    if request.method == "POST" and submit(form, operations.sign_out_everywhere, request.actor):
        logout(request)
        messages.success(request, _("You are signed out on every device."))
        return redirect("account_login")
    return render_form(request, "accounts/sign_out_everywhere.html", form)


@require_http_methods(FORM)
def active_organisation(request: Request) -> HttpResponse:
    """Choose for which organisation one works now; then the start page, or the one that asked for it."""
    form = SwitchForm(posted(request))
    if request.method == "POST":
        membership = submit(form, operations.switch_organisation, request.actor)
        if membership:
            request.session[SESSION_MEMBERSHIP] = str(membership.pk)
            messages.success(request, _("You now work for %(name)s.") % {"name": membership.organisation.name})
            return redirect(local_path(request.POST.get("next", "/")))
    own = list(access.own_memberships(request.actor))
    context = {"memberships": own, "waiting": access.count_waiting_in(own)}
    return render_form(request, "accounts/active_organisation.html", form, context)
