"""Asking the giver: whoever only reads brings nobody in, but may ask the organisation that let it know the case.

The giver answers with a share of its own, checked as every share, or says that it does not share. Source:
``sharing.md`` rule 18.
"""

from collections.abc import Collection
from typing import Any, Final

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import Organisation
from audit import trail
from cases import access as door
from cases import ledger, notices, policies
from cases.access import open_rows
from cases.enums import SHAREABLE, Office, SharingAnswer
from cases.models import Share, SharingRequest
from cases.operations.proposals import check_ceiling
from cases.operations.running import membership_of, organisation_of, relock_running
from cases.operations.sharing import share
from cases.operations.sources import working_on
from cases.policies import CaseAccess
from core import clock
from core.errors import Conflict, Missing, NotAllowed, Refused
from profiles import codes

LONGEST: Final = 2_000
# Rows of the audit that the two sides see, and nobody else that knows the case.
PARTIES_ONLY: Final = "sharingrequest"


def ask_the_giver(
    actor: Actor,
    *,
    access: CaseAccess,
    through: Share,
    receiver: Organisation,
    categories: Collection[str],
    purpose: str,
    legal_basis: str,
    why: str,
) -> SharingRequest:
    """Ask whoever gave the share ``through`` to share its rows with ``receiver``: what, for whom, why, on which ground.
    Opens nothing.

    Raises ``Refused`` for a share that the own organisation does not have, a receiver that is suspended or a party to
    the question, categories above its ceiling, and without a reason. The giver's people on the case are told.
    """
    access = relock_running(access)
    policies.require(actor, "ask_the_giver", access)
    if through not in received(access):
        raise Refused(_("Choose an organisation that shares with yours."), field="through")
    giver = through.from_organisation
    _check(actor, giver, receiver, categories, purpose, legal_basis, why)
    asked = SharingRequest(
        case=access.case,
        owner_organisation_id=organisation_of(actor),
        asked_by_id=membership_of(actor),
        asked_at=clock.moment(),
        giver=giver,
        receiver=receiver,
        categories=[category for category in SHAREABLE if category in categories],
        purpose=purpose,
        legal_basis=legal_basis,
    )
    asked.seal({"why": why.strip()})
    same = SharingRequest.objects.filter(case=access.case, answer=SharingAnswer.NONE, giver=giver, receiver=receiver)
    if same.filter(owner_organisation=asked.owner_organisation_id, purpose=purpose).exists():
        raise Conflict(_("This was asked already and has not been answered yet."))
    asked.save(force_insert=True)
    _record("ask_the_giver", actor, asked)
    notices.alert_members("share_asked_for", access.case, members=working_on(access.case, {giver.pk}), key=asked.pk)
    return asked


def share_as_asked(actor: Actor, *, access: CaseAccess, request: SharingRequest, **terms: Any) -> Share:
    """Answer with a share of the own rows to the receiver that was asked for, on terms of one's own.

    Refuses what ``share`` refuses; ``Conflict`` for a request that has been answered.
    """
    access, stored = _to_answer(actor, access, request)
    made = share(actor, access=access, to=stored.receiver, **terms)
    _answer(actor, stored, SharingAnswer.SHARED)
    return made


def decline_to_share(actor: Actor, *, access: CaseAccess, request: SharingRequest) -> SharingRequest:
    """Say that the own organisation does not share as it was asked; ``Conflict`` when it has been answered."""
    _access, stored = _to_answer(actor, access, request)
    return _answer(actor, stored, SharingAnswer.DECLINED)


def received(access: CaseAccess) -> list[Share]:
    """One live share of each organisation that shares with the own one, emergencies and suspended givers left out."""
    rows = Share.objects.live().filter(
        case=access.case, to_organisation=access.actor.organisation_id, opened_at__isnull=False
    )
    chosen = rows.exclude(office=Office.BREAK_GLASS).filter(from_organisation__suspended_at__isnull=True)
    found = chosen.select_related("from_organisation").order_by("starts_at", "pk")
    return list({share.from_organisation_id: share for share in found}.values())


