"""A country is added by a file alone: clocks, page, start-up checks."""

import os
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from accounts.context import acting
from cases import plain
from cases.operations import clocks
from core import clock
from profiles.enums import Audience, Event, Kind, Party, Tag
from profiles.profile import active
from tests.cases.countries import rule, written
from tests.cases.test_access import bare_case
from tests.cast import Cast

ROOT = Path(__file__).parents[2]


def test_its_rules_count_by_its_own_calendar(cast: Cast, tmp_path: Path, settings: Any) -> None:
    settings.COUNTRY_PROFILE = written(tmp_path, rule())
    assert active().code == "pt"
    friday = datetime(2026, 6, 5, 9, 0, tzinfo=UTC)  # the 10th is the Day of Portugal, the 4th was Corpus Christi
    with clock.travel(friday):
        case = bare_case(cast)
        with acting(cast.ngo_caseworker.actor):
            started = clocks.start(case, Event.CASE_REGISTERED, actor=cast.ngo_caseworker.actor)
    assert {one.rule: one.due_on for one in started} == {"EU-NEEDS": date(2026, 6, 12), "PT-PLAN": date(2026, 6, 15)}


def test_its_page_says_it_in_plain_words(cast: Cast, tmp_path: Path, settings: Any) -> None:
    settings.COUNTRY_PROFILE = written(tmp_path, rule())
    page = cast.client("ngo_caseworker").get("/country/").content.decode()
    for words in ("Portugal", "Plan of support", "5 working days after: the case is registered", "Decree-Law 1/2020"):
        assert words in page
    assert "can be suspended, can be extended" in page


@pytest.mark.parametrize("who", ["ngo_caseworker", "coordinator", "platform_administrator", "guardian"])
def test_the_page_is_for_everybody_who_is_signed_in(cast: Cast, who: str) -> None:
    page = cast.client(who).get("/country/")
    assert page.status_code == 200
    assert "Vreemdelingencirculaire B8/3.1" in page.content.decode()


def test_the_page_says_who_may_use_which_legal_basis(cast: Cast) -> None:
    page = cast.client("ngo_caseworker").get("/country/").content.decode()
    assert "An order of a court or of a prosecutor, in writing" in page
    assert "from: Police, Border guard, Labour inspectorate, Public prosecution" in page
    assert "only who provides: Medical care, Psychological and trauma care" in page


def test_every_word_of_a_profile_can_be_said_in_plain_words() -> None:
    for words, listed in (
        (plain.EVENTS, Event),
        (plain.PARTIES, Party),
        (plain.AUDIENCES, Audience),
        (plain.KINDS, Kind),
        (plain.TAGS, Tag),
    ):
        assert set(words) == set(listed)


def started(profile: str) -> subprocess.CompletedProcess[str]:
    """Start the application with this profile."""
    environment = {**os.environ, "COUNTRY_PROFILE": profile, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    command = [sys.executable, "-c", "import django; django.setup(); print('ready')"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_the_application_starts_with_it(tmp_path: Path) -> None:
    assert started(written(tmp_path, rule())).stdout == "ready\n"


def test_a_mistake_stops_the_start_with_file_rule_and_field(tmp_path: Path) -> None:
    wrong = started(written(tmp_path, rule(unit="fortnights"), rule(code="PT-2", remind_at=["-90d"])))
    assert wrong.returncode != 0
    assert "pt.toml, rules PT-PLAN: unit 'fortnights' is none of" in wrong.stderr
    assert "pt.toml, rules PT-2: remind_at '-90d' lies before the start of every clock" in wrong.stderr
