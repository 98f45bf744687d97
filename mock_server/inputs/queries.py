"""A query, or a form, as names and texts; and names with brackets as mappings within mappings."""

from __future__ import annotations

from collections.abc import Callable, Container
from typing import Any

from mock_server.inputs.styles import decode
from mock_server.inputs.values import InputProblem, Problems

MAX_PARAMETERS = 1_000
"""So many parameters of a query are read."""

MAX_BRACKETS = 20
"""So deep a name such as `filter[a][b]` leads; what lies deeper is one name."""

Texts = dict[str, list[str]]
"""Names, percent-encoding undone, to the texts that came under them, as they came, in the order sent."""


def split_query(text: str, problems: Problems) -> Texts:
    """The names and texts of a query."""
    texts: Texts = {}
    pieces = text.split("&", MAX_PARAMETERS)
    if len(pieces) > MAX_PARAMETERS:
        problems.append(InputProblem("invalid", "query", "", f"has more than {MAX_PARAMETERS:,} parameters"))
        del pieces[MAX_PARAMETERS:]
    is_plain = "%" not in text and "+" not in text
    for piece in pieces:
        name, _, value = piece.partition("=")
        if name:
            texts.setdefault(name if is_plain else decode(name), []).append(value)
    return texts


def nest(
    name: str,
    texts: Texts,
    others: Container[str] = (),
    read: Callable[[Any], Any] = decode,
) -> dict[str, Any]:
    """The texts of `name[a]` and `name[b][c]` as a mapping; the texts of `name[]` are at an empty key.

    `others` are names that have a meaning of their own, whatever brackets they have; `read` undoes the encoding.
    """
    tree: dict[str, Any] = {}
    for full, several in texts.items():
        if not full.startswith(f"{name}[") or not full.endswith("]") or full in others:
            continue
        *above, last = full[len(name) + 1 : -1].split("][", MAX_BRACKETS)
        at = tree
        for step in above:
            below = at.setdefault(step, {})
            at = below if isinstance(below, dict) else at
        at.setdefault(last, unwrap([read(text) for text in several]))
    return tree


def unwrap(texts: list[str]) -> Any:
    """The only one of several texts, else all of them."""
    return texts[0] if len(texts) == 1 else texts
