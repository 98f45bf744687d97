"""Says whether a tag may be released: it names the version of the package, and the changelog dates that version.

`python tools/check_release.py v0.2.0`
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def find_problem(tag: str, version: str, changelog: str) -> str:
    """What keeps a tag from being released; empty where nothing does."""
    if tag != f"v{version}":
        return f"The tag {tag} is not v{version}, the version in mock_server/__init__.py."
    newest = re.search(r"^## (\S+)(?: - (\d{4}-\d{2}-\d{2}))?$", changelog, re.MULTILINE)
    if not newest or newest[1] != version:
        return f"CHANGELOG.md does not begin with {version}."
    return "" if newest[2] else f"CHANGELOG.md gives {version} no date: ## {version} - YYYY-MM-DD."


def main(tag: str) -> int:
    """Print the problem, if there is one; the exit code says whether there was."""
    version = re.search(r'__version__ = "(.+)"', (ROOT / "mock_server" / "__init__.py").read_text(encoding="utf-8"))
    problem = find_problem(tag, version[1] if version else "", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
    print(problem or f"{tag} can be released.")
    return int(bool(problem))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
