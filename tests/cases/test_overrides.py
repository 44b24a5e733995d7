"""Going against a refusal needs a second person: within 24 hours where a life is at risk, else before (rule 21)."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from accounts.context import acting
from accounts.models import Membership, Notice
from audit.models import AuditChange
from cases.enums import ConsentState
from cases.models import Case, Consent, Share
from cases.operations.consent import state_today
from cases.operations.elapsed import record_elapsed
from cases.operations.overrides import answer_override, answer_unknown_override, unknown_overrides
from cases.reminders import as_worker
from core import clock
from core.db import role
from core.errors import Conflict, Missing, NotAllowed, Refused
from tests.cases.filing import at_work, filed_case, shared, today
from tests.cases.test_consent_register import REASON, overridden, override_data, recorded
from tests.cast import Cast
from tests.referrals.scenes import accepted, police_case, sent, state

AT_RISK = {"legal_basis": "vital_interests"}
ORDER = {"legal_basis": "legal_obligation", "provision": "court-order"}
A_DAY = timedelta(hours=24)


@pytest.fixture
def case(cast: Cast) -> Case:
    return filed_case(cast)


@pytest.fixture
def child(cast: Cast) -> Case:
    """A child who has said no to the shelter."""
    made = filed_case(cast, age_group="child")
    recorded(cast, made, state="refused")
    return made


def answered(
    cast: Cast, case: Case, override: Consent, *, by: str = "ngo_intake", is_confirmed: bool = True
) -> Consent:
    with at_work(cast, by, case) as (actor, access):
        return answer_override(actor, access=access, consent=override, is_confirmed=is_confirmed)


def until(days: int = 20) -> dict[str, Any]:
    return {"ends_on": today() + timedelta(days=days)}


def sees(cast: Cast, persona: str, case: Case) -> bool:
    return cast.client(persona).get(f"/cases/{case.shown_reference}/").status_code == 200


def seen(cast: Cast, share: Share) -> Share:
    with acting(cast.ngo_supervisor.actor):
        return Share.objects.get(pk=share.pk)


def register(cast: Cast, override: Consent) -> Consent:
    with acting(cast.ngo_supervisor.actor):
        return Consent.objects.get(pk=override.pk)


def alone(cast: Cast) -> None:
    """The supervisor is the only one of the NGO who could be a second person."""
    Membership.objects.filter(pk=cast.ngo_intake.membership_id).update(suspended_at=clock.moment())


# -- a life at risk --------------------------------------------------------------------------------------------------


def test_where_a_life_is_at_risk_it_opens_at_once_and_ends_unconfirmed_with_the_worker_stopped(
    cast: Cast, case: Case
) -> None:
    override = overridden(cast, case)
    made = shared(cast, case, cast.organisations.shelter, "identity", **AT_RISK, **until())
    assert sees(cast, "shelter_intake", case)
    assert made.ends_on == today() + timedelta(days=20)
    with clock.travel(clock.moment() + A_DAY - timedelta(minutes=10)):
        assert sees(cast, "shelter_intake", case)
    with clock.travel(clock.moment() + A_DAY + timedelta(minutes=1)):
        assert not sees(cast, "shelter_intake", case)
        assert state_today(register(cast, override)) is ConsentState.UNCONFIRMED
        with pytest.raises(Refused):
            shared(cast, case, cast.organisations.shelter, "contact", **AT_RISK, **until(10))
        with pytest.raises(Conflict, match="any more"):
            answered(cast, case, override)
        with as_worker():
            record_elapsed()
        assert register(cast, override).state == ConsentState.UNCONFIRMED
        assert seen(cast, made).ended_at is not None


def test_a_no_does_not_end_what_an_override_carries(cast: Cast, case: Case) -> None:
    overridden(cast, case)
    shared(cast, case, cast.organisations.shelter, "identity", **AT_RISK, **until())
    recorded(cast, case, state="refused")
    assert sees(cast, "shelter_intake", case)


def test_confirmed_in_time_it_goes_on_to_the_last_day_that_was_asked_for(cast: Cast, case: Case) -> None:
    override = overridden(cast, case)
    made = shared(cast, case, cast.organisations.shelter, "identity", **AT_RISK, **until())
    confirmed = answered(cast, case, override)
    assert (confirmed.confirmed_by_id, confirmed.unconfirmed_until) == (cast.ngo_intake.membership_id, None)
    with clock.travel(clock.moment() + timedelta(days=19)):
        assert sees(cast, "shelter_intake", case)
    assert seen(cast, made).ends_at > clock.moment() + timedelta(days=19)
    with clock.travel(clock.moment() + timedelta(days=22)):
        assert not sees(cast, "shelter_intake", case)


def test_a_no_of_the_second_person_ends_what_rests_on_it_at_once(cast: Cast, case: Case) -> None:
    override = overridden(cast, case)
    made = shared(cast, case, cast.organisations.shelter, "identity", **AT_RISK, **until())
    answered(cast, case, override, is_confirmed=False)
    assert not sees(cast, "shelter_intake", case)
    assert seen(cast, made).end_reason == "override_refused"
    with acting(cast.ngo_supervisor.actor):
        assert AuditChange.objects.filter(kind="refuse_override", object_id=override.pk).count() == 1
    with pytest.raises(Refused):
        shared(cast, case, cast.organisations.shelter, "contact", **AT_RISK, **until(10))


def test_a_referral_on_it_opens_no_longer_and_is_not_accepted_once_it_has_lapsed(cast: Cast, case: Case) -> None:
    overridden(cast, case)
    on_it = {**AT_RISK, "categories": ["contact"], "to": cast.organisations.shelter, **until()}
    first = sent(cast, case, "ngo_supervisor", **on_it)
    late = sent(cast, case, "ngo_supervisor", service="supported_living", **on_it)
    accepted(cast, first)
    with clock.travel(clock.moment() + A_DAY + timedelta(minutes=1)):
        assert not sees(cast, "shelter_intake", case)
        assert state(cast, "ngo_supervisor", first) == "ended"
        with pytest.raises(Conflict, match="rests on has ended"):
            accepted(cast, late)


def test_a_share_on_it_begins_at_once(cast: Cast, case: Case) -> None:
    overridden(cast, case)
    starts_on = today() + timedelta(days=3)
    with pytest.raises(Refused) as caught:
        shared(cast, case, cast.organisations.shelter, "identity", starts_on=starts_on, **AT_RISK, **until())
    assert caught.value.field == "starts_on"


# -- a child, a duty of law ------------------------------------------------------------------------------------------


def test_for_a_child_nothing_rests_on_it_before_the_second_person(cast: Cast, child: Case) -> None:
    shelter, for_child = cast.organisations.shelter, {"legal_basis": "child_best_interests"}
    override = overridden(cast, child, **for_child)
    assert override.state == ConsentState.PROPOSED
    with pytest.raises(Refused, match="record why it is necessary"):
        shared(cast, child, shelter, "identity", **for_child, **until())
    answered(cast, child, override)
    assert shared(cast, child, shelter, "identity", **for_child, **until()).consent_id == override.pk


def test_a_duty_of_law_names_its_provision_and_waits_as_well(cast: Cast, case: Case) -> None:
    police = cast.organisations.police
    recorded(cast, case, state="refused", purpose="share_police")
    duty = {**ORDER, "recipient": police, "purpose": "share_police", "categories": ["identity"]}
    for provision in ("", "the law", "eu-identification"):
        with pytest.raises(Refused) as caught:
            overridden(cast, case, **{**duty, "provision": provision})
        assert caught.value.field == "provision"
    override = overridden(cast, case, **duty)
    asked = {**ORDER, "purpose": "share_police", **until()}
    with pytest.raises(Refused, match="record why it is necessary"):
        shared(cast, case, police, "identity", **asked)
    answered(cast, case, override)
    assert shared(cast, case, police, "identity", **asked).consent_id == override.pk


@pytest.mark.parametrize("ground", ["health_care", "public_task", "law_enforcement", "consent"])
def test_there_are_three_grounds_and_no_other(cast: Cast, ground: str) -> None:
    case = police_case(cast)
    with pytest.raises(Refused) as caught:
        overridden(cast, case, by="police_supervisor", legal_basis=ground)
    assert caught.value.field == "legal_basis"


def test_what_was_declined_carries_nothing(cast: Cast, child: Case) -> None:
    for_child = {"legal_basis": "child_best_interests"}
    override = overridden(cast, child, **for_child)
    answered(cast, child, override, is_confirmed=False)
    with pytest.raises(Refused):
        shared(cast, child, cast.organisations.shelter, "identity", **for_child, **until())
    with pytest.raises(Conflict):
        answered(cast, child, override)


# -- the second person -----------------------------------------------------------------------------------------------


def test_nobody_confirms_what_they_recorded_themselves(cast: Cast, case: Case) -> None:
    override = overridden(cast, case)
    with pytest.raises(Refused, match="Somebody else"):
        answered(cast, case, override, by="ngo_supervisor")
    html = cast.client("ngo_supervisor").get(f"/cases/{case.shown_reference}/consent/").content.decode()
    assert f"consent/{override.pk}/confirm/" not in html


@pytest.mark.parametrize(
    ("persona", "status"),
    [
        ("ngo_intake", 302),
        ("ngo_caseworker", 403),
        ("shelter_supervisor", 404),
        ("data_protection_officer", 404),
        ("other_ngo_supervisor", 404),
    ],
)
def test_who_may_confirm(cast: Cast, case: Case, persona: str, status: int) -> None:
    override = overridden(cast, case)
    shared(cast, case, cast.organisations.shelter, "identity", **AT_RISK, **until())
    url = f"/cases/{case.shown_reference}/consent/{override.pk}/confirm/"
    assert cast.client(persona).post(url, {"decision": "confirm"}).status_code == status


def test_the_page_shows_the_reason_and_asks_for_an_answer(cast: Cast, case: Case) -> None:
    override = overridden(cast, case)
    client, url = cast.client("ngo_intake"), f"/cases/{case.shown_reference}/consent/{override.pk}/confirm/"
    html = client.get(url).content.decode()
    assert REASON in html
    assert "Ends unless a second person confirms it before" in html
    empty = client.post(url, {})
    assert empty.status_code == 422
    assert "Choose whether it is necessary" in empty.content.decode()
    body = {"decision": "confirm"}
    api = f"/api/v1/cases/{case.shown_reference}/consents/{override.pk}/confirmation/"
    assert client.post(api, body, content_type="application/json").status_code == 201
    found = client.get(f"/api/v1/cases/{case.shown_reference}/consents/").json()
    assert {one["id"]: one["is_waiting"] for one in found}[str(override.pk)] is False
    assert client.post(url, body).status_code == 409


def test_the_second_person_has_a_task_until_somebody_has_answered(cast: Cast, case: Case) -> None:
    override = overridden(cast, case)
    asked = Notice.objects.filter(kind="confirm_override")
    assert {one.membership_id for one in asked} == {cast.ngo_intake.membership_id}
    answered(cast, case, override)
    assert not asked.filter(read_at__isnull=True).exists()


def test_data_protection_and_the_lead_are_told_without_content(cast: Cast, case: Case) -> None:
    shared(cast, case, cast.organisations.shelter, "identity")
    police = {"recipient": cast.organisations.police, "purpose": "share_police", "categories": ["identity"]}
    overridden(cast, case, by="shelter_supervisor", **police)
    told = Notice.objects.filter(kind="override_consent")
    assert {one.membership_id for one in told} == {cast.ngo_supervisor.membership_id}
    html = cast.client("ngo_supervisor").get("/inbox/").content.decode()
    assert "answer was gone against" in html
    assert REASON not in html
    assert cast.organisations.shelter.name not in html.partition("answer was gone against")[2][:400]


def test_a_child_or_a_duty_is_told_once_it_holds(cast: Cast, child: Case) -> None:
    override = overridden(cast, child, legal_basis="child_best_interests")
    told = Notice.objects.filter(kind="override_consent")
    assert not told.exists()
    answered(cast, child, override)
    assert {one.membership_id for one in told} == {cast.data_protection_officer.membership_id}


def test_where_nobody_else_is_left_data_protection_answers_without_the_case(cast: Cast, case: Case) -> None:
    alone(cast)
    override = overridden(cast, case)
    made = shared(cast, case, cast.organisations.shelter, "identity", by="ngo_supervisor", **AT_RISK, **until())
    officer = cast.client("data_protection_officer")
    assert Notice.objects.get(kind="confirm_override").membership_id == cast.data_protection_officer.membership_id
    assert f"/overrides/{override.pk}/" in officer.get("/overrides/").content.decode()
    html = officer.get(f"/overrides/{override.pk}/").content.decode()
    assert case.shown_reference in html
    assert REASON not in html
    assert officer.get(f"/cases/{case.shown_reference}/").status_code == 404
    assert officer.get("/api/v1/overrides/").json()[0]["id"] == str(override.pk)
    assert officer.post(f"/overrides/{override.pk}/", {"decision": "confirm"}).status_code == 302
    assert seen(cast, made).ends_at > clock.moment() + timedelta(days=19)
    assert officer.get(f"/overrides/{override.pk}/").status_code == 404


def test_data_protection_answers_nothing_that_a_colleague_can(cast: Cast, case: Case) -> None:
    override = overridden(cast, case)
    with acting(cast.data_protection_officer.actor) as actor:
        assert unknown_overrides(actor) == []
        with pytest.raises(Missing):
            answer_unknown_override(actor, consent=override, is_confirmed=True)
    with acting(cast.ngo_supervisor.actor) as actor, pytest.raises(NotAllowed):
        answer_unknown_override(actor, consent=override, is_confirmed=True)


# -- by the database -------------------------------------------------------------------------------------------------


def test_the_application_writes_no_override_that_holds_by_itself(cast: Cast, child: Case) -> None:
    override = overridden(cast, child, legal_basis="child_best_interests")
    columns = [field.column for field in Consent._meta.concrete_fields]
    changes = (
        {"state": "'overridden'"},
        {"state": "'overridden'", "legal_basis": "'vital_interests'"},
        {"state": "'overridden'", "legal_basis": "'vital_interests'", "unconfirmed_until": "now() + interval '2 days'"},
        {"confirmed_by_id": f"'{cast.ngo_intake.membership_id}'", "confirmed_at": "now()"},
    )
    for changed in changes:
        values = {**{name: name for name in columns}, "id": "gen_random_uuid()", **changed}
        statement = (
            f"INSERT INTO cases_consent ({', '.join(values)})"
            f" SELECT {', '.join(values.values())} FROM cases_consent WHERE id = %s"
        )
        with acting(cast.ngo_supervisor.actor), pytest.raises(ProgrammingError, match="cases_consent_alone"):
            run(statement, override.pk)


def test_nothing_rests_on_what_does_not_hold(cast: Cast, child: Case) -> None:
    override = overridden(cast, child, legal_basis="child_best_interests")
    made = shared(cast, child, cast.organisations.other_ngo, "identity", purpose="case_management")
    with role("nrm_ledger"), pytest.raises(IntegrityError, match="share_rests_on_what_holds"):
        run("UPDATE cases_share SET consent_id = %s WHERE id = %s", override.pk, made.pk)


def test_a_share_lasts_no_longer_than_the_time_to_confirm(cast: Cast, case: Case) -> None:
    overridden(cast, case)
    made = shared(cast, case, cast.organisations.shelter, "identity", **AT_RISK, **until())
    with role("nrm_ledger"), pytest.raises(IntegrityError, match="share_rests_on_what_holds"):
        run("UPDATE cases_share SET ends_at = ends_at + interval '1 hour' WHERE id = %s", made.pk)


def test_the_database_knows_who_confirmed(cast: Cast, case: Case) -> None:
    override = overridden(cast, case)
    statement = "UPDATE cases_consent SET confirmed_at = now(), confirmed_by_id = created_by_id WHERE id = %s"
    with role("nrm_ledger"), pytest.raises(IntegrityError, match="consent_confirmed_by_another"):
        run(statement, override.pk)


def run(statement: str, *values: Any) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, list(values))
        return cursor.rowcount


def test_the_form_asks_for_a_provision_only_where_there_is_one(cast: Cast, case: Case) -> None:
    url = f"/cases/{case.shown_reference}/consent/override/"
    html = cast.client("ngo_supervisor").get(url).content.decode()
    assert 'value="court-order"' in html
    data = override_data(cast, legal_basis="legal_obligation", purpose="share_police")
    data["recipient"] = str(cast.organisations.police.pk)
    refused = cast.client("ngo_supervisor").post(url, data)
    assert refused.status_code == 422
    assert "Choose the provision of law that obliges you" in refused.content.decode()
    assert REASON in refused.content.decode()
    assert cast.client("ngo_supervisor").post(url, {**data, "provision": "court-order"}).status_code == 302
