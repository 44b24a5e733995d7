"""Words for roles, kinds and states of organisations."""

from collections.abc import Collection, Mapping
from uuid import UUID

from django import template
from django.utils.html import format_html_join
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.models import GrantState, GrantWay, Organisation, RoleGrant
from core.templatetags.ui_parts import status_tag
from core.ui import Column
from profiles import codes

register = template.Library()


@register.simple_tag
def role_names(roles: Collection[str]) -> SafeString:
    """The roles in words, in the order of the list."""
    labels = codes.get("membership_role").labels(roles)
    return format_html_join(", ", "{}", ((label,) for label in labels))


@register.simple_tag
def number_waiting(waiting: Mapping[UUID, int], membership: UUID) -> int:
    """How much waits in the inbox of one membership."""
    return waiting.get(membership, 0)


@register.simple_tag
def kind_name(kind: str) -> str:
    """The kind of an organisation in words."""
    return codes.get("organisation_kind").label(kind)


@register.simple_tag
def organisation_state(organisation: Organisation) -> SafeString:
    """Whether it works, and whether somebody can invite its members."""
    if not organisation.is_active:
        return status_tag(_("Suspended"), "red")
    if not getattr(organisation, "administrators", 1):
        return status_tag(_("Without administrator"), "orange")
    return status_tag(_("Active"), "green")


@register.simple_tag
def grant_state(grant: RoleGrant) -> SafeString:
    """What became of roles that were asked for, and by whose word they were given."""
    if grant.state == GrantState.GRANTED:
        alone = grant.way in (GrantWay.FIRST, GrantWay.EARLIER)
        return status_tag(str(GrantWay(grant.way).label), "orange" if alone else "green")
    if grant.has_lapsed:
        return status_tag(_("Lapsed: nobody answered in time"), "grey")
    colour = {GrantState.WAITING: "blue", GrantState.REFUSED: "red"}.get(GrantState(grant.state), "grey")
    return status_tag(str(GrantState(grant.state).label), colour)


@register.simple_tag
def role_grant_columns() -> list[Column]:
    return _columns(_("Name"), _("Roles"), _("Asked"), _("State"), _("Confirmed by"))


@register.simple_tag
def member_columns() -> list[Column]:
    return _columns(_("Name"), _("Roles"), _("Last sign-in"), _("State"), _("Change"))


@register.simple_tag
def invitation_columns() -> list[Column]:
    return _columns(_("E-mail address"), _("Roles"), _("Open until"), _("Change"))


@register.simple_tag
def organisation_columns() -> list[Column]:
    return [*_columns(_("Name"), _("Kind")), Column(label=_("Members"), numeric=True), *_columns(_("State"))]


@register.simple_tag
def query_link(address: str, following: str) -> str:
    """The address with the page to come back to."""
    return f"{address}?{urlencode({'next': following})}"


def _columns(*labels: str) -> list[Column]:
    return [Column(label=label) for label in labels]
