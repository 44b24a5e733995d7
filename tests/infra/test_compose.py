"""``docker-compose.yml`` runs the same processes as the demo and has no default secret. Read by a parser, not run."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from nrm import processes, secrets

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text()
SECRETS = (
    "SECRET_KEY",
    "MASTER_KEY",
    "MATCHING_KEY",
    "AUDIT_SIGNING_KEY",
    "LOCATION_MASTER_KEY",
    "POSTGRES_PASSWORD",
    "NRM_OWNER_PASSWORD",
    "NRM_APP_PASSWORD",
    "NRM_WORKER_PASSWORD",
    "NRM_BACKUP_PASSWORD",
)
# Settings that no service is handed, and why.
NOT_HANDED = {
    "STATIC_ROOT": "the image collects static files where the setting's default points",
    "EMAIL_BACKEND": "production sends by SMTP",
}


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(TEXT)["services"]
    return found


@pytest.mark.parametrize(
    ("service", "command"),
    [
        ("web", processes.web("0.0.0.0:8000")),
        ("worker", processes.worker()),
        ("beat", processes.beat("/var/lib/nrm/beat")),
    ],
)
def test_the_processes_are_those_of_the_demo(services: dict[str, Any], service: str, command: list[str]) -> None:
    assert shlex.split(services[service]["command"]) == command


def test_every_process_connects_as_its_own_role(services: dict[str, Any]) -> None:
    roles = {name: services[name]["environment"]["NRM_ROLE"] for name in ("web", "worker", "beat")}

    assert roles == {"web": "app", "worker": "worker", "beat": "beat"}
    assert not any("ADMIN_DATABASE_URL" in services[name]["environment"] for name in roles)


@pytest.mark.parametrize("secret", SECRETS)
def test_no_secret_has_a_default(secret: str) -> None:
    uses = re.findall(rf"\$\{{{secret}([^}}]*)\}}", TEXT)

    assert uses
    assert all(use.startswith(":?") for use in uses)


def test_every_service_that_runs_says_how_it_is(services: dict[str, Any]) -> None:
    assert [name for name, service in services.items() if "healthcheck" not in service] == ["setup"]


def test_only_loopback_is_published(services: dict[str, Any]) -> None:
    ports = [port for service in services.values() for port in service.get("ports", ())]

    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_every_setting_that_is_read_is_handed_on_and_documented(services: dict[str, Any]) -> None:
    """A setting that compose hands to no process does nothing, whatever somebody writes beside it."""
    source = "".join((ROOT / "nrm" / name).read_text() for name in ("settings.py", "management/commands/make_roles.py"))
    read = {name for pair in re.findall(r'(?:environment\.\w+|own)\(\s*"(\w+)"', source) for name in [pair]}
    read |= set().union(*secrets.HELD.values())
    handed = {name for service in services.values() for name in service.get("environment", {})}
    documented = set(re.findall(r"`([A-Z_]{4,})`", (ROOT / "docs" / "operations.md").read_text()))

    assert {"SECRET_KEY", "METRICS_TOKEN", "ADMIN_DATABASE_URL", "NRM_MODE"} <= read
    assert read - handed == set(NOT_HANDED)
    assert read - documented == set()
