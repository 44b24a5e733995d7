"""Organisations and people, before anything happens."""

from collections.abc import Iterable

from django.contrib.auth.hashers import make_password
from django.db import transaction

from accounts.actors import Actor, actor_for
from accounts.context import acting
from accounts.models import Membership, Organisation, User
from accounts.operations import create_organisation
from nrm.country import people
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


def _open(platform: Actor, code: str) -> Organisation:
    place = PLACES[code]
    with acting(platform):
        return create_organisation(
            platform,
            name=place.full_name,
            kind=place.kind,
            region=place.region,
            serves_regions=place.serves,
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
