"""The flows that must go on, and what must not, told on the pure model of the rules; each act is judged as well."""

import pytest

from tests.adversary.story import WEEK, Story
from tests.adversary.words import (
    ANY,
    AUTHORITY,
    CHILD,
    CHILD_PROTECTION,
    CLINIC,
    CONTACT,
    CRIMINAL,
    DAY,
    DEFAULTS,
    ELSEWHERE,
    FOR_EVER,
    GUARDIANS,
    HEALTH,
    IDENTITY,
    LAWYERS,
    NARRATIVE,
    NGO,
    OTHER_NGO,
    OTHER_SHELTER,
    POLICE,
    PROVISIONAL,
    READ,
    REVIEW_TERM,
    SERVICES,
    SHELTER,
    Basis,
    Office,
    Purpose,
    Role,
    Type,
    end_of_day,
    end_of_working_day,
)

ASSISTANCE = Purpose.SERVICES


@pytest.fixture
def story():
    return Story()


@pytest.fixture
def ours(story):
    """The NGO has registered an adult and leads."""
    story.register()
    return story


# -- rules 1 and 2: own rows, shares ---------------------------------------------------------------------------------


def test_a_share_opens_the_givers_own_rows_and_no_others(ours):
    ours.share("ngo_supervisor", OTHER_NGO, ASSISTANCE, IDENTITY | SERVICES)
    assert ours.reads(OTHER_NGO, NGO) == IDENTITY | SERVICES
    ours.share("other_ngo_supervisor", CLINIC, Purpose.HEALTH, HEALTH)
    assert ours.reads(CLINIC, OTHER_NGO) == HEALTH
    assert not ours.reads(CLINIC, NGO)


def test_a_case_opens_to_whom_it_is_assigned_and_to_supervisors(ours):
    assert ours.opens("ngo_supervisor")
    assert not ours.opens("ngo_caseworker")
    ours.act("ngo_supervisor", "assign_member", member="ngo_caseworker")
    assert ours.opens("ngo_caseworker")
    assert not ours.opens("ngo_administrator")


def test_nothing_is_granted_above_the_ceiling(ours):
    ours.consent("ngo_supervisor", ASSISTANCE)
    assert "ceiling" in ours.refused("ngo_supervisor", "share", **ours.terms(SHELTER, ASSISTANCE, NARRATIVE))


def test_a_share_lasts_90_days_at_most_and_never_beyond_its_consent(ours):
    ours.consent("ngo_supervisor", ASSISTANCE, days=10)
    ours.refused("ngo_supervisor", "share", **ours.terms(OTHER_NGO, ASSISTANCE, IDENTITY, days=91))
    ours.act("ngo_supervisor", "share", **ours.terms(OTHER_NGO, ASSISTANCE, IDENTITY, days=90))
    assert ours.seen.reads_until[OTHER_NGO] == ours.now + 10 * DAY


# -- rule 18: what hangs on a source ---------------------------------------------------------------------------------


def test_police_refer_an_ngos_case_onward_to_the_authority(ours):
    ours.refer("ngo_supervisor", POLICE, Purpose.INVESTIGATION, IDENTITY | CRIMINAL, "police_supervisor")
    duty = {"basis": Basis.LEGAL_OBLIGATION, "provision": 1}
    ours.refer("police_supervisor", AUTHORITY, Purpose.IDENTIFICATION, IDENTITY, "authority_supervisor", **duty)
    assert ours.reads(AUTHORITY, POLICE) == IDENTITY
    # By office it goes on reading what the referral gave, and no more; the office hangs on the request.
    assert ours.reads(AUTHORITY, NGO) == 0


def test_the_receiver_refers_to_a_third_who_loses_it_when_the_first_gift_is_revoked(ours):
    first = ours.refer("ngo_supervisor", SHELTER, ASSISTANCE, SERVICES | HEALTH, "shelter_intake")
    ours.refer("shelter_supervisor", CLINIC, Purpose.HEALTH, HEALTH, "health_intake", basis=Basis.HEALTH_CARE)
    assert ours.reads(CLINIC, SHELTER) == HEALTH
    assert list(ours.seen.tree.values()) == [True, True]
    ours.act("ngo_supervisor", "revoke_referral", referral=first)
    assert not ours.knows(SHELTER)
    assert not ours.knows(CLINIC)


