"""Drafts of a registration: kept page by page, as typed, sealed with a key of their own; warned about, then erased.

A draft belongs to its author's organisation: the author, intake and supervisors find it, nobody else. It lives
``drafts.erase_days`` calendar days after the day of its last save (profile) and is hidden from then on, job or no job.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from accounts.actors import Actor
from accounts.models import Notice
from audit import trail
from cases import policies
from cases.models import Draft
from cases.operations.authorship import membership_of, organisation_of
from core import clock, crypto
from core.dates import civil_day, end_of_day, start_of_day
from core.errors import Conflict, Missing
from profiles.profile import active

Typed = Mapping[str, list[str]]
ACTION: Final = "register_presumed_victim"
WARNING: Final = "draft_warning"


@dataclass(frozen=True)
class Page:
    """What was typed on one page, valid or not, and who wrote it last.

    ``writer`` is the key of the page load that saved last: its next save is no conflict with itself.
    """

    typed: dict[str, list[str]] = field(default_factory=dict)
    version: int = 0
    writer: str = ""
    is_confirmed: bool = False


# -- reading ---------------------------------------------------------------------------------------------------------


def visible(actor: Actor) -> QuerySet[Draft]:
    """Visible if, and only if, a draft of the own organisation is not yet due for erasure and it is one's own, or one
    answers for the whole organisation (intake, supervisor)."""
    drafts = Draft.objects.filter(organisation_id=organisation_of(actor), saved_at__gte=_earliest_alive())
    return drafts if actor.scope == "organisation" else drafts.filter(author_id=membership_of(actor))


def list_drafts(actor: Actor) -> list[Draft]:
    """The drafts that ``actor`` may continue, the ones to be erased soonest first."""
    return list(visible(actor).select_related("author__user").order_by("saved_at", "pk"))


def get_draft(actor: Actor, pk: UUID, *, is_locked: bool = False) -> Draft:
    """The draft, when ``actor`` may know it; raises ``Missing`` for hidden, absent and erased alike."""
    policies.require(actor, ACTION)
    rows = visible(actor)
    found = (rows.select_for_update() if is_locked else rows).filter(pk=pk).first()
    if found is None:
        raise Missing
    trail.note(owners=(found.organisation_id,))
    return found


def pages(draft: Draft) -> dict[str, Page]:
    """The pages of a draft that hold something, by name, in the order in which they were begun."""
    return {name: Page(**stored) for name, stored in draft.open().items()}


def erased_on(draft: Draft) -> date:
    """The last civil day on which the draft can be continued."""
    return _last_saved_on(draft) + timedelta(days=active().drafts.erase_days)


def is_warned_about(draft: Draft) -> bool:
    """True from ``drafts.warn_days`` calendar days after the last save."""
    warned_on = _last_saved_on(draft) + timedelta(days=active().drafts.warn_days)
    return clock.today(active().zone) >= warned_on


# -- writing ---------------------------------------------------------------------------------------------------------


def start_draft(actor: Actor) -> Draft:
    """An empty draft of the actor's organisation with a fresh key."""
    policies.require(actor, ACTION)
    now = clock.moment()
    draft = Draft.objects.create(
        organisation_id=organisation_of(actor),
        author_id=membership_of(actor),
        started_at=now,
        saved_at=now,
        wrapped_key=crypto.wrap(crypto.new_key()),
    )
    trail.record("start_draft", actor=actor, object_kind="draft", object_id=draft.pk)
    return draft


def save_page(
    actor: Actor, *, draft_id: UUID, page: str, typed: Typed, version: int, writer: str, is_confirmed: bool
) -> Page:
    """Keep what was typed on a page, complete or not; ``is_confirmed`` when the person said that it is ready.

    Raises ``Conflict`` with both versions when somebody else saved the page since it was shown; what is stored stays.
    """
    draft = get_draft(actor, draft_id, is_locked=True)
    stored = pages(draft)
    before = stored.get(page, Page())
    if version != before.version and writer != before.writer and dict(typed) != before.typed:
        raise Conflict(current=before.typed, given=typed, version=before.version)
    is_ready = is_confirmed or (before.is_confirmed and dict(typed) == before.typed)
    after = Page(typed=dict(typed), version=before.version + 1, writer=writer, is_confirmed=is_ready)
    _store(draft, {**stored, page: after})
    if is_confirmed:
        trail.record("save_draft", actor=actor, object_kind="draft", object_id=draft.pk, page=page.partition(":")[0])
    return after


