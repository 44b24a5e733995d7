"""A mail server in several moods, which counts what it received by Message-ID."""

import asyncio
from collections import Counter
from email import message_from_bytes
from email.policy import default
from typing import Any, Final

from aiosmtpd.controller import Controller

from nrm.embedded import free_port

MOODS: Final = ("well", "later", "never", "silent")
HANGS: Final = 3


class PostOffice:
    """``mood``: takes everything, answers 451 or 550, or says nothing until the client gives up."""

    def __init__(self) -> None:
        self.mood = "well"
        self.received: Counter[str] = Counter()
        self.bodies: list[str] = []
        self.controller = Controller(self, hostname="127.0.0.1", port=free_port())

    @property
    def port(self) -> int:
        return int(self.controller.port)

    @property
    def repeated(self) -> int:
        """How many mails came a second time."""
        return sum(self.received.values()) - len(self.received)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        match self.mood:
            case "later":
                return "451 Try again later"
            case "never":
                return "550 No"
            case "silent":
                await asyncio.sleep(HANGS)
                return "451 Still here"
        message = message_from_bytes(envelope.content, policy=default)
        self.received[message["Message-ID"]] += 1
        self.bodies.append(str(message.get_content()))
        return "250 Taken"
