"""The code of the second factor (django-allauth, TOTP and recovery codes): taken once, whichever process is asked.

django-allauth remembers a used code in the cache, which every process has for itself. Here the code that was taken
stands with the device, in the database: one that opened a session, or that somebody saw being typed, opens no case.
"""

import hashlib
from datetime import datetime, timedelta
from typing import Any, Final

from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa.adapter import DefaultMFAAdapter, get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator

from accounts.models import User
from core import clock, crypto

# Longer than any code is valid, whatever the tolerance.
REMEMBERED: Final = timedelta(minutes=5)
USED: Final = "used"
SEALED: Final = "sealed:"


class Adapter(DefaultMFAAdapter):
    """Secrets of devices and seeds of recovery codes are stored sealed with the master key."""

    def encrypt(self, text: str) -> str:
        return SEALED + crypto.wrap_text(text)

    def decrypt(self, encrypted_text: str) -> str:
        """What was stored; a secret of before it was sealed is read as it stands."""
        if not encrypted_text.startswith(SEALED):
            return encrypted_text
        return crypto.unwrap_text(encrypted_text.removeprefix(SEALED))


class _Once:
    """A code that is right and was taken before is as wrong as any other."""

    def clean_code(self) -> str:
        code: str = super().clean_code()  # type: ignore[misc]
        device: Authenticator = self.authenticator  # type: ignore[attr-defined]
        if device.type == Authenticator.Type.TOTP and not _take(device, code):
            self._emit_authentication_failed(device)  # type: ignore[attr-defined]
            raise get_adapter().validation_error("incorrect_code")
        return code


class SignInForm(_Once, AuthenticateForm):
    """The code after the password (``MFA_FORMS``)."""


class AgainForm(_Once, ReauthenticateForm):
    """The code before something that asks for it again (``MFA_FORMS``)."""


def proves(user: User, code: str) -> bool:
    """True when ``code`` is one of the person's devices' now, or an unused recovery code; it counts as used."""
    form = SignInForm(data={"code": code}, user=user)
    return bool(form.is_valid())


def _take(device: Authenticator, code: str) -> bool:
    """Note the code as used; false when it was. One at a time for each device."""
    stored = Authenticator.objects.select_for_update().get(pk=device.pk)
    now = clock.moment()
    # Spaces and dashes count for nothing, as when it is compared.
    digest = hashlib.sha256(f"{device.pk}:{normalize_user_code(code)}".encode()).hexdigest()
    used: dict[str, Any] = stored.data.get(USED, {})
    if digest in used:
        return False
    recent = {one: at for one, at in used.items() if datetime.fromisoformat(at) > now - REMEMBERED}
    stored.data[USED] = {**recent, digest: now.isoformat()}
    stored.last_used_at = now
    stored.save(update_fields=["data", "last_used_at"])
    return True
