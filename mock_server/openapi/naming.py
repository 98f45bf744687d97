"""The name of a provider: what its document's file, folder or title is called, as it can stand in a URL."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

MAX_NAME = 40
GENERAL = ("openapi", "swagger", "api", "spec", "index", "main", "standard input", "")
"""Names of files that say nothing of what is in them."""


def find_name(file: str, folder: Path | None, root: Mapping[str, Any]) -> str:
    """`petstore` for `petstore.yaml`; of an `openapi.yaml` its folder's name, or what its title says."""
    stem = Path(file).name.split(".")[0] if file else ""
    if stem.lower() not in GENERAL:
        return fit_name(stem)
    info = root.get("info")
    title = info.get("title") if isinstance(info, Mapping) else None
    above = folder.resolve().name if folder else ""
    return fit_name(above) if above else fit_name(title if isinstance(title, str) else "")


def fit_name(text: str) -> str:
    """A text as a name of letters, digits, - and _, a letter first; `api` where nothing is left of it."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", plain).strip("-_")[:MAX_NAME].strip("-_")
    if not name:
        return "api"
    return name if name[0].isalpha() else f"api-{name}"


def make_unique(name: str, taken: Collection[str]) -> str:
    """The name, or the first of `name-2`, `name-3` … that is not taken."""
    number, unique = 1, name
    while unique in taken:
        number += 1
        unique = f"{name}-{number}"
    return unique
