"""Who knows the case by another way learns of no referral: neither that it exists, nor to whom it went."""

from django.urls import reverse

from accounts.context import acting
from audit.models import AuditChange
from cases import access as cases
from cases.models import Deadline
from referrals.access import of_case
from referrals.models import Referral
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
