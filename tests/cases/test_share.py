"""Shares: own rows only, with purpose, basis and end, within the ceiling; ending always holds on the next request."""

from datetime import timedelta

import pytest

from accounts.context import acting
from audit.models import AuditChange
from cases.enums import Office
from cases.models import Case, CaseGroupObjectPermission, Share
from cases.operations.sharing import end_share, open_office, share
from cases.policies import CEILING, ceiling
from core import clock
from core.errors import NotAllowed, Refused
from tests.cases.filing import NAME, at_work, consented, filed_case, shared, today
from tests.cases.lawful import answered
from tests.cast import Cast


@pytest.fixture
def case(cast: Cast) -> Case:
    return filed_case(cast)


def address(case: Case, path: str = "shares/") -> str:
    return f"/cases/{case.shown_reference}/{path}"


def status(cast: Cast, persona: str, case: Case, path: str = "") -> int:
    return cast.client(persona).get(address(case, path)).status_code


def on_consent(cast: Cast, case: Case, *categories: str):
    asked = {"to": cast.organisations.shelter, "purpose": "refer_shelter"}
    return answered(cast, case.reference, "ngo_caseworker", categories=categories or ["identity", "contact"], **asked)


def share_data(**changed):
    until = today() + timedelta(days=30)
    return {
        "categories": ["identity", "contact"],
        "purpose": "refer_shelter",
        "legal_basis": "consent",
        "ends_on_day": str(until.day),
        "ends_on_month": str(until.month),
        "ends_on_year": str(until.year),
        **changed,
    }


# -- giving ----------------------------------------------------------------------------------------------------------


def test_sharing_shows_first_exactly_what_will_be_seen(cast: Cast, case: Case) -> None:
    client = cast.client("ngo_caseworker")
    url = address(case, f"shares/new/?to={cast.organisations.shelter.pk}")
    basis = on_consent(cast, case)
    preview = client.post(url, share_data(**basis))
    html = preview.content.decode()
    assert preview.status_code == 200
    assert "Identity (1 row today)" in html
    assert html.index("Not shared") < html.index("Exploitation")
    assert status(cast, "shelter_intake", case) == 404
    sent = client.post(url, share_data(confirmed="yes", **basis))
    assert sent.status_code == 302
    assert NAME in cast.client("shelter_intake").post(address(case, "name/")).content.decode()
    assert "Nothing shared" in cast.client("shelter_intake").get(address(case, "exploitation/")).content.decode()


def test_going_back_from_the_preview_keeps_everything(cast: Cast, case: Case) -> None:
    url = address(case, f"shares/new/?to={cast.organisations.shelter.pk}")
    response = cast.client("ngo_caseworker").post(url, share_data(change="yes"))
    html = response.content.decode()
    assert response.status_code == 200
    assert 'value="contact" id="id_categories_1" checked' in html or "checked" in html
    assert f'value="{(today() + timedelta(days=30)).year}"' in html


def test_the_form_offers_the_defaults_and_nothing_above_the_ceiling(cast: Cast, case: Case) -> None:
    url = address(case, f"shares/new/?to={cast.organisations.shelter.pk}")
    html = cast.client("ngo_caseworker").get(url).content.decode()
    assert 'value="identity"' in html
    assert 'value="narrative"' not in html


@pytest.mark.parametrize("persona", ["colleague_unassigned", "other_ngo_caseworker", "shelter_worker"])
def test_who_does_not_know_the_case_cannot_share_it(cast: Cast, case: Case, persona: str) -> None:
    url = address(case, f"shares/new/?to={cast.organisations.health.pk}")
    assert cast.client(persona).post(url, share_data(confirmed="yes")).status_code == 404


def test_intake_knows_the_case_but_may_not_share(cast: Cast, case: Case) -> None:
    url = address(case, f"shares/new/?to={cast.organisations.shelter.pk}")
    assert cast.client("ngo_intake").post(url, share_data(confirmed="yes")).status_code == 403


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"purpose": ""}, "Say for which purpose"),
        ({"legal_basis": ""}, "Say on which legal basis"),
        ({"ends_on_day": "", "ends_on_month": "", "ends_on_year": ""}, "Say until which day"),
        ({"ends_on_year": "2031"}, "at most 90 days"),
        ({"ends_on_year": "2020"}, "lies in the past"),
        ({"categories": []}, "Choose at least one category"),
        ({"categories": ["narrative"]}, "Choose only from the answers listed"),
        ({"consent": ""}, "Choose the consent that this rests on"),
        ({"legal_basis": "public_task"}, "cannot use this legal basis"),
        ({"legal_basis": "child_best_interests"}, "cannot use this legal basis"),
    ],
)
def test_what_breaks_a_rule_is_refused_beside_the_field(cast: Cast, case: Case, changed, message: str) -> None:
    url = address(case, f"shares/new/?to={cast.organisations.shelter.pk}")
    given = share_data(confirmed="yes", **{**on_consent(cast, case), **changed})
    response = cast.client("ngo_caseworker").post(url, given)
    html = response.content.decode()
    assert response.status_code == 422
    assert message in html
    assert "<title>Error:" in html
    assert status(cast, "shelter_intake", case) == 404


