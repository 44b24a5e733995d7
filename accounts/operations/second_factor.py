"""A lost second factor: taken away from the server, because two people of the organisation ask, who are told so."""

from collections.abc import Sequence
from typing import Final

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts import digest
from accounts.actors import Actor
from accounts.addresses import mailbox
from accounts.models import Membership, Notice, Role, Session, User
from audit import trail
from core import clock
from core.errors import Refused

KIND: Final = "second_factor_removed"
TWO_PEOPLE: Final = _(
    "An administrator and a supervisor of an organisation of this person must ask, or two other platform "
    "administrators where the person is one and belongs to no organisation."
)


@transaction.atomic
def remove_second_factor(*, email: str, asked_by: Sequence[str]) -> User:
    """Take away the devices and recovery codes of a person and end every session; the password stays, and a new second
    factor is set up at the next sign-in where the installation demands one.

    ``asked_by`` are the addresses of the two who ask. They and the person are told. Raises ``Refused`` for an address
    that nobody signs in with, and when the two may not ask, or are the person or one another by mailbox.
    """
    person, *askers = (_signing_in(one) for one in (email, *asked_by))
    if len(askers) != len({mailbox(one.email) for one in (person, *askers)}) - 1 or not _may_ask(person, askers):
        raise Refused(TWO_PEOPLE, field="asked_by")
    person = User.objects.select_for_update().get(pk=person.pk)
    Authenticator.objects.filter(user=person).delete()
    person.sessions_valid_from = clock.moment()
    person.save(update_fields=("sessions_valid_from",))
    Session.objects.filter(user_id=person.pk).delete()
    asking = [str(one.pk) for one in askers]
    recorded = trail.record(
        "remove_second_factor", actor=Actor.system(), object_kind="user", object_id=person.pk, asked_by=asking
    )
    _tell([person, *askers], key=f"{KIND}:{recorded.pk}")
    return person


def _signing_in(email: str) -> User:
    found = User.objects.filter(email=email.strip().lower(), is_active=True).first()
    if found is None:
        raise Refused(_("Nobody signs in with this address."), field="email")
    return found


def _may_ask(person: User, askers: Sequence[User]) -> bool:
    """Two people, of whom one is administrator and one supervisor in the same organisation of the person."""
    if len(askers) != len(("first", "second")):
        return False
    live = Membership.objects.live()
    organisations = set(live.filter(user=person).values_list("organisation_id", flat=True))
    if not organisations:
        return person.is_platform_administrator and all(one.is_platform_administrator for one in askers)
    roles: tuple[Role, Role] = (Role.ORGANISATION_ADMINISTRATOR, Role.SUPERVISOR)
    for first, second in (askers, reversed(askers)):
        held = [live.with_role(role).filter(user=one) for one, role in zip((first, second), roles, strict=True)]
        places = [set(rows.values_list("organisation_id", flat=True)) & organisations for rows in held]
        if places[0] & places[1]:
            return True
    return False


def _tell(people: Sequence[User], *, key: str) -> None:
    members = Membership.objects.live().filter(user__in=people).select_related("user")
    digest.post(
        [Notice(membership=one, key=key, kind=KIND, object_path="", created_at=clock.moment()) for one in members]
    )