def test_who_reads_only_asks_the_giver(ours):
    given = ours.share("ngo_supervisor", OTHER_NGO, ASSISTANCE, IDENTITY, level=READ)
    assert not ours.contributes(OTHER_NGO)
    care = ours.terms(CLINIC, Purpose.HEALTH, HEALTH, basis=Basis.HEALTH_CARE)
    assert "ask the giver" in ours.refused("other_ngo_supervisor", "share", **care)
    asked = ours.act("other_ngo_supervisor", "ask_the_giver", share=given, receiver=CLINIC)
    care.pop("receiver")
    ours.act("ngo_supervisor", "answer_request", request=asked, **care)
    assert ours.reads(CLINIC, NGO) == HEALTH


def test_on_a_path_the_lowest_level_and_the_earliest_end_count(ours):
    ours.share("ngo_supervisor", OTHER_NGO, ASSISTANCE, IDENTITY, days=5)
    ours.share("other_ngo_supervisor", SHELTER, ASSISTANCE, SERVICES, level=READ, days=30)
    assert ours.seen.reads_until[SHELTER] == ours.seen.reads_until[OTHER_NGO]
    assert not ours.contributes(SHELTER)


def test_of_several_paths_the_best_counts(ours):
    ours.share("ngo_supervisor", OTHER_NGO, ASSISTANCE, IDENTITY, days=20)
    ours.share("other_ngo_supervisor", SHELTER, ASSISTANCE, SERVICES, days=10)
    ours.share("ngo_supervisor", SHELTER, ASSISTANCE, IDENTITY, level=READ, days=30)
    assert ours.seen.contributes_until[SHELTER] == ours.now + 10 * DAY
    assert ours.seen.reads_until[SHELTER] == ours.now + 30 * DAY


def test_renewing_the_source_does_not_lengthen_what_hangs_on_it(ours):
    first = ours.share("ngo_supervisor", OTHER_NGO, ASSISTANCE, IDENTITY, days=5)
    ours.share("other_ngo_supervisor", SHELTER, ASSISTANCE, SERVICES, days=30)
    clipped = ours.seen.reads_until[SHELTER]
    ours.act("ngo_supervisor", "renew_share", share=first, until=ours.now + 40 * DAY)
    assert ours.seen.reads_until[OTHER_NGO] > clipped
    assert ours.seen.reads_until[SHELTER] == clipped


def test_a_circle_that_no_root_reaches_is_nothing(ours):
    consent = ours.consent("ngo_supervisor", ASSISTANCE, OTHER_NGO)
    ours.act("ngo_supervisor", "share", **ours.terms(OTHER_NGO, ASSISTANCE, IDENTITY))
    there = ours.share("other_ngo_supervisor", SHELTER, ASSISTANCE, SERVICES)
    back = ours.act("shelter_supervisor", "share", **ours.terms(OTHER_NGO, ASSISTANCE, SERVICES))
    ours.act("other_ngo_supervisor", "renew_share", share=there, until=ours.now + 40 * DAY)
    ours.act("shelter_supervisor", "renew_share", share=back, until=ours.now + 40 * DAY)
    ours.act("ngo_supervisor", "withdraw_consent", consent=consent)
    assert not ours.knows(OTHER_NGO)
    assert not ours.knows(SHELTER)


def test_a_share_to_who_knows_the_case_anyway_goes_on(ours):
    first = ours.share("ngo_supervisor", OTHER_NGO, ASSISTANCE, IDENTITY)
    ours.share("other_ngo_supervisor", NGO, ASSISTANCE, SERVICES)
    ours.act("ngo_supervisor", "end_share", share=first)
    assert not ours.knows(OTHER_NGO)
    assert ours.reads(NGO, OTHER_NGO) == SERVICES


def test_who_no_longer_knows_the_case_can_still_end_its_gift(ours):
    first = ours.share("ngo_supervisor", OTHER_NGO, ASSISTANCE, IDENTITY)
    back = ours.share("other_ngo_supervisor", NGO, ASSISTANCE, SERVICES)
    ours.act("ngo_supervisor", "end_share", share=first)
    ours.act("other_ngo_supervisor", "end_share", share=back)
    assert not ours.reads(NGO, OTHER_NGO)


