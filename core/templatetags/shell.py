"""The head and foot of every page: brand, who works for whom, navigation, language."""

from typing import Any, Final

from django import template
from django.conf import settings
from django.template.context import Context
from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language, get_language_info

register = template.Library()

KINDS: Final = {"success": "success", "error": "error", "warning": "info", "info": "info", "debug": "info", "": "info"}


@register.filter
def message_kind(level: str) -> str:
    """The kind of banner for a level of Django's messages."""
    return KINDS[level]


@register.inclusion_tag("ui/page_header.html", takes_context=True)
def page_header(context: Context) -> dict[str, Any]:
    """Brand, active organisation, *Hide*, sign-out, and the ``navigation`` that a context processor gives."""
    request = context.get("request")
    actor = getattr(request, "actor", None)
    user = getattr(request, "user", None)
    return {
        "actor": actor if actor is not None and actor.organisation_id else None,
        "is_signed_in": user is not None and user.is_authenticated,
        "navigation": context.get("navigation") or [],
        "may_switch": context.get("may_switch_organisation", False),
        "waiting_elsewhere": context.get("waiting_elsewhere", 0),
        "is_demo": context.get("is_demo", False),
        "home_url": _address("home"),
        "switch_url": _address("accounts:active_organisation"),
        "account_url": _address("accounts:account"),
        "sign_out_url": _address("account_logout"),
        "hide_url": _address("hide"),
        "here": request.get_full_path() if request else "/",
        "csrf_token": context.get("csrf_token"),
    }


@register.inclusion_tag("ui/page_footer.html", takes_context=True)
def page_footer(context: Context) -> dict[str, Any]:
    """Language, after a POST of the page's own address; who may see and do what; which deadlines hold."""
    request = context.get("request")
    # A request that was refused before sign-in was looked at has no user: its error page has a foot all the same.
    user = getattr(request, "user", None)
    return {
        "languages": [(code, get_language_info(code)["name_local"]) for code, _name in settings.LANGUAGES],
        "current": get_language() or settings.LANGUAGE_CODE,
        "next_url": request.get_full_path() if request else "/",
        "csrf_token": context.get("csrf_token"),
        "rights_url": _address("rights") if user is not None and user.is_authenticated else "",
        "country_url": _address("cases:country") if user is not None and user.is_authenticated else "",
    }


def _address(name: str) -> str:
    """The address of a page of an upper app; the start page where that page is not part of this site."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return "/"
