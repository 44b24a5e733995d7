"""Roles that open cases without an assignment need two people (``sharing.md`` rule 22), whatever one tries alone."""

from datetime import timedelta

import pytest
from django.core import mail as sent
from django.db import IntegrityError, transaction

from accounts import access, mail
from accounts.actors import Actor, actor_for
from accounts.context import acting
from accounts.models import Membership, Organisation, RoleGrant, User
from accounts.operations import change_roles, end_membership, reinstate_member, suspend_member
from audit.models import AuditChange
from cases.models import Case
from core import clock
from core.errors import Conflict, Missing, NotAllowed, Refused
from tests.accounts.second_persons import (
    accept,
    asked,
    confirm,
    join,
    leave,
    member,
    new_organisation,
    platform_administrator,
    refuse,
    roles_of,
    told,
)
from tests.cases.filing import filed_case
from tests.cast import Cast

OWN_SECOND = "second.address@example.test"
TWO = ["supervisor", "intake", "custodian", "data_protection_officer"]
ONE = ["caseworker", "guardian", "decision_maker", "auditor", "organisation_administrator"]


@pytest.fixture
def case(cast: Cast) -> Case:
    return filed_case(cast)


# -- one person alone ------------------------------------------------------------------------------------------------


def test_an_administrator_reads_nothing_through_a_second_address_of_their_own(cast: Cast, case: Case) -> None:
    administrator = cast.organisation_administrator
    joined = join(administrator.actor, OWN_SECOND, "supervisor", "caseworker")
    assert roles_of(joined) == {"caseworker"}
    client = cast.client(administrator)
    client.force_login(joined.user)
    assert client.get(f"/cases/{case.shown_reference}/").status_code == 404
    assert case.shown_reference not in client.get("/my-work/").content.decode()
    grant = RoleGrant.objects.get(membership=joined)
    assert client.post(f"/roles/{grant.pk}/confirm/").status_code in (403, 404)
    assert cast.client(administrator).post(f"/roles/{grant.pk}/confirm/").status_code == 403
    assert roles_of(joined) == {"caseworker"}


@pytest.mark.parametrize("role", TWO)
def test_these_roles_wait_also_for_a_colleague(cast: Cast, case: Case, role: str) -> None:
    asked(cast, "ngo_caseworker", role)
    assert roles_of(cast.ngo_caseworker.membership) == {"caseworker"}


@pytest.mark.parametrize("role", TWO)
def test_an_invitation_with_nothing_else_makes_a_member_without_roles(cast: Cast, case: Case, role: str) -> None:
    joined = join(cast.organisation_administrator.actor, OWN_SECOND, role)
    assert roles_of(joined) == set()
    confirm(cast.ngo_supervisor.actor, RoleGrant.objects.get(membership=joined))
    assert roles_of(joined) == {role}


@pytest.mark.parametrize("role", ONE)
def test_the_others_need_one_person(cast: Cast, case: Case, role: str) -> None:
    joined = join(cast.organisation_administrator.actor, OWN_SECOND, role)
    assert roles_of(joined) == {role}
    assert not RoleGrant.objects.filter(membership=joined).exists()


def test_a_role_that_is_kept_needs_nobody_and_one_that_goes_goes_at_once(cast: Cast, case: Case) -> None:
    administrator, intake = cast.organisation_administrator.actor, cast.ngo_intake.membership
    with acting(administrator):
        change_roles(administrator, membership=intake, roles=["intake", "caseworker"])
        assert roles_of(intake) == {"intake", "caseworker"}
        change_roles(administrator, membership=intake, roles=["caseworker"])
    assert roles_of(intake) == {"caseworker"}
    assert not RoleGrant.objects.exists()


def test_who_was_shut_out_comes_back_to_such_a_role_by_two(cast: Cast, case: Case) -> None:
    administrator, intake = cast.organisation_administrator.actor, cast.ngo_intake.membership
    with acting(administrator):
        change_roles(administrator, membership=intake, roles=["intake", "caseworker"])
        suspend_member(administrator, membership=intake)
        reinstate_member(administrator, membership=intake)
    assert roles_of(intake) == {"caseworker"}
    confirm(cast.ngo_supervisor.actor, RoleGrant.objects.get(membership=intake))
    assert roles_of(intake) == {"caseworker", "intake"}


