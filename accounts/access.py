"""Loads people, invitations and organisations on somebody's behalf: what lies elsewhere is missing, not forbidden."""

from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

from allauth.mfa.utils import is_mfa_enabled
from django.db import connection
from django.db.models import Count, Q, QuerySet

from accounts import policies, second_factor, second_person
from accounts.actors import NO_KEY, Actor, actor_for
from accounts.models import (
    Absence,
    CalendarFeed,
    GrantWay,
    Invitation,
    Membership,
    Notice,
    Organisation,
    Role,
    RoleGrant,
    Session,
    User,
)
from accounts.querysets import (
    AbsenceQuerySet,
    InvitationQuerySet,
    MembershipQuerySet,
    OrganisationQuerySet,
    RoleGrantQuerySet,
)
from accounts.tokens import calendar_feed_id, token_hash
from core import clock
from core.errors import Missing, NotAllowed
from profiles.profile import active

PREFERENCES: Final = ("language", "time_zone", "digest_at", "mails")
NEW: Final = "new"
INVITED: Final = "invited"
SIGN_IN_FIRST: Final = "sign_in_first"
SOMEBODY_ELSE: Final = "somebody_else"


def members(actor: Actor) -> MembershipQuerySet[Membership]:
    """Everybody who belongs to the active organisation, suspended or not."""
    found = Membership.objects.filter(organisation_id=actor.organisation_id or NO_KEY, ended_at__isnull=True)
    return found.select_related("user").order_by("user__name", "pk")


def present_colleagues(actor: Actor) -> MembershipQuerySet[Membership]:
    """Live members of the active organisation, the actor included."""
    found = Membership.objects.live().filter(organisation_id=actor.organisation_id or NO_KEY)
    return found.select_related("user", "organisation").order_by("user__name", "pk")


def absences(actor: Actor) -> AbsenceQuerySet[Absence]:
    """Absences of the active organisation."""
    found = Absence.objects.filter(membership__organisation_id=actor.organisation_id or NO_KEY)
    return found.select_related("membership__user", "deputy__user").order_by("starts_on", "pk")


def calendar_feeds(actor: Actor) -> QuerySet[CalendarFeed]:
    """The open feed of the active membership: one or none."""
    return CalendarFeed.objects.filter(membership_id=actor.membership_id or NO_KEY, closed_at__isnull=True)


def actor_of_calendar(token: str) -> Actor:
    """For whom a calendar asks, loaded live; raises ``Missing`` for a feed that is closed, forged or of no member."""
    feed_id = calendar_feed_id(token)
    feed = CalendarFeed.objects.filter(pk=feed_id, closed_at__isnull=True).first() if feed_id else None
    live = Membership.objects.live().select_related("user", "organisation")
    membership = live.filter(pk=feed.membership_id).first() if feed else None
    if membership is None:
        raise Missing
    return actor_for(membership)


def preferences(actor: Actor) -> dict[str, Any]:
    """Language, time zone, and how and when one is mailed, as they are stored."""
    user = User.objects.only(*PREFERENCES).get(pk=actor.user_id or NO_KEY)
    return {name: getattr(user, name) for name in PREFERENCES}


def own_absence(actor: Actor) -> Absence | None:
    """The actor's own absence that is planned or runs."""
    planned = absences(actor).planned(clock.today(active().zone))
    return planned.filter(membership=actor.membership_id or NO_KEY).first()


def invitations(actor: Actor) -> InvitationQuerySet[Invitation]:
    """The open invitations of the active organisation."""
    found = Invitation.objects.open(clock.moment()).filter(organisation_id=actor.organisation_id or NO_KEY)
    return found.order_by("created_at", "pk")


def get_member(actor: Actor, pk: UUID) -> Membership:
    """A colleague; raises ``Missing`` for somebody of another organisation, as for nobody."""
    membership = members(actor).filter(pk=pk).select_related("organisation").first()
    if membership is None:
        raise Missing
    return membership


def role_grants(actor: Actor) -> RoleGrantQuerySet[RoleGrant]:
    """How roles were asked for and given in the active organisation, newest first."""
    policies.require(actor, "view_role_grants")
    found = RoleGrant.objects.filter(membership__organisation_id=actor.organisation_id or NO_KEY)
    return _with_people(found).order_by("-asked_at", "pk")


