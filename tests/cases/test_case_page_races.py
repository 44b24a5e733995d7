"""Two people at once on two real connections: nothing is overwritten in silence, nothing stays open by mistake."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from accounts.context import acting
from cases.forms.categories import IdentityForm
from cases.models import Identity, Share
from cases.operations.consent import withdraw_consent
from cases.operations.rows import correct_row
from core.db import role
from core.errors import NrmError
from tests.cases.filing import at_work, consented, filed_case, shared
from tests.cast import Cast

pytestmark = pytest.mark.usefixtures("own_database")


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Run the acts side by side; each result, or the kind of error it met."""
    barrier = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        try:
            barrier.wait(10)
            return act()
        except NrmError as error:
            return type(error).__name__
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_of_two_corrections_one_is_shown_the_other(cast: Cast) -> None:
    case = filed_case(cast)
    with acting(cast.ngo_supervisor.actor):
        row = Identity.objects.get(case=case)

    def correct(persona: str, name: str) -> Callable[[], Any]:
        def act() -> Any:
            with at_work(cast, persona, case) as (actor, access):
                return correct_row(
                    actor,
                    access=access,
                    row=row,
                    columns={"sex": "female"},
                    content={"given_names": name},
                    version=1,
                    values_of=IdentityForm.initial_of,
                )

        return act

    results = at_once(correct("ngo_caseworker", "One"), correct("ngo_supervisor", "Two"))
    assert results.count("Conflict") == 1
    with acting(cast.ngo_supervisor.actor):
        assert Identity.objects.get(pk=row.pk).version == 2


def test_sharing_and_withdrawing_its_consent_at_once_leaves_no_access(cast: Cast) -> None:
    case = filed_case(cast)
    consent = consented(cast, case)

    def withdraw() -> Any:
        with at_work(cast, "ngo_supervisor", case) as (actor, access):
            return withdraw_consent(actor, access=access, consent=consent, withdrawn_via="written")

    at_once(
        lambda: shared(cast, case, cast.organisations.shelter, "identity", legal_basis="consent", consent=consent),
        withdraw,
    )
    with role("nrm_ledger"):
        assert not Share.objects.live().filter(case=case).exists()
