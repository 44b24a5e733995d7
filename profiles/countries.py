"""Citizenship in the groups of the statistics."""

from profiles import codes


def citizenship_group(citizenship: str, *, own: str) -> str:
    """``own``, ``eu``, ``non_eu``, ``stateless`` or ``unknown``, seen from the country ``own`` (Eurostat crim_thb)."""
    listed = codes.get("citizenship")
    if citizenship == own:
        return "own"
    if citizenship == "stateless":
        return "stateless"
    if citizenship not in listed or listed[citizenship].extra.get("last"):
        return "unknown"
    return "eu" if listed[citizenship].extra.get("eu") else "non_eu"
