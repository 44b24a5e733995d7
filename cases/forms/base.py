"""The base of the forms by category: which field is a coded column and which is sealed."""

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar

from django.db.models import Field

from cases.enums import Category
from cases.models import CategoryRow
from cases.policies import CaseAccess
from core.forms import ANSWERED, NrmForm, VersionField

Values = dict[str, Any]


class CategoryForm(NrmForm):
    """A form that makes one row of one category. Pages and API use the same.

    ``Meta.plain`` names the fields that are columns of ``Meta.model``, ``Meta.sealed`` those that are encrypted,
    ``Meta.names`` those that pages hide until somebody asks for them.
    ``columns()`` and ``content()`` give the two halves of a valid form; ``initial_of(row)`` is the way back.
    “Not known” and “does not want to say” are codes in a coded column and ``<name>_answer`` in the sealed part.
    """

    version = VersionField(required=False)

    class Meta:
        model: type[CategoryRow]
        plain: tuple[str, ...] = ()
        sealed: tuple[str, ...] = ()
        names: tuple[str, ...] = ()

    answerable: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def category(cls) -> Category:
        return Category(cls.Meta.model.category)

    @classmethod
    def known(cls, access: CaseAccess) -> Values:
        """What else the own organisation wrote that this form is judged against; arguments of the form."""
        return {}

    @classmethod
    def initial_of(cls, row: CategoryRow) -> Values:
        """What the form shows of a row that ``access`` has opened (``row.content``)."""
        values = {name: getattr(row, name) for name in cls.Meta.plain}
        return values | dict(row.content) | {"version": row.version}  # type: ignore[attr-defined]

    @classmethod
    def stored(cls, row: CategoryRow) -> Values:
        """What is stored, by field; an answer that is gone is there as empty, so that a conflict shows it."""
        empty = {
            name: "" if getattr(field, "belongs_to", "") else field.to_python(None)
            for name, field in cls().fields.items()
        }
        return empty | cls.initial_of(row)

    def columns(self) -> Values:
        """The coded columns of the row; an empty answer takes the column's own empty value."""
        return {name: self._column(name) for name in self.Meta.plain}

    def content(self) -> Values:
        """What is sealed. Empty answers are left out; dates become ISO text, as JSON keeps them."""
        names = [*self.Meta.sealed, *(name + ANSWERED for name in self.answerable)]
        given = {name: self.cleaned_data.get(name) for name in names}
        return {name: _plain(value) for name, value in given.items() if value not in (None, "", [])}

    def case_columns(self) -> Values:
        """Columns of the case itself (category ``status``) that follow from this form; none for most categories."""
        return {}

    def arguments(self) -> Values:
        """For the operations on rows: ``columns``, ``content``, ``case_columns`` and the ``version`` that was shown."""
        return {
            "columns": self.columns(),
            "content": self.content(),
            "case_columns": self.case_columns(),
            "version": self.cleaned_data.get("version"),
        }

    def _column(self, name: str) -> Any:
        value = self.cleaned_data.get(name)
        if value is not None:
            return value
        column = self.Meta.model._meta.get_field(name)
        return column.get_default() if isinstance(column, Field) else value


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return dict(value) if isinstance(value, Mapping) else value
