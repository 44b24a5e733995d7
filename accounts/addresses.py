"""Mail addresses compared: which of them lead to one mailbox, and which lie outside an organisation's domains."""

from collections.abc import Iterable


def mailbox(email: str) -> str:
    """The mailbox that an address leads to: without capitals, and without what follows a plus in its first part."""
    name, _at, domain = email.strip().lower().rpartition("@")
    return f"{name.partition('+')[0]}@{domain}"


def is_within(email: str, domains: Iterable[str]) -> bool:
    """True when the address belongs to one of these domains or to a part of one."""
    domain = email.strip().lower().rpartition("@")[2]
    return any(domain == one or domain.endswith(f".{one}") for one in domains)
