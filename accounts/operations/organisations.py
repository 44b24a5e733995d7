"""Organisations, by the platform administrator, who sees no case."""

from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts import access, policies
from accounts.actors import Actor
from accounts.models import Organisation
from audit import trail
from core import clock
from core.errors import Conflict
from profiles.regions import require_regions

CHANGED = _("Somebody else changed this organisation meanwhile. Look at it again.")


@transaction.atomic
def create_organisation(
    actor: Actor,
    *,
    name: str,
    kind: str,
    region: str = "",
    serves_regions: Collection[str] = (),
    services: Collection[str] = (),
    email: str = "",
    phone: str = "",
    email_domains: Collection[str] = (),
) -> Organisation:
    """Add an organisation. Its kind is fixed for ever: it decides what others may share with it."""
    policies.require(actor, "create_organisation")
    _require_regions(region, serves_regions)
    organisation = Organisation(
        name=name,
        kind=kind,
        region=region,
        serves_regions=list(serves_regions),
        services=list(services),
        email=email,
        phone=phone,
        email_domains=list(email_domains),
    )
    organisation.save()
    _record("create_organisation", actor, organisation, organisation_kind=kind, services=organisation.services)
    return organisation


@transaction.atomic
def update_organisation(
    actor: Actor,
    *,
    organisation: Organisation,
    name: str,
    region: str = "",
    serves_regions: Collection[str] = (),
    services: Collection[str] = (),
    email: str = "",
    phone: str = "",
    email_domains: Collection[str] = (),
) -> Organisation:
    """Change what an organisation is called, where it works and what it offers; never its kind."""
    policies.require(actor, "update_organisation")
    _require_regions(region, serves_regions)
    organisation = access.lock_organisation(organisation.pk)
    organisation.name, organisation.region = name, region
    organisation.serves_regions, organisation.services = list(serves_regions), list(services)
    organisation.email, organisation.phone = email, phone
    organisation.email_domains = list(email_domains)
    organisation.save(update_fields=("name", "region", "serves_regions", "services", "email", "phone", "email_domains"))
    codes = {"services": organisation.services, "regions": organisation.serves_regions}
    _record("update_organisation", actor, organisation, **codes)
    return organisation


@transaction.atomic
def suspend_organisation(actor: Actor, *, organisation: Organisation) -> Organisation:
    """Shut an organisation out with all its members, on their next request."""
    policies.require(actor, "suspend_organisation")
    organisation = access.lock_organisation(organisation.pk)
    if organisation.suspended_at is not None:
        raise Conflict(CHANGED)
    organisation.suspended_at = clock.moment()
    organisation.save(update_fields=("suspended_at",))
    _record("suspend_organisation", actor, organisation)
    return organisation


@transaction.atomic
def reinstate_organisation(actor: Actor, *, organisation: Organisation) -> Organisation:
    """Let a suspended organisation in again."""
    policies.require(actor, "reinstate_organisation")
    organisation = access.lock_organisation(organisation.pk)
    if organisation.suspended_at is None:
        raise Conflict(CHANGED)
    organisation.suspended_at = None
    organisation.save(update_fields=("suspended_at",))
    _record("reinstate_organisation", actor, organisation)
    return organisation


def _require_regions(region: str, serves_regions: Collection[str]) -> None:
    """Only regions of the country: by them cases are found, and days counted."""
    require_regions([region])
    require_regions(serves_regions, field="serves_regions")


def _record(kind: str, actor: Actor, organisation: Organisation, **codes: Any) -> None:
    trail.record(
        kind,
        actor=actor,
        owner_organisation_id=organisation.pk,
        object_kind="organisation",
        object_id=organisation.pk,
        **codes,
    )
