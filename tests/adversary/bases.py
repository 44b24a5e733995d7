"""Rule 21: a legal basis is checked, not chosen, and a recorded refusal bars every chosen one."""

from tests.adversary.state import Case, Share
from tests.adversary.words import ANY, GROUNDS, OVERRIDES, TOWARDS, TYPES, Basis


def matching_consent(case: Case, purpose: int, receiver: int, categories: int) -> int:
    """The number of the newest consent in force that covers this; 0 is none."""
    for answer in reversed(case.consents.values()):
        if answer.is_refusal or answer.is_withdrawn or answer.until <= case.now or answer.purpose != purpose:
            continue
        if answer.receiver in (ANY, receiver) and not categories & ~answer.categories:
            return answer.number
    return 0


def is_refused(case: Case, purpose: int, receiver: int) -> bool:
    """Whether the person's last answer for the purpose or the receiver, whoever recorded it, is no."""
    for answer in reversed(case.consents.values()):
        if answer.is_refusal:
            is_to_them = answer.purpose >= 0 and TYPES[receiver] in TOWARDS[answer.purpose]
            if answer.receiver == receiver or (answer.receiver == ANY and (answer.purpose == purpose or is_to_them)):
                return True
        elif answer.purpose == purpose and answer.receiver in (ANY, receiver) and not answer.is_withdrawn:
            return False
    return False


def may_rest_on(case: Case, share: Share) -> bool:
    """Whether a share's basis holds now, between these two, for this purpose, these categories and this age."""
    basis = share.basis
    is_refusal_in_the_way = is_refused(case, share.purpose, share.receiver)
    if is_refusal_in_the_way and basis not in OVERRIDES:
        return case.faults.refusal_is_passed_by and basis != Basis.CONSENT and _is_in_table(case, share)
    if basis == Basis.CONSENT:
        return bool(matching_consent(case, share.purpose, share.receiver, share.categories))
    if basis in OVERRIDES:
        return basis != Basis.BEST_INTERESTS or case.is_child
    return _is_in_table(case, share)


def _is_in_table(case: Case, share: Share) -> bool:
    giver, receiver = TYPES[share.giver], TYPES[share.receiver]
    return any(
        line.basis == share.basis
        and line.provision == share.provision
        and giver in line.givers
        and receiver in line.receivers
        and share.purpose in line.purposes
        and not share.categories & ~line.categories
        and (case.is_child or not line.is_for_children)
        for line in GROUNDS
    )