def test_nobody_is_the_second_person_for_themselves_or_for_what_they_asked(cast: Cast, case: Case) -> None:
    grant = asked(cast, "ngo_intake", "supervisor")
    for who in ("ngo_intake", "organisation_administrator", "data_protection_officer", "ngo_caseworker", "auditor"):
        with pytest.raises(NotAllowed):
            confirm(getattr(cast, who).actor, grant)
        with pytest.raises(NotAllowed):
            refuse(getattr(cast, who).actor, grant)
    with pytest.raises(NotAllowed):
        confirm(cast.platform_administrator.actor, grant)
    with pytest.raises(NotAllowed):
        confirm(cast.police_supervisor.actor, grant)
    assert roles_of(cast.ngo_intake.membership) == {"intake"}


def test_an_administrator_who_is_also_intake_confirms_nothing(cast: Cast, case: Case) -> None:
    """They could ask through an administrator whom they invited under another address of their own."""
    grant = asked(cast, "ngo_caseworker", "supervisor")
    both = member(cast.organisations.ngo, "both@example.test", "organisation_administrator", "intake")
    with pytest.raises(NotAllowed):
        confirm(both, grant)


@pytest.mark.parametrize("email", ["Organisation_Administrator+2@example.test", "ngo_caseworker+x@EXAMPLE.test"])
def test_another_address_of_who_asked_or_of_the_colleague_is_not_another_person(
    cast: Cast, case: Case, email: str
) -> None:
    grant = asked(cast, "ngo_caseworker", "intake")
    alike = member(cast.organisations.ngo, email, "supervisor")
    with pytest.raises(NotAllowed):
        confirm(alike, grant)


def test_who_brought_in_the_administrator_does_not_confirm_what_that_one_asks(cast: Cast, case: Case) -> None:
    """A platform administrator with a membership in an organisation that has lost its administrator."""
    leave(cast, "organisation_administrator", "ngo_supervisor", "ngo_intake")
    ngo, platform = cast.organisations.ngo, cast.platform_administrator
    inside = actor_for(Membership.objects.create(user=platform.user, organisation=ngo, roles=["supervisor"]))
    client = cast.client("platform_administrator")
    assert client.post(f"/organisations/{ngo.pk}/administrator/", {"email": "own@example.test"}).status_code == 302
    first = actor_for(accept(ngo.invitations.get(email="own@example.test")))
    joined = join(first, OWN_SECOND, "supervisor")
    grant = RoleGrant.objects.get(membership=joined)
    confirm(inside, grant)
    grant.refresh_from_db()
    assert (grant.state, roles_of(joined)) == ("waiting", set()), (
        "no more than the first of two platform administrators"
    )


# -- two people ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["ngo_supervisor", "ngo_intake"])
@pytest.mark.parametrize("role", TWO)
def test_who_knows_every_case_confirms(cast: Cast, case: Case, who: str, role: str) -> None:
    grant = asked(cast, "ngo_caseworker", role)
    confirm(getattr(cast, who).actor, grant)
    assert roles_of(cast.ngo_caseworker.membership) == {"caseworker", role}
    grant.refresh_from_db()
    assert (grant.state, grant.way, grant.confirmed_by_id) == ("granted", "colleague", getattr(cast, who).user_id)


def test_a_custodian_confirms_custodians_and_the_others_only_where_nobody_else_is_left(cast: Cast, case: Case) -> None:
    custodian = member(cast.organisations.ngo, "keeper@example.test", "custodian")
    first, second = asked(cast, "ngo_caseworker", "custodian"), asked(cast, "colleague_unassigned", "supervisor")
    confirm(custodian, first)
    with pytest.raises(NotAllowed):
        confirm(custodian, second)
    leave(cast, "ngo_supervisor", "ngo_intake")
    confirm(custodian, second)
    assert roles_of(cast.colleague_unassigned.membership) == {"caseworker", "supervisor"}


