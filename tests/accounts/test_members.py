"""Colleagues: who may see and change them, from when it holds, and what is recorded."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import operations
from accounts.actors import load_actor
from accounts.context import acting
from accounts.models import Membership, User
from audit.models import AuditChange
from core.errors import NotAllowed, Refused

ACTS = ["roles", "suspend", "end"]
PAYLOAD = {"roles": ["guardian"]}


def address(persona, act):
    return f"/members/{persona.membership_id}/{act}/"


def fresh(persona):
    return Membership.objects.get(pk=persona.membership_id)


def recorded(actor):
    with acting(actor):
        rows = AuditChange.objects.filter(actor_id=actor.user_id).order_by("at")
        return list(rows.values_list("kind", "object_id"))


def test_the_list_names_everybody_of_the_organisation_and_nobody_else(cast):
    page = cast.client("organisation_administrator").get("/members/").content.decode()
    assert cast.ngo_caseworker.user.name in page
    assert cast.suspended_member.user.name in page
    assert cast.other_ngo_supervisor.user.name not in page


@pytest.mark.parametrize("path", ["/members/", "/members/invite/"])
@pytest.mark.parametrize(
    "persona", ["ngo_caseworker", "ngo_supervisor", "coordinator", "platform_administrator", "stranger"]
)
def test_only_administrators_see_the_list_and_invite(cast, path, persona):
    assert cast.client("organisation_administrator").get(path).status_code == 200
    assert cast.client(persona).get(path).status_code == 403


@pytest.mark.parametrize("act", ACTS)
def test_who_may_change_a_colleague(cast, act):
    target = address(cast.ngo_caseworker, act)
    before = fresh(cast.ngo_caseworker)
    for persona in ("ngo_supervisor", "colleague_unassigned", "data_protection_officer"):
        assert cast.client(persona).post(target, PAYLOAD).status_code == 403
    for persona in ("other_organisation_administrator", "platform_administrator", "stranger"):
        assert cast.client(persona).post(target, PAYLOAD).status_code == 404
    assert (fresh(cast.ngo_caseworker).roles, fresh(cast.ngo_caseworker).suspended_at) == (before.roles, None)
    assert cast.client("organisation_administrator").post(target, PAYLOAD).status_code == 302
    after = fresh(cast.ngo_caseworker)
    assert (after.roles, after.suspended_at, after.ended_at) != (before.roles, None, None)


@pytest.mark.parametrize("act", ACTS)
def test_nobody_acts_on_themselves(cast, act):
    administrator = cast.organisation_administrator
    assert cast.client(administrator).post(address(administrator, act), PAYLOAD).status_code == 403
    assert fresh(administrator).roles == ["organisation_administrator"]


def test_suspension_and_reinstatement_hold_on_the_next_request(cast):
    person, administrator = cast.ngo_caseworker, cast.organisation_administrator
    worker = cast.client(person)
    assert load_actor(person.user, worker.session).organisation_id
    cast.client(administrator).post(address(person, "suspend"))
    assert load_actor(person.user, worker.session).organisation_id is None
    cast.client(administrator).post(address(person, "reinstate"))
    assert load_actor(person.user, worker.session) == person.actor


def test_an_act_that_was_done_already_is_a_conflict(cast):
    client = cast.client("organisation_administrator")
    assert client.post(address(cast.suspended_member, "suspend")).status_code == 409
    assert client.post(address(cast.ngo_caseworker, "reinstate")).status_code == 409
    client.post(address(cast.ngo_caseworker, "end"))
    assert client.post(address(cast.ngo_caseworker, "end")).status_code == 404


@pytest.mark.parametrize(
    "roles", [[], ["organisation_administrator", "supervisor"], ["organisation_administrator", "custodian"], ["king"]]
)
def test_roles_that_nobody_may_hold_are_refused_beside_the_field(cast, roles):
    response = cast.client("organisation_administrator").post(address(cast.ngo_caseworker, "roles"), {"roles": roles})
    assert response.status_code == 422
    assert "<title>Error:" in response.content.decode()
    assert response.context["form"].errors["roles"]
    assert fresh(cast.ngo_caseworker).roles == ["caseworker"]


def test_the_database_refuses_them_too(cast):
    for roles in ([], ["organisation_administrator", "supervisor"], ["king"]):
        with pytest.raises(Refused):
            operations.change_roles(
                cast.organisation_administrator, membership=cast.ngo_caseworker.membership, roles=roles
            )


def test_two_administrators_cannot_remove_each_other(cast):
    other = Membership.objects.create(
        user=User.objects.create_user("second@example.test", name="Second administrator"),
        organisation=cast.organisations.ngo,
        roles=["organisation_administrator"],
    )
    second = load_actor(other.user, {})
    operations.end_membership(cast.organisation_administrator, membership=other)
    with pytest.raises(NotAllowed):
        operations.end_membership(second, membership=cast.organisation_administrator.membership)


def test_each_act_is_recorded(cast):
    administrator, target = cast.organisation_administrator, cast.ngo_caseworker
    for act in ("roles", "suspend", "reinstate", "end"):
        cast.client(administrator).post(address(target, act), PAYLOAD)
    kinds = ["change_roles", "suspend_member", "reinstate_member", "end_membership"]
    assert recorded(administrator) == [(kind, target.membership_id) for kind in kinds]


def test_the_list_asks_no_more_for_more_people(cast):
    client = cast.client("organisation_administrator")

    def count():
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get("/members/")
        return len(queries)

    first = count()
    people = [User(email=f"more{number}@example.test", name="Colleague", password="!") for number in range(20)]
    ngo = cast.organisations.ngo
    User.objects.bulk_create(people)
    Membership.objects.bulk_create([Membership(user=one, organisation=ngo, roles=["caseworker"]) for one in people])
    assert count() == first
