"""A country of a test's own: one TOML file on top of the generic profile, nothing else."""

from pathlib import Path
from typing import Any, Final

HEAD: Final = """extends = "eu"
code = "pt"
en = "Portugal"
nl = "Portugal"
version = 2026-01-01
country = "PT"
zone = "Europe/Lisbon"

[calendar]
library = "PT"

[[regions]]
code = "lisboa"
en = "Lisbon"
nl = "Lissabon"
"""
RULE: Final[dict[str, Any]] = {
    "code": "PT-PLAN",
    "en": "Plan of support",
    "nl": "Hulpplan",
    "en_task": "Write a plan",
    "nl_task": "Een plan schrijven",
    "category": "services",
    "trigger": "case_registered",
    "length": 5,
    "unit": "working_days",
    "kind": "target",
    "rolls": False,
    "end_on": ["needs_assessed", "case_closed"],
    "remind_at": ["-1d"],
    "audience": ["assigned"],
    "bound": "lead",
    "may_suspend": True,
    "may_extend": True,
    "source": "Decree-Law 1/2020 Art. 2",
    "tag": "fact",
    "valid_from": "2020-01-01",
}


def rule(**changed: Any) -> str:
    """One version of the country's own rule, as TOML."""
    lines = ["[[rules]]"]
    for key, value in {**RULE, **changed}.items():
        is_date = key.startswith("valid_")
        shown = str(value).lower() if isinstance(value, bool) else str(value).replace("'", '"')
        lines.append(f"{key} = {shown}" if is_date or not isinstance(value, str) else f'{key} = "{value}"')
    return "\n".join(lines) + "\n"


def written(folder: Path, *rules: str, name: str = "pt", head: str = HEAD) -> str:
    """The path of the country's file: what ``COUNTRY_PROFILE`` is set to."""
    path = folder / f"{name}.toml"
    path.write_text("\n".join([head, *rules]), encoding="utf-8")
    return str(path)