def test_somebody_shut_out_meanwhile_confirms_nothing(cast: Cast, case: Case) -> None:
    grant = asked(cast, "ngo_caseworker", "supervisor")
    leave(cast, "ngo_supervisor")
    with pytest.raises(NotAllowed):
        confirm(cast.ngo_supervisor.actor, grant)


def test_refused_it_is_gone_and_who_has_no_other_role_leaves(cast: Cast, case: Case) -> None:
    joined = join(cast.organisation_administrator.actor, OWN_SECOND, "supervisor")
    grant = RoleGrant.objects.get(membership=joined)
    refuse(cast.ngo_intake.actor, grant)
    joined.refresh_from_db()
    assert (joined.roles, joined.ended_at is not None) == ([], True)
    with pytest.raises(Conflict):
        confirm(cast.ngo_supervisor.actor, grant)
    other = asked(cast, "ngo_caseworker", "supervisor")
    refuse(cast.ngo_supervisor.actor, other)
    assert roles_of(cast.ngo_caseworker.membership) == {"caseworker"}


def test_after_fourteen_days_it_has_lapsed(cast: Cast, case: Case) -> None:
    grant = asked(cast, "ngo_caseworker", "supervisor")
    with clock.travel(grant.asked_at + timedelta(days=14)), pytest.raises(Conflict):
        confirm(cast.ngo_supervisor.actor, grant)
    with clock.travel(grant.asked_at + timedelta(days=14, seconds=-1)):
        confirm(cast.ngo_supervisor.actor, grant)
    assert roles_of(cast.ngo_caseworker.membership) == {"caseworker", "supervisor"}


@pytest.mark.parametrize("act", [suspend_member, end_membership])
def test_what_waits_ends_with_the_colleague(cast: Cast, case: Case, act: object) -> None:
    grant, administrator = asked(cast, "ngo_caseworker", "intake"), cast.organisation_administrator.actor
    with acting(administrator):
        act(administrator, membership=cast.ngo_caseworker.membership)  # type: ignore[operator]
    with pytest.raises(Conflict):
        confirm(cast.ngo_supervisor.actor, grant)
    grant.refresh_from_db()
    assert grant.state == "withdrawn"


def test_asked_no_more_it_is_withdrawn(cast: Cast, case: Case) -> None:
    grant, administrator = asked(cast, "ngo_caseworker", "intake"), cast.organisation_administrator.actor
    with acting(administrator):
        change_roles(administrator, membership=cast.ngo_caseworker.membership, roles=["caseworker"])
    with pytest.raises(Conflict):
        confirm(cast.ngo_supervisor.actor, grant)


# -- the first of an organisation ------------------------------------------------------------------------------------


def test_the_first_of_an_organisation_without_cases_needs_one_person_and_the_next_two(cast: Cast) -> None:
    _organisation, administrator = new_organisation(cast)
    first = join(administrator, "one@example.test", "supervisor")
    assert roles_of(first) == {"supervisor"}
    second = join(administrator, "two@example.test", "intake")
    assert roles_of(second) == set()
    confirm(actor_for(first), RoleGrant.objects.get(membership=second))
    assert roles_of(second) == {"intake"}
    assert RoleGrant.objects.get(membership=first).way == "first"


def test_data_protection_and_later_supervisors_see_how_the_first_was_made(cast: Cast) -> None:
    _organisation, administrator = new_organisation(cast)
    first = join(administrator, "one@example.test", "supervisor")
    officer = join(administrator, "officer@example.test", "data_protection_officer")
    later = join(administrator, "two@example.test", "supervisor")
    confirm(actor_for(first), RoleGrant.objects.get(membership=later))
    for reader in (officer, later):
        client = cast.client("stranger")
        client.force_login(reader.user)
        page = client.get("/roles/").content.decode()
        assert "one@example.test" in page
        assert "Given by the administrator alone" in page


