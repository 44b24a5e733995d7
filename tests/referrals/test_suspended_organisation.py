"""An organisation is suspended: what it gave and was given by choice ends at the next request, and stays ended."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.context import acting
from accounts.models import OrganisationSuspension
from accounts.operations import reinstate_organisation, suspend_organisation
from audit.models import AuditChange
from cases import access as door
from cases import ledger
from cases.models import Case, CaseGroupObjectPermission, CaseVisibility, Consent, Contact, Identity, Share
from cases.operations.emergency import break_glass
from cases.operations.sharing import Stage, renew_share, stage
from core import clock
from core.db import role
from core.errors import Conflict, Missing
from referrals.models import Referral
from referrals.operations import suspensions, write_suspensions
from referrals.operations.suspensions import write_next_case
from tests.cases.files import assign, inside
from tests.cases.filing import at_work, consented, filed_case, is_counted, shared, today
from tests.cast import Cast
from tests.proofs import size
from tests.referrals.scenes import accepted, police_case, sent, state

A_MINUTE = timedelta(minutes=1)


def suspend(cast: Cast, who: str) -> None:
    with acting(cast.platform_administrator.actor) as actor:
        suspend_organisation(actor, organisation=getattr(cast.organisations, who))


def reinstate(cast: Cast, who: str) -> None:
    with acting(cast.platform_administrator.actor) as actor:
        reinstate_organisation(actor, organisation=getattr(cast.organisations, who))


@contextmanager
def later(**by: float) -> Iterator[None]:
    with clock.travel(clock.moment() + timedelta(**by)):
        yield


def knows(cast: Cast, persona: str, case: Case) -> set[str]:
    """By which ways the persona knows the case: policy of the application, page, API, and row-level security."""
    person = getattr(cast, persona)
    client, ways = cast.client(persona), set()
    with acting(person.actor):
        try:
            door.get_case(person.actor, case.reference)
            ways.add("access")
        except Missing:
            pass
        if CaseVisibility.objects.filter(case=case).exists():
            ways.add("visibility")
        if Case.objects.filter(pk=case.pk).exists():
            ways.add("case")
    for name, path in (("page", f"/cases/{case.shown_reference}/"), ("api", f"/api/v1/cases/{case.shown_reference}/")):
        if client.get(path).status_code == HTTPStatus.OK:
            ways.add(name)
    return ways


EVERY_WAY = {"access", "visibility", "case", "page", "api"}


def rows_of(cast: Cast, persona: str, case: Case) -> tuple[int, int]:
    """Identity rows that the persona reads: by the application, and by row-level security alone."""
    with inside(getattr(cast, persona), case) as (_actor, access):
        return len(door.read_rows(access, "identity")), Identity.objects.filter(case=case).count()


def live(case: Case) -> set[str]:
    with role(ledger.LEDGER):
        return {str(share.to_organisation) for share in Share.objects.live().filter(case=case)}


@pytest.fixture
def given(cast: Cast) -> Case:
    """A case of the NGO, of which the shelter reads two categories."""
    case = filed_case(cast)
    shared(cast, case, cast.organisations.shelter, "identity", "contact")
    assign(cast, case, "shelter_worker")
    return case


# -- the next request, with the job never run ------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["ngo", "shelter"])
def test_reinstating_revives_nothing_even_if_no_worker_ever_ran(cast: Cast, given: Case, who: str) -> None:
    assert knows(cast, "shelter_worker", given) == EVERY_WAY
    suspend(cast, who)
    assert knows(cast, "shelter_worker", given) <= ({"access", "visibility", "case"} if who == "shelter" else set())
    with later(minutes=5):
        reinstate(cast, who)
        assert knows(cast, "shelter_worker", given) == set()
        assert knows(cast, "shelter_supervisor", given) == set()
        assert knows(cast, "ngo_caseworker", given) == EVERY_WAY


def test_what_the_suspended_organisation_gave_is_not_read_at_the_next_request(cast: Cast, given: Case) -> None:
    # The shelter also knows the case by the police, who go on.
    shared(cast, given, cast.organisations.police, "identity", purpose="refer_shelter")
    assert rows_of(cast, "shelter_supervisor", given) == (1, 1)
    suspend(cast, "ngo")
    assert knows(cast, "police_supervisor", given) == set()
    with acting(cast.shelter_supervisor.actor):
        assert not Identity.objects.filter(case=given).exists()
        assert not CaseGroupObjectPermission.objects.filter(content_object=given).exists()


@pytest.mark.parametrize("who", ["ngo", "shelter"])
def test_the_application_says_so_without_row_level_security_too(cast: Cast, given: Case, who: str) -> None:
    """As the ledger, which sees every row: what ``access`` and guardian's checker ask is right by itself."""

    def seen() -> tuple[bool, bool]:
        shelter = cast.shelter_supervisor.actor
        with role(ledger.LEDGER):
            known = CaseVisibility.objects.visible_to(shelter).filter(case=given).exists()
            assert shelter.group_id is not None
            return known, bool(door.LiveChecker(shelter.group_id).live(given))

    assert seen() == (True, True)
    suspend(cast, who)
    with later(minutes=5):
        reinstate(cast, who)
        assert seen() == (False, False)


