"""What others have corrected since the reader last looked, in rows that they share with the reader's organisation.

Whoever reads a row has to hear that it was wrong (GDPR Articles 16, 19; Directive (EU) 2016/680, Article 16(6)). When
the reader last looked stands in the record of requests, which each member may read of itself.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from django.db.models import CharField, Max, Value

from audit.models import AuditRequest
from cases.access import scope
from cases.enums import SHAREABLE, Category
from cases.models import ROWS, CategoryRow
from cases.policies import CaseAccess

# Where the rows of a category are shown.
SHOWING: Final = ("cases:category", "api:rows")
FIRST_REFUSAL: Final = 400
CORRECTED: Final = tuple(category for category in SHAREABLE if category is not Category.CONSENT)


def last_looks(access: CaseAccess) -> Mapping[str, datetime]:
    """When the reader last opened each category of the case before this request. One query."""
    own = AuditRequest.objects.filter(membership_id=access.actor.membership_id, case_id=access.case.pk)
    shown = own.filter(route__in=SHOWING, method="GET", outcome__lt=FIRST_REFUSAL).order_by()
    found: dict[str, datetime] = {}
    for seen, last in shown.values_list("categories").annotate(last=Max("at")):
        for category in seen:
            found[category] = max(last, found.get(category, last))
    return found


def is_corrected(access: CaseAccess, row: CategoryRow, looks: Mapping[str, datetime]) -> bool:
    """True when somebody else has corrected ``row`` since the reader last looked at its category."""
    seen = looks.get(row.category)
    is_own = row.owner_organisation_id == access.actor.organisation_id
    return not is_own and row.version > 1 and seen is not None and row.updated_at > seen


def corrected_categories(access: CaseAccess) -> list[Category]:
    """The categories in which somebody else has corrected a row since the reader last looked. Two queries, or none."""
    shared = {category for granted in access.grants.values() for category in granted}
    looks = last_looks(access) if shared else {}
    wanted = [category for category in CORRECTED if category in shared and category in looks]
    rows = [
        model._default_manager.filter(scope(access, category), version__gt=1, updated_at__gt=looks[category])
        .exclude(owner_organisation=access.actor.organisation_id)
        .order_by()
        .annotate(of=Value(str(category), CharField()))
        .values_list("of")
        for category in wanted
        for model in ROWS[category]
    ]
    found = {of for (of,) in rows[0].union(*rows[1:])} if rows else set()
    return [category for category in wanted if category in found]
