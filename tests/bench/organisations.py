"""200 organisations (in the large benchmark 500) of very different size with their members, for the benchmark."""

import random
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Final
from uuid import UUID

from django.contrib.auth.models import Group

from accounts.models import Membership, Organisation, User
from cases import policies

REGIONS: Final = ("amsterdam", "rotterdam", "utrecht", "limburg", "groningen")
# How often each kind occurs among 200; the national services exist once or twice.
KINDS: Final = (
    ("ngo", 70),
    ("shelter", 40),
    ("police", 30),
    ("health", 20),
    ("legal_aid", 15),
    ("border", 6),
    ("labour_inspectorate", 4),
    ("asylum", 4),
    ("guardian_organisation", 3),
    ("child_protection", 2),
    ("immigration", 2),
    ("competent_authority", 2),
    ("prosecution", 2),
)
COUNT: Final = sum(count for _kind, count in KINDS)
LARGEST_TEAM: Final = 60


@dataclass
class Place:
    """An organisation as the filling needs it: ``weight`` says how much of the work is done here."""

    pk: UUID
    group_id: int
    kind: str
    region: str
    weight: float
    workers: list[UUID] = field(default_factory=list)
    supervisor: UUID | None = None


class Country:
    """All organisations, and who registers, receives, protects and decides."""

    def __init__(self, places: list[Place], rng: random.Random) -> None:
        self.places, self.rng = places, rng
        self.registering = [place for place in places if place.kind in policies.REGISTERING]
        self._registering = list(accumulate(place.weight for place in self.registering))
        self._receiving = list(accumulate(place.weight for place in places))
        self.of_kind = {kind: [place for place in places if place.kind == kind] for kind, _count in KINDS}

    def registrar(self) -> Place:
        return self.rng.choices(self.registering, cum_weights=self._registering)[0]

    def receivers(self, count: int, but: Place) -> list[Place]:
        """Some different organisations other than ``but``, the large ones more often."""
        found = self.rng.choices(self.places, cum_weights=self._receiving, k=count + 2)
        return list({place.pk: place for place in found if place is not but}.values())[:count]

    def one(self, kind: str) -> Place:
        return self.rng.choice(self.of_kind[kind])


def make(rng: random.Random, count: int = COUNT) -> Country:
    """Organisation number n is 1/n as large as the first (Zipf), and has as many members as that needs."""
    kinds = [kind for kind, share in KINDS for _number in range(share * count // COUNT)]
    rng.shuffle(kinds)
    kinds[kinds.index("ngo")], kinds[0] = kinds[0], "ngo"
    groups = Group.objects.bulk_create([Group(name=f"organisation {number}") for number in range(len(kinds))])
    organisations = Organisation.objects.bulk_create(
        Organisation(name=f"Organisation {number:03}", kind=kind, region=rng.choice(REGIONS), group=group)
        for number, (kind, group) in enumerate(zip(kinds, groups, strict=True), start=1)
    )
    places = [
        Place(row.pk, row.group_id, row.kind, row.region, 1 / number)
        for number, row in enumerate(organisations, start=1)
    ]
    _make_members(places)
    return Country(places, rng)


def _make_members(places: list[Place]) -> None:
    wanted = [
        (place, role)
        for place in places
        for role in ("supervisor", *(["caseworker"] * max(2, round(LARGEST_TEAM * place.weight))))
    ]
    users = User.objects.bulk_create(
        User(email=f"member{number}@example.test", name=f"Member {number}", password="!")
        for number in range(len(wanted))
    )
    rows = Membership.objects.bulk_create(
        Membership(user=user, organisation_id=place.pk, roles=[role])
        for (place, role), user in zip(wanted, users, strict=True)
    )
    for (place, role), row in zip(wanted, rows, strict=True):
        if role == "supervisor":
            place.supervisor = row.pk
        else:
            place.workers.append(row.pk)
