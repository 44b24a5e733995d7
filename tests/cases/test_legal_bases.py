"""A legal basis is checked, not chosen; what the person has said no to bars it, whoever recorded that (rule 21)."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.context import acting
from accounts.models import Notice
from cases.enums import Office
from cases.models import Case, Share
from cases.operations.consent import answer_consent, record_consent, withdraw_consent
from cases.operations.sharing import open_office, preview_share, renew_share, share
from core import clock
from core.errors import Conflict, Refused
from profiles import codes
from profiles.profile import named
from referrals.operations import preview_referral
from tests.api.calls import ADULT, Caller, problem
from tests.cases.filing import at_work, consented, filed_case, shared, today
from tests.cast import Cast
from tests.referrals.scenes import accepted, police_case, sent, terms

ORDER = {"legal_basis": "legal_obligation", "provision": "court-order"}
ASK_AGAIN = "Ask the person again, or record why it is necessary."


@pytest.fixture
def case(cast: Cast) -> Case:
    return filed_case(cast)


def said(cast: Cast, case: Case, state: str = "refused", *, by: str = "ngo_caseworker", **changed: Any) -> None:
    """What the person said, as one organisation recorded it."""
    given = {
        "purpose": "share_police", "categories": ["identity", "contact"], "form": "oral_witnessed",
        "given_on": today(), "information_given": ["mechanism"], **changed,
    }  # fmt: skip
    with at_work(cast, by, case) as (actor, access):
        record_consent(actor, access=access, state=state, **given)


def tried(cast: Cast, case: Case, to: str, *, by: str = "ngo_caseworker", **changed: Any) -> Share:
    given = {"purpose": "share_police", "categories": ["identity"], "ends_on": today() + timedelta(days=9), **changed}
    with at_work(cast, by, case) as (actor, access):
        return share(actor, access=access, to=getattr(cast.organisations, to), **given)


def refusal(cast: Cast, case: Case, to: str, **changed: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        tried(cast, case, to, **changed)
    return caught.value


# -- the table -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("country", ["eu", "nl", "uk"])
def test_every_basis_has_its_lines_and_each_line_its_source(country: str) -> None:
    bases = named(country).legal_bases
    assert set(bases) == {code.code for code in codes.get("legal_basis")}
    lines = [line for basis in bases.values() for line in basis.lines]
    assert all(line.source for line in [*lines, *(one.line for one in named(country).provisions.values())])


@pytest.mark.parametrize(
    ("to", "changed", "field", "message"),
    [
        # Care: to providers of care, from those who provide it, for health.
        ("police", {"legal_basis": "health_care", "by": "health_worker"}, "legal_basis", "goes to an organisation"),
        ("police", {"legal_basis": "health_care"}, "legal_basis", "itself provides care"),
        ("health", {"legal_basis": "health_care", "by": "police_officer"}, "legal_basis", "of your kind"),
        (
            "other_health",
            {"legal_basis": "health_care", "by": "health_worker", "purpose": "case_management"},
            "legal_basis",
            "does not serve this purpose",
        ),
        (
            "other_health",
            {
                "legal_basis": "health_care", "by": "health_worker", "purpose": "refer_health",
                "categories": ["health", "services"],
            },
            "categories",
            "Needs and services",
        ),
        # Law enforcement: police, border guards, labour inspectorate, prosecution.
        ("police", {"legal_basis": "law_enforcement"}, "legal_basis", "of your kind"),
        ("police", {"legal_basis": "public_task"}, "legal_basis", "of your kind"),
        # A legal obligation names a provision of the list, which fits.
        ("police", {"legal_basis": "legal_obligation"}, "provision", "Choose the provision"),
        ("police", {"legal_basis": "legal_obligation", "provision": "the law"}, "provision", "Choose the provision"),
        ("police", {"legal_basis": "legal_obligation", "provision": "eu-identification"}, "provision", "of your kind"),
        (
            "shelter",
            {"legal_basis": "legal_obligation", "provision": "court-order", "purpose": "refer_shelter"},
            "provision",
            "goes to an organisation",
        ),
        ("police", {"legal_basis": "health_care", "provision": "court-order"}, "legal_basis", "itself provides care"),
        # Of an adult nobody acts on a child's interests.
        ("police", {"legal_basis": "child_best_interests"}, "legal_basis", "for children only"),
    ],
)  # fmt: skip
def test_a_basis_that_the_table_does_not_allow_is_refused_beside_its_field(
    cast: Cast, to: str, changed: dict[str, Any], field: str, message: str
) -> None:
    cast.organisations.other_health = cast.organisations.other_ngo
    cast.organisations.other_ngo.kind = "health"
    cast.organisations.other_ngo.save()
    by = changed.get("by", "ngo_caseworker")
    case = filed_case(cast, by=by) if by != "police_officer" else police_case(cast)
    found = refusal(cast, case, to, **changed)
    assert (found.field, message in found.message) == (field, True), found.message


def test_who_provides_care_itself_shares_with_health_for_health(cast: Cast, case: Case) -> None:
    asked = {"legal_basis": "health_care", "purpose": "refer_health", "categories": ["identity", "health"]}
    assert refusal(cast, case, "health", **asked).field == "legal_basis"
    cast.organisations.ngo.services = [*cast.organisations.ngo.services, "psychological"]
    cast.organisations.ngo.save()
    assert tried(cast, case, "health", **asked).legal_basis == "health_care"


def test_an_obligation_keeps_its_provision_on_the_share(cast: Cast, case: Case) -> None:
    made = tried(cast, case, "police", legal_basis="legal_obligation", provision="court-order")
    assert made.provision == "court-order"
    page = cast.client("ngo_caseworker").get(f"/cases/{case.shown_reference}/shares/{made.pk}/").content.decode()
    assert "Legal obligation: An order of a court or of a prosecutor" in page


def test_the_form_offers_only_what_the_table_allows(cast: Cast, case: Case) -> None:
    url = f"/cases/{case.shown_reference}/shares/new/?to="
    html = cast.client("ngo_caseworker").get(f"{url}{cast.organisations.police.pk}").content.decode()
    for code, is_offered in (("consent", True), ("legal_obligation", True), ("public_task", False)):
        assert (f'value="{code}"' in html) is is_offered
    assert 'value="health_care"' not in html
    assert 'value="court-order"' in html
    html = cast.client("ngo_caseworker").get(f"{url}{cast.organisations.shelter.pk}").content.decode()
    assert 'value="legal_obligation"' not in html
    assert 'name="provision"' not in html


def test_an_adult_is_registered_on_an_obligation_only_with_its_provision(cast: Cast) -> None:
    basis = {"answer": "refused", "legal_basis": "legal_obligation"}
    for provision, status in (("", 422), ("court-order", 422), ("eu-identification", 201)):
        consent = {**basis, "provision": provision}
        assert Caller(cast, "police_officer").post("cases/", ADULT | {"consent": consent}).status_code == status


# -- what the person has said no to ----------------------------------------------------------------------------------


@pytest.mark.parametrize("recorder", ["ngo_caseworker", "shelter_supervisor"])
@pytest.mark.parametrize(
    "basis", [{"legal_basis": "legal_obligation", "provision": "court-order"}, {"legal_basis": "consent"}]
)
def test_a_no_bars_every_basis_whoever_recorded_it(
    cast: Cast, case: Case, recorder: str, basis: dict[str, Any]
) -> None:
    shared(cast, case, cast.organisations.shelter, "identity")
    if basis["legal_basis"] == "consent":
        basis = {**basis, "consent": consented(cast, case, purpose="share_police")}
    said(cast, case, by=recorder)
    found = refusal(cast, case, "police", **basis)
    assert found.field in {"legal_basis", "consent"}
    is_own = recorder == "ngo_caseworker"
    assert (found.message == ASK_AGAIN) is not is_own
    assert found.message.endswith(ASK_AGAIN)


def test_by_page_and_api_a_no_is_not_passed_by(cast: Cast, case: Case) -> None:
    """The words say nothing of the register of another organisation, and nothing is previewed either."""
    shared(cast, case, cast.organisations.shelter, "identity")
    said(cast, case, by="shelter_supervisor")
    until = today() + timedelta(days=9)
    body = {
        "categories": ["identity"], "purpose": "share_police", "legal_basis": "legal_obligation",
        "provision": "court-order",
    }  # fmt: skip
    api = {**body, "to": str(cast.organisations.police.pk), "ends_on": until.isoformat()}
    answer = problem(Caller(cast, "ngo_caseworker").post(f"cases/{case.shown_reference}/shares/", api), 422)
    assert answer["errors"] == {"legal_basis": [ASK_AGAIN]}
    parts = {"ends_on_day": until.day, "ends_on_month": until.month, "ends_on_year": until.year}
    url = f"/cases/{case.shown_reference}/shares/new/?to={cast.organisations.police.pk}"
    for confirmed in ({}, {"confirmed": "yes"}):
        page = cast.client("ngo_caseworker").post(url, {**body, **parts, **confirmed})
        assert page.status_code == 422
        assert ASK_AGAIN in page.content.decode()
    with at_work(cast, "ngo_caseworker", case) as (actor, access), pytest.raises(Refused):
        preview_share(actor, access=access, to=cast.organisations.police, ends_on=until, **body)


@pytest.mark.parametrize(
    ("no", "to", "purpose", "is_barred"),
    [
        ({"purpose": "refer_shelter"}, "shelter", "refer_shelter", True),
        # Other words for the same receiver: by the kind that the purpose stands for, or by its name.
        ({"purpose": "refer_shelter"}, "shelter", "case_management", True),
        ({"purpose": "refer_shelter"}, "health", "case_management", False),
        ({"purpose": "refer_shelter"}, "health", "refer_shelter", True),
        ({"purpose": "refer_shelter", "to": "shelter"}, "shelter", "case_management", True),
        ({"purpose": "refer_shelter", "to": "shelter"}, "other_shelter", "refer_shelter", False),
        ({"purpose": "case_management"}, "shelter", "refer_shelter", False),
    ],
)
def test_no_other_words_get_around_it(cast: Cast, no: dict[str, str], to: str, purpose: str, is_barred: bool) -> None:
    case = police_case(cast)
    recipient = getattr(cast.organisations, no["to"]) if "to" in no else None
    said(cast, case, by="police_officer", purpose=no["purpose"], recipient=recipient)
    asked = {"by": "police_officer", "purpose": purpose, "legal_basis": "law_enforcement"}
    if is_barred:
        assert refusal(cast, case, to, **asked).field == "legal_basis"
    else:
        assert tried(cast, case, to, **asked)


@pytest.mark.parametrize(
    ("yes", "is_lifted"),
    [
        ({}, True),
        ({"to": "shelter"}, True),
        ({"to": "other_shelter"}, False),
        ({"purpose": "case_management"}, False),
        ({"purpose": "refer_shelter", "categories": ["contact"]}, False),
        ({"days_ago": 3}, False),
        ({"valid_until": 0}, True),
    ],
)
def test_a_newer_answer_of_the_person_lifts_it_as_far_as_it_goes(
    cast: Cast, yes: dict[str, Any], is_lifted: bool
) -> None:
    """Recorded by another organisation as well: it is the person's answer."""
    case = police_case(cast)
    shared(cast, case, cast.organisations.ngo, "identity", by="police_officer", purpose="case_management")
    said(cast, case, by="police_officer", purpose="refer_shelter")
    with clock.travel(clock.moment() + timedelta(minutes=5)):
        values: dict[str, Any] = {"purpose": yes.get("purpose", "refer_shelter")}
        values["recipient"] = getattr(cast.organisations, yes["to"]) if "to" in yes else None
        values["given_on"] = today() - timedelta(days=yes.get("days_ago", 0))
        values["categories"] = yes.get("categories", ["identity"])
        if "valid_until" in yes:
            values["valid_until"] = today() + timedelta(days=yes["valid_until"])
        said(cast, case, "given", by="ngo_supervisor", **values)
        asked = {"by": "police_officer", "purpose": "refer_shelter", "legal_basis": "law_enforcement"}
        if is_lifted:
            assert tried(cast, case, "shelter", **asked)
        else:
            assert refusal(cast, case, "shelter", **asked).field == "legal_basis"


