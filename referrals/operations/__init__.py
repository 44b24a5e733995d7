"""What people do with a referral: one function per verb."""

from referrals.operations.answering import accept_referral, answer_question, ask_question, decline_referral
from referrals.operations.ending import revoke_referral, write_down_all, write_down_past
from referrals.operations.sending import Preview, answer_rule, preview_referral, send_referral
from referrals.operations.suspensions import write_suspensions
from referrals.operations.terms import Terms
from referrals.operations.withdrawing import dependent_referrals, withdraw_consent
from referrals.operations.working import bring_person, complete_referral, record_step

__all__ = [
    "Preview",
    "Terms",
    "accept_referral",
    "answer_question",
    "answer_rule",
    "ask_question",
    "bring_person",
    "complete_referral",
    "decline_referral",
    "dependent_referrals",
    "preview_referral",
    "record_step",
    "revoke_referral",
    "send_referral",
    "withdraw_consent",
    "write_down_all",
    "write_down_past",
    "write_suspensions",
]
