"""A lost second factor is taken away because two people ask, and nobody can do it alone or in secret."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.actors import Actor
from accounts.context import acting
from accounts.models import Notice, User
from audit.models import AuditChange
from core.db import role
from tests.cast import PASSWORD, Cast

ADMINISTRATOR, SUPERVISOR = "organisation_administrator", "ngo_supervisor"


@pytest.fixture
def lost(cast: Cast) -> User:
    """A caseworker with a device that is lost."""
    user: User = cast.ngo_caseworker.user
    for kind in (Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES):
        Authenticator.objects.create(user=user, type=kind, data={"secret": "", "seed": "", "used_mask": 0})
    return user


def remove(cast: Cast, *askers: str, who: str = "ngo_caseworker") -> None:
    addresses = [getattr(cast, one).email for one in askers]
    call_command("remove_second_factor", email=getattr(cast, who).email, asked_by=addresses)


def test_after_both_have_asked_the_password_alone_lets_in_to_set_up_a_new_one(cast: Cast, lost: User) -> None:
    before = cast.client("ngo_caseworker")
    remove(cast, ADMINISTRATOR, SUPERVISOR)
    assert not Authenticator.objects.filter(user=lost).exists()
    assert before.get("/account/").status_code == 302
    client = Client()
    client.post("/account/login/", {"login": lost.email, "password": PASSWORD})
    assert client.get("/account/").status_code == 200


def test_the_order_of_the_two_does_not_matter(cast: Cast, lost: User) -> None:
    remove(cast, SUPERVISOR, ADMINISTRATOR)
    assert not Authenticator.objects.filter(user=lost).exists()


@pytest.mark.parametrize(
    "askers",
    [
        (ADMINISTRATOR, ADMINISTRATOR),
        (SUPERVISOR, SUPERVISOR),
        (SUPERVISOR, "ngo_caseworker"),
        (ADMINISTRATOR, "ngo_caseworker"),
        (ADMINISTRATOR, "ngo_intake"),
        (ADMINISTRATOR, "police_supervisor"),
        ("platform_administrator", SUPERVISOR),
    ],
)
def test_anybody_else_asks_in_vain(cast: Cast, lost: User, askers: tuple[str, str]) -> None:
    with pytest.raises(CommandError, match="An administrator and a supervisor"):
        remove(cast, *askers)
    assert Authenticator.objects.filter(user=lost).count() == 2


def test_two_addresses_of_one_mailbox_are_one_person(cast: Cast, lost: User) -> None:
    supervisor: User = cast.ngo_supervisor.user
    name, domain = cast.organisation_administrator.email.split("@")
    User.objects.filter(pk=supervisor.pk).update(email=f"{name}+second@{domain}")
    with pytest.raises(CommandError, match="An administrator and a supervisor"):
        call_command(
            "remove_second_factor",
            email=lost.email,
            asked_by=[cast.organisation_administrator.email, f"{name}+second@{domain}"],
        )


def test_somebody_unknown_is_refused(cast: Cast, lost: User) -> None:
    with pytest.raises(CommandError, match="Nobody signs in with this address"):
        call_command("remove_second_factor", email="nobody@example.test", asked_by=[lost.email, lost.email])


def test_all_three_are_told_and_the_trail_keeps_who_asked(cast: Cast, lost: User) -> None:
    remove(cast, ADMINISTRATOR, SUPERVISOR)
    told = {one.membership_id for one in Notice.objects.filter(kind="second_factor_removed")}
    people: list[Any] = [cast.ngo_caseworker, cast.organisation_administrator, cast.ngo_supervisor]
    assert told == {one.membership_id for one in people}
    with acting(Actor.system()), role("nrm_worker"):
        row = AuditChange.objects.get(kind="remove_second_factor")
    assert row.object_id == lost.pk
    assert set(row.detail["asked_by"]) == {
        str(cast.organisation_administrator.user_id),
        str(cast.ngo_supervisor.user_id),
    }
    assert "not delivered" not in cast.client("ngo_supervisor").get("/inbox/").content.decode()