def change_pages(actor: Actor, *, draft_id: UUID, changes: Mapping[str, Typed | None]) -> None:
    """Replace what was typed on several pages at once, or take a page away (None)."""
    draft = get_draft(actor, draft_id, is_locked=True)
    stored = pages(draft)
    for page, typed in changes.items():
        if typed is None:
            stored.pop(page, None)
        elif page in stored:
            stored[page] = Page(dict(typed), stored[page].version + 1, "", stored[page].is_confirmed)
    _store(draft, stored)
    trail.record("save_draft", actor=actor, object_kind="draft", object_id=draft.pk)


def discard_draft(actor: Actor, *, draft: Draft) -> None:
    """Erase a draft for good, with its key."""
    locked = get_draft(actor, draft.pk, is_locked=True)
    erase(locked)
    trail.record("discard_draft", actor=actor, object_kind="draft", object_id=draft.pk, reason="discarded")


def erase(draft: Draft) -> None:
    """Delete the row: content and key are one row, so nothing can be opened any more. The caller audits."""
    Draft.objects.filter(pk=draft.pk).delete()


def _store(draft: Draft, stored: Mapping[str, Page]) -> None:
    draft.seal({name: asdict(page) for name, page in stored.items()})
    draft.version += 1
    draft.saved_at = clock.moment()
    draft.warned_at = None
    draft.save(update_fields=("sealed", "version", "saved_at", "warned_at"))


# -- the nightly job, as role nrm_worker -----------------------------------------------------------------------------


@transaction.atomic
def erase_expired() -> int:
    """Erase drafts that nobody saved for too long; returns how many."""
    system = Actor.system()
    policies.require(system, "expire_draft")
    expired = list(_unopened().filter(saved_at__lt=_earliest_alive()).select_for_update(skip_locked=True))
    for draft in expired:
        erase(draft)
        trail.record(
            "discard_draft",
            actor=system,
            owner_organisation_id=draft.organisation_id,
            object_kind="draft",
            object_id=draft.pk,
            reason="expired",
        )
    return len(expired)


@transaction.atomic
def warn_of_erasure() -> int:
    """Tell the author, once after each save, that a draft will be erased; returns how many were told."""
    today = clock.today(active().zone)
    last_saved = today - timedelta(days=active().drafts.warn_days)
    due = _unopened().filter(
        saved_at__lt=end_of_day(last_saved, active().zone), saved_at__gte=_earliest_alive(), warned_at__isnull=True
    )
    told = list(due.select_for_update(skip_locked=True))
    for draft in told:
        draft.warned_at = clock.moment()
        draft.save(update_fields=("warned_at",))
        Notice.objects.create(**_warning(draft))
    return len(told)


def _unopened() -> QuerySet[Draft]:
    """Drafts without what was typed and without their key: the worker may read neither."""
    return Draft.objects.only("id", "organisation", "author", "saved_at", "warned_at")


def _warning(draft: Draft) -> dict[str, Any]:
    return {
        "membership_id": draft.author_id,
        "key": f"{draft.pk}:{erased_on(draft).isoformat()}",
        "kind": WARNING,
        "object_path": "/drafts/",
        "due_at": end_of_day(erased_on(draft), active().zone),
        "created_at": clock.moment(),
    }


def _last_saved_on(draft: Draft) -> date:
    return civil_day(draft.saved_at, active().zone)


def _earliest_alive() -> datetime:
    """A draft saved before this instant is past its last day."""
    today = clock.today(active().zone)
    return start_of_day(today - timedelta(days=active().drafts.erase_days), active().zone)
