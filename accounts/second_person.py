"""Who may be the second person for roles that one person asked for (``sharing.md`` rule 22), by what is stored now.

Another live member who knows every case of the organisation (supervisor, intake); for custodians also a custodian, and
a custodian for all where neither is left; else a data-protection officer whom somebody else confirmed; else two
platform administrators. Never: who asked, who invited the one who asked, the member, an administrator of the
organisation, or somebody whose address leads to the mailbox of one of them
(``docs/decisions/0031-two-people-make-a-door.md``).
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from accounts import policies
from accounts.actors import NO_KEY, Actor
from accounts.addresses import is_within, mailbox
from accounts.models import GrantState, GrantWay, Invitation, Membership, Organisation, Role, RoleGrant, User

MADE_BY_TWO: Final = (GrantWay.COLLEAGUE, GrantWay.DATA_PROTECTION, GrantWay.PLATFORM)


@dataclass(frozen=True)
class SecondPerson:
    """In which way a grant can be confirmed now, and by whom; nobody is named where the platform must confirm."""

    way: GrantWay
    people: tuple[Membership, ...] = ()

    def includes(self, actor: Actor, grant: RoleGrant) -> bool:
        """True when ``actor`` may confirm or refuse ``grant``, for which this was found."""
        if self.way is GrantWay.PLATFORM:
            return _is_platform_administrator(actor, grant)
        return actor.membership_id in {one.pk for one in self.people}


def for_grant(grant: RoleGrant) -> SecondPerson:
    """Who may confirm or refuse this grant now."""
    candidates = _candidates(grant)
    knowing = [one for one in candidates if policies.CONFIRMING & set(one.roles)]
    custodians = [one for one in candidates if Role.CUSTODIAN in one.roles]
    is_of_custodians = set(grant.roles) == {Role.CUSTODIAN}
    colleagues = list(dict.fromkeys([*knowing, *custodians])) if is_of_custodians else knowing or custodians
    if colleagues:
        return SecondPerson(GrantWay.COLLEAGUE, tuple(colleagues))
    officers = _made_by_two([one for one in candidates if Role.DATA_PROTECTION_OFFICER in one.roles])
    if officers:
        return SecondPerson(GrantWay.DATA_PROTECTION, tuple(officers))
    return SecondPerson(GrantWay.PLATFORM)


def is_another(actor: Actor, first: User) -> bool:
    """True when ``actor`` is not the platform administrator who confirmed first, by key or by mailbox."""
    return not _is_party(User.objects.get(pk=actor.user_id or NO_KEY), [first])


def roles_given_alone(membership: Membership, roles: Collection[str]) -> frozenset[str]:
    """Those of ``roles`` that need nobody else: the first of an organisation that never had such a role, nor a case."""
    organisation_id = membership.organisation_id
    if has_cases(organisation_id):
        return frozenset()
    alone = [kind for kind in (policies.OPENING, policies.CONFIRMED - policies.OPENING) if _is_first(membership, kind)]
    return frozenset(roles) & frozenset().union(*alone)


def has_cases(organisation_id: UUID) -> bool:
    """True when the organisation knows or ever knew a case. People are managed without reading any."""
    return _ask("SELECT nrm_has_cases(%s)", [organisation_id])


def leaves_nobody(organisation_id: UUID, persons: Collection[UUID]) -> bool:
    """True when some open case of the organisation would have nobody to act if only ``persons`` (users) were left."""
    return _ask("SELECT nrm_leaves_nobody(%s, %s::uuid[])", [organisation_id, list(persons)])


def warnings(grant: RoleGrant, colleagues: Iterable[Membership], organisation: Organisation) -> list[str]:
    """What whoever confirms should see about the address of the member; empty when there is nothing."""
    email, others = grant.person.email, {one.user.pk: one.user for one in colleagues}
    if grant.asked_by is not None:
        others[grant.asked_by.pk] = grant.asked_by
    found = [
        _("%(email)s leads to the same mailbox as %(other)s, the address of %(name)s.")
        % {"email": email, "other": other.email, "name": other.name}
        for other in others.values()
        if other.pk != grant.person_id and mailbox(other.email) == mailbox(email)
    ]
    if organisation.email_domains and not is_within(email, organisation.email_domains):
        domains = ", ".join(organisation.email_domains)
        words = _("%(email)s lies outside the domains of the organisation: %(domains)s.")
        found.append(words % {"email": email, "domains": domains})
    return found


def _is_platform_administrator(actor: Actor, grant: RoleGrant) -> bool:
    """One who is, by key and by mailbox, neither of those whom the grant is about."""
    user = User.objects.filter(pk=actor.user_id or NO_KEY, is_active=True, is_platform_administrator=True).first()
    return user is not None and not _is_party(user, [grant.person, grant.asked_by])


def _candidates(grant: RoleGrant) -> list[Membership]:
    organisation_id = grant.membership.organisation_id
    members = Membership.objects.live().filter(organisation_id=organisation_id).with_role(*policies.CONFIRMED)
    members = members.exclude(roles__contains=[Role.ORGANISATION_ADMINISTRATOR])
    parties = [grant.person, grant.asked_by, *_inviters(grant)]
    rows = members.select_related("user").order_by("created_at", "pk")
    return [one for one in rows if not _is_party(one.user, parties)]


def _inviters(grant: RoleGrant) -> list[User]:
    """Who brought the asker into the organisation: a platform administrator may be a member of it too."""
    if grant.asked_by is None:
        return []
    theirs = Invitation.objects.filter(
        organisation_id=grant.membership.organisation_id, email=grant.asked_by.email, accepted_at__isnull=False
    )
    return [one.invited_by for one in theirs.select_related("invited_by")]


def _is_party(user: User, parties: Iterable[User | None]) -> bool:
    """By key, or by the mailbox that the address leads to."""
    return any(one is not None and (one.pk == user.pk or mailbox(one.email) == mailbox(user.email)) for one in parties)


def _made_by_two(officers: Collection[Membership]) -> list[Membership]:
    """A data-protection officer whom an administrator named alone would make one person the second one too."""
    confirmed = RoleGrant.objects.filter(
        membership__in=officers,
        state=GrantState.GRANTED,
        way__in=MADE_BY_TWO,
        roles__contains=[Role.DATA_PROTECTION_OFFICER],
    )
    keys = set(confirmed.values_list("membership_id", flat=True))
    return [one for one in officers if one.pk in keys]


def _is_first(membership: Membership, kind: Collection[str]) -> bool:
    """True when nobody else of the organisation, ended and suspended ones too, ever had a role of this kind."""
    others = Membership.objects.filter(organisation_id=membership.organisation_id).exclude(pk=membership.pk)
    given = RoleGrant.objects.filter(membership__in=others, state=GrantState.GRANTED, roles__overlap=list(kind))
    return not others.with_role(*kind).exists() and not given.exists()


def _ask(question: str, values: Sequence[Any]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(question, values)
        return bool(cursor.fetchone()[0])
