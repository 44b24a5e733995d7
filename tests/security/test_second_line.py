"""What the role of the application cannot do even with SQL of its own: the second line behind ``access``."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import ProgrammingError, connection, transaction

from accounts.actors import Actor, load_actor
from accounts.context import acting
from accounts.models import Membership
from cases.models import Case
from cases.operations import drafts
from core import clock
from core.db import role
from tests.cases.filing import filed_case, shared
from tests.cast import Cast, Persona
from tests.referrals.scenes import accepted, police_case, sent

KNOWN = ("cases_case", "cases_casevisibility", "cases_caselead", "cases_casekey", "cases_person", "cases_share")
GRANTED = ("cases_casegroupobjectpermission", "cases_identity", "cases_deadline", "referrals_referral")


def count(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return int(cursor.fetchone()[0])


def run(statement: str, *values: Any) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, list(values))
        return cursor.rowcount


def reloaded(person: Persona) -> Actor:
    return load_actor(person.user, {})


@pytest.mark.parametrize("table", [*KNOWN, *GRANTED])
def test_who_was_assigned_and_has_another_office_now_finds_nothing(cast: Cast, table: str) -> None:
    case = police_case(cast)
    accepted(cast, sent(cast, case))
    for person in (cast.shelter_worker, cast.police_officer):
        Membership.objects.filter(pk=person.membership_id).update(roles=["data_protection_officer"])
        with acting(reloaded(person)):
            assert count(table) == 0


@pytest.mark.parametrize("table", [*KNOWN, *GRANTED])
def test_an_unassigned_colleague_finds_no_trace_in_any_table(cast: Cast, table: str) -> None:
    case = filed_case(cast)
    shared(cast, case, cast.organisations.shelter, "identity")
    for person in (cast.colleague_unassigned, cast.shelter_worker):
        with acting(person.actor):
            assert count(table) == 0


def test_a_referral_that_has_ended_says_so_to_who_worked_on_it(cast: Cast) -> None:
    referral = accepted(cast, sent(cast, police_case(cast)))
    with clock.travel(clock.moment() + timedelta(days=40)), acting(cast.shelter_worker.actor) as actor:
        assert not Case.objects.visible_to(actor).exists()
        assert type(referral).objects.with_state_now().get().state_now == "ended"


@pytest.mark.parametrize(
    ("persona", "statement"),
    [
        ("shelter_intake", "UPDATE referrals_referral SET categories = '{narrative}'"),
        ("shelter_intake", "UPDATE referrals_referral SET ends_on = ends_on + 300"),
        ("shelter_intake", "UPDATE referrals_referral SET card = '{}'"),
        ("shelter_worker", "UPDATE referrals_referralstep SET happened_on = happened_on - 1"),
        ("police_officer", "UPDATE cases_case SET registered_by_id = nrm_organisation()"),
        ("police_officer", "UPDATE cases_case SET reference = 'K7QF2M9XT'"),
        ("police_officer", "UPDATE cases_identity SET owner_organisation_id = nrm_organisation()"),
        ("police_officer", "UPDATE cases_consent SET case_id = case_id"),
        ("police_officer", "UPDATE cases_casekey SET wrapped = ''"),
        ("police_officer", "DELETE FROM cases_casekey"),
    ],
)
def test_what_was_agreed_and_whose_it_is_cannot_be_changed(cast: Cast, persona: str, statement: str) -> None:
    accepted(cast, sent(cast, police_case(cast)))
    with acting(getattr(cast, persona).actor), pytest.raises(ProgrammingError, match="permission denied"):
        run(statement)


def test_nobody_makes_a_key_for_the_case_of_another_organisation(cast: Cast) -> None:
    case = police_case(cast)
    accepted(cast, sent(cast, case))
    for person in (cast.shelter_worker, cast.other_ngo_supervisor):
        with acting(person.actor), pytest.raises(ProgrammingError, match="row-level security"):
            run("INSERT INTO cases_casekey (case_id, wrapped) VALUES (%s, '')", case.pk)


def test_how_many_people_there_are_is_not_for_an_outsider_to_count(cast: Cast) -> None:
    filed_case(cast)
    with acting(cast.other_ngo_supervisor.actor):
        assert count("cases_person") == 0
    with acting(cast.ngo_caseworker.actor):
        assert count("cases_person") == 1


def test_the_worker_reads_no_draft(cast: Cast) -> None:
    with acting(cast.ngo_caseworker.actor) as actor:
        draft = drafts.start_draft(actor)
    for column in ("sealed", "wrapped_key"):
        with role("nrm_worker"), pytest.raises(ProgrammingError, match="permission denied"):
            run(f"SELECT {column} FROM cases_draft")
    with clock.travel(clock.moment() + timedelta(days=22)), role("nrm_worker"):
        assert drafts.warn_of_erasure() == 1
    with clock.travel(clock.moment() + timedelta(days=40)), role("nrm_worker"):
        assert drafts.erase_expired() == 1
    with acting(cast.ngo_supervisor.actor):
        assert not type(draft).objects.exists()
