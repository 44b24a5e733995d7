"""The navigation leads to pages that exist, and shows each actor what the policies open."""

from uuid import uuid4

import pytest
from django.urls import reverse

from accounts.actors import Actor
from nrm.context import PLACES, navigation


@pytest.mark.parametrize("name", [place.name for place in PLACES])
def test_every_entry_leads_somewhere(name: str) -> None:
    assert reverse(name).startswith("/")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "role", "expected"),
    [
        ("ngo", "caseworker", ["My work", "Find a case", "Register", "Drafts", "Referrals", "Inbox"]),
        (
            "child_protection",
            "caseworker",
            ["My work", "Find a case", "Register", "Drafts", "Referrals", "Guardians", "Inbox"],
        ),
        ("guardian_organisation", "guardian", ["My work", "Find a case", "Referrals", "Inbox"]),
        ("ngo", "organisation_administrator", ["Inbox", "Colleagues"]),
    ],
)
def test_each_sees_what_is_open_to_them(kind: str, role: str, expected: list[str]) -> None:
    actor = Actor(
        user_id=uuid4(),
        membership_id=uuid4(),
        organisation_id=uuid4(),
        organisation_kind=kind,
        roles=frozenset({role}),
    )

    assert [str(item["label"]) for item in navigation(actor, "/")] == expected


def test_nobody_signed_in_sees_nothing() -> None:
    assert navigation(Actor.nobody(), "/") == []


@pytest.mark.django_db
def test_one_entry_is_the_current_one() -> None:
    actor = Actor(user_id=uuid4(), membership_id=uuid4(), organisation_kind="ngo", roles=frozenset({"caseworker"}))
    path = reverse("cases:drafts")

    assert [item["url"] for item in navigation(actor, path) if item["current"]] == [path]
