"""Two people at once, with real transactions."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connection
from django.test import Client

from accounts import mail
from accounts.actors import load_actor
from accounts.models import Membership, Notice, User
from accounts.operations import end_membership, invite_member
from accounts.tokens import invitation_token
from core import clock
from core.errors import NrmError

WORDS = "violet harbour ladder"
PERSON = {"name": "Somebody", "language": "en", "password": WORDS, "password_again": WORDS}


def at_once(*acts):
    """Run the acts in threads that start together; an error counts as its class."""
    start = Barrier(len(acts))

    def run(act):
        try:
            start.wait(10)
            return act()
        except NrmError as error:
            return type(error)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_two_administrators_who_end_each_other_leave_one(own_database, cast):
    second = Membership.objects.create(
        user=User.objects.create_user("second@example.test", name="Second administrator"),
        organisation=cast.organisations.ngo,
        roles=["organisation_administrator"],
    )
    first = cast.organisation_administrator
    other = load_actor(second.user, {})
    at_once(
        lambda: end_membership(first, membership=second),
        lambda: end_membership(other, membership=first.membership),
    )
    administrators = Membership.objects.live().with_role("organisation_administrator")
    assert administrators.filter(organisation=cast.organisations.ngo).count() == 1


def test_a_link_opened_twice_makes_one_person(own_database, cast):
    invitation = invite_member(cast.organisation_administrator, email="new@example.test", roles=["caseworker"])
    path = f"/invitation/{invitation_token(invitation.pk)}/"
    answers = at_once(*[lambda: Client().post(path, PERSON).status_code] * 3)
    assert answers.count(302) == 1
    assert set(answers) <= {302, 404, 409}
    assert Membership.objects.filter(user__email="new@example.test").count() == 1


def test_two_workers_send_each_mail_once(own_database, cast, smtp):
    for number in range(20):
        made = Notice.objects.create(
            membership=cast.ngo_caseworker.membership, key=str(number), kind="NL", created_at=clock.moment()
        )
        mail.post_tasks(made)
    at_once(*[mail.deliver_due] * 4)
    ids = [letter["Message-ID"] for letter in smtp.received]
    assert len(ids) == len(set(ids)) == 20
