"""Every reference of a document, and what kind of thing it stands for: places walked without recursion, each once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from mock_server.contract import NAMED_KEYWORDS, SCHEMA_KEYWORDS, VALUE_KEYWORDS

KINDS: Mapping[str, str] = {
    **dict.fromkeys((*SCHEMA_KEYWORDS, "schema", "schemas"), "schema"),
    "parameters": "parameter",
    "responses": "response",
    **dict.fromkeys(("paths", "pathItems", "webhooks", "x-webhooks"), "path"),
    **dict.fromkeys(("headers", "requestBodies", "examples", "links", "callbacks", "securitySchemes"), "part"),
    **dict.fromkeys(("requestBody", "content", "encoding", "get", "put", "post", "delete", "patch"), "part"),
}
"""What stands under a keyword: a schema, a parameter, a response, a path item, or any other part."""


REFERRING = ("$ref", "$dynamicRef")


class Reference(NamedTuple):
    """A mapping in which the values of some keys refer, the kind of what they stand for, and its JSON Pointer."""

    node: dict[str, Any]
    kind: str
    pointer: str
    keys: tuple[str, ...]


class _Place(NamedTuple):
    """A part to look at; `are_names`: its keys are names that people chose. `above` is the place it stands in."""

    node: Any
    kind: str
    are_names: bool
    key: object
    above: _Place | None


def find_references(node: Any, kind: str, pointer: str = "") -> Iterator[Reference]:
    """Every reference in a part of the given kind that stands at `pointer`; values as they travel hold none."""
    waiting = [_Place(node, kind, False, pointer, None)]
    while waiting:
        place = waiting.pop()
        here = place.node
        if isinstance(here, list):
            waiting.extend(
                _Place(child, place.kind, False, number, place)
                for number, child in enumerate(here)
                if isinstance(child, dict | list)
            )
        elif place.are_names:
            waiting.extend(
                _Place(child, place.kind, False, key, place)
                for key, child in here.items()
                if isinstance(child, dict | list)
            )
        else:
            if keys := tuple(key for key in REFERRING if isinstance(here.get(key), str)):
                yield Reference(here, place.kind, _find_pointer(place), keys[:1])
            if "discriminator" in here:
                yield from _find_mapping(place)
            waiting.extend(_find_inside(place))


def _find_mapping(place: _Place) -> Iterator[Reference]:
    """Values of a discriminator that name their schema by a reference and not by its name alone."""
    discriminator = place.node["discriminator"]
    mapping = discriminator.get("mapping") if isinstance(discriminator, dict) else None
    if not isinstance(mapping, dict):
        return
    keys = tuple(key for key, value in mapping.items() if isinstance(value, str) and _REFERENCE.search(value))
    if keys:
        yield Reference(mapping, "schema", f"{_find_pointer(place)}/discriminator/mapping", keys)


_REFERENCE = re.compile(r"[#/]|\.(?:ya?ml|json)$")


def find_names(root: Any) -> Iterator[tuple[str, str]]:
    """What schemas call themselves (`#anchor`, an address as `$id`), each with its JSON Pointer."""
    waiting: list[tuple[str, Any]] = [("", root)]
    while waiting:
        pointer, node = waiting.pop()
        if isinstance(node, dict):
            names = [f"#{node[key]}" for key in ("$anchor", "$dynamicAnchor") if isinstance(node.get(key), str)]
            names += [node[key] for key in ("$id", "$self") if isinstance(node.get(key), str)]
            yield from ((name, pointer) for name in names)
            steps = ((key.replace("~", "~0").replace("/", "~1"), child) for key, child in node.items())
            waiting.extend((f"{pointer}/{step}", child) for step, child in steps if isinstance(child, dict | list))
        elif isinstance(node, list):
            waiting.extend((f"{pointer}/{number}", child) for number, child in enumerate(node))


def _find_inside(place: _Place) -> Iterator[_Place]:
    for key, child in place.node.items():
        if not isinstance(child, dict | list) or key in VALUE_KEYWORDS or key[:2] == "x-":
            continue
        is_map = isinstance(child, dict)
        if is_map or key != "examples":
            yield _Place(child, KINDS.get(key, place.kind), is_map and key in NAMED_KEYWORDS, key, place)


def _find_pointer(place: _Place) -> str:
    steps: list[str] = []
    above: _Place | None = place
    while above is not None:
        step = str(above.key)
        # The outermost one has the whole pointer that it stands at.
        steps.append(step if above.above is None else "/" + step.replace("~", "~0").replace("/", "~1"))
        above = above.above
    return "".join(reversed(steps))
