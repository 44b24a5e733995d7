"""No shelter becomes host by its own word: sender or lead confirm that the person arrived (``sharing.md`` rule 20)."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from accounts.context import acting
from accounts.models import Notice, Organisation
from audit.models import AuditChange
from cases import access as door
from cases import hosting
from cases.hosting import Standing
from cases.models import Placement, SafeLocation, Share
from cases.operations.elapsed import record_elapsed
from cases.operations.lead import transfer_lead
from cases.operations.placement import confirm_arrival, deny_arrival, end_placement, record_placement
from cases.operations.sharing import share
from core import clock
from core.db import role
from core.errors import Conflict, NotAllowed, Refused
from referrals.models import Referral
from referrals.operations import (
    ask_question,
    bring_person,
    complete_referral,
    record_step,
    revoke_referral,
    withdraw_consent,
)
from tests.cases.files import inside
from tests.cases.filing import shared
from tests.cases.staying import ADDRESS, assigned, confirmed, left, moved, on, placed, said, said_elsewhere, write
from tests.cases.test_location import in_sql, lead, let_in, page, shown
from tests.referrals.scenes import accepted, consent, do, knows, police_case, sent, today

ELSEWHERE = "Barn 3, canary-7b21aa"
# In the Netherlands: a Tuesday morning.
TUESDAY = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def case(cast):
    """A case of the police; the shelter says that the person is there, and nobody has confirmed it."""
    case = police_case(cast)
    said(cast, case, categories=["identity"])
    return case


def word(case):
    """The newest word of a shelter that nobody has settled."""
    return hosting.unsettled(case.pk)[0]


def standings(case):
    """Who is host now, and how."""
    return {one.organisation.name: hosting.standing(one) for one in hosting.live(case.pk)}


def offices(case):
    """What shelters see by office: receiver, categories, level."""
    with role("nrm_ledger"):
        rows = Share.objects.live().filter(case=case, office="shelter")
        return {(one.to_organisation_id, tuple(one.categories), one.level) for one in rows}


def told(cast, who, kind):
    with role("nrm_worker"):
        return Notice.objects.filter(membership=getattr(cast, who).membership_id, kind=kind, read_at=None).count()


def grants(cast, who, case):
    actor = getattr(cast, who).actor
    with acting(actor):
        return set().union(*door.get_case(actor, case.reference).grants.values())


def kinds_of(cast, case):
    with acting(cast.police_supervisor.actor):
        return list(AuditChange.objects.filter(case_id=case.pk).order_by("at", "pk").values_list("kind", flat=True))


# -- the two attacks -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["shelter_supervisor", "shelter_worker"])
def test_a_shelter_that_reads_one_category_does_not_make_itself_the_host(cast, who):
    case = police_case(cast)
    given = consent(cast.police_officer, case, categories=["services"], recipient=cast.organisations.shelter)
    on(
        cast, "police_officer", case, share, to=cast.organisations.shelter, categories=["services"],
        purpose="refer_shelter", legal_basis="consent", consent=given, ends_on=today() + timedelta(days=1),
    )  # fmt: skip
    assigned(cast, case, "shelter_worker", by="shelter_supervisor")
    day = today()
    data = {"starts_on_day": day.day, "starts_on_month": day.month, "starts_on_year": day.year}
    client, reference = cast.client(who), case.shown_reference
    assert client.get(f"/cases/{reference}/location/placement/").status_code == 403
    assert client.post(f"/cases/{reference}/location/placement/", data).status_code == 403
    answer = client.post(
        f"/api/v1/cases/{reference}/location/placement/", {"starts_on": day.isoformat()}, "application/json"
    )
    assert answer.status_code == 403
    with pytest.raises(NotAllowed):
        on(cast, who, case, record_placement, starts_on=day)
    assert hosting.live(case.pk) == []
    assert offices(case) == set()
    assert grants(cast, who, case) == {"services"}


def test_a_second_shelter_takes_nothing_from_the_host(cast):
    case = police_case(cast)
    placed(cast, case)
    write(cast, case)
    said_elsewhere(cast, case)
    assert standings(case) == {
        cast.organisations.shelter.name: Standing.CONFIRMED,
        cast.organisations.other_shelter.name: Standing.PROVISIONAL,
    }
    assert shown(cast, "shelter_worker", case)
    assert in_sql(cast, "shelter_worker") == 1
    assert page(cast, "other_shelter_intake", case, "show/").status_code == 404
    assert in_sql(cast, "other_shelter_intake") == 0


def test_a_shelter_that_was_only_asked_places_nobody(cast):
    case = police_case(cast)
    shared(cast, case, cast.organisations.shelter, "contact", by="police_supervisor", purpose="refer_other_service")
    asked = sent(cast, case)
    do(cast, "shelter_intake", ask_question, asked, question="For how long?")
    with pytest.raises(Conflict):
        do(cast, "shelter_supervisor", record_step, asked, kind="placed", happened_on=today())
    assert hosting.live(case.pk) == []


# -- provisional -----------------------------------------------------------------------------------------------------


def test_provisionally_the_host_reads_what_it_needs_at_once_and_no_more(cast, case):
    until = word(case).ends_at
    assert standings(case) == {cast.organisations.shelter.name: Standing.PROVISIONAL}
    assert offices(case) == {(cast.organisations.shelter.pk, ("contact", "health"), "read")}
    assert grants(cast, "shelter_worker", case) == {"identity", "contact", "health"}
    with role("nrm_ledger"):
        assert set(Share.objects.filter(case=case, office="shelter").values_list("ends_at", flat=True)) == {until}


def test_it_is_told_at_once_to_lead_and_sender(cast):
    case = police_case(cast)
    referral = accepted(cast, sent(cast, case))
    lead(cast, case, cast.organisations.ngo)
    assigned(cast, case, "ngo_caseworker", by="ngo_supervisor")
    do(cast, "shelter_worker", record_step, referral, kind="placed", happened_on=today())
    for who in ("ngo_caseworker", "ngo_supervisor", "police_officer", "police_supervisor"):
        assert told(cast, who, "placement_stated") == 1
    for who in ("shelter_worker", "colleague_unassigned", "coordinator"):
        assert told(cast, who, "placement_stated") == 0


def test_it_writes_and_reads_its_own_location_and_no_earlier_one(cast):
    case = police_case(cast)
    placed(cast, case)
    write(cast, case)
    said_elsewhere(cast, case)
    write(cast, case, who="other_shelter_intake", address=ELSEWHERE)
    html = page(cast, "other_shelter_intake", case, "show/").content.decode()
    assert ELSEWHERE in html
    assert ADDRESS not in html
    assert in_sql(cast, "other_shelter_intake") == in_sql(cast, "shelter_worker") == 1
    assert ELSEWHERE not in page(cast, "shelter_worker", case, "show/").content.decode()


def test_the_lead_is_shown_first_what_is_confirmed_and_told_what_is_not(cast):
    case = police_case(cast)
    placed(cast, case)
    write(cast, case)
    said_elsewhere(cast, case)
    write(cast, case, who="other_shelter_intake", address=ELSEWHERE)
    lead(cast, case, cast.organisations.ngo)
    assigned(cast, case, "ngo_caseworker", by="ngo_supervisor")
    html = page(cast, "ngo_caseworker", case, "show/").content.decode()
    assert html.index(ADDRESS) < html.index("Not confirmed: written by a shelter") < html.index(ELSEWHERE)
    body = cast.client("ngo_caseworker").get(f"/api/v1/cases/{case.shown_reference}/location/show/").json()
    assert (body["address"], body["is_confirmed"]) == (ADDRESS, True)
    assert [(one["address"], one["is_confirmed"]) for one in body["others"]] == [(ELSEWHERE, False)]


def test_who_sent_the_person_writes_the_location_once_the_arrival_is_confirmed(cast, case):
    with pytest.raises(NotAllowed):
        write(cast, case, who="police_officer")
    values = {"case_id": case.pk, "placement_id": word(case).pk, "owner_organisation_id": cast.organisations.police.pk}
    row = SafeLocation(
        **values, starts_on=today(), written_at=clock.moment(), written_by_id=cast.police_officer.membership_id
    )
    row.seal({"address": "Elsewhere"})
    with acting(cast.police_officer.actor), pytest.raises(ProgrammingError), transaction.atomic():
        row.save(force_insert=True)
    confirmed(cast, case)
    write(cast, case, who="police_officer")
    assert shown(cast, "shelter_worker", case)


# -- how long --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "until"),
    [
        (TUESDAY, datetime(2026, 12, 2, 23, 0, tzinfo=UTC)),  # to the end of Wednesday
        (datetime(2026, 12, 4, 19, 30, tzinfo=UTC), datetime(2026, 12, 7, 23, 0, tzinfo=UTC)),  # Friday evening: Monday
        (datetime(2026, 12, 24, 17, 0, tzinfo=UTC), datetime(2026, 12, 28, 23, 0, tzinfo=UTC)),  # Christmas, a weekend
        (datetime(2026, 4, 3, 21, 59, tzinfo=UTC), datetime(2026, 4, 7, 22, 0, tzinfo=UTC)),  # Easter Monday
    ],
)
def test_it_lasts_24_hours_and_to_the_end_of_the_next_working_day(cast, at, until):
    assert hosting.provisional_until(at, [cast.organisations.police]) == until


def test_24_hours_are_the_least(cast, monkeypatch):
    """Where the next working day has 23 hours: the night of a change to summer time, on a Sunday that is worked."""
    at = datetime(2027, 3, 27, 22, 59, 30, tzinfo=UTC)  # Saturday, 23:59:30
    monkeypatch.setattr(hosting, "add_working_days", lambda day, days, calendar: day + timedelta(days=days))
    assert hosting.provisional_until(at, [cast.organisations.police]) == at + timedelta(hours=24)


def test_it_lapses_at_that_moment_with_every_worker_stopped_and_the_referral_goes_on(cast):
    with clock.travel(TUESDAY):
        case = police_case(cast)
        said(cast, case, categories=["identity"])
        write(cast, case)
        until = word(case).ends_at
    with clock.travel(until - timedelta(microseconds=1)):
        assert shown(cast, "shelter_worker", case)
        assert in_sql(cast, "shelter_worker") == 1
        assert grants(cast, "shelter_worker", case) == {"identity", "contact", "health"}
    with clock.travel(until):
        assert page(cast, "shelter_worker", case, "show/").status_code == 403
        assert in_sql(cast, "shelter_worker") == in_sql(cast, "police_officer") == 0
        assert grants(cast, "shelter_worker", case) == {"identity"}
        assert knows(cast, "shelter_worker", case)
        assert hosting.live(case.pk) == []
        with pytest.raises(Conflict):
            write(cast, case)


def test_without_a_referral_that_goes_on_the_case_is_gone(cast):
    with clock.travel(TUESDAY):
        case = police_case(cast)
        referral = said(cast, case)
        do(cast, "shelter_worker", complete_referral, referral, outcome="success")
        assert knows(cast, "shelter_worker", case)
        until = word(case).ends_at
    with clock.travel(until - timedelta(microseconds=1)):
        assert page(cast, "shelter_worker", case).status_code == 200
    with clock.travel(until):
        assert page(cast, "shelter_worker", case).status_code == 404


def test_the_hourly_job_writes_it_down_and_the_lead_has_a_task(cast):
    with clock.travel(TUESDAY):
        case = police_case(cast)
        said(cast, case)
        until = word(case).ends_at
    with clock.travel(until + timedelta(minutes=5)):
        html = cast.client("police_officer").get(f"/cases/{case.shown_reference}/").content.decode()
        assert "Confirm that the person has arrived at the shelter" in html
        assert record_elapsed()["placements"] == 1
        assert record_elapsed()["placements"] == 0
        assert told(cast, "police_officer", "placement_lapsed") == 1
        assert told(cast, "police_officer", "placement_stated") == 0
        assert "lapse_placement" in kinds_of(cast, case)
        assert "Find out where the person is" in page(cast, "police_officer", case).content.decode()
        with role("nrm_ledger"):
            row = Placement.objects.get(case=case)
        assert (row.ended_at, row.end_reason) == (until, "not_confirmed")
        assert offices(case) == set()


@pytest.mark.parametrize("is_written_down", [False, True])
def test_a_lapsed_word_may_still_be_confirmed(cast, is_written_down):
    with clock.travel(TUESDAY):
        case = police_case(cast)
        said(cast, case)
    with clock.travel(TUESDAY + timedelta(days=9)):
        if is_written_down:
            record_elapsed()
        confirmed(cast, case)
        assert standings(case) == {cast.organisations.shelter.name: Standing.CONFIRMED}
        assert told(cast, "police_officer", "placement_lapsed") == 0


# -- confirming ------------------------------------------------------------------------------------------------------


def test_the_sender_confirms_and_the_host_is_a_party_by_office(cast, case):
    placement = confirmed(cast, case)
    assert placement.confirmed_by_id == cast.police_officer.membership_id
    assert offices(case) == {
        (cast.organisations.shelter.pk, ("identity", "contact", "health", "services"), "contribute")
    }
    assert hosting.unsettled(case.pk) == []
    assert told(cast, "police_officer", "placement_stated") == 0
    assert "confirm_arrival" in kinds_of(cast, case)


def test_the_lead_confirms_what_another_sent(cast):
    case = police_case(cast)
    referral = accepted(cast, sent(cast, case))
    lead(cast, case, cast.organisations.ngo)
    do(cast, "shelter_worker", record_step, referral, kind="placed", happened_on=today())
    url = f"/cases/{case.shown_reference}/location/{word(case).pk}/confirm/"
    client = cast.client("ngo_supervisor")
    assert "Has the person arrived?" in client.get(url).content.decode()
    assert client.post(url).status_code == 302
    assert standings(case) == {cast.organisations.shelter.name: Standing.CONFIRMED}


@pytest.mark.parametrize("act", ["confirm", "deny"])
@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("shelter_worker", 403),  # the host
        ("shelter_supervisor", 403),
        ("ngo_supervisor", 403),  # knows the case by a share
        ("other_ngo_caseworker", 404),
        ("coordinator", 404),
    ],
)
def test_nobody_else_settles_it_the_host_before_all(cast, case, who, status, act):
    let_in(cast, case, cast.organisations.ngo)
    client, path = cast.client(who), f"cases/{case.shown_reference}/location/{word(case).pk}/{act}/"
    assert client.get(f"/{path}").status_code == status
    assert client.post(f"/{path}").status_code == status
    assert client.post(f"/api/v1/{path}", {}, "application/json").status_code == status
    assert standings(case) == {cast.organisations.shelter.name: Standing.PROVISIONAL}


def test_a_shelter_that_came_to_lead_does_not_confirm_its_own_word(cast, case):
    placement = word(case)
    lead(cast, case, cast.organisations.shelter)
    for act in (confirm_arrival, deny_arrival):
        with pytest.raises(NotAllowed):
            on(cast, "shelter_supervisor", case, act, placement=placement)
    on(cast, "shelter_supervisor", case, record_placement, starts_on=today())
    assert standings(case) == {cast.organisations.shelter.name: Standing.CONFIRMED}


def test_a_placement_of_another_case_is_not_found(cast, case):
    other = police_case(cast)
    client = cast.client("police_officer")
    for act in ("confirm", "deny", "leave"):
        assert client.post(f"/cases/{other.shown_reference}/location/{word(case).pk}/{act}/").status_code == 404


def test_what_is_settled_is_not_settled_again(cast, case):
    placement = word(case)
    confirmed(cast, case)
    for act in (confirm_arrival, deny_arrival):
        with pytest.raises(Conflict):
            on(cast, "police_officer", case, act, placement=placement)


def test_denying_closes_at_once_and_the_referral_goes_on(cast, case):
    write(cast, case)
    on(cast, "police_supervisor", case, deny_arrival, placement=word(case))
    assert hosting.live(case.pk) == hosting.unsettled(case.pk) == []
    assert offices(case) == set()
    assert page(cast, "shelter_worker", case, "show/").status_code == 403
    assert in_sql(cast, "shelter_worker") == in_sql(cast, "police_officer") == 0
    assert grants(cast, "shelter_worker", case) == {"identity"}
    assert "deny_arrival" in kinds_of(cast, case)
    assert told(cast, "police_officer", "placement_stated") == 0


def test_a_shelter_says_it_once_and_again_after_it_was_denied(cast, case):
    with acting(cast.shelter_worker.actor):
        referral = Referral.objects.get()
    first = word(case)
    do(cast, "shelter_worker", record_step, referral, kind="placed", happened_on=today())
    assert [one.pk for one in hosting.live(case.pk)] == [first.pk]
    on(cast, "police_officer", case, deny_arrival, placement=first)
    do(cast, "shelter_worker", record_step, referral, kind="placed", happened_on=today())
    assert standings(case) == {cast.organisations.shelter.name: Standing.PROVISIONAL}


def test_by_rest_it_is_seen_and_confirmed(cast, case):
    client, path = cast.client("police_officer"), f"/api/v1/cases/{case.shown_reference}/location/"
    (seen,) = client.get(path).json()["placements"]
    assert (seen["standing"], seen["may_settle"], seen["may_end"]) == ("provisional", True, True)
    assert client.post(f"{path}{seen['id']}/confirm/", {}, "application/json").status_code == 201
    (seen,) = client.get(path).json()["placements"]
    assert (seen["standing"], seen["may_settle"], seen["ends_at"]) == ("confirmed", False, None)
    assert client.post(f"{path}{seen['id']}/leave/", {}, "application/json").status_code == 201
    assert client.get(path).json()["placements"] == []


def test_the_page_of_the_referral_leads_its_sender_there(cast, case):
    with acting(cast.police_officer.actor):
        referral = Referral.objects.get()
    where = f'href="/cases/{case.shown_reference}/location/"'
    assert where in cast.client("police_officer").get(f"/referrals/{referral.pk}/").content.decode()
    assert where not in cast.client("shelter_worker").get(f"/referrals/{referral.pk}/").content.decode()
    confirmed(cast, case)
    assert where not in cast.client("police_officer").get(f"/referrals/{referral.pk}/").content.decode()


# -- police who bring somebody ---------------------------------------------------------------------------------------


def test_police_bring_somebody_and_it_is_provisional_too(cast):
    case = police_case(cast)
    referral = accepted(cast, sent(cast, case, categories=["identity"]))
    client, day = cast.client("police_officer"), today()
    data = {"happened_on_day": day.day, "happened_on_month": day.month, "happened_on_year": day.year}
    assert client.get(f"/referrals/{referral.pk}/bring/").status_code == 200
    assert client.post(f"/referrals/{referral.pk}/bring/", data).status_code == 302
    assert standings(case) == {cast.organisations.shelter.name: Standing.PROVISIONAL}
    assert grants(cast, "shelter_worker", case) == {"identity", "contact", "health"}
    assert told(cast, "police_supervisor", "placement_stated") == 1
    assert told(cast, "police_officer", "placement_stated") == 0
    with pytest.raises(Conflict):
        do(cast, "police_officer", bring_person, referral, happened_on=day)
    assert "bring_person" in kinds_of(cast, case)


def test_only_police_who_sent_the_referral_bring_somebody_and_only_to_a_shelter(cast):
    case = police_case(cast)
    referral = accepted(cast, sent(cast, case))
    for who in ("shelter_worker", "shelter_supervisor"):
        with pytest.raises(NotAllowed):
            do(cast, who, bring_person, referral, happened_on=today())
    cast.organisations.shelter.services.append("counselling")
    cast.organisations.shelter.save()
    other = accepted(cast, sent(cast, case, service="counselling", purpose="refer_other_service"))
    with pytest.raises(Refused):
        do(cast, "police_officer", bring_person, other, happened_on=today())
    button = "Record that you brought the person"
    assert button in cast.client("police_officer").get(f"/referrals/{referral.pk}/").content.decode()
    assert button not in cast.client("police_officer").get(f"/referrals/{other.pk}/").content.decode()


def test_nobody_else_that_sends_brings_somebody(cast):
    case = police_case(cast, "ngo_caseworker")
    referral = accepted(cast, sent(cast, case, persona="ngo_caseworker"))
    with pytest.raises(NotAllowed):
        do(cast, "ngo_caseworker", bring_person, referral, happened_on=today())


# -- the host before -------------------------------------------------------------------------------------------------


@pytest.fixture
def moved_case(cast):
    """The person stayed in the shelter, and since Tuesday morning stays in the other one."""
    Organisation.objects.filter(pk=cast.organisations.other_shelter.pk).update(name="Beacon House")
    with clock.travel(TUESDAY - timedelta(days=2)):
        case = police_case(cast)
        referral = placed(cast, case)
        do(cast, "shelter_worker", complete_referral, referral, outcome="success")
        write(cast, case)
    with clock.travel(TUESDAY):
        moved(cast, case)
        write(cast, case, who="other_shelter_intake", address=ELSEWHERE)
    return case


def test_the_host_before_stays_72_hours_with_its_own_location_and_is_then_out(cast, moved_case):
    end = TUESDAY + timedelta(hours=72)
    with clock.travel(end - timedelta(microseconds=1)):
        assert standings(moved_case)["Beacon House"] is Standing.CONFIRMED
        assert standings(moved_case)[cast.organisations.shelter.name] is Standing.GIVING_WAY
        html = page(cast, "shelter_worker", moved_case, "show/").content.decode()
        assert ADDRESS in html
        assert ELSEWHERE not in html
        assert in_sql(cast, "shelter_worker") == 1
        assert {"identity", "contact", "services"} <= grants(cast, "shelter_worker", moved_case)
    with clock.travel(end):
        assert page(cast, "shelter_worker", moved_case).status_code == 404
        assert in_sql(cast, "shelter_worker") == 0
        assert not knows(cast, "shelter_worker", moved_case)
        assert record_elapsed()["placements"] == 1
        assert list(standings(moved_case)) == ["Beacon House"]
        assert knows(cast, "other_shelter_intake", moved_case)


def test_the_host_before_is_told_that_and_not_where(cast, moved_case):
    with clock.travel(TUESDAY + timedelta(hours=1)):
        assert told(cast, "shelter_worker", "placement_gives_way") == 1
        client, reference = cast.client("shelter_worker"), moved_case.shown_reference
        html = client.get(f"/cases/{reference}/location/").content.decode()
        assert "The person is said to stay elsewhere now" in html
        for part in ("", "location/", "timeline/", "people/", "shares/"):
            answer = client.get(f"/cases/{reference}/{part}")
            assert answer.status_code == 200, part
            assert "Beacon House" not in answer.content.decode(), part
        body = client.get(f"/api/v1/cases/{reference}/location/").content.decode()
        assert "Beacon House" not in body
        assert str(cast.organisations.other_shelter.pk) not in body


@pytest.mark.parametrize("who", ["shelter_worker", "police_officer"])
def test_its_own_word_or_that_of_the_lead_ends_it_sooner(cast, moved_case, who):
    with clock.travel(TUESDAY + timedelta(hours=1)):
        before = hosting.hosted(hosting.live(moved_case.pk), cast.organisations.shelter.pk)
        on(cast, who, moved_case, end_placement, placement=before)
        assert list(standings(moved_case)) == ["Beacon House"]
        assert not knows(cast, "shelter_worker", moved_case)
        assert knows(cast, "other_shelter_intake", moved_case)


def test_who_placed_the_person_before_writes_the_location_of_today(cast, moved_case):
    """Not that of the place before: its host would read where the person is now."""
    with clock.travel(TUESDAY + timedelta(hours=1)):
        write(cast, moved_case, who="police_officer", address="What the police wrote")
        assert "What the police wrote" in page(cast, "other_shelter_intake", moved_case, "show/").content.decode()
        assert "What the police wrote" not in page(cast, "shelter_worker", moved_case, "show/").content.decode()


def test_the_word_of_another_shelter_takes_no_time_from_the_host(cast):
    case = police_case(cast)
    placed(cast, case)
    said_elsewhere(cast, case)
    with role("nrm_ledger"):
        assert Placement.objects.get(case=case, organisation=cast.organisations.shelter).ends_at is None
    on(cast, "police_officer", case, deny_arrival, placement=word(case))
    assert standings(case) == {cast.organisations.shelter.name: Standing.CONFIRMED}


def test_who_comes_back_within_the_72_hours_is_host_again(cast, moved_case):
    with clock.travel(TUESDAY + timedelta(hours=20)):
        said(cast, moved_case)
        assert standings(moved_case)[cast.organisations.shelter.name] in (Standing.PROVISIONAL, Standing.GIVING_WAY)
        assert {"identity", "services"} <= grants(cast, "shelter_worker", moved_case)
        confirmed(cast, moved_case)
        assert standings(moved_case) == {
            cast.organisations.shelter.name: Standing.CONFIRMED,
            "Beacon House": Standing.GIVING_WAY,
        }
    with clock.travel(TUESDAY + timedelta(hours=100)):
        assert list(standings(moved_case)) == [cast.organisations.shelter.name]
        assert knows(cast, "shelter_worker", moved_case)


# -- what ends it ----------------------------------------------------------------------------------------------------


def test_revoking_the_referral_ends_the_word_too_and_it_cannot_be_confirmed(cast):
    case = police_case(cast)
    referral = said(cast, case)
    placement = word(case)
    do(cast, "police_officer", revoke_referral, referral)
    assert hosting.live(case.pk) == hosting.unsettled(case.pk) == []
    assert not knows(cast, "shelter_worker", case)
    with pytest.raises(Conflict):
        on(cast, "police_officer", case, confirm_arrival, placement=placement)


@pytest.mark.parametrize("is_confirmed", [False, True])
def test_a_withdrawn_consent_ends_a_word_and_leaves_the_host(cast, is_confirmed):
    case = police_case(cast)
    given = consent(cast.police_officer, case)
    said(cast, case, legal_basis="consent", consent=given)
    if is_confirmed:
        confirmed(cast, case)
    on(cast, "police_officer", case, withdraw_consent, consent=given, withdrawn_via="oral_witnessed")
    assert len(hosting.live(case.pk)) == int(is_confirmed)
    assert hosting.unsettled(case.pk) == []
    assert knows(cast, "shelter_worker", case) is is_confirmed


def test_revoking_one_referral_leaves_the_other_host(cast):
    case = police_case(cast)
    placed(cast, case)
    other = said_elsewhere(cast, case)
    do(cast, "police_officer", revoke_referral, other)
    assert standings(case) == {cast.organisations.shelter.name: Standing.CONFIRMED}
    assert knows(cast, "shelter_worker", case)


def test_the_shelter_itself_says_that_the_person_has_left(cast, case):
    left(cast, case, by="shelter_worker")
    assert hosting.live(case.pk) == hosting.unsettled(case.pk) == []
    assert offices(case) == set()


# -- a shelter that leads --------------------------------------------------------------------------------------------


def test_a_shelter_that_leads_hosts_by_that_also_by_a_referral_to_it(cast):
    case = police_case(cast)
    referral = accepted(cast, sent(cast, case))
    lead(cast, case, cast.organisations.shelter)
    do(cast, "shelter_worker", record_step, referral, kind="placed", happened_on=today())
    assert standings(case) == {cast.organisations.shelter.name: Standing.CONFIRMED}


def test_a_host_that_hands_on_the_lead_stays_host_and_sees_the_rows_of_the_new_lead(cast):
    case = police_case(cast)
    referral = accepted(cast, sent(cast, case))
    lead(cast, case, cast.organisations.shelter)
    on(cast, "shelter_worker", case, record_placement, starts_on=today())
    do(cast, "police_officer", revoke_referral, referral)
    with inside(cast.shelter_supervisor, case) as (actor, access):
        transfer_lead(actor, case=access.case, to=cast.organisations.ngo, key=uuid4())
    assert knows(cast, "shelter_supervisor", case)
    with role("nrm_ledger"):
        givers = Share.objects.live().filter(case=case, office="shelter").values_list("from_organisation", flat=True)
        assert set(givers) == {cast.organisations.ngo.pk}


# -- the database ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("hours", [1, 71, 73])
def test_row_level_security_reads_what_access_reads(cast, moved_case, hours):
    """Before and after the host before has left, and with a third word that nobody has confirmed."""
    with clock.travel(TUESDAY + timedelta(hours=hours)):
        people = (
            "shelter_worker shelter_supervisor other_shelter_intake police_officer police_supervisor custodian_a"
            " ngo_caseworker coordinator"
        )
        for who in people.split():
            answer = page(cast, who, moved_case, "show/")
            html = answer.content.decode()
            assert in_sql(cast, who) == (ADDRESS in html) + (ELSEWHERE in html), who


def test_the_database_keeps_one_confirmed_and_one_word_of_each_shelter(cast):
    case = police_case(cast)
    placed(cast, case)
    said_elsewhere(cast, case)
    with role("nrm_ledger"):
        first, second = Placement.objects.filter(case=case).order_by("confirmed_at")
    change = "UPDATE cases_placement SET {} WHERE id = %s"
    for statement, row in (
        ("confirmed_at = recorded_at, confirmed_by_id = recorded_by_id, ends_at = NULL", second),
        ("confirmed_at = NULL", first),
        ("ends_at = NULL", second),
    ):
        with pytest.raises(IntegrityError), transaction.atomic(), role("nrm_ledger"), connection.cursor() as cursor:
            cursor.execute(change.format(statement), [row.pk])
