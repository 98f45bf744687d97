"""The annotations that a plain document may have, by the place they stand on: a closed vocabulary."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mock_server.contract import Form
from mock_server.errors import find_likeness, suggest

DOCUMENT, OPERATION, PROPERTY, SCHEME = "plain_document", "plain_operation", "plain_property", "scheme"

NAMES: Mapping[str, tuple[str, ...]] = {
    DOCUMENT: ("x-collections", "x-error-shape"),
    OPERATION: ("x-effect", "x-paging", "x-filters", "x-credential"),
    PROPERTY: ("x-error",),
    SCHEME: ("x-credentials",),
}
"""The annotations of each place; documents have `x-` members of their own, so any other name may stand there too."""

LIKE = 0.8
"""From this likeness on, an unknown name in an overlay is taken for one of these that was mistyped."""

Finding = tuple[str, str, str]
"""The JSON Pointer of a place, what is wrong there, and what would be right."""


@functools.cache
def _find_form(place: str) -> Form:
    # Beside the packages in the project, inside them where it is installed.
    inside = Path(__file__).parents[1] / "schemas"
    home = inside if inside.is_dir() else Path(__file__).parents[2] / "schemas"
    schema = json.loads((home / "annotations.schema.json").read_text(encoding="utf-8"))
    return Form(json.dumps({**schema, "$ref": f"#/$defs/{place}"}))


def check_form(place: str, node: Mapping[str, Any]) -> Iterator[Finding]:
    """What is wrong in the form of a node's annotations: unknown keys and words, wrong types."""
    annotations = {name: node[name] for name in NAMES[place] if name in node}
    if annotations:
        yield from _find_form(place).check(annotations)


def check_names(node: Any, pointer: str = "") -> Iterator[Finding]:
    """Names in an overlay that are nearly an annotation, and annotations of properties and schemes that are none."""
    known = [name for names in NAMES.values() for name in names]
    for key, value in node.items() if isinstance(node, Mapping) else ():
        here = f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}"
        if str(key).startswith("x-") and key not in known and any(find_likeness(key, name) >= LIKE for name in known):
            yield here, f"unknown annotation {key!r}", suggest(key, known)
        place = PROPERTY if key == "x-error" and isinstance(value, str) else SCHEME if key == "x-credentials" else ""
        if place:
            yield from ((pointer + at, problem, hint) for at, problem, hint in check_form(place, {key: value}))
        yield from check_names(value, here)