def test_what_hung_on_it_is_gone_too(cast: Cast, given: Case) -> None:
    """The shelter passed the case on to a health service, with a row of its own."""
    with at_work(cast, "shelter_worker", given) as (_actor, access):
        assert access.may_contribute
    shared(cast, given, cast.organisations.health, "services", by="shelter_worker", purpose="refer_health")
    assert live(given) == {"Shelter", "Health"}
    suspend(cast, "shelter")
    assert live(given) == set()
    with later(minutes=5):
        reinstate(cast, "shelter")
        assert live(given) == set()


def test_a_third_organisation_between_them_loses_the_case_as_well(cast: Cast) -> None:
    """The NGO gives to the shelter, the shelter to the health service: the NGO's own case, its registrar is police."""
    case = police_case(cast)
    accepted(cast, sent(cast, case))
    shared(cast, case, cast.organisations.health, "services", by="shelter_worker", purpose="refer_health")
    shared(cast, case, cast.organisations.other_shelter, "identity", by="police_supervisor")
    suspend(cast, "shelter")
    assert live(case) == {"Other shelter"}


def test_one_sees_as_ended_what_one_gave_to_a_suspended_organisation(cast: Cast, given: Case) -> None:
    suspend(cast, "shelter")
    with inside(cast.ngo_supervisor, given) as (actor, access):
        (share,) = door.shares(access)
        assert stage(share) is Stage.ENDED
        with pytest.raises(Conflict):
            renew_share(actor, access=access, share=share, ends_on=today() + timedelta(days=60), reason="ongoing")
    with acting(cast.data_protection_officer.actor) as actor:
        assert door.given_shares(actor) == []


def test_a_share_that_starts_later_is_cut_as_well(cast: Cast, given: Case) -> None:
    ahead = today() + timedelta(days=3)
    shared(cast, given, cast.organisations.health, "identity", purpose="refer_health", starts_on=ahead)
    suspend(cast, "ngo")
    with later(minutes=5):
        reinstate(cast, "ngo")
    with later(days=4):
        assert knows(cast, "health_worker", given) == set()
        assert live(given) == set()


def test_what_is_shared_after_reinstating_opens_at_once(cast: Cast, given: Case) -> None:
    suspend(cast, "shelter")
    with later(minutes=5):
        reinstate(cast, "shelter")
    with later(minutes=10):
        shared(cast, given, cast.organisations.shelter, "identity")
        assert knows(cast, "shelter_supervisor", given) == EVERY_WAY
        # Nobody is assigned again: they were when the case was known before.
        assert knows(cast, "shelter_worker", given) == set()
        assert rows_of(cast, "shelter_supervisor", given) == (1, 1)
    with later(minutes=30):
        write_suspensions()
        assert knows(cast, "shelter_supervisor", given) == EVERY_WAY


def test_a_consent_that_a_cut_share_rests_on_is_not_read(cast: Cast) -> None:
    case = filed_case(cast)
    given = consented(cast, case)
    basis: dict[str, Any] = {"legal_basis": "consent", "consent": given}
    shared(cast, case, cast.organisations.shelter, "identity", **basis)
    with acting(cast.shelter_supervisor.actor):
        assert Consent.objects.filter(pk=given.pk).exists()
    shared(cast, case, cast.organisations.other_shelter, "identity")
    suspend(cast, "shelter")
    with later(minutes=5):
        reinstate(cast, "shelter")
    with acting(cast.shelter_supervisor.actor):
        assert not Consent.objects.filter(pk=given.pk).exists()


