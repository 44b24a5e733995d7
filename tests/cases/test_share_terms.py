"""Shares in full: a start ahead, to read or to add, renewal, review, reminder, the end that always works."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from accounts.context import acting
from accounts.models import Organisation
from audit.models import AuditChange
from cases.access import get_case_by_id
from cases.enums import SHAREABLE, Office
from cases.models import Case, CaseGroupObjectPermission, Deadline, Narrative, Service, Share
from cases.operations.elapsed import end_elapsed_shares, open_begun_shares
from cases.operations.rows import add_row, correct_row
from cases.operations.sharing import Stage, end_unknown_share, renew_share, share, stage
from cases.policies import CEILING
from cases.reminders import as_worker
from core import clock, reference
from core.db import role
from core.errors import Conflict, NotAllowed, Refused
from tests.cases.filing import NAME, at_work, consented, filed_case, shared, today
from tests.cast import Cast
from tests.referrals.scenes import accepted, sent

MOVED = "service_continues"


@pytest.fixture
def case(cast: Cast) -> Case:
    return filed_case(cast)


def address(case: Case, path: str = "shares/") -> str:
    return f"/cases/{case.shown_reference}/{path}"


def status(cast: Cast, persona: str, url: str) -> int:
    return cast.client(persona).get(url).status_code


def ahead(days: int) -> Any:
    return today() + timedelta(days=days)


def seen(cast: Cast, pk: Any) -> Share:
    with acting(cast.ngo_supervisor.actor):
        return Share.objects.get(pk=pk)


def renewed(cast: Cast, case: Case, made: Share, *, by: str = "ngo_caseworker", **values: Any) -> Share:
    given = {"ends_on": ahead(60), "reason": MOVED, **values}
    with at_work(cast, by, case) as (actor, access):
        return renew_share(actor, access=access, share=made, **given)


def clocks_of(cast: Cast, pk: Any) -> list[tuple[str, Any]]:
    with acting(cast.ngo_supervisor.actor):
        open_ones = Deadline.objects.filter(subject_id=pk, state="open")
        return list(open_ones.order_by("rule").values_list("rule", "due_on"))


# -- a start that lies ahead -----------------------------------------------------------------------------------------


def test_a_start_ahead_opens_nothing_before_its_day(cast: Cast, case: Case) -> None:
    made = shared(cast, case, cast.organisations.shelter, "identity", starts_on=ahead(5))
    assert stage(made) is Stage.AHEAD
    assert status(cast, "shelter_intake", address(case, "")) == 404
    assert "Not begun yet" in cast.client("ngo_caseworker").get(address(case, f"shares/{made.pk}/")).content.decode()
    with clock.travel(clock.moment() + timedelta(days=6)):
        assert status(cast, "shelter_intake", address(case, "")) == 404  # a worker that stands still opens nothing
        with as_worker():
            assert open_begun_shares() == 1
            assert open_begun_shares() == 0
        assert NAME in cast.client("shelter_intake").post(address(case, "name/")).content.decode()


def test_what_lies_ahead_can_be_ended_before_it_begins(cast: Cast, case: Case) -> None:
    made = shared(cast, case, cast.organisations.shelter, "identity", starts_on=ahead(5))
    assert cast.client("ngo_caseworker").post(address(case, f"shares/{made.pk}/")).status_code == 302
    with clock.travel(clock.moment() + timedelta(days=6)):
        with as_worker():
            assert open_begun_shares() == 0
        assert status(cast, "shelter_intake", address(case, "")) == 404


@pytest.mark.parametrize(("starts", "message"), [(-1, "lies in the past"), (31, "lies after the last")])
def test_a_start_that_cannot_be_is_refused(cast: Cast, case: Case, starts: int, message: str) -> None:
    with pytest.raises(Refused, match=message):
        shared(cast, case, cast.organisations.shelter, "identity", starts_on=ahead(starts))


def test_the_same_purpose_and_category_meet_once_also_ahead(cast: Cast, case: Case) -> None:
    shelter = cast.organisations.shelter
    shared(cast, case, shelter, "identity", ends_on=ahead(10))
    with pytest.raises(Refused, match="Already shared"):
        shared(cast, case, shelter, "identity", starts_on=ahead(10), ends_on=ahead(30))
    later = shared(cast, case, shelter, "identity", starts_on=ahead(11), ends_on=ahead(30))
    with pytest.raises(Refused, match="Already shared"):
        shared(cast, case, shelter, "identity", starts_on=ahead(20), ends_on=ahead(40))
    assert later.starts_at > clock.moment()


# -- to read, or to add ----------------------------------------------------------------------------------------------


def written(cast: Cast, case: Case, by: str) -> Narrative:
    with at_work(cast, by, case) as (actor, access):
        return add_row(actor, access=access, model=Narrative, columns={}, content={"text": "x"})  # type: ignore[return-value]


def test_who_only_reads_adds_nothing(cast: Cast, case: Case) -> None:
    shared(cast, case, cast.organisations.shelter, "identity", level="read")
    client = cast.client("shelter_supervisor")
    assert NAME in client.post(address(case, "name/")).content.decode()
    for act in ("narrative/add/", "consent/add/", "referrals/new/?"):
        assert client.get(address(case, act)).status_code == 403, act
    with pytest.raises(NotAllowed):
        written(cast, case, "shelter_supervisor")
    may = client.get(f"/api/v1/cases/{case.shown_reference}/").json()["may"]
    assert not {"add_row", "correct_row", "record_consent", "send_referral"} & set(may)


def test_who_contributes_adds_its_own_rows(cast: Cast, case: Case) -> None:
    shared(cast, case, cast.organisations.shelter, "identity", level="contribute")
    assert written(cast, case, "shelter_supervisor").owner_organisation_id == cast.organisations.shelter.pk


def test_the_database_alone_refuses_what_a_reader_writes(cast: Cast, case: Case) -> None:
    """By a share to add, then to read: the row that was written stays and is not touched any more."""
    made = shared(cast, case, cast.organisations.shelter, "identity")
    row = written(cast, case, "shelter_supervisor")
    cast.client("ngo_caseworker").post(address(case, f"shares/{made.pk}/"))
    shared(cast, case, cast.organisations.shelter, "identity", level="read")
    insert = (
        "INSERT INTO cases_narrative"
        " (id, case_id, owner_organisation_id, version, created_at, created_by_id, updated_at)"
        " SELECT gen_random_uuid(), case_id, owner_organisation_id, 1, created_at, created_by_id, updated_at"
        " FROM cases_narrative WHERE id = %s"
    )
    with acting(cast.shelter_supervisor.actor):
        assert Narrative.objects.filter(pk=row.pk).exists()
        assert run("UPDATE cases_narrative SET version = 9 WHERE id = %s", row.pk) == 0
        with pytest.raises(ProgrammingError, match="row-level security"):
            run(insert, row.pk)
    with at_work(cast, "shelter_supervisor", case) as (actor, access), pytest.raises(NotAllowed):
        correct_row(actor, access=access, row=row, columns={}, content={}, values_of=lambda _row: {}, version=1)


def test_a_right_to_add_ends_with_its_share_though_another_goes_on(cast: Cast, case: Case) -> None:
    shelter = cast.organisations.shelter
    shared(cast, case, shelter, "identity", ends_on=ahead(3))
    shared(cast, case, shelter, "contact", level="read", ends_on=ahead(30))
    assert written(cast, case, "shelter_supervisor")
    with clock.travel(clock.moment() + timedelta(days=5)):
        actor = cast.shelter_supervisor.actor
        with acting(actor):
            assert not get_case_by_id(actor, case.pk).may_contribute
            assert ask("SELECT cases_may_contribute(%s)", case.pk) is False
        with pytest.raises(NotAllowed):
            written(cast, case, "shelter_supervisor")


# -- renewal ---------------------------------------------------------------------------------------------------------


def test_a_renewal_moves_the_end_with_a_reason(cast: Cast, case: Case) -> None:
    made = shared(cast, case, cast.organisations.shelter, "identity", ends_on=ahead(10))
    url, last = address(case, f"shares/{made.pk}/renew/"), ahead(80)
    data = {"ends_on_day": last.day, "ends_on_month": last.month, "ends_on_year": last.year, "reason": MOVED}
    assert cast.client("ngo_caseworker").post(url, data).status_code == 302
    assert (seen(cast, made.pk).ends_on, seen(cast, made.pk).renewal_reason) == (last, MOVED)
    with clock.travel(clock.moment() + timedelta(days=79)):
        assert status(cast, "shelter_intake", address(case, "identity/")) == 200
    with clock.travel(clock.moment() + timedelta(days=82)):
        assert status(cast, "shelter_intake", address(case, "identity/")) == 404
    with acting(cast.ngo_supervisor.actor):
        row = AuditChange.objects.get(kind="renew_share", object_id=made.pk)
    assert (row.detail["reason"], row.detail["ends_on"]) == (MOVED, last.isoformat())


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"reason": ""}, "why it goes on"),
        ({"reason": "habit"}, "why it goes on"),
        ({"ends_on": None}, "until which day"),
        ({"ends_on": 91}, "at most 90 days"),
        ({"ends_on": -1}, "lies in the past"),
        ({"ends_on": 10}, "already lasts until then"),
    ],
)
def test_a_renewal_keeps_the_rules_of_a_share(cast: Cast, case: Case, changed: Any, message: str) -> None:
    made = shared(cast, case, cast.organisations.shelter, "identity", ends_on=ahead(10))
    given = {key: ahead(value) if isinstance(value, int) else value for key, value in changed.items()}
    with pytest.raises(Refused, match=message):
        renewed(cast, case, made, **given)
    assert seen(cast, made.pk).ends_on == ahead(10)


def test_a_renewal_never_goes_beyond_the_consent(cast: Cast, case: Case) -> None:
    consent = consented(cast, case, valid_until=ahead(40))
    on_consent = {"legal_basis": "consent", "consent": consent, "ends_on": ahead(10)}
    made = shared(cast, case, cast.organisations.shelter, "identity", **on_consent)
    with pytest.raises(Refused, match="consent ends before"):
        renewed(cast, case, made, ends_on=ahead(41))
    assert renewed(cast, case, made, ends_on=ahead(40)).ends_on == ahead(40)


def test_what_has_ended_is_not_renewed(cast: Cast, case: Case) -> None:
    made = shared(cast, case, cast.organisations.shelter, "identity")
    cast.client("ngo_caseworker").post(address(case, f"shares/{made.pk}/"))
    with pytest.raises(Conflict):
        renewed(cast, case, made)


def test_the_receiver_renews_nothing(cast: Cast, case: Case) -> None:
    made = shared(cast, case, cast.organisations.shelter, "identity")
    assert status(cast, "shelter_supervisor", address(case, f"shares/{made.pk}/renew/")) == 403
    with pytest.raises(NotAllowed):
        renewed(cast, case, made, by="shelter_supervisor")


def test_what_an_accepted_referral_opened_can_be_renewed(cast: Cast, case: Case) -> None:
    referral = accepted(cast, sent(cast, case, "ngo_caseworker"))
    assert renewed(cast, case, referral.share, ends_on=ahead(85)).ends_on == ahead(85)
    with clock.travel(clock.moment() + timedelta(days=80)):
        assert status(cast, "shelter_worker", address(case, "")) == 200


# -- the end that always works ---------------------------------------------------------------------------------------


def test_data_protection_ends_what_it_may_not_read(cast: Cast, case: Case) -> None:
    made = shared(cast, case, cast.organisations.shelter, "identity")
    client = cast.client("data_protection_officer")
    assert client.get(address(case, "")).status_code == 404
    page = client.get("/shares/").content.decode()
    assert case.shown_reference in page
    assert cast.organisations.shelter.name in page
    assert NAME not in page + client.get(f"/shares/{made.pk}/").content.decode()
    assert client.post(f"/shares/{made.pk}/").status_code == 302
    assert status(cast, "shelter_intake", address(case, "")) == 404
    assert client.post(f"/shares/{made.pk}/").status_code == 302  # ending twice changes nothing
    with acting(cast.ngo_supervisor.actor):
        assert AuditChange.objects.filter(kind="end_share", object_id=made.pk).count() == 1


def test_a_share_in_a_case_that_was_lost_is_ended_all_the_same(cast: Cast, case: Case) -> None:
    first = shared(cast, case, cast.organisations.shelter, "identity")
    written(cast, case, "shelter_supervisor")
    by_shelter = {"purpose": "refer_health", "by": "shelter_supervisor"}
    theirs = shared(cast, case, cast.organisations.health, "identity", **by_shelter)
    cast.client("ngo_caseworker").post(address(case, f"shares/{first.pk}/"))
    client = cast.client("shelter_supervisor")
    assert client.get(address(case, "")).status_code == 404
    assert client.post(f"/shares/{theirs.pk}/").status_code == 302
    assert seen_as_shelter(cast, theirs).ended_at is not None


def seen_as_shelter(cast: Cast, made: Share) -> Share:
    with acting(cast.shelter_supervisor.actor):
        return Share.objects.get(pk=made.pk)


@pytest.mark.parametrize(
    ("persona", "expected"),
    [("ngo_caseworker", 403), ("shelter_supervisor", 404), ("other_ngo_supervisor", 404), ("auditor", 403)],
)
def test_others_find_nothing_to_end(cast: Cast, case: Case, persona: str, expected: int) -> None:
    made = shared(cast, case, cast.organisations.shelter, "identity")
    assert cast.client(persona).post(f"/shares/{made.pk}/").status_code == expected
    assert seen(cast, made.pk).ended_at is None
    with acting(getattr(cast, persona).actor) as actor, pytest.raises(NotAllowed):
        end_unknown_share(actor, share=made)


def test_the_reference_of_another_organisation_finds_nothing_here(cast: Cast, case: Case) -> None:
    shared(cast, case, cast.organisations.shelter, "identity")
    absent = reference.show(reference.new())
    other = cast.client("other_ngo_supervisor").get(f"/shares/?q={case.shown_reference}").content.decode()
    never = cast.client("other_ngo_supervisor").get(f"/shares/?q={absent}").content.decode()
    assert "shares nothing under this reference" in other
    assert plain(other, case.shown_reference) == plain(never, absent)
    mine = cast.client("ngo_supervisor").get(f"/shares/?q={case.shown_reference}").content.decode()
    assert cast.organisations.shelter.name in mine
    forged = cast.client("ngo_supervisor").get("/shares/?q=K7QF-2M9X-V")
    assert forged.status_code == 422
    assert cast.organisations.shelter.name not in forged.content.decode()


def plain(html: str, shown: str) -> str:
    """The page without the reference that was asked for and the secrets of its forms."""
    return re.sub(r'(name="(?:csrfmiddlewaretoken|submission_key)" value=")[^"]*', r"\1", html.replace(shown, ""))


def test_the_api_ends_and_renews_alike(cast: Cast, case: Case) -> None:
    made = shared(cast, case, cast.organisations.shelter, "identity", ends_on=ahead(10))
    base = f"/api/v1/cases/{case.shown_reference}/shares/{made.pk}"
    client, body = cast.client("ngo_caseworker"), {"ends_on": ahead(40).isoformat(), "reason": MOVED}
    assert client.post(f"{base}/renew/", body, content_type="application/json").status_code == 201
    assert client.get(f"{base}/").json()["renewal_reason"] == MOVED
    officer = cast.client("data_protection_officer")
    (found,) = officer.get("/api/v1/shares/").json()
    assert (found["reference"], found["may_end"]) == (case.shown_reference, True)
    assert officer.post(f"/api/v1/shares/{made.pk}/end/", content_type="application/json").status_code == 201
    assert client.get(f"{base}/").json()["stage"] == "ended"


# -- review and reminder ---------------------------------------------------------------------------------------------


def child_protections_share(cast: Cast, child: Case) -> Share:
    with acting(cast.ngo_supervisor.actor):
        return Share.objects.live().get(case=child, office=Office.CHILD_PROTECTION)


def test_what_a_party_sees_by_office_is_reviewed_by_a_supervisor_after_ninety_days(cast: Cast) -> None:
    child = filed_case(cast, age_group="child")
    made = child_protections_share(cast, child)
    assert clocks_of(cast, made.pk) == [("EU-OFFICE-REV", ahead(90))]
    url = address(child, f"shares/{made.pk}/review/")
    assert status(cast, "ngo_caseworker", url) == 403
    with clock.travel(clock.moment() + timedelta(days=80)):
        card = cast.client("ngo_supervisor").get(address(child, "")).content.decode()
        assert f"shares/{made.pk}/" in card
        assert cast.client("ngo_supervisor").post(url).status_code == 302
        assert clocks_of(cast, made.pk) == [("EU-OFFICE-REV", ahead(90))]
    with acting(cast.ngo_supervisor.actor):
        assert AuditChange.objects.filter(kind="review_share", object_id=made.pk).count() == 1


def test_only_what_a_party_has_by_office_is_reviewed(cast: Cast, case: Case) -> None:
    made = shared(cast, case, cast.organisations.shelter, "identity")
    assert clocks_of(cast, made.pk) == []
    assert cast.client("ngo_supervisor").post(address(case, f"shares/{made.pk}/review/")).status_code == 409


def test_a_party_by_office_is_not_renewed_and_its_review_ends_with_the_case(cast: Cast) -> None:
    child = filed_case(cast, age_group="child")
    made = child_protections_share(cast, child)
    with pytest.raises(Refused, match="ends with the office"):
        renewed(cast, child, made)
    closing = {"outcome": "support_ended"}
    assert cast.client("ngo_supervisor").post(address(child, "close/"), closing).status_code in (302, 422)
    if seen(cast, made.pk).ended_at is not None:
        assert clocks_of(cast, made.pk) == []


def serve(cast: Cast, case: Case, **columns: Any) -> Service:
    with at_work(cast, "ngo_caseworker", case) as (actor, access):
        given = {"service": "counselling", "status": "started", "started_on": today(), **columns}
        return add_row(actor, access=access, model=Service, columns=given, content={})  # type: ignore[return-value]


def test_an_end_that_would_cut_a_running_service_is_reminded_of(cast: Cast, case: Case) -> None:
    made = shared(cast, case, cast.organisations.shelter, "identity", ends_on=ahead(30))
    assert clocks_of(cast, made.pk) == []
    row = serve(cast, case)
    assert clocks_of(cast, made.pk) == [("EU-SHARE-END", ahead(30))]
    renewed(cast, case, made, ends_on=ahead(60))
    assert clocks_of(cast, made.pk) == [("EU-SHARE-END", ahead(60))]
    later = shared(cast, case, cast.organisations.health, "identity", purpose="refer_health", ends_on=ahead(20))
    assert clocks_of(cast, later.pk) == [("EU-SHARE-END", ahead(20))]
    with at_work(cast, "ngo_caseworker", case) as (actor, access):
        ended = {"service": "counselling", "status": "ended", "started_on": today(), "ended_on": today()}
        correct_row(
            actor, access=access, row=row, columns=ended, content={}, values_of=lambda _row: {}, version=row.version
        )
    assert clocks_of(cast, made.pk) == clocks_of(cast, later.pk) == []


def test_what_an_accepted_referral_opened_is_reminded_of(cast: Cast, case: Case) -> None:
    referral = accepted(cast, sent(cast, case, "ngo_caseworker", ends_on=ahead(30)))
    assert clocks_of(cast, referral.share_id) == [("EU-SHARE-END", ahead(30))]


def test_the_hour_writes_down_what_has_run_out_and_stops_its_clocks(cast: Cast, case: Case) -> None:
    serve(cast, case)
    made = shared(cast, case, cast.organisations.shelter, "identity", ends_on=ahead(5))
    with clock.travel(clock.moment() + timedelta(days=7)):
        with as_worker():
            assert end_elapsed_shares() == 1
            assert end_elapsed_shares() == 0
        assert (seen(cast, made.pk).end_reason, clocks_of(cast, made.pk)) == ("elapsed", [])


# -- by the database -------------------------------------------------------------------------------------------------


def run(statement: str, *values: Any) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, list(values))
        return cursor.rowcount


def ask(statement: str, *values: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement, list(values))
        return cursor.fetchone()[0]


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("to_organisation_id = from_organisation_id", "share_to_another"),
        ("ends_at = starts_at", "share_ends_after_start"),
        ("ends_at = NULL", "ends_at"),
        ("ends_on = NULL", "ends_on"),
        ("purpose = ''", "share_has_purpose_and_basis"),
        ("legal_basis = ''", "share_has_purpose_and_basis"),
        ("categories = '{}'", "share_has_categories"),
        ("categories = '{location}'", "share_within_ceiling"),
        ("categories = '{narrative}'", "share_within_ceiling"),
        ("level = 'own'", "share_level_known"),
        ("consent_id = NULL", "share_on_consent_names_it"),
        ("legal_basis = 'legal_obligation'", "share_obligation_names_provision"),
        ("provision = 'eu-guardian'", "share_obligation_names_provision"),
        ("legal_basis = 'vital_interests', consent_id = NULL", "share_for_a_life_rests_on_override"),
        ("consent_valid_until = ends_on - 1", "share_within_consent"),
        ("ends_at = ends_at + interval '90 days'", "share_within_ninety_days"),
        ("renewed_at = now()", "share_renewed_with_reason"),
        ("renewal_reason = 'habit'", "share_renewed_with_reason"),
    ],
)
def test_each_constraint_of_a_share_holds(cast: Cast, case: Case, change: str, constraint: str) -> None:
    made = shared(cast, case, cast.organisations.shelter, "identity")
    with role("nrm_ledger"), pytest.raises(IntegrityError, match=constraint):
        run(f"UPDATE cases_share SET {change} WHERE id = %s", made.pk)


def test_the_application_writes_neither_shares_nor_grants(cast: Cast, case: Case) -> None:
    shared(cast, case, cast.organisations.shelter, "identity")
    with acting(cast.ngo_supervisor.actor):
        for table in ("cases_share", "cases_casegroupobjectpermission", "cases_casevisibility"):
            with pytest.raises(ProgrammingError, match="permission denied"):
                run(f"UPDATE {table} SET id = id")
            with pytest.raises(ProgrammingError, match="permission denied"):
                run(f"DELETE FROM {table}")


def test_the_same_purpose_is_granted_once_whoever_writes_it(cast: Cast, case: Case) -> None:
    first = shared(cast, case, cast.organisations.shelter, "identity")
    second = shared(cast, case, cast.organisations.shelter, "contact")
    grants = CaseGroupObjectPermission._meta.db_table
    with role("nrm_ledger"), pytest.raises(IntegrityError, match="grant_once_per_purpose"):
        run(f"UPDATE {grants} SET category = 'identity' WHERE share_id = %s", second.pk)
    assert first.pk != second.pk


@pytest.mark.django_db
def test_the_ceiling_of_the_database_is_that_of_the_policies() -> None:
    with connection.cursor() as cursor:
        for kind in (*CEILING, "coordinator", "rapporteur", "unknown"):
            cursor.execute("SELECT cases_ceiling(%s)", [kind])
            assert set(cursor.fetchone()[0]) == set(CEILING.get(kind, ()))
    assert all(set(row) <= set(SHAREABLE) for row in CEILING.values())


# -- what names another case -----------------------------------------------------------------------------------------


def test_a_share_of_another_case_is_not_found_here(cast: Cast, case: Case) -> None:
    foreign = shared(cast, filed_case(cast), cast.organisations.shelter, "identity")
    client = cast.client("ngo_supervisor")
    for act in ("", "renew/", "review/"):
        assert client.post(address(case, f"shares/{foreign.pk}/{act}")).status_code == 404
    body = {"ends_on": ahead(40).isoformat(), "reason": MOVED}
    url = f"/api/v1/cases/{case.shown_reference}/shares/{foreign.pk}/renew/"
    assert client.post(url, body, content_type="application/json").status_code == 404
    assert seen(cast, foreign.pk).ended_at is None


@pytest.mark.parametrize("value", ["7", "00000000-0000-0000-0000-000000000007", "' OR 1=1 --", ""])
def test_a_forged_receiver_is_no_receiver(cast: Cast, case: Case, value: str) -> None:
    body = {
        "to": value,
        "categories": ["identity"],
        "purpose": "refer_shelter",
        "legal_basis": "legal_obligation",
        "ends_on": ahead(10).isoformat(),
    }
    url = f"/api/v1/cases/{case.shown_reference}/shares/"
    answer = cast.client("ngo_caseworker").post(url, body, content_type="application/json")
    assert answer.status_code == 422
    assert "to" in answer.json()["errors"]


def test_sharing_with_an_organisation_that_was_suspended_meanwhile_is_refused(cast: Cast, case: Case) -> None:
    Organisation.objects.filter(pk=cast.organisations.shelter.pk).update(suspended_at=clock.moment())
    stale = Organisation.objects.get(pk=cast.organisations.shelter.pk)
    with at_work(cast, "ngo_caseworker", case) as (actor, access), pytest.raises(Refused, match="suspended"):
        share(
            actor,
            access=access,
            to=stale,
            categories=["identity"],
            purpose="refer_shelter",
            legal_basis="consent",
            ends_on=ahead(10),
        )


def test_under_what_is_no_reference_nothing_is_said_of_shares(cast: Cast) -> None:
    response = cast.client("ngo_supervisor").get("/shares/?q=hello")
    assert response.status_code == 422
    assert "shares nothing" not in response.content.decode()
