"""The tables of ``sharing.md`` sections 4 and 5 are whole, or the application does not start.

Each fault says what is missing and where it belongs. Registered as system checks; a serving process asks them too.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from django.apps import AppConfig, apps
from django.core.checks import Error, register

from accounts.enums import Role
from cases import policies
from cases.enums import SHAREABLE, Category
from cases.models import ROWS, CategoryRow
from nrm.checks import RIGHTS
from nrm.rights import tables
from nrm.rights.acts import LABELS
from profiles import codes
from profiles.profile import active

POLICIES: Final = "cases/policies.py"
ACTS: Final = "nrm/rights/acts.py"
LETTERS: Final = frozenset({policies.OFFERED, policies.GRANTABLE, tables.NEVER})
# sharing.md section 4: nobody not listed may be granted anything.
NOT_LISTED: Final = frozenset({"coordinator", "rapporteur"})
# A deadline rule of the profile may also be about what all see that know the case.
OF_A_CLOCK: Final = frozenset(Category)


@register(RIGHTS)
def check_rights(app_configs: Sequence[AppConfig] | None = None, **options: Any) -> list[Error]:
    """Everything that is missing from the two tables."""
    return [
        *(Error(fault, hint=f"See {POLICIES}.", id="nrm.E010") for fault in missing_ceiling()),
        *(Error(fault, hint=f"See {ACTS} and {POLICIES}.", id="nrm.E011") for fault in missing_acts()),
        *(Error(fault, hint="See cases/models/categories.py.", id="nrm.E012") for fault in missing_categories()),
    ]


def missing_ceiling() -> Iterator[str]:
    """Each category has a row of the ceiling, each row a letter for each kind of organisation."""
    table, kinds = policies.CEILING_TABLE, codes.get("organisation_kind")
    for category in SHAREABLE:
        if category not in table:
            yield f"The category {category} has no row in the ceiling (CEILING_TABLE)."
    for named, row in table.items():
        letters = row.split()
        if named not in SHAREABLE:
            yield f"The ceiling has a row for {named}, which is no category that can be shared."
        if len(letters) != len(policies.COLUMNS) or not set(letters) <= LETTERS:
            yield f"The ceiling of {named} needs {len(policies.COLUMNS)} letters of {' '.join(sorted(LETTERS))}."
    for kind in policies.COLUMNS:
        if kind not in kinds:
            yield f"The ceiling names {kind}, which is no kind of organisation (profiles/codes/organisation_kind.toml)."
    for one in kinds:
        if one.code not in {*policies.COLUMNS, *NOT_LISTED}:
            yield f"The kind of organisation {one.code} has no column in the ceiling (COLUMNS)."


def missing_acts() -> Iterator[str]:
    """Each act of section 5 has a rule, each rule has its act, and names roles and kinds that exist."""
    known = tables.known()
    for name in LABELS.keys() - known:
        yield f"The act {name} of section 5 has no rule (MAY)."
    for name in sorted(known - LABELS.keys()):
        yield f"The act {name} has a rule and no words in the table of acts (SUBJECTS)."
    for name, rules in policies.MAY.items():
        if not rules:
            yield f"Nobody may do {name}: its rule (MAY) is empty."
        for rule in rules:
            yield from (f"The rule of {name} names the role {one}, which nobody can hold." for one in _strange(rule))
            unknown = sorted(one for one in rule.kinds if one not in codes.get("organisation_kind"))
            yield from (f"The rule of {name} names {one}, which is no kind of organisation." for one in unknown)


def missing_categories() -> Iterator[str]:
    """Each kind of row names its category, each category has rows and words, each clock of the country names one."""
    for model in apps.get_models():
        if issubclass(model, CategoryRow) and model not in ROWS.get(model.category, ()):
            yield f"{model.__name__} is a row of a case and stands under no category (category, ROWS)."
    for category in SHAREABLE:
        if not ROWS.get(category):
            yield f"The category {category} has no rows (ROWS)."
    for any_category in Category:
        if any_category not in codes.get("category"):
            yield f"The category {any_category} has no words (profiles/codes/category.toml)."
    for rule in active().rules:
        if rule.category not in OF_A_CLOCK:
            yield f"The clock {rule.code} of the country profile names the category {rule.category}, which is none."


def _strange(rule: policies.Rule) -> list[str]:
    return sorted(set(rule.roles) - set(Role.values))
