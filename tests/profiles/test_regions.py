"""A region is one of the country's, wherever it is written down."""

from typing import Any

import pytest

from accounts.context import acting
from accounts.operations import create_organisation
from cases.operations.notifications import Counted, file_anonymous_notification
from cases.operations.registration import Registration, register_presumed_victim
from core.errors import Refused
from tests.cases.files import register
from tests.cast import Cast


def registered(cast: Cast) -> Any:
    with acting(cast.police_officer.actor) as actor:
        return register_presumed_victim(actor, registration=Registration(rows=[], region="england"))


def notified(cast: Cast) -> Any:
    with acting(cast.police_officer.actor) as actor:
        return file_anonymous_notification(actor, counted=Counted(region="england"), refusal_reason="not_given")


def opened(cast: Cast) -> Any:
    with acting(cast.platform_administrator.actor) as actor:
        return create_organisation(actor, name="Elsewhere", kind="ngo", region="england")


@pytest.mark.parametrize("act", [registered, notified, opened])
def test_a_region_of_another_country_is_refused(cast: Cast, act: Any) -> None:
    with pytest.raises(Refused) as refused:
        act(cast)
    assert refused.value.field == "region"


def test_the_region_of_an_organisation_that_the_profile_lost_is_not_taken_over(cast: Cast, settings: Any) -> None:
    settings.COUNTRY_PROFILE = "uk"
    assert register(cast).region == ""