def test_after_a_completion_the_branch_stays_at_read_for_three_working_days(ours):
    first = ours.refer("ngo_supervisor", OTHER_NGO, ASSISTANCE, IDENTITY, "other_ngo_supervisor")
    ours.share("other_ngo_supervisor", SHELTER, ASSISTANCE, SERVICES)
    ours.act("other_ngo_supervisor", "complete_referral", referral=first)
    assert not ours.knows(OTHER_NGO)
    assert ours.knows(SHELTER)
    assert not ours.contributes(SHELTER)
    assert ours.seen.reads_until[SHELTER] == end_of_working_day(ours.now, 3)
    ours.wait(end_of_working_day(ours.now, 3) - ours.now)
    assert not ours.knows(SHELTER)


def test_the_lead_takes_a_branch_over_and_nothing_ends(ours):
    first = ours.refer("ngo_supervisor", OTHER_NGO, ASSISTANCE, IDENTITY, "other_ngo_supervisor")
    branch = ours.share("other_ngo_supervisor", SHELTER, ASSISTANCE, SERVICES)
    ours.share("shelter_supervisor", CLINIC, Purpose.HEALTH, HEALTH, basis=Basis.HEALTH_CARE)
    ours.act("other_ngo_supervisor", "complete_referral", referral=first)
    ours.consent("ngo_supervisor", ASSISTANCE, SHELTER)
    terms = ours.terms(SHELTER, ASSISTANCE, IDENTITY)
    del terms["receiver"], terms["purpose"]
    ours.act("ngo_supervisor", "take_over_branch", share=branch, **terms)
    ours.wait(7 * DAY)
    assert ours.contributes(SHELTER)
    assert ours.reads(CLINIC, SHELTER) == HEALTH


def test_when_the_lead_moves_what_hung_on_it_hangs_on_the_new_lead(ours):
    ours.share("ngo_supervisor", SHELTER, ASSISTANCE, IDENTITY)
    until = ours.seen.reads_until[SHELTER]
    offer = ours.act("ngo_supervisor", "transfer_lead", receiver=OTHER_NGO, until=ours.now + WEEK)
    ours.act("other_ngo_supervisor", "accept_lead", offer=offer, member="other_ngo_caseworker")
    assert ours.reads(SHELTER, NGO) == IDENTITY
    assert ours.seen.reads_until[SHELTER] == until
    line = next(iter(ours.seen.tree))
    ours.act("other_ngo_supervisor", "end_share", share=line)
    assert not ours.knows(SHELTER)


def test_a_registrar_that_no_longer_leads_reads_its_own_rows_and_brings_in_nobody(ours):
    offer = ours.act("ngo_supervisor", "transfer_lead", receiver=OTHER_NGO, until=ours.now + WEEK)
    ours.act("other_ngo_supervisor", "accept_lead", offer=offer, member="other_ngo_caseworker")
    assert ours.knows(NGO)
    assert not ours.contributes(NGO)
    ours.refused("ngo_supervisor", "share", **ours.terms(SHELTER, ASSISTANCE, IDENTITY))


# -- rule 19: who sees and ends which line ---------------------------------------------------------------------------


def test_the_lead_sees_and_ends_every_line_below_it(ours):
    ours.share("ngo_supervisor", OTHER_NGO, ASSISTANCE, IDENTITY)
    below = ours.share("other_ngo_supervisor", SHELTER, ASSISTANCE, SERVICES)
    assert set(ours.seen.tree) == {below, below - 2}
    assert ours.seen.gifts == {below - 2: 1}
    ours.act("ngo_supervisor", "end_share", share=below)
    assert not ours.knows(SHELTER)


def test_a_purpose_that_the_viewer_may_never_read_hides_the_name(story):
    story.register("police_supervisor")
    story.share("police_supervisor", OTHER_NGO, ASSISTANCE, IDENTITY)
    below = story.share("other_ngo_supervisor", CLINIC, Purpose.HEALTH, HEALTH)
    assert story.seen.tree[below] is False


