"""The page behind the link of an invitation."""

from http import HTTPStatus

from allauth.account.adapter import get_adapter
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import access, operations
from accounts.actors import SESSION_MEMBERSHIP
from accounts.adapter import remember_language
from accounts.forms import AcceptInvitationForm, ConfirmForm
from accounts.http import Request
from accounts.models import Invitation
from accounts.views.shared import FORM, posted
from core.errors import Missing
from core.forms import NrmForm, render_form, submit


@login_not_required
@sensitive_post_parameters("password", "password_again")
@require_http_methods(FORM)
def accept(request: Request, token: str) -> HttpResponse:
    """Join: a new person chooses name and password, a known one is signed in and confirms."""
    try:
        invitation = access.invitation_for(token)
    except Missing:
        return render(request, "accounts/no_invitation.html", status=HTTPStatus.NOT_FOUND)
    standing = access.standing_of(request.actor, invitation)
    if standing in {access.SIGN_IN_FIRST, access.SOMEBODY_ELSE}:
        return render(request, "accounts/sign_in_first.html", {"standing": standing, "next": request.path})
    form = _form(request, invitation, standing)
    if request.method == "POST":
        membership = submit(form, operations.accept_invitation, request.actor, token=token)
        if membership:
            if standing == access.NEW:
                get_adapter(request).login(request, membership.user)
            request.session[SESSION_MEMBERSHIP] = str(membership.pk)
            return remember_language(redirect("home"), membership.user.language)
    context = {"invitation": invitation, "is_new": standing == access.NEW}
    return render_form(request, "accounts/accept_invitation.html", form, context)


def _form(request: Request, invitation: Invitation, standing: str) -> NrmForm:
    if standing != access.NEW:
        return ConfirmForm(posted(request))
    initial = {"language": get_language()}
    return AcceptInvitationForm(posted(request), email=invitation.email, initial=initial)
