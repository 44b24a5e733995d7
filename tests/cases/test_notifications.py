"""An adult without consent is counted and never linked: what is kept, what is shown, what is erased."""

import pytest
from django.db import connection

from accounts.context import acting
from audit.models import AuditChange
from cases.models import AnonymousNotification, Case, Draft
from cases.operations.notifications import Counted, file_anonymous_notification
from core.errors import NotAllowed, Refused
from tests.cases.registering import add_form, begin, complete, fill

pytestmark = pytest.mark.django_db
REFUSED = {"answer": "refused"}


def refusing(client):
    """A draft of an adult who does not consent, with everything one should not have written yet."""
    pk = complete(
        client,
        consent=REFUSED,
        identity={"given_names": "Zuzanna", "sex": "female", "citizenships": ["PL"]},
        danger={"danger": ["none"], "region": "limburg"},
    )
    add_form(client, pk, form="labour", places="Tilburg")
    return pk


@pytest.mark.parametrize("name", ["ngo_caseworker", "shelter_worker", "health_worker", "police_officer"])
def test_an_adult_who_refuses_can_only_be_counted(cast, name):
    client = cast.client(name)
    pk = refusing(client)
    assert "not register this person" in client.get(f"/register/{pk}/").content.decode()
    page = client.get(f"/register/{pk}/notification/").content.decode()
    for shown in ("Female", "Another EU country", "Forced labour or services", "Limburg", "Adult"):
        assert shown in page
    for never in ("Zuzanna", "Tilburg", "06 12345678"):
        assert never not in page
    assert client.post(f"/register/{pk}/notification/", {"refusal_reason": "distrust"}).url == "/drafts/"
    with acting(getattr(cast, name)):
        assert not Draft.objects.exists()
        assert not Case.objects.exists()


def test_a_reason_is_asked(cast):
    client = cast.client("ngo_caseworker")
    response = client.post(f"/register/{refusing(client)}/notification/")
    assert response.status_code == 422
    assert "No reason given" in response.content.decode()


@pytest.mark.parametrize("consent", [{"answer": "not_asked"}, None])
def test_there_is_none_where_the_person_was_not_asked_or_consents(cast, consent):
    client = cast.client("ngo_caseworker")
    pk = complete(client, **({"consent": consent} if consent else {}))
    assert client.get(f"/register/{pk}/notification/").url == f"/register/{pk}/"


def test_a_child_is_never_only_counted(cast):
    client = cast.client("ngo_caseworker")
    pk = begin(client)
    fill(client, pk, "age", age_group="uncertain")
    assert client.get(f"/register/{pk}/notification/").url == f"/register/{pk}/"
    with acting(cast.ngo_caseworker), pytest.raises(Refused):
        file_anonymous_notification(cast.ngo_caseworker, counted=Counted(age_group="child"), refusal_reason="distrust")


def test_the_audit_names_no_draft_and_no_notification(cast):
    client = cast.client("ngo_caseworker")
    pk = refusing(client)
    client.post(f"/register/{pk}/notification/", {"refusal_reason": "distrust"})
    with acting(cast.ngo_caseworker):
        row = AuditChange.objects.get(kind="file_anonymous_notification")
        assert (row.object_id, row.case_id, row.detail) == (None, None, {})


def test_the_application_cannot_read_what_was_counted(cast):
    with acting(cast.ngo_caseworker):
        file_anonymous_notification(cast.ngo_caseworker, counted=Counted(), refusal_reason="distrust")
        with pytest.raises(Exception, match="permission denied"):
            list(AnonymousNotification.objects.all())
        connection.needs_rollback = True


def test_only_coded_columns_exist():
    columns = {field.name for field in AnonymousNotification._meta.concrete_fields}
    assert columns == {
        "id",
        "notified_on",
        "organisation",
        "region",
        "sex",
        "age_group",
        "citizenship_group",
        "forms",
        "refusal_reason",
    }


@pytest.mark.parametrize("name", ["guardian", "coordinator", "authority_decision_maker"])
def test_who_may_not_file_one(cast, name):
    actor = getattr(cast, name)
    with acting(actor), pytest.raises(NotAllowed):
        file_anonymous_notification(actor, counted=Counted(), refusal_reason="distrust")


def test_an_unknown_reason_is_refused(cast):
    with acting(cast.ngo_caseworker), pytest.raises(Refused):
        file_anonymous_notification(cast.ngo_caseworker, counted=Counted(), refusal_reason="because")