def test_legal_aid_ends_by_the_persons_word_or_by_a_lead_without_power(story):
    story.register("police_supervisor")
    consent = story.consent("police_supervisor", Purpose.LEGAL_AID, LAWYERS)
    given = story.act("police_supervisor", "share", **story.terms(LAWYERS, Purpose.LEGAL_AID, IDENTITY))
    assert "person's word" in story.refused("police_supervisor", "end_share", share=given)
    story.act("police_supervisor", "withdraw_consent", consent=consent)
    assert not story.knows(LAWYERS)


# -- rule 20: offices ------------------------------------------------------------------------------------------------


def test_a_night_placement_is_provisional_and_ends_unless_it_is_confirmed(story):
    story.register("police_supervisor")
    story.wait(18)
    placement = story.act("police_supervisor", "record_placement", shelter=SHELTER, referral=0)
    assert story.reads(SHELTER, POLICE) == PROVISIONAL
    assert not story.contributes(SHELTER)
    assert story.locates("shelter_supervisor", SHELTER)
    assert "sender nor lead" in story.refused("police_supervisor", "confirm_arrival", placement=placement)
    story.wait(48)
    assert not story.knows(SHELTER)


def test_the_sender_confirms_the_arrival_and_the_shelter_is_host(ours):
    referral = ours.refer("ngo_supervisor", SHELTER, Purpose.ACCOMMODATION, CONTACT, "shelter_intake")
    placement = ours.act("shelter_supervisor", "record_placement", shelter=SHELTER, referral=referral)
    ours.refused("shelter_supervisor", "confirm_arrival", placement=placement)
    ours.act("ngo_supervisor", "confirm_arrival", placement=placement)
    ours.act("ngo_supervisor", "end_share", share=referral)
    assert ours.seen.reads_until[SHELTER] == FOR_EVER
    assert ours.reads(SHELTER, NGO) == DEFAULTS[Type.SHELTER] | PROVISIONAL


def test_a_shelter_with_a_share_of_another_purpose_is_no_host(ours):
    ours.share("ngo_supervisor", SHELTER, ASSISTANCE, SERVICES, level=READ)
    ours.refused("shelter_supervisor", "record_placement", shelter=SHELTER, referral=ours.number)
    assert not ours.seen.offices


def test_a_former_host_stays_for_72_hours_after_another_is_confirmed(ours):
    for shelter, intake in ((SHELTER, "shelter_intake"), (OTHER_SHELTER, "other_shelter_supervisor")):
        referral = ours.refer("ngo_supervisor", shelter, Purpose.ACCOMMODATION, CONTACT, intake)
        by = "shelter_supervisor" if shelter == SHELTER else intake
        placement = ours.act(by, "record_placement", shelter=shelter, referral=referral)
        assert (int(Office.HOST), SHELTER) in ours.seen.offices
        ours.act("ngo_supervisor", "confirm_arrival", placement=placement)
    ours.wait(71)
    assert (int(Office.HOST), SHELTER) in ours.seen.offices
    ours.wait(1)
    assert ours.seen.offices == [(int(Office.HOST), OTHER_SHELTER)]


def test_a_host_that_is_suspended_meanwhile_finds_no_office_when_it_returns(ours):
    for shelter, intake in ((SHELTER, "shelter_intake"), (OTHER_SHELTER, "other_shelter_supervisor")):
        referral = ours.refer("ngo_supervisor", shelter, Purpose.ACCOMMODATION, CONTACT, intake)
        by = "shelter_supervisor" if shelter == SHELTER else intake
        placement = ours.act(by, "record_placement", shelter=shelter, referral=referral)
        ours.act("ngo_supervisor", "confirm_arrival", placement=placement)
        if shelter == SHELTER:
            ours.act("platform_administrator_a", "suspend_organisation", organisation=SHELTER)
    ours.wait(72)
    ours.act("platform_administrator_a", "reinstate_organisation", organisation=SHELTER)
    assert ours.seen.offices == [(int(Office.HOST), OTHER_SHELTER)]
    assert not ours.knows(SHELTER)


