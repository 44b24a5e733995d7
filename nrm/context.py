"""What every page needs besides its own content: navigation that fits the actor, and whether all data is fictitious."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

import accounts.policies
import cases.policies
from accounts.actors import Actor
from accounts.opened_as import opened_as
from cases.inbox import count_waiting, waiting_elsewhere
from cases.views import kept


@dataclass(frozen=True)
class Place:
    """One entry of the navigation, shown to those who may ``open``."""

    label: Promise
    name: str
    is_open: Callable[[Actor], bool]


def _may(*actions: str) -> Callable[[Actor], bool]:
    return lambda actor: any(cases.policies.may(actor, action) for action in actions)


def _manages(action: str) -> Callable[[Actor], bool]:
    return partial(_may_manage, action)


def _may_manage(action: str, actor: Actor) -> bool:
    return accounts.policies.may(actor, action)


INBOX: Final = "cases:inbox"
PLACES: Final = (
    Place(_("My work"), "reporting:worklist", _may("view_worklist")),
    Place(_("Find a case"), "cases:search", _may("view_worklist")),
    Place(_("Register"), "cases:register", _may("register_presumed_victim")),
    Place(_("Drafts"), "cases:drafts", _may("register_presumed_victim")),
    Place(_("Referrals"), "referrals:list", _may("view_worklist")),
    Place(_("Guardians"), "cases:guardians", _may("view_guardian_queue")),
    Place(_("Safe locations"), "cases:location_releases", _may("view_location_releases")),
    Place(_("Emergencies"), "cases:emergencies", _may("view_break_glass")),
    Place(_("Inbox"), INBOX, lambda actor: actor.membership_id is not None),
    Place(_("Dashboard"), "reporting:dashboard", _may("view_national_dashboard")),
    Place(_("Team"), "cases:team", _may("reassign")),
    Place(_("Possible doubles"), "cases:doubles", _may("view_duplicate_desk")),
    Place(_("Cases without a lead"), "cases:lead_desk", _may("reassign_lead")),
    Place(_("Our figures"), "reporting:own_dashboard", _may("view_own_dashboard")),
    Place(_("Audit"), "reporting:audit_requests", _may("read_audit")),
    Place(_("Unusual use"), "reporting:audit_hints", _may("view_hints")),
    Place(_("Colleagues"), "accounts:members", _manages("view_members")),
    Place(_("Roles"), "accounts:role_grants", _manages("confirm_roles")),
    Place(_("Sharing"), "cases:own_shares", _may("view_own_shares")),
    Place(_("Against an answer"), "cases:unknown_overrides", _may("answer_unknown_override")),
    Place(_("Organisations"), "accounts:organisations", _manages("view_organisations")),
    Place(_("Operations"), "cases:operations", _manages("view_operations")),
)


def house(request: HttpRequest) -> dict[str, Any]:
    """The context processor of all pages; the error pages use it too, also for requests that reached no actor."""
    actor = getattr(request, "actor", None) or Actor.nobody()
    return {
        "is_demo": settings.NRM_MODE == "demo",
        "navigation": navigation(actor, request.path),
        "may_switch_organisation": actor.has_several_organisations,
        "waiting_elsewhere": sum(number for _membership, number in waiting_elsewhere(actor)),
        "opened_as": lambda: opened_as(actor.user_id, actor.organisation_id) if actor.is_signed_in else "",
        "writer": lambda: kept.new_writer(actor.user_id) if actor.is_signed_in else "",
    }


def navigation(actor: Actor, path: str) -> list[dict[str, Any]]:
    """The entries for ``actor``; the one that ``path`` lies under is the current one."""
    if not actor.is_signed_in:
        return []
    found: list[dict[str, Any]] = [
        {"label": place.label, "url": url, "count": count_waiting(actor) if place.name == INBOX else 0}
        for place in PLACES
        if place.is_open(actor) and (url := _address(place.name))
    ]
    under = [
        item["url"] for item in found if path == item["url"] or (item["url"] != "/" and path.startswith(item["url"]))
    ]
    nearest = max(under, key=len, default=None)
    return [{**item, "current": item["url"] == nearest} for item in found]


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
