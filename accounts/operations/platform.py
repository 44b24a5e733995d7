"""The first platform administrators of an installation, let in from the server: nobody is there to invite them."""

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.actors import Actor
from accounts.models import User
from accounts.tokens import password_path
from audit import trail
from core.errors import Refused


@transaction.atomic
def create_platform_administrator(*, email: str, name: str, language: str = "en") -> tuple[User, str]:
    """A platform administrator without a password, and the path of the link by which the person chooses one, once.

    Asked again for somebody who has not used the link, a new link; the earlier one is dead with the first that is used.
    Raises ``Refused`` for an address that is none, or that somebody else signs in with.
    """
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError as fault:
        raise Refused(" ".join(fault.messages), field="email") from fault
    user = User.objects.filter(email=email).first()
    if user is not None and not _waits_for_its_link(user):
        raise Refused(_("Somebody with this e-mail address already exists."), field="email")
    if user is None:
        user = User(email=email, name=name.strip(), language=language, is_platform_administrator=True)
        user.set_unusable_password()
        user.save(force_insert=True)
    trail.record("create_platform_administrator", actor=Actor.system(), object_kind="user", object_id=user.pk)
    return user, password_path(user)


def _waits_for_its_link(user: User) -> bool:
    """Whether this is a platform administrator who has never had a password."""
    return user.is_platform_administrator and user.is_active and not user.has_usable_password()
