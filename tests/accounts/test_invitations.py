"""Invitations: who invites, what the mail holds, who may accept, and what becomes of the link."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.core import mail as sent
from django.test import Client

from accounts import mail
from accounts.models import Invitation, Membership, Organisation, OutboxMail, User
from accounts.tokens import invitation_token
from core import clock

PAYLOAD = {"email": "New.Colleague@example.test", "roles": ["caseworker", "decision_maker"]}
PERSON = {
    "name": "Doré O’Neill-de Vries",
    "language": "nl",
    "password": "violet harbour ladder",
    "password_again": "violet harbour ladder",
}


def invite(cast, **changes):
    response = cast.client("organisation_administrator").post("/members/invite/", PAYLOAD | changes)
    assert response.status_code == 302, response.context["form"].errors
    return Invitation.objects.latest("created_at")


def link(invitation):
    return f"/invitation/{invitation_token(invitation.pk)}/"


def test_the_link_stands_in_the_mail_and_in_no_table(cast):
    invitation = invite(cast)
    with clock.travel(clock.moment() + timedelta(seconds=1)):
        assert mail.deliver_due()["sent"] == 1
    (letter,) = sent.outbox
    assert letter.to == ["new.colleague@example.test"]
    token = invitation_token(invitation.pk)
    assert token in letter.body
    assert not re.search(r"traffick|victim|NGO|NRM", letter.subject + letter.body)
    kept = [*Invitation.objects.values_list("token_hash", flat=True), str(OutboxMail.objects.values().get())]
    assert not [value for value in kept if token in value]


def test_a_new_person_joins_and_is_signed_in(cast):
    client, invitation = Client(), invite(cast)
    assert client.get(link(invitation)).status_code == 200
    assert client.post(link(invitation), PERSON).status_code == 302
    user = User.objects.get(email="new.colleague@example.test")
    assert (user.name, user.language, user.check_password(PERSON["password"])) == (PERSON["name"], "nl", True)
    membership = user.memberships.get()
    assert (membership.organisation, membership.roles) == (cast.organisations.ngo, ["caseworker", "decision_maker"])
    page = client.get("/account/")
    assert page.status_code == 200
    assert "Taal" in page.content.decode() or "nl" in client.cookies["django_language"].value


def test_a_link_works_once(cast):
    invitation = invite(cast)
    Client().post(link(invitation), PERSON)
    again = Client()
    assert again.get(link(invitation)).status_code == 404
    assert again.post(link(invitation), PERSON).status_code == 404


@pytest.mark.parametrize("fate", ["revoked", "expired", "suspended", "invented"])
def test_links_that_do_not_count_answer_alike(cast, fate):
    invitation = invite(cast)
    path = link(invitation)
    if fate == "revoked":
        cast.client("organisation_administrator").post(f"/members/invitations/{invitation.pk}/revoke/")
    elif fate == "suspended":
        Organisation.objects.filter(pk=cast.organisations.ngo.pk).update(suspended_at=clock.moment())
    elif fate == "invented":
        path = "/invitation/" + "0" * 48 + "/"
    with clock.travel(clock.moment() + timedelta(days=7, seconds=1) if fate == "expired" else clock.moment()):
        response = Client().get(path)
        assert Client().post(path, PERSON).status_code == 404
    assert response.status_code == 404
    assert "This link does not work" in response.content.decode()
    assert not User.objects.filter(email=invitation.email).exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"name": "A\x00B"}, "name"),
        ({"password": "short", "password_again": "short"}, "password"),
        ({"password": "password1234", "password_again": "password1234"}, "password"),
        ({"password": "new.colleague@example.test", "password_again": "new.colleague@example.test"}, "password"),
        ({"password_again": "violet harbour lader"}, "password_again"),
        ({"language": "xx"}, "language"),
    ],
)
def test_bad_input_is_told_beside_the_field(cast, changes, field):
    response = Client().post(link(invite(cast)), PERSON | changes)
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert "<title>Error:" in response.content.decode()


def test_a_known_person_signs_in_first_and_confirms(cast):
    invitation = invite(cast, email="police_officer@example.test")
    page = Client().get(link(invitation))
    assert urlsplit(link(invitation)).path.replace("/", "%2F") in page.content.decode()
    assert Client().post(link(invitation), PERSON).status_code == 200
    officer = cast.client("police_officer")
    assert officer.post(link(invitation)).status_code == 302
    assert set(cast.police_officer.user.memberships.values_list("organisation__kind", flat=True)) == {"police", "ngo"}
    assert officer.session["membership"] == str(Membership.objects.get(user=cast.police_officer.user, roles__len=2).pk)


def test_somebody_else_who_is_signed_in_cannot_accept(cast):
    for address in ("police_officer@example.test", "new.colleague@example.test"):
        invitation = invite(cast, email=address)
        assert cast.client("other_ngo_caseworker").post(link(invitation), PERSON).status_code == 200
        assert Invitation.objects.get(pk=invitation.pk).accepted_at is None


def test_a_former_colleague_comes_back_by_invitation(cast):
    target = cast.ngo_caseworker
    cast.client("organisation_administrator").post(f"/members/{target.membership_id}/end/")
    invitation = invite(cast, email=target.email, roles=["guardian"])
    assert cast.client(target).post(link(invitation)).status_code == 302
    former = Membership.objects.get(pk=target.membership_id)
    membership = Membership.objects.live().get(user=target.user)
    assert former.ended_at is not None
    assert (membership.roles, membership.organisation_id) == (["guardian"], target.organisation_id)


@pytest.mark.parametrize("email", ["ngo_caseworker@example.test", "SUSPENDED_MEMBER@example.test"])
def test_a_colleague_is_not_invited_again(cast, email):
    response = cast.client("organisation_administrator").post("/members/invite/", PAYLOAD | {"email": email})
    assert response.status_code == 422
    assert response.context["form"].errors["email"]


def test_an_open_invitation_is_not_repeated_but_an_expired_one_is(cast):
    invite(cast)
    client = cast.client("organisation_administrator")
    assert client.post("/members/invite/", PAYLOAD).status_code == 422
    with clock.travel(clock.moment() + timedelta(days=8)):
        assert cast.client("organisation_administrator").post("/members/invite/", PAYLOAD).status_code == 302
    assert OutboxMail.objects.count() == 2


def test_who_may_revoke(cast):
    invitation = invite(cast)
    path = f"/members/invitations/{invitation.pk}/revoke/"
    assert cast.client("ngo_supervisor").post(path).status_code == 403
    assert cast.client("other_organisation_administrator").post(path).status_code == 404
    assert cast.client("organisation_administrator").post(path).status_code == 302
    assert cast.client("organisation_administrator").post(path).status_code == 404


def test_a_double_click_invites_once(cast):
    client = cast.client("organisation_administrator")
    key = {"submission_key": "5b0f5e0c-6b0f-4a3c-9a57-0d5f9c1e7a11"}
    assert [client.post("/members/invite/", PAYLOAD | key).status_code for _ in range(2)] == [302, 302]
    assert OutboxMail.objects.count() == 1