def test_an_organisation_with_a_case_has_no_first(cast: Cast, case: Case) -> None:
    leave(cast, "ngo_supervisor", "ngo_intake", "data_protection_officer")
    Membership.objects.filter(organisation=cast.organisations.ngo, ended_at__isnull=False).update(roles=["caseworker"])
    for role in TWO:
        joined = join(cast.organisation_administrator.actor, f"new.{role}@example.test", role)
        assert roles_of(joined) == set()


@pytest.mark.parametrize("fate", ["ended_at", "suspended_at"])
def test_after_somebody_who_is_gone_nobody_is_the_first(cast: Cast, fate: str) -> None:
    """Shutting out the honest one would make room for one's own, who waits for cases to come."""
    _organisation, administrator = new_organisation(cast)
    first = join(administrator, "one@example.test", "supervisor")
    Membership.objects.filter(pk=first.pk).update(**{fate: clock.moment()})
    assert roles_of(join(administrator, OWN_SECOND, "supervisor")) == set()


def test_nor_after_somebody_whose_role_was_taken(cast: Cast) -> None:
    _organisation, administrator = new_organisation(cast)
    first = join(administrator, "one@example.test", "supervisor", "caseworker")
    with acting(administrator):
        change_roles(administrator, membership=first, roles=["caseworker"])
    assert roles_of(join(administrator, OWN_SECOND, "supervisor")) == set()


# -- where nobody is left to confirm ---------------------------------------------------------------------------------


def test_the_data_protection_officer_whom_two_made_confirms_where_no_colleague_is_left(cast: Cast, case: Case) -> None:
    officer = asked(cast, "colleague_unassigned", "data_protection_officer")
    confirm(cast.ngo_supervisor.actor, officer)
    leave(cast, "ngo_supervisor", "ngo_intake", "data_protection_officer")
    grant = asked(cast, "ngo_caseworker", "supervisor")
    for outsider in (cast.platform_administrator.actor, platform_administrator()):
        with pytest.raises(NotAllowed):
            confirm(outsider, grant)
    confirm(actor_for(Membership.objects.get(pk=officer.membership_id)), grant)
    grant.refresh_from_db()
    assert (grant.way, roles_of(cast.ngo_caseworker.membership)) == ("data_protection", {"caseworker", "supervisor"})


def test_a_data_protection_officer_whom_one_person_made_confirms_nothing(cast: Cast) -> None:
    """An administrator would make the second person too: first of an organisation without cases, then wait for one."""
    organisation, administrator = new_organisation(cast)
    officer = join(administrator, "own.officer@example.test", "data_protection_officer")
    assert roles_of(officer) == {"data_protection_officer"}
    supervisor = join(administrator, "honest@example.test", "supervisor")
    with acting(administrator):
        suspend_member(administrator, membership=supervisor)
    joined = join(administrator, OWN_SECOND, "supervisor")
    with pytest.raises(NotAllowed):
        confirm(actor_for(officer), RoleGrant.objects.get(membership=joined))
    assert roles_of(joined) == set()
    assert organisation.pk == joined.organisation_id


def test_where_nobody_is_left_two_platform_administrators_confirm_and_the_coordinator_hears_of_it(
    cast: Cast, case: Case
) -> None:
    leave(cast, "ngo_supervisor", "ngo_intake", "data_protection_officer")
    grant, first, second = _waiting_for_platform(cast)
    confirm(first, grant)
    assert roles_of(cast.ngo_caseworker.membership) == {"caseworker"}
    with pytest.raises(Conflict):
        confirm(first, grant)
    confirm(second, grant)
    assert roles_of(cast.ngo_caseworker.membership) == {"caseworker", "supervisor"}
    assert told("roles_given_by_platform") == {cast.coordinator.membership_id}
    page = cast.client("coordinator").get("/inbox/").content.decode()
    assert "Two platform administrators gave roles" in page
    assert cast.organisations.ngo.name not in page
    assert cast.ngo_caseworker.user.name not in page


def _waiting_for_platform(cast: Cast) -> tuple[RoleGrant, Actor, Actor]:
    return asked(cast, "ngo_caseworker", "supervisor"), cast.platform_administrator.actor, platform_administrator()


