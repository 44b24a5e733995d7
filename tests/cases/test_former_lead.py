"""What a new lead reads of a former lead that had nobody left: thirty days by law, then by consent, or it ends."""

from datetime import date, timedelta
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import pytest

from cases import access as door
from cases import ledger, responsibility
from cases.models import Case, Consent, Deadline, Share
from cases.operations import elapsed, legal_bases
from cases.operations.consent import answer_consent, record_consent, withdraw_consent
from cases.operations.lead import transfer_lead
from cases.operations.sharing import share
from core.db import role
from core.errors import Refused
from profiles import loader
from profiles.errors import DataError
from profiles.profile import active, named
from tests.api.calls import Caller
from tests.cases.countries import written
from tests.cases.files import inside
from tests.cases.filing import filed_case, today
from tests.cases.test_cases_without_lead import later, look, reinstate, suspend, taken
from tests.cast import Cast

DAYS = 30
RULE = "EU-LEAD-CONSENT"
ANSWER = {"form": "written", "information_given": ["mechanism", "withdrawal"]}


@pytest.fixture
def case(cast: Cast) -> Case:
    """Led by the other NGO since the NGO, which registered it, was suspended."""
    made = filed_case(cast)
    suspend(cast, "ngo")
    look()
    taken(cast, made)
    return made


def said(cast: Cast, case: Case, **changed: Any) -> Consent:
    """What the person answered the new lead."""
    given = {
        "purpose": "case_management", "categories": ["identity", "contact"], "given_on": today(), **ANSWER, **changed,
    }  # fmt: skip
    with inside(cast.other_ngo_caseworker, case) as (actor, access):
        return record_consent(actor, access=access, **given)


def shares_of(case: Case, legal_basis: str = "legal_obligation") -> list[Share]:
    with role(ledger.LEDGER):
        rows = Share.objects.live().filter(case=case, office="reassigned_lead", legal_basis=legal_basis)
        return list(rows.order_by("ends_at"))


def read(cast: Cast, case: Case, *categories: str, after: int = 0) -> list[bool]:
    """Whether the new lead reads these categories of the former lead after so many days."""
    with later(days=after), inside(cast.other_ngo_caseworker, case) as (_actor, access):
        return [bool(door.read_rows(access, one)) for one in categories]


def asking(case: Case) -> list[tuple[str, date]]:
    """Running clocks to ask the person: whom each binds, and its day."""
    with role(ledger.LEDGER):
        rows = Deadline.objects.filter(case=case, rule=RULE, state="open").select_related("bound_organisation")
        return [(str(one.bound_organisation), one.due_on) for one in rows]


# -- by law ----------------------------------------------------------------------------------------------------------


def test_the_share_names_the_provision_of_the_profile_on_page_and_api(cast: Cast, case: Case) -> None:
    (made,) = shares_of(case)
    provision = active().provisions[made.provision]
    assert made.provision == active().offices["reassigned_lead"].provision
    client = cast.client("other_ngo_caseworker")
    page = client.get(f"/cases/{case.shown_reference}/shares/{made.pk}/").content.decode()
    assert provision.name.label() in page
    body = client.get(f"/api/v1/cases/{case.shown_reference}/shares/{made.pk}/").json()
    assert (body["legal_basis"], body["provision"]) == ("legal_obligation", made.provision)


@pytest.mark.parametrize("country", ["eu", "nl", "uk"])
def test_every_country_has_the_provision_with_its_source(country: str) -> None:
    profile = named(country)
    provision = profile.provisions[profile.offices["reassigned_lead"].provision]
    assert provision.by_office
    assert provision.line.source
    assert provision.line.purposes == {"case_management"}
    assert ("Directive" in provision.name.label()) is (country != "uk")


def test_nobody_chooses_what_an_office_names(cast: Cast) -> None:
    case = filed_case(cast)
    provision = active().offices["reassigned_lead"].provision
    with inside(cast.ngo_caseworker, case) as (actor, access):
        asked = legal_bases.asked_by(
            legal_bases.giver_of(actor), is_child=False, to=cast.organisations.other_ngo, purpose="case_management"
        )
        assert provision not in dict(legal_bases.usable_provisions(asked))
        with pytest.raises(Refused) as refused:
            share(
                actor, access=access, to=cast.organisations.other_ngo, categories=["identity"],
                purpose="case_management", legal_basis="legal_obligation", provision=provision, ends_on=today(),
            )  # fmt: skip
    assert refused.value.field == "provision"


def test_a_mistake_in_it_stops_the_start(tmp_path: Any) -> None:
    office = next(text for text in _eu().split("\n\n") if 'code = "reassigned_lead"' in text and "[[offices]]" in text)
    written(tmp_path, office.replace('provision = "lead-continues"', 'provision = "court-order"'))
    with pytest.raises(DataError) as caught:
        loader.load("pt", tmp_path)
    said = "\n".join(caught.value.mistakes)
    assert "offices reassigned_lead: provision 'court-order' is not a provision by_office" in said
    assert "provisions lead-continues: by_office, and no office names it" in said