def test_an_authority_that_was_asked_stays_until_its_decision_and_the_review_term(ours):
    ours.act("ngo_supervisor", "request_decision", authority=AUTHORITY)
    ours.act("authority_supervisor", "offer_reflection_period")
    ours.wait(120 * DAY)
    assert ours.contributes(AUTHORITY)
    ours.act("authority_supervisor", "assign_member", member="authority_decision_maker")
    ours.act("authority_decision_maker", "record_decision")
    assert ours.seen.reads_until[AUTHORITY] == end_of_day(ours.now, REVIEW_TERM)
    ours.wait(end_of_day(ours.now, REVIEW_TERM) - ours.now)
    assert not ours.knows(AUTHORITY)


def test_an_authority_that_only_reads_opens_no_office_of_its_own(ours):
    ours.share("ngo_supervisor", AUTHORITY, Purpose.IDENTIFICATION, IDENTITY)
    ours.refused("authority_supervisor", "offer_reflection_period")
    ours.refused("authority_supervisor", "request_decision", authority=AUTHORITY)


def test_child_protection_of_the_region_is_party_whichever_service_acts(story):
    story.register("child_protection_elsewhere_supervisor", child=True)
    assert story.seen.offices == [(int(Office.CHILD_PROTECTION), CHILD_PROTECTION)]
    story.act("child_protection_elsewhere_supervisor", "request_guardian")
    story.act("child_protection_supervisor", "assign_guardian", member="guardian")
    assert story.contributes(GUARDIANS)
    story.act("child_protection_supervisor", "settle_age")
    assert not story.knows(GUARDIANS)
    assert not story.knows(CHILD_PROTECTION)
    assert story.knows(ELSEWHERE)


# -- rules 6 and 11: location, emergency -----------------------------------------------------------------------------


def hosted(story, by):
    """The shelter is host, sent by the other NGO, in a case that ``by`` leads."""
    story.register(by)
    own = {"police_supervisor": POLICE, "ngo_supervisor": NGO}[by]
    story.share(by, OTHER_NGO, ASSISTANCE, IDENTITY)
    sent = story.refer("other_ngo_supervisor", SHELTER, Purpose.ACCOMMODATION, CONTACT, "shelter_intake")
    placement = story.act("shelter_supervisor", "record_placement", shelter=SHELTER, referral=sent)
    story.act("other_ngo_supervisor", "confirm_arrival", placement=placement)
    return own


def test_a_lead_that_is_police_is_not_told_which_shelter_not_even_after_sharing_with_it(story):
    hosted(story, "police_supervisor")
    story.act("police_supervisor", "assign_member", member="police_caseworker")
    assert not story.seen.hosts_named[POLICE]
    assert False in story.seen.tree.values()
    assert not story.locates("police_caseworker", SHELTER)
    story.share("police_supervisor", SHELTER, ASSISTANCE, IDENTITY)
    assert not story.seen.hosts_named[POLICE]
    assert story.seen.hosts_named[OTHER_NGO] == 1 << SHELTER


def test_whoever_is_assigned_in_the_lead_reads_the_location_and_a_supervisor_who_is_not_does_not(story):
    hosted(story, "ngo_supervisor")
    assert not story.locates("ngo_caseworker", SHELTER)
    story.act("ngo_supervisor", "assign_member", member="ngo_caseworker")
    assert story.locates("ngo_caseworker", SHELTER)
    assert not story.locates("ngo_second_supervisor", SHELTER)


def test_two_custodians_release_the_location_to_one_person_for_hours(story):
    hosted(story, "police_supervisor")
    asked = story.act("police_supervisor", "ask_location_release", host=SHELTER)
    story.act("shelter_custodian_a", "approve_location_release", release=asked)
    story.refused("shelter_custodian_a", "approve_location_release", release=asked)
    assert not story.locates("police_supervisor", SHELTER)
    story.act("shelter_custodian_b", "approve_location_release", release=asked)
    assert story.locates("police_supervisor", SHELTER)
    assert not story.locates("police_second_supervisor", SHELTER)
    story.wait(4)
    assert not story.locates("police_supervisor", SHELTER)