def test_what_the_receiver_recorded_itself_lifts_nothing(cast: Cast) -> None:
    """Child protection knows the case by office, which a no does not end."""
    case = filed_case(cast, by="police_officer", age_group="child")
    said(cast, case, by="police_officer", purpose="child_protection")
    with clock.travel(clock.moment() + timedelta(minutes=5)):
        said(cast, case, "given", by="child_protection_supervisor", purpose="child_protection")
        asked = {"by": "police_officer", "purpose": "child_protection", "legal_basis": "law_enforcement"}
        assert refusal(cast, case, "child_protection", **asked, categories=["contact"])
        assert tried(cast, case, "guardian_organisation", **asked, categories=["contact"])


def test_a_no_to_one_receiver_is_taken_back_only_by_a_yes_that_names_it(cast: Cast) -> None:
    case, shelter = police_case(cast), cast.organisations.shelter
    said(cast, case, by="police_officer", purpose="refer_shelter", recipient=shelter)
    asked = {"by": "police_officer", "purpose": "refer_shelter", "legal_basis": "law_enforcement"}
    with clock.travel(clock.moment() + timedelta(minutes=5)):
        said(cast, case, "given", by="police_officer", purpose="refer_shelter")
        assert refusal(cast, case, "shelter", **asked)
        said(cast, case, "given", by="police_officer", purpose="refer_shelter", recipient=shelter)
        assert tried(cast, case, "shelter", **asked)


