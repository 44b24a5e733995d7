"""Wrong passwords are counted for all web processes together, and nobody locks out somebody else from afar."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client

from accounts import attempts
from tests.cast import PASSWORD, Cast

LOGIN = "/account/login/"
HERE, AFAR = "198.51.100.7", "203.0.113.9"


@pytest.fixture(autouse=True)
def shared_store(settings: Any, database: None) -> Iterator[None]:
    """The store of production, in the database."""
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "accounts_limits"}
    }
    yield
    caches["default"].clear()


def tried(email: str, password: str, *, client: Client | None = None, address: str = HERE) -> tuple[bool, str]:
    """Whether it lets in, and what the page says."""
    client = client or Client()
    page = client.post(LOGIN, {"login": email, "password": password}, REMOTE_ADDR=address, follow=False)
    return page.status_code == 302, page.content.decode()


def wrong(email: str, times: int, *, client: Client | None = None, address: str = HERE) -> str:
    """What is said after some wrong passwords."""
    said = ""
    for number in range(times):
        said = tried(email, f"wrong {number}", client=client, address=address)[1]
    return said


def test_after_five_wrong_ones_from_one_place_the_sixth_waits_and_is_told_how_long(cast: Cast) -> None:
    email = cast.ngo_caseworker.email
    assert "Too many" not in wrong(email, 5)
    lets_in, said = tried(email, PASSWORD)
    assert not lets_in
    assert "Too many failed sign-ins. Wait 5 minutes, then try again." in said


def test_each_process_counts_what_the_others_counted(cast: Cast) -> None:
    email = cast.ngo_caseworker.email
    for number in range(5):
        # A process that starts knows only what stands in the store.
        caches.close_all()
        tried(email, f"wrong {number}")
    assert "Too many" in tried(email, PASSWORD)[1]


def test_a_known_device_is_never_locked_out_by_others(cast: Cast) -> None:
    email, own = cast.ngo_caseworker.email, Client()
    assert tried(email, PASSWORD, client=own)[0]
    own.post("/account/logout/")
    wrong(email, 60, address=AFAR)
    wrong(email, 10, address=HERE)
    assert not tried(email, PASSWORD, address=HERE)[0]
    assert tried(email, PASSWORD, client=own)[0]


def test_a_known_device_has_a_limit_of_its_own(cast: Cast) -> None:
    email, own = cast.ngo_caseworker.email, Client()
    tried(email, PASSWORD, client=own)
    own.post("/account/logout/")
    assert "Too many" in wrong(email, 11, client=own)


def test_the_device_of_one_person_is_no_known_device_of_another(cast: Cast) -> None:
    own = Client()
    tried(cast.ngo_caseworker.email, PASSWORD, client=own)
    own.post("/account/logout/")
    assert "Too many" in wrong(cast.police_officer.email, 6, client=own)


def test_a_forged_mark_makes_no_known_device(cast: Cast) -> None:
    forged = Client()
    forged.cookies[attempts.COOKIE] = attempts._mark(cast.ngo_caseworker.email)
    assert "Too many" in wrong(cast.ngo_caseworker.email, 6, client=forged)


def test_one_account_is_guessed_no_faster_from_many_places(cast: Cast) -> None:
    email = cast.ngo_caseworker.email
    for number in range(50):
        tried(email, f"wrong {number}", address=f"203.0.113.{number}")
    said = tried(email, PASSWORD, address="198.51.100.200")[1]
    assert "Wait 60 minutes" in said


def test_ten_people_of_one_office_do_not_lock_each_other_out(cast: Cast) -> None:
    for who in ("ngo_caseworker", "ngo_supervisor", "police_officer", "police_supervisor", "coordinator"):
        wrong(getattr(cast, who).email, 4)
    assert tried(cast.shelter_worker.email, PASSWORD)[0]


def test_right_passwords_are_not_counted(cast: Cast) -> None:
    for _again in range(12):
        assert tried(cast.ngo_caseworker.email, PASSWORD)[0]


def test_the_mark_names_nobody(cast: Cast) -> None:
    own = Client()
    tried(cast.ngo_caseworker.email, PASSWORD, client=own)
    cookie = own.cookies[attempts.COOKIE]
    assert cast.ngo_caseworker.email not in cookie.value
    assert str(cast.ngo_caseworker.user_id) not in cookie.value
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Strict")


def test_who_signs_in_beside_a_colleagues_account_gets_no_new_guesses_at_it(cast: Cast) -> None:
    """On the computer of a desk, where both have signed in before."""
    desk = Client()
    for who in ("ngo_caseworker", "ngo_supervisor"):
        tried(getattr(cast, who).email, PASSWORD, client=desk)
        desk.post("/account/logout/")
    said = wrong(cast.ngo_supervisor.email, 10, client=desk)
    assert "Too many" not in said
    tried(cast.ngo_caseworker.email, PASSWORD, client=desk)
    desk.post("/account/logout/")
    assert "Too many" in wrong(cast.ngo_supervisor.email, 1, client=desk)
