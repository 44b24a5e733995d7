"""Production starts only with complete settings, and says the name of what is missing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from nrm.services import default_home

ROOT = Path(__file__).resolve().parents[2]
COMPLETE = {
    "NRM_MODE": "production",
    "SECRET_KEY": "judged-only-" + "k9" * 25,
    "MASTER_KEY": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
    "MATCHING_KEY": "YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXoxMjM0NTY=",
    "LOCATION_MASTER_KEY": "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=",
    "BASE_URL": "https://casework.example.org",
    "ALLOWED_HOSTS": "casework.example.org",
    "DATABASE_URL": "postgresql://127.0.0.1:1/nrm",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "NRM_APP_PASSWORD": "x",
    "DEFAULT_FROM_EMAIL": "casework@example.org",
    "EMAIL_HOST": "mail.example.org",
}
READ = (
    "import nrm.settings as s; print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_HSTS_SECONDS > 0, s.DEBUG)"
)


def read(settings: dict[str, str], words: str = READ) -> "subprocess.CompletedProcess[str]":
    env = {"PATH": os.environ["PATH"], **settings}
    return subprocess.run([sys.executable, "-c", words], cwd=ROOT, env=env, capture_output=True, text=True, check=False)


def test_complete_settings_are_strict() -> None:
    assert read(COMPLETE).stdout.split() == ["True", "True", "True", "False"]


@pytest.mark.parametrize("name", sorted(set(COMPLETE) - {"NRM_MODE"}))
def test_a_missing_setting_is_named(name: str) -> None:
    found = read({key: value for key, value in COMPLETE.items() if key != name})

    assert found.returncode != 0
    assert f"The setting {name} is missing" in found.stderr


def test_production_demands_the_second_factor_unless_it_is_switched_off_by_name() -> None:
    def demanded(**more: str) -> str:
        reading = "import nrm.settings as s; print(s.REQUIRE_SECOND_FACTOR)"
        return read({**COMPLETE, **more}, reading).stdout.strip()

    assert [demanded(), demanded(REQUIRE_SECOND_FACTOR="0"), demanded(NRM_MODE="test")] == ["True", "False", "False"]


def test_a_key_of_the_wrong_length_is_refused() -> None:
    assert "MASTER_KEY must be 32 random bytes" in read({**COMPLETE, "MASTER_KEY": "c2hvcnQ="}).stderr


def test_the_location_is_not_sealed_with_the_key_of_the_cases() -> None:
    found = read({**COMPLETE, "LOCATION_MASTER_KEY": COMPLETE["MASTER_KEY"]})
    assert "LOCATION_MASTER_KEY must not be the same key as MASTER_KEY" in found.stderr


def test_each_country_of_a_demo_has_data_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NRM_HOME", raising=False)
    homes = set()
    for profile in ("", "nl", "uk", "eu", "/etc/nrm/pt.toml"):
        monkeypatch.setenv("COUNTRY_PROFILE", profile)
        homes.add(default_home())
    assert len(homes) == 4
