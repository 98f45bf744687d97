"""One YAML or JSON file as plain values: text, numbers, true, false, null, lists, and mappings with text as keys.

A file is an author's, and may be anything. Whatever cannot be such values is a ContractError, found before it costs:
the size of a file, how deeply it is nested, and how much its aliases stand for are bounded while it is still text.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from mock_server.errors import ContractError

MAX_FILE_BYTES = 2 * 1024 * 1024
MAX_DEPTH = 60
MAX_VALUES = 200_000
"""The most values that a file holds, each alias counted as what it stands for."""

MAX_INTEGER = 2**64 - 1
"""What the JSON writer can write; databases and clients keep no more either."""

_TAG = "tag:yaml.org,2002:"
_TAGS = (None, "!", *(_TAG + name for name in ("str", "int", "float", "bool", "null", "map", "seq")))


class _Loader(yaml.CSafeLoader):
    """Safe YAML in which only `true`, `false`, numbers and null are not text, keys are text, and none stands twice."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        written: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.MarkedYAMLError(None, None, "a key must be text", key.start_mark)
            if key.value in written:
                raise yaml.MarkedYAMLError(None, None, f"the key {key.value!r} stands twice", key.start_mark)
            written.add(key.value)
            # Unquoted, `200:` is a number in YAML; a key is meant as it is written.
            if key.tag != f"{_TAG}merge":
                key.tag = f"{_TAG}str"
        return super().construct_mapping(node, deep)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in pairs if not tag.endswith((":timestamp", ":bool"))]
    for first, pairs in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(f"{_TAG}bool", re.compile("^(?:true|false)$"), ["t", "f"])


def load_document(path: Path) -> Any:
    """One YAML or JSON file as plain values.

    Raises ContractError with what is wrong, with the line in YAML.
    """
    name = f"{path.parent.name}/{path.name}".lstrip("/")
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise ContractError(name, "", f"larger than {MAX_FILE_BYTES} bytes")
        text = path.read_text(encoding="utf-8")
        document = _read_json(text) if path.suffix == ".json" else _read_yaml(text)
    except FileNotFoundError:
        raise ContractError(name, "", "there is no such file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ContractError(name, "", f"cannot be read: {error}") from None
    except json.JSONDecodeError as error:
        raise ContractError(name, "", f"is not JSON: {error.msg} in line {error.lineno}") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" in line {mark.line + 1}" if mark else ""
        raise ContractError(name, "", f"is not YAML: {getattr(error, 'problem', error)}{line}") from None
    except RecursionError:
        raise ContractError(name, "", f"is nested deeper than {MAX_DEPTH} levels") from None
    except (ValueError, TypeError, OverflowError) as error:  # `!!int abc`, a number of 5,000 digits
        raise ContractError(name, "", f"holds a value that cannot be read: {error}") from None
    for pointer, problem in _find_odd(document):
        raise ContractError(name, pointer, problem)
    return document


def _read_json(text: str) -> Any:
    return json.loads(text, object_pairs_hook=_mapping)


def _mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    mapping = dict(pairs)
    if len(mapping) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {twice!r} stands twice in one object")
    return mapping


def _read_yaml(text: str) -> Any:
    _require_bounded(text)
    return yaml.load(text, Loader=_Loader)  # a subclass of the safe loader: no objects, no code


def _require_bounded(text: str) -> None:
    """Refuse what would crash or stall the loader: endless nesting, and aliases of aliases of aliases.

    The parser's events come one by one, so nothing is built while they are counted. (The loader itself recurses
    in C, where 100,000 brackets end the process.)
    """
    sizes: dict[str, int] = {}
    anchors: list[str] = [""]
    counts = [0]
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in sizes:
                raise _refused(f"the alias *{event.anchor} stands for nothing, or for itself", event)
            counts[-1] += sizes[event.anchor]
        elif isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent):
            if event.tag not in _TAGS:
                raise _refused(f"the tag {event.tag} is not known here", event)
            counts.append(1)
            anchors.append(event.anchor or "")
        if isinstance(event, yaml.ScalarEvent | yaml.CollectionEndEvent):
            size = counts.pop()
            sizes[anchors.pop()] = size
            counts[-1] += size
        if len(counts) > MAX_DEPTH:
            raise _refused(f"is nested deeper than {MAX_DEPTH} levels", event)
        if counts[-1] > MAX_VALUES:
            raise _refused(f"holds more than {MAX_VALUES:,} values, aliases counted as what they stand for", event)


def _refused(problem: str, event: Any) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(None, None, problem, event.start_mark)


def _find_odd(document: Any) -> Iterator[tuple[str, str]]:
    """Every value that JSON cannot hold, with its pointer and what is wrong with it."""
    waiting: list[tuple[str, int, Any]] = [("", 1, document)]
    while waiting:
        pointer, depth, value = waiting.pop()
        problem = _odd(value) if depth <= MAX_DEPTH else f"is nested deeper than {MAX_DEPTH} levels"
        if problem:
            yield pointer, problem
        elif isinstance(value, dict | list):
            children = value.items() if isinstance(value, dict) else enumerate(value)
            for key, child in children:
                step = str(key).replace("~", "~0").replace("/", "~1")
                waiting.append((f"{pointer}/{step}", depth + 1, child))
                if isinstance(key, str) and (problem := _odd(key)):
                    yield pointer, f"a key {problem}"


def _odd(value: Any) -> str:
    if isinstance(value, str):
        # A JSON text may hold half of a surrogate pair, which no UTF-8 can.
        return "" if value.isascii() or not re.search("[\ud800-\udfff]", value) else "holds half a character"
    if isinstance(value, int):
        return "" if abs(value) <= MAX_INTEGER else "is a whole number that needs more than 64 bits"
    if isinstance(value, float):
        return "" if math.isfinite(value) else "is no number that JSON can hold"
    return ""
