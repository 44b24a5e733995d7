"""Organisations and people, before anything happens."""

from collections.abc import Iterable

from django.contrib.auth.hashers import make_password
from django.db import transaction

from accounts.actors import Actor, actor_for
from accounts.context import acting
from accounts.models import GrantState, GrantWay, Membership, Organisation, RoleGrant, User
from accounts.operations import create_organisation
from accounts.policies import CONFIRMED
from core import clock
from nrm.country import people, practice
from nrm.country.agenda import Agenda
from nrm.country.life import Country
from nrm.country.organisations import LAST, PLACES
from profiles.profile import active


@transaction.atomic
def make_country() -> Country:
    """All organisations but the last, with their people, who share one password, hashed once."""
    password = make_password(people.PASSWORD)
    platform = User.objects.create(
        email=people.address(people.PLATFORM), name="Petra Platform", password=password, is_platform_administrator=True
    )
    administrator = Actor(user_id=platform.pk, label=platform.name, is_platform_administrator=True)
    country = Country(Agenda(active().zone), administrator, password)
    add_places(country, [place for place in PLACES if place != LAST])
    return country


@transaction.atomic
def add_places(country: Country, places: Iterable[str]) -> None:
    """Open organisations, and let in who works there."""
    for place in places:
        country.organisations[place] = _open(country.platform, place)
        for name in people.members_of(place):
            _let_in(country, name)
        _write_down_grants(country, people.members_of(place))


def _open(platform: Actor, code: str) -> Organisation:
    place = PLACES[code]
    with acting(platform):
        return create_organisation(
            platform,
            name=place.full_name,
            kind=place.kind,
            region=practice.region(place.region),
            serves_regions=practice.regions(place.serves),
            services=place.services,
            email=people.address(f"desk_{code}"),
            phone=f"088 000 {1000 + list(PLACES).index(code)}",
        )


def _let_in(country: Country, name: str) -> None:
    worker = people.WORKERS[name]
    user = User.objects.create(email=people.address(name), name=worker.label, password=country.password)
    membership = Membership.objects.create(
        user=user, organisation=country.organisations[worker.place], roles=list(worker.roles)
    )
    country.memberships[name] = membership
    country.actors[name] = actor_for(membership)


def _write_down_grants(country: Country, names: Iterable[str]) -> None:
    """By whose word they have roles that open cases: the first given alone, the others confirmed by that one."""
    members, now = [country.memberships[name] for name in names], clock.moment()
    holding = [one for one in members if CONFIRMED & set(one.roles)]
    for number, one in enumerate(holding):
        RoleGrant.objects.create(
            membership=one,
            person_id=one.user_id,
            roles=sorted(CONFIRMED & set(one.roles)),
            asked_by_id=country.platform.user_id,
            asked_at=now,
            expires_at=now,
            state=GrantState.GRANTED,
            way=GrantWay.COLLEAGUE if number else GrantWay.FIRST,
            confirmed_by=holding[0].user if number else None,
            answered_at=now,
        )
