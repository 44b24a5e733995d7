"""Whoever has a second factor opens a case in an emergency with its code: right, once, and nothing else instead."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.core.cache import cache
from django.test import Client

from accounts.context import acting
from cases.models import BreakGlassTry, Case
from tests.api.calls import Caller
from tests.cases.filing import filed_case
from tests.cast import PASSWORD, Cast
from tests.referrals.scenes import knows

WHO = "police_supervisor"
NOW = 1_780_000_000
Code = Callable[[int], str]


@pytest.fixture
def case(cast: Cast) -> Case:
    return filed_case(cast)


@pytest.fixture
def code(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Code:
    """What the device of the police's supervisor shows, so many periods of 30 seconds from now."""
    monkeypatch.setattr(totp, "time", SimpleNamespace(time=lambda: NOW))
    cache.clear()
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(cast.police_supervisor.user, secret)
    return lambda periods=0: totp.format_hotp_value(totp.hotp_value(secret, NOW // 30 + periods))


def attempt(cast: Cast, case: Case, proof: str) -> int:
    """The status of the answer to an attempt by the API."""
    body = {"reference": case.shown_reference, "reason": "life_at_risk", "explanation": "Screams", "proof": proof}
    return int(Caller(cast, WHO).post("emergencies/", body).status_code)


def outcomes(cast: Cast) -> list[str]:
    with acting(getattr(cast, WHO).actor):
        return list(BreakGlassTry.objects.order_by("at").values_list("outcome", flat=True))


def sign_in(cast: Cast, code: str) -> Client:
    """Through the pages of signing in, with password and code."""
    client = Client()
    values = {"login": getattr(cast, WHO).email, "password": PASSWORD}
    assert client.post("/account/login/", values).status_code == 302
    client.post("/account/second-factor/authenticate/", {"code": code})
    return client


def is_signed_in(client: Client) -> bool:
    return client.get("/inbox/").status_code == 200


def test_the_page_asks_for_the_code_and_the_right_one_opens(cast: Cast, case: Case, code: Code) -> None:
    client = cast.client(WHO)
    html = client.get("/emergencies/open/").content.decode()
    assert "The code of your second factor" in html
    assert "Your password, once more" not in html
    values = {"reference": case.shown_reference, "reason": "life_at_risk", "explanation": "Screams", "proof": code(0)}
    assert client.post("/emergencies/open/", values)["Location"] == f"/cases/{case.shown_reference}/"
    assert outcomes(cast) == ["opened"]


@pytest.mark.parametrize("periods", [-2, -1, 1, 2])
def test_the_code_of_another_time_opens_nothing(cast: Cast, case: Case, code: Code, periods: int) -> None:
    assert attempt(cast, case, code(periods)) == 422
    assert outcomes(cast) == ["not_proven"]
    assert not knows(cast, WHO, case)


@pytest.mark.parametrize("proof", ["000000", PASSWORD, "12345", "no code"])
def test_neither_a_wrong_code_nor_the_password_does(cast: Cast, case: Case, code: Code, proof: str) -> None:
    assert proof != code(0)
    assert attempt(cast, case, proof) == 422
    assert outcomes(cast) == ["not_proven"]


def test_a_code_that_was_used_opens_nothing_more(cast: Cast, case: Case, code: Code) -> None:
    assert attempt(cast, case, code(0)) == 201
    other = filed_case(cast)
    for written in (code(0), f"{code(0)[:3]} {code(0)[3:]}", f"{code(0)[:3]}-{code(0)[3:]}"):
        cache.clear()
        assert attempt(cast, other, written) == 422
    assert not knows(cast, WHO, other)


def test_it_counts_as_used_for_every_process(cast: Cast, case: Case, code: Code) -> None:
    """Each process has a cache of its own; what was used stands in the database."""
    assert attempt(cast, case, code(0)) == 201
    cache.clear()
    other = filed_case(cast)
    assert attempt(cast, other, code(0)) == 422
    assert outcomes(cast) == ["opened", "not_proven"]


def test_the_code_that_one_signed_in_with_opens_no_case(cast: Cast, case: Case, code: Code) -> None:
    assert is_signed_in(sign_in(cast, code(0)))
    cache.clear()
    assert attempt(cast, case, code(0)) == 422
    assert not knows(cast, WHO, case)


def test_the_code_that_opened_a_case_signs_nobody_in(cast: Cast, case: Case, code: Code) -> None:
    assert attempt(cast, case, code(0)) == 201
    cache.clear()
    assert not is_signed_in(sign_in(cast, code(0)))


def test_a_recovery_code_proves_it_once(cast: Cast, case: Case, code: Code) -> None:
    device = RecoveryCodes.activate(getattr(cast, WHO).user)
    spare = device.get_unused_codes()[0]
    assert attempt(cast, case, spare) == 201
    assert attempt(cast, filed_case(cast), spare) == 422


def test_the_code_of_somebody_else_opens_nothing(cast: Cast, case: Case, code: Code) -> None:
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(cast.shelter_supervisor.user, secret)
    theirs = totp.format_hotp_value(totp.hotp_value(secret, NOW // 30))
    assert attempt(cast, case, theirs) == 422


def test_guessing_codes_ends_with_the_third(cast: Cast, case: Case, code: Code) -> None:
    for _number in range(3):
        assert attempt(cast, case, "000000") == 422
    assert attempt(cast, case, code(0)) == 422
    assert outcomes(cast) == ["not_proven"] * 3


def test_the_secret_of_a_device_is_sealed_where_it_is_stored(cast: Cast, code: Code) -> None:
    secret = totp.generate_totp_secret()
    device = totp.TOTP.activate(cast.shelter_supervisor.user, secret).instance
    stored = Authenticator.objects.get(pk=device.pk).data["secret"]
    assert secret not in stored
    assert totp.TOTP(device).validate_code(totp.format_hotp_value(totp.hotp_value(secret, NOW // 30)))


def test_a_secret_of_before_it_was_sealed_still_works(cast: Cast, case: Case, code: Code) -> None:
    secret = totp.generate_totp_secret()
    Authenticator.objects.filter(user=getattr(cast, WHO).user).update(data={"secret": secret})
    assert attempt(cast, case, totp.format_hotp_value(totp.hotp_value(secret, NOW // 30))) == 201
