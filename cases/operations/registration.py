"""Registering a presumed victim: a draft becomes a case, in one transaction (``domain.md`` 3.1, submit)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import Membership
from audit import trail
from cases import ledger, policies
from cases.access import get_case_by_id
from cases.age import CHILDREN
from cases.enums import SHAREABLE, AgeGroup, ConsentState
from cases.models import Case, CaseKey, CategoryRow, Consent, Draft, Identity, Person
from cases.operations import clocks, drafts, legal_bases
from cases.operations.authorship import membership_of, organisation_of
from cases.operations.child_branch import open_child_branch
from cases.operations.labels import set_label
from cases.operations.matching import write_matching_record
from core import clock, crypto
from core.errors import Refused
from profiles.bases import Asked
from profiles.enums import Event
from profiles.profile import active
from profiles.regions import own_region, require_regions

PURPOSE: Final = "register"


@dataclass(frozen=True)
class NewRow:
    """A row to be written: coded columns and the content to be sealed."""

    model: type[CategoryRow]
    columns: Mapping[str, Any]
    content: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Registration:
    """Everything that a registration needs, checked field by field before.

    ``rows`` holds at least the identity and the contact row, and the consent or other legal basis of an adult.
    """

    rows: Sequence[NewRow]
    language: str = ""
    do_not_contact: bool = True
    region: str = ""
    label: str = ""

    @property
    def age_group(self) -> str:
        """The claim of the identity row; uncertain when nobody made one."""
        groups = (row.columns.get("age_group") for row in self.rows if row.model is Identity)
        return next(groups, None) or AgeGroup.UNCERTAIN


def register_presumed_victim(actor: Actor, *, registration: Registration, draft: Draft | None = None) -> Case:
    """Open a case in status *presumed* from a registration; the draft it was written in is erased with it.

    1. check the right and, of an adult, consent or an authority's legal basis; 2. person and case; 3. the lead, who may
    know it, and the key; 4. the rows, sealed; 5. the clocks; 6. the child branch under 18 or uncertain; 7. erase the
    draft.
    Raises ``Refused`` for an adult without consent or basis, ``Missing`` for a draft that is gone (sent already).
    """
    policies.require(actor, "register_presumed_victim")
    require_regions([registration.region])
    locked = drafts.get_draft(actor, draft.pk, is_locked=True) if draft else None
    if registration.age_group not in CHILDREN:
        _require_basis(actor, registration)
    case = _open(actor, registration)
    _assign(case, actor, locked)
    case.key = CaseKey.objects.create(case=case, wrapped=crypto.wrap(crypto.new_key()))
    _write_rows(actor, case, registration.rows)
    _audit(actor, case, registration)
    clocks.start(case, Event.CASE_REGISTERED, actor=actor)
    _start_consent_clocks(actor, case)
    if registration.age_group in CHILDREN:
        open_child_branch(actor, case=case)
    if registration.label:
        set_label(actor, access=get_case_by_id(actor, case.pk), label=registration.label)
    if locked:
        drafts.erase(locked)
    return case


def registering_bases(kind: str) -> list[str]:
    """On which bases an organisation of this kind may register an adult without consent; none but for authorities."""
    return legal_bases.usable(_asked(kind))


def registering_provisions(kind: str) -> list[tuple[str, str]]:
    """Of a legal obligation: which provisions oblige it to, as choices."""
    return legal_bases.usable_provisions(_asked(kind))


def may_register_without_consent(actor: Actor, legal_basis: str, provision: str = "") -> bool:
    """True for who names a basis, and its provision, on which it may register an adult without consent (rule 14)."""
    return legal_bases.is_allowed(_asked(actor.organisation_kind), legal_basis, provision)


def _asked(kind: str) -> Asked:
    return Asked(giver=kind, offers=frozenset(), is_child=False, registers=True)


def _require_basis(actor: Actor, registration: Registration) -> None:
    consents = [row.columns for row in registration.rows if row.model is Consent]
    for consent in consents:
        if consent["state"] == ConsentState.GIVEN and consent["information_given"]:
            return
        named = (consent["legal_basis"], consent.get("provision", ""))
        if consent["state"] == ConsentState.OTHER_BASIS and may_register_without_consent(actor, *named):
            return
    raise Refused(_("An adult is registered with consent, or by an authority on a legal basis. Record one of them."))


def _open(actor: Actor, registration: Registration) -> Case:
    case = Case(
        person=Person.objects.create(),
        profile=active().code,
        language=registration.language,
        do_not_contact=registration.do_not_contact,
        region=registration.region or own_region(actor.region),
        registered_by_id=organisation_of(actor),
        registered_at=clock.moment(),
        registered_on=clock.today(active().zone),
    )
    case.save(force_insert=True)
    ledger.open_case(case)
    return case


def _assign(case: Case, actor: Actor, draft: Draft | None) -> None:
    """Who registers works on the case, and who began the draft, as long as both belong to the organisation."""
    wanted = {membership_of(actor), *([draft.author_id] if draft else [])}
    members = Membership.objects.live().filter(pk__in=wanted, organisation_id=organisation_of(actor))
    for member in members.order_by("pk"):
        ledger.assign(case, member)


def _write_rows(actor: Actor, case: Case, rows: Sequence[NewRow]) -> None:
    now = clock.moment()
    made: dict[type[CategoryRow], list[CategoryRow]] = {}
    for row in rows:
        stored = row.model(
            case=case,
            owner_organisation_id=organisation_of(actor),
            created_by_id=membership_of(actor),
            created_at=now,
            updated_at=now,
            **row.columns,
        )
        stored.seal(dict(row.content))
        made.setdefault(row.model, []).append(stored)
    for model, stored_rows in made.items():
        model._default_manager.bulk_create(stored_rows)
        for stored in stored_rows:
            if isinstance(stored, Identity):
                write_matching_record(stored)


def _audit(actor: Actor, case: Case, registration: Registration) -> None:
    written = {row.model.category for row in registration.rows}
    trail.record(
        "register_presumed_victim",
        actor=actor,
        case_id=case.pk,
        object_kind="case",
        object_id=case.pk,
        categories=[category for category in SHAREABLE if category in written],
        rows=len(registration.rows),
    )


def _start_consent_clocks(actor: Actor, case: Case) -> None:
    given = Consent.objects.filter(case=case, owner_organisation_id=organisation_of(actor), state=ConsentState.GIVEN)
    for consent in given.order_by("created_at", "pk"):
        clocks.start(case, Event.CONSENT_GIVEN, actor=actor, on=consent.given_on, subject_id=consent.pk)
