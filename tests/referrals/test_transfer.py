"""The transfer of the lead: a supervisor sends it with a reason, the receiver accepts, everybody concerned is told."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.context import acting
from accounts.models import Notice
from audit.models import AuditChange
from cases import access as cases
from cases.inbox import inbox
from cases.models import Case, CaseLead, Deadline, Share
from cases.operations import clocks
from cases.operations.child_branch import open_child_branch
from cases.reminders import tick
from core import clock
from core.db import role
from core.errors import Conflict, Refused
from referrals.models import Referral
from referrals.operations import revoke_referral, send_referral
from tests.cases.filing import shared
from tests.cast import Cast
from tests.referrals.scenes import accepted, consent, do, knows, police_case, row, sent, state, terms

TRANSFER = {"service": "case_management", "purpose": "case_management", "transfer_reason": "expertise"}
SCOPE = {"purpose": "case_management", "categories": ["identity", "contact"]}


def handing_over(cast: Cast, case: Case, by: str = "police_supervisor", **changes: Any) -> Referral:
    """The lead goes to the NGO, with the person's consent."""
    given = consent(getattr(cast, by), case, **SCOPE)
    offer = {"to": cast.organisations.ngo, "legal_basis": "consent", "consent": given, **TRANSFER, **changes}
    return sent(cast, case, by, **offer)


def transferred(cast: Cast, case: Case, **changes: Any) -> Referral:
    return accepted(cast, handing_over(cast, case, **changes), by="ngo_intake", member="ngo_caseworker")


def leads(case: Case) -> str:
    with role("nrm_ledger"):
        return str(CaseLead.objects.get(case=case, ends_at__isnull=True).organisation)


def told(cast: Cast, persona: str) -> list[Notice]:
    return list(Notice.objects.filter(membership=getattr(cast, persona).membership, kind="transfer_lead"))


def refused(cast: Cast, case: Case, by: str = "police_supervisor", **changes: Any) -> Refused:
    with pytest.raises(Refused) as refusal:
        handing_over(cast, case, by, **changes)
    return refusal.value


# -- who, why, on which basis ----------------------------------------------------------------------------------------


def test_a_supervisor_of_the_lead_transfers_it_and_the_receiver_accepts(cast: Cast) -> None:
    case = police_case(cast)
    referral = handing_over(cast, case)
    assert leads(case) == "Police"
    accepted(cast, referral, by="ngo_intake", member="ngo_caseworker")
    assert leads(case) == "NGO"
    with acting(cast.ngo_caseworker.actor):
        assert cases.get_case(cast.ngo_caseworker.actor, case.reference).is_lead


def test_a_caseworker_of_the_lead_does_not(cast: Cast) -> None:
    assert refused(cast, police_case(cast), by="police_officer").field == "service"


def test_a_supervisor_who_does_not_lead_does_not(cast: Cast) -> None:
    case = police_case(cast)
    accepted(cast, sent(cast, case))
    assert refused(cast, case, by="shelter_supervisor").field == "service"


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"transfer_reason": ""}, "transfer_reason"),
        ({"transfer_reason": "because"}, "transfer_reason"),
        ({"transfer_reason": "other", "message": " "}, "message"),
        ({"legal_basis": "law_enforcement", "consent": None}, "legal_basis"),
        ({"legal_basis": "child_best_interests", "consent": None}, "legal_basis"),
        ({"purpose": "refer_shelter", "legal_basis": "public_task", "consent": None}, "purpose"),
    ],
)
def test_it_needs_a_reason_its_purpose_and_consent(cast: Cast, changed: dict[str, Any], field: str) -> None:
    assert refused(cast, police_case(cast), **changed).field == field


def test_another_referral_has_no_such_reason(cast: Cast) -> None:
    case, actor = police_case(cast), cast.police_supervisor.actor
    with acting(actor):
        access = cases.get_case(actor, case.reference)
        with pytest.raises(Refused) as refusal:
            send_referral(actor, access=access, terms=terms(cast, transfer_reason="safety"))
    assert refusal.value.field == "transfer_reason"