def test_a_withdrawal_is_a_no_and_a_new_consent_an_answer(cast: Cast, case: Case) -> None:
    client = cast.client("ngo_caseworker")
    consent = consented(cast, case, purpose="share_police", categories=["identity"])
    client.post(f"/cases/{case.shown_reference}/consent/{consent.pk}/withdraw/", {"withdrawn_via": "written"})
    order = {"legal_basis": "legal_obligation", "provision": "court-order"}
    assert refusal(cast, case, "police", **order).field == "legal_basis"
    with clock.travel(clock.moment() + timedelta(minutes=5)):
        consented(cast, case, purpose="share_police", categories=["identity"])
        assert tried(cast, case, "police", **order)


def test_what_goes_on_is_asked_again(cast: Cast) -> None:
    """What a withdrawal bars, and does not end, is not renewed after it."""
    case = police_case(cast)
    made = tried(cast, case, "shelter", by="police_officer", purpose="refer_shelter", legal_basis="law_enforcement")
    consent = consented(cast, case, by="police_officer")
    with at_work(cast, "police_officer", case) as (actor, access):
        withdraw_consent(actor, access=access, consent=consent, withdrawn_via="written")
    until = today() + timedelta(days=60)
    with at_work(cast, "police_officer", case) as (actor, access), pytest.raises(Refused, match="Ask the person"):
        renew_share(actor, access=access, share=made, ends_on=until, reason="service_continues")


