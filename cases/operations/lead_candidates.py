"""Who is to be asked next to lead a case that nobody leads (``sharing.md`` section 5, decision 36).

The system says whom, two members of the coordinator's office ask. The order is the same for everybody and at any time:
who was not asked for this case yet; who serves its region by name, before who serves the whole country; who was asked
least recently for any case, so that not one organisation takes them all; then by name.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Max

from accounts.models import Membership, Organisation, Role
from cases import ledger, policies
from cases.enums import LeadOfferState
from cases.models import CaseLead, LeadOffer, LeadVacancy
from core.db import role

SERVICE: Final = "case_management"
Asked = dict[UUID, LeadOfferState]


class Candidates:
    """Who could lead each of some cases, whom to ask next. Four queries, however many cases."""

    def __init__(self, vacancies: Sequence[LeadVacancy]) -> None:
        keys = [one.pk for one in vacancies]
        self._able = _able_organisations()
        with role(ledger.LEDGER):
            leads = CaseLead.objects.filter(case__in=[one.case_id for one in vacancies], ends_at=None)
            self._leads: dict[UUID, UUID] = dict(leads.values_list("case_id", "organisation_id"))
            offers = LeadOffer.objects.filter(confirmed_at__isnull=False).order_by("confirmed_at", "pk")
            rows = list(offers.filter(vacancy__in=keys).values_list("vacancy_id", "organisation_id", "state"))
            last = offers.order_by().values_list("organisation_id").annotate(last=Max("confirmed_at"))
            self._last_asked: dict[UUID, datetime] = dict(last)
        self._asked: dict[UUID, Asked] = {key: {} for key in keys}
        for vacancy_id, organisation_id, state in rows:
            self._asked[vacancy_id][organisation_id] = LeadOfferState(state)

    def of(self, vacancy: LeadVacancy) -> list[Organisation]:
        """Active organisations that offer case management in the region, have somebody who can take the case, and have
        not declined it, in the order in which they are asked; never who led it."""
        asked = self._asked[vacancy.pk]
        fitting = [one for one in self._able if _serves(one, vacancy.region) and self._may_take(one, vacancy, asked)]
        return sorted(fitting, key=lambda one: self._order(one, vacancy, asked))

    def next(self, vacancy: LeadVacancy) -> Organisation | None:
        """Whom to ask next: the first that was not asked for this case yet; None when there is nobody left."""
        asked = self._asked[vacancy.pk]
        return next((one for one in self.of(vacancy) if one.pk not in asked), None)

    def _may_take(self, organisation: Organisation, vacancy: LeadVacancy, asked: Asked) -> bool:
        has_declined = asked.get(organisation.pk) is LeadOfferState.DECLINED
        return not has_declined and organisation.pk != self._leads.get(vacancy.case_id)

    def _order(self, organisation: Organisation, vacancy: LeadVacancy, asked: Asked) -> tuple[object, ...]:
        last = self._last_asked.get(organisation.pk)
        return (
            organisation.pk in asked,
            vacancy.region not in organisation.serves_regions,
            last is not None,
            last.timestamp() if last is not None else 0,
            organisation.name,
            organisation.pk,
        )


def candidates(vacancy: LeadVacancy) -> list[Organisation]:
    """Who could lead one case, in the order in which they are asked."""
    return Candidates([vacancy]).of(vacancy)


def _able_organisations() -> list[Organisation]:
    """Active organisations that manage cases and have somebody who can answer."""
    able = Membership.objects.live().with_role(Role.INTAKE, Role.SUPERVISOR)
    found = Organisation.objects.offering(SERVICE).of_kind(*policies.COLUMNS)
    return list(found.filter(pk__in=able.values("organisation")).order_by("name", "pk"))


def _serves(organisation: Organisation, region: str) -> bool:
    """As ``OrganisationQuerySet.serving``."""
    return not region or not organisation.serves_regions or region in organisation.serves_regions
