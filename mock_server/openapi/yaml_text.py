"""YAML 1.2 as plain values with text as keys: by a fast reader where the text is plain, else by one that knows lines.

Both give the same values. The fast one knows neither merged keys nor tags, and of keys not how they were written.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Any, ClassVar

import ryaml
import yaml

from mock_server.openapi.numbers import MAX_DEPTH, MAX_VALUES, Oddities, is_shallow, read_integer

YamlError = yaml.YAMLError

MIN_FAST = 128 * 1024
"""From this size on a text is given to the fast reader."""


def read_yaml(text: str, oddities: Oddities) -> Any:
    """The value of a text; what was odd in it is added to `oddities`. Raises YamlError, ValueError, RecursionError."""
    if len(text) >= MIN_FAST:
        fast = _read_fast(text)
        if fast is not None:
            return fast
    _require_bounded(text)
    loader = _Loader(text)
    loader.oddities = oddities
    try:
        return loader.get_single_data()
    finally:
        loader.dispose()


def describe_yaml_error(error: yaml.YAMLError) -> str:
    """What is wrong, and in which line."""
    mark = getattr(error, "problem_mark", None)
    line = f" in line {mark.line + 1}" if mark else ""
    return f"{getattr(error, 'problem', None) or error}{line}"


def find_yaml_lines(text: str, pointers: Iterable[str]) -> dict[str, int]:
    """Each pointer and the line of the last step that stands in the text. Raises YamlError."""
    _require_bounded(text)
    root = yaml.compose(text, Loader=_Loader)
    return {pointer: _find_line(root, pointer) for pointer in pointers}


def _find_line(node: Any, pointer: str) -> int:
    line = 1
    for step in pointer.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        if isinstance(node, yaml.MappingNode):
            pair = next((pair for pair in node.value if pair[0].value == key), None)
            if pair is None:
                break
            line, node = pair[0].start_mark.line + 1, pair[1]
        elif isinstance(node, yaml.SequenceNode) and key.isdecimal() and int(key) < len(node.value):
            node = node.value[int(key)]
            line = node.start_mark.line + 1
        else:
            break
    return int(line)


# Each begins with a letter that is looked for first: what may stand before it is not worth the time it would take.
_ALIAS = re.compile(r"\*([^\s\[\]{},]+)")
_ANCHOR = re.compile(r"&([^\s\[\]{},]+)")
_ODD = (
    re.compile(r"<<\s*:"),
    re.compile(r"\.(?<![^\s{,\[+-]\.)(?:inf|nan)\b", re.IGNORECASE),
    re.compile(r"0(?<![^\s{,\[]0)[xob]\w+\s*:"),
    re.compile(r"\+(?<![^\s{,\[]\+)[0-9]\w*\s*:"),
    re.compile(r"-(?<![^\s{,\[]-)[0-9]\w*\s*:"),
)
"""Merged keys, numbers that are none, and keys that are numbers but not as they are written."""


def _read_fast(text: str) -> Any:
    """The value, or None where the text has what the fast reader reads otherwise, or does not read at all."""
    is_odd = any(odd.search(text) for odd in _ODD) or has_aliases(text)
    if is_odd or text.count(":") > MAX_VALUES // 2 or not is_shallow(text):
        return None
    try:
        value = ryaml.loads(text)  # type: ignore[attr-defined]
    except ValueError:
        return None  # the other reader says where it is wrong, or takes it
    return value if _make_keys_text(value) else None


def has_aliases(text: str) -> bool:
    """Whether anything in a text may stand for something that is written elsewhere."""
    return bool(set(_ANCHOR.findall(text)).intersection(_ALIAS.findall(text)))


def _make_keys_text(value: Any) -> bool:
    """Turn statuses among the keys to text in place; False for keys of which nobody knows how they were written."""
    waiting = [value]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            for key in [key for key in node if not isinstance(key, str)]:
                if isinstance(key, bool) or not isinstance(key, int) or not 0 <= key < 1000:
                    return False
                _rename_key(node, key)
            if len(node) == 1 and next(iter(node)).startswith("!"):
                return False
            waiting.extend(child for child in node.values() if isinstance(child, dict | list))
        elif isinstance(node, list):
            waiting.extend(child for child in node if isinstance(child, dict | list))
    return True


def _rename_key(node: dict[Any, Any], key: int) -> None:
    """Make a key text where it stands: the order of a mapping is its author's."""
    members = [(str(key) if each is key else each, value) for each, value in node.items()]
    node.clear()
    node.update(members)


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
            counts.append(1)
            anchors.append(event.anchor or "")
        if isinstance(event, yaml.ScalarEvent | yaml.CollectionEndEvent):
            size = counts.pop()
            sizes[anchors.pop()] = size
            counts[-1] += size
        if len(counts) > MAX_DEPTH + 2:
            raise _refused(f"is nested deeper than {MAX_DEPTH} levels", event)
        if counts[-1] > MAX_VALUES:
            raise _refused(f"holds more than {MAX_VALUES:,} values, aliases counted as what they stand for", event)


