"""Codes of a referral in words, and its state as a tag."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases import access as cases
from cases import plain
from cases.enums import AgeGroup, Category
from cases.views.contact import safe_contact
from cases.views.shared import Tag, may_read
from core import clock, reference
from core.ui import Colour, SafeContact
from profiles import codes
from profiles.profile import active
from referrals.access import ReferralAccess
from referrals.enums import ReferralState, Urgency
from referrals.models import Referral

COLOURS: Final[Mapping[str, Colour]] = {
    ReferralState.SENT: "yellow",
    ReferralState.ACCEPTED: "teal",
    ReferralState.IN_PROGRESS: "blue",
    ReferralState.DONE: "green",
    ReferralState.DECLINED: "red",
    ReferralState.EXPIRED: "red",
}
# What stands on the card, in reading order.
CARD: Final[Mapping[str, tuple[Promise, Callable[[str], str]]]] = {
    "reference": (gettext_lazy("Reference"), reference.show),
    "service": (gettext_lazy("Service asked"), lambda code: codes.get("service").label(code)),
    "urgency": (gettext_lazy("Urgency"), lambda code: str(Urgency(code).label)),
    "region": (gettext_lazy("Region"), lambda code: region_words(code)),
    "age": (gettext_lazy("Adult or child"), lambda code: str(AgeGroup(code).label)),
    "sex": (gettext_lazy("Sex"), lambda code: codes.get("sex").label(code)),
    "language": (gettext_lazy("Language"), lambda code: codes.get("language").label(code) if code else ""),
}


def card_rows(card: Mapping[str, str]) -> list[tuple[Promise, str]]:
    """The card as questions and answers."""
    return [(label, words(card[name])) for name, (label, words) in CARD.items()]


def region_words(code: str) -> str:
    """The name of a region of the profile; anywhere for none."""
    regions = active().regions
    return regions[code].name.label() if code in regions else _("Anywhere in the country")


def state_tag(referral: Referral) -> Tag:
    """Where the referral stands at this moment."""
    state = ReferralState(referral.state_now)
    return Tag(str(state.label), COLOURS.get(state, "grey"))


@dataclass(frozen=True)
class Over:
    """When and why a referral is over."""

    at: datetime
    why: str


def over(referral: Referral) -> Over | None:
    """When and why the referral ended, whether or not that was written down; None while it goes on."""
    match ReferralState(referral.state_now):
        case ReferralState.DECLINED:
            return Over(referral.ended_at or referral.sent_at, _("The receiver declined it"))
        case ReferralState.REVOKED:
            return Over(referral.ended_at or referral.sent_at, _("Whoever sent it has taken it back"))
        case ReferralState.DONE:
            return Over(referral.ended_at or referral.sent_at, _("The receiver has completed it"))
        case ReferralState.EXPIRED:
            return Over(referral.expires_at, _("Nobody answered in time"))
        case ReferralState.ENDED:
            return _ended(referral)
        case _:
            return None


def _ended(referral: Referral) -> Over:
    """Ended without an act on it: with its share, or before anybody answered."""
    share = referral.share
    if share is None:
        return Over(referral.ended_at or clock.moment(), _("What it rested on has ended"))
    at = share.ended_at or min(share.ends_at, clock.moment())
    return Over(at, plain.why_ended(share))


def contact_box(door: ReferralAccess) -> SafeContact:
    """What is safe for who may know the case; for who sees the card only: through the sender, never directly."""
    if door.access is None:
        words = _("Do not contact this person directly. Go through %(organisation)s.")
        return SafeContact(headline=words % {"organisation": door.names.giver(door.referral).name})
    readable = may_read(door.access, Category.CONTACT)
    rows = cases.read_rows(door.access, Category.CONTACT) if readable else []
    return safe_contact(door.access, rows, has_numbers=False)