@pytest.mark.parametrize(
    "email", ["PLATFORM_administrator+2@example.test", "organisation_administrator+p@example.test"]
)
def test_a_second_address_of_the_first_or_of_who_asked_is_no_second_platform_administrator(
    cast: Cast, case: Case, email: str
) -> None:
    leave(cast, "ngo_supervisor", "ngo_intake", "data_protection_officer")
    grant, alike = asked(cast, "ngo_caseworker", "supervisor"), platform_administrator(email)
    confirm(cast.platform_administrator.actor, grant)
    with pytest.raises((Conflict, NotAllowed)):
        confirm(alike, grant)
    assert roles_of(cast.ngo_caseworker.membership) == {"caseworker"}


def test_the_platform_sees_only_what_waits_for_it(cast: Cast, case: Case) -> None:
    grant = asked(cast, "ngo_caseworker", "supervisor")
    client = cast.client("platform_administrator")
    assert cast.ngo_caseworker.email not in client.get("/roles/").content.decode()
    assert client.get(f"/roles/{grant.pk}/").status_code == 404
    leave(cast, "ngo_supervisor", "ngo_intake", "data_protection_officer")
    assert cast.ngo_caseworker.email in client.get("/roles/").content.decode()
    assert client.get(f"/roles/{grant.pk}/").status_code == 200
    assert client.post(f"/roles/{grant.pk}/confirm/").status_code == 302
    assert client.post(f"/roles/{grant.pk}/confirm/").status_code == 403


def test_a_colleague_who_comes_meanwhile_takes_the_platforms_place(cast: Cast, case: Case) -> None:
    leave(cast, "ngo_supervisor", "ngo_intake", "data_protection_officer")
    grant, first, second = _waiting_for_platform(cast)
    confirm(first, grant)
    colleague = member(cast.organisations.ngo, "new.intake@example.test", "intake")
    with pytest.raises(NotAllowed):
        confirm(second, grant)
    confirm(colleague, grant)
    grant.refresh_from_db()
    assert (grant.way, grant.confirmed_by_id) == ("colleague", colleague.user_id)


# -- what is shown and told ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "email",
    ["NGO_Supervisor+night@example.test", "ngo_supervisor+2@example.test", "organisation_administrator+a@example.test"],
)
def test_the_same_address_twice_is_shown_to_who_confirms(cast: Cast, case: Case, email: str) -> None:
    joined = join(cast.organisation_administrator.actor, email, "intake")
    grant = RoleGrant.objects.get(membership=joined)
    for path in (f"/roles/{grant.pk}/", f"/roles/{grant.pk}/confirm/"):
        assert "leads to the same mailbox as" in cast.client("ngo_intake").get(path).content.decode()


def test_an_address_outside_the_domains_is_shown(cast: Cast, case: Case) -> None:
    Organisation.objects.filter(pk=cast.organisations.ngo.pk).update(email_domains=["ngo.example", "example.org"])
    joined = join(cast.organisation_administrator.actor, "somebody@mail.example", "intake")
    inside = join(cast.organisation_administrator.actor, "somebody@west.ngo.example", "intake")
    client, words = (
        cast.client("ngo_supervisor"),
        "lies outside the domains of the organisation: ngo.example, example.org",
    )
    outside = RoleGrant.objects.get(membership=joined)
    assert words in client.get(f"/roles/{outside.pk}/").content.decode()
    other = client.get(f"/roles/{RoleGrant.objects.get(membership=inside).pk}/").content.decode()
    assert "lies outside" not in other
    assert "govuk-warning-text" not in other


def test_all_supervisors_and_data_protection_are_told_when_it_is_asked_and_given(cast: Cast, case: Case) -> None:
    grant = asked(cast, "ngo_caseworker", "custodian")
    overseeing = {cast.ngo_supervisor.membership_id, cast.data_protection_officer.membership_id}
    assert told("roles_asked") == overseeing | {cast.ngo_intake.membership_id}
    confirm(cast.ngo_intake.actor, grant)
    both = {cast.organisation_administrator.membership_id, cast.ngo_caseworker.membership_id}
    assert told("roles_given") == overseeing | both
    assert f"/roles/{grant.pk}/" in cast.client("ngo_supervisor").get("/inbox/").content.decode()


