"""The profile's zone is the only one: pages, forms and deadlines count the same civil days."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ASKED = """
import django; django.setup()
from datetime import UTC, datetime
from django.utils.formats import date_format
from django.utils import timezone
from core.fields import civil_zone
end_of_11_june = datetime(2026, 6, 11, 23, 0, tzinfo=UTC)
print(civil_zone(), timezone.localtime(end_of_11_june).strftime("%d %H:%M"))
"""


@pytest.mark.parametrize(
    ("profile", "said"),
    [
        # The first instant after 11 June in London is 23:00 UTC; in Amsterdam it is 01:00 of the 12th by then.
        ("uk", "Europe/London 12 00:00"),
        ("nl", "Europe/Amsterdam 12 01:00"),
        ("eu", "Europe/Brussels 12 01:00"),
    ],
)
def test_the_zone_is_that_of_the_profile(profile: str, said: str) -> None:
    environment = {**os.environ, "COUNTRY_PROFILE": profile, "TIME_ZONE": "Asia/Tokyo"}
    environment["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    done = subprocess.run(
        [sys.executable, "-c", ASKED], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == said
