"""What is delivered runs as delivered: from the packages of ``requirements.lock`` alone, each process with the
environment that ``docker-compose.yml`` gives its service and with no other.

``make`` installs the environment (``.local/production``) before the tests.
"""

import os
import re
import shlex
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import psutil
import pytest
import yaml
from django.conf import settings
from django.core.management import get_commands

from nrm import processes, secrets
from nrm.embedded import free_port
from tests.cluster import Cluster

ROOT: Final = Path(__file__).resolve().parents[2]
BIN: Final = ROOT / ".local" / "production" / "bin"
SERVICES: Final[dict[str, Any]] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
HOST: Final = "casework.example.org"
GIVEN: Final = {
    "SECRET_KEY": "delivered-" + "k9" * 25,
    "MASTER_KEY": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
    "MATCHING_KEY": "YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXoxMjM0NTY=",
    "LOCATION_MASTER_KEY": "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=",
    "AUDIT_SIGNING_KEY": "MjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM=",
    "POSTGRES_PASSWORD": "superuser",
    "METRICS_TOKEN": "metrics-token",
    "EMAIL_HOST_PASSWORD": "mail-password",
    "BASE_URL": f"https://{HOST}",
    "ALLOWED_HOSTS": HOST,
    "DEFAULT_FROM_EMAIL": "casework@example.org",
}
ROLE_OF_SERVICE: Final = {"web": "app", "worker": "worker", "beat": "beat"}
SECRETS: Final = frozenset().union(*secrets.HELD.values())
# Every command of the house, with words that are harmless; those of the work place change files of the source.
COMMANDS: Final[dict[str, str]] = {
    "make_roles": "",
    "migrate": "",
    "audit_seal": "",
    "audit_verify": "",
    "deadlines": "recalculate --all --dry-run",
    "matching_records": "",
    "send_reminders": "--reconcile",
    "alarm_clock": "",
    "create_platform_administrator": "--email first@platform.test --name 'Ada First'",
    "remove_second_factor": "--help",
    "load_demo": "--help",
    "backup": "--help",
    "messages": "--check",
    "derived": "--help",
    "who_may": "--help",
}
NEEDS: Final = {
    "make_roles": "setup",
    "migrate": "setup",
    "matching_records": "setup",
    **dict.fromkeys(("audit_seal", "audit_verify", "deadlines", "send_reminders", "alarm_clock"), "worker"),
}
pytestmark = pytest.mark.processes


def handed_to(service: str, given: Mapping[str, str] = GIVEN) -> dict[str, str]:
    """The environment of a service, with what compose puts in: ``${NAME:?…}`` and ``${NAME:-default}``."""

    def put(found: re.Match[str]) -> str:
        name, sign, rest = found["name"], found["sign"], found["rest"]
        return given[name] if name in given or sign == ":?" else rest

    pattern = re.compile(r"\$\{(?P<name>\w+)(?P<sign>:[?-])(?P<rest>[^}]*)\}")
    return {name: pattern.sub(put, str(value)) for name, value in SERVICES[service].get("environment", {}).items()}


