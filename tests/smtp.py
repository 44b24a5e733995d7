"""What the loopback SMTP server of a test received."""

from email import message_from_bytes
from email.message import Message
from email.policy import default
from typing import Any


class Letters:
    """A handler of aiosmtpd that keeps every message; ``refuse_next`` answers that many with a temporary failure."""

    def __init__(self) -> None:
        self.received: list[Message] = []
        self.refuse_next = 0

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.refuse_next:
            self.refuse_next -= 1
            return "451 Try again later"
        self.received.append(message_from_bytes(envelope.content, policy=default))
        return "250 Taken"
