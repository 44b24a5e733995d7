"""Under which name an organisation is shown (``sharing.md`` rules 6 and 19): to whom, in which case, at what cost."""

from uuid import uuid4

import pytest

from accounts.context import acting
from cases import access as door
from cases import masking
from cases.masking import Names
from cases.models import Case
from cases.operations.lead import transfer_lead
from cases.operations.placement import record_placement
from tests.cases.files import inside, let_know
from tests.cases.filing import counted, filed_case, shared
from tests.cases.staying import left, on, placed
from tests.cast import Cast
from tests.referrals.scenes import police_case, today


@pytest.fixture
def case(cast: Cast) -> Case:
    """The shelter leads the case and hosts the person; the NGO knows the case by a share of the police alone."""
    made = police_case(cast)
    for to, who in (("ngo", "ngo_caseworker"), ("shelter", "shelter_worker")):
        let_know(cast, made, getattr(cast.organisations, to), who)
    lead(cast, made, "shelter", by="police_supervisor")
    on(cast, "shelter_worker", made, record_placement, starts_on=today())
    return made


def lead(cast: Cast, case: Case, to: str, *, by: str) -> None:
    with inside(getattr(cast, by), case) as (actor, access):
        transfer_lead(actor, case=access.case, to=getattr(cast.organisations, to), key=uuid4())


def seen(cast: Cast, who: str, case: Case, of: str = "shelter") -> str:
    """Under which name the persona sees an organisation in the case."""
    with acting(getattr(cast, who).actor):
        return Names(getattr(cast, who).actor, [case.pk]).of(getattr(cast.organisations, of)).name


def test_a_party_is_told_a_shelter_without_name_key_or_contact(cast: Cast, case: Case) -> None:
    with acting(cast.ngo_caseworker.actor):
        told = Names(cast.ngo_caseworker.actor, [case.pk]).of(cast.organisations.shelter)
    assert (told.name, told.key, told.email, told.phone, told.is_masked) == ("A shelter", None, "", "", True)


def test_every_shelter_of_the_case_is_masked_with_the_host(cast: Cast, case: Case) -> None:
    """If only the host lost its name, the one that is missing would be the host."""
    assert seen(cast, "ngo_caseworker", case, "other_shelter") == seen(cast, "ngo_caseworker", case) == "A shelter"
    assert seen(cast, "ngo_caseworker", case, "police") == "Police"


def test_a_case_whose_person_stays_in_no_shelter_names_its_shelters(cast: Cast, case: Case) -> None:
    left(cast, case, "shelter_worker")
    assert seen(cast, "ngo_caseworker", case) == "Shelter"


def test_sharing_with_each_candidate_tells_nothing(cast: Cast, case: Case) -> None:
    """The receiver's name stands on the own share, of the host as of any other, and nowhere else."""
    for to in (cast.organisations.shelter, cast.organisations.other_shelter):
        shared(cast, case, to, "identity", purpose="refer_other_service")
    shared(cast, case, cast.organisations.ngo, "contact", by="shelter_worker")
    with inside(cast.ngo_caseworker, case) as (_actor, access):
        given = [one for one in door.shares(access) if one.from_organisation_id == cast.organisations.ngo.pk]
        received = [one for one in door.shares(access) if one.from_organisation_id == cast.organisations.shelter.pk]
        assert {access.names.receiver(one).name for one in given} == {"Shelter", "Other shelter"}
        assert [access.names.giver(one).name for one in received] == ["A shelter"]
        assert access.lead.name == "A shelter"
    for address in ("decisions/", "location/"):
        html = cast.client("ngo_caseworker").get(f"/cases/{case.shown_reference}/{address}").content.decode()
        assert ">Shelter<" not in html


def test_only_the_sender_of_the_referral_of_the_placement_knows_it(cast: Cast) -> None:
    case = police_case(cast)
    let_know(cast, case, cast.organisations.ngo, "ngo_caseworker")
    placed(cast, case)
    assert seen(cast, "police_officer", case) == "Shelter"
    assert seen(cast, "ngo_caseworker", case) == "A shelter"


def test_a_lead_that_is_no_authority_knows_it_and_one_that_is_does_not(cast: Cast, case: Case) -> None:
    lead(cast, case, "ngo", by="shelter_supervisor")
    assert seen(cast, "ngo_caseworker", case) == "Shelter"
    lead(cast, case, "police", by="ngo_supervisor")
    assert seen(cast, "police_supervisor", case) == "A shelter"


def test_what_an_authority_that_leads_gives_by_office_goes_to_a_shelter(cast: Cast) -> None:
    """The NGO placed the person and led the case; the office of the host is opened to the police, who lead it now."""
    case = police_case(cast)
    let_know(cast, case, cast.organisations.ngo, "ngo_caseworker")
    lead(cast, case, "ngo", by="police_supervisor")
    placed(cast, case, persona="ngo_caseworker")
    lead(cast, case, "police", by="ngo_supervisor")
    with inside(cast.police_supervisor, case) as (_actor, access):
        by_office = [one for one in door.shares(access) if one.office == "shelter"]
        assert [access.names.receiver(one).name for one in by_office] == ["A shelter"]
    for address in ("/shares/", f"/cases/{case.shown_reference}/shares/", "/api/v1/shares/"):
        body = cast.client("police_supervisor").get(address).content.decode()
        assert "A shelter" in body, address
        assert str(cast.organisations.shelter.pk) not in body.replace(f"/{cast.organisations.shelter.pk}/", ""), address


def test_each_host_of_two_knows_itself_and_not_the_other(
    cast: Cast, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A provisional placement beside a confirmed one (rule 20): every live placement counts."""
    rows = [(case.pk, one.pk, one.pk) for one in (cast.organisations.shelter, cast.organisations.other_shelter)]
    monkeypatch.setattr(masking, "live_placements", lambda cases: rows)
    assert seen(cast, "shelter_worker", case, "other_shelter") == "Other shelter"  # it leads the case
    lead(cast, case, "police", by="shelter_supervisor")
    assert seen(cast, "shelter_worker", case, "other_shelter") == "A shelter"
    assert seen(cast, "shelter_worker", case) == "Shelter"
    assert seen(cast, "other_shelter_intake", case) == "A shelter"


@pytest.mark.parametrize(
    ("who", "purpose", "name"),
    [
        ("police_officer", "refer_health", "An organisation"),
        ("ngo_caseworker", "refer_health", "Health"),
        ("ngo_caseworker", "share_police", "An organisation"),
        ("police_officer", "share_police", "Health"),
        ("police_officer", "case_management", "Health"),
    ],
)
def test_a_purpose_that_says_too_much_takes_the_name_away(cast: Cast, who: str, purpose: str, name: str) -> None:
    """Rule 19: by the table of section 4, health is “–” for police, what is criminal for an NGO."""
    actor = getattr(cast, who).actor
    told = Names(actor, [uuid4()]).for_purpose(cast.organisations.health, purpose)
    assert told.name == name
    assert (told.key is None) == (name == "An organisation")


def test_a_page_of_cases_costs_two_statements_and_one_without_shelters_none(cast: Cast, case: Case) -> None:
    cases = [case.pk, filed_case(cast).pk]
    with acting(cast.ngo_supervisor.actor):
        names = Names(cast.ngo_supervisor.actor, cases)
        with counted(at_most=0):
            names.of(cast.organisations.police, cases[0])
        with counted(at_most=2):
            for _time in range(3):
                for one in cases:
                    names.of(cast.organisations.shelter, one)
                    names.of(cast.organisations.other_shelter, one)