def role_grants_for_platform(actor: Actor) -> list[RoleGrant]:
    """What waits for two platform administrators, since nobody in the organisation can confirm it; oldest first."""
    policies.require(actor, "view_organisations")
    waiting = _with_people(RoleGrant.objects.waiting(clock.moment())).order_by("asked_at", "pk")
    return [one for one in waiting if second_person.for_grant(one).way is GrantWay.PLATFORM]


def get_role_grant(actor: Actor, pk: UUID) -> RoleGrant:
    """A grant of the active organisation, or one that waits for the platform; raises ``Missing``."""
    own = role_grants(actor).filter(pk=pk).first()
    if own is not None:
        return own
    waiting = role_grants_for_platform(actor) if actor.is_platform_administrator else []
    found = next((one for one in waiting if one.pk == pk), None)
    if found is None:
        raise Missing
    return found


def waiting_roles(actor: Actor) -> dict[UUID, list[str]]:
    """Which roles wait for a second person, by membership, in the active organisation."""
    waiting = RoleGrant.objects.waiting(clock.moment()).filter(
        membership__organisation_id=actor.organisation_id or NO_KEY
    )
    return dict(waiting.values_list("membership_id", "roles"))


def warnings_of(grant: RoleGrant) -> list[str]:
    """What is shown about the address of the member, beside the grant."""
    organisation = grant.membership.organisation
    colleagues = Membership.objects.filter(organisation=organisation, ended_at__isnull=True).select_related("user")
    return second_person.warnings(grant, colleagues.order_by("created_at", "pk"), organisation)


def may_answer(actor: Actor, grant: RoleGrant) -> bool:
    """True when the grant waits and ``actor`` may be the second person."""
    return (
        grant.is_waiting
        and policies.may(actor, "confirm_roles")
        and grant.confirmed_by_id != actor.user_id
        and second_person.for_grant(grant).includes(actor, grant)
    )


def _with_people(found: RoleGrantQuerySet[RoleGrant]) -> RoleGrantQuerySet[RoleGrant]:
    return found.select_related("membership__organisation", "person", "asked_by", "confirmed_by", "seconded_by")


def invitations_of(organisation: Organisation) -> InvitationQuerySet[Invitation]:
    """The open invitations of an organisation that the platform administrator looks at."""
    found = Invitation.objects.open(clock.moment()).filter(organisation=organisation)
    return found.order_by("created_at", "pk")


def get_invitation(actor: Actor, pk: UUID) -> Invitation:
    """An open invitation of the active organisation, or any for the platform administrator; raises ``Missing``."""
    everywhere = Invitation.objects.open(clock.moment())
    found = everywhere if actor.is_platform_administrator else invitations(actor)
    invitation = found.filter(pk=pk).select_related("organisation").first()
    if invitation is None:
        raise Missing
    return invitation


def organisations() -> OrganisationQuerySet[Organisation]:
    """All organisations with the number of their live members and administrators."""
    is_live = Q(
        memberships__suspended_at__isnull=True,
        memberships__ended_at__isnull=True,
        memberships__user__is_active=True,
    )
    is_administrator = Q(memberships__roles__contains=[Role.ORGANISATION_ADMINISTRATOR])
    counted = Organisation.objects.annotate(
        members=Count("memberships", filter=is_live),
        administrators=Count("memberships", filter=is_live & is_administrator),
    )
    return counted.order_by("name")


def get_organisation(actor: Actor, pk: UUID) -> Organisation:
    """An organisation, for the platform administrator; raises ``NotAllowed`` for others, ``Missing`` for none."""
    policies.require(actor, "view_organisations")
    organisation = organisations().filter(pk=pk).first()
    if organisation is None:
        raise Missing
    return organisation


