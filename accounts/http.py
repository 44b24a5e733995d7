"""A request as views receive it: the outer middleware has put the actor on it."""

from django.http import HttpRequest

from accounts.actors import Actor
from accounts.models import Submission


class Request(HttpRequest):
    """``actor`` is never absent: nobody signed in is ``Actor.nobody()``. ``has_failed`` rolls the transaction back.

    ``submission`` is the row of a request that carries a key, while it is carried out.
    """

    actor: Actor
    has_failed: bool
    submission: Submission | None
