"""The case page: clocks, what to do next, who is involved; the timeline; working label; closing and reopening."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.http import Request
from accounts.models import Organisation
from audit.kinds import KINDS
from audit.models import AuditChange
from cases import access as door
from cases import policies
from cases.corrections import corrected_categories
from cases.enums import CaseState, Category, Office
from cases.forms.choosers import as_uuid
from cases.forms.work import CloseForm, LabelForm, RegionForm, ReopenForm
from cases.masking import NOT_CHOSEN, ShownOrganisation, named
from cases.models import Share
from cases.operations import asking, emergency, placement
from cases.operations.closing import close_case, reopen_case
from cases.operations.labels import set_label, version_of
from cases.operations.members import INTERNAL
from cases.operations.region import change_region
from cases.operations.sharing import is_live
from cases.policies import CaseAccess
from cases.views.next import actions, clock_cards, ongoing_periods, still_clocks
from cases.views.shared import case_context, posted
from core.forms import render_form, submit
from core.ui import Viewer
from profiles import codes

PAGE: Final = 50


def overview(request: Request, reference: str) -> HttpResponse:
    """What the case asks of the reader now."""
    access = door.get_case(request.actor, reference)
    shares = door.shares(access)
    clocks = clock_cards(access, shares)
    return render(
        request,
        "cases/overview.html",
        {
            **case_context(access, tab="overview", has_numbers=True),
            "corrected": [
                (one.label, reverse("cases:category", args=[reference, one])) for one in corrected_categories(access)
            ],
            "clocks": [one for one in clocks if one.is_own],
            "others": [one for one in clocks if not one.is_own],
            "still": still_clocks(access),
            "ongoing": ongoing_periods(access),
            "actions": actions(access),
            "viewers": viewers_of_own(access, shares),
            "parties": parties(access, shares),
            "members": door.assigned_members(access),
            "may_label": policies.may(request.actor, "set_label", access),
            "is_closed": access.case.state == CaseState.CLOSED,
            "outcome": codes.get("closing_outcome").label(access.case.closing_outcome),
        },
    )


def timeline(request: Request, reference: str) -> HttpResponse:
    """What happened, newest first, as far as the organisation may know."""
    access = door.get_case(request.actor, reference)
    key = as_uuid(request.GET.get("before"))
    changes = door.timeline(access, PAGE + 1, door.get_change(access, key) if key else None)
    names = _organisations(changes)
    context = {
        **case_context(access, tab="timeline"),
        "events": [_event(access, change, names) for change in changes[:PAGE]],
        "older_url": f"?before={changes[PAGE - 1].pk}" if len(changes) > PAGE else "",
    }
    return render(request, "cases/timeline.html", context)


def label(request: Request, reference: str) -> HttpResponse:
    """The own organisation's working label."""
    access = door.get_case(request.actor, reference)
    policies.require(request.actor, "set_label", access)
    shown = door.label_of(access)
    form = LabelForm(posted(request), initial={"label": shown, "version": version_of(shown)})
    if request.method == "POST" and submit(form, set_label, request.actor, access=access):
        messages.success(request, _("Working label saved."))
        return redirect("cases:case", reference)
    return render_form(request, "cases/label.html", form, case_context(access, tab="overview"))


def region(request: Request, reference: str) -> HttpResponse:
    """Record that the person has moved to another region, after saying what follows it."""
    access = door.get_case(request.actor, reference)
    policies.require(request.actor, "change_region", access)
    form = RegionForm(posted(request), initial={"region": access.case.region})
    if request.method == "POST" and submit(form, change_region, request.actor, access=access):
        messages.success(request, _("The region is changed. Clocks count by its working days."))
        return redirect("cases:case", reference)
    return render_form(request, "cases/region.html", form, case_context(access, tab="overview"))


def close(request: Request, reference: str) -> HttpResponse:
    """Close the case, after saying what that ends."""
    access = door.get_case(request.actor, reference)
    policies.require(request.actor, "close_case", access)
    form = CloseForm(posted(request))
    if request.method == "POST" and submit(form, close_case, request.actor, access=access):
        messages.success(request, _("The case is closed."))
        return redirect("cases:case", reference)
    return render_form(request, "cases/close.html", form, case_context(access, tab="overview"))