def _eu() -> str:
    return (loader.FOLDER / "eu.toml").read_text(encoding="utf-8")


# -- the task --------------------------------------------------------------------------------------------------------


def test_the_new_lead_has_a_task_with_the_last_day_and_is_led_to_the_question(cast: Cast, case: Case) -> None:
    (made,) = shares_of(case)
    assert asking(case) == [("Other NGO", made.ends_on)]
    assert made.ends_on == today() + timedelta(days=DAYS)
    client = cast.client("other_ngo_caseworker")
    place = f"/cases/{case.shown_reference}/shares/{made.pk}/"
    assert f'href="{place}"' in client.get(f"/cases/{case.shown_reference}/").content.decode()
    question = f"/cases/{case.shown_reference}/consent/add/?share={made.pk}"
    assert question in client.get(place).content.decode()
    page = client.get(question)
    assert page.context["form"]["purpose"].value() == "case_management"
    assert {*page.context["form"]["categories"].value()} == {*made.categories}


def test_the_reminders_come_before_the_last_day(cast: Cast, case: Case) -> None:
    rule = active().rule(RULE, today())
    assert [str(one) for one in rule.remind_at]
    with role(ledger.LEDGER):
        deadline = Deadline.objects.get(case=case, rule=RULE)
        days = sorted((deadline.due_on - one.due_at.date()).days for one in deadline.reminders.all())
    assert days == [1, 3, 7, 21]


def test_nobody_else_is_led_there(cast: Cast, case: Case) -> None:
    (made,) = shares_of(case)
    with later(hours=1):
        reinstate(cast, "ngo")
        page = cast.client("ngo_supervisor").get(f"/cases/{case.shown_reference}/shares/{made.pk}/")
        assert page.status_code == HTTPStatus.OK
        assert "?share=" not in page.content.decode()
    page = cast.client("other_ngo_caseworker").get(f"/cases/{case.shown_reference}/consent/add/?share=nonsense")
    assert page.context["form"]["purpose"].value() is None


# -- by consent ------------------------------------------------------------------------------------------------------


def test_what_the_person_agrees_to_goes_on_without_a_gap_and_with_an_end_of_its_own(cast: Cast, case: Case) -> None:
    with later(days=20):
        consent = said(cast, case, valid_until=today() + timedelta(days=60))
        (made,) = shares_of(case, "consent")
        assert made.consent_id == consent.pk
        assert made.ends_on == today() + timedelta(days=60)
        assert asking(case) == [("Other NGO", made.ends_on)]
    assert read(cast, case, "identity", "contact", after=20) == [True, True]
    assert read(cast, case, "identity", "contact", after=DAYS + 1) == [True, True]
    assert read(cast, case, "identity", after=80) == [True]
    assert read(cast, case, "identity", after=81) == [False]


def test_a_consent_without_a_last_day_lasts_ninety_days(cast: Cast, case: Case) -> None:
    said(cast, case)
    (made,) = shares_of(case, "consent")
    assert made.ends_on == today() + timedelta(days=90)


def test_without_an_answer_it_ends_with_the_thirty_days_and_so_does_the_task(cast: Cast, case: Case) -> None:
    assert read(cast, case, "identity", after=DAYS) == [True]
    assert read(cast, case, "identity", after=DAYS + 1) == [False]


def test_only_what_the_person_agrees_to_goes_on(cast: Cast, case: Case) -> None:
    said(cast, case, categories=["identity", "health"])
    (made,) = shares_of(case, "consent")
    assert made.categories == ["identity"]
    assert read(cast, case, "identity", "contact", after=DAYS) == [True, True]
    assert read(cast, case, "identity", "contact", after=DAYS + 1) == [True, False]


@pytest.mark.parametrize("changed", [{"purpose": "refer_health"}, {"recipient": "health"}])
def test_another_answer_changes_nothing(cast: Cast, case: Case, changed: dict[str, Any]) -> None:
    if "recipient" in changed:
        changed = {"recipient": cast.organisations.health}
    said(cast, case, **changed)
    assert shares_of(case, "consent") == []
    assert len(asking(case)) == 1


def test_a_no_is_an_answer_and_the_law_goes_on_to_its_day(cast: Cast, case: Case) -> None:
    said(cast, case, state="refused")
    assert (shares_of(case, "consent"), asking(case)) == ([], [])
    assert read(cast, case, "identity", after=DAYS) == [True]
    assert read(cast, case, "identity", after=DAYS + 1) == [False]


def test_what_was_asked_first_and_answered_later_counts(cast: Cast, case: Case) -> None:
    consent = said(cast, case, state="requested", given_on=None)
    assert shares_of(case, "consent") == []
    with inside(cast.other_ngo_caseworker, case) as (actor, access):
        answer_consent(actor, access=access, consent=consent, state="given", given_on=today(), **ANSWER)
    assert len(shares_of(case, "consent")) == 1


