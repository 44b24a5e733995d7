"""Organisations, members and sessions of the adversary's cast, as rows; and what the walk knows of their keys."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import psycopg
from django.contrib.auth.models import Group
from django.test import Client

from accounts.models import Membership, Organisation, User
from core import clock
from profiles.profile import named
from tests.adversary.product.vocabulary import (
    COUNTRY,
    ELSEWHERE,
    FIRST_DAY,
    KINDS,
    LAST_HOUR,
    REGION,
    ROLES,
    SERVICES,
    mark_holidays,
    moment,
)
from tests.adversary.words import DAY, MEMBERS, NOWHERE, ORGANISATIONS, Role, Type
from tests.cluster import Cluster, database_name

PASSWORD: Final = "a long pass phrase for players"
TEMPLATE: Final = "players"


class People:
    """Keys of the cast. ``memberships`` has none yet for an address that can be invited."""

    def __init__(self) -> None:
        self.organisations: list[Organisation] = []
        # By membership. Whoever belongs to two organisations has one account; a second address at one is another.
        self.accounts: dict[int, User] = {}
        self.memberships: dict[int, UUID] = {}

    @property
    def numbers(self) -> dict[UUID, int]:
        """The number of an organisation by its key."""
        return {organisation.pk: number for number, organisation in enumerate(self.organisations)}

    def client(self, member: int) -> Client:
        """The browser or program of whoever holds a membership, signed in."""
        client = Client()
        client.force_login(self.accounts[member])
        return client

    def _account(self, number: int) -> User:
        """The account of the person, unless it belongs to the organisation already: then one with a second address."""
        member = MEMBERS[number]
        others = [other for other in self.accounts if MEMBERS[other].person == member.person]
        if not others:
            return _user(f"player{member.person}", member.name, member.roles)
        if any(MEMBERS[other].organisation == member.organisation for other in others):
            return _user(f"player{member.person}+again", member.name, 0)
        return self.accounts[others[0]]

    def make(self) -> "People":
        """Write everybody into an empty database."""
        with clock.travel(moment(0)):
            for number, one in enumerate(ORGANISATIONS):
                self.organisations.append(_organisation(number, one.name, one.type))
            for number, member in enumerate(MEMBERS):
                user = self._account(number)
                self.accounts[number] = user
                if member.organisation != NOWHERE and member.roles:
                    roles = [code for role, code in ROLES.items() if member.roles & role]
                    organisation = self.organisations[member.organisation]
                    row = Membership.objects.create(user=user, organisation=organisation, roles=roles)
                    self.memberships[number] = row.pk
        return self


def _organisation(number: int, name: str, type_: Type) -> Organisation:
    region = {Type.COORDINATOR: ""}.get(type_, REGION)
    serves = [ELSEWHERE] if name.endswith("elsewhere") else [region] if region else []
    return Organisation.objects.create(
        name=name.replace("_", " ").capitalize(),
        kind=KINDS[type_],
        region=region,
        serves_regions=serves,
        services=list(SERVICES[type_]),
        email=f"organisation{number}@example.test",
        group=Group.objects.create(name=f"players {name}"),
    )


def _user(address: str, name: str, roles: int) -> User:
    made = User.objects.create_user(f"{address}@example.test", PASSWORD, name=name.replace("_", " "))
    if roles & Role.PLATFORM:
        made.is_platform_administrator = True
        made.save(update_fields=("is_platform_administrator",))
    return made


@contextmanager
def stage(cluster: Cluster) -> Iterator["Stage"]:
    """A database with the cast in it, of which each walk gets a copy. Django is connected to the copies meanwhile."""
    name = f"{database_name()}_{TEMPLATE}"
    cluster.clone(name)
    cluster.point(name)
    people = People().make()
    calendar = named(COUNTRY).calendar(REGION)
    every = (FIRST_DAY + timedelta(days=day) for day in range(LAST_HOUR // DAY + 400))
    mark_holidays({day for day in every if day.weekday() < 5 and not calendar.is_working_day(day)})
    found = Stage(cluster, name, people)
    try:
        yield found
    finally:
        found.close()
        mark_holidays(set())
        cluster.point(database_name())
        cluster.drop(name)


class Stage:
    """Makes one copy after another; ``admin`` is a connection that no policy binds, for what rows say."""

    def __init__(self, cluster: Cluster, template: str, people: People) -> None:
        self.cluster, self.template, self.people = cluster, template, people
        self.copy = f"{template}_copy"
        self.admin: psycopg.Connection[Any] | None = None

    def fresh(self) -> "psycopg.Connection[Any]":
        """Drop the last copy and make a new one."""
        self.close()
        self.cluster.point(self.template)
        self.cluster.clone(self.copy, of=self.template)
        self.cluster.point(self.copy)
        self.admin = self.cluster.admin(self.copy)
        return self.admin

    def close(self) -> None:
        """Drop the copy."""
        if self.admin is not None:
            self.admin.close()
            self.admin = None
        self.cluster.point(self.template)
        self.cluster.drop(self.copy)
