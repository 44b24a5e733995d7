"""What happens outside this application and is recorded here: a report to the police or other cooperation, the
withdrawal of a statement, a departure to an unknown destination, an asylum application.

Who records it, and in which category it is kept, stands in the profile. Investigation, status and support depend on
none of them (Directive 2011/36/EU, Article 9(1); ``sharing.md`` rule 15).
"""

from datetime import date, timedelta
from typing import Final

from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import Organisation
from audit import trail
from cases import ledger, policies
from cases.enums import GuardianshipState
from cases.models import Case, RecordedAct
from cases.operations import clocks
from cases.operations.child_branch import current
from cases.operations.reflection import authorities, check_union_right, end_by_act, running_period
from cases.operations.report_duties import (
    asks_residence,
    is_residence_at_stake,
    start_duties_of_report,
    was_reported,
)
from cases.operations.running import membership_of, organisation_of, relock_running
from cases.policies import CaseAccess
from core import clock
from core.errors import Refused
from profiles import codes
from profiles.enums import ActKind, Event
from profiles.profile import active

# How a person may cooperate with the police, of the code list ``cooperation``.
MANNERS: Final = ("reported", "other_cooperation")
# A child of whom nobody knows whether a parent is there is treated as one that is alone.
ACCOMPANIED: Final = "no"
# An act is often entered later than it happened; a year before registration is a slip of the pen.
EARLIEST_BEFORE_REGISTRATION: Final = timedelta(days=365)


def record_report(
    actor: Actor,
    *,
    access: CaseAccess,
    manner: str,
    happened_on: date,
    residence: str = "",
    has_union_right: bool | None = None,
    decides: Organisation | None = None,
    remarks: str = "",
) -> RecordedAct:
    """Record that the person reported, or cooperates otherwise, whether or not a reflection period runs.

    1. the row; 2. of the first report: what the law lets follow from it, for whose residence is at stake the request
    for residence, which ``decides`` decides on; 3. a reflection period ends where the profile says so. ``residence`` is
    the person's status (code list ``immigration_status``), where it counts. Raises ``Refused`` for a day or an answer
    that cannot be.
    """
    access = relock_running(access)
    policies.require(actor, "record_report", access)
    case = access.case
    if manner not in MANNERS:
        raise Refused(_("Choose what the person did."), field="manner")
    has_right = _check_residence(residence, has_union_right)
    _check_day(case, happened_on)
    authority = _deciding(case, decides) if is_residence_at_stake(residence, has_union_right=has_right) else None
    is_first = not was_reported(case)
    row = _write(actor, case, ActKind.REPORT, happened_on, remarks, manner=manner)
    if is_first:
        start_duties_of_report(
            actor,
            case=case,
            on=happened_on,
            residence=residence,
            has_union_right=has_right,
            authority=authority,
        )
    end_by_act(actor, case, ActKind.REPORT, happened_on)
    return row


def record_statement_withdrawal(
    actor: Actor, *, access: CaseAccess, happened_on: date, remarks: str = ""
) -> RecordedAct:
    """Record that the person withdrew the statement. Nothing else changes: neither status, nor support, nor a clock."""
    access = relock_running(access)
    policies.require(actor, "record_statement_withdrawal", access)
    _check_day(access.case, happened_on)
    row = _write(actor, access.case, ActKind.STATEMENT_WITHDRAWAL, happened_on, remarks)
    clocks.start(access.case, Event.STATEMENT_WITHDRAWN, actor=actor, on=happened_on)
    return row


def record_departure(actor: Actor, *, access: CaseAccess, happened_on: date, remarks: str = "") -> RecordedAct:
    """Record that the person left to an unknown destination; a reflection period ends where the profile says so."""
    access = relock_running(access)
    policies.require(actor, "record_departure", access)
    _check_day(access.case, happened_on)
    row = _write(actor, access.case, ActKind.DEPARTURE, happened_on, remarks)
    clocks.start(access.case, Event.LEFT_UNKNOWN, actor=actor, on=happened_on)
    end_by_act(actor, access.case, ActKind.DEPARTURE, happened_on)
    return row


def record_asylum_application(
    actor: Actor, *, access: CaseAccess, happened_on: date, is_alone: str = "", remarks: str = ""
) -> RecordedAct:
    """Record that the person applied for asylum. Of a child that is alone the term for its representative begins.

    ``is_alone``: yes, no or unknown (code list ``answer``), asked of a child only. Nothing is counted once a guardian
    is appointed. Source: Regulation (EU) 2024/1348, Article 23(2)(b).
    """
    access = relock_running(access)
    policies.require(actor, "record_asylum_application", access)
    case = access.case
    if case.is_child_branch and is_alone not in codes.get("answer"):
        raise Refused(_("Choose whether the child is alone, or “Not known”."), field="is_alone")
    _check_day(case, happened_on)
    row = _write(actor, case, ActKind.ASYLUM_APPLICATION, happened_on, remarks)
    guardian = current(case)
    is_guarded = guardian is not None and guardian.state == GuardianshipState.APPOINTED
    if case.is_child_branch and is_alone != ACCOMPANIED and not is_guarded:
        clocks.start(case, Event.ASYLUM_APPLIED, actor=actor, on=happened_on)
    return row


def deciding(case: Case) -> list[Organisation]:
    """Who may decide on residence: whoever decides on a period that runs, else the authorities of the region."""
    period = running_period(case)
    return [period.decides] if period is not None and period.decides is not None else authorities(case)


# -- parts -----------------------------------------------------------------------------------------------------------


def _check_day(case: Case, day: date) -> None:
    if day > clock.today(active().zone):
        raise Refused(_("This day lies in the future. Enter today or an earlier day."), field="happened_on")
    if day < case.registered_on - EARLIEST_BEFORE_REGISTRATION:
        raise Refused(_("This day lies more than a year before the registration. Check the year."), field="happened_on")


def _check_residence(residence: str, has_union_right: bool | None) -> bool:
    """Whether the person derives a right from Union law; asked, with the status, only where something follows."""
    if not asks_residence():
        return False
    if residence not in codes.get("immigration_status"):
        raise Refused(_("Choose the person’s residence status, or “Not known”."), field="residence")
    return check_union_right(residence, has_union_right)


def _deciding(case: Case, decides: Organisation | None) -> Organisation | None:
    """Whom a request for residence goes to: the one that was chosen, or the only one there is; None where none is."""
    found = deciding(case)
    if decides is not None and decides not in found:
        raise Refused(_("Choose the organisation that decides on residence."), field="decides")
    if decides is None and len(found) > 1:
        raise Refused(_("Choose the organisation that decides on residence."), field="decides")
    return decides or next(iter(found), None)


def _write(
    actor: Actor, case: Case, kind: ActKind, happened_on: date, remarks: str, *, manner: str = ""
) -> RecordedAct:
    """The dated row, its audit, and the activity for whoever may see it."""
    category = active().acts[kind].category
    row = RecordedAct(
        case=case,
        owner_organisation_id=organisation_of(actor),
        act=kind,
        category=category,
        manner=manner,
        happened_on=happened_on,
        recorded_at=clock.moment(),
        recorded_by_id=membership_of(actor),
    )
    if remarks.strip():
        row.seal({"remarks": remarks})
    row.save(force_insert=True)
    trail.record(
        f"record_{kind}",
        actor=actor,
        case_id=case.pk,
        category=category,
        object_kind="recordedact",
        object_id=row.pk,
        on=happened_on.isoformat(),
    )
    ledger.touch(case.pk, owner=row.owner_organisation_id, category=category)
    return row
