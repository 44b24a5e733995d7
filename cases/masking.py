"""Under which name an organisation is shown, and to whom it is “a shelter” (``sharing.md`` rules 6 and 19).

Where somebody is placed, the shelter is named to itself, to the sender of the referral on which the placement rests, to
the lead (unless it is one of ``UNTOLD_AS_LEAD``), to the guardian's organisation, and to child protection of an open
child branch. To everybody else **every** shelter of that case is “a shelter”: if only the host lost its name, whoever
deals with all candidates would know it by the one that is missing. No act of the reader unmasks. What somebody chose
stays named on the row of that choice (``receiver``), and nowhere else.

Every organisation that a page, a file or an answer of the API shows passes here; ``tests/structure/test_masking.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.actors import NO_KEY, Actor
from accounts.models import Organisation
from cases import policies
from cases.enums import GuardianshipState, Office
from cases.models import CaseLead, Guardianship, Placement, Share
from core.db import role

LEDGER: Final = "nrm_ledger"
HOST: Final = "shelter"
# By leading a case these learn neither where the person stays nor which shelter it is (rule 6). They may know it as
# the sender of the referral on which the placement rests.
UNTOLD_AS_LEAD: Final = policies.kinds(
    "police", "border", "labour_inspectorate", "immigration", "asylum", "prosecution"
)
IN_OFFICE: Final = (GuardianshipState.PROVISIONAL, GuardianshipState.APPOINTED)
# What somebody has by these offices follows from the law: the giver did not choose the receiver (rule 2a).
NOT_CHOSEN: Final = frozenset(Office.values) - {Office.NONE, Office.REFERRAL}


@dataclass(frozen=True)
class ShownOrganisation:
    """An organisation as one reader may see it. Masked: no key, and of it only the word for what it is."""

    name: str
    key: UUID | None
    kind: str = ""
    email: str = ""
    phone: str = ""
    is_masked: bool = False

    def __str__(self) -> str:
        return self.name


class Given(Protocol):
    """A share or a referral: from whom, to whom."""

    case_id: UUID
    from_organisation: Organisation
    from_organisation_id: UUID
    to_organisation: Organisation
    to_organisation_id: UUID


def named(organisation: Organisation) -> ShownOrganisation:
    """With its name: for the reader's own choice, and where no case is spoken of."""
    return ShownOrganisation(
        organisation.name, organisation.pk, organisation.kind, organisation.email, organisation.phone
    )


def a_shelter() -> ShownOrganisation:
    """A shelter, and not which one."""
    return ShownOrganisation(_("A shelter"), None, HOST, is_masked=True)


def an_organisation() -> ShownOrganisation:
    """An organisation of which the reader may not know what it is there for."""
    return ShownOrganisation(_("An organisation"), None, is_masked=True)


class Recorded(Protocol):
    """A consent: whose row it is, and for whom it was asked."""

    case_id: UUID
    owner_organisation_id: UUID
    recipient: Organisation | None