class Installation:
    """A database of its own in production mode, a Redis, and processes as their services would start them."""

    def __init__(self, cluster: Cluster, name: str, redis_url: str, folder: Path) -> None:
        self.folder = folder
        self.address = f"127.0.0.1:{free_port()}"
        passwords = {secrets.PASSWORDS[role]: password for role, password in settings.ROLE_PASSWORDS.items()}
        self.given = {**GIVEN, **passwords}
        self.places = {
            "DATABASE_URL": f"postgresql://127.0.0.1:{cluster.postgres.port}/{name}",
            "REDIS_URL": redis_url,
            "STATIC_ROOT": str(folder / "static"),
            "EMAIL_PORT": "1",
            "PATH": f"{BIN}:/usr/bin:/bin",
        }
        self.admin = {"ADMIN_DATABASE_URL": cluster.postgres.url(name)}

    def environment(self, service: str) -> dict[str, str]:
        handed = handed_to(service, self.given)
        return handed | self.places | (self.admin if "ADMIN_DATABASE_URL" in handed else {})

    def manage(self, words: str, service: str, **more: str) -> "subprocess.CompletedProcess[str]":
        command = [str(BIN / "python"), "manage.py", *shlex.split(words)]
        env = {**self.environment(service), **more}
        return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)

    @contextmanager
    def started(self, service: str) -> Iterator["subprocess.Popen[bytes]"]:
        command = {
            "web": processes.web(self.address),
            "worker": processes.worker(),
            "beat": processes.beat(str(self.folder / "beat")),
        }[service]
        with (self.folder / f"{service}.log").open("wb") as log:
            process = subprocess.Popen(
                [str(BIN / command[0]), *command[1:]], cwd=ROOT, env=self.environment(service), stdout=log, stderr=log
            )
            try:
                yield process
            finally:
                process.terminate()
                process.wait(30)

    def said(self, service: str) -> str:
        return (self.folder / f"{service}.log").read_text()

    def get(self, path: str) -> str:
        headers = {"Host": HOST, "X-Forwarded-Proto": "https"}
        with urllib.request.urlopen(
            urllib.request.Request(f"http://{self.address}{path}", headers=headers), timeout=5
        ) as answer:
            body: bytes = answer.read()
        return body.decode()


