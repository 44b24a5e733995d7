"""What ends, ends on the next request: on a warm session and in an open form, with no worker running."""

import re
from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final

import pytest
from django.urls import reverse

from accounts.context import acting
from accounts.models import Membership, Organisation
from cases import access as door
from cases.models import Narrative
from cases.operations.closing import close_case
from cases.operations.members import unassign_member
from cases.operations.sharing import end_share
from core import clock
from referrals.operations import withdraw_consent
from tests.cases.files import assign
from tests.cases.filing import at_work, consented, filed_case, shared, today
from tests.cast import Cast
from tests.proofs import some
from tests.proofs.figures import Figure
from tests.referrals.scenes import sent
from tests.security.test_every_request_is_audited import of_a_case

REFUSED: Final = {HTTPStatus.FOUND, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED}
KEY: Final = re.compile(r'name="submission_key" value="([^"]+)"')
DAYS: Final = 10


class Scene:
    """A case of the NGO that a worker of the shelter works on, by a share that rests on a consent."""

    def __init__(self, cast: Cast) -> None:
        self.cast, self.case = cast, filed_case(cast)
        self.consent = consented(cast, self.case)
        self.until = today() + timedelta(days=DAYS)
        self.share = shared(
            cast, self.case, cast.organisations.shelter, "identity", "contact",
            legal_basis="consent", consent=self.consent, ends_on=self.until,
        )  # fmt: skip
        assign(cast, self.case, "shelter_worker")


def revoke(scene: Scene) -> None:
    with at_work(scene.cast, "ngo_caseworker", scene.case) as (actor, access):
        end_share(actor, access=access, share=scene.share)


def withdraw(scene: Scene) -> None:
    with at_work(scene.cast, "ngo_caseworker", scene.case) as (actor, access):
        consent = door.own_row(access, type(scene.consent), scene.consent.pk)
        withdraw_consent(actor, access=access, consent=consent, withdrawn_via="oral_witnessed")


def close(scene: Scene) -> None:
    with at_work(scene.cast, "ngo_supervisor", scene.case) as (actor, access):
        close_case(actor, access=access, outcome="residence_granted")


def take_off(scene: Scene) -> None:
    with at_work(scene.cast, "shelter_supervisor", scene.case) as (actor, access):
        unassign_member(actor, access=access, member=scene.cast.shelter_worker.membership)


def of_the_member(**changed: Any) -> Callable[[Scene], None]:
    def change(scene: Scene) -> None:
        values = {name: clock.moment() if value == "now" else value for name, value in changed.items()}
        Membership.objects.filter(pk=scene.cast.shelter_worker.membership_id).update(**values)

    return change


def suspend_the_organisation(scene: Scene) -> None:
    Organisation.objects.filter(pk=scene.cast.organisations.shelter.pk).update(suspended_at=clock.moment())


def nothing(scene: Scene) -> None:
    """Only time passes."""


# What happens, and how many days later the next request comes.
EVENTS: Final[dict[str, tuple[Callable[[Scene], None], int]]] = {
    "share ended": (revoke, 0),
    "share expired": (nothing, DAYS + 1),
    "consent withdrawn": (withdraw, 0),
    "case closed": (close, 0),
    "taken off the case": (take_off, 0),
    "member suspended": (of_the_member(suspended_at="now"), 0),
    "membership ended": (of_the_member(ended_at="now"), 0),
    "another office": (of_the_member(roles=["data_protection_officer"]), 0),
    "organisation suspended": (suspend_the_organisation, 0),
}


@pytest.mark.proof("effect on the next request")
@pytest.mark.parametrize("event", EVENTS)
def test_no_page_opens_and_no_open_form_is_taken_after(cast: Cast, event: str, figure: Figure) -> None:
    scene, client = Scene(cast), cast.client("shelter_worker")
    happens, days = EVENTS[event]
    shown = scene.case.shown_reference
    form = reverse("cases:add_row", args=[shown, "narrative"])
    opened = client.get(form)
    assert opened.status_code == HTTPStatus.OK
    assert client.get(f"/cases/{shown}/").status_code == HTTPStatus.OK
    typed = {"text": "typed before", "submission_key": KEY.findall(opened.content.decode())[0]}
    happens(scene)
    with clock.travel(clock.moment() + timedelta(days=days)):
        posted = client.post(form, typed)
        by_api = client.post(
            f"/api/v1/cases/{shown}/rows/narrative/", {"text": "typed"}, content_type="application/json"
        )
        pages = [
            client.get(reverse(name, kwargs={"reference": shown, **extra}))
            for name, extra in some(of_a_case(), short=8)
        ]
        lists = [client.get(path) for path in ("/my-work/", "/inbox/", "/api/v1/my-work/")]
    answers = [posted, by_api, *pages]
    opened_after = [one.wsgi_request.path for one in answers if one.status_code not in REFUSED]
    named = [one.wsgi_request.path for one in (*answers, *lists) if shown in text_of(one)]
    figure(requests=len(answers) + len(lists), still_open=len(opened_after) + len(named))
    assert opened_after == []
    assert named == []
    with acting(cast.shelter_supervisor.actor):
        assert not Narrative.objects.filter(owner_organisation=cast.organisations.shelter).exists()


def text_of(answer: Any) -> str:
    return answer.content.decode().replace(answer.wsgi_request.path, "")


@pytest.mark.proof("effect on the next request")
def test_an_open_form_of_a_referral_that_is_revoked_accepts_nothing(cast: Cast, figure: Figure) -> None:
    case = filed_case(cast)
    referral = sent(cast, case, "ngo_caseworker")
    client = cast.client("shelter_intake")
    path = f"/referrals/{referral.pk}/accept/"
    assert client.get(path).status_code == HTTPStatus.OK
    cast.client("ngo_caseworker").post(f"/referrals/{referral.pk}/revoke/", {"reason": "other"})
    answer = client.post(path, {"member": str(cast.shelter_worker.membership_id)})
    assert answer.status_code in (HTTPStatus.CONFLICT, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)
    figure(requests=1, still_open=0)
    assert client.get(f"/cases/{case.shown_reference}/").status_code == HTTPStatus.NOT_FOUND
