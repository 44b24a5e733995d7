"""Who knows the case by another way learns of no referral: neither that it exists, nor to whom it went."""

from django.urls import reverse

from accounts.context import acting
from audit.models import AuditChange
from cases import access as cases
from cases.models import Deadline
from referrals.access import of_case
from referrals.models import Referral
from tests.cases.files import assign, inside
from tests.cases.filing import filed_case, shared
from tests.cast import Cast
from tests.referrals.scenes import accepted, police_case, sent


def test_a_party_that_knows_the_case_sees_nothing_of_a_referral_to_another(cast: Cast) -> None:
    case = police_case(cast)
    health = {
        "to": cast.organisations.health,
        "service": "medical",
        "purpose": "refer_health",
        "categories": ["identity"],
    }
    sent(cast, case, **health)
    referral = accepted(cast, sent(cast, case))
    sent(cast, case, service="supported_living")
    with acting(cast.police_officer.actor):
        kinds = [act.kind for act in cases.timeline(cases.get_case(cast.police_officer.actor, case.reference))]
        assert {"send_referral", "accept_referral"} <= set(kinds)
    actor = cast.shelter_worker.actor
    with acting(actor):
        door = cases.get_case(actor, case.reference)
        rows = [act for act in cases.timeline(door) if act.kind.endswith("_referral")]
        assert {str(cast.organisations.health.pk)}.isdisjoint(str(row.detail) for row in rows)
        assert len(rows) == 3
        assert not AuditChange.objects.filter(detail__parties__contains=[str(cast.organisations.health.pk)]).exists()
        assert len(of_case(door)) == 2
        assert not Referral.objects.filter(to_organisation=cast.organisations.health).exists()
        assert {row.bound_organisation_id for row in Deadline.objects.filter(rule__startswith="EU-ACK")} <= {
            actor.organisation_id
        }
    shown = cast.client("shelter_worker").get(reverse("cases:timeline", args=[case.shown_reference])).content.decode()
    assert "Health" not in shown.split("<main")[1].split("</main")[0].replace("Health care", "")
    assert referral.to_organisation == cast.organisations.shelter


def test_a_sender_sees_no_clock_of_a_receiver_though_one_of_them_shares_with_it(cast: Cast) -> None:
    """A clock of one of two shelters would tell which of them it is that shares with the sender (rule 6)."""
    case = filed_case(cast, by="shelter_worker")
    shared(cast, case, cast.organisations.ngo, "identity", "services", by="shelter_worker")
    assign(cast, case, "ngo_caseworker")
    asked = {"service": "counselling", "purpose": "refer_other_service", "categories": ["identity"]}
    for to in (cast.organisations.shelter, cast.organisations.other_shelter):
        to.services += ["counselling"]
        to.save()
        sent(cast, case, "ngo_caseworker", to=to, region=to.serves_regions[0], **asked)
    with inside(cast.ngo_caseworker, case) as (_actor, access):
        bound = {(one.rule, one.bound_organisation.name) for one in cases.open_deadlines(access)}
    own = {("EU-ACK-SENDER", "NGO"), ("EU-ACK-END", "NGO")}
    assert own <= bound
    assert not {one for one in bound - own if one[0].startswith("EU-ACK")}
    assert {name for _rule, name in bound} == {"NGO", "Shelter"}
