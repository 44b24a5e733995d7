"""The main job once more through the REST API: nine people, each with a session and the token against forgery.

Nobody is told an identifier: each finds, as a program would, what is waiting in the own lists.
"""

from datetime import timedelta
from typing import Any

from tests.cases.files import today
from tests.cast import Cast

GIRL = {
    "danger": {"danger": ["none"]},
    "age": {"age_group": "uncertain"},
    "child": {"informed_by": "registrar", "view": "Wants to go to school."},
    "identity": {"sex": "female"},
    "contact": {"reach": ["unknown"], "language": "ro"},
}
MAN = {
    "age": {"age_group": "adult"},
    "consent": {
        "answer": "given", "information_given": ["mechanism", "purpose"], "form": "written",
        "given_on": today().isoformat(),
    },
    "exploitation": [{"form": "labour"}],
    "account": {"text": "Worked at the car wash, was not paid."},
    "contact": {"reach": ["none"], "language": "ro"},
}  # fmt: skip


class Program:
    """What one person's program does: it reads, and acts with the token that ``me`` gives."""

    def __init__(self, cast: Cast, who: str) -> None:
        self.client = cast.client(who, enforce_csrf_checks=True)
        self.token = self.read("me/")["csrf_token"]

    def status(self, path: str) -> int:
        return self.client.get(f"/api/v1/{path}").status_code

    def read(self, path: str) -> Any:
        answer = self.client.get(f"/api/v1/{path}")
        assert answer.status_code == 200, answer.content
        return answer.json()

    def do(self, path: str, **body: Any) -> Any:
        answer = self.client.post(
            f"/api/v1/{path}", body, content_type="application/json", headers={"X-CSRFToken": self.token}
        )
        assert answer.status_code == 201, answer.content
        return answer.json()


def figures(coordinator: Program) -> dict[str, int]:
    body = coordinator.read("dashboard/")
    return {
        "registered": sum(month["registrations"] for month in body["months"]),
        "referrals": sum(body["states"].values()),
        "reflection": body["reflection"]["running"],
        "children": body["children"]["waiting"] + body["children"]["provisional"],
    }


def police_refer(police: Program, reference: str) -> None:
    query = "service=safe_accommodation&region=amsterdam&urgency=urgent"
    [shelter] = police.read(f"cases/{reference}/receivers/?{query}")
    police.do(
        f"cases/{reference}/referrals/",
        to=shelter["id"],
        service="safe_accommodation",
        region="amsterdam",
        urgency="urgent",
        purpose="refer_shelter",
        legal_basis="law_enforcement",
        categories=["identity", "contact"],
        ends_on=(today() + timedelta(days=60)).isoformat(),
        message="Needs a place tonight.",
    )


def shelter_accepts(intake: Program, worker: Program, name: str, reference: str) -> None:
    [line] = intake.read("referrals/?tab=answer")
    assert intake.status(f"cases/{reference}/") == 404
    [member] = [one["id"] for one in intake.read(f"referrals/{line['id']}/")["assignable"] if one["name"] == name]
    intake.do(f"referrals/{line['id']}/accept/", member=member)
    assert [row["reference"] for row in worker.read("my-work/?tab=mine")["rows"]] == [reference]
    worker.do(f"referrals/{line['id']}/steps/", kind="placed", happened_on=today().isoformat())
    assert worker.read(f"cases/{reference}/rows/narrative/") == []


def police_confirm_the_arrival(police: Program, reference: str) -> None:
    [stay] = police.read(f"cases/{reference}/location/")["placements"]
    assert stay["standing"] == "provisional"
    police.do(f"cases/{reference}/location/{stay['id']}/confirm/")
    [stay] = police.read(f"cases/{reference}/location/")["placements"]
    assert stay["standing"] == "confirmed"


def grounds_and_reflection(police: Program, supervisor: Program, immigration: Program, name: str, ref: str) -> None:
    day = today().isoformat()
    police.do(f"cases/{ref}/decisions/reasonable-grounds/", outcome="positive", decided_on=day, basis="indicators")
    police.do(f"cases/{ref}/reflection/offer/", residence="irregular", is_wanted="yes", offered_on=day)
    assert immigration.status(f"cases/{ref}/") == 404
    [member] = [one["id"] for one in supervisor.read(f"cases/{ref}/members/")["assignable"] if one["name"] == name]
    supervisor.do(f"cases/{ref}/members/", member=member)
    immigration.do(f"cases/{ref}/reflection/grant/", situation="standard", decided_on=day, starts_on=day)
    assert police.read(f"cases/{ref}/reflection/")["period"]["state"] == "running"


def guardian_named(officer: Program, name: str) -> str:
    [child] = officer.read("guardians/")["without"]
    reference: str = child["reference"]
    found = officer.read(f"cases/{reference}/guardian/")["candidates"]
    [guardian] = [one["id"] for one in found if one["name"] == name]
    suitable = {"guardian": guardian, "conflict_of_interest": "none", "is_screened": "yes"}
    officer.do(f"cases/{reference}/guardian/provisional/", **suitable)
    officer.do(f"cases/{reference}/guardian/appoint/", **suitable, child_informed_on=today().isoformat())
    return reference


def test_the_main_job_from_registration_to_guardian(own_database: str, cast: Cast) -> None:
    coordinator = Program(cast, "coordinator")
    before = figures(coordinator)
    girl = Program(cast, "ngo_caseworker").do("cases/", **GIRL)["reference"]
    police = Program(cast, "police_officer")
    man = police.do("cases/", **MAN)["reference"]
    assert figures(coordinator)["children"] == before["children"] + 1

    police_refer(police, man)
    shelter_accepts(Program(cast, "shelter_intake"), Program(cast, "shelter_worker"), cast.shelter_worker.label, man)
    police_confirm_the_arrival(police, man)
    decides = cast.immigration_decision_maker.label
    grounds_and_reflection(
        police, Program(cast, "immigration_supervisor"), Program(cast, "immigration_decision_maker"), decides, man
    )
    assert guardian_named(Program(cast, "child_protection_intake"), cast.guardian.label) == girl

    assert Program(cast, "guardian").read(f"cases/{girl}/")["may"]
    assert figures(coordinator) == {
        "registered": before["registered"] + 2,
        "referrals": before["referrals"] + 1,
        "reflection": before["reflection"] + 1,
        "children": before["children"],
    }
    for who in ("other_guardian", "colleague_unassigned", "other_ngo_caseworker", "coordinator"):
        nosy = Program(cast, who)
        assert {nosy.status(f"cases/{case}/{path}") for case in (girl, man) for path in ("", "rows/identity/")} == {404}
    assert Program(cast, "colleague_unassigned").read("my-work/")["rows"] == []
