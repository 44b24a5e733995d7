"""Sessions in the database that know whose they are, so that one can see and end one's own (``SESSION_ENGINE``)."""

import re
from typing import Any, Final

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

from accounts.models import Session

KEY: Final = re.compile("[a-z0-9]{8,40}")


class SessionStore(DatabaseStore):
    """``row`` is the session as it stood when the request began: with its lock, which no saving of data touches."""

    row: Session | None = None

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """The session's row with the person signed in."""
        row: Session = super().create_model_instance(data)  # type: ignore[assignment]
        row.user_id = data.get("_auth_user_id")
        return row

    def _validate_session_key(self, key: str | None) -> bool:
        """A cookie can hold anything; what is no key of ours is nobody's, and is never asked of the database."""
        return bool(key and KEY.fullmatch(key))

    def _get_session_from_db(self) -> Session | None:
        self.row = super()._get_session_from_db()  # type: ignore[misc]
        return self.row

    @property
    def is_locked(self) -> bool:
        """True while the screen is hidden; ask once the session is loaded."""
        return self.row is not None and self.row.locked_at is not None
