"""What a share hangs on: how far its giver can give, who is told of a new line, and what is lost with its source.

Source: ``sharing.md`` rules 18 and 19. Who knows a case by what is computed in ``cases.knowledge``.
"""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import Membership, Notice, Organisation, Role
from cases import ledger, notices, policies
from cases.knowledge import Sources
from cases.models import Case, CaseVisibility, Share
from cases.policies import CaseAccess
from core.dates import end_of_day, last_day
from core.db import role
from core.errors import NotAllowed, Refused
from profiles.profile import active

ANSWERABLE: Final = (Role.SUPERVISOR, Role.INTAKE)


def check_within_reach(access: CaseAccess, ends_on: date) -> None:
    """What is given onward ends no later than the giver's own knowledge of the case (civil day, included)."""
    if access.is_lead:
        return
    reach = ledger.knowledge(access.case).of(access.actor.organisation_id or access.case.pk)
    if reach is not None:
        _check_day(ends_on, reach.reads_until)


def check_within_sources(access: CaseAccess, share: Share, ends_on: date) -> None:
    """A renewal ends no later than what the share hangs on, as that stands now."""
    limit = ledger.knowledge(access.case).limit(share)
    if limit is not None:
        _check_day(ends_on, limit.reads_until)


def check_may_end(actor: Actor, access: CaseAccess | None, share: Share) -> None:
    """Raise ``NotAllowed`` for legal aid, which no authority and no other giver ends (rule 19)."""
    if not policies.may_end_gift_to(actor, access, share.to_organisation.kind):
        raise NotAllowed(
            _("Legal aid ends by the person’s word, by a lead that is no authority, or by data protection.")
        )


def named_for(case: Case, organisation_id: UUID) -> Sources:
    """What an organisation knows the case by now: what its share, or its referral once accepted, hangs on."""
    return ledger.knowledge(case).sources_of(organisation_id)


def still_reaches(case: Case, share: Share) -> bool:
    """True when what ``share`` names still leads to it: for a referral that was sent a while ago."""
    known = ledger.knowledge(case)
    return known.with_one(share).reach.get(share.pk) is not None


def tell_of_new_line(case: Case, share: Share) -> None:
    """Tell the lead, and whoever gave the giver its right, that somebody was brought in; without content."""
    known = ledger.knowledge(case)
    givers = {known.shares[pk].from_organisation_id for pk in share.sources if pk in known.shares}
    lead = {known.lead} if known.lead is not None else set()
    told = (givers | lead) - {share.from_organisation_id, share.to_organisation_id}
    _tell("share_passed_on", case, told, key=share.pk)


def tell_receiver(case: Case, share: Share) -> None:
    """Whoever works on the case at the receiver learns that something was shared; whoever answers there, else."""
    _tell("share_received", case, {share.to_organisation_id}, key=share.pk)


def tell_readers(case: Case, *, owner: UUID, category: str, key: UUID) -> None:
    """Whoever reads a category of the owner's rows learns that a row was added; once, until it was looked at."""
    with role(ledger.LEDGER):
        live = Share.objects.live().filter(case=case, from_organisation=owner, categories__contains=[category])
        readers = set(live.filter(opened_at__isnull=False).values_list("to_organisation_id", flat=True))
    people = working_on(case, readers) if readers else []
    unread = Notice.objects.filter(kind="row_added", case_id=case.pk, read_at__isnull=True, membership__in=people)
    know_already = set(unread.values_list("membership_id", flat=True))
    notices.alert_members("row_added", case, members=[one for one in people if one.pk not in know_already], key=key)


def tell_of_ended_shares(case: Case, shares: Iterable[Share], *, kind: str) -> None:
    """Tell the receivers that something has ended, and no more; what it was stands on a page of theirs (rule 13)."""
    for share in shares:
        notices.settle_alert("share_received", share.pk)
        receiver = Organisation.objects.filter(pk=share.to_organisation_id)
        page = f"/shares/received/{share.pk}/"
        notices.alert(kind, None, organisations=receiver, roles=ANSWERABLE, key=share.pk, path=page, about=case)


def tell_giver(access: CaseAccess, share: Share) -> None:
    """The lead ended what another organisation gave: its people on the case are told."""
    _tell("own_share_ended", access.case, {share.from_organisation_id} - {access.actor.organisation_id}, key=share.pk)


def tell_lead(case: Case, waiting: Collection[Share]) -> None:
    """A referral is done and others read on because of it: the lead answers."""
    if waiting:
        lead = ledger.lead_of(case.pk)
        notices.alert_members("branch_kept", case, members=working_on(case, {lead.pk}), key=next(iter(waiting)).pk)


def working_on(case: Case, organisations: Collection[UUID]) -> list[Membership]:
    """The members of these organisations who are assigned to the case; those who answer where nobody is."""
    with role(ledger.LEDGER):
        rows = CaseVisibility.objects.live().filter(case=case, membership__isnull=False)
        assigned = set(rows.filter(organisation__in=organisations).values_list("membership_id", flat=True))
    live = Membership.objects.live().select_related("user").order_by("created_at", "pk")
    people = list(live.filter(pk__in=assigned))
    attended = {one.organisation_id for one in people}
    return people + list(live.filter(organisation__in=set(organisations) - attended).with_role(*ANSWERABLE))


def _tell(kind: str, case: Case, organisations: Collection[UUID], *, key: UUID) -> None:
    if organisations:
        notices.alert_members(kind, case, members=working_on(case, organisations), key=key)


def _check_day(ends_on: date, until: datetime) -> None:
    zone = active().zone
    if end_of_day(ends_on, zone) > until:
        last = last_day(until, zone)
        raise Refused(
            _("Your organisation itself knows this case until %(day)s. Choose that day or an earlier one.")
            % {"day": date_format(last, "j F Y")},
            field="ends_on",
        )
