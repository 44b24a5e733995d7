"""Keys of other cases, organisations and referrals in addresses and bodies: refused like keys that never were."""

from http import HTTPStatus
from uuid import UUID, uuid4

import pytest

from cases.models import Case, Identity
from referrals.operations import ask_question
from tests.cases.filing import at_work, consented, filed_case, shared
from tests.cast import Cast
from tests.referrals.scenes import accepted, do, police_case, sent


def row_of(cast: Cast, persona: str, case: Case) -> UUID:
    with at_work(cast, persona, case):
        return Identity.objects.get(case=case, owner_organisation=getattr(cast, persona).organisation).pk


def test_rows_shares_and_consents_of_another_case_are_not_reached_through_ones_own(cast: Cast) -> None:
    mine, other = filed_case(cast), police_case(cast)
    second = filed_case(cast)
    given, lent = consented(cast, second), shared(cast, second, cast.organisations.shelter, "identity")
    foreign = row_of(cast, "police_officer", other)
    client, base = cast.client("ngo_caseworker"), f"/cases/{mine.shown_reference}"
    for path in (
        f"{base}/identity/{foreign}/",
        f"{base}/identity/{row_of(cast, 'ngo_caseworker', second)}/",
        f"{base}/shares/{lent.pk}/",
        f"{base}/shares/{lent.pk}/end/",
        f"{base}/consents/{given.pk}/withdraw/",
    ):
        assert client.get(path).status_code == HTTPStatus.NOT_FOUND, path
        assert client.post(path, {}).status_code in {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED}, path
    api = f"/api/v1{base}"
    for path in (f"{api}/rows/identity/{foreign}/", f"{api}/rows/consent/{given.pk}/", f"{api}/rows/status/"):
        assert client.get(path).status_code == HTTPStatus.NOT_FOUND, path
    with at_work(cast, "ngo_caseworker", second) as (_actor, access):
        assert access.case.shares.filter(pk=lent.pk, ended_at__isnull=True).exists()


def test_the_consent_of_another_case_carries_no_share(cast: Cast) -> None:
    mine, second = filed_case(cast), filed_case(cast)
    given = consented(cast, second)
    client = cast.client("ngo_caseworker")
    body = {
        "to": str(cast.organisations.shelter.pk),
        "categories": ["identity"],
        "purpose": "refer_shelter",
        "legal_basis": "consent",
        "consent": str(given.pk),
        "ends_on": "2099-01-01",
    }
    path = f"/api/v1/cases/{mine.shown_reference}/shares/"
    answer = client.post(path, body, content_type="application/json")
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    with at_work(cast, "ngo_caseworker", mine) as (_actor, access):
        assert not access.case.shares.exists()


@pytest.mark.parametrize("stranger", ["police_officer", "suspended_member", "data_protection_officer"])
def test_nobody_from_elsewhere_is_assigned(cast: Cast, stranger: str) -> None:
    case = filed_case(cast)
    member = {"member": str(getattr(cast, stranger).membership_id)}
    path = f"/cases/{case.shown_reference}/people/"
    assert cast.client("ngo_supervisor").post(path, member).status_code == HTTPStatus.UNPROCESSABLE_ENTITY


def test_a_receiver_names_only_its_own_people_and_answers_only_its_own_referrals(cast: Cast) -> None:
    referral = sent(cast, police_case(cast))
    path = f"/referrals/{referral.pk}/accept/"
    for member in (cast.other_ngo_caseworker, cast.police_officer):
        answer = cast.client("shelter_intake").post(path, {"member": str(member.membership_id)})
        assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    own = {"member": str(cast.police_supervisor.membership_id)}
    assert cast.client("police_supervisor").post(path, own).status_code == HTTPStatus.FORBIDDEN
    assert cast.client("other_shelter_intake").post(path, own).status_code == HTTPStatus.NOT_FOUND


def test_the_question_of_another_referral_is_not_found(cast: Cast) -> None:
    first, second = sent(cast, police_case(cast)), sent(cast, police_case(cast))
    asked = do(cast, "shelter_intake", ask_question, second, question="Which language?")
    client = cast.client("police_officer")
    for key in (asked.pk, uuid4()):
        assert client.get(f"/referrals/{first.pk}/questions/{key}/").status_code == HTTPStatus.NOT_FOUND


def test_an_inbox_forgets_what_one_may_no_longer_know(cast: Cast) -> None:
    referral = accepted(cast, sent(cast, police_case(cast)))
    shown = cast.client("colleague_unassigned").get("/inbox/").content.decode()
    assert referral.shown_reference not in shown
