"""A mistake in the data files: every message names the file, the entry and the field."""

from collections.abc import Sequence

from django.core.exceptions import ImproperlyConfigured


class DataError(ImproperlyConfigured):
    """Code lists or a country profile cannot be used; ``mistakes`` has one line for each thing to mend."""

    def __init__(self, mistakes: Sequence[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = tuple(mistakes)