# -- what goes on ----------------------------------------------------------------------------------------------------


def test_parties_by_office_go_on_reading_what_a_suspended_lead_wrote(cast: Cast) -> None:
    case = filed_case(cast, age_group="child")
    suspend(cast, "ngo")
    assert knows(cast, "child_protection_intake", case) == EVERY_WAY
    assert rows_of(cast, "child_protection_intake", case) == (1, 1)


def test_an_office_sees_nothing_while_its_holder_is_suspended_and_goes_on_afterwards(cast: Cast) -> None:
    case = filed_case(cast, age_group="child")
    suspend(cast, "child_protection")
    assert not {"page", "api"} & knows(cast, "child_protection_intake", case)
    with later(minutes=20):
        write_suspensions()
        write_suspensions()
        reinstate(cast, "child_protection")
        assert knows(cast, "child_protection_intake", case) == EVERY_WAY


def test_an_accepted_referral_of_the_suspended_lead_goes_on(cast: Cast) -> None:
    case = police_case(cast)
    referral = accepted(cast, sent(cast, case))
    suspend(cast, "police")
    with later(minutes=20):
        write_suspensions()
        write_suspensions()
        assert knows(cast, "shelter_worker", case) == EVERY_WAY
        assert state(cast, "shelter_worker", referral) == "accepted"


def test_an_emergency_opens_a_case_whose_lead_is_suspended(cast: Cast, given: Case) -> None:
    suspend(cast, "ngo")
    police = cast.police_supervisor
    with acting(police.actor) as actor:
        values = {"reason": "life_at_risk", "explanation": "Screams were heard", "proof": police.password}
        assert break_glass(actor, reference=given.shown_reference, **values).opened is not None
    assert rows_of(cast, "police_supervisor", given) == (1, 1)


# -- referrals -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["police", "shelter"])
def test_a_referral_that_waits_cannot_be_accepted_any_more(cast: Cast, who: str) -> None:
    referral = sent(cast, police_case(cast))
    suspend(cast, who)
    with later(minutes=5):
        reinstate(cast, who)
        assert state(cast, "shelter_intake", referral) == "ended"
        with acting(cast.shelter_intake.actor) as actor:
            assert not Referral.objects.visible_to(actor).waiting().exists()
        with pytest.raises(Conflict):
            accepted(cast, referral)


def test_an_accepted_referral_to_a_suspended_organisation_has_ended(cast: Cast) -> None:
    case = police_case(cast)
    referral = accepted(cast, sent(cast, case))
    suspend(cast, "shelter")
    with later(minutes=5):
        reinstate(cast, "shelter")
        assert state(cast, "police_officer", referral) == "ended"
        assert knows(cast, "shelter_worker", case) == set()


# -- writing it down -------------------------------------------------------------------------------------------------


def test_the_worker_writes_the_ends_with_audit_rows_and_then_asks_no_more(cast: Cast, given: Case) -> None:
    referral = sent(
        cast, given, "ngo_caseworker", to=cast.organisations.health,
        service="medical", purpose="refer_health", categories=["identity"],
    )  # fmt: skip
    suspend(cast, "ngo")
    write_suspensions()
    with role(ledger.LEDGER):
        share = Share.objects.get(case=given)
    assert (share.ended_at is not None, share.end_reason) == (True, "organisation_suspended")
    with acting(cast.health_worker.actor), role("nrm_worker"):
        assert Referral.objects.get(pk=referral.pk).state == "ended"
    (row,) = OrganisationSuspension.objects.all()
    assert (row.shares_ended, row.referrals_ended, row.written_at) == (1, 1, None)
    with acting(cast.ngo_supervisor.actor):
        kinds = list(AuditChange.objects.filter(case_id=given.pk, kind="end_share").values_list("detail", flat=True))
    assert [one["reason"] for one in kinds] == ["organisation_suspended"]
    with later(minutes=20):
        write_suspensions()
        row.refresh_from_db()
        assert row.written_at is not None
        reinstate(cast, "ngo")
        assert knows(cast, "shelter_worker", given) == set()