def is_open_to(cast: Cast, persona: str, case: Case) -> bool:
    return cast.client(persona).get(f"/cases/{case.shown_reference}/").status_code == 200


@pytest.mark.parametrize("no", [{"purpose": "refer_shelter"}, {"purpose": "contact", "to": "shelter"}])
def test_a_no_ends_what_runs_whoever_gave_it(cast: Cast, no: dict[str, str]) -> None:
    """The police share on their task; the person says no to the NGO."""
    case = police_case(cast)
    basis = {"by": "police_officer", "legal_basis": "law_enforcement"}
    made = tried(cast, case, "shelter", purpose="refer_shelter", **basis)
    tried(cast, case, "ngo", purpose="case_management", level="contribute", **basis)
    assert is_open_to(cast, "shelter_supervisor", case)
    recipient = getattr(cast.organisations, no["to"]) if "to" in no else None
    said(cast, case, by="ngo_supervisor", purpose=no["purpose"], recipient=recipient)
    assert not is_open_to(cast, "shelter_supervisor", case)
    assert is_open_to(cast, "ngo_supervisor", case)
    with at_work(cast, "police_officer", case):
        # Whoever may not read the refusal does not learn of it by the end of the share either.
        assert Share.objects.get(pk=made.pk).end_reason == "basis_ended"
    with acting(cast.shelter_supervisor.actor):
        assert Notice.objects.filter(kind="share_ended", membership=cast.shelter_supervisor.membership_id).count() == 1


