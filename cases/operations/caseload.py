"""Who may be a guardian, and for how many children at once.

Sources: Directive 2011/36/EU, Article 14(2), no conflict of interest; Regulation (EU) 2024/1348, Article 23(10),
thirty children, fifty at most. The profile holds the two numbers.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Membership, Role, User
from cases import ledger
from cases.enums import CaseState, GuardianshipState
from cases.models import Case, Guardianship
from core.db import role
from core.errors import Refused
from profiles.profile import active

NO_CONFLICT: Final = "none"


@dataclass(frozen=True)
class Candidate:
    """A person who may be chosen, with the number of children that he or she has now."""

    membership: Membership
    children: int

    @property
    def is_near_limit(self) -> bool:
        """One more needs to be confirmed."""
        return self.children >= active().guardians.warn_above

    @property
    def is_full(self) -> bool:
        """One more is refused."""
        return self.children >= active().guardians.refuse_above


def candidates(case: Case) -> list[Candidate]:
    """Live guardians at active organisations of the profile's kinds that work in the region, fewest children first."""
    kinds = active().guardians.guardian_kinds
    members = Membership.objects.live().with_role(Role.GUARDIAN).filter(organisation__kind__in=kinds)
    here = Q(organisation__serves_regions=[]) | Q(organisation__serves_regions__contains=[case.region])
    members = members.filter(here) if case.region else members
    found = list(members.select_related("user", "organisation").order_by("organisation__name", "user__name", "pk"))
    children = caseloads(member.user_id for member in found)
    return sorted(
        (Candidate(member, children.get(member.user_id, 0)) for member in found), key=lambda one: one.children
    )


def caseloads(users: Iterable[UUID]) -> Mapping[UUID, int]:
    """The number of children of each person, over all cases and all organisations that he or she works for.

    Counted by the ledger: child protection of one region must not see the cases of another, only the number.
    """
    with role(ledger.LEDGER):
        held = Guardianship.objects.filter(
            guardian__user__in=list(users), state__in=(GuardianshipState.PROVISIONAL, GuardianshipState.APPOINTED)
        ).exclude(case__state=CaseState.CLOSED)
        counted = held.order_by().values("guardian__user_id").annotate(children=Count("pk"))
        return {row["guardian__user_id"]: row["children"] for row in counted}


def check_suitability(
    case: Case, guardian: Membership, *, conflict_of_interest: str, is_screened: bool, accepts_caseload: bool
) -> None:
    """Raise ``Refused`` unless this person may be the guardian of one more child.

    A live guardian of the region, without conflict of interest, screened, with at most fifty children; above thirty
    only when the number was seen and accepted. The person is locked, so that of two appointments at once both count.
    """
    User.objects.select_for_update(no_key=True).filter(pk=guardian.user_id).values_list("pk").first()
    chosen = next((one for one in candidates(case) if one.membership.pk == guardian.pk), None)
    if chosen is None:
        raise Refused(_("This person cannot be a guardian in this region. Choose another person."), field="guardian")
    if conflict_of_interest != NO_CONFLICT:
        raise Refused(
            _("A guardian with a conflict of interest cannot be appointed. Choose another person."),
            field="conflict_of_interest",
        )
    if not is_screened:
        raise Refused(
            _("A guardian must have been screened for work with children. Ask for it, or choose another person."),
            field="is_screened",
        )
    is_counted = Guardianship.objects.filter(
        case=case, guardian__user=guardian.user_id, state=GuardianshipState.PROVISIONAL
    ).exists()
    _check_caseload(chosen, is_counted=is_counted, accepts=accepts_caseload)


def _check_caseload(chosen: Candidate, *, is_counted: bool, accepts: bool) -> None:
    if is_counted:
        return
    if chosen.is_full:
        raise Refused(
            ngettext(
                "This person is the guardian of %(count)d child, the most that is allowed. Choose another person.",
                "This person is the guardian of %(count)d children, the most that is allowed. Choose another person.",
                chosen.children,
            )
            % {"count": chosen.children},
            field="guardian",
        )
    if chosen.is_near_limit and not accepts:
        raise Refused(
            ngettext(
                "This person is already the guardian of %(count)d child. Confirm the exception or choose another.",
                "This person is already the guardian of %(count)d children. Confirm the exception or choose another.",
                chosen.children,
            )
            % {"count": chosen.children},
            field="accepts_caseload",
        )
