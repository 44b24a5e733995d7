"""Organisations are the platform administrator's."""

import pytest

from accounts.actors import load_actor
from accounts.models import Invitation, Membership, Organisation
from audit.models import AuditChange

NEW = {
    "name": "House by the river",
    "kind": "shelter",
    "region": "limburg",
    "serves_regions": ["limburg", "oost-brabant"],
    "services": ["safe_accommodation"],
    "email": "duty@example.test",
    "phone": "+31 43 555 0100",
}
OTHERS = ["organisation_administrator", "ngo_supervisor", "coordinator", "stranger"]


def address(organisation, tail=""):
    return f"/organisations/{organisation.pk}/{tail}"


@pytest.mark.parametrize("persona", OTHERS)
def test_only_the_platform_administrator(cast, persona):
    ngo = cast.organisations.ngo
    client = cast.client(persona)
    for path in ("/organisations/", "/organisations/new/", address(ngo), address(ngo, "edit/")):
        assert client.get(path).status_code == 403
    for path in (
        "/organisations/new/",
        address(ngo, "edit/"),
        address(ngo, "suspend/"),
        address(ngo, "administrator/"),
    ):
        assert client.post(path, NEW).status_code == 403
    ngo.refresh_from_db()
    assert (ngo.name, ngo.suspended_at) == ("NGO", None)
    assert not Organisation.objects.filter(name=NEW["name"]).exists()


def test_create_and_find_it_by_service_and_region(cast):
    client = cast.client("platform_administrator")
    assert client.post("/organisations/new/", NEW).status_code == 302
    made = Organisation.objects.get(name=NEW["name"])
    assert (made.kind, made.region, made.phone) == ("shelter", "limburg", NEW["phone"])
    assert made.group_id
    assert made in Organisation.objects.offering("safe_accommodation", "limburg")
    assert made not in Organisation.objects.offering("safe_accommodation", "amsterdam")
    page = client.get(address(made)).content.decode()
    assert "Safe accommodation" in page
    assert "Without administrator" in page


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"name": ""}, "name"), ({"kind": "church"}, "kind"), ({"region": "mars"}, "region"), ({"email": "x"}, "email")],
)
def test_bad_input_is_told_beside_the_field(cast, changes, field):
    response = cast.client("platform_administrator").post("/organisations/new/", NEW | changes)
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]


def test_a_name_is_used_once_whatever_its_case(cast):
    response = cast.client("platform_administrator").post("/organisations/new/", NEW | {"name": "shelter"})
    assert response.status_code == 422
    assert "already exists" in response.content.decode()


def test_the_kind_never_changes(cast):
    ngo = cast.organisations.ngo
    client = cast.client("platform_administrator")
    assert client.post(address(ngo, "edit/"), NEW | {"kind": "police"}).status_code == 302
    ngo.refresh_from_db()
    assert (ngo.name, ngo.kind) == (NEW["name"], "ngo")


def test_suspension_shuts_all_members_out_and_takes_it_off_the_lists(cast):
    shelter, client = cast.organisations.shelter, cast.client("platform_administrator")
    assert client.post(address(shelter, "suspend/")).status_code == 302
    assert load_actor(cast.shelter_worker.user, {}).organisation_id is None
    assert shelter not in Organisation.objects.offering("safe_accommodation")
    assert client.post(address(shelter, "suspend/")).status_code == 409
    assert client.post(address(shelter, "reinstate/")).status_code == 302
    assert load_actor(cast.shelter_worker.user, {}) == cast.shelter_worker.actor


def test_the_platform_invites_only_the_first_administrator(cast):
    client, payload = cast.client("platform_administrator"), {"email": "first@example.test"}
    assert client.post(address(cast.organisations.ngo, "administrator/"), payload).status_code == 409
    assert client.post(address(cast.organisations.shelter, "administrator/"), payload).status_code == 302
    invitation = Invitation.objects.get()
    assert (invitation.organisation, invitation.roles) == (cast.organisations.shelter, ["organisation_administrator"])
    assert client.post(f"/members/invitations/{invitation.pk}/revoke/").status_code == 302


def test_administrators_reach_no_case(cast):
    for persona in ("platform_administrator", "organisation_administrator"):
        assert getattr(cast, persona).scope == "none"
        assert cast.client(persona).get("/cases/K7QF-2M9X-T/").status_code == 404


def test_every_act_is_recorded(own_database, cluster, cast):
    client, shelter = cast.client("platform_administrator"), cast.organisations.shelter
    client.post("/organisations/new/", NEW)
    client.post(address(shelter, "edit/"), NEW | {"name": "Another name"})
    client.post(address(shelter, "administrator/"), {"email": "first@example.test"})
    client.post(address(shelter, "suspend/"))
    client.post(address(shelter, "reinstate/"))
    with cluster.admin(own_database) as admin:
        rows = admin.execute(f"SELECT kind, actor_id FROM {AuditChange._meta.db_table} ORDER BY at").fetchall()
    kinds = ["create", "update", "invite_first", "suspend", "reinstate"]
    assert [kind.replace("_organisation", "").replace("_administrator", "") for kind, _actor in rows] == kinds
    assert {actor for _kind, actor in rows} == {cast.platform_administrator.user_id}
    assert Membership.objects.filter(user=cast.platform_administrator.user).count() == 0


def test_domains_of_mail_addresses_are_kept_as_they_are_compared(cast):
    client, ngo = cast.client("platform_administrator"), cast.organisations.ngo
    given = {**NEW, "name": ngo.name, "email_domains": "@NGO.example, example.org ngo.example"}
    assert client.post(address(ngo, "edit/"), given).status_code == 302
    ngo.refresh_from_db()
    assert ngo.email_domains == ["ngo.example", "example.org"]
    page = client.get(address(ngo, "edit/")).content.decode()
    assert 'value="ngo.example, example.org"' in page
    assert "ngo.example, example.org" in client.get(address(ngo)).content.decode()


@pytest.mark.parametrize("typed", ["example", "somebody@example.org", "exa mple..org", "-a.org", "a" * 64 + ".org"])
def test_what_is_no_domain_is_told_beside_the_field_and_stays(cast, typed):
    response = cast.client("platform_administrator").post("/organisations/new/", NEW | {"email_domains": typed})
    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["email_domains"]
    assert typed in response.content.decode()
