"""The guardian of a child: provisional, appointed, replaced, ended. The request stands in ``child_branch``.

Child protection decides who; the guardian is a natural person at an organisation and becomes a party by office for that
child alone. Sources: Directive 2011/36/EU, Articles 14, 16; Regulation (EU) 2024/1348, Article 23; ``sharing.md`` 2a.
"""

from datetime import date
from typing import Any, Final

from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import Membership, Organisation
from cases import ledger, policies, workflow
from cases.enums import GuardianshipState, Office
from cases.models import Case, Guardianship
from cases.operations import clocks, sharing
from cases.operations.caseload import NO_CONFLICT, check_suitability
from cases.operations.child_branch import close_child_branch, current, let_in, told
from cases.operations.running import relock_running
from cases.policies import CaseAccess
from core import clock
from core.errors import Conflict, NotAllowed, Refused
from profiles import codes
from profiles.enums import Event, Party
from profiles.profile import active

REPLACED: Final = "replaced"
ASSESSED_ADULT: Final = "assessed_adult"
IN_OFFICE: Final = (GuardianshipState.PROVISIONAL, GuardianshipState.APPOINTED)


def assign_provisional_guardian(
    actor: Actor,
    *,
    access: CaseAccess,
    guardian: Membership,
    conflict_of_interest: str,
    is_screened: bool,
    accepts_caseload: bool = False,
) -> Guardianship:
    """Name the person who stands by the child from today, until a guardian is appointed.

    Refuses whom ``check_suitability`` refuses. Starts the clock of the appointment.
    """
    access, asked = _answering(actor, access, "assign_provisional_guardian")
    _step(asked, GuardianshipState.PROVISIONAL)
    check_suitability(
        access.case,
        guardian,
        conflict_of_interest=conflict_of_interest,
        is_screened=is_screened,
        accepts_caseload=accepts_caseload,
    )
    _store(asked, state=GuardianshipState.PROVISIONAL, provisional_at=clock.moment(), **_person(guardian, is_screened))
    _welcome(actor, access, asked, guardian)
    event = Event.PROVISIONAL_GUARDIAN_ASSIGNED
    clocks.close(access.case, event, actor=actor)
    clocks.start(access.case, event, actor=actor, bound={"child_protection": asked.owner_organisation})
    return told("assign_provisional_guardian", actor, asked, organisation=str(guardian.organisation_id))


def assign_guardian(
    actor: Actor,
    *,
    access: CaseAccess,
    guardian: Membership,
    conflict_of_interest: str,
    is_screened: bool,
    child_informed_on: date,
    accepts_caseload: bool = False,
) -> Guardianship:
    """Appoint the guardian; a provisional guardian who is another person leaves the case at once.

    ``child_informed_on`` is the day on which the child was told, in a way it understands, who this is and how to
    complain (Regulation (EU) 2024/1348, Art. 23). Refuses whom ``check_suitability`` refuses.
    """
    access, asked = _answering(actor, access, "assign_guardian")
    _step(asked, GuardianshipState.APPOINTED)
    check_suitability(
        access.case,
        guardian,
        conflict_of_interest=conflict_of_interest,
        is_screened=is_screened,
        accepts_caseload=accepts_caseload,
    )
    _check_informed(access.case, child_informed_on)
    appointed = {
        "state": GuardianshipState.APPOINTED,
        "appointed_at": clock.moment(),
        "child_informed_on": child_informed_on,
        **_person(guardian, is_screened),
    }
    is_known = asked.guardian_id == guardian.pk
    if is_known or asked.guardian_id is None:
        _store(asked, **appointed)
        named = asked
    else:
        named = _succeed(actor, access, asked, requested_at=asked.requested_at, **appointed)
    if is_known:
        let_in(actor, access, guardian)
    else:
        _welcome(actor, access, named, guardian)
    clocks.close(access.case, Event.GUARDIAN_ASSIGNED, actor=actor)
    return told("assign_guardian", actor, named, organisation=str(guardian.organisation_id))


def replace_guardian(
    actor: Actor,
    *,
    access: CaseAccess,
    guardian: Membership,
    conflict_of_interest: str,
    is_screened: bool,
    child_informed_on: date,
    reason: str,
    accepts_caseload: bool = False,
) -> Guardianship:
    """Put another person in the place of the guardian, who loses the case at once. The new row names the one before.

    ``reason`` is kept sealed with child protection. A reported conflict of interest ends with the replacement.
    """
    access, former = _answering(actor, access, "replace_guardian")
    _step(former, GuardianshipState.REPLACED)
    if guardian.pk == former.guardian_id:
        raise Refused(_("This person is the guardian already. Choose another person."), field="guardian")
    check_suitability(
        access.case,
        guardian,
        conflict_of_interest=conflict_of_interest,
        is_screened=is_screened,
        accepts_caseload=accepts_caseload,
    )
    _check_informed(access.case, child_informed_on)
    now = clock.moment()
    held = "appointed_at" if former.state == GuardianshipState.APPOINTED else "provisional_at"
    named = _succeed(
        actor,
        access,
        former,
        state=former.state,
        requested_at=now,
        child_informed_on=child_informed_on,
        remarks={"reason": reason},
        **{held: now},
        **_person(guardian, is_screened),
    )
    _welcome(actor, access, named, guardian)
    return told("replace_guardian", actor, named, organisation=str(guardian.organisation_id))


