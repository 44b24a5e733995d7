"""An empty installation gets its first platform administrator from the server, by a link that works once."""

import io
import re

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.actors import Actor
from accounts.context import acting
from accounts.models import User
from audit.models import AuditChange
from core.db import role
from tests.cast import Cast

EMAIL = "first@platform.test"
CHOSEN = "a long way round the harbour 7"
pytestmark = pytest.mark.django_db


def let_in(email: str = EMAIL, **more: str) -> str:
    """The path of the link that the command shows."""
    out = io.StringIO()
    call_command("create_platform_administrator", email=email, name="Ada First", stdout=out, **more)
    found = re.search(rf"{re.escape(settings.BASE_URL)}(\S+)", out.getvalue())
    assert found
    return found.group(1)


def choose(path: str, password: str = CHOSEN) -> str:
    """Open the link as somebody who is not signed in, and choose a password; what the last page says."""
    client = Client()
    page = client.get(path, follow=True)
    if "password1" not in page.content.decode():
        return page.content.decode()
    where = page.redirect_chain[-1][0]
    return client.post(where, {"password1": password, "password2": password}, follow=True).content.decode()


def signs_in(password: str = CHOSEN) -> bool:
    client = Client()
    client.post("/account/login/", {"login": EMAIL, "password": password})
    return "_auth_user_id" in client.session


def test_the_link_lets_in_once() -> None:
    path = let_in()
    user = User.objects.get(email=EMAIL)
    assert (user.is_platform_administrator, user.has_usable_password(), user.memberships.count()) == (True, False, 0)

    choose(path)
    assert signs_in()
    choose(path, "another password of somebody 9")
    assert signs_in()
    assert not signs_in("another password of somebody 9")


def test_until_it_is_used_a_new_link_can_be_had_and_afterwards_none() -> None:
    first, second = let_in(), let_in()
    assert User.objects.filter(email=EMAIL).count() == 1
    choose(second)
    assert signs_in()
    choose(first, "another password of somebody 9")
    assert not signs_in("another password of somebody 9")
    with pytest.raises(CommandError, match="already exists"):
        let_in()


def test_nobody_who_is_there_becomes_administrator(cast: Cast) -> None:
    with pytest.raises(CommandError, match="already exists"):
        let_in(cast.ngo_caseworker.email)
    assert not User.objects.get(email=cast.ngo_caseworker.email).is_platform_administrator


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(CommandError, match="valid email address"):
        let_in("first at platform")


def test_it_is_written_down_without_name_or_address() -> None:
    let_in()
    with acting(Actor.system()), role("nrm_worker"):
        row = AuditChange.objects.get(kind="create_platform_administrator")
    assert row.object_id == User.objects.get(email=EMAIL).pk
    assert "Ada" not in str(row.__dict__)
    assert EMAIL not in str(row.__dict__)
