"""The safe-contact box: what one must know before trying to reach the person."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.forms.contact import ACTS, NO_DANGER, SAFE
from cases.models import CategoryRow
from cases.policies import CaseAccess
from core.ui import Number, SafeContact, Words
from profiles import codes

WORDS: Final[Mapping[str, Promise]] = {
    "call": gettext_lazy("calling"),
    "text": gettext_lazy("text messages"),
    "write": gettext_lazy("writing"),
}
LINES: Final[Mapping[str, Promise]] = {
    "times": gettext_lazy("When: %(answer)s"),
    "code_word": gettext_lazy("Code word: %(answer)s"),
    "device_seen_by": gettext_lazy("Others who see the device: %(answer)s"),
    "go_through": gettext_lazy("Go through: %(answer)s"),
}
CALLED: Final = frozenset({"mobile", "landline"})


def safe_contact(access: CaseAccess, rows: Sequence[CategoryRow], *, has_numbers: bool) -> SafeContact:
    """What is safe, from the rows that may be read; without any: go through the lead organisation.

    Channels, code word and the rest only where one looks for them (``has_numbers``), the warning on every page.
    """
    if not rows:
        return SafeContact(headline=_without_rows(access))
    contents = [row.content for row in rows]  # type: ignore[attr-defined]
    channels = [channel for content in contents for channel in content.get("channels", [])] if has_numbers else []
    return SafeContact(
        headline=_headline(rows),
        lines=(
            *(line for row in rows for line in (_danger(row) if has_numbers else ())),
            *(line for content in contents for line in (_lines(content) if has_numbers else ())),
            *(_other(channel) for channel in channels if channel["channel"] not in CALLED),
        ),
        numbers=tuple(_number(channel) for channel in channels if channel["channel"] in CALLED),
    )


def _without_rows(access: CaseAccess) -> Words:
    if access.is_lead:
        return _("No safe way to reach this person is recorded. Do not contact this person directly.")
    return _("Do not contact this person directly. Go through %(organisation)s.") % {"organisation": access.lead.name}


def _headline(rows: Sequence[CategoryRow]) -> Words:
    if any(getattr(row, "has_safe_channel", False) for row in rows):
        return _("Contact this person only in the ways marked safe.")
    return _("No way of contact is known to be safe. Do not contact this person directly.")


def _lines(content: Mapping[str, Any]) -> Iterator[Words]:
    for name, words in LINES.items():
        if content.get(name):
            yield words % {"answer": content[name]}


def _danger(row: CategoryRow) -> Iterator[Words]:
    """The danger that somebody recorded: it stands before every way of contact."""
    content = row.content  # type: ignore[attr-defined]
    named = [code for code in content.get("danger") or [] if code not in NO_DANGER]
    if named:
        answer = ", ".join(codes.get("danger").labels(named))
        yield _("In danger: %(answer)s") % {"answer": ". ".join(filter(None, (answer, content.get("danger_note"))))}


def _number(channel: Mapping[str, str]) -> Number:
    """A telephone number: a link only where calling is safe."""
    return Number(
        label=codes.get("contact_channel").label(channel["channel"]),
        number=_value(channel),
        safe=bool(channel.get("value")) and channel.get("call") == SAFE,
        note=_note(channel),
        safe_otherwise=any(channel.get(act) == SAFE for act in ACTS if act != "call"),
    )


def _other(channel: Mapping[str, str]) -> str:
    """Mail, post, messaging, a third person: text, never a link."""
    label = codes.get("contact_channel").label(channel["channel"])
    return f"{label}: {_value(channel)} ({_note(channel)})"


def _value(channel: Mapping[str, str]) -> str:
    return channel.get("value") or _("not recorded")


def _note(channel: Mapping[str, str]) -> str:
    """“calling: not safe, text messages: not known”."""
    safety = codes.get("contact_safety")
    answers = [(WORDS[act], safety.label(channel[act])) for act in ACTS if channel.get(act)]
    return ", ".join(f"{act}: {answer.lower()}" for act, answer in answers)