def test_the_own_organisation_and_a_suspended_one_receive_nothing(cast: Cast, case: Case) -> None:
    own = address(case, f"shares/new/?to={cast.organisations.ngo.pk}")
    assert "sees these rows already" in cast.client("ngo_caseworker").post(own, share_data()).content.decode()
    shelter = cast.organisations.shelter
    shelter.suspended_at = clock.moment()
    shelter.save()
    url = address(case, f"shares/new/?to={shelter.pk}")
    response = cast.client("ngo_caseworker").post(url, share_data(confirmed="yes"))
    assert response.status_code == 422
    assert "suspended" in response.content.decode()


@pytest.mark.parametrize("kind", sorted(CEILING))
def test_nobody_gets_more_than_the_ceiling_of_its_kind(cast: Cast, case: Case, kind: str) -> None:
    to = cast.organisations.other_ngo if kind == "ngo" else getattr(cast.organisations, kind)
    above = {"identity", "narrative", "exploiters", "health", "criminal", "consent", "services"} - ceiling(kind)
    with at_work(cast, "ngo_caseworker", case) as (actor, access):
        for category in above:
            with pytest.raises(Refused):
                share(
                    actor,
                    access=access,
                    to=to,
                    categories=[category],
                    purpose="refer_other_service",
                    legal_basis="consent",
                    ends_on=today(),
                )
    assert shared(cast, case, to, *ceiling(kind)).categories


@pytest.mark.parametrize("name", ["coordinator", "rapporteur"])
def test_those_outside_the_ceiling_are_granted_nothing(cast: Cast, case: Case, name: str) -> None:
    with pytest.raises(Refused):
        shared(cast, case, getattr(cast.organisations, name), "identity")


def test_the_same_category_for_the_same_purpose_only_once_in_a_period(cast: Cast, case: Case) -> None:
    shelter = cast.organisations.shelter
    shared(cast, case, shelter, "identity")
    with pytest.raises(Refused, match="Already shared"):
        shared(cast, case, shelter, "identity", "contact")
    assert shared(cast, case, shelter, "identity", purpose="case_management")


# -- consent ---------------------------------------------------------------------------------------------------------


def test_a_share_on_consent_lasts_no_longer_and_goes_no_further(cast: Cast, case: Case) -> None:
    shelter, until = cast.organisations.shelter, today() + timedelta(days=10)
    consent = consented(cast, case, recipient=shelter, valid_until=until)
    on_consent = {"legal_basis": "consent", "consent": consent}
    for changed in (
        {"ends_on": until + timedelta(days=1)},
        {"purpose": "case_management", "ends_on": until},
    ):
        with pytest.raises(Refused):
            shared(cast, case, shelter, "identity", **on_consent, **changed)
    with pytest.raises(Refused):
        shared(cast, case, shelter, "exploitation", ends_on=until, **on_consent)
    with pytest.raises(Refused):
        shared(cast, case, cast.organisations.other_shelter, "identity", ends_on=until, **on_consent)
    made = shared(cast, case, shelter, "identity", ends_on=until, **on_consent)
    assert (made.consent_id, made.consent_valid_until) == (consent.pk, until)


def test_a_consent_of_another_case_is_none(cast: Cast, case: Case) -> None:
    foreign = consented(cast, filed_case(cast))
    with pytest.raises(Refused):
        shared(cast, case, cast.organisations.shelter, "identity", legal_basis="consent", consent=foreign)


# -- ending ----------------------------------------------------------------------------------------------------------


