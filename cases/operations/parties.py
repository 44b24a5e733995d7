"""Whom a clock binds."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from accounts.actors import Actor
from accounts.models import Organisation
from cases.enums import Office
from cases.models import Case, CaseLead, Share
from profiles.enums import Party
from profiles.parts import Profile

# Parties that no case tells: whoever starts the clock names them.
NAMED_BY_CALLER: Final = frozenset({Party.REFERRAL_RECEIVER, Party.SHARER, Party.GUARDIAN})


class Parties:
    """Which organisation plays a party to a case: named by the caller, known from the case, else the lead."""

    def __init__(self, profile: Profile, case: Case, actor: Actor, named: Mapping[str, Organisation]) -> None:
        self.profile = profile
        self.case = case
        self.actor = actor
        self.known: dict[Party, UUID] = {Party(party): organisation.pk for party, organisation in named.items()}

    def of(self, party: Party) -> UUID:
        """The organisation that a rule binds; raises ``ValueError`` when only the caller can tell and did not.

        Whoever refers is the sender.
        """
        if party not in self.known:
            if party in NAMED_BY_CALLER:
                raise ValueError(f"name who is bound: bound={{Party.{party.name}: organisation}}")
            self.known[party] = self._by_office(party) or self.of(Party.LEAD)
        return self.known[party]

    def _by_office(self, party: Party) -> UUID | None:
        if party is Party.REFERRAL_SENDER:
            return self.actor.organisation_id
        if party is Party.LEAD:
            return CaseLead.objects.values_list("organisation_id", flat=True).get(case=self.case, ends_at__isnull=True)
        kinds = self._kinds(party)
        if party is Party.CHILD_PROTECTION:
            # The service in office, never one because it acts; which leads the case itself needs no office.
            return self._in_office(Office.CHILD_PROTECTION, kinds)
        if self.actor.organisation_kind in kinds:
            return self.actor.organisation_id
        return self._in_office(Office.DECIDING_AUTHORITY, kinds)

    def _in_office(self, office: Office, kinds: frozenset[str]) -> UUID | None:
        shares = Share.objects.live().filter(case=self.case, office=office, to_organisation__kind__in=kinds)
        shares = shares.filter(to_organisation__suspended_at__isnull=True)
        return shares.order_by("-starts_at").values_list("to_organisation_id", flat=True).first()

    def _kinds(self, party: Party) -> frozenset[str]:
        match party:
            case Party.CHILD_PROTECTION:
                return self.profile.guardians.assigned_by
            case Party.REFLECTION_AUTHORITY:
                return self.profile.reflection.granted_by.kinds
            case Party.GROUNDS_AUTHORITY:
                return self.profile.who_may("record_reasonable_grounds").kinds
            case _:
                return self.profile.who_may("record_identification_decision").kinds
