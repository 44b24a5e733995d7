"""A safe location is released to one person for hours, by two custodians of who wrote it."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts.actors import actor_for
from accounts.context import acting
from accounts.models import Membership, Notice
from cases import access as door
from cases import places
from cases.models import LocationRelease
from cases.operations.members import unassign_member
from cases.operations.releases import (
    approve_location_release,
    refuse_location_release,
    revoke_location_release,
)
from core import clock
from core.errors import Conflict, Missing, NotAllowed, Refused
from tests.cases.staying import ADDRESS, approved, asked, assigned, left, moved, on, staying, write
from tests.cases.test_location import in_sql, let_in, page, shown


@pytest.fixture
def case(cast):
    """The NGO knows the case of the police through a share; two of its caseworkers are assigned."""
    case = staying(cast)
    let_in(cast, case, cast.organisations.ngo)
    for who in ("ngo_caseworker", "colleague_unassigned"):
        assigned(cast, case, who, by="ngo_supervisor")
    return case


def by(cast, who, operation, release):
    actor = getattr(cast, who).actor
    with acting(actor):
        return operation(actor, release=release)


def test_two_custodians_open_it_to_that_person_for_its_hours(cast, case):
    now = clock.moment()
    with clock.travel(now):
        release = asked(cast, case, "ngo_caseworker", hours=4)
        by(cast, "custodian_a", approve_location_release, release)
        assert not shown(cast, "ngo_caseworker", case)
        assert in_sql(cast, "ngo_caseworker") == 0
        by(cast, "custodian_b", approve_location_release, release)
        assert shown(cast, "ngo_caseworker", case)
        assert in_sql(cast, "ngo_caseworker") == 1
        assert not shown(cast, "colleague_unassigned", case)
        assert in_sql(cast, "colleague_unassigned") == 0
    with clock.travel(now + timedelta(hours=4)):
        assert not shown(cast, "ngo_caseworker", case)
        assert in_sql(cast, "ngo_caseworker") == 0


def test_it_may_be_asked_for_a_colleague_who_is_assigned(cast, case):
    release = asked(cast, case, "ngo_supervisor", person=cast.colleague_unassigned.membership)
    approved(cast, release)
    assert shown(cast, "colleague_unassigned", case)
    assert not shown(cast, "ngo_supervisor", case)


def test_not_for_somebody_who_does_not_know_the_case(cast, case):
    with pytest.raises(Refused) as refused:
        asked(cast, case, "ngo_caseworker", person=cast.other_ngo_caseworker.membership)
    assert refused.value.field == "person"


@pytest.mark.parametrize(
    ("changes", "field"), [({"reason": " "}, "reason"), ({"hours": 0}, "hours"), ({"hours": 49}, "hours")]
)
def test_a_reason_and_at_most_48_hours(cast, case, changes, field):
    with pytest.raises(Refused) as refused:
        asked(cast, case, "ngo_caseworker", **changes)
    assert refused.value.field == field


def test_who_does_not_know_the_case_cannot_ask(cast, case):
    response = cast.client("other_ngo_caseworker").post(f"/cases/{case.shown_reference}/location/release/")
    assert response.status_code == 404


def test_one_custodian_is_not_two(cast, case):
    release = approved(cast, asked(cast, case, "ngo_caseworker"), "custodian_a")
    with pytest.raises(Refused, match="already"):
        approved(cast, release, "custodian_a")
    assert not shown(cast, "ngo_caseworker", case)


def test_the_asker_is_no_custodian_of_the_own_request_by_another_membership_either(cast, case):
    release = asked(cast, case, "ngo_supervisor", person=cast.colleague_unassigned.membership)
    for persona in (cast.ngo_supervisor, cast.colleague_unassigned):
        member = Membership.objects.create(
            user=persona.user, organisation=cast.organisations.shelter, roles=["custodian"]
        )
        actor = actor_for(Membership.objects.select_related("user", "organisation").get(pk=member.pk))
        with acting(actor), pytest.raises(Refused, match="cannot approve"):
            approve_location_release(actor, release=release)


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"first_by_user": "custodian_a", "second_by_user": "custodian_a"}, "locationrelease_two_people"),
        ({"second_by_user": "custodian_b"}, "locationrelease_two_people"),
        ({"first_by_user": "ngo_caseworker"}, "locationrelease_by_others"),
        ({"first_by_user": "custodian_a", "state": "given"}, "locationrelease_given_by_two"),
    ],
)
def test_the_database_refuses_the_same(cast, case, values, constraint):
    release = asked(cast, case, "ngo_caseworker")
    changes = {name: getattr(cast, value).user if "user" in name else value for name, value in values.items()}
    with acting(cast.custodian_a.actor), pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        LocationRelease.objects.filter(pk=release.pk).update(**changes)


def test_the_asker_cannot_change_the_request_in_the_database(cast, case):
    release = asked(cast, case, "ngo_caseworker")
    with acting(cast.ngo_caseworker.actor):
        changed = LocationRelease.objects.filter(pk=release.pk).update(first_by_user=cast.custodian_a.user)
    assert changed == 0


@pytest.mark.parametrize("who", ["shelter_supervisor", "shelter_worker", "ngo_supervisor", "data_protection_officer"])
def test_only_custodians_of_who_wrote_it_decide(cast, case, who):
    release = asked(cast, case, "ngo_caseworker")
    with pytest.raises((NotAllowed, Missing)):
        by(cast, who, approve_location_release, release)
    assert cast.client(who).get(f"/location-releases/{release.pk}/").status_code == 403


def test_a_custodian_elsewhere_finds_nothing(cast, case):
    release = asked(cast, case, "ngo_caseworker")
    elsewhere = Membership.objects.create(
        user=cast.stranger.user, organisation=cast.organisations.other_shelter, roles=["custodian"]
    )
    assert elsewhere.pk
    assert cast.client("stranger").get(f"/location-releases/{release.pk}/").status_code == 404


def test_one_custodian_refuses_and_it_is_over(cast, case):
    release = asked(cast, case, "ngo_caseworker")
    by(cast, "custodian_a", refuse_location_release, release)
    with pytest.raises(Conflict):
        by(cast, "custodian_b", approve_location_release, release)
    assert not shown(cast, "ngo_caseworker", case)


def test_what_was_given_is_not_given_again(cast, case):
    release = approved(cast, asked(cast, case, "ngo_caseworker"))
    with pytest.raises(Conflict):
        approved(cast, release, "custodian_a")


def test_nobody_approves_a_week_old_request(cast, case):
    release = asked(cast, case, "ngo_caseworker")
    with clock.travel(clock.moment() + timedelta(days=7)), pytest.raises(Conflict):
        approved(cast, release, "custodian_a")


def test_revoking_closes_it_on_the_next_request(cast, case):
    release = approved(cast, asked(cast, case, "ngo_caseworker"))
    client = cast.client("ngo_caseworker")
    url = f"/cases/{case.shown_reference}/location/show/"
    assert ADDRESS in client.get(url).content.decode()
    by(cast, "custodian_b", revoke_location_release, release)
    assert client.get(url).status_code == 403
    assert in_sql(cast, "ngo_caseworker") == 0
    with pytest.raises(Conflict):
        by(cast, "custodian_b", revoke_location_release, release)


def test_a_release_ends_with_the_placement_and_never_opens_the_next(cast, case):
    approved(cast, asked(cast, case, "ngo_caseworker"))
    left(cast, case, by="police_officer")
    assert not shown(cast, "ngo_caseworker", case)
    assert in_sql(cast, "ngo_caseworker") == 0


def test_what_another_organisation_writes_later_is_not_released(cast, case):
    approved(cast, asked(cast, case, "ngo_caseworker"))
    write(cast, case, who="police_officer", address="What the police wrote")
    assert "What the police wrote" not in page(cast, "ngo_caseworker", case, "show/").content.decode()
    assert shown(cast, "ngo_caseworker", case)


def test_without_a_location_there_is_nothing_to_ask(cast):
    case = staying(cast, is_written=False)
    let_in(cast, case, cast.organisations.ngo)
    assigned(cast, case, "ngo_caseworker", by="ngo_supervisor")
    with pytest.raises(Conflict):
        asked(cast, case, "ngo_caseworker")


def test_custodians_and_askers_are_told_without_content(cast, case):
    release = asked(cast, case, "ngo_caseworker")
    told = Notice.objects.filter(kind="location_asked")
    assert set(told.values_list("membership", flat=True)) == {
        cast.custodian_a.membership_id, cast.custodian_b.membership_id
    }  # fmt: skip
    html = cast.client("custodian_a").get("/inbox/").content.decode()
    assert "Somebody asks where a person stays" in html
    assert case.shown_reference not in html
    approved(cast, release)
    assert "Custodians have decided" in cast.client("ngo_caseworker").get("/inbox/").content.decode()


def test_the_pages_lead_from_asking_to_ending(cast, case):
    client, base = cast.client("ngo_caseworker"), f"/cases/{case.shown_reference}/location/"
    assert "Ask two custodians to release it" in client.get(base).content.decode()
    data = {"person": cast.ngo_caseworker.membership_id, "reason": "Bring a child its insulin", "hours": "2"}
    assert client.post(f"{base}release/", data).status_code == 302
    with acting(cast.custodian_a.actor):
        release = LocationRelease.objects.get()
    url = f"/location-releases/{release.pk}/"
    html = cast.client("custodian_a").get(url).content.decode()
    assert "Bring a child its insulin" in html
    assert ADDRESS not in html
    for who in ("custodian_a", "custodian_b"):
        assert cast.client(who).post(url, {"decision": "approve"}).status_code == 302
    assert ADDRESS in client.get(f"{base}show/").content.decode()
    assert "May see it now" in cast.client("custodian_a").get("/location-releases/").content.decode()
    assert cast.client("custodian_b").post(url, {}).status_code == 302
    assert client.get(f"{base}show/").status_code == 403


def test_approving_twice_on_the_page_is_told_there(cast, case):
    release, client = asked(cast, case, "ngo_caseworker"), cast.client("custodian_a")
    url = f"/location-releases/{release.pk}/"
    client.post(url, {"decision": "approve"})
    response = client.post(url, {"decision": "approve"})
    assert response.status_code == 422
    assert "You have approved this already" in response.content.decode()


@pytest.mark.parametrize("hours", ["0", "49", "soon", ""])
def test_hours_out_of_bounds_are_told_beside_the_field(cast, case, hours):
    data = {"person": cast.ngo_caseworker.membership_id, "reason": "Because", "hours": hours}
    response = cast.client("ngo_caseworker").post(f"/cases/{case.shown_reference}/location/release/", data)
    assert response.status_code == 422
    assert "Choose between 1 and 48 hours." in response.content.decode()


def test_a_release_needs_that_the_person_still_knows_the_case(cast, case):
    approved(cast, asked(cast, case, "ngo_caseworker"))
    on(cast, "ngo_supervisor", case, unassign_member, member=cast.ngo_caseworker.membership)
    assert page(cast, "ngo_caseworker", case, "show/").status_code == 404
    assert in_sql(cast, "ngo_caseworker") == 0


def test_the_first_custodian_reads_that_a_second_is_awaited_and_may_still_refuse(cast, case):
    release, client = asked(cast, case, "ngo_caseworker"), cast.client("custodian_a")
    url = f"/location-releases/{release.pk}/"
    assert 'value="approve"' in client.get(url).content.decode()
    client.post(url, {"decision": "approve"})
    html = client.get(url).content.decode()
    assert "Waits for a second custodian" in html
    assert "You have approved this already" in html
    assert 'value="approve"' not in html
    assert 'value="refuse"' in html
    assert 'value="approve"' in cast.client("custodian_b").get(url).content.decode()


def test_it_is_asked_once_and_again_when_nobody_decided_in_time(cast, case):
    now = clock.moment()
    with clock.travel(now - timedelta(days=8)):
        asked(cast, case, "ngo_caseworker")
        with pytest.raises(Refused) as refusal:
            asked(cast, case, "ngo_caseworker")
        assert refusal.value.field == "person"
    release = asked(cast, case, "ngo_caseworker")
    approved(cast, release)
    assert shown(cast, "ngo_caseworker", case)


def test_what_time_has_ended_is_not_said_to_wait(cast, case):
    now = clock.moment()
    with clock.travel(now - timedelta(days=8)):
        asked(cast, case, "ngo_caseworker")
    with clock.travel(now - timedelta(hours=3)):
        approved(cast, asked(cast, case, "ngo_caseworker", hours=1))
    for who, url in (
        ("custodian_a", "/location-releases/"),
        ("ngo_caseworker", f"/cases/{case.shown_reference}/location/"),
    ):
        html = cast.client(who).get(url).content.decode()
        assert "Waits for two custodians" not in html
        assert "Lapsed: the person moved, or nobody decided in time" in html
        assert "Over" in html
        assert "Given" not in html


def test_a_refused_decision_is_told_once_and_the_page_leads_back(cast, case):
    release = asked(cast, case, "ngo_caseworker")
    html = cast.client("custodian_a").post(f"/location-releases/{release.pk}/", {}).content.decode()
    assert html.count("There is a problem") == 1
    assert '<a class="govuk-back-link" href="/location-releases/"' in html


def may_show(cast, case, who):
    actor = getattr(cast, who).actor
    with acting(actor):
        access = door.get_case(actor, case.reference)
        return places.may_show(access, places.current(access))


def test_the_rule_itself_says_no_to_others_after_its_hours_and_at_the_next_place(cast, case):
    """What the page offers follows from it; behind it the database refuses the same."""
    now = clock.moment()
    with clock.travel(now):
        approved(cast, asked(cast, case, "ngo_caseworker", hours=4))
        assert may_show(cast, case, "ngo_caseworker")
        assert not may_show(cast, case, "colleague_unassigned")
    with clock.travel(now + timedelta(hours=4)):
        assert not may_show(cast, case, "ngo_caseworker")
    with clock.travel(now + timedelta(hours=1)):
        left(cast, case, by="police_officer")
        moved(cast, case)
        write(cast, case, who="other_shelter_intake")
        assert may_show(cast, case, "other_shelter_intake")
        assert not may_show(cast, case, "ngo_caseworker")