def test_a_request_that_was_under_way_is_swept_up(cast: Cast, given: Case) -> None:
    """It wrote its share after the suspension began and after the worker had looked at the case."""
    suspend(cast, "shelter")
    write_suspensions()
    shelter = cast.organisations.shelter
    with role(ledger.LEDGER):
        former = Share.objects.get(case=given)
        with later(minutes=1):
            late = Share(
                case=given, from_organisation=former.from_organisation, to_organisation=shelter,
                categories=["identity"], purpose="refer_shelter", legal_basis="public_task",
                starts_at=clock.moment(), ends_at=former.ends_at, ends_on=former.ends_on,
            )  # fmt: skip
            ledger.write_share(late)
    assert live(given) == set()
    with later(minutes=20):
        write_suspensions()
        write_suspensions()
        reinstate(cast, "shelter")
        assert live(given) == set()


def test_a_worker_that_dies_in_the_middle_loses_nothing_and_the_next_goes_on(
    own_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast = Cast()
    cases = [filed_case(cast) for _number in range(5)]
    for case in cases:
        shared(cast, case, cast.organisations.shelter, "identity")
    suspend(cast, "ngo")
    ends, seen = suspensions.sharing.end_shares, []

    def dies_at_the_third(*arguments: Any, **values: Any) -> int:
        seen.append(ends(*arguments, **values))
        if len(seen) == 3:
            raise SystemExit("killed")
        return int(seen[-1])

    monkeypatch.setattr(suspensions.sharing, "end_shares", dies_at_the_third)
    with pytest.raises(SystemExit):
        write_suspensions()
    monkeypatch.undo()
    with role(ledger.LEDGER):
        assert Share.objects.filter(ended_at__isnull=False).count() == 2
    reinstate(cast, "ngo")
    assert [live(case) for case in cases] == [set()] * 5
    assert write_suspensions() == 3
    with role(ledger.LEDGER):
        assert Share.objects.filter(ended_at__isnull=True).count() == 0
    (row,) = OrganisationSuspension.objects.all()
    assert row.shares_ended == 5


def test_two_workers_at_once_write_each_end_once(own_database: str) -> None:
    cast = Cast()
    case = filed_case(cast)
    shared(cast, case, cast.organisations.shelter, "identity")
    suspend(cast, "ngo")
    (row,) = OrganisationSuspension.objects.all()
    assert write_next_case(row.pk)
    assert not write_next_case(row.pk)


# -- how much --------------------------------------------------------------------------------------------------------


def statements(cast: Cast, who: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        suspend(cast, who)
    return len([one for one in captured.captured_queries if is_counted(one["sql"])])


@pytest.mark.proof("a suspension asks no more for more shares")
def test_a_suspension_takes_as_many_statements_for_two_thousand_shares_as_for_none(cast: Cast, given: Case) -> None:
    with role(ledger.LEDGER):
        (like,) = Share.objects.filter(case=given)
        Share.objects.bulk_create(
            Share(
                case=given,
                from_organisation=like.from_organisation,
                to_organisation=like.to_organisation,
                categories=["identity"],
                purpose="refer_shelter",
                legal_basis="public_task",
                starts_at=like.starts_at,
                ends_at=like.ends_at,
                ends_on=like.ends_on,
                opened_at=like.starts_at,
            )
            for _number in range(size(short=300, full=2_000))
        )
    assert statements(cast, "ngo") == statements(cast, "other_ngo") <= 4
    assert live(given) == set()


def test_the_case_itself_is_untouched(cast: Cast, given: Case) -> None:
    suspend(cast, "ngo")
    write_suspensions()
    with role(ledger.LEDGER):
        assert (
            CaseVisibility.objects.get(case=given, organisation=cast.organisations.ngo, membership=None).ends_at is None
        )
    with later(minutes=20):
        reinstate(cast, "ngo")
        with inside(cast.ngo_supervisor, given) as (_actor, access):
            assert access.is_lead
            assert door.read_rows(access, Contact.category)
