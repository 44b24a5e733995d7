"""The loaded country: everybody has something to do, every page something to show, and nobody in it is real."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.actors import Actor, actor_for
from accounts.context import acting
from accounts.models import Membership
from cases import policies, responsibility
from cases.models import CaseVisibility
from cases.operations import drafts
from cases.operations.caseload import caseloads
from cases.reminders import as_worker
from nrm.country import loader, people
from profiles import codes
from reporting import worklist
from tests.cast import PERSONAS
from tests.demo.conftest import Ask

# Those who see figures only, and the one who is shut out.
WITHOUT_WORK = {"suspended_member", "coordinator", "rapporteur"}
# Which list of codes a column keeps to.
LISTS = {
    ("cases_identity", "sex"): "sex",
    ("cases_identity", "age_basis"): "age_basis",
    ("cases_exploitation", "form"): "exploitation_form",
    ("cases_exploitation", "sub_form"): "exploitation_sub_form",
    ("cases_exploitation", "sector"): "sector",
    ("cases_exploitation", "location"): "place_kind",
    ("cases_exploitation", "recruitment"): "recruitment",
    ("cases_exploitation", "is_online"): "answer",
    ("cases_indicator", "indicator"): "indicator",
    ("cases_service", "service"): "service",
    ("cases_service", "status"): "service_status",
    ("cases_immigration", "status"): "immigration_status",
    ("cases_contact", "interpreter"): "answer",
    ("cases_contact", "interpreter_gender"): "interpreter_gender",
    ("cases_child", "parental_responsibility"): "parental_responsibility",
    ("cases_child", "informed_by"): "child_informed_by",
    ("cases_child", "is_unaccompanied"): "answer",
    ("cases_consent", "legal_basis"): "legal_basis",
    ("cases_consent", "purpose"): "purpose",
    ("cases_case", "language"): "language",
    ("cases_case", "closing_outcome"): "closing_outcome",
    ("cases_anonymousnotification", "refusal_reason"): "refusal_reason",
    ("cases_anonymousnotification", "citizenship_group"): "citizenship_group",
}


def actor(name: str) -> Actor:
    members = Membership.objects.select_related("user", "organisation")
    return actor_for(members.get(user__email=people.address(name)))


def values(ask: Ask, table: str, column: str) -> set[str]:
    return {value for (value,) in ask(f"SELECT DISTINCT {column} FROM {table}")}


def test_the_whole_cast_works_where_the_tests_have_it() -> None:
    assert {name: people.WORKERS[name].place for name in PERSONAS} == {name: row[0] for name, row in PERSONAS.items()}


def test_every_member_of_the_cast_has_work(ask: Ask) -> None:
    without = []
    for name in PERSONAS:
        who = actor(name)
        if name in WITHOUT_WORK or not policies.may(who, "view_worklist"):
            continue
        with acting(who):
            found = worklist.read(who, worklist.Filters(tab=worklist.starting_tab(who)), None)
        if not sum(found.counts.values()):
            without.append(name)

    assert without == []


def test_the_unassigned_colleague_has_a_draft_and_no_case(ask: Ask) -> None:
    colleague = actor("colleague_unassigned")

    with acting(colleague):
        assert len(drafts.list_drafts(colleague)) == 1
        assert not CaseVisibility.objects.visible_to(colleague).exists()


def test_the_suspended_colleague_is_shut_out(ask: Ask) -> None:
    assert not Membership.objects.live().filter(user__email=people.address("suspended_member")).exists()


def test_every_case_has_a_lead_and_every_clock_a_keeper(ask: Ask) -> None:
    with as_worker():
        assert responsibility.cases_without_lead() == []
        assert responsibility.clocks_without_keeper() == []


def test_a_draft_is_about_to_be_erased(ask: Ask) -> None:
    caseworker = actor("ngo_caseworker")

    with acting(caseworker):
        warned = [draft for draft in drafts.list_drafts(caseworker) if drafts.is_warned_about(draft)]
    assert len(warned) == 1
    assert warned[0].warned_at is not None


def test_referrals_stand_in_every_state(ask: Ask) -> None:
    states = values(ask, "referrals_referral", "state")
    assert {"sent", "accepted", "in_progress", "done", "declined", "revoked"} <= states
    [(overdue,)] = ask("SELECT count(*) FROM referrals_referral WHERE state = 'sent' AND answer_due_at < now()")
    [(in_time,)] = ask("SELECT count(*) FROM referrals_referral WHERE state = 'sent' AND answer_due_at > now()")
    [(questions,)] = ask("SELECT count(*) FROM referrals_referralquestion WHERE answered_at IS NULL")
    assert overdue >= 2
    assert in_time >= 4
    assert questions >= 1


def test_reflection_periods_are_offered_run_and_end_soon(ask: Ask) -> None:
    assert {"offered", "running"} <= values(ask, "cases_reflectionperiod", "state")
    [(ending,)] = ask(
        "SELECT count(*) FROM cases_reflectionperiod"
        " WHERE state = 'running' AND ends_on - current_date BETWEEN 0 AND 14"
    )
    assert ending >= 3


def test_children_wait_and_have_guardians(ask: Ask) -> None:
    assert {"requested", "provisional", "appointed", "replaced"} <= values(ask, "cases_guardianship", "state")
    [(overdue,)] = ask(
        "SELECT count(*) FROM cases_guardianship WHERE state = 'requested' AND requested_at < now() - interval '1 day'"
    )
    [(flagged,)] = ask("SELECT count(*) FROM cases_guardianship WHERE conflict_flagged_at IS NOT NULL")
    assert overdue >= 1
    assert flagged >= 1


def test_a_consent_was_withdrawn_and_people_were_counted_who_refused(ask: Ask) -> None:
    assert "withdrawn" in values(ask, "cases_consent", "state")
    [(ended,)] = ask("SELECT count(*) FROM cases_share WHERE end_reason = 'consent_withdrawn'")
    [(notified,)] = ask("SELECT count(*) FROM cases_anonymousnotification")
    assert ended >= 1
    assert notified >= 5


def test_nothing_of_the_past_pours_out(ask: Ask) -> None:
    [(late,)] = ask(
        "SELECT count(*) FROM cases_reminder WHERE state = 'waiting' AND due_at < now() - interval '1 hour'"
    )
    [(mail,)] = ask("SELECT count(*) FROM accounts_outboxmail WHERE state = 'queued'")
    [(future,)] = ask("SELECT count(*) FROM audit_auditchange WHERE at > now()")
    assert (late, mail, future) == (0, 0, 0)


def test_what_is_written_down_keeps_to_the_lists(ask: Ask) -> None:
    wrong = {}
    for (table, column), name in LISTS.items():
        known = {code.code for code in codes.get(name)} | {"", "unknown"}
        unknown = values(ask, table, column) - known
        if unknown:
            wrong[table, column] = unknown

    assert wrong == {}


def test_nobody_is_real(ask: Ask) -> None:
    people_shown = ask("SELECT name, email FROM accounts_user")
    assert all(email.endswith("@example.test") for _name, email in people_shown)
    assert {name.partition(" ")[2] for name, _email in people_shown} <= {*people.FAMILY_NAMES, "Platform"}
    assert all(name.endswith(" (demo)") for (name,) in ask("SELECT name FROM accounts_organisation"))
    desks = ask("SELECT email, phone FROM accounts_organisation")
    assert all(email.startswith("desk.") and phone.startswith("088 000 ") for email, phone in desks)


def test_the_caseload_needs_no_exception(ask: Ask) -> None:
    users = [user for (user,) in ask("SELECT user_id FROM accounts_membership WHERE 'guardian' = ANY(roles)")]

    with acting(actor("child_protection_intake")):
        assert max(caseloads(users).values()) < 30


def test_the_password_that_is_printed_opens_an_account(ask: Ask) -> None:
    printed = StringIO()
    call_command("load_demo", stdout=printed)

    assert people.PASSWORD in printed.getvalue()
    assert people.address("ngo_caseworker") in printed.getvalue()
    assert Client().login(email=people.address("ngo_caseworker"), password=people.PASSWORD)


def test_the_second_time_does_nothing(ask: Ask) -> None:
    before = ask("SELECT count(*), max(at) FROM audit_auditchange")

    call_command("load_demo", stdout=StringIO())

    assert ask("SELECT count(*), max(at) FROM audit_auditchange") == before
    assert loader.is_loaded()
    assert not loader.is_interrupted()


def test_production_takes_no_fictitious_data(settings) -> None:
    settings.IS_PRODUCTION = True

    with pytest.raises(CommandError, match="production"):
        call_command("load_demo")