def test_an_emergency_opens_for_an_hour_to_who_gave_the_reason_and_one_colleague(ours):
    ours.act("police_supervisor", "break_glass", colleague="police_caseworker")
    names = {member for member, _ in ours.seen.emergencies}
    assert len(names) == 2
    assert not ours.knows(POLICE)
    assert set(ours.seen.emergencies.values()) == {IDENTITY | CONTACT | CHILD}
    ours.refused("police_supervisor", "share", **ours.terms(SHELTER, ASSISTANCE, IDENTITY))
    ours.wait(1)
    assert not ours.seen.emergencies


# -- rule 21: bases, refusals, overrides -----------------------------------------------------------------------------


def test_care_is_no_basis_to_share_with_police(ours):
    care = ours.terms(POLICE, Purpose.INVESTIGATION, CRIMINAL, basis=Basis.HEALTH_CARE)
    assert ours.refused("ngo_supervisor", "share", **care) == "no basis"


@pytest.mark.parametrize("basis", [Basis.CONSENT, Basis.HEALTH_CARE])
def test_a_recorded_refusal_bars_every_chosen_basis_until_a_newer_answer(ours, basis):
    ours.consent("ngo_supervisor", Purpose.HEALTH)
    ours.act("ngo_supervisor", "record_refusal", purpose=ANY, receiver=CLINIC)
    asked = ours.terms(CLINIC, Purpose.HEALTH, HEALTH, basis=basis)
    assert ours.refused("ngo_supervisor", "share", **asked) == "no basis"
    ours.consent("ngo_supervisor", Purpose.HEALTH, CLINIC)
    ours.act("ngo_supervisor", "share", **asked)
    assert ours.reads(CLINIC, NGO) == HEALTH


def test_a_refusal_ends_what_rests_on_a_chosen_basis(ours):
    ours.share("ngo_supervisor", CLINIC, Purpose.HEALTH, HEALTH, basis=Basis.HEALTH_CARE)
    ours.act("ngo_supervisor", "record_refusal", purpose=int(Purpose.HEALTH), receiver=ANY)
    assert not ours.knows(CLINIC)


def test_a_life_at_risk_is_told_at_once_and_ends_unless_a_second_person_agrees_in_24_hours(ours):
    ours.act("ngo_supervisor", "record_refusal", purpose=ANY, receiver=CLINIC)
    for agrees in (False, True):
        given = ours.share("ngo_supervisor", CLINIC, Purpose.HEALTH, HEALTH, basis=Basis.LIFE_AT_RISK)
        assert ours.reads(CLINIC, NGO) == HEALTH
        ours.refused("ngo_supervisor", "confirm_override", share=given)
        if agrees:
            ours.act("ngo_second_supervisor", "confirm_override", share=given)
        ours.wait(24)
        assert ours.knows(CLINIC) is agrees


def test_a_childs_best_interests_need_the_second_person_before(story):
    story.register(child=True)
    story.act("ngo_supervisor", "record_refusal", purpose=ANY, receiver=CLINIC)
    given = story.share("ngo_supervisor", CLINIC, Purpose.HEALTH, HEALTH, basis=Basis.BEST_INTERESTS)
    assert not story.knows(CLINIC)
    story.act("ngo_second_supervisor", "confirm_override", share=given)
    assert story.knows(CLINIC)


# -- rule 22: two people make a door ---------------------------------------------------------------------------------


def test_a_supervisor_is_made_by_an_administrator_and_a_second_person(ours):
    asked = ours.act("ngo_administrator", "grant_role", member="ngo_administrator_again", role=Role.SUPERVISOR)
    assert not ours.opens("ngo_administrator_again")
    ours.refused("ngo_administrator", "confirm_role", grant=asked)
    ours.refused("data_protection_officer", "confirm_role", grant=asked)
    ours.act("ngo_second_supervisor", "confirm_role", grant=asked)
    assert ours.opens("ngo_administrator_again")


def test_a_supervisor_can_not_block_the_last_other_supervisor(ours):
    assert "undo" in ours.refused("ngo_supervisor", "block_member", member="ngo_second_supervisor")


def test_a_member_who_comes_back_is_not_assigned_again(ours):
    ours.act("ngo_supervisor", "assign_member", member="ngo_caseworker")
    ours.act("ngo_administrator", "suspend_member", member="ngo_caseworker")
    ours.act("ngo_administrator", "reinstate_member", member="ngo_caseworker")
    assert not ours.opens("ngo_caseworker")


