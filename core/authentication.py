"""Who calls the API: the session of the screens, with the same check against forged requests."""

from rest_framework import authentication
from rest_framework.request import Request


class SessionAuthentication(authentication.SessionAuthentication):
    """Answers 401, not 403, to who is not signed in: signing in helps, and the two must not look alike."""

    def authenticate_header(self, request: Request) -> str:
        """What the challenge names."""
        return "Session"
