"""What every page of a case shows: identity bar, safe contact, tabs; and the words for codes and rows.

context = case_context(access, tab="decisions")
return render(request, "cases/decisions/history.html", {**context, …})     # extends "cases/_layout.html"
"""

from dataclasses import dataclass
from typing import Any, Final

from django.contrib import messages
from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.http import Request
from cases.access import label_of, read_rows, reflection_period
from cases.enums import SHAREABLE, CaseState, Category, Identification, ReflectionState
from cases.models import Case, ReflectionPeriod
from cases.operations.reflection import state_today
from cases.policies import CaseAccess, categories, may
from cases.views import kept
from cases.views.contact import safe_contact
from core.ui import Colour, Tab
from profiles import codes
from profiles.profile import active

# The consent register has a page of its own.
FILE: Final = tuple(category for category in SHAREABLE if category is not Category.CONSENT)
OVERVIEW: Final = "overview"
CHILD_ONLY: Final = "guardian"
TABS: Final[dict[str, tuple[Promise, str]]] = {
    OVERVIEW: (gettext_lazy("Overview"), "cases:case"),
    "file": (gettext_lazy("File"), "cases:file"),
    "decisions": (gettext_lazy("Decisions"), "cases:decisions"),
    CHILD_ONLY: (gettext_lazy("Guardian"), "cases:guardian"),
    "referrals": (gettext_lazy("Referrals"), "referrals:of_case"),
    "consent": (gettext_lazy("Consent"), "cases:consent"),
    "shares": (gettext_lazy("Sharing"), "cases:shares"),
    "location": (gettext_lazy("Whereabouts"), "cases:location"),
    "people": (gettext_lazy("People"), "cases:people"),
    "timeline": (gettext_lazy("Timeline"), "cases:timeline"),
    "looks": (gettext_lazy("Who looked"), "cases:looks"),
}
IDENTIFICATION_COLOURS: Final[dict[str, Colour]] = {
    Identification.PRESUMED: "blue",
    Identification.DECLINED: "blue",
    Identification.WITHDRAWN: "blue",
    Identification.REASONABLE_GROUNDS: "teal",
    Identification.IDENTIFIED: "green",
}


@dataclass(frozen=True)
class Tag:
    """A state in words, on a colour that only supports them."""

    words: str
    colour: Colour


def case_context(access: CaseAccess, *, tab: str, has_numbers: bool = False) -> dict[str, Any]:
    """The context of ``cases/_layout.html``. ``has_numbers``: with channels and code word."""
    case = access.case
    contacts = read_rows(access, Category.CONTACT) if may_read(access, Category.CONTACT) else []
    return {
        "access": access,
        "case": case,
        "lead": access.lead,
        "label": label_of(access),
        "part": "" if tab == OVERVIEW else TABS[tab][0],
        "tabs": tabs(access, tab),
        "tags": tags(case, reflection_period(access)),
        "age_words": _("Treated as a child") if case.is_child_branch else _("Adult"),
        "language_words": codes.get("language").label(case.language) if case.language else _("Not recorded"),
        "needs_interpreter": any(getattr(row, "interpreter", "") == "yes" for row in contacts),
        "safe_contact": safe_contact(access, contacts, has_numbers=has_numbers),
    }


def posted(request: Request) -> MultiValueDict[str, Any] | None:
    """What was posted, also when that is nothing; None for a page that is only looked at.

    On a page whose session had ended while somebody typed: what was typed, and a banner that it is not saved yet.
    """
    if request.method == "POST":
        return request.POST
    waiting = kept.find(request, request.actor)
    if waiting is None:
        return None
    messages.warning(request, _("Your session had ended while you typed. This is what you typed; it is not saved yet."))
    return waiting.typed


def may_read(access: CaseAccess, category: str) -> bool:
    """True when own rows or a live share may hold something of this category."""
    return any(category in shared for shared in categories(access).values())


def tabs(access: CaseAccess, current: str) -> list[Tab]:
    """The tabs of a case; the guardian's only for a child, who looked only for whom that is to be seen."""
    case, hidden = access.case, set[str]()
    if not case.is_child_branch:
        hidden.add(CHILD_ONLY)
    if not may(access.actor, "view_own_looks", access):
        hidden.add("looks")
    return [
        Tab(label=label, url=reverse(name, args=[case.shown_reference]), current=key == current)
        for key, (label, name) in TABS.items()
        if key not in hidden
    ]


def tags(case: Case, period: ReflectionPeriod | None) -> list[Tag]:
    """The states that all see who may know the case."""
    found = [Tag(case.get_identification_display(), IDENTIFICATION_COLOURS.get(case.identification, "grey"))]
    if period is not None:
        found.append(reflection_tag(period))
    if case.is_child_branch:
        found.append(Tag(_("Child branch"), "purple"))
    if case.state != CaseState.REGISTERED:
        found.append(Tag(case.get_state_display(), "green" if case.state == CaseState.ACTIVE else "grey"))
    return found


def reflection_tag(period: ReflectionPeriod) -> Tag:
    """Where the reflection period stands today, in the country's own word for it."""
    term, state = active().term("reflection_period"), ReflectionState(state_today(period))
    words = _("%(period)s: %(state)s") % {"period": term, "state": str(state.label).lower()}
    return Tag(words, "teal" if state is ReflectionState.RUNNING else "grey")