def end_guardianship(actor: Actor, *, access: CaseAccess, reason: str) -> Guardianship:
    """End the guardianship, or withdraw the request, with a reason of the profile. The guardian loses the case at once.

    A person found to be an adult leaves the child branch by ``settle_age``, not here.
    """
    access, held = _answering(actor, access, "end_guardianship")
    if reason not in end_reasons():
        raise Refused(_("Choose why the guardianship ends."), field="reason")
    _end(actor, access.case, held, reason)
    return held


def leave_as_adult(actor: Actor, case: Case) -> None:
    """Part of settling the age: an adult has no guardian, and nothing is left of the child branch."""
    held = current(case)
    if held is not None:
        _end(actor, case, held, ASSESSED_ADULT)
    close_child_branch(actor, case)


def flag_guardian_conflict(
    actor: Actor, *, access: CaseAccess, conflict_of_interest: str, remarks: str = ""
) -> Guardianship:
    """Report that the guardian's interests conflict with the child's: child protection must replace the guardian.

    Source: Directive 2011/36/EU, Article 14(2). ``remarks`` are sealed and read by child protection only.
    """
    access = relock_running(access)
    policies.require(actor, "flag_guardian_conflict", access)
    held = current(access.case)
    if held is None or held.state not in IN_OFFICE:
        raise Conflict(_("This child has no guardian at the moment. Look at the case again."))
    if conflict_of_interest == NO_CONFLICT or conflict_of_interest not in codes.get("guardian_conflict"):
        raise Refused(_("Choose which conflict of interest there is."), field="conflict_of_interest")
    if held.conflict_flagged_at is not None:
        raise Conflict(_("A conflict of interest of this guardian has already been reported."))
    content = held.open()
    reported = {"conflict": conflict_of_interest, "conflict_remarks": remarks, "conflict_by": actor.organisation_name}
    held.seal(content | reported)
    _store(held, conflict_flagged_at=clock.moment(), sealed=held.sealed)
    return told("flag_guardian_conflict", actor, held, conflict=conflict_of_interest)


def end_reasons() -> list[str]:
    """The reasons of the profile that a person may choose; the others follow from other acts."""
    listed = codes.get("guardian_end_reason")
    return [code for code in active().guardians.end_reasons if not listed[code].extra.get("by_system")]


# -- parts -----------------------------------------------------------------------------------------------------------


def _answering(actor: Actor, access: CaseAccess, action: str) -> tuple[CaseAccess, Guardianship]:
    """The locked case and the open request or guardianship that the actor's own service answers."""
    access = relock_running(access)
    policies.require(actor, action, access)
    held = current(access.case)
    if held is None:
        raise Conflict(_("Nobody asks for a guardian for this child any more. Look at the case again."))
    if held.owner_organisation_id != actor.organisation_id:
        raise NotAllowed
    return access, held


def _end(actor: Actor, case: Case, held: Guardianship, reason: str) -> None:
    _step(held, GuardianshipState.ENDED)
    _store(held, state=GuardianshipState.ENDED, ended_at=clock.moment(), end_reason=reason)
    _let_out(actor, case, held)
    clocks.close(case, Event.GUARDIANSHIP_ENDED, actor=actor)
    told("end_guardianship", actor, held, reason=reason)


def _step(held: Guardianship, target: str) -> None:
    workflow.step(workflow.GUARDIANSHIP, held.state, target)


def _store(held: Guardianship, **values: Any) -> None:
    """Compare and set: only from the state in which it was judged."""
    rows = Guardianship.objects.filter(pk=held.pk, state=held.state)
    if not rows.update(**values):
        raise Conflict
    for name, value in values.items():
        setattr(held, name, value)


def _succeed(
    actor: Actor, access: CaseAccess, former: Guardianship, *, remarks: dict[str, str] | None = None, **values: Any
) -> Guardianship:
    """End ``former`` as replaced and write the row that takes its place."""
    _store(former, state=GuardianshipState.REPLACED, ended_at=clock.moment(), end_reason=REPLACED)
    _let_out(actor, access.case, former, successor=values["organisation"])
    named = Guardianship(
        case=access.case,
        owner_organisation_id=former.owner_organisation_id,
        requested_by_id=former.requested_by_id,
        replaces=former,
        **values,
    )
    if remarks:
        named.seal(remarks)
    named.save(force_insert=True)
    return named


def _person(guardian: Membership, is_screened: bool) -> dict[str, Any]:
    return {
        "guardian": guardian,
        "organisation": guardian.organisation,
        "has_no_conflict": True,
        "is_screened": is_screened,
    }


def _welcome(actor: Actor, access: CaseAccess, named: Guardianship, guardian: Membership) -> None:
    """The guardian is a party and has a first duty with a day, and is reminded of it at once: to meet the child."""
    let_in(actor, access, guardian)
    bound = {Party.GUARDIAN: guardian.organisation}
    clocks.start(access.case, Event.GUARDIAN_NAMED, actor=actor, bound=bound, subject_id=named.pk)


def _let_out(actor: Actor, case: Case, held: Guardianship, successor: Organisation | None = None) -> None:
    """The person leaves at once; the organisation too, unless the successor works there."""
    if held.guardian is None:
        return
    clocks.close(case, Event.GUARDIAN_LEFT, actor=actor, subject_id=held.pk)
    ledger.unassign(case, held.guardian)
    if held.organisation != successor:
        sharing.end_office(actor, case=case, office=Office.GUARDIAN)


def _check_informed(case: Case, on: date) -> None:
    if on > clock.today(active().zone):
        raise Refused(
            _("The child cannot have been informed in the future. Enter today or an earlier day."),
            field="child_informed_on",
        )
    if on < case.registered_on:
        raise Refused(
            _("The child cannot have been informed before the case was registered."), field="child_informed_on"
        )
