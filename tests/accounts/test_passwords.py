"""What people choose is refused; several words, or what a password manager makes, is taken."""

from typing import Any

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client

from accounts.models import User
from tests.cast import PASSWORD, Cast

GUESSED = [
    "welkom123456",
    "Amsterdam2026!",
    "Welkom2026!!",
    "Hulpverlening1!",
    "Wachtwoord2026",
    "casework2026!",
    "qwertyuiop12",
]
TAKEN = ["violet harbour ladder", "blauwe paraplu fiets 9", "xT4#mQ9!vLr2pZ", "gedichten-molen-raam", PASSWORD]


@pytest.mark.parametrize("password", GUESSED)
def test_what_is_guessed_is_refused(password: str) -> None:
    with pytest.raises(ValidationError, match="several words"):
        validate_password(password)


@pytest.mark.parametrize("password", TAKEN)
def test_what_is_not_guessed_is_taken(password: str) -> None:
    validate_password(password)


def test_the_own_name_and_address_count_as_known() -> None:
    user = User(email="marieke.vandam@harbour.test", name="Marieke van Dam")
    with pytest.raises(ValidationError):
        validate_password("marieke vandam harbour", user)


def test_the_longest_that_is_allowed_is_judged_at_once() -> None:
    validate_password("kalm water " * 400)


def test_the_form_says_what_to_do(cast: Cast, settings: Any) -> None:
    client: Client = cast.client("ngo_caseworker")
    typed = {"oldpassword": PASSWORD, "password1": "Amsterdam2026!", "password2": "Amsterdam2026!"}
    page = client.post("/account/password/change/", typed).content.decode()
    assert "Choose several words that do not belong together." in page
    assert cast.ngo_caseworker.user.check_password(PASSWORD)
