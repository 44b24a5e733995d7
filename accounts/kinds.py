"""Which notices are about a clock, which the law demands, and which wait until something was done.

Read by the inbox, the daily mail and the preferences of a person. A notice about a clock has its rule as ``kind``.
"""

from typing import Final

from profiles.enums import Kind
from profiles.profile import active

STATUTORY: Final = frozenset({Kind.STATUTORY_MAXIMUM, Kind.STATUTORY_MINIMUM, Kind.LIMITATION})
# News that the rules of sharing oblige to tell (rules 4, 11, 14, 21): no preference keeps its mail back.
OBLIGED: Final = frozenset(
    {
        "break_glass",
        "confirm_override",
        "consent_withdrawn",
        "share_ended",
        "lead_missing",
        "location_asked",
        "override_consent",
        "second_factor_removed",
    }
)
# News about what a case holds, of no use to whoever may not know the case any more.
ABOUT_A_CASE: Final = frozenset({"row_added", "share_received"})
# News with a day on which somebody has to act, that waits for the act.
TASKS: Final = frozenset({"referral_question", "referral_reply"})


def about_clocks() -> frozenset[str]:
    """The rules of the profile, in every version: kinds of notices that are done when their clock has ended."""
    return frozenset(rule.code for rule in active().rules)


def that_wait() -> frozenset[str]:
    """Kinds of notices that are done by an act, not by being read."""
    return about_clocks() | TASKS


def of_the_law() -> frozenset[str]:
    """Kinds of notices about a day that a law sets, not a target of the mechanism."""
    return frozenset(rule.code for rule in active().rules if rule.kind in STATUTORY)


def always_mailed() -> frozenset[str]:
    """Kinds of notices of which a mail is sent whatever the person prefers."""
    return of_the_law() | OBLIGED
