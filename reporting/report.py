"""The report for the person concerned (GDPR, Article 15): which organisations had what, when, and on which basis.

It is about the rows of the organisation that leads the case, which answers for these rows only, and tells who gave it
more. It omits third persons: no colleague and nobody that an account names; and no shelter by name, for paper is lost
(``sharing.md`` rule 6). What the rows say is not in it: that is handed over from the file itself.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final
from uuid import UUID

import typst
from django.conf import settings
from django.db.models import Count, Min
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit import trail
from cases import access as door
from cases import policies
from cases.enums import SHAREABLE
from cases.looks import by_organisation
from cases.masking import HOST, ShownOrganisation, a_shelter
from cases.models import ROWS, Share
from cases.operations.legal_bases import basis_label
from cases.operations.members import INTERNAL
from cases.policies import CaseAccess
from core import clock
from profiles import codes
from profiles.profile import active

TEMPLATE: Final = Path("templates/print/report.typ")


@dataclass(frozen=True)
class Section:
    """A heading, what it means, and a table, which may be empty."""

    heading: str
    text: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]

    @property
    def labelled(self) -> list[list[tuple[str, str]]]:
        """The rows with the head of its column beside each cell."""
        return [list(zip(self.columns, row, strict=True)) for row in self.rows]


@dataclass(frozen=True)
class Report:
    """Everything that the report says, in one language."""

    title: str
    organisation: str
    language: str
    about: Sequence[str]
    sections: Sequence[Section]
    footer: str
    page_word: str


def report_to_person(access: CaseAccess, language: str) -> Report:
    """The report in the language that is active; recorded, for it is a disclosure."""
    policies.require(access.actor, "report_to_person", access)
    reference, organisation = access.case.shown_reference, access.lead
    answered_by = _name(organisation)
    trail.record("report_to_person", actor=access.actor, case_id=access.case.pk, category=INTERNAL, language=language)
    contact = ", ".join(filter(None, [organisation.email, organisation.phone]))
    if organisation.kind == HOST:
        contact = _("ask who gave you this paper")
    made_on = _day(clock.today(active().zone))
    return Report(
        title=_("Who had which information about you"),
        organisation=answered_by,
        language=language,
        about=[
            _("Reference: %(reference)s") % {"reference": reference},
            _("Answered by: %(organisation)s") % {"organisation": answered_by},
            _("Questions: %(contact)s") % {"contact": contact},
            _("Made on: %(day)s") % {"day": made_on},
        ],
        sections=[_held(access), *_given_and_received(access), _looked(access), _rights()],
        footer=_("Reference %(reference)s, made on %(day)s") % {"reference": reference, "day": made_on},
        page_word=_("Page"),
    )


def pdf(report: Report) -> bytes:
    """As a tagged PDF (PDF/UA-1) with title and language."""
    source = (Path(settings.BASE_DIR) / TEMPLATE).read_bytes()
    made: bytes = typst.compile(
        source,
        format="pdf",
        sys_inputs={"data": json.dumps(asdict(report), ensure_ascii=False)},
        pdf_standards=["ua-1"],
        ignore_system_fonts=True,
    )
    return made


# -- sections --------------------------------------------------------------------------------------------------------


def _held(access: CaseAccess) -> Section:
    own, rows = access.actor.organisation_id, list[Sequence[str]]()
    for category in SHAREABLE:
        count, since = 0, list[datetime]()
        for model in ROWS[category]:
            kept = model._default_manager.filter(case=access.case, owner_organisation_id=own or UUID(int=0))
            found = kept.aggregate(n=Count("pk"), first=Min("created_at"))
            count += found["n"]
            since += [found["first"]] if found["first"] else []
        if count:
            entries = ngettext("%(n)s entry", "%(n)s entries", count) % {"n": count}
            rows.append([str(category.label), entries, _day(min(since))])
    return Section(
        _("What we hold about you"),
        _("The kinds of information that our organisation wrote down. You may ask to read it and to correct it."),
        [_("What"), _("How much"), _("Since")],
        rows,
    )


def _given_and_received(access: CaseAccess) -> list[Section]:
    shares, own = sorted(door.shares(access), key=lambda one: one.starts_at), access.actor.organisation_id
    columns = [_("Organisation"), _("What"), _("Why"), _("Legal basis"), _("From"), _("Until")]
    given = [_share(one, access.names.receiver(one)) for one in shares if one.from_organisation_id == own]
    received = [_share(one, access.names.giver(one)) for one in shares if one.to_organisation_id == own]
    return [
        Section(
            _("Who could see it"),
            _("The organisations with which we shared information about you, and when that began and ended.")
            if given
            else _("We shared it with nobody."),
            columns,
            given,
        ),
        Section(
            _("What others told us"),
            _("The organisations that let us see information about you. They answer for it themselves.")
            if received
            else _("No organisation let us see information about you."),
            columns,
            received,
        ),
    ]


def _share(share: Share, other: ShownOrganisation) -> Sequence[str]:
    ended = share.ended_at if share.ended_at and share.ended_at < share.ends_at else None
    return [
        _name(other),
        ", ".join(codes.get("category").labels(share.categories)),
        codes.get("purpose").label(share.purpose),
        basis_label(share.legal_basis, share.provision),
        _day(share.starts_at),
        _day(ended or share.ends_on),
    ]


def _looked(access: CaseAccess) -> Section:
    found = by_organisation(access)
    organisations = access.names.by_key(one.organisation_id for one in found)
    own = access.actor.organisation_id
    rows = [
        [
            _("Our own staff") if one.organisation_id == own else _named(organisations, one.organisation_id),
            ", ".join(codes.get("category").labels(one.categories)),
            _day(one.first_at),
            _day(one.last_at),
            str(one.days),
        ]
        for one in found
    ]
    return Section(
        _("Who looked at it"),
        _(
            "On how many days somebody of these organisations opened what we wrote about you, the first time and the"
            " last."
        ),
        [_("Organisation"), _("What"), _("First"), _("Last"), _("Days")],
        rows,
    )


def _rights() -> Section:
    return Section(
        _("Your rights"),
        _(
            "You may see, correct and in some cases erase what is written about you, withdraw a consent at any time,"
            " and complain to the data-protection authority. Help never depends on it. Other organisations that work"
            " with you wrote down information of their own; you can ask each of them."
        ),
        [],
        [],
    )


def _named(organisations: Mapping[UUID | None, ShownOrganisation], key: UUID | None) -> str:
    return _name(organisations[key]) if key in organisations else _("The system")


def _name(organisation: ShownOrganisation) -> str:
    """A shelter stays unnamed: who finds the paper must not learn where to look."""
    return (a_shelter() if organisation.kind == HOST else organisation).name


def _day(value: date | datetime) -> str:
    return date_format(timezone.localtime(value) if isinstance(value, datetime) else value, "j F Y")
