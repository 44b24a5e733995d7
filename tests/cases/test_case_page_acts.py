"""What the case page offers: duties with a clock, the timeline in words, closing."""

import re

import pytest

from accounts.context import acting
from audit.kinds import KINDS
from audit.models import AuditChange
from cases.models import Case, CaseVisibility, Deadline, Share
from cases.operations.closing import close_case
from cases.operations.duties import complete_deadline
from cases.views import case as page_of_case
from core.errors import Conflict, NotAllowed
from tests.cases.filing import at_work, filed_case, shared
from tests.cast import Cast


@pytest.fixture
def case(cast: Cast) -> Case:
    return filed_case(cast)


def address(case: Case, path: str = "") -> str:
    return f"/cases/{case.shown_reference}/{path}"


def needs_clock(cast: Cast, case: Case) -> Deadline:
    with acting(cast.ngo_supervisor.actor):
        return Deadline.objects.get(case=case, rule="EU-NEEDS")


def test_a_duty_is_done_its_clock_ends_and_its_review_begins(cast: Cast, case: Case) -> None:
    client, clock = cast.client("ngo_caseworker"), needs_clock(cast, case)
    url = address(case, f"duties/{clock.pk}/")
    assert url in client.get(address(case)).content.decode()
    assert client.get(url).status_code == 200
    assert client.post(url).status_code == 302
    with acting(cast.ngo_supervisor.actor):
        assert Deadline.objects.get(pk=clock.pk).state == "met"
        assert Deadline.objects.filter(case=case, rule="EU-NEEDS-REV", state="open").count() == 1
        assert AuditChange.objects.filter(kind="complete_deadline", object_id=clock.pk).count() == 1
    assert client.post(url).status_code == 404


def test_a_consent_is_reconfirmed_and_reviewed_again(cast: Cast, case: Case) -> None:
    with acting(cast.ngo_supervisor.actor):
        clock = Deadline.objects.get(case=case, rule="EU-CONREV")
    assert cast.client("ngo_caseworker").post(address(case, f"duties/{clock.pk}/")).status_code == 302
    with acting(cast.ngo_supervisor.actor):
        assert Deadline.objects.get(pk=clock.pk).state == "met"
        assert Deadline.objects.get(case=case, rule="EU-CONREV", state="open").subject_id == clock.subject_id


@pytest.mark.parametrize(("persona", "status"), [("ngo_intake", 403), ("colleague_unassigned", 404)])
def test_others_do_no_duties(cast: Cast, case: Case, persona: str, status: int) -> None:
    assert cast.client(persona).post(address(case, f"duties/{needs_clock(cast, case).pk}/")).status_code == status


def test_a_clock_of_another_organisation_is_not_ended(cast: Cast, case: Case) -> None:
    clock = needs_clock(cast, case)
    shared(cast, case, cast.organisations.shelter, "services")
    with at_work(cast, "shelter_supervisor", case) as (actor, access), pytest.raises(NotAllowed):
        complete_deadline(actor, access=access, deadline=clock)


def test_the_timeline_speaks_in_words(cast: Cast, case: Case) -> None:
    html = cast.client("ngo_supervisor").get(address(case, "timeline/")).content.decode()
    assert str(KINDS["register_presumed_victim"]) in html
    assert cast.ngo_caseworker.label in html


def test_the_timeline_has_pages_and_shows_each_event_once(cast: Cast, case: Case, monkeypatch) -> None:
    monkeypatch.setattr(page_of_case, "PAGE", 2)
    for name in ("shelter", "health", "police"):
        shared(cast, case, getattr(cast.organisations, name), "identity")
    client, url, seen = cast.client("ngo_supervisor"), address(case, "timeline/"), 0
    for _page in range(20):
        html = client.get(url).content.decode()
        seen += html.count("moj-timeline__item")
        older = re.search(r'href="(\?before=[^"]+)"', html)
        if older is None:
            break
        url = address(case, "timeline/") + older[1]
    with acting(cast.ngo_supervisor.actor):
        assert seen == AuditChange.objects.filter(case_id=case.pk).count() > 2
    assert client.get(address(case, "timeline/?before=nonsense")).status_code == 200


def test_closing_ends_every_share_and_clock(cast: Cast, case: Case) -> None:
    shared(cast, case, cast.organisations.shelter, "identity")
    supervisor = cast.client("ngo_supervisor")
    assert supervisor.post(address(case, "close/"), {"outcome": "support_declined"}).status_code == 302
    assert cast.client("shelter_intake").get(address(case)).status_code == 404
    with acting(cast.ngo_supervisor.actor):
        closed = Case.objects.get(pk=case.pk)
        assert (closed.state, closed.closing_outcome) == ("closed", "support_declined")
        assert not Share.objects.live().filter(case=case).exists()
        assert not Deadline.objects.filter(case=case, state="open").exists()
        assert CaseVisibility.objects.get(case=case, membership=None).ends_at is None
    html = supervisor.get(address(case)).content.decode()
    assert "This case is closed: Support declined." in html
    assert re.findall(r">([^<]+)</a></li>", html.split("Do next")[1].split("</ul>")[0]) == ["Reopen the case"]
    assert "Do next" not in cast.client("ngo_caseworker").get(address(case)).content.decode()


@pytest.mark.parametrize(
    ("persona", "status"),
    [("ngo_caseworker", 403), ("ngo_intake", 403), ("colleague_unassigned", 404), ("shelter_supervisor", 403)],
)
def test_only_a_supervisor_of_the_lead_closes(cast: Cast, case: Case, persona: str, status: int) -> None:
    shared(cast, case, cast.organisations.shelter, "identity")
    response = cast.client(persona).post(address(case, "close/"), {"outcome": "support_declined"})
    assert response.status_code == status
    with acting(cast.ngo_supervisor.actor):
        assert Case.objects.get(pk=case.pk).state == "registered"


def test_closing_needs_an_outcome_and_a_possible_day(cast: Cast, case: Case) -> None:
    supervisor, url = cast.client("ngo_supervisor"), address(case, "close/")
    assert supervisor.post(url, {"outcome": ""}).status_code == 422
    early = {"outcome": "deceased", "closed_on_day": "1", "closed_on_month": "1", "closed_on_year": "2020"}
    response = supervisor.post(url, early)
    assert response.status_code == 422
    assert "between registration and today" in response.content.decode()


def test_closing_twice_is_a_conflict(cast: Cast, case: Case) -> None:
    with at_work(cast, "ngo_supervisor", case) as (actor, access):
        close_case(actor, access=access, outcome="duplicate")
        with pytest.raises(Conflict):
            close_case(actor, access=access, outcome="deceased")
