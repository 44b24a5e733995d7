"""Signing in and out with django-allauth."""

from datetime import timedelta

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from django.core import mail as sent
from django.test import Client

from accounts import mail
from accounts.context import acting
from accounts.models import Membership, User
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
    answer = client.post("/account/email/", {"action_add": "", "email": "elsewhere@example.test"})
    assert answer.status_code == 404
    Client().post("/account/password/reset/", {"email": "elsewhere@example.test"})
    with clock.travel(clock.moment() + timedelta(seconds=1)):
        assert mail.deliver_due() == {}
    assert not EmailAddress.objects.filter(email="elsewhere@example.test").exists()


def test_no_mail_of_the_library_goes_past_the_outbox(cast):
    client = cast.client("ngo_caseworker")
    for path in ("email/", "confirm-email/", "password/set/", "login/code/confirm/"):
        assert (
            client.post(f"/account/{path}", {"action_send": "", "email": cast.ngo_caseworker.email}).status_code == 404
        )
    assert sent.outbox == []


def test_whoever_asks_for_a_password_of_somebody_else_does_not_block_the_second_factor(cast):
    Client().post("/account/password/reset/", {"email": cast.ngo_caseworker.email})
    client = Client()
    client.post(LOGIN, {"login": cast.ngo_caseworker.email, "password": PASSWORD})
    setting_up = "/account/second-factor/totp/activate/"
    client.post(f"/account/reauthenticate/?next={setting_up}", {"password": PASSWORD})
    assert client.get(setting_up).status_code == 200


def test_whoever_is_suspended_reads_why_nothing_can_be_opened(cast):
    Membership.objects.filter(pk=cast.ngo_caseworker.membership_id).update(suspended_at=clock.moment())
    page = signed_in_page(cast.ngo_caseworker.email)
    assert "You cannot work for NGO at present" in page
    assert "Successfully" not in page


def test_whoever_belongs_to_no_organisation_any_more_reads_so(cast):
    Membership.objects.filter(pk=cast.ngo_caseworker.membership_id).update(ended_at=clock.moment())
    assert "You belong to no organisation at present." in signed_in_page(cast.ngo_caseworker.email)


def test_whoever_works_reads_nothing_of_it(cast):
    client = cast.client("ngo_caseworker")
    assert "at present" not in client.get("/account/").content.decode()


def signed_in_page(email):
    return Client().post(LOGIN, {"login": email, "password": PASSWORD}, follow=True).content.decode()