def count_led(organisation: Organisation) -> tuple[int, int]:
    """How many open cases an organisation leads, and how many of them are children's; for who is about to suspend it.

    Asked of the database: accounts know no case.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT cases, children FROM nrm_count_led(%s)", [organisation.pk])
        cases, children = cursor.fetchone()
    return cases, children


def invitation_for(token: str) -> Invitation:
    """The open invitation that a link names; raises ``Missing`` alike for wrong, used, revoked and expired links."""
    found = Invitation.objects.open(clock.moment()).filter(
        token_hash=token_hash(token), organisation__suspended_at__isnull=True
    )
    invitation = found.select_related("organisation").first()
    if invitation is None:
        raise Missing
    return invitation


def standing_of(actor: Actor, invitation: Invitation) -> str:
    """Whether who opens the link is new, the invited person, or must sign in, out or as somebody else first."""
    known = User.objects.filter(email=invitation.email).values_list("pk", flat=True).first()
    if known is None:
        return SOMEBODY_ELSE if actor.is_signed_in else NEW
    if not actor.is_signed_in:
        return SIGN_IN_FIRST
    return INVITED if known == actor.user_id else SOMEBODY_ELSE


def count_sessions(actor: Actor) -> int:
    """In how many browsers the person is signed in."""
    return Session.objects.filter(user_id=actor.user_id or NO_KEY, expire_date__gt=clock.moment()).count()


def has_pin(actor: Actor) -> bool:
    """Whether the person has set a PIN for a hidden screen."""
    return User.objects.filter(pk=actor.user_id or NO_KEY).exclude(pin="").exists()


def own_memberships(actor: Actor) -> MembershipQuerySet[Membership]:
    """The live memberships of the person, in any organisation."""
    live = Membership.objects.live().filter(user_id=actor.user_id or NO_KEY)
    return live.select_related("organisation").order_by("organisation__name", "pk")


def stopped_memberships(actor: Actor) -> MembershipQuerySet[Membership]:
    """Those in which the person cannot work at present: suspended, or of an organisation that is."""
    mine = Membership.objects.filter(user_id=actor.user_id or NO_KEY, ended_at__isnull=True)
    stopped = mine.exclude(pk__in=Membership.objects.live().values("pk"))
    return stopped.select_related("organisation").order_by("organisation__name", "pk")


def count_waiting_in(memberships: Iterable[Membership]) -> dict[UUID, int]:
    """How much waits in the inbox of each of these memberships; those in which nothing does are left out."""
    found = Notice.objects.waiting(clock.moment()).filter(membership__in=[one.pk for one in memberships])
    return dict(found.values_list("membership").annotate(n=Count("pk")).order_by())


def lock_organisation(pk: UUID | None) -> Organisation:
    """The row that serialises changes of an organisation and its members; raises ``Missing``.

    Who only refers to it, as every row of a case does, does not wait: a suspension waits for who works on the cases.
    """
    organisation = Organisation.objects.select_for_update(no_key=True).filter(pk=pk or NO_KEY).first()
    if organisation is None:
        raise Missing
    return organisation


def relock(actor: Actor, action: str, membership: Membership) -> Membership:
    """Lock the organisation, judge the actor anew by what is stored now, and load the colleague afresh.

    Nobody acts on their own membership. As whoever acts is a live administrator at this very moment, an organisation
    never loses its last administrator this way, not even when two of them end each other.
    """
    organisation = lock_organisation(membership.organisation_id)
    live = Membership.objects.live().select_related("user", "organisation")
    own = live.filter(pk=actor.membership_id or NO_KEY).first()
    if own is None or own.pk == membership.pk:
        raise NotAllowed
    policies.require(actor_for(own), action, organisation.pk)
    fresh = Membership.objects.select_related("user", "organisation").select_for_update(of=("self",), no_key=True)
    return fresh.get(pk=membership.pk)


def needs_code(actor: Actor) -> bool:
    """True when the person has a second factor, which then proves who acts; else the password does."""
    return is_mfa_enabled(User.objects.get(pk=actor.user_id or NO_KEY))


def proves_identity(actor: Actor, proof: str) -> bool:
    """True when ``proof`` is the person's code of the second factor, not used before, or, without one, the password."""
    user = User.objects.get(pk=actor.user_id or NO_KEY)
    return second_factor.proves(user, proof) if is_mfa_enabled(user) else user.check_password(proof)
