"""The desk for cases without a lead, by REST: from found to taken, by reference, region and type."""

from accounts.context import acting
from accounts.operations import suspend_organisation
from cases.models import CaseLead
from cases.operations import vacancies
from cases.reminders import as_worker
from core.db import role
from tests.api.calls import Caller
from tests.cases.filing import filed_case
from tests.cast import Cast
from tests.world import supervisor_of


def test_the_desk_by_rest_from_found_to_taken(cast: Cast) -> None:
    case = filed_case(cast)
    with acting(cast.platform_administrator.actor) as actor:
        suspend_organisation(actor, organisation=cast.organisations.ngo)
    vacancies.look(as_worker)
    cast.personas["second"] = supervisor_of(cast.organisations.coordinator, "second")
    first, second, taker = (Caller(cast, who) for who in ("coordinator", "second", "other_ngo_supervisor"))
    (listed,) = first.get("lead/").json()
    assert (listed["reference"], listed["is_child"], listed["offers"]) == (case.shown_reference, False, [])
    address, to = f"lead/{listed['id']}/", {"to": str(cast.organisations.other_ngo.pk)}
    assert first.post(f"{address}propose/", {}).status_code == 422
    assert first.post(f"{address}propose/", {"to": str(cast.organisations.shelter.pk)}).status_code == 422
    offer = first.post(f"{address}propose/", to).json()["id"]
    assert first.post(f"lead/offers/{offer}/confirm/", {}).status_code == 403
    assert taker.get(f"lead-offers/{offer}/").status_code == 404
    assert second.post(f"lead/offers/{offer}/confirm/", {}).status_code == 201
    assert first.get(address).json()["offers"][0]["state"] == "offered"
    assert taker.get(f"lead-offers/{offer}/").json()["reference"] == case.shown_reference
    assert taker.get(f"cases/{case.shown_reference}/").status_code == 404
    member = {"member": str(cast.other_ngo_caseworker.membership_id)}
    assert taker.post(f"lead-offers/{offer}/accept/", member).status_code == 201
    assert taker.get(f"cases/{case.shown_reference}/").status_code == 200
    with role("nrm_ledger"):
        assert str(CaseLead.objects.get(case=case, ends_at=None).organisation) == "Other NGO"
    assert first.get("lead/").json() == []


def test_an_offer_is_withdrawn_or_declined(cast: Cast) -> None:
    filed_case(cast)
    with acting(cast.platform_administrator.actor) as actor:
        suspend_organisation(actor, organisation=cast.organisations.ngo)
    vacancies.look(as_worker)
    cast.personas["second"] = supervisor_of(cast.organisations.coordinator, "second")
    first, second, asked = (Caller(cast, who) for who in ("coordinator", "second", "other_ngo_supervisor"))
    (listed,) = first.get("lead/").json()
    to = {"to": str(cast.organisations.other_ngo.pk)}
    offer = first.post(f"lead/{listed['id']}/propose/", to).json()["id"]
    assert first.post(f"lead/offers/{offer}/withdraw/", {}).status_code == 201
    assert second.post(f"lead/offers/{offer}/confirm/", {}).status_code == 409
    offer = first.post(f"lead/{listed['id']}/propose/", to).json()["id"]
    assert second.post(f"lead/offers/{offer}/confirm/", {}).status_code == 201
    assert asked.post(f"lead-offers/{offer}/decline/", {}).status_code == 204
    assert [one["state"] for one in first.get(f"lead/{listed['id']}/").json()["offers"]] == ["withdrawn", "declined"]