def test_for_a_child_its_best_interests_are_enough_as_long_as_it_is_one(cast: Cast) -> None:
    case = police_case(cast, is_child=True)
    for_a_child = {"legal_basis": "child_best_interests", "consent": None}
    referral = handing_over(cast, case, **for_a_child)
    with acting(cast.police_officer.actor):
        Case.objects.filter(pk=case.pk).update(is_child_branch=False)
    with pytest.raises(Conflict):
        accepted(cast, referral, by="ngo_intake", member="ngo_caseworker")
    with acting(cast.police_officer.actor):
        Case.objects.filter(pk=case.pk).update(is_child_branch=True)
    accepted(cast, referral, by="ngo_intake", member="ngo_caseworker")
    assert leads(case) == "NGO"


def test_of_two_that_were_asked_the_second_comes_too_late(cast: Cast) -> None:
    case = police_case(cast)
    first, second = handing_over(cast, case), handing_over(cast, case, to=cast.organisations.other_ngo)
    accepted(cast, first, by="ngo_intake", member="ngo_caseworker")
    with pytest.raises(Conflict):
        accepted(cast, second, by="other_ngo_supervisor", member="other_ngo_caseworker")
    assert leads(case) == "NGO"


# -- what moves ------------------------------------------------------------------------------------------------------


def bound(case: Case) -> set[str]:
    with role("nrm_ledger"):
        # The share that was accepted stays the former lead's, and with it the reminder of its end.
        rows = Deadline.objects.filter(case=case, state="open").exclude(rule="EU-SHARE-END")
        return set(rows.values_list("bound_organisation__name", flat=True))


def test_the_clocks_of_the_lead_bind_the_new_lead(cast: Cast) -> None:
    case = police_case(cast)
    with acting(cast.police_officer.actor) as actor:
        clocks.start(case, "case_registered", actor=actor)
    transferred(cast, case)
    assert bound(case) == {"NGO"}


def test_the_new_lead_hears_of_what_is_overdue_and_the_former_has_nothing_left_to_do(cast: Cast) -> None:
    case = police_case(cast)
    with acting(cast.police_officer.actor) as actor:
        started = clocks.start(case, "case_registered", actor=actor)
    with clock.travel(max(one.due_at for one in started) + timedelta(days=2)):
        tick()
        unread = Notice.objects.filter(read_at=None, kind__in=[one.rule for one in started])
        assert unread.filter(membership__organisation=cast.organisations.police).exists()
        transferred(cast, case)
        assert not unread.filter(membership__organisation=cast.organisations.police).exists()
        tick()
        assert unread.filter(membership=cast.ngo_caseworker.membership).exists()


def test_rows_stay_with_who_wrote_them_and_the_lead_stays_when_the_share_ends(cast: Cast) -> None:
    case = police_case(cast)
    referral = transferred(cast, case)
    actor = cast.police_officer.actor
    with acting(actor):
        found = cases.get_case(actor, case.reference)
        assert not found.is_lead
        assert cases.read_rows(found, "narrative")
    do(cast, "police_officer", revoke_referral, referral)
    assert knows(cast, "ngo_caseworker", case)
    assert leads(case) == "NGO"


def test_what_others_gave_the_former_lead_ends_and_who_did_not_register_knows_the_case_no_more(cast: Cast) -> None:
    case = police_case(cast)
    first = transferred(cast, case)
    shared(cast, case, cast.organisations.ngo, "identity", by="police_officer", purpose="share_police")
    second = handing_over(cast, case, by="ngo_supervisor", to=cast.organisations.other_ngo)
    assert knows(cast, "ngo_caseworker", case)
    accepted(cast, second, by="other_ngo_supervisor", member="other_ngo_caseworker")
    assert state(cast, "police_officer", first) == "ended"
    assert not knows(cast, "ngo_caseworker", case)
    assert not knows(cast, "ngo_supervisor", case)
    assert knows(cast, "police_officer", case)
    with role("nrm_ledger"):
        reasons = Share.objects.filter(case=case, to_organisation=cast.organisations.ngo)
        assert set(reasons.values_list("end_reason", flat=True)) == {"lead_transferred"}


