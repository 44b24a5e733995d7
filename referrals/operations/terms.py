"""What a referral asks and offers, checked before it is shown and again before it is sent.

A referral for a service that ``moves_lead`` is the transfer of the lead: a supervisor of the lead sends it, with a
reason, on the person's consent or for the best interests of a child (``sharing.md`` rule 11 and section 5).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.utils.translation import gettext as _

from accounts.models import Organisation
from cases import access as cases
from cases import policies
from cases.enums import AgeGroup
from cases.models import Consent, Identity
from cases.operations import proposals
from cases.operations.running import OVER
from cases.operations.sources import check_within_reach
from cases.policies import CaseAccess
from core.answers import Answer
from core.errors import Conflict, Refused
from profiles import codes
from profiles.regions import require_regions
from referrals.enums import Urgency

LONGEST_MESSAGE: Final = 15_000
# On which a case is handed over: the person agrees, or it is best for a child (``domain.md`` 3.1).
CHILD_ONLY: Final = "child_best_interests"
BASES_OF_A_TRANSFER: Final = (proposals.BY_CONSENT, CHILD_ONLY)
OTHER: Final = "other"


@dataclass(frozen=True, kw_only=True)
class Terms:
    """Which service for how urgent a need, of whom, and what opens on acceptance, why and until when."""

    to: Organisation
    service: str
    region: str
    urgency: str
    purpose: str
    legal_basis: str
    categories: Collection[str]
    ends_on: date | None
    provision: str = ""
    consent: Consent | None = None
    message: str = ""
    transfer_reason: str = ""


def check_terms(access: CaseAccess, terms: Terms) -> Consent | None:
    """Raise ``Refused`` at the field that breaks a rule, ``Conflict`` when the case is closed.

    Returns the row of the consent register that the referral rests on, if any.
    """
    if access.case.state in OVER:
        raise Conflict(_("The case is closed: nobody can be referred any more."))
    _check_service(access, terms)
    _check_receiver(access, terms)
    proposal = proposals.Proposal(
        to=terms.to,
        categories=terms.categories,
        purpose=terms.purpose,
        legal_basis=terms.legal_basis,
        ends_on=proposals.check_end(terms.ends_on, terms.consent),
        provision=terms.provision,
        consent=terms.consent,
    )
    proposals.check_ceiling(proposal.to, proposal.categories)
    resting = proposals.check_basis(access, proposal)
    check_within_reach(access, proposals.check_end(terms.ends_on, resting))
    _check_transfer(terms)
    if len(terms.message) > LONGEST_MESSAGE:
        raise Refused(_("The message is too long. Shorten it."), field="message")
    return resting


def may_refer_for(access: CaseAccess, service: str) -> bool:
    """False for a service with a procedure of its own, and for taking over the lead unless one may give it away."""
    if codes.get("service")[service].extra.get("has_own_step"):
        return False
    return not moves_lead(service) or policies.may(access.actor, "transfer_lead", access)


def moves_lead(service: str) -> bool:
    """True for the service by which another organisation takes over the lead."""
    return bool(codes.get("service")[service].extra.get("moves_lead"))


def card(access: CaseAccess, terms: Terms) -> dict[str, str]:
    """The minimal card, in codes: all that the receiver sees before it accepts (``sharing.md`` rule 3).

    Sex and age come from the own organisation's rows; what others wrote is not passed on.
    """
    identity = cases.own_single(access, Identity)
    by_branch = AgeGroup.CHILD if access.case.is_child_branch else AgeGroup.ADULT
    return {
        "reference": access.case.reference,
        "age": str(identity.age_group if identity else by_branch),
        "sex": str((identity and identity.sex) or Answer.UNKNOWN),
        "language": access.case.language,
        "urgency": str(terms.urgency),
        "region": terms.region,
        "service": terms.service,
    }


def _check_service(access: CaseAccess, terms: Terms) -> None:
    if terms.service not in codes.get("service"):
        raise Refused(_("Choose the service that is needed."), field="service")
    if not may_refer_for(access, terms.service):
        raise Refused(
            _(
                "Only a supervisor of the organisation that leads the case can transfer the lead, and a guardian or"
                " reflection period is asked for on the case itself."
            ),
            field="service",
        )
    require_regions([terms.region])
    if terms.urgency not in Urgency.values:
        raise Refused(_("Say how urgent it is."), field="urgency")


def _check_transfer(terms: Terms) -> None:
    """A reason, the purpose of the service, and consent or the best interests of a child; none of it otherwise."""
    if not moves_lead(terms.service):
        if terms.transfer_reason:
            raise Refused(_("Only a transfer of the lead has such a reason."), field="transfer_reason")
        return
    if terms.transfer_reason not in codes.get("lead_transfer_reason"):
        raise Refused(_("Say why the lead is transferred."), field="transfer_reason")
    if terms.transfer_reason == OTHER and not terms.message.strip():
        raise Refused(_("Say in a few words why the lead is transferred."), field="message")
    if terms.purpose != codes.get("service")[terms.service].extra["purpose"]:
        raise Refused(_("The purpose of a transfer of the lead is case management."), field="purpose")
    if terms.legal_basis not in BASES_OF_A_TRANSFER:
        raise Refused(
            _("The lead is transferred with the person’s consent, or for the best interests of a child."),
            field="legal_basis",
        )


def _check_receiver(access: CaseAccess, terms: Terms) -> None:
    if terms.to.pk == access.actor.organisation_id:
        raise Refused(_("A referral goes to another organisation."), field="to")
    if not terms.to.is_active:
        raise Refused(_("This organisation is suspended and cannot receive anything."), field="to")
    offering = Organisation.objects.offering(terms.service, terms.region)
    if not offering.filter(pk=terms.to.pk).exists():
        raise Refused(
            _("%(organisation)s does not offer this service in this region any more. Choose another organisation.")
            % {"organisation": terms.to.name},
            field="to",
        )
