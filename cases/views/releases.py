"""Custodians: who asks for a safe location of the own organisation, who may see one now, who has looked."""

from collections.abc import Callable, Mapping
from typing import Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _

from accounts.actors import NO_KEY
from accounts.http import Request
from accounts.models import Organisation
from audit.models import AuditLook
from cases import places, policies
from cases.enums import ReleaseStage
from cases.forms.location import APPROVE, DecideForm
from cases.forms.work import ConfirmForm
from cases.masking import Names, ShownOrganisation
from cases.models import LocationRelease
from cases.operations import releases as operations
from cases.views.shared import Tag
from core import reference
from core.forms import NrmForm, render_form, submit
from core.ui import Colour
from profiles import codes

WAITING: Final = (ReleaseStage.WAITING, ReleaseStage.HALFWAY)
COLOURS: Final[dict[str, Colour]] = {
    ReleaseStage.WAITING: "yellow",
    ReleaseStage.HALFWAY: "yellow",
    ReleaseStage.LIVE: "red",
}


def releases(request: Request) -> HttpResponse:
    """The queue, the live releases, and who looked."""
    found = places.releases(request.actor)
    looks = places.looks(request.actor)
    looking = Organisation.objects.in_bulk([one.organisation_id for one in looks if one.organisation_id])
    cases = {*(one.case_id for one in found), *(one.case_id for one in looks if one.case_id)}
    names = Names(request.actor, cases)
    stages = [(one, operations.stage(one)) for one in found]

    def standing(*wanted: ReleaseStage) -> list[tuple[LocationRelease, Tag, ShownOrganisation]]:
        return [
            (one, _tag(stage), names.of(one.person.organisation, one.case_id))
            for one, stage in stages
            if stage in wanted
        ]

    context = {
        "parts": [
            (_("Waiting for a decision"), standing(*WAITING), _("Nobody asks for a safe location.")),
            (_("May see it now"), standing(ReleaseStage.LIVE), _("Nobody has a release now.")),
            (_("Decided or ended"), standing(*set(ReleaseStage) - {*WAITING, ReleaseStage.LIVE}), ""),
        ],
        "columns": [_("Case"), _("For whom"), _("Asked"), _("Hours"), _("State")],
        "looks": [(one, _looking(one, looking, names), reference.show(one.reference), _who(one)) for one in looks],
        "look_columns": [_("When"), _("Who"), _("Organisation"), _("Case")],
    }
    return render(request, "cases/location/releases.html", context)


def release(request: Request, pk: UUID) -> HttpResponse:
    """One request: who, for what, how long; approve, refuse, or end it."""
    policies.require(request.actor, "view_location_releases")
    found = places.get_release(request.actor, pk)
    stage = operations.stage(found)
    is_live, obstacle = stage is ReleaseStage.LIVE, operations.approval_obstacle(request.actor, found)
    decide = DecideForm(_posted(request), obstacle=obstacle)
    form: NrmForm = ConfirmForm(_posted(request)) if is_live else decide
    if request.method == "POST" and _decide(request, form, found, is_live=is_live):
        messages.success(request, _("Your decision is recorded."))
        return redirect("cases:location_releases")
    context = {
        "release": found,
        "names": Names(request.actor, [found.case_id]),
        "shown_reference": reference.show(found.reference),
        "tag": _tag(stage),
        "is_live": is_live,
        "is_waiting": stage in WAITING,
        "obstacle": obstacle,
    }
    return render_form(request, "cases/location/release.html", form, context)


def _decide(request: Request, form: NrmForm, found: LocationRelease, *, is_live: bool) -> bool:
    """Nothing to choose on a live release: it is ended."""

    def decide(actor: object, *, release: LocationRelease, decision: str = "") -> LocationRelease:
        act: Callable[..., LocationRelease] = operations.revoke_location_release
        if not is_live:
            approve, refuse = operations.approve_location_release, operations.refuse_location_release
            act = approve if decision == APPROVE else refuse
        return act(actor, release=release)

    return bool(submit(form, decide, request.actor, release=found))


def _looking(look: AuditLook, organisations: Mapping[UUID, Organisation], names: Names) -> str:
    found = organisations.get(look.organisation_id or NO_KEY)
    return names.of(found, look.case_id).name if found else ""


def _who(look: AuditLook) -> str:
    """The colleague by name, somebody of another organisation by function."""
    return look.actor_label or ", ".join(codes.get("membership_role").labels(look.roles))


def _tag(stage: ReleaseStage) -> Tag:
    return Tag(str(stage.label), COLOURS.get(stage, "grey"))


def _posted(request: Request) -> object:
    return request.POST if request.method == "POST" else None


urlpatterns = [
    path("location-releases/", releases, name="location_releases"),
    path("location-releases/<uuid:pk>/", release, name="location_release"),
]
