"""How hard a password must be to guess: in guesses, not in kinds of letters."""

import re
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from zxcvbn import zxcvbn

# Powers of ten. Stored passwords are hashed with Argon2: this many guesses take whoever stole them years.
ENOUGH: Final = 10
# One word with digits and marks around it, as people bend a word until it is taken, is guessed unless it is long.
ONE_WORD: Final = re.compile(r"[\W\d_]*[^\W\d_]+[\W\d_]*")
ENOUGH_OF_ONE_WORD: Final = 18
# The library looks at no more, and nobody guesses that far.
LONGEST: Final = 72
# What everybody knows of this place.
KNOWN: Final = ("casework", "nrm", "referral", "mechanism", "welkom", "wachtwoord")


class GuessesValidator:
    """Refuses what stands in lists of leaked passwords, what follows a usual pattern, and what names the person."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raises ``ValidationError`` when too few guesses lead to the password."""
        named = f"{getattr(user, 'email', '')} {getattr(user, 'name', '')}".lower()
        guessed = zxcvbn(password[:LONGEST], user_inputs=[*KNOWN, *re.findall(r"\w{3,}", named)])
        wanted = ENOUGH_OF_ONE_WORD if ONE_WORD.fullmatch(password) else ENOUGH
        if guessed["guesses_log10"] < wanted:
            raise ValidationError(self.get_help_text(), code="password_guessed")

    def get_help_text(self) -> str:
        """What to do, for the form and for the error."""
        return _(
            "Choose several words that do not belong together. One word with a year or a sign behind it is guessed."
        )
