"""Safe contact: per channel whether it is safe to call, to text, to write. Unsafe until somebody says otherwise."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final

from django.utils.translation import gettext_lazy as _

from cases.forms.fields import CodeChecks, CodeRadio
from cases.forms.questions import LanguageQuestions
from core.answers import Answer
from core.forms import CheckboxesField, NrmForm, Text, TextArea
from profiles import codes

NONE: Final = "none"
# Answers about immediate danger by which nobody says that there is one.
NO_DANGER: Final = frozenset({"none", "unknown", "withheld"})
SAFE: Final = "safe"
ACTS: Final = {
    "call": _("Is it safe to call?"),
    "text": _("Is it safe to send a text?"),
    "write": _("Is it safe to write?"),
}
LEFT_TO_RIGHT: Final = frozenset({"mobile", "landline", "messaging", "email"})


def channels() -> dict[str, list[str]]:
    """Each channel with what one can do on it."""
    return {code.code: [act for act in ACTS if code.extra.get(act)] for code in codes.get("contact_channel")}


class ContactQuestions(NrmForm):
    """How the person can be reached without danger. The one block of questions that must be answered."""

    reach = CheckboxesField(
        choices=(),
        label=_("How can the person be reached?"),
        help_text=_("Choose every way that you know of, safe or not: a way that is marked unsafe protects the person."),
        error_messages={"required": _("Choose how the person can be reached, or that no way is known.")},
    )
    times = Text(required=False, label=_("When is it safe?"), help_text=_("Days and times"))
    code_word = Text(required=False, label=_("Code word"), help_text=_("To be sure that it is the person who answers"))
    device_seen_by = Text(required=False, label=_("Who else sees the phone, mail or post?"))
    go_through = Text(
        required=False, label=_("Whom to go through"), help_text=_("When the person must not be contacted directly")
    )
    answerable: ClassVar[tuple[str, ...]] = ("times", "device_seen_by")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reach = self.fields["reach"]
        reach.choices = [*codes.get("contact_channel").choices(), (NONE, _("There is no way yet")), *Answer.choices]  # type: ignore[attr-defined]
        reach.exclusive = reach.widget.apart = [NONE, *Answer.values]  # type: ignore[attr-defined]
        names = list(self.fields)
        place = names.index("reach") + 1
        for channel, acts in channels().items():
            self._add_channel(channel, acts)
        self.order_fields([*names[:place], *(name for name in self.fields if name not in names), *names[place:]])

    def condition_of(self, name: str) -> tuple[str, str] | None:
        """What belongs to a channel is asked when the channel was chosen."""
        channel = getattr(self.fields[name], "channel", "")
        return (self["reach"].html_name, channel) if channel else super().condition_of(name)

    def clean(self) -> dict[str, Any]:
        """Every chosen channel needs an answer to each of its safety questions; “not known” is one."""
        cleaned = super().clean()
        for channel, acts in channels().items():
            for act in acts if channel in cleaned.get("reach", []) else []:
                name = f"{channel}_{act}"
                if not cleaned.get(name) and name not in self.errors:
                    self.add_error(name, _("Choose whether it is safe. Choose “Not known” when nobody asked."))
        return cleaned

    def chosen_channels(self) -> Iterator[dict[str, str]]:
        """The channels of a valid form: kind, value, and what is safe on it."""
        for channel, acts in channels().items():
            if channel in self.cleaned_data.get("reach", []):
                safety = {act: self.cleaned_data[f"{channel}_{act}"] for act in acts}
                yield {"channel": channel, "value": self.cleaned_data.get(f"{channel}_value", ""), **safety}

    def has_safe_channel(self) -> bool:
        """True when something is safe on some channel."""
        return any(SAFE in (channel.get(act) for act in ACTS) for channel in self.chosen_channels())

    def _add_channel(self, channel: str, acts: list[str]) -> None:
        name = codes.get("contact_channel").label(channel)
        value: Text = TextArea(required=False, rows=3, max_length=500) if channel == "post" else Text(required=False)
        value.label = _("%(channel)s: number, address or name") % {"channel": name}
        value.widget.attrs["dir"] = "ltr" if channel in LEFT_TO_RIGHT else "auto"
        self._add(f"{channel}_value", value, channel)
        for act in acts:
            question = CodeRadio("contact_safety", answers=False, required=False)
            question.choices = codes.get("contact_safety").choices()
            question.label = _("%(channel)s: %(question)s") % {"channel": name, "question": ACTS[act]}
            self._add(f"{channel}_{act}", question, channel)

    def _add(self, name: str, field: Any, channel: str) -> None:
        field.channel = channel
        self.fields[name] = field


class ContactAndLanguage(LanguageQuestions, ContactQuestions):
    """Safe contact, then language and interpreter."""


class DangerQuestions(NrmForm):
    """Immediate danger: asked before everything else (``domain.md`` 3.1)."""

    danger = CodeChecks("danger", exclusive=["none"], required=False, label=_("Is the person in danger now?"))
    danger_note = Text(required=False, label=_("What should others know about the danger?"))


def flattened(content: Mapping[str, Any]) -> dict[str, Any]:
    """Sealed content with ``channels`` as the single questions of the form."""
    values = {key: value for key, value in content.items() if key != "channels"}
    for channel in content.get("channels", []):
        kind = channel["channel"]
        values |= {f"{kind}_{key}": value for key, value in channel.items() if key != "channel"}
    return values
