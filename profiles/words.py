"""Words that come with the data, in English and Dutch, outside gettext."""

from dataclasses import dataclass

from django.utils.translation import get_language


@dataclass(frozen=True, slots=True)
class Words:
    """One label in both languages; shown in the active one."""

    en: str
    nl: str

    def label(self, language: str | None = None) -> str:
        """The words in ``language``, or in the active one; English for every language that is not Dutch."""
        return self.nl if (language or get_language() or "en").startswith("nl") else self.en

    def __str__(self) -> str:
        return self.label()
