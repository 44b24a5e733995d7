"""What a referral asks and offers, checked before it is shown and again before it is sent."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.utils.translation import gettext as _

from accounts.models import Organisation
from cases import access as cases
from cases.enums import AgeGroup
from cases.models import Consent, Identity
from cases.operations import sharing
from cases.operations.running import OVER
from cases.policies import CaseAccess
from core.answers import Answer
from core.errors import Conflict, Refused
from profiles import codes
from profiles.profile import active
from referrals.enums import Urgency

LONGEST_MESSAGE: Final = 15_000


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
    consent: Consent | None = None
    message: str = ""


def check_terms(access: CaseAccess, terms: Terms) -> None:
    """Raise ``Refused`` at the field that breaks a rule, ``Conflict`` when the case is closed."""
    if access.case.state in OVER:
        raise Conflict(_("The case is closed: nobody can be referred any more."))
    _check_service(access, terms)
    _check_receiver(access, terms)
    proposal = sharing.Proposal(
        to=terms.to,
        categories=terms.categories,
        purpose=terms.purpose,
        legal_basis=terms.legal_basis,
        ends_on=sharing.check_end(terms.ends_on, terms.consent),
        consent=terms.consent,
    )
    sharing.check_ceiling(proposal.to, proposal.categories)
    sharing.check_basis(access, proposal)
    if len(terms.message) > LONGEST_MESSAGE:
        raise Refused(_("The message is too long. Shorten it."), field="message")


def may_refer_for(access: CaseAccess, service: str) -> bool:
    """False for a service with a procedure of its own, and for taking over the lead when another organisation leads."""
    extra = codes.get("service")[service].extra
    return not extra.get("has_own_step") and (access.is_lead or not extra.get("moves_lead"))


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
                "Only the organisation that leads the case can hand over case management, and a guardian or reflection"
                " period is asked for on the case itself."
            ),
            field="service",
        )
    if terms.region and terms.region not in active().regions:
        raise Refused(_("Choose a region from the list."), field="region")
    if terms.urgency not in Urgency.values:
        raise Refused(_("Say how urgent it is."), field="urgency")


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