def _refused(problem: str, event: Any) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(None, None, problem, event.start_mark)


_TAG = "tag:yaml.org,2002:"

_DECIMAL = "-+.0123456789"
_PLAIN = (
    ("null", r"~|null|Null|NULL|", ("~", "n", "N", "")),
    ("bool", r"true|True|TRUE|false|False|FALSE", tuple("tTfF")),
    ("int", r"[-+]?(?:0|[1-9][0-9]*|0x[0-9a-fA-F]+|0o[0-7]+|0b[01]+)", tuple(_DECIMAL)),
    ("float", r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?", tuple(_DECIMAL)),
    ("merge", r"<<", ("<",)),
)
"""What is no text though nothing quotes it: its tag, its form, the letters it begins with."""


class _Loader(yaml.CSafeLoader):
    """YAML 1.2: what is no number, boolean or null of its core schema is text; so are keys and unknown tags."""

    oddities: Oddities
    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {  # type: ignore[misc]
        letter: [(f"{_TAG}{tag}", re.compile(f"^(?:{form})$")) for tag, form, first in _PLAIN if letter in first]
        for letter in sorted({letter for _, _, first in _PLAIN for letter in first})
    }

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        written: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.MarkedYAMLError(None, None, "a key must be text", key.start_mark)
            if key.tag == f"{_TAG}merge":
                continue
            if key.value in written:
                line = key.start_mark.line + 1
                self.oddities.append((line, f"the key {key.value!r} stands twice; the last one counts"))
            written.add(key.value)
            # Unquoted, `200:` is a number in YAML; a key is meant as it is written.
            key.tag = f"{_TAG}str"
        return super().construct_mapping(node, deep)

    def construct_whole(self, node: Any) -> Any:
        text = str(node.value)
        base = {"0x": 16, "0o": 8, "0b": 2}.get(text.lstrip("+-")[:2], 10)
        return read_integer(text, base, self.oddities, node.start_mark.line + 1)

    def construct_float(self, node: Any) -> Any:
        number = float(node.value)
        return number if math.isfinite(number) else str(node.value)

    def construct_word(self, node: Any) -> bool:
        return str(node.value).lower() == "true"

    def construct_other(self, node: Any) -> Any:
        """What has a tag of its own, as what it looks like without."""
        if isinstance(node, yaml.MappingNode):
            return self.construct_mapping(node, deep=True)
        return self.construct_sequence(node, deep=True) if isinstance(node, yaml.SequenceNode) else str(node.value)

    yaml_constructors: ClassVar[dict[str | None, Any]] = {
        **{f"{_TAG}{tag}": yaml.CSafeLoader.yaml_constructors[f"{_TAG}{tag}"] for tag in ("null", "str", "seq", "map")},
        f"{_TAG}int": construct_whole,
        f"{_TAG}float": construct_float,
        f"{_TAG}bool": construct_word,
        None: construct_other,
    }
