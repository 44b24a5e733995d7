"""The review of what a party sees by office: a supervisor of the organisation that shares looks at it (rule 2a)."""

from django.utils.translation import gettext as _

from accounts.actors import Actor
from audit import trail
from cases import policies
from cases.access import get_share, relock
from cases.enums import Category
from cases.knowledge import STATUTORY
from cases.models import Share
from cases.operations import share_clocks
from cases.operations.sharing import Stage, require_given, stage
from cases.policies import CaseAccess
from core.errors import Conflict


def review_share(actor: Actor, *, access: CaseAccess, share: Share) -> Share:
    """Record that the share of a party by office was reviewed; the next review is due in ninety days.

    What is no longer right ends with the office: a placement, a guardianship, a request. Raises ``Conflict`` for a
    share that has ended, or that is renewed rather than reviewed.
    """
    access = relock(access)
    policies.require(actor, "review_share", access)
    stored = get_share(access, share.pk)
    require_given(actor, stored)
    if stored.office not in STATUTORY or stage(stored) is Stage.ENDED:
        raise Conflict(_("There is nothing to review here any more."))
    share_clocks.reviewed(actor, access.case, stored)
    trail.record(
        "review_share",
        actor=actor,
        case_id=access.case.pk,
        category=Category.CONSENT,
        object_kind="share",
        object_id=stored.pk,
        to=str(stored.to_organisation_id),
        office=stored.office,
    )
    return stored


def may_review(access: CaseAccess, share: Share) -> bool:
    """True when ``review_share`` will not refuse."""
    is_own = share.from_organisation_id == access.actor.organisation_id
    is_open = share.office in STATUTORY and stage(share) is not Stage.ENDED
    return is_own and is_open and policies.may(access.actor, "review_share", access)
