"""/metrics: counts and ages for who has the token, nothing for anybody else, nothing about anybody."""

import pytest
from django.test import Client

from cases import reminders
from cases.models import TickSource

TOKEN = "a-token-of-the-test"


@pytest.fixture
def configured(settings):
    settings.METRICS_TOKEN = TOKEN


def scrape(token):
    return Client().get("/metrics", headers={"Authorization": f"Bearer {token}"} if token is not None else {})


def test_it_tells_prometheus_what_waits_and_when_a_clock_rang(db, configured):
    reminders.begin(TickSource.BEAT)
    answer = scrape(TOKEN)
    lines = answer.content.decode().splitlines()
    assert answer.status_code == 200
    assert "nrm_reminders_waiting 0.0" in lines
    assert "nrm_reminders_ticking 1.0" in lines
    assert any(line.startswith('nrm_last_tick_timestamp_seconds{source="beat"}') for line in lines)


@pytest.mark.parametrize("token", [None, "", "wrong", TOKEN + "x"])
def test_without_the_token_there_is_nothing(db, configured, token):
    assert scrape(token).status_code == 404


@pytest.mark.parametrize("token", [None, ""])
def test_where_none_is_set_an_empty_one_opens_nothing(db, settings, token):
    settings.METRICS_TOKEN = ""
    assert scrape(token).status_code == 404


def test_silence_of_every_alarm_clock_is_told(db, configured):
    assert "nrm_reminders_ticking 0.0" in scrape(TOKEN).content.decode()
