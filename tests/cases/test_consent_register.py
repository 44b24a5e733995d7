"""The register in full: asked, answered, replaced, expired, read by its receiver, gone against; and what each ends."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from accounts.context import acting
from accounts.models import Membership, Notice, OutboxMail
from audit.models import AuditChange
from cases import access as door
from cases.enums import ConsentState
from cases.models import Case, Consent, Deadline, Service, Share
from cases.operations.consent import record_consent, state_today, withdraw_consent
from cases.operations.elapsed import expire_consents
from cases.operations.overrides import answer_override, override_consent
from cases.operations.rows import add_row
from cases.reminders import as_worker
from core import clock
from core.db import role
from core.errors import Conflict, Missing, NotAllowed, Refused
from referrals.models import Referral
from referrals.operations import withdraw_consent as withdraw_with_referrals
from tests.cases.filing import NAME, at_work, consented, filed_case, shared, today
from tests.cast import Cast
from tests.referrals.scenes import accepted, sent, state
from tests.world import kept_away

REASON = "She said that he will find her tonight"


@pytest.fixture
def case(cast: Cast) -> Case:
    return filed_case(cast)


def address(case: Case, path: str = "consent/") -> str:
    return f"/cases/{case.shown_reference}/{path}"


def day(name: str, ahead: int = 0) -> dict[str, str]:
    on = today() + timedelta(days=ahead)
    return {f"{name}_day": str(on.day), f"{name}_month": str(on.month), f"{name}_year": str(on.year)}


def recorded(cast: Cast, case: Case, *, by: str = "ngo_caseworker", **values: Any) -> Consent:
    given = {"purpose": "refer_shelter", "categories": ["identity"], "form": "written", "given_on": today(), **values}
    with at_work(cast, by, case) as (actor, access):
        return record_consent(actor, access=access, **given)


def stored(cast: Cast, consent: Consent) -> Consent:
    with acting(cast.ngo_supervisor.actor):
        return Consent.objects.get(pk=consent.pk)


def overridden(cast: Cast, case: Case, *, by: str = "ngo_supervisor", **values: Any) -> Consent:
    given = {
        "recipient": cast.organisations.shelter,
        "purpose": "refer_shelter",
        "categories": ["identity", "contact"],
        "legal_basis": "vital_interests",
        "reason": REASON,
        "valid_until": today() + timedelta(days=20),
        **values,
    }
    with at_work(cast, by, case) as (actor, access):
        return override_consent(actor, access=access, **given)


# -- states ----------------------------------------------------------------------------------------------------------


def test_what_is_asked_waits_for_its_answer_and_carries_nothing_before(cast: Cast, case: Case) -> None:
    asked = recorded(cast, case, state="requested", form="", given_on=None)
    with pytest.raises(Refused, match="withdrawn or has ended"):
        shared(cast, case, cast.organisations.shelter, "identity", legal_basis="consent", consent=asked)
    client = cast.client("ngo_caseworker")
    assert "Record the answer" in client.get(address(case)).content.decode()
    data = {"state": "given", "form": "written", "information_given": ["mechanism"], **day("given_on")}
    assert client.post(address(case, f"consent/{asked.pk}/answer/"), data).status_code == 302
    assert stored(cast, asked).state == ConsentState.GIVEN
    assert shared(cast, case, cast.organisations.shelter, "identity", legal_basis="consent", consent=asked)
    with acting(cast.ngo_caseworker.actor):
        assert Deadline.objects.filter(subject_id=asked.pk, rule="EU-CONREV", state="open").exists()


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"information_given": []}, "Without information there is no consent"),
        ({"form": ""}, "Choose in which form the person answered"),
        ({"given_on_day": "", "given_on_month": "", "given_on_year": ""}, "Say on which day the person answered"),
        ({"state": "withdrawn"}, "Choose one of the answers listed"),
    ],
)
def test_an_answer_is_as_complete_as_a_consent(cast: Cast, case: Case, changed: Any, message: str) -> None:
    asked = recorded(cast, case, state="requested", form="", given_on=None)
    data = {"state": "given", "form": "written", "information_given": ["mechanism"], **day("given_on"), **changed}
    response = cast.client("ngo_caseworker").post(address(case, f"consent/{asked.pk}/answer/"), data)
    assert response.status_code == 422
    assert message in response.content.decode()
    assert stored(cast, asked).state == ConsentState.REQUESTED


def test_an_answer_is_given_once(cast: Cast, case: Case) -> None:
    asked = recorded(cast, case, state="requested", form="", given_on=None)
    client, url = cast.client("ngo_caseworker"), address(case, f"consent/{asked.pk}/answer/")
    data = {"state": "refused", "form": "oral_witnessed", **day("given_on")}
    assert client.post(url, data).status_code == 302
    assert client.post(url, data).status_code == 409
    assert stored(cast, asked).state == ConsentState.REFUSED


def test_a_refusal_is_recorded_and_nothing_rests_on_it(cast: Cast, case: Case) -> None:
    refused = recorded(cast, case, state="refused")
    html = cast.client("ngo_caseworker").get(address(case)).content.decode()
    assert "Refused" in html
    assert f"consent/{refused.pk}/withdraw/" not in html
    with at_work(cast, "ngo_caseworker", case) as (actor, access), pytest.raises(Conflict):
        withdraw_consent(actor, access=access, consent=refused, withdrawn_via="written")


def test_another_legal_basis_stands_in_the_register_under_its_name(cast: Cast, case: Case) -> None:
    with pytest.raises(Refused, match="other legal basis"):
        recorded(cast, case, state="other_basis", legal_basis="")
    with pytest.raises(Refused, match="cannot use this legal basis"):
        recorded(cast, case, state="other_basis", legal_basis="public_task")
    with pytest.raises(Refused, match="other legal basis"):
        recorded(cast, case, state="other_basis", legal_basis="vital_interests")
    obliged = {"state": "other_basis", "purpose": "share_police", "legal_basis": "legal_obligation"}
    for provision in ("", "the law", "eu-guardian"):
        with pytest.raises(Refused) as refused:
            recorded(cast, case, provision=provision, **obliged)
        assert refused.value.field == "provision"
    kept = recorded(cast, case, provision="court-order", **obliged)
    assert (kept.state, kept.legal_basis, kept.provision) == ("other_basis", "legal_obligation", "court-order")
    assert "Legal obligation: An order of a court" in cast.client("ngo_caseworker").get(address(case)).content.decode()


def test_a_consent_ends_by_its_last_day_when_it_is_read_and_the_hour_writes_it_down(cast: Cast, case: Case) -> None:
    consent = consented(cast, case, valid_until=today() + timedelta(days=3))
    with clock.travel(clock.moment() + timedelta(days=5)):
        assert state_today(stored(cast, consent)) is ConsentState.EXPIRED
        assert "Ended by its last day" in cast.client("ngo_caseworker").get(address(case)).content.decode()
        with as_worker():
            assert expire_consents() == 1
            assert expire_consents() == 0
        assert stored(cast, consent).state == ConsentState.EXPIRED
        with acting(cast.ngo_supervisor.actor):
            assert not Deadline.objects.filter(subject_id=consent.pk, state="open").exists()


def test_a_newer_consent_carries_on_what_it_covers_and_ends_the_rest(cast: Cast, case: Case) -> None:
    organisations, former = cast.organisations, consented(cast, case)
    on_former = {"legal_basis": "consent", "consent": former}
    kept = shared(cast, case, organisations.shelter, "identity", **on_former)
    over = shared(cast, case, organisations.other_shelter, "contact", **on_former)
    newer = recorded(cast, case, categories=["identity"], information_given=["mechanism"], replaces=former)
    assert stored(cast, former).state == ConsentState.SUPERSEDED
    assert stored(cast, former).superseded_by_id == newer.pk
    with acting(cast.ngo_supervisor.actor):
        assert Share.objects.get(pk=kept.pk).consent_id == newer.pk
        assert Share.objects.get(pk=over.pk).end_reason == "consent_superseded"
    assert cast.client("shelter_intake").get(address(case, "")).status_code == 200
    assert cast.client("other_shelter_intake").get(address(case, "")).status_code == 404
    with pytest.raises(Refused, match="in force"):
        recorded(cast, case, information_given=["mechanism"], replaces=former)


# -- withdrawal ------------------------------------------------------------------------------------------------------


def test_a_withdrawal_shows_and_ends_shares_and_referrals_and_leaves_help_running(cast: Cast, case: Case) -> None:
    shelter, consent = cast.organisations.shelter, consented(cast, case)
    on_consent = {"legal_basis": "consent", "consent": consent}
    shared(cast, case, cast.organisations.other_shelter, "identity", **on_consent)
    waiting = sent(cast, case, "ngo_caseworker", to=shelter, **on_consent)
    worked = sent(cast, case, "ngo_caseworker", to=shelter, service="supported_living", **on_consent)
    accepted(cast, worked)
    with at_work(cast, "ngo_caseworker", case) as (actor, access):
        columns = {"service": "counselling", "status": "started", "started_on": today()}
        help_given = add_row(actor, access=access, model=Service, columns=columns, content={})
    client, url = cast.client("ngo_caseworker"), address(case, f"consent/{consent.pk}/withdraw/")
    before = client.get(url).content.decode()
    before = before[before.index("Withdraw a consent") :]
    assert cast.organisations.other_shelter.name in before
    assert before.count(f"the referral to {shelter.name}") == 2
    assert client.post(url, {"withdrawn_via": "oral_witnessed"}).status_code == 302
    for persona in ("shelter_intake", "shelter_worker", "other_shelter_intake"):
        assert cast.client(persona).get(address(case, "")).status_code == 404
    assert {state(cast, "ngo_caseworker", one) for one in (waiting, worked)} == {"ended"}
    with acting(cast.ngo_supervisor.actor):
        assert not Share.objects.live().filter(case=case).exists()
        assert not Deadline.objects.filter(subject_id__in=(waiting.pk, worked.pk), state="open").exists()
        assert Service.objects.get(pk=help_given.pk).status == "started"
        assert Case.objects.get(pk=case.pk).state == "active"


def test_receivers_are_told_that_something_ended_and_nothing_else(cast: Cast, case: Case) -> None:
    consent = consented(cast, case)
    share = shared(cast, case, cast.organisations.shelter, "identity", legal_basis="consent", consent=consent)
    with at_work(cast, "ngo_caseworker", case) as (actor, access):
        withdraw_with_referrals(actor, access=access, consent=consent, withdrawn_via="written")
    notices = Notice.objects.filter(kind="consent_withdrawn")
    told = {notice.membership_id for notice in notices}
    assert told == {cast.shelter_intake.membership_id, cast.shelter_supervisor.membership_id}
    page = f"/shares/received/{share.pk}/"
    assert {(notice.case_id, notice.object_path) for notice in notices} == {(None, page)}
    assert "Stop using what you copied" in cast.client("shelter_intake").get(page).content.decode()
    html = cast.client("shelter_intake").get("/inbox/").content.decode()
    for secret in (case.shown_reference, NAME, cast.organisations.ngo.name):
        assert secret not in html
    assert OutboxMail.objects.filter(notice__in=notices).count() == 2


def test_who_is_kept_away_from_the_case_does_not_hear_that_something_ended(cast: Cast, case: Case) -> None:
    consent = consented(cast, case)
    shared(cast, case, cast.organisations.shelter, "identity", legal_basis="consent", consent=consent)
    kept_away(cast, case, "shelter_intake", by="shelter_supervisor")
    with at_work(cast, "ngo_caseworker", case) as (actor, access):
        withdraw_with_referrals(actor, access=access, consent=consent, withdrawn_via="written")
    told = set(Notice.objects.filter(kind="consent_withdrawn").values_list("membership_id", flat=True))
    assert told == {cast.shelter_supervisor.membership_id}


def test_the_lead_withdraws_what_another_organisation_took(cast: Cast, case: Case) -> None:
    """The person says so to whoever is near: to the lead, which may read the consent."""
    shelter, health = cast.organisations.shelter, cast.organisations.health
    shared(cast, case, shelter, "identity")
    given = {"information_given": ["mechanism"], "purpose": "refer_health", "by": "shelter_supervisor"}
    theirs = recorded(cast, case, **given)
    on_theirs = {"purpose": "refer_health", "legal_basis": "consent", "consent": theirs, "by": "shelter_supervisor"}
    shared(cast, case, health, "identity", **on_theirs)
    url = address(case, f"consent/{theirs.pk}/withdraw/")
    assert cast.client("ngo_caseworker").post(url, {"withdrawn_via": "written"}).status_code == 404
    shared(cast, case, cast.organisations.ngo, "consent", by="shelter_supervisor")
    assert cast.client("ngo_caseworker").post(url, {"withdrawn_via": "written"}).status_code == 302
    with acting(cast.shelter_supervisor.actor):
        assert Consent.objects.get(pk=theirs.pk).state == ConsentState.WITHDRAWN
        assert not Share.objects.live().filter(to_organisation=health).exists()


def test_who_does_not_lead_withdraws_nothing_of_others(cast: Cast, case: Case) -> None:
    consent = consented(cast, case)
    shared(cast, case, cast.organisations.shelter, "consent")
    with at_work(cast, "shelter_supervisor", case) as (actor, access), pytest.raises(Missing):
        withdraw_consent(actor, access=access, consent=consent, withdrawn_via="written")


# -- what the receiver reads -----------------------------------------------------------------------------------------


def test_a_receiver_reads_the_consent_that_its_share_rests_on_and_no_other(cast: Cast, case: Case) -> None:
    shelter, resting = cast.organisations.shelter, consented(cast, case)
    other = consented(cast, case, purpose="refer_health")
    made = shared(cast, case, shelter, "identity", legal_basis="consent", consent=resting)
    found = cast.client("shelter_intake").get(f"/api/v1/cases/{case.shown_reference}/consents/").json()
    assert [one["id"] for one in found] == [str(resting.pk)]
    with acting(cast.shelter_intake.actor):
        assert list(Consent.objects.values_list("pk", flat=True)) == [resting.pk]
        assert not Consent.objects.filter(pk=other.pk).exists()
    cast.client("ngo_caseworker").post(address(case, f"shares/{made.pk}/"))
    now = shared(cast, case, shelter, "contact", purpose="case_management")
    found = cast.client("shelter_intake").get(f"/api/v1/cases/{case.shown_reference}/consents/").json()
    assert [one["id"] for one in found] == [str(now.consent_id)]
    cast.client("ngo_caseworker").post(address(case, f"shares/{now.pk}/"))
    with acting(cast.shelter_intake.actor):
        assert not Consent.objects.exists()


def test_why_a_refusal_was_gone_against_stays_where_it_was_said(cast: Cast, case: Case) -> None:
    override = overridden(cast, case)
    at_risk = {"legal_basis": "vital_interests", "ends_on": today() + timedelta(days=20)}
    shared(cast, case, cast.organisations.shelter, "identity", **at_risk)
    assert REASON in cast.client("ngo_supervisor").get(address(case)).content.decode()
    html = cast.client("shelter_intake").get(address(case)).content.decode()
    assert "Vital interests" in html
    assert REASON not in html
    with acting(cast.ngo_supervisor.actor):
        row = AuditChange.objects.get(kind="override_consent", object_id=override.pk)
        assert REASON not in str(row.detail)


# -- override --------------------------------------------------------------------------------------------------------


def override_data(cast: Cast, **changed: Any) -> dict[str, Any]:
    return {
        "legal_basis": "vital_interests",
        "recipient": str(cast.organisations.shelter.pk),
        "purpose": "refer_shelter",
        "categories": ["identity"],
        "reason": REASON,
        **day("valid_until", 20),
        **changed,
    }


@pytest.mark.parametrize(
    ("persona", "status"),
    [
        ("ngo_supervisor", 302),
        ("ngo_intake", 302),
        ("ngo_caseworker", 403),
        ("colleague_unassigned", 404),
        ("other_ngo_supervisor", 404),
        ("data_protection_officer", 404),
    ],
)
def test_going_against_a_refusal_is_a_right_of_its_own(cast: Cast, case: Case, persona: str, status: int) -> None:
    url = address(case, "consent/override/")
    assert cast.client(persona).post(url, override_data(cast)).status_code == status


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"reason": ""}, "Write why this is necessary"),
        ({"reason": "   "}, "Write why this is necessary"),
        ({"legal_basis": "consent"}, "cannot use this legal basis"),
        ({"legal_basis": "child_best_interests"}, "cannot use this legal basis"),
        ({"categories": []}, "Choose at least one category"),
        ({"categories": ["narrative"]}, "may never be given"),
        ({"recipient": "7"}, "Choose one of the answers listed"),
        ({"valid_until_year": "2031"}, "at most 90 days"),
        ({"valid_until_day": "", "valid_until_month": "", "valid_until_year": ""}, "Choose a last day"),
    ],
)
def test_an_override_without_its_bounds_is_refused(cast: Cast, case: Case, changed: Any, message: str) -> None:
    response = cast.client("ngo_supervisor").post(address(case, "consent/override/"), override_data(cast, **changed))
    assert response.status_code == 422
    assert message in response.content.decode()
    with acting(cast.ngo_supervisor.actor):
        assert not Consent.objects.filter(state="overridden").exists()


def test_data_protection_is_told_of_an_override_and_not_of_whom(cast: Cast, case: Case) -> None:
    overridden(cast, case)
    told = Notice.objects.filter(kind="override_consent").values_list("membership_id", flat=True)
    assert list(told) == [cast.data_protection_officer.membership_id]
    html = cast.client("data_protection_officer").get("/inbox/").content.decode()
    assert "A person’s answer was gone against" in html
    assert case.shown_reference not in html
    assert REASON not in html


def test_a_life_at_risk_is_no_ground_without_an_override_that_covers_it(cast: Cast, case: Case) -> None:
    shelter, at_risk = cast.organisations.shelter, {"legal_basis": "vital_interests"}
    with pytest.raises(Refused, match="consent register"):
        shared(cast, case, shelter, "identity", **at_risk)
    override = overridden(cast, case)
    for changed in ({"purpose": "case_management"}, {"ends_on": today() + timedelta(days=30)}):
        with pytest.raises(Refused):
            shared(cast, case, shelter, "identity", **at_risk, **changed)
    with pytest.raises(Refused):
        shared(cast, case, shelter, "services", **at_risk, ends_on=today())
    with pytest.raises(Refused):
        shared(cast, case, cast.organisations.other_shelter, "identity", **at_risk, ends_on=today())
    made = shared(cast, case, shelter, "identity", **at_risk, ends_on=today() + timedelta(days=20))
    assert made.consent_id == override.pk


def test_what_rests_on_an_override_ends_with_it(cast: Cast, case: Case) -> None:
    override = overridden(cast, case)
    at_risk = {"legal_basis": "vital_interests", "ends_on": today() + timedelta(days=20)}
    shared(cast, case, cast.organisations.shelter, "identity", **at_risk)
    sending = {**at_risk, "categories": ["contact"], "to": cast.organisations.shelter}
    referral = sent(cast, case, "ngo_supervisor", **sending)
    assert Referral.objects.filter(pk=referral.pk).count() == 0  # nobody acts
    with at_work(cast, "ngo_supervisor", case) as (actor, access):
        withdraw_with_referrals(actor, access=access, consent=override, withdrawn_via="oral_witnessed")
    assert cast.client("shelter_intake").get(address(case, "")).status_code == 404
    assert state(cast, "ngo_supervisor", referral) == "ended"


def test_a_childs_interests_need_an_override_once_the_answer_was_no(cast: Cast) -> None:
    child, shelter = filed_case(cast, age_group="child"), cast.organisations.shelter
    for_child = {"legal_basis": "child_best_interests"}
    shared(cast, child, shelter, "identity", **for_child)
    recorded(cast, child, state="refused")
    for purpose in ("refer_shelter", "refer_other_service"):
        with pytest.raises(Refused, match="record why it is necessary"):
            shared(cast, child, shelter, "contact", purpose=purpose, **for_child)
    override = overridden(cast, child, legal_basis="child_best_interests")
    with at_work(cast, "ngo_intake", child) as (actor, access):
        answer_override(actor, access=access, consent=override, is_confirmed=True)
    until = {"ends_on": today() + timedelta(days=20)}
    assert shared(cast, child, shelter, "contact", **for_child, **until).consent_id == override.pk


def test_nobody_overrides_in_a_case_that_they_only_read(cast: Cast, case: Case) -> None:
    shared(cast, case, cast.organisations.shelter, "identity", level="read")
    with pytest.raises(NotAllowed):
        overridden(cast, case, by="shelter_supervisor", recipient=cast.organisations.health)


# -- by the database -------------------------------------------------------------------------------------------------


def run(statement: str, *values: Any) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, list(values))
        return cursor.rowcount


@pytest.mark.parametrize("column", ["state", "categories", "purpose", "valid_until", "recipient_id", "sealed"])
def test_the_application_cannot_change_what_was_agreed_to(cast: Cast, case: Case, column: str) -> None:
    consent = consented(cast, case)
    with acting(cast.ngo_supervisor.actor), pytest.raises(ProgrammingError, match="permission denied"):
        run(f"UPDATE cases_consent SET {column} = {column} WHERE id = %s", consent.pk)


@pytest.mark.parametrize("column", ["categories", "purpose", "recipient_id", "case_id", "owner_organisation_id"])
def test_the_ledger_moves_states_and_changes_no_scope(cast: Cast, case: Case, column: str) -> None:
    consented(cast, case)
    with role("nrm_ledger"), pytest.raises(ProgrammingError, match="permission denied"):
        run(f"UPDATE cases_consent SET {column} = {column}")


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("state = 'forgotten'", "consent_state_known"),
        ("valid_until = given_on - 1", "consent_valid_after_given"),
        ("given_on = NULL", "consent_given_has_date"),
        ("information_given = '{}'", "consent_given_is_informed"),
        ("state = 'withdrawn'", "consent_withdrawn_says_how"),
        ("state = 'other_basis'", "consent_other_basis_is_named"),
        ("state = 'overridden'", "consent_overridden_is_bounded"),
        ("state = 'superseded'", "consent_superseded_by_another"),
        ("superseded_by_id = id", "consent_superseded_by_another"),
    ],
)
def test_each_constraint_of_the_register_holds(cast: Cast, case: Case, change: str, constraint: str) -> None:
    consent = consented(cast, case)
    with role("nrm_ledger"), pytest.raises(IntegrityError, match=constraint):
        run(f"UPDATE cases_consent SET {change} WHERE id = %s", consent.pk)


def test_members_who_left_are_not_told(cast: Cast, case: Case) -> None:
    Membership.objects.filter(pk=cast.shelter_intake.membership_id).update(suspended_at=clock.moment())
    consent = consented(cast, case)
    shared(cast, case, cast.organisations.shelter, "identity", legal_basis="consent", consent=consent)
    with at_work(cast, "ngo_caseworker", case) as (actor, access):
        withdraw_consent(actor, access=access, consent=consent, withdrawn_via="written")
    told = Notice.objects.filter(kind="consent_withdrawn").values_list("membership_id", flat=True)
    assert list(told) == [cast.shelter_supervisor.membership_id]


def test_a_consent_of_another_case_is_not_found_here(cast: Cast, case: Case) -> None:
    foreign = consented(cast, filed_case(cast))
    client = cast.client("ngo_supervisor")
    for act in ("withdraw", "answer"):
        assert client.get(address(case, f"consent/{foreign.pk}/{act}/")).status_code == 404
    with at_work(cast, "ngo_supervisor", case) as (_actor, access), pytest.raises(Missing):
        door.get_consent(access, foreign.pk)


@pytest.mark.parametrize("path", ["consent/add/", "consent/{pk}/answer/"])
def test_no_answer_is_chosen_for_the_person(cast: Cast, case: Case, path: str) -> None:
    asked = recorded(cast, case, state=ConsentState.REQUESTED, form="", given_on=None)
    client, url = cast.client("ngo_caseworker"), address(case, path.format(pk=asked.pk))
    assert "checked" not in client.get(url).content.decode()
    given = {"purpose": "refer_shelter", "categories": ["identity"], "form": "written", **day("given_on")}
    given["information_given"] = ["mechanism"]
    response = client.post(url, given)
    assert response.status_code == 422
    assert "Choose what the person said." in response.content.decode()
    assert client.post(url, {**given, "state": "refused"}).status_code == 302