def test_a_service_that_the_former_lead_gives_goes_on(cast: Cast) -> None:
    case = police_case(cast)
    other = sent(cast, case, to=cast.organisations.ngo, service="counselling", purpose="refer_other_service")
    accepted(cast, other, by="ngo_intake", member="ngo_caseworker")
    transferred(cast, case)
    second = handing_over(cast, case, by="ngo_supervisor", to=cast.organisations.other_ngo)
    accepted(cast, second, by="other_ngo_supervisor", member="other_ngo_caseworker")
    assert state(cast, "ngo_caseworker", other) == "accepted"
    assert knows(cast, "ngo_caseworker", case)


def test_child_protection_sees_what_the_new_lead_writes(cast: Cast) -> None:
    case = police_case(cast, is_child=True)
    with acting(cast.police_officer.actor) as actor:
        open_child_branch(actor, case=case)
    transferred(cast, case, legal_basis="child_best_interests", consent=None)
    with acting(cast.ngo_caseworker.actor):
        from_the_new_lead = row(cast.ngo_caseworker, case, cases.ROWS["contact"][0], {})
    actor = cast.child_protection_supervisor.actor
    with acting(actor):
        found = cases.get_case(actor, case.reference)
        assert from_the_new_lead.pk in {one.pk for one in cases.read_rows(found, "contact")}


# -- who is told -----------------------------------------------------------------------------------------------------


def test_the_organisations_concerned_and_data_protection_are_told_without_content(cast: Cast) -> None:
    case = police_case(cast)
    accepted(cast, sent(cast, case))
    transferred(cast, case)
    for persona in ("police_supervisor", "police_officer", "ngo_supervisor", "ngo_caseworker", "shelter_worker"):
        assert len(told(cast, persona)) == 1, persona
    for outsider in ("other_ngo_supervisor", "colleague_unassigned", "coordinator", "guardian"):
        assert told(cast, outsider) == [], outsider
    officer = cast.data_protection_officer.actor
    with acting(officer):
        entry = next(one for one in inbox(officer).entries if one.notice.kind == "transfer_lead")
    assert entry.reference == ""
    assert not entry.is_mine


def test_everybody_who_knows_the_case_reads_in_its_timeline_that_the_lead_moved_but_not_why(cast: Cast) -> None:
    case = police_case(cast)
    transferred(cast, case)
    with acting(cast.police_officer.actor):
        change = AuditChange.objects.get(case_id=case.pk, kind="transfer_lead")
    assert change.category == "status"
    assert change.detail == {"before": str(cast.organisations.police.pk), "after": str(cast.organisations.ngo.pk)}


# -- pages -----------------------------------------------------------------------------------------------------------


def test_the_page_asks_for_the_reason_and_offers_two_bases_only(cast: Cast) -> None:
    case = police_case(cast)
    url = f"/cases/{case.shown_reference}/referrals/new/{cast.organisations.ngo.pk}/?urgency=normal&region=&service="
    html = cast.client("police_supervisor").get(url + "case_management").content.decode()
    assert "Why do you transfer the lead?" in html
    assert 'value="law_enforcement"' not in html
    usual = cast.client("police_supervisor").get(url + "counselling").content.decode()
    assert "Why do you transfer the lead?" not in usual
    assert 'value="law_enforcement"' in usual


def test_a_caseworker_is_not_offered_the_service(cast: Cast) -> None:
    case = police_case(cast)
    url = f"/cases/{case.shown_reference}/referrals/new/"
    assert 'value="case_management"' not in cast.client("police_officer").get(url).content.decode()
    assert 'value="case_management"' in cast.client("police_supervisor").get(url).content.decode()


def test_the_receiver_reads_what_it_takes_over_before_and_why_after_it_accepts(cast: Cast) -> None:
    case = police_case(cast)
    referral = handing_over(cast, case)
    client, url = cast.client("ngo_intake"), f"/referrals/{referral.pk}/"
    assert "takes over the lead" in client.get(f"{url}accept/").content.decode()
    assert "has the expertise" not in client.get(url).content.decode()
    accepted(cast, referral, by="ngo_intake", member="ngo_caseworker")
    assert "has the expertise" in client.get(url).content.decode()
    revoking = cast.client("police_supervisor").get(f"{url}revoke/").content.decode()
    assert "The lead stays where it is" in revoking