def requests(access: CaseAccess) -> list[SharingRequest]:
    """What the own organisation asked, and what it was asked, newest first, opened."""
    own = access.actor.organisation_id
    rows = SharingRequest.objects.filter(Q(owner_organisation=own) | Q(giver=own), case=access.case)
    related = rows.select_related("owner_organisation", "giver", "receiver", "asked_by__user")
    return open_rows(access, related.order_by("-asked_at", "pk"))


def get_request(access: CaseAccess, pk: Any) -> SharingRequest:
    """One of ``requests``; raises ``Missing`` for any other."""
    found = next((one for one in requests(access) if one.pk == pk), None)
    if found is None:
        raise Missing
    return found


def may_answer(access: CaseAccess, request: SharingRequest) -> bool:
    """True when the request waits for the own organisation and the actor may answer it."""
    is_asked = request.giver_id == access.actor.organisation_id and request.answer == SharingAnswer.NONE
    return is_asked and policies.may(access.actor, "answer_the_asker", access)


def require_asked(actor: Actor, request: SharingRequest) -> None:
    """Raise ``NotAllowed`` for whoever asked, rather than was asked."""
    if request.giver_id != actor.organisation_id:
        raise NotAllowed


# -- parts -----------------------------------------------------------------------------------------------------------


def _check(
    actor: Actor,
    giver: Organisation,
    receiver: Organisation,
    categories: Collection[str],
    purpose: str,
    legal_basis: str,
    why: str,
) -> None:
    if receiver.pk in {giver.pk, actor.organisation_id}:
        raise Refused(_("Choose an organisation that neither asks nor is asked."), field="receiver")
    if not receiver.is_active:
        raise Refused(_("This organisation is suspended and cannot receive anything."), field="receiver")
    check_ceiling(receiver, categories)
    if purpose not in codes.get("purpose"):
        raise Refused(_("Say for which purpose this is shared."), field="purpose")
    if legal_basis not in codes.get("legal_basis"):
        raise Refused(_("Say on which legal basis this is shared."), field="legal_basis")
    if not why.strip():
        raise Refused(_("Write why the other organisation needs this."), field="why")


def _to_answer(actor: Actor, access: CaseAccess, request: SharingRequest) -> tuple[CaseAccess, SharingRequest]:
    access = door.relock(access)
    policies.require(actor, "answer_the_asker", access)
    stored = get_request(access, request.pk)
    require_asked(actor, stored)
    if stored.answer != SharingAnswer.NONE:
        raise Conflict(_("This request has been answered already."))
    return access, stored


def _answer(actor: Actor, stored: SharingRequest, answer: SharingAnswer) -> SharingRequest:
    stored.answer, stored.answered_at, stored.answered_by_id = answer, clock.moment(), membership_of(actor)
    stored.save(update_fields=("answer", "answered_at", "answered_by"))
    _record("answer_the_asker", actor, stored, answer=answer.value)
    asking = {stored.owner_organisation_id}
    with_case = ledger.knowledge(stored.case)
    if with_case.knows(stored.owner_organisation_id):
        notices.alert_members(
            "share_request_answered", stored.case, members=working_on(stored.case, asking), key=stored.pk
        )
    return stored


def _record(kind: str, actor: Actor, asked: SharingRequest, **details: Any) -> None:
    """For the two sides alone."""
    trail.record(
        kind,
        actor=actor,
        case_id=asked.case_id,
        category=PARTIES_ONLY,
        object_kind="sharingrequest",
        object_id=asked.pk,
        parties=[str(asked.owner_organisation_id), str(asked.giver_id)],
        **details,
    )
    for party in (asked.owner_organisation_id, asked.giver_id):
        ledger.touch(asked.case_id, owner=party, category=PARTIES_ONLY)
