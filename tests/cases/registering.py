"""Filling in the guided form as a browser without script does: page by page, by HTTP."""

import re
from uuid import UUID, uuid4

from cases.models import Draft

AGE = {"age_group": "adult", "birth_date_year": "1999"}
CONSENT = {
    "answer": "given",
    "information_given": ["mechanism", "purpose"],
    "form": "written",
    "given_on_day": "1",
    "given_on_month": "3",
    "given_on_year": "2026",
    "language": "ro",
}
CONTACT = {
    "reach": ["mobile"],
    "mobile_value": "06 12345678",
    "mobile_call": "safe",
    "mobile_text": "not_safe",
    "language": "ro",
    "interpreter": "yes",
}


def begin(client):
    """A new draft; returns its key."""
    response = client.post("/register/")
    assert response.status_code == 302, response.content
    return UUID(response.url.split("/")[2])


def hidden(client, url):
    """The hidden fields of a page, as its browser would send them."""
    html = client.get(url).content.decode()
    pairs = re.findall(r'<input type="hidden" name="(version|writer)"(?: value="([^"]*)")?', html)
    return dict(pairs)


def fill(client, pk, page, **typed):
    """Open a page, type, save."""
    url = f"/register/{pk}/{page}/"
    return client.post(url, {**hidden(client, url), **typed})


def add_form(client, pk, **typed):
    """Add a form of exploitation; returns the answer and its key."""
    item = uuid4()
    return fill(client, pk, f"exploitation/{item}", **typed), item


def complete(client, **changes):
    """A draft of an adult with everything that must be answered."""
    pk = begin(client)
    for page, typed in {"age": AGE, "consent": CONSENT, "contact": CONTACT, **changes}.items():
        response = fill(client, pk, page, **typed)
        assert response.status_code == 302, response.context["form"].errors
    return pk


def send(client, pk):
    return client.post(f"/register/{pk}/check/")


def stored(pk):
    """The pages of a draft as they are stored."""
    return Draft.objects.get(pk=pk).open()
