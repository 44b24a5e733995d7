"""The history of category rows: each insert and change leaves a copy of the row, written by the database itself.

pghistory's triggers write one event table for each category. The sealed column is copied as it is: a ciphertext bound
to the row, so that the key of the case opens it and the erasure of the key erases it here too. Who may read an event is
decided as for its row (``core.history``). Who did it stands in the row: ``core.db`` sets it for the transaction.
"""

from collections.abc import Mapping
from typing import Any, Final

import pghistory
from django.db import models

from cases.models.categories import ROWS
from cases.models.sealed import CategoryRow


def _tracked(model: type[CategoryRow]) -> Any:
    """The event table of a category; the database writes it, the application only reads."""
    return pghistory.create_event_model(
        model,
        pghistory.InsertEvent(),
        pghistory.UpdateEvent(),
        model_name=f"{model.__name__}Event",
        obj_field=pghistory.ObjForeignKey(related_name="events", db_index=True),
        context_field=pghistory.ContextJSONField(),
        context_id_field=None,  # type: ignore[arg-type] # None is what pghistory documents
        attrs={"pgh_id": models.BigAutoField(primary_key=True)},
        meta={"default_permissions": ()},
        abstract=False,
    )


EVENTS: Final[Mapping[type[CategoryRow], Any]] = {model: _tracked(model) for kept in ROWS.values() for model in kept}