def test_a_no_ends_nothing_that_it_does_not_bar(cast: Cast) -> None:
    """Neither another receiver, nor an office, nor what a newer answer of the person covers."""
    case = filed_case(cast, by="police_officer", age_group="child")
    basis = {"by": "police_officer", "legal_basis": "law_enforcement"}
    tried(cast, case, "shelter", purpose="refer_shelter", **basis)
    said(cast, case, by="police_officer", purpose="share_police")
    said(cast, case, by="police_officer", purpose="child_protection")
    assert is_open_to(cast, "shelter_supervisor", case)
    assert is_open_to(cast, "child_protection_supervisor", case)
    said(cast, case, "given", by="police_officer", purpose="refer_shelter")
    said(cast, case, by="police_officer", purpose="refer_shelter", given_on=today() - timedelta(days=3))
    assert is_open_to(cast, "shelter_supervisor", case)


def test_a_no_to_what_was_asked_ends_what_runs_too(cast: Cast) -> None:
    case = police_case(cast)
    tried(cast, case, "shelter", by="police_officer", purpose="refer_shelter", legal_basis="law_enforcement")
    asked = {"purpose": "refer_shelter", "categories": ["identity"], "state": "requested"}
    answer = {"state": "refused", "form": "written", "given_on": today()}
    with at_work(cast, "police_officer", case) as (actor, access):
        row = record_consent(actor, access=access, **asked)
        answer_consent(actor, access=access, consent=row, **answer)
    assert not is_open_to(cast, "shelter_supervisor", case)


def test_a_referral_is_neither_sent_nor_shown_nor_accepted_after_a_no(cast: Cast) -> None:
    case = police_case(cast)
    waiting = sent(cast, case)
    said(cast, case, by="police_officer", purpose="refer_shelter")
    with pytest.raises(Conflict, match="rests on has ended"):
        accepted(cast, waiting)
    again = {"service": "supported_living", "legal_basis": "law_enforcement"}
    with pytest.raises(Refused, match="Ask the person"):
        sent(cast, case, **again)
    with at_work(cast, "police_officer", case) as (actor, access), pytest.raises(Refused, match="Ask the person"):
        preview_referral(actor, access=access, terms=terms(cast, **again))


def test_a_consent_that_is_older_than_the_no_carries_no_acceptance(cast: Cast, case: Case) -> None:
    shelter = cast.organisations.shelter
    given = consented(cast, case)
    waiting = sent(cast, case, "ngo_caseworker", legal_basis="consent", consent=given, categories=["identity"])
    said(cast, case, purpose="refer_shelter", recipient=shelter)
    with pytest.raises(Conflict, match="rests on has ended"):
        accepted(cast, waiting)


def test_a_referral_whose_basis_the_table_no_longer_allows_is_not_accepted(cast: Cast) -> None:
    waiting = sent(cast, police_case(cast))
    cast.organisations.police.kind = "ngo"
    cast.organisations.police.save()
    with pytest.raises(Conflict, match="rests on has ended"):
        accepted(cast, waiting)


def test_another_basis_in_the_register_does_not_pass_a_no(cast: Cast) -> None:
    case = police_case(cast)
    said(cast, case, by="police_officer", purpose="refer_shelter")
    with pytest.raises(Refused, match="Ask the person"):
        said(cast, case, "other_basis", by="police_officer", purpose="refer_shelter", legal_basis="law_enforcement")


def test_an_office_of_the_law_is_not_barred(cast: Cast, case: Case) -> None:
    said(cast, case, purpose="formal_identification", recipient=cast.organisations.competent_authority)
    with at_work(cast, "ngo_caseworker", case) as (actor, access):
        made = open_office(
            actor, case=access.case, to=cast.organisations.competent_authority, office=Office.DECIDING_AUTHORITY,
            categories=["identity"], legal_basis="legal_obligation",
        )  # fmt: skip
    assert made


def test_a_day_of_an_answer_that_lies_ahead_is_refused(cast: Cast, case: Case) -> None:
    with pytest.raises(Refused) as caught:
        said(cast, case, "given", given_on=today() + timedelta(days=1))
    assert caught.value.field == "given_on"