def test_withdrawing_it_ends_it_at_once_and_leaves_what_the_law_opened(cast: Cast, case: Case) -> None:
    with later(days=10):
        consent = said(cast, case)
    with later(days=DAYS + 5):
        with inside(cast.other_ngo_caseworker, case) as (actor, access):
            withdraw_consent(actor, access=access, consent=consent, withdrawn_via="written")
        assert shares_of(case, "consent") == []
    assert read(cast, case, "identity", after=DAYS + 6) == [False]


def test_withdrawing_it_within_the_thirty_days_leaves_them(cast: Cast, case: Case) -> None:
    consent = said(cast, case)
    with later(days=2), inside(cast.other_ngo_caseworker, case) as (actor, access):
        withdraw_consent(actor, access=access, consent=consent, withdrawn_via="written")
    assert read(cast, case, "identity", after=3) == [True]
    assert read(cast, case, "identity", after=DAYS + 1) == [False]


def test_a_no_after_a_yes_ends_what_the_yes_let_go_on(cast: Cast, case: Case) -> None:
    said(cast, case)
    with later(days=DAYS + 5):
        said(cast, case, state="refused")
        assert shares_of(case, "consent") == []
    assert read(cast, case, "identity", after=DAYS + 6) == [False]


def test_a_newer_consent_takes_its_place_as_far_as_it_goes(cast: Cast, case: Case) -> None:
    first = said(cast, case)
    with later(days=DAYS + 5):
        said(cast, case, categories=["identity"], replaces=first)
        (made,) = shares_of(case, "consent")
        assert made.categories == ["identity"]
        assert made.ends_on == today() + timedelta(days=90)
    assert read(cast, case, "identity", "contact", after=DAYS + 6) == [True, False]


def test_after_it_has_ended_a_consent_opens_nothing(cast: Cast, case: Case) -> None:
    """Nobody is let in by an act of their own: only what is open goes on."""
    with later(days=DAYS + 1):
        said(cast, case)
        assert shares_of(case, "consent") == []
    assert read(cast, case, "identity", after=DAYS + 2) == [False]


def test_a_no_that_the_former_lead_recorded_stands(cast: Cast) -> None:
    case = filed_case(cast)
    with inside(cast.ngo_caseworker, case) as (actor, access):
        record_consent(
            actor, access=access, state="refused", purpose="case_management", categories=["identity", "contact"],
            form="written", given_on=today() - timedelta(days=1),
        )  # fmt: skip
    suspend(cast, "ngo")
    look()
    taken(cast, case)
    said(cast, case)
    assert shares_of(case, "consent") == []


def test_it_goes_on_when_the_former_lead_is_there_again(cast: Cast, case: Case) -> None:
    said(cast, case)
    with later(days=2):
        reinstate(cast, "ngo")
    assert read(cast, case, "identity", after=DAYS + 1) == [True]


def test_a_former_lead_that_is_there_again_shares_by_consent_itself(cast: Cast) -> None:
    case = filed_case(cast)
    given = {"purpose": "case_management", "categories": ["identity"], "given_on": today(), **ANSWER}
    with inside(cast.ngo_caseworker, case) as (actor, access):
        consent = record_consent(actor, access=access, **given)
    suspend(cast, "ngo")
    look()
    taken(cast, case)
    with later(days=2):
        reinstate(cast, "ngo")
        with inside(cast.ngo_supervisor, case) as (actor, access):
            share(
                actor, access=access, to=cast.organisations.other_ngo, categories=["identity"],
                purpose="case_management", legal_basis="consent", consent=consent,
                ends_on=today() + timedelta(days=60),
            )  # fmt: skip
    assert read(cast, case, "identity", "contact", after=DAYS + 5) == [True, False]


def test_a_lead_that_hands_over_keeps_nothing_of_it(cast: Cast, case: Case) -> None:
    said(cast, case)
    with inside(cast.other_ngo_supervisor, case) as (actor, access):
        transfer_lead(actor, case=access.case, to=cast.organisations.child_protection, key=uuid4())
    assert shares_of(case) == shares_of(case, "consent") == []
    assert asking(case) == []


def test_the_task_ends_with_what_it_is_about(cast: Cast, case: Case) -> None:
    with later(days=DAYS + 1):
        elapsed.record_elapsed()
        assert asking(case) == []
        assert responsibility.clocks_without_keeper() == []


def test_the_page_of_the_new_lead_says_both_grounds(cast: Cast, case: Case) -> None:
    said(cast, case)
    body = Caller(cast, "other_ngo_supervisor").get(f"cases/{case.shown_reference}/shares/").json()
    received = [(one["office"], one["legal_basis"]) for one in body if not one["is_given"]]
    assert sorted(received) == [("reassigned_lead", "consent"), ("reassigned_lead", "legal_obligation")]