class Names:
    """What one actor is told of the organisations of some cases.

    Asks the database when the first shelter is to be shown, once for all its cases: two statements at most.
    """

    def __init__(self, actor: Actor, cases: Iterable[UUID]) -> None:
        self._actor, self._cases = actor, frozenset(cases)
        self._told: Mapping[UUID, frozenset[UUID]] | None = None

    def of(self, organisation: Organisation, case: UUID | None = None) -> ShownOrganisation:
        """The organisation in ``case``; without it, in the only case that these names are of."""
        is_hidden = organisation.kind == HOST and self._hides(organisation.pk, self._case(case))
        return a_shelter() if is_hidden else named(organisation)

    def by_key(self, keys: Iterable[UUID | None], case: UUID | None = None) -> dict[UUID | None, ShownOrganisation]:
        """The same of organisations by key; none for a key that no organisation has. One statement more."""
        wanted = {key for key in keys if key}
        return {one.pk: self.of(one, case) for one in Organisation.objects.filter(pk__in=wanted)} if wanted else {}

    def receiver(self, given: Given) -> ShownOrganisation:
        """To whom something was shared or referred: named to who chose it, for its own choice is no news to it."""
        is_chosen = getattr(given, "office", Office.NONE) not in NOT_CHOSEN
        if is_chosen and given.from_organisation_id == self._own:
            return named(given.to_organisation)
        return self.of(given.to_organisation, given.case_id)

    def giver(self, given: Given) -> ShownOrganisation:
        """Who shared or referred."""
        return self.of(given.from_organisation, given.case_id)

    def recipient(self, consent: Recorded) -> ShownOrganisation:
        """For whom a consent was asked: named to who recorded it, for it chose the organisation."""
        if consent.recipient is None:
            raise ValueError("This consent names no organisation.")
        if consent.owner_organisation_id == self._own:
            return named(consent.recipient)
        return self.of(consent.recipient, consent.case_id)

    def other_side(self, given: Given) -> ShownOrganisation:
        """The organisation at the other end of what the reader's organisation gave or was given."""
        return self.receiver(given) if given.from_organisation_id == self._own else self.giver(given)

    def for_purpose(self, organisation: Organisation, purpose: str, case: UUID | None = None) -> ShownOrganisation:
        """As ``of``, for whoever did not choose the organisation: what it is there for may itself be nothing that the
        reader's kind may ever be granted (rule 19)."""
        told = self.of(organisation, case)
        is_told = told.is_masked or policies.may_learn_receiver(self._actor.organisation_kind, purpose)
        return told if is_told else an_organisation()

    def hides(self, case: UUID | None = None) -> bool:
        """True when somebody is placed in a shelter that the reader must not learn."""
        return self._case(case) in self._hiding()

    @property
    def _own(self) -> UUID:
        return self._actor.organisation_id or NO_KEY

    def _case(self, case: UUID | None) -> UUID:
        if case is not None:
            return case
        (only,) = self._cases
        return only

    def _hides(self, organisation: UUID, case: UUID) -> bool:
        if organisation == self._own:
            return False
        hiding = self._hiding()
        return case in hiding and organisation not in hiding[case]

    def _hiding(self) -> Mapping[UUID, frozenset[UUID]]:
        """The cases with a host that the reader must not learn; of each the hosts that it knows all the same."""
        if self._told is None:
            self._told = hiding(self._actor, self._cases)
        return self._told


def hiding(actor: Actor, cases: Iterable[UUID]) -> dict[UUID, frozenset[UUID]]:
    """Of ``cases`` those in which at least one shelter of today must not be learnt by ``actor``, each with the shelters
    of today that it knows. Every live placement counts: a provisional one stands beside a confirmed one (rule 20)."""
    own, found = actor.organisation_id or NO_KEY, live_placements(cases)
    hidden = {case for case, host, placed_by in found if own not in (host, placed_by)}
    hidden -= related(actor, hidden) if hidden else set()
    return {
        case: frozenset(host for of, host, placed_by in found if of == case and own in (host, placed_by))
        for case in hidden
    }


def live_placements(cases: Iterable[UUID]) -> list[tuple[UUID, UUID, UUID]]:
    """Case, host and who placed the person, of every placement of today, whoever asks."""
    with role(LEDGER):
        rows = Placement.objects.live().filter(case__in=list(cases))
        return list(rows.values_list("case_id", "organisation_id", "placed_by_id"))


def knows_host(actor: Actor, placement: Placement) -> bool:
    """True for the host, the sender of the referral on which this placement rests, and who is ``related``."""
    own = actor.organisation_id or NO_KEY
    return own in (placement.organisation_id, placement.placed_by_id) or bool(related(actor, {placement.case_id}))


def related(actor: Actor, cases: set[UUID]) -> set[UUID]:
    """The cases that the actor's organisation leads, unless as an authority that must not learn it; in which a guardian
    works there; or in which it protects the child. One statement."""
    own = actor.organisation_id or NO_KEY
    guarded = Guardianship.objects.filter(case__in=cases, organisation=own, state__in=IN_OFFICE)
    known = guarded.values_list("case_id").union(protected(own, cases))
    if is_told_as_lead(actor):
        led = CaseLead.objects.filter(case__in=cases, organisation=own, ends_at__isnull=True)
        known = known.union(led.values_list("case_id"))
    return {case for (case,) in known}


def is_told_as_lead(actor: Actor) -> bool:
    """Whether leading a case tells an organisation of this kind where the person stays (rule 6)."""
    return actor.organisation_kind not in UNTOLD_AS_LEAD


def protected(own: UUID | None, cases: Iterable[UUID]) -> QuerySet[Share, tuple[UUID]]:
    """The cases with a child branch in which ``own`` is child protection."""
    shares = Share.objects.live().filter(case__in=list(cases), case__is_child_branch=True)
    return shares.filter(office=Office.CHILD_PROTECTION, to_organisation=own).values_list("case_id")
