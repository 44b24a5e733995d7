"""A request as views receive it: the outer middleware has put the actor on it."""

from django.http import HttpRequest

from accounts.actors import Actor


class Request(HttpRequest):
    """``actor`` is never absent: nobody signed in is ``Actor.nobody()``. ``has_failed`` rolls the transaction back."""

    actor: Actor
    has_failed: bool