def test_ending_holds_on_the_next_request(cast: Cast, case: Case) -> None:
    made = shared(cast, case, cast.organisations.shelter, "identity")
    assert status(cast, "shelter_intake", case) == 200
    response = cast.client("ngo_caseworker").post(address(case, f"shares/{made.pk}/"))
    assert response.status_code == 302
    assert status(cast, "shelter_intake", case) == 404
    with acting(cast.ngo_supervisor.actor):
        assert not CaseGroupObjectPermission.objects.filter(share=made).exists()
        assert AuditChange.objects.filter(kind="end_share", object_id=made.pk).count() == 1


def test_ending_works_for_a_suspended_receiver_and_without_consent(cast: Cast, case: Case) -> None:
    shelter = cast.organisations.shelter
    consent = consented(cast, case)
    made = shared(cast, case, shelter, "identity", legal_basis="consent", consent=consent)
    shelter.suspended_at = clock.moment()
    shelter.save()
    assert cast.client("ngo_supervisor").post(address(case, f"shares/{made.pk}/")).status_code == 302


def test_ending_twice_changes_nothing(cast: Cast, case: Case) -> None:
    made = shared(cast, case, cast.organisations.shelter, "identity")
    url = address(case, f"shares/{made.pk}/")
    cast.client("ngo_caseworker").post(url)
    with acting(cast.ngo_supervisor.actor):
        first = Share.objects.get(pk=made.pk).ended_at
    assert cast.client("ngo_caseworker").post(url).status_code == 302
    with acting(cast.ngo_supervisor.actor):
        assert Share.objects.get(pk=made.pk).ended_at == first


def test_the_receiver_sees_the_share_but_cannot_end_or_lengthen_it(cast: Cast, case: Case) -> None:
    made = shared(cast, case, cast.organisations.shelter, "identity")
    client = cast.client("shelter_supervisor")
    page = client.get(address(case, f"shares/{made.pk}/"))
    assert page.status_code == 200
    assert "End this now" not in page.content.decode()
    assert client.post(address(case, f"shares/{made.pk}/")).status_code == 403


def test_a_share_of_others_is_no_page(cast: Cast, case: Case) -> None:
    made = shared(cast, case, cast.organisations.shelter, "identity")
    shared(cast, case, cast.organisations.health, "identity", purpose="refer_health")
    other = filed_case(cast)
    assert status(cast, "health_worker", case) == 404
    assert cast.client("ngo_supervisor").get(address(other, f"shares/{made.pk}/")).status_code == 404


def test_a_share_ends_by_itself_when_its_last_day_has_passed(cast: Cast, case: Case) -> None:
    shared(cast, case, cast.organisations.shelter, "identity", ends_on=today())
    assert status(cast, "shelter_intake", case) == 200
    with clock.travel(clock.moment() + timedelta(days=1)):
        assert status(cast, "shelter_intake", case) == 404


# -- parties by office -----------------------------------------------------------------------------------------------


def test_a_party_by_office_needs_no_consent_and_is_not_ended_by_hand(cast: Cast, case: Case) -> None:
    with at_work(cast, "ngo_caseworker", case) as (actor, access):
        made = open_office(
            actor,
            case=case,
            to=cast.organisations.immigration,
            office=Office.DECIDING_AUTHORITY,
            categories=["identity", "immigration", "narrative", "exploiters"],
            legal_basis="legal_obligation",
        )
    assert [one.categories for one in made] == [["identity", "narrative", "immigration"]]
    assert made[0].ends_on == today() + timedelta(days=365)
    with at_work(cast, "ngo_supervisor", case) as (actor, access), pytest.raises(Refused):
        end_share(actor, access=access, share=made[0])
    page = cast.client("ngo_supervisor").get(address(case, f"shares/{made[0].pk}/")).content.decode()
    assert "ends with the office" in page


def test_opening_an_office_again_replaces_what_it_had(cast: Cast, case: Case) -> None:
    for _round in range(2):
        with at_work(cast, "ngo_caseworker", case) as (actor, _access):
            open_office(
                actor,
                case=case,
                to=cast.organisations.immigration,
                office=Office.DECIDING_AUTHORITY,
                categories=["identity"],
                legal_basis="legal_obligation",
            )
    with acting(cast.ngo_supervisor.actor):
        assert Share.objects.live().filter(case=case, office=Office.DECIDING_AUTHORITY).count() == 1


def test_one_organisation_does_not_end_what_another_shares(cast: Cast, case: Case) -> None:
    made = shared(cast, case, cast.organisations.shelter, "identity")
    with at_work(cast, "shelter_supervisor", case) as (actor, access), pytest.raises(NotAllowed):
        end_share(actor, access=access, share=made)