# -- rule 4 and a case without a lead --------------------------------------------------------------------------------


def test_an_organisation_that_comes_back_finds_no_share_again(ours):
    ours.share("ngo_supervisor", OTHER_NGO, ASSISTANCE, IDENTITY)
    ours.act("platform_administrator_a", "suspend_organisation", organisation=OTHER_NGO)
    assert not ours.knows(OTHER_NGO)
    ours.act("platform_administrator_a", "reinstate_organisation", organisation=OTHER_NGO)
    assert not ours.knows(OTHER_NGO)


def test_a_suspended_lead_leaves_the_case_to_the_coordinator_and_what_it_referred_goes_on(ours):
    ours.refer("ngo_supervisor", CLINIC, Purpose.HEALTH, HEALTH, "health_intake")
    ours.share("ngo_supervisor", SHELTER, ASSISTANCE, IDENTITY)
    ours.act("platform_administrator_a", "suspend_organisation", organisation=NGO)
    assert ours.seen.is_stranded
    assert ours.knows(CLINIC)
    assert not ours.knows(SHELTER)
    first = ours.act("coordinator_a", "reassign_lead", receiver=OTHER_NGO, offer=0)
    taken = {"offer": first, "member": "other_ngo_caseworker"}
    assert ours.refused("other_ngo_supervisor", "accept_lead", **taken) == "one of two"
    ours.act("coordinator_b", "reassign_lead", receiver=OTHER_NGO, offer=first)
    ours.act("other_ngo_supervisor", "accept_lead", **taken)
    assert not ours.seen.is_stranded
    assert ours.reads(OTHER_NGO, NGO) == IDENTITY | CONTACT
    ours.wait(31 * DAY)
    assert not ours.reads(OTHER_NGO, NGO)


def test_what_hung_on_a_completed_referral_ends_when_the_lead_is_suspended(ours):
    first = ours.refer("ngo_supervisor", OTHER_NGO, ASSISTANCE, IDENTITY, "other_ngo_supervisor")
    ours.share("other_ngo_supervisor", SHELTER, ASSISTANCE, SERVICES)
    ours.act("other_ngo_supervisor", "complete_referral", referral=first)
    assert ours.knows(SHELTER)
    ours.act("platform_administrator_a", "suspend_organisation", organisation=NGO)
    assert not ours.knows(SHELTER)


def test_a_childs_case_goes_to_child_protection_meanwhile(story):
    story.register(child=True)
    story.act("platform_administrator_a", "suspend_organisation", organisation=NGO)
    assert story.seen.lead == CHILD_PROTECTION
    assert not story.seen.is_stranded


def test_a_case_that_is_reopened_has_its_lead_and_nobody_else(ours):
    ours.share("ngo_supervisor", OTHER_NGO, ASSISTANCE, IDENTITY)
    ours.act("ngo_supervisor", "close_case")
    assert not ours.knows(OTHER_NGO)
    ours.act("ngo_supervisor", "reopen_case")
    assert not ours.knows(OTHER_NGO)


# -- rule 23: an act belongs to its page -----------------------------------------------------------------------------


def test_a_page_of_one_organisation_writes_nothing_while_another_is_active(ours):
    ours.act("ngo_supervisor_in_other_ngo", "switch_organisation")
    assert "active" in ours.refused("ngo_supervisor", "add_row")
    ours.act("ngo_supervisor", "switch_organisation")
    ours.act("ngo_supervisor", "add_row")


def test_a_repeated_key_gives_the_first_result_of_the_same_act_and_refuses_another(ours):
    first = ours.act("ngo_supervisor", "transfer_lead", key=7, receiver=OTHER_NGO, until=2 * WEEK)
    assert ours.act("ngo_supervisor", "transfer_lead", key=7, receiver=OTHER_NGO, until=2 * WEEK) == first
    assert "key" in ours.refused("ngo_supervisor", "transfer_lead", key=7, receiver=SHELTER, until=2 * WEEK)
    ours.wait(24)
    assert ours.act("ngo_supervisor", "transfer_lead", key=7, receiver=SHELTER, until=2 * WEEK) != first
