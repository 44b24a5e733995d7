"""Hiding the screen and opening it again: with a PIN, or without one the password, for a quarter of an hour.

What is hidden is the session, on the server. After ``PIN_LIFE`` or ``ATTEMPTS`` only signing in anew opens anything.
"""

from datetime import timedelta
from itertools import pairwise
from typing import Final

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts import policies
from accounts.actors import NO_KEY, Actor
from accounts.models import Session, User
from audit import trail
from core import clock
from core.errors import Refused

PIN_LIFE: Final = timedelta(minutes=15)
ATTEMPTS: Final = 5
SHORTEST_PIN: Final = 6
LONGEST_PIN: Final = 12
FEWEST_DIGITS: Final = 3


@transaction.atomic
def lock_screen(actor: Actor, *, session_key: str, path: str) -> bool:
    """Hide everything of this session; ``path`` is where one returns to. Hiding twice keeps the first moment."""
    policies.require(actor, "lock_screen")
    open_one = Session.objects.filter(session_key=session_key, user_id=actor.user_id, locked_at__isnull=True)
    is_new = bool(open_one.update(locked_at=clock.moment(), locked_path=path, lock_attempts=0))
    if is_new:
        trail.record("lock_screen", actor=actor, object_kind="user", object_id=actor.user_id)
    return is_new


@transaction.atomic
def unlock_screen(actor: Actor, *, session_key: str, secret: str) -> bool:
    """True when ``secret`` is the PIN (without one: the password) and there was an attempt left.

    The attempt is claimed before it is judged, so that many at once are no more than five.
    """
    policies.require(actor, "unlock_screen")
    hidden = Session.objects.filter(session_key=session_key, user_id=actor.user_id, locked_at__isnull=False)
    claimable = hidden.filter(locked_at__gt=clock.moment() - PIN_LIFE, lock_attempts__lt=ATTEMPTS)
    if not claimable.update(lock_attempts=F("lock_attempts") + 1):
        return False
    user = User.objects.get(pk=actor.user_id or NO_KEY)
    is_right = check_password(secret, user.pin or user.password)
    if is_right:
        hidden.update(locked_at=None, locked_path="", lock_attempts=0)
    kind = "unlock_screen" if is_right else "unlock_screen_failed"
    trail.record(kind, actor=actor, object_kind="user", object_id=user.pk)
    return is_right


@transaction.atomic
def set_pin(actor: Actor, *, password: str, pin: str) -> User:
    """Set or change one's PIN; raises ``Refused`` for a wrong password or a PIN that is guessed first."""
    policies.require(actor, "set_pin")
    user = User.objects.select_for_update().get(pk=actor.user_id or NO_KEY)
    if not check_password(password, user.password):
        raise Refused(_("This is not your password."), field="password")
    if not pin.isascii() or not pin.isdigit() or not SHORTEST_PIN <= len(pin) <= LONGEST_PIN:
        raise Refused(_("Use 6 to 12 digits."), field="pin")
    if is_guessed_first(pin):
        raise Refused(_("This PIN is too easy to guess. Choose digits without a pattern."), field="pin")
    user.pin = make_password(pin)
    user.save(update_fields=("pin",))
    trail.record("set_pin", actor=actor, object_kind="user", object_id=user.pk)
    return user


def may_try(row: Session) -> bool:
    """True while a PIN or password still opens this hidden session; later one signs in anew."""
    is_fresh = row.locked_at is not None and row.locked_at > clock.moment() - PIN_LIFE
    return is_fresh and row.lock_attempts < ATTEMPTS


def is_guessed_first(pin: str) -> bool:
    """Fewer than three different digits, or a run up or down: what is tried before anything else."""
    steps = {(int(right) - int(left)) % 10 for left, right in pairwise(pin)}
    return len(set(pin)) < FEWEST_DIGITS or steps in ({1}, {9})
