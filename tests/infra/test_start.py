"""A process starts only as a role that row-level security binds, on the clock of production."""

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from nrm import roles
from nrm.checks import check_clock, check_protection, check_role, refuse_unsafe_start
from tests.cluster import Cluster


def codes(check: Any) -> list[str | None]:
    return [error.id for error in check(None, ["default"])]


@pytest.mark.django_db
def test_the_applications_role_is_fit_to_serve() -> None:
    assert codes(check_role) == codes(check_protection) == []


def test_the_owner_may_not_serve(own_database: str, cluster: Cluster, settings: Any) -> None:
    cluster.point(own_database, "owner")

    with pytest.raises(ImproperlyConfigured, match="nrm_owner owns tables"):
        refuse_unsafe_start()


def test_a_role_that_bypasses_may_not_serve(own_database: str, cluster: Cluster) -> None:
    cluster.point(own_database)
    connection.settings_dict.update(USER="nrm_loader", PASSWORD="loader")

    with pytest.raises(ImproperlyConfigured, match="may bypass row-level security"):
        refuse_unsafe_start()


def test_production_refuses_a_clock_that_can_be_moved(own_database: str, cluster: Cluster, settings: Any) -> None:
    settings.IS_PRODUCTION = True
    assert codes(check_clock) == ["nrm.E002"]

    with cluster.admin(own_database) as admin:
        roles.make(admin, settings.ROLE_PASSWORDS, is_test=False)
    assert codes(check_clock) == []


def test_roles_can_be_made_again(own_database: str, cluster: Cluster, settings: Any) -> None:
    with cluster.admin(own_database) as admin:
        roles.make(admin, settings.ROLE_PASSWORDS, is_test=True)

    assert codes(check_role) == []
