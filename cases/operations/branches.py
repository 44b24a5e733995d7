"""What the lead does about those who know the case through others: end, take over, answer after a completion.

Source: ``sharing.md`` rules 18 and 19. Reading who they are stands in ``cases.tree``.
"""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.actors import Actor
from audit import trail
from cases import ledger, policies
from cases.access import relock
from cases.enums import Category, ShareLevel
from cases.models import Case, Consent, Share
from cases.operations import clocks, sources
from cases.operations.sharing import ENDED_BY_LEAD, end_shares, share
from cases.policies import CaseAccess
from cases.tree import get_line
from core.errors import Refused
from profiles.enums import Event


def end_gift(actor: Actor, *, access: CaseAccess, line: UUID) -> None:
    """End one line that hangs on the lead, whoever gave it, and everything below it, from the next request.

    ``line`` is the key of the share. Raises ``Missing`` for what does not hang on the lead, ``NotAllowed`` for legal
    aid where the lead is an authority. Giver and receiver are told, without content.
    """
    access = relock(access)
    policies.require(actor, "end_gift", access)
    found = get_line(access, line).share
    sources.check_may_end(actor, access, found)
    end_shares(actor, case=access.case, shares=[found], reason=ENDED_BY_LEAD)
    _record("end_gift", actor, found)
    sources.tell_giver(access, found)


def take_over_branch(
    actor: Actor,
    *,
    access: CaseAccess,
    line: UUID,
    categories: Collection[str],
    purpose: str,
    legal_basis: str,
    ends_on: date | None,
    provision: str = "",
    consent: Consent | None = None,
    level: str = ShareLevel.READ,
) -> Share:
    """Share with the receiver of a line that another organisation gave, on the lead's own basis: what hangs on that
    line hangs on the lead from now on, and nothing ends when its giver leaves the case (rule 18).

    Refuses what ``share`` refuses, and a line whose receiver the lead may not learn.
    """
    access = relock(access)
    policies.require(actor, "take_over_branch", access)
    found = get_line(access, line)
    if found.is_own or not found.is_named:
        raise Refused(_("This line cannot be taken over. It can be ended, or its giver can be asked."))
    hanging = ledger.knowledge(access.case).next_steps(found.share)
    made = share(
        actor,
        access=access,
        to=found.share.to_organisation,
        categories=categories,
        purpose=purpose,
        legal_basis=legal_basis,
        ends_on=ends_on,
        provision=provision,
        consent=consent,
        level=level,
    )
    ledger.hang_on(access.case, hanging, made)
    clocks.close(access.case, Event.BRANCH_ANSWERED, actor=actor, subject_id=found.share.pk)
    _record("take_over_branch", actor, made, instead_of=str(found.share.pk))
    return made


def keep_for_the_lead(actor: Actor, *, case: Case, share: Share) -> int:
    """Part of completing a referral: what hung on its share stays to be read until the lead has answered.

    Three working days at most (the rule of the profile that ``branch_kept`` starts). Called before the share ends;
    returns how many lines wait.
    """
    known = ledger.knowledge(case)
    after = known.without({share.pk})
    waiting = [one for one in known.next_steps(share) if one.pk not in after.reach]
    for one in waiting:
        started = clocks.start(case, Event.BRANCH_KEPT, actor=actor, subject_id=one.pk)
        if started:
            ledger.keep_reading(case, [one], started[0].due_at)
            _record("keep_branch", actor, one)
    sources.tell_lead(case, waiting)
    return len(waiting)


def _record(kind: str, actor: Actor, about: Share, **details: object) -> None:
    trail.record(
        kind,
        actor=actor,
        case_id=about.case_id,
        owner_organisation_id=about.from_organisation_id,
        category=Category.CONSENT,
        object_kind="share",
        object_id=about.pk,
        **details,
    )
