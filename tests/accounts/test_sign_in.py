"""Signing in and out with django-allauth."""

from datetime import timedelta

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from django.core import mail as sent
from django.test import Client

from accounts import mail
from accounts.context import acting
from accounts.models import User
from audit.models import AuditChange
from core import clock
from tests.cast import PASSWORD

LOGIN, SIGN_UP = "/account/login/", "/account/signup/"


def kinds(persona):
    with acting(persona.actor):
        return list(AuditChange.objects.filter(actor_id=persona.user_id).order_by("at").values_list("kind", flat=True))


def test_in_and_out_is_recorded(cast):
    client = Client()
    assert client.post(LOGIN, {"login": "NGO_caseworker@example.test", "password": PASSWORD}).status_code == 302
    assert client.get("/account/").status_code == 200
    client.post("/account/logout/")
    assert client.get("/account/").status_code == 302
    assert kinds(cast.ngo_caseworker) == ["signed_in", "signed_out"]


def test_a_wrong_password_and_a_wrong_address_look_alike_and_are_recorded(own_database, cluster, cast):
    known = Client().post(LOGIN, {"login": cast.ngo_caseworker.email, "password": "wrong"})
    unknown = Client().post(LOGIN, {"login": "nobody@example.test", "password": "wrong"})
    assert known.context["form"].errors == unknown.context["form"].errors
    with cluster.admin(own_database) as admin:
        rows = admin.execute("SELECT kind, actor_label, object_id FROM audit_auditchange ORDER BY at").fetchall()
    assert rows == [("sign_in_failed", "", cast.ngo_caseworker.user_id), ("sign_in_failed", "", None)]


def test_who_is_not_active_does_not_get_in(cast):
    User.objects.filter(pk=cast.ngo_caseworker.user_id).update(is_active=False)
    client = Client()
    client.post(LOGIN, {"login": cast.ngo_caseworker.email, "password": PASSWORD})
    assert client.get("/account/").status_code == 302


def test_nobody_signs_up_alone(db):
    data = {"email": "new@example.test", "password1": PASSWORD, "password2": PASSWORD}
    Client().post(SIGN_UP, data)
    assert not User.objects.exists()
    assert not get_adapter().is_open_for_signup(None)


def test_a_new_password_by_mail(cast):
    client = Client()
    client.post("/account/password/reset/", {"email": cast.ngo_caseworker.email})
    client.post("/account/password/reset/", {"email": "nobody@example.test"})
    with clock.travel(clock.moment() + timedelta(seconds=1)):
        assert mail.deliver_due()["sent"] == 1
    (letter,) = sent.outbox
    assert letter.to == [cast.ngo_caseworker.email]
    path = next(line for line in letter.body.splitlines() if line.startswith("http")).split("/", 3)[3]
    page = client.get(f"/{path}", follow=True)
    new = "violet harbour ladder"
    assert client.post(page.redirect_chain[-1][0], {"password1": new, "password2": new}).status_code == 302
    cast.ngo_caseworker.user.refresh_from_db()
    assert cast.ngo_caseworker.user.check_password(new)


def test_nobody_adds_an_address_to_get_a_new_password_at(cast):
    client = cast.client("ngo_caseworker")
    client.post("/account/email/", {"action_add": "", "email": "elsewhere@example.test"})
    Client().post("/account/password/reset/", {"email": "elsewhere@example.test"})
    with clock.travel(clock.moment() + timedelta(seconds=1)):
        assert mail.deliver_due() == {}
    assert not EmailAddress.objects.filter(email="elsewhere@example.test").exists()