def test_a_refusal_is_told_to_them_and_to_who_asked(cast: Cast, case: Case) -> None:
    grant = asked(cast, "ngo_caseworker", "custodian")
    refuse(cast.ngo_intake.actor, grant)
    names = ("ngo_supervisor", "data_protection_officer", "organisation_administrator")
    assert told("roles_refused") == {getattr(cast, name).membership_id for name in names}


def test_the_mail_says_only_that_something_waits(cast: Cast, case: Case) -> None:
    asked(cast, "ngo_caseworker", "custodian")
    with clock.travel(clock.moment() + timedelta(seconds=1)):
        mail.deliver_due()
    letters = [one for one in sent.outbox if one.to == [cast.ngo_supervisor.email]]
    assert [one.subject for one in letters] == ["Your tasks"]
    assert not any(word in letters[0].body for word in ("role", "custodian", cast.ngo_caseworker.user.name))


def test_each_step_is_recorded_with_the_organisation(cast: Cast, case: Case) -> None:
    grant = asked(cast, "ngo_caseworker", "intake")
    confirm(cast.ngo_supervisor.actor, grant)
    other = asked(cast, "colleague_unassigned", "intake")
    refuse(cast.ngo_supervisor.actor, other)
    kinds = ["ask_roles", "confirm_roles", "ask_roles", "refuse_roles"]
    with acting(cast.organisation_administrator.actor):
        rows = AuditChange.objects.filter(object_kind="rolegrant").order_by("at")
        assert set(rows.values_list("kind", flat=True)) <= set(kinds)
    with acting(cast.ngo_supervisor.actor):
        mine = AuditChange.objects.filter(actor_id=cast.ngo_supervisor.user_id, object_kind="rolegrant").order_by("at")
        assert list(mine.values_list("kind", "owner_organisation_id")) == [
            (kind, cast.organisations.ngo.pk) for kind in ("confirm_roles", "refuse_roles")
        ]


# -- pages -----------------------------------------------------------------------------------------------------------


def test_confirming_and_refusing_by_page(cast: Cast, case: Case) -> None:
    grant, client = asked(cast, "ngo_caseworker", "intake"), cast.client("ngo_supervisor")
    page = client.get(f"/roles/{grant.pk}/").content.decode()
    for shown in (cast.ngo_caseworker.email, cast.organisation_administrator.email, "Intake"):
        assert shown in page
    assert client.post(f"/roles/{grant.pk}/confirm/").status_code == 302
    assert roles_of(cast.ngo_caseworker.membership) == {"caseworker", "intake"}
    assert client.post(f"/roles/{grant.pk}/confirm/").status_code == 409
    other = asked(cast, "colleague_unassigned", "intake")
    assert client.post(f"/roles/{other.pk}/refuse/").status_code == 302
    assert roles_of(cast.colleague_unassigned.membership) == {"caseworker"}


def test_what_is_asked_elsewhere_does_not_exist(cast: Cast, case: Case) -> None:
    grant = asked(cast, "ngo_caseworker", "intake")
    for path in ("", "confirm/", "refuse/"):
        assert cast.client("police_supervisor").get(f"/roles/{grant.pk}/{path}").status_code == 404
        assert cast.client("ngo_caseworker").get(f"/roles/{grant.pk}/{path}").status_code == 403
    assert cast.ngo_caseworker.email not in cast.client("police_supervisor").get("/roles/").content.decode()
    with acting(cast.police_supervisor.actor), pytest.raises(Missing):
        access.get_role_grant(cast.police_supervisor.actor, grant.pk)


def test_the_list_of_colleagues_shows_what_waits_and_the_form_keeps_it(cast: Cast, case: Case) -> None:
    asked(cast, "ngo_caseworker", "intake")
    client = cast.client("organisation_administrator")
    assert "Waits for a second person" in client.get("/members/").content.decode()
    page = client.get(f"/members/{cast.ngo_caseworker.membership_id}/roles/")
    assert set(page.context["form"].initial["roles"]) == {"caseworker", "intake"}


