"""Which state of a referral may follow which (``domain.md`` 3.4), and in which states what else may be done."""

from collections.abc import Mapping
from typing import Final

from referrals.enums import ReferralState as S

REFERRAL: Final[Mapping[str, frozenset[str]]] = {
    S.SENT: frozenset({S.ACCEPTED, S.DECLINED, S.REVOKED, S.EXPIRED, S.ENDED}),
    S.ACCEPTED: frozenset({S.IN_PROGRESS, S.DONE, S.REVOKED, S.ENDED}),
    S.IN_PROGRESS: frozenset({S.IN_PROGRESS, S.DONE, S.REVOKED, S.ENDED}),
    S.DONE: frozenset(),
    S.DECLINED: frozenset(),
    S.REVOKED: frozenset(),
    S.EXPIRED: frozenset(),
    S.ENDED: frozenset(),
}
OPEN: Final = (S.SENT, S.ACCEPTED, S.IN_PROGRESS)
WORKED: Final = (S.ACCEPTED, S.IN_PROGRESS)

# The state that an act leads to; a question changes none, and is asked and answered while an answer is awaited.
TARGET: Final[Mapping[str, str]] = {
    "accept_referral": S.ACCEPTED,
    "decline_referral": S.DECLINED,
    "ask_question": S.SENT,
    "answer_question": S.SENT,
    "record_step": S.IN_PROGRESS,
    "bring_person": S.IN_PROGRESS,
    "complete_referral": S.DONE,
    "revoke_referral": S.REVOKED,
    "expire_referral": S.EXPIRED,
}


def is_possible(action: str, state: str) -> bool:
    """True when ``action`` may be done on a referral in ``state``."""
    target = TARGET[action]
    return state == target == S.SENT or target in REFERRAL[state]