@pytest.fixture(scope="module")
def installation(
    cluster: Cluster, django_db_setup: None, redis_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    assert BIN.exists(), "The environment of production is missing. Run: make production"
    name = f"nrm_delivered_{os.getpid()}"
    cluster.clone(name)
    try:
        made = Installation(cluster, name, redis_url, tmp_path_factory.mktemp("delivered"))
        for words in ("make_roles", "migrate --verbosity 0"):
            done = made.manage(words, "setup")
            assert done.returncode == 0, done.stderr
        collected = made.manage("collectstatic --noinput --verbosity 0", "web")
        assert collected.returncode == 0, collected.stderr
        yield made
    finally:
        cluster.drop(name)


def until(holds: Any, process: "subprocess.Popen[bytes]", said: Any, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert process.poll() is None, said()
        assert time.monotonic() < end, said()
        time.sleep(0.5)


def test_web_worker_and_beat_start_and_each_health_check_holds(installation: Installation) -> None:
    def answers() -> bool:
        try:
            return '"ready": true' in installation.get("/healthz")
        except OSError:
            return False

    with installation.started("web") as web:
        until(answers, web, lambda: installation.said("web"))
        assert "Sign in" in installation.get("/account/login/")
        assert '"ticking": false' in installation.get("/healthz")
        assert installation.manage("alarm_clock", "worker").returncode == 1
        assert installation.manage(f"alarm_clock --schedule {installation.folder / 'beat'}", "beat").returncode == 1
        with installation.started("worker") as worker, installation.started("beat") as beat:
            until(
                lambda: '"ticking": true' in installation.get("/healthz"), worker, lambda: installation.said("worker")
            )
            asked = f"alarm_clock --schedule {installation.folder / 'beat'}"
            until(
                lambda: installation.manage(asked, "beat").returncode == 0, beat, lambda: installation.said("beat"), 30
            )
            ping = [str(BIN / "celery"), "-A", "nrm.celery", "inspect", "ping", "--timeout", "5"]
            answered = subprocess.run(
                ping, cwd=ROOT, env=installation.environment("worker"), capture_output=True, text=True, check=False
            )
            assert answered.returncode == 0, answered.stdout + answered.stderr
            assert installation.manage("alarm_clock", "worker").returncode == 0
            for service, process in (("web", web), ("worker", worker), ("beat", beat)):
                assert_holds_its_own_alone(service, process.pid, installation)


def test_without_its_database_it_answers_at_once_and_comes_back_by_itself(
    installation: Installation, cluster: Cluster
) -> None:
    name = installation.places["DATABASE_URL"].rpartition("/")[2]

    def status(path: str) -> tuple[int, float]:
        began = time.monotonic()
        try:
            installation.get(path)
            found = 200
        except urllib.error.HTTPError as error:
            found = error.code
        except OSError:
            found = 0
        return found, time.monotonic() - began

    with installation.started("web") as web:
        until(lambda: status("/healthz")[0] == 200, web, lambda: installation.said("web"))
        assert status("/account/login/")[0] == 200
        with cluster.admin() as admin:
            admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
            admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
            try:
                asked = {
                    path: status(path) for path in ("/account/login/", "/api/v1/worklist/", "/healthz", "/worklist/")
                }
            finally:
                admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        assert {path: found for path, (found, _seconds) in asked.items()} == dict.fromkeys(asked, 503)
        assert max(seconds for _found, seconds in asked.values()) < 5
        began = time.monotonic()
        until(lambda: status("/account/login/")[0] == 200, web, lambda: installation.said("web"), 5)
        assert time.monotonic() - began < 5


def assert_holds_its_own_alone(service: str, pid: int, installation: Installation) -> None:
    """In the environment of the process and of its children stand its own secrets, and no other's."""
    process = psutil.Process(pid)
    own = secrets.HELD[ROLE_OF_SERVICE[service]]
    foreign = {installation.given[name] for name in SECRETS - own} - {installation.given[name] for name in own}
    for one in (process, *process.children(recursive=True)):
        handed = one.environ()
        assert SECRETS & set(handed) == own
        assert foreign.isdisjoint(handed.values())


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_runs(installation: Installation, name: str) -> None:
    service = NEEDS.get(name, "web")
    more = {name: GIVEN[name] for name in ("MASTER_KEY", "MATCHING_KEY")} if name == "matching_records" else {}
    if name == "alarm_clock":
        assert installation.manage("send_reminders", "worker").returncode == 0
    done = installation.manage(f"{name} {COMMANDS[name]}", service, **more)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_command_of_the_house_is_tried() -> None:
    house = ("nrm", "cases", "audit", "accounts", "referrals", "reporting", "profiles", "core")
    assert {name for name, app in get_commands().items() if app in house} == set(COMMANDS)


def test_compose_hands_each_service_the_secrets_that_it_holds_and_no_other() -> None:
    handed = {service: SECRETS & set(SERVICES[service]["environment"]) for service in ROLE_OF_SERVICE}
    assert handed == {service: secrets.HELD[role] for service, role in ROLE_OF_SERVICE.items()}
    assert SECRETS & set(SERVICES["setup"]["environment"]) == secrets.HELD["admin"]


@pytest.mark.parametrize("service", ["web", "worker"])
def test_no_process_starts_without_a_secret_that_it_holds(installation: Installation, service: str) -> None:
    role = ROLE_OF_SERVICE[service]
    for name in sorted(one for one in secrets.HELD[role] if secrets.is_needed(one, role)):
        done = installation.manage("check", service, **{name: ""})
        assert f"The setting {name} is missing" in done.stderr


def test_a_secret_of_another_process_is_not_read_though_it_is_offered(installation: Installation) -> None:
    shown = "[s.LOCATION_MASTER_KEY, s.MATCHING_KEY, *s.ROLE_PASSWORDS.values()]"
    asked = ["-c", f"from django.conf import settings as s; print({shown})"]
    env = {**installation.environment("worker"), **installation.given, "DJANGO_SETTINGS_MODULE": "nrm.settings"}
    done = subprocess.run([str(BIN / "python"), *asked], cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(["", "", "", "", installation.given["NRM_WORKER_PASSWORD"], ""])


def test_a_secret_may_come_from_a_file(installation: Installation) -> None:
    file = installation.folder / "secret"
    file.write_text(installation.given["NRM_WORKER_PASSWORD"] + "\n")
    from_file = {"NRM_WORKER_PASSWORD": "", "NRM_WORKER_PASSWORD_FILE": str(file)}
    assert installation.manage("send_reminders", "worker", **from_file).returncode == 0
    both = installation.manage("send_reminders", "worker", NRM_WORKER_PASSWORD_FILE=str(file))
    assert "Set NRM_WORKER_PASSWORD or NRM_WORKER_PASSWORD_FILE, not both." in both.stderr
    away = installation.manage("send_reminders", "worker", **from_file | {"NRM_WORKER_PASSWORD_FILE": "/nowhere"})
    assert "The file that NRM_WORKER_PASSWORD_FILE names cannot be read." in away.stderr
