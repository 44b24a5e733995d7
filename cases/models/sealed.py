"""Sealed columns and rows that one organisation owns."""

import uuid
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, Organisation
from cases.models.case import Case
from core import crypto


class SealedModel(models.Model):
    """A row of a case with one encrypted JSON column, opened only inside ``access`` and templates it feeds."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="+")
    owner_organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", editable=False)
    sealed = models.BinaryField(null=True, editable=False)

    class Meta:
        abstract = True
        default_permissions = ()

    @property
    def _additional_data(self) -> str:
        return f"{self._meta.db_table}:{self.pk}:{self.owner_organisation_id}"

    def open(self) -> dict[str, Any]:
        """The sealed content; empty when nothing was ever sealed."""
        if self.sealed is None:
            return {}
        return crypto.open_sealed(self.case.data_key, self.sealed, self._additional_data)

    def seal(self, content: dict[str, Any]) -> None:
        """Replace the sealed content; the caller saves."""
        self.sealed = crypto.seal(self.case.data_key, content, self._additional_data)


class SelfSealed(models.Model):
    """A row with an encrypted column and a key of its own, for readers who may not have the key of the case."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    wrapped_key = models.BinaryField(editable=False)
    sealed = models.BinaryField(editable=False)

    class Meta:
        abstract = True
        default_permissions = ()

    @staticmethod
    def _wrap(key: bytes) -> bytes:
        return crypto.wrap(key)

    @staticmethod
    def _unwrap(wrapped: crypto.Stored) -> bytes:
        return crypto.unwrap(wrapped)

    @property
    def _additional_data(self) -> str:
        return f"{self._meta.db_table}:{self.pk}"

    def open(self) -> dict[str, Any]:
        """The sealed content."""
        return crypto.open_sealed(self._unwrap(self.wrapped_key), self.sealed, self._additional_data)

    def seal(self, content: dict[str, Any]) -> None:
        """Replace the sealed content; the caller saves. The first time makes the key."""
        if not self.wrapped_key:
            self.wrapped_key = self._wrap(crypto.new_key())
        self.sealed = crypto.seal(self._unwrap(self.wrapped_key), content, self._additional_data)


class CategoryRow(SealedModel):
    """A row of one category, written by one organisation; ``version`` is the optimistic lock of this row alone.

    A version per case would tell police when the NGO wrote (``sharing.md`` rule 17).
    """

    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(editable=False)
    created_by = models.ForeignKey(Membership, models.PROTECT, related_name="+", editable=False)
    updated_at = models.DateTimeField(editable=False)

    category: str = ""
    is_single = False

    class Meta(SealedModel.Meta):
        abstract = True


def once_per_owner(model: str) -> models.UniqueConstraint:
    """Identity, contact, residence, criminal and child exist once per owner and case."""
    return models.UniqueConstraint(
        fields=("case", "owner_organisation"),
        name=f"{model}_once_per_owner",
        violation_error_message=_("Your organisation has already filled this in. Correct what is there."),
    )
