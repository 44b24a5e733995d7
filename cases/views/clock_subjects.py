"""What a clock is about where several of one rule run: which share, referral or consent, in words."""

from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from cases.models import Consent, Deadline, Share
from cases.policies import CaseAccess
from profiles import codes

# Asked of the database, which shows a referral to its two sides only: cases know no referral.
REFERRALS: Final = """
SELECT r.id, r.service, r.from_organisation_id, o.name
  FROM referrals_referral r JOIN accounts_organisation o ON o.id = r.to_organisation_id WHERE r.id = ANY(%s)
"""


def clock_subjects(
    access: CaseAccess, deadlines: Iterable[Deadline], shares: Sequence[Share]
) -> dict[UUID | None, str]:
    """Words for the subjects of clocks, by key; nothing for a subject that the reader may not see.

    ``shares`` are those that the reader may see; referrals and consents are asked for, one question each, where a
    subject is none of them.
    """
    found: dict[UUID | None, str] = {share.pk: _share(access, share) for share in shares}
    others = [one.subject_id for one in deadlines if one.subject_id is not None and one.subject_id not in found]
    if others:
        found |= _referrals(access, others)
        purposes = Consent.objects.filter(case=access.case, pk__in=others).values_list("pk", "purpose")
        found |= {pk: codes.get("purpose").label(purpose) for pk, purpose in purposes}
    return found


def _share(access: CaseAccess, share: Share) -> str:
    if share.to_organisation_id == access.actor.organisation_id:
        return _("What your organisation sees")
    return _("What %(organisation)s sees") % {"organisation": access.names.receiver(share).name}


def _referrals(access: CaseAccess, keys: Sequence[UUID]) -> dict[UUID | None, str]:
    """The service asked; for who sent it also of whom, which is the own choice."""
    with connection.cursor() as cursor:
        cursor.execute(REFERRALS, [list(keys)])
        rows = cursor.fetchall()
    services, own = codes.get("service"), access.actor.organisation_id
    return {
        pk: f"{services.label(service)}, {receiver}" if sender == own else services.label(service)
        for pk, service, sender, receiver in rows
    }
