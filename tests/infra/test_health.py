"""``/healthz`` says whether this process is fit to serve, and nothing of content."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client


@pytest.mark.django_db
def test_a_healthy_process(client: Client, settings: Any, redis_url: str) -> None:
    settings.REDIS_URL = redis_url
    response = client.get("/healthz")

    assert response.status_code == 200
    assert {"live", "ready", "database", "redis", "migrations"} == {
        name for name, value in response.json().items() if value is True
    }
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.django_db
def test_the_application_serves_without_its_alarm_clock(client: Client) -> None:
    response = client.get("/healthz")

    assert (response.status_code, response.json()["redis"]) == (200, False)


@pytest.mark.django_db
def test_the_answer_needs_neither_session_nor_known_host_nor_tls(client: Client, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True

    assert client.get("/healthz", headers={"host": "10.1.2.3"}).status_code == 200


def test_without_database_it_is_not_ready(own_database: str, client: Client) -> None:
    connection.close()
    port = connection.settings_dict["PORT"]
    connection.settings_dict["PORT"] = "1"
    response = client.get("/healthz")
    connection.settings_dict["PORT"] = port

    assert (response.status_code, response.json()["ready"]) == (503, False)


@pytest.mark.django_db
def test_it_is_read_only(client: Client) -> None:
    assert client.post("/healthz").status_code == 405
