"""The second line by itself: row-level security forgets a case with the share, also where colleagues were assigned."""

import pytest

from accounts.context import acting
from cases.models import Case, Identity
from cases.operations.members import assign_member
from cases.operations.sharing import end_share
from tests.cases.filing import at_work, filed_case, shared
from tests.cast import Cast

pytestmark = pytest.mark.usefixtures("own_database")


def test_the_database_forgets_the_case_for_the_whole_organisation(cast: Cast) -> None:
    case = filed_case(cast)
    made = shared(cast, case, cast.organisations.shelter, "identity")
    with at_work(cast, "shelter_supervisor", case) as (actor, access):
        assign_member(actor, access=access, member=cast.shelter_worker.membership)
    with at_work(cast, "ngo_supervisor", case) as (actor, access):
        end_share(actor, access=access, share=made)
    for persona in ("shelter_supervisor", "shelter_intake", "shelter_worker"):
        with acting(getattr(cast, persona).actor):
            assert not Case.objects.filter(pk=case.pk).exists(), persona
            assert not Identity.objects.filter(case=case).exists(), persona