def reopen(request: Request, reference: str) -> HttpResponse:
    """Reopen a closed case, after saying what comes back; a case that is not closed has its page."""
    access = door.get_case(request.actor, reference)
    policies.require(request.actor, "reopen_case", access)
    if request.method != "POST" and access.case.state != CaseState.CLOSED:
        return redirect("cases:case", reference)
    form = ReopenForm(posted(request))
    if request.method == "POST" and submit(form, reopen_case, request.actor, access=access):
        messages.success(request, _("The case is open again. Share anew what is needed."))
        return redirect("cases:case", reference)
    context = {**case_context(access, tab="overview"), "has_nobody": not door.assigned_members(access)}
    return render_form(request, "cases/reopen.html", form, context)


# -- who is involved -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Party:
    """An organisation that is involved, as far as the reader's organisation may know."""

    name: str
    kind: str
    why: str


def viewers_of_own(access: CaseAccess, shares: Sequence[Share]) -> list[Viewer]:
    """Who sees what of the own rows, and until when."""
    names = codes.get("category")
    return [
        Viewer(
            who=access.names.receiver(share).name, what=", ".join(names.labels(share.categories)), until=share.ends_on
        )
        for share in shares
        if is_live(share) and share.from_organisation_id == access.actor.organisation_id
    ]


def parties(access: CaseAccess, shares: Sequence[Share]) -> list[Party]:
    """The lead, who registered, and everybody that shares with the own organisation or is shared with."""
    found: dict[ShownOrganisation, list[str]] = {access.lead: [_("Leads the case")]}
    registrar = access.names.of(access.case.registered_by)
    found.setdefault(registrar, []).append(_("Registered the case"))
    for share in shares:
        if is_live(share):
            is_given = share.from_organisation_id == access.actor.organisation_id
            why = _("Sees rows of your organisation") if is_given else _("Shares rows with your organisation")
            reasons = found.setdefault(access.names.other_side(share), [])
            reasons += [why] if why not in reasons else []
    kinds = codes.get("organisation_kind")
    return [Party(one.name, kinds.label(one.kind), ", ".join(reasons)) for one, reasons in found.items()]


# -- timeline --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Event:
    """One change in words."""

    at: datetime
    title: Promise | str
    by: str
    category: Promise | str
    towards: str


def _event(access: CaseAccess, change: AuditChange, names: Mapping[UUID | None, Organisation]) -> Event:
    doer = names.get(change.organisation_id)
    organisation = access.names.of(doer).name if doer else _("The system")
    is_own = change.organisation_id == access.actor.organisation_id
    by = _("%(person)s, %(organisation)s") % {"person": change.actor_label, "organisation": organisation}
    who = by if is_own and change.actor_label else organisation
    towards = names.get(_receiver(change)) if is_own else None
    return Event(change.at, KINDS[change.kind], who, _category(change), _towards(access, change, towards))


def _receiver(change: AuditChange) -> UUID | None:
    """With whom something was shared, where the change is about that."""
    return as_uuid(change.detail.get("to"))


def _towards(access: CaseAccess, change: AuditChange, receiver: Organisation | None) -> str:
    """Named where the own organisation chose it; who has a share by office was not chosen (rule 6)."""
    if receiver is None:
        return ""
    is_chosen = change.detail.get("office", Office.NONE) not in NOT_CHOSEN
    return (named(receiver) if is_chosen else access.names.of(receiver)).name


def _category(change: AuditChange) -> Promise | str:
    words = {
        INTERNAL: _("Own organisation"),
        "referral": _("Sender and receiver"),
        placement.CATEGORY: _("Where the person stays"),
        emergency.CATEGORY: _("Emergency"),
        asking.PARTIES_ONLY: _("Who asks and who is asked"),
    }
    return words.get(change.category) or Category(change.category).label


def _organisations(changes: Iterable[AuditChange]) -> dict[UUID | None, Organisation]:
    """Who did it and towards whom, by key; how each is named is judged line by line."""
    wanted = {key for change in changes for key in (change.organisation_id, _receiver(change)) if key}
    return {one.pk: one for one in Organisation.objects.filter(pk__in=wanted)}


urlpatterns = [
    path("cases/<str:reference>/", overview, name="case"),
    path("cases/<str:reference>/timeline/", timeline, name="timeline"),
    path("cases/<str:reference>/label/", label, name="label"),
    path("cases/<str:reference>/region/", region, name="region"),
    path("cases/<str:reference>/close/", close, name="close"),
    path("cases/<str:reference>/reopen/", reopen, name="reopen"),
]