# -- ends that leave nobody ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("act", ["suspend", "end", "roles"])
def test_the_last_supervisor_of_an_organisation_with_cases_stays(cast: Cast, case: Case, act: str) -> None:
    target = f"/members/{cast.ngo_supervisor.membership_id}/{act}/"
    client = cast.client("organisation_administrator")
    response = client.post(target, {"roles": ["auditor"]})
    assert response.status_code == 422
    assert "Nobody would be left to act" in response.content.decode()
    assert roles_of(cast.ngo_supervisor.membership) == {"supervisor"}
    member(cast.organisations.ngo, "another@example.test", "supervisor")
    assert client.post(target, {"roles": ["auditor"]}).status_code == 302


@pytest.mark.parametrize("act", [suspend_member, end_membership])
def test_without_cases_the_last_may_go(cast: Cast, act: object) -> None:
    administrator = cast.organisation_administrator.actor
    with acting(administrator):
        act(administrator, membership=cast.ngo_supervisor.membership)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("gone", "last"), [(["ngo_supervisor"], "ngo_intake"), (["ngo_supervisor", "ngo_intake"], "ngo_caseworker")]
)
def test_where_there_is_no_supervisor_the_last_who_acts_stays(
    cast: Cast, case: Case, gone: list[str], last: str
) -> None:
    leave(cast, *gone, "colleague_unassigned")
    administrator, person = cast.organisation_administrator.actor, getattr(cast, last)
    with acting(administrator), pytest.raises(Refused):
        end_membership(administrator, membership=person.membership)
    member(cast.organisations.ngo, "another@example.test", *person.roles)
    with acting(administrator):
        end_membership(administrator, membership=person.membership)


def test_who_is_not_the_last_goes_as_ever(cast: Cast, case: Case) -> None:
    administrator = cast.organisation_administrator.actor
    with acting(administrator):
        end_membership(administrator, membership=cast.ngo_intake.membership)
        suspend_member(administrator, membership=cast.ngo_caseworker.membership)


# -- the database ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"state": "granted", "way": "colleague"}, "rolegrant_given_by_two"),
        ({"state": "granted", "way": "first", "asked_by": None}, "rolegrant_given_by_two"),
        ({"state": "granted", "way": "platform", "confirmed_by": "platform_administrator"}, "rolegrant_given_by_two"),
        ({"confirmed_by": "ngo_caseworker"}, "rolegrant_confirmed_by_another"),
        ({"confirmed_by": "organisation_administrator"}, "rolegrant_confirmed_by_another"),
        (
            {"confirmed_by": "platform_administrator", "seconded_by": "platform_administrator"},
            "rolegrant_seconded_by_another",
        ),
        ({"seconded_by": "organisation_administrator"}, "rolegrant_seconded_by_another"),
        ({"roles": ["caseworker"]}, "rolegrant_roles_known"),
        ({}, "rolegrant_one_waiting"),
    ],
)
def test_the_database_refuses_what_one_person_made(
    cast: Cast, case: Case, changes: dict[str, object], constraint: str
) -> None:
    grant = asked(cast, "ngo_caseworker", "intake")
    values = {
        "membership": grant.membership, "person": grant.person, "asked_by": grant.asked_by, "roles": grant.roles,
        "asked_at": grant.asked_at, "expires_at": grant.expires_at, "state": "refused" if changes else "waiting",
    }  # fmt: skip
    people = {
        field: getattr(cast, name).user if isinstance(name, str) and field.endswith("_by") else name
        for field, name in changes.items()
    }
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        RoleGrant.objects.create(**{**values, **people})


def test_what_was_asked_is_changed_by_nobody(cast: Cast, case: Case) -> None:
    """The application's role may write the answer, not the question."""
    grant, other = asked(cast, "ngo_caseworker", "intake"), User.objects.get(pk=cast.auditor.user_id)
    for changes in ({"asked_by": other}, {"roles": ["supervisor"]}, {"person": other}):
        with pytest.raises(Exception, match="permission denied"), transaction.atomic():
            RoleGrant.objects.filter(pk=grant.pk).update(**changes)
