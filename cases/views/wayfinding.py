"""Finding one's way in a draft: opening it, the addresses of its pages, and which page comes next."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.http import Request
from cases.forms.answers import Answers, State
from cases.forms.contact import NO_DANGER
from cases.forms.pages import EXPLOITATION
from cases.models import Draft
from cases.operations import drafts
from core.ui import Colour

STATES: Final[Mapping[State, tuple[Promise, Colour]]] = {
    State.NOT_STARTED: (_("Not started"), "blue"),
    State.IN_PROGRESS: (_("In progress"), "teal"),
    State.DONE: (_("Done"), "green"),
    State.WRONG: (_("To correct"), "red"),
    State.LATER: (_("Cannot answer yet"), "grey"),
}


def open_draft(request: Request, pk: UUID) -> tuple[Draft, Answers]:
    """The draft, when the actor may know it, and what it says."""
    draft = drafts.get_draft(request.actor, pk)
    return draft, Answers(request.actor, drafts.pages(draft))


def page_url(draft: Draft, name: str, act: str = "") -> str:
    """The address of a page by its name in the draft."""
    kind, _colon, item = name.partition(":")
    suffix = f"_{act}" if act else ""
    if item:
        return reverse(f"cases:draft_form{suffix}", args=[draft.pk, item])
    if kind == EXPLOITATION:
        return reverse("cases:draft_exploitation", args=[draft.pk])
    return reverse(f"cases:draft_page{suffix}", args=[draft.pk, kind])


def next_url(draft: Draft, answers: Answers, name: str) -> str:
    """The page after ``name``: the list while it cannot be answered, the check after the last one."""
    names = answers.page_names
    position = names.index(name) + 1 if name in names else len(names)
    if position == len(names):
        return reverse("cases:draft_check", args=[draft.pk])
    following = names[position]
    is_blocked = answers.state(following) is State.LATER
    return reverse("cases:draft", args=[draft.pk]) if is_blocked else page_url(draft, following)


def is_in_danger(answers: Answers) -> bool:
    """True when somebody said that the person is in danger now."""
    return bool(set(answers.cleaned("danger").get("danger") or []) - NO_DANGER)
