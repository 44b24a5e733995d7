"""For which organisation a request acts (rule 23): a page, for the one it was opened for; the API, for the one named.

``standing`` is asked before anything else happens. When the organisation of the page is not the active one, nothing is
done: ``choice`` answers 409 with everything that was typed, to be sent for the one or for the other.
"""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final
from uuid import UUID, uuid4

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import ResolverMatch
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from accounts.actors import NO_KEY, Actor, actor_among, chosen_membership, live_memberships
from accounts.http import Request
from accounts.models import Membership, User
from accounts.opened_as import is_opened_by, membership_of, opened_as
from cases.views import kept
from core.api import MEMBERSHIP, problem
from core.forms import OPENED_AS, SECRETS, SEND_AS, carried

API: Final = "/api/"
# Acts of a person, whatever organisation they work for: signing in and out, language, screen lock, the own account,
# choosing the organisation, joining one. The style guide does nothing.
OF_A_PERSON: Final = frozenset(
    {
        "set_language",
        "hide",
        "locked",
        "styleguide",
        "accounts:active_organisation",
        "accounts:accept_invitation",
        "accounts:account",
        "accounts:set_pin",
        "accounts:sign_out_everywhere",
    }
)
OF_A_PERSON_TOO: Final = ("account_", "mfa_")


@dataclass(frozen=True)
class Standing:
    """Who acts. ``is_refused``: the page was opened for another organisation, or the API was not told for which one.

    ``is_switched``: the person chose just now to send the page for another organisation than the active one.
    ``given`` is the page's field, ``typed`` what it carries.
    """

    actor: Actor
    live: tuple[Membership, ...] = ()
    is_refused: bool = False
    is_switched: bool = False
    given: str = ""
    typed: MultiValueDict[str, Any] | None = None


class StandingRequest(Request):
    """A request that was judged. ``has_switched``: its view is carried out for the organisation chosen just now."""

    standing: Standing
    has_switched: bool


def standing(request: Request) -> Standing:
    """For which organisation the request acts, judged by what is stored now."""
    if not request.user.is_authenticated:
        return Standing(Actor.nobody())
    live = live_memberships(request.user)
    return _of_api(request, request.user, live) if is_api(request) else _of_page(request, request.user, live)


def is_api(request: Request) -> bool:
    return request.path.startswith(API)


def is_of_a_person(match: ResolverMatch | None) -> bool:
    """True for an act that belongs to the person and to none of their organisations."""
    name = match.view_name if match else ""
    return name in OF_A_PERSON or name.startswith(OF_A_PERSON_TOO)


def _of_api(request: Request, user: User, live: list[Membership]) -> Standing:
    """The membership that the header names; without a header the only one. The session's choice counts for nothing."""
    named = request.headers.get(MEMBERSHIP)
    if named is None and len(live) <= 1:
        return Standing(actor_among(live, user, live[0] if live else None), tuple(live))
    membership = next((one for one in live if one.pk == _uuid(named or "")), None)
    actor = actor_among(live, user, membership)
    return Standing(actor, tuple(live), is_refused=membership is None)


def _of_page(request: Request, user: User, live: list[Membership]) -> Standing:
    chosen = chosen_membership(live, request.session)
    actor = actor_among(live, user, chosen)
    if request.method != "POST":
        return _of_page_that_is_opened(request, live, actor)
    sent_as = request.POST.get(SEND_AS, "")
    given = sent_as or request.POST.get(OPENED_AS, "")
    other = membership_of(sent_as, actor.user_id, live) if sent_as else None
    if other is not None and other != chosen:
        return Standing(actor_among(live, user, other), tuple(live), is_switched=True)
    return Standing(actor, tuple(live), not is_opened_by(given, actor), given=given, typed=request.POST)


def _of_page_that_is_opened(request: Request, live: list[Membership], actor: Actor) -> Standing:
    """An address may carry on what a form began; and what was typed before a session ended may wait for its page."""
    given = request.GET.get(OPENED_AS, "")
    if given:
        return Standing(actor, tuple(live), not is_opened_by(given, actor), given=given)
    waiting = kept.waiting(request, actor.user_id)
    if waiting is None:
        return Standing(actor, tuple(live))
    given = str(waiting.typed.get(OPENED_AS, ""))
    return Standing(actor, tuple(live), not is_opened_by(given, actor), given=given, typed=waiting.typed)


def choice(request: Request, found: Standing) -> HttpResponse:
    """409. The API learns the memberships of the person; a page asks for whom to send, with everything typed."""
    if is_api(request):
        return problem(HTTPStatus.CONFLICT, _words_of_api(request), memberships=_named(found.live))
    if "X-Requested-With" in request.headers:
        return JsonResponse({}, status=HTTPStatus.CONFLICT)
    person = found.actor.user_id or NO_KEY
    ever = Membership.objects.filter(user_id=person).select_related("organisation").order_by("created_at")
    opened_for = membership_of(found.given, person, list(ever))
    typed = found.typed
    context = {
        "opened_for": opened_for.organisation.name if opened_for else "",
        "is_left": opened_for is not None and not _offered(found, opened_for),
        "is_typed": typed is not None,
        "offers": _offers(found, opened_for),
        "send_as": SEND_AS,
        "address": request.get_full_path(),
        "address_for_active": _opened_again(request, found.actor),
        # The key of the page stays: what was done with it for the organisation of the page is not done again.
        "submission_key": (typed.get("submission_key") if typed is not None else "") or str(uuid4()),
        "carried": carried(typed) if typed is not None else [],
        "has_secrets": typed is not None and bool(SECRETS & set(typed)),
    }
    return render(request, "errors/other_organisation.html", context, status=HTTPStatus.CONFLICT)


def _offers(found: Standing, opened_for: Membership | None) -> list[dict[str, Any]]:
    """The organisation of the page first, then the active one; all of the person's when it is not known which."""
    active = [one for one in found.live if one.pk == found.actor.membership_id]
    first = [one for one in found.live if opened_for and one.organisation_id == opened_for.organisation_id]
    return [
        {
            "membership": one,
            "name": one.organisation.name,
            "value": opened_as(found.actor.user_id, one.organisation_id),
            "is_active": one in active,
        }
        for one in ([*first, *active] if first else found.live)
    ]


def _opened_again(request: Request, actor: Actor) -> str:
    """The same address, opened for the active organisation."""
    query = request.GET.copy()
    query[OPENED_AS] = opened_as(actor.user_id, actor.organisation_id)
    return f"{request.path}?{query.urlencode()}"


def _offered(found: Standing, membership: Membership) -> bool:
    return any(one.organisation_id == membership.organisation_id for one in found.live)


def _words_of_api(request: Request) -> str:
    if MEMBERSHIP in request.headers:
        return _("The header “Membership” names no live membership of yours.")
    return _("You belong to several organisations. Name the membership for which you act in the header “Membership”.")


def _named(live: tuple[Membership, ...]) -> list[dict[str, str]]:
    return [{"id": str(one.pk), "organisation": one.organisation.name} for one in live]


def _uuid(given: str) -> UUID | None:
    try:
        return UUID(given)
    except ValueError:
        return None
