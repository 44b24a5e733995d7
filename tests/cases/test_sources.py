"""A derived right hangs on its source and never exceeds it (``sharing.md`` rules 18 and 19), by operations."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Notice
from cases import access as door
from cases import ledger, tree
from cases.enums import Category
from cases.models import Case, Contact, Deadline, Share
from cases.operations.branches import end_gift, take_over_branch
from cases.operations.consent import withdraw_consent
from cases.operations.rows import add_row
from cases.operations.sharing import end_share, renew_share, share
from core import clock
from core.db import role
from core.errors import Missing, NotAllowed, Refused
from referrals.operations import complete_referral, send_referral
from tests.cases.files import assign
from tests.cases.filing import at_work, consented, filed_case, shared, today
from tests.cases.lawful import lawful
from tests.cast import Cast
from tests.referrals import scenes

PURPOSE = "refer_other_service"


@pytest.fixture
def case(cast: Cast) -> Case:
    return filed_case(cast)


def passed_on(cast: Cast, case: Case, giver: str, to: str, *categories: str, **changed: Any) -> Share:
    """``giver`` shares own rows with the organisation ``to``, to contribute."""
    until = changed.pop("ends_on", today() + timedelta(days=20))
    values: dict[str, Any] = {"purpose": PURPOSE, "level": "contribute", "ends_on": until, **changed}
    receiver, chosen = getattr(cast.organisations, to), categories or ("contact",)
    if "legal_basis" not in values:
        values |= lawful(cast, case, giver, to=receiver, purpose=values["purpose"], categories=chosen)
    with at_work(cast, giver, case) as (actor, access):
        return share(actor, access=access, to=receiver, categories=chosen, **values)


def knows(cast: Cast, who: str, case: Case) -> bool:
    return cast.client(who).get(f"/cases/{case.shown_reference}/").status_code == 200


@contextmanager
def later(days: int) -> Iterator[None]:
    with clock.travel(clock.moment() + timedelta(days=days)):
        yield


# -- only who contributes brings somebody in -------------------------------------------------------------------------


def test_a_reader_passes_nothing_on(cast: Cast, case: Case) -> None:
    shared(cast, case, cast.organisations.shelter, "identity", level="read", ends_on=today())
    with pytest.raises(NotAllowed):
        passed_on(cast, case, "shelter_supervisor", "other_ngo", "services", legal_basis="health_care")


def test_a_reader_passes_nothing_on_by_the_api_or_a_referral(cast: Cast, case: Case) -> None:
    shared(cast, case, cast.organisations.shelter, "identity", level="read")
    client = cast.client("shelter_supervisor")
    body = {
        "purpose": PURPOSE,
        "legal_basis": "health_care",
        "to": str(cast.organisations.other_ngo.pk),
        "categories": ["services"],
        "ends_on": today().isoformat(),
        "level": "contribute",
    }
    address = f"/api/v1/cases/{case.shown_reference}/shares/"
    assert client.post(address, body, content_type="application/json").status_code == 403
    with at_work(cast, "shelter_supervisor", case) as (actor, access), pytest.raises(NotAllowed):
        send_referral(actor, access=access, terms=scenes.terms(cast, to=cast.organisations.other_shelter))
    assert not knows(cast, "other_ngo_supervisor", case)


def test_a_reader_shares_its_own_rows_with_the_lead(cast: Cast, case: Case) -> None:
    shared(cast, case, cast.organisations.police, "identity", level="read")
    assert passed_on(cast, case, "police_supervisor", "ngo", "identity", level="read").pk
    with pytest.raises(NotAllowed):
        passed_on(cast, case, "police_supervisor", "other_ngo", "identity", level="read")


def test_the_former_lead_that_registered_brings_in_nobody(cast: Cast) -> None:
    case = moved_lead(cast)
    with pytest.raises(NotAllowed):
        passed_on(cast, case, "ngo_supervisor", "health", "identity", legal_basis="health_care")
    with at_work(cast, "ngo_supervisor", case) as (actor, access), pytest.raises(NotAllowed):
        add_row(actor, access=access, model=Contact, columns={}, content={})


def moved_lead(cast: Cast) -> Case:
    """The NGO registered the case; the other NGO leads it now."""
    case = filed_case(cast)
    consent = consented(cast, case, purpose="case_management", categories=["identity", "contact"])
    sent = scenes.sent(
        cast,
        case,
        "ngo_supervisor",
        to=cast.organisations.other_ngo,
        service="case_management",
        purpose="case_management",
        legal_basis="consent",
        consent=consent,
        transfer_reason="no_capacity",
    )
    scenes.accepted(cast, sent, "other_ngo_supervisor", "other_ngo_caseworker")
    return case


# -- ends take everything below --------------------------------------------------------------------------------------


def test_withdrawn_consent_takes_everything_below_at_the_next_request(cast: Cast, case: Case) -> None:
    """The attack: B and C share with each other; the person withdraws; both read and write on for ever."""
    consent = consented(cast, case)
    values = {"legal_basis": "consent", "consent": consent, "purpose": "refer_shelter"}
    shared(cast, case, cast.organisations.shelter, "identity", "contact", **values)
    passed_on(cast, case, "shelter_supervisor", "other_ngo")
    passed_on(cast, case, "other_ngo_supervisor", "shelter")
    assert knows(cast, "shelter_supervisor", case)
    assert knows(cast, "other_ngo_supervisor", case)
    with at_work(cast, "ngo_caseworker", case) as (actor, access):
        withdraw_consent(actor, access=access, consent=consent, withdrawn_via="written")
    assert not knows(cast, "shelter_supervisor", case)
    assert not knows(cast, "other_ngo_supervisor", case)
    with role(ledger.LEDGER):
        ended = Share.objects.filter(case=case).order_by("starts_at").values_list("end_reason", flat=True)
        assert list(ended) == ["consent_withdrawn", "source_ended", "source_ended"]


def test_revoking_a_share_takes_everything_below(cast: Cast, case: Case) -> None:
    first = shared(cast, case, cast.organisations.shelter, "identity")
    passed_on(cast, case, "shelter_supervisor", "other_ngo")
    passed_on(cast, case, "other_ngo_supervisor", "police")
    assert knows(cast, "police_supervisor", case)
    with at_work(cast, "ngo_caseworker", case) as (actor, access):
        end_share(actor, access=access, share=first)
    assert not knows(cast, "other_ngo_supervisor", case)
    assert not knows(cast, "police_supervisor", case)


def test_what_the_giver_is_shown_of_the_receivers_rows_goes_on(cast: Cast, case: Case) -> None:
    first = shared(cast, case, cast.organisations.shelter, "identity")
    passed_on(cast, case, "shelter_supervisor", "ngo", "services")
    with at_work(cast, "ngo_caseworker", case) as (actor, access):
        end_share(actor, access=access, share=first)
        assert door.get_case_by_id(actor, case.pk).grants == {cast.organisations.shelter.pk: {Category.SERVICES}}


def test_who_knows_the_case_by_another_share_too_goes_on_knowing_it(cast: Cast, case: Case) -> None:
    first = shared(cast, case, cast.organisations.shelter, "identity")
    passed_on(cast, case, "shelter_supervisor", "other_ngo")
    shared(cast, case, cast.organisations.other_ngo, "identity", level="read")
    with at_work(cast, "ngo_caseworker", case) as (actor, access):
        end_share(actor, access=access, share=first)
    with at_work(cast, "other_ngo_supervisor", case) as (_actor, access):
        assert not access.may_contribute


# -- never longer than the source ------------------------------------------------------------------------------------


def test_what_is_given_onward_ends_with_what_the_giver_has(cast: Cast, case: Case) -> None:
    shared(cast, case, cast.organisations.shelter, "identity", ends_on=today() + timedelta(days=5))
    with pytest.raises(Refused) as refusal:
        passed_on(cast, case, "shelter_supervisor", "other_ngo", ends_on=today() + timedelta(days=6))
    assert refusal.value.field == "ends_on"
    passed_on(cast, case, "shelter_supervisor", "other_ngo", ends_on=today() + timedelta(days=5))
    with later(6):
        assert not knows(cast, "other_ngo_supervisor", case)


def test_renewing_the_source_does_not_lengthen_what_hangs_on_it_and_mutual_renewal_has_an_end(
    cast: Cast, case: Case
) -> None:
    soon, late = today() + timedelta(days=5), today() + timedelta(days=60)
    first = shared(cast, case, cast.organisations.shelter, "identity", ends_on=soon)
    onward = passed_on(cast, case, "shelter_supervisor", "other_ngo", ends_on=soon)
    back = passed_on(cast, case, "other_ngo_supervisor", "shelter", ends_on=soon)
    for who, one in (("shelter_supervisor", onward), ("other_ngo_supervisor", back)):
        with at_work(cast, who, case) as (actor, access), pytest.raises(Refused):
            renew_share(actor, access=access, share=one, ends_on=late, reason="service_continues")
    with at_work(cast, "ngo_caseworker", case) as (actor, access):
        renew_share(actor, access=access, share=first, ends_on=late, reason="service_continues")
    with later(6):
        assert knows(cast, "shelter_supervisor", case)
        assert not knows(cast, "other_ngo_supervisor", case)


def test_a_referral_ends_no_later_than_what_its_sender_has(cast: Cast, case: Case) -> None:
    shared(cast, case, cast.organisations.police, "identity", ends_on=today() + timedelta(days=5))
    with at_work(cast, "police_supervisor", case) as (actor, access), pytest.raises(Refused) as refusal:
        send_referral(actor, access=access, terms=scenes.terms(cast))
    assert refusal.value.field == "ends_on"


def test_a_referral_whose_source_has_ended_cannot_be_accepted(cast: Cast, case: Case) -> None:
    first = shared(cast, case, cast.organisations.police, "identity", ends_on=today() + timedelta(days=40))
    sent = scenes.sent(cast, case, "police_supervisor")
    with at_work(cast, "ngo_caseworker", case) as (actor, access):
        end_share(actor, access=access, share=first)
    with pytest.raises(Exception, match="rests on has ended"):
        scenes.accepted(cast, sent)


# -- the lead sees the tree and ends any line of it ------------------------------------------------------------------


def lines(cast: Cast, case: Case, who: str = "ngo_caseworker") -> list[tree.Line]:
    with at_work(cast, who, case) as (_actor, access):
        return tree.who_knows(access)


def test_the_lead_sees_everybody_who_knows_the_case_through_it(cast: Cast, case: Case) -> None:
    shared(cast, case, cast.organisations.shelter, "identity")
    passed_on(cast, case, "shelter_supervisor", "other_ngo")
    found = [(line.depth, line.receiver.name, line.giver.name) for line in lines(cast, case)]
    shelter, other = cast.organisations.shelter.name, cast.organisations.other_ngo.name
    assert found == [(0, shelter, cast.organisations.ngo.name), (1, other, shelter)]


def test_the_lead_ends_any_line_and_both_sides_are_told(cast: Cast, case: Case) -> None:
    shared(cast, case, cast.organisations.shelter, "identity")
    onward = passed_on(cast, case, "shelter_supervisor", "other_ngo")
    with at_work(cast, "ngo_caseworker", case) as (actor, access):
        end_gift(actor, access=access, line=onward.pk)
    assert knows(cast, "shelter_supervisor", case)
    assert not knows(cast, "other_ngo_supervisor", case)
    ended = Notice.objects.filter(kind__in=("share_ended", "own_share_ended"))
    told = set(ended.values_list("membership__organisation", "kind"))
    assert told == {
        (cast.organisations.shelter.pk, "own_share_ended"),
        (cast.organisations.other_ngo.pk, "share_ended"),
    }
    with at_work(cast, "ngo_caseworker", case) as (_actor, access):
        assert "end_gift" not in {change.kind for change in door.timeline(access)}
    page = cast.client("shelter_supervisor").get(f"/cases/{case.shown_reference}/timeline/").content.decode()
    assert "Sharing by another organisation ended by the lead" in page


@pytest.mark.parametrize("who", ["shelter_supervisor", "other_ngo_supervisor"])
def test_nobody_but_the_lead_sees_or_ends_the_lines(cast: Cast, case: Case, who: str) -> None:
    shared(cast, case, cast.organisations.shelter, "identity")
    onward = passed_on(cast, case, "shelter_supervisor", "other_ngo")
    with at_work(cast, who, case) as (actor, access):
        with pytest.raises(NotAllowed):
            tree.who_knows(access)
        with pytest.raises(NotAllowed):
            end_gift(actor, access=access, line=onward.pk)


def test_an_office_is_no_line_and_cannot_be_ended_as_one(cast: Cast) -> None:
    case = filed_case(cast, age_group="child")
    with role(ledger.LEDGER):
        office = Share.objects.get(case=case, office="child_protection")
    assert lines(cast, case) == []
    with at_work(cast, "ngo_caseworker", case) as (actor, access), pytest.raises(Missing):
        end_gift(actor, access=access, line=office.pk)


def test_a_name_that_tells_what_it_may_not_is_replaced(cast: Cast) -> None:
    """Police may never be granted health: that somebody cares for the person is shown, who it is, is not."""
    case = scenes.police_case(cast)
    shared(cast, case, cast.organisations.ngo, "identity", by="police_supervisor")
    passed_on(cast, case, "ngo_supervisor", "health", "contact", purpose="refer_health")
    found = lines(cast, case, "police_supervisor")
    assert [line.receiver.name for line in found] == [cast.organisations.ngo.name, "An organisation"]
    page = cast.client("police_supervisor").get(f"/cases/{case.shown_reference}/who-knows/").content.decode()
    api = cast.client("police_supervisor").get(f"/api/v1/cases/{case.shown_reference}/who-knows/").content.decode()
    for text in (page, api):
        assert str(cast.organisations.health.pk) not in text
    assert [line["receiving"] for line in json.loads(api)][1] == "An organisation"


def test_the_lead_and_the_source_are_told_of_a_new_line(cast: Cast, case: Case) -> None:
    shared(cast, case, cast.organisations.shelter, "identity")
    passed_on(cast, case, "shelter_supervisor", "other_ngo")
    passed_on(cast, case, "other_ngo_supervisor", "health")
    told = Notice.objects.filter(kind="share_passed_on").order_by("created_at")
    by_share: dict[str, set[Any]] = {}
    for notice in told.select_related("membership"):
        by_share.setdefault(notice.key, set()).add(notice.membership.organisation_id)
    ngo, shelter = cast.organisations.ngo.pk, cast.organisations.shelter.pk
    assert list(by_share.values()) == [{ngo}, {ngo, shelter}]


def test_who_gave_sees_the_next_step_and_a_number(cast: Cast, case: Case) -> None:
    first = shared(cast, case, cast.organisations.shelter, "identity")
    passed_on(cast, case, "shelter_supervisor", "other_ngo")
    passed_on(cast, case, "other_ngo_supervisor", "health")
    with at_work(cast, "ngo_caseworker", case) as (_actor, access):
        steps, below = tree.next_steps(access, first)
    assert [line.receiver.name for line in steps] == [cast.organisations.other_ngo.name]
    assert below == 1
    page = cast.client("ngo_caseworker").get(f"/cases/{case.shown_reference}/shares/{first.pk}/").content.decode()
    assert cast.organisations.other_ngo.name in page
    assert cast.organisations.health.name not in page


def test_legal_aid_is_not_ended_by_an_authority(cast: Cast) -> None:
    case = scenes.police_case(cast)
    gift = shared(cast, case, cast.organisations.legal_aid, "identity", by="police_supervisor", purpose="refer_legal")
    with at_work(cast, "police_supervisor", case) as (actor, access):
        for act in (
            lambda: end_share(actor, access=access, share=gift),
            lambda: end_gift(actor, access=access, line=gift.pk),
        ):
            with pytest.raises(NotAllowed):
                act()


def test_legal_aid_is_ended_by_a_lead_that_is_no_authority(cast: Cast, case: Case) -> None:
    gift = shared(cast, case, cast.organisations.legal_aid, "identity", purpose="refer_legal")
    with at_work(cast, "ngo_supervisor", case) as (actor, access):
        end_share(actor, access=access, share=gift)
    with role(ledger.LEDGER):
        assert not Share.objects.live().filter(pk=gift.pk).exists()


# -- foreseen ends ---------------------------------------------------------------------------------------------------


def test_after_a_completion_the_branch_reads_on_until_the_lead_has_answered(cast: Cast) -> None:
    case, _sent, onward = worked_referral(cast)
    assert knows(cast, "health_worker", case)
    with at_work(cast, "health_worker", case) as (_actor, access):
        assert not access.may_contribute
    with role(ledger.LEDGER):
        clock_row = Deadline.objects.get(case=case, rule="EU-BRANCH", subject_id=onward.pk)
        onward.refresh_from_db()
    assert clock_row.bound_organisation_id == cast.organisations.ngo.pk
    assert onward.kept_until == clock_row.due_at
    with clock.travel(clock_row.due_at):
        assert not knows(cast, "health_worker", case)


def worked_referral(cast: Cast) -> tuple[Case, Any, Share]:
    """The NGO refers to the shelter, which lets the health service know the case, and then is done."""
    case = filed_case(cast)
    sent = scenes.accepted(cast, scenes.sent(cast, case, "ngo_caseworker"))
    onward = passed_on(cast, case, "shelter_worker", "health", "contact")
    ledger.assign(case, cast.health_worker.membership)
    scenes.do(cast, "shelter_worker", complete_referral, sent, outcome="success")
    return case, sent, onward


def test_taking_over_a_branch_ends_nothing(cast: Cast) -> None:
    case, _sent, onward = worked_referral(cast)
    terms: dict[str, Any] = {"categories": ["identity"], "purpose": PURPOSE}
    terms |= lawful(cast, case, "ngo_caseworker", to=cast.organisations.health, **terms)
    with at_work(cast, "ngo_caseworker", case) as (actor, access):
        take_over_branch(actor, access=access, line=onward.pk, ends_on=today() + timedelta(days=15), **terms)
    assert not Deadline.objects.filter(case=case, rule="EU-BRANCH", state="open").exists()
    with later(8):
        assert knows(cast, "health_worker", case)


def test_what_hung_on_a_line_that_is_taken_over_hangs_on_the_lead(cast: Cast) -> None:
    case = filed_case(cast)
    sent = scenes.accepted(cast, scenes.sent(cast, case, "ngo_caseworker"))
    line = passed_on(cast, case, "shelter_worker", "police", "contact")
    passed_on(cast, case, "police_supervisor", "other_ngo", "identity")
    terms: dict[str, Any] = {"categories": ["identity"], "purpose": PURPOSE}
    terms |= lawful(cast, case, "ngo_caseworker", to=cast.organisations.police, **terms)
    until = today() + timedelta(days=20)
    with at_work(cast, "ngo_caseworker", case) as (actor, access):
        take_over_branch(actor, access=access, line=line.pk, ends_on=until, level="contribute", **terms)
    scenes.do(cast, "shelter_worker", complete_referral, sent, outcome="success")
    with later(8):
        assert knows(cast, "police_supervisor", case)
        assert knows(cast, "other_ngo_supervisor", case)


def test_a_clock_of_somebody_who_no_longer_knows_the_case_goes_to_the_lead(cast: Cast, case: Case) -> None:
    first = shared(cast, case, cast.organisations.shelter, "identity")
    assign(cast, case, "shelter_worker")
    with role(ledger.LEDGER):
        bound = Deadline.objects.filter(case=case, rule="EU-NEEDS")
        bound.update(bound_organisation=cast.organisations.shelter)
    with at_work(cast, "ngo_caseworker", case) as (actor, access):
        end_share(actor, access=access, share=first)
    with role(ledger.LEDGER):
        assert bound.get().bound_organisation_id == cast.organisations.ngo.pk
