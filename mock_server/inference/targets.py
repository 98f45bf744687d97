"""Places of a document as JSONPath (RFC 9535) and as steps: `$.paths['/pets'].get`."""

from __future__ import annotations

import re
from collections.abc import Sequence

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ESCAPES = {"'": "\\'", "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
_STEP = re.compile(r"\.([A-Za-z_][A-Za-z0-9_]*)|\['((?:[^'\\]|\\.)*)'\]|\[\"((?:[^\"\\]|\\.)*)\"\]|\[([0-9]+)\]")
_ESCAPED = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|(.))")
_LETTERS = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}


def render_target(steps: Sequence[str | int]) -> str:
    """Steps from the root as a JSONPath that matches just that place."""
    return "$" + "".join(map(_render_step, steps))


def _render_step(step: str | int) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    if _PLAIN.fullmatch(step):
        return f".{step}"
    text = "".join(_ESCAPES.get(c, c if c >= " " else f"\\u{ord(c):04x}") for c in step)
    return f"['{text}']"


def find_steps(target: str) -> tuple[str | int, ...] | None:
    """The steps of a JSONPath that names one place; None for one that searches, or is none."""
    steps: list[str | int] = []
    position = 1
    while target.startswith("$") and position < len(target):
        match = _STEP.match(target, position)
        if match is None:
            return None
        plain, single, double, index = match.groups()
        quoted = single if single is not None else double
        steps.append(int(index) if index is not None else plain if plain is not None else _unescape(quoted))
        position = match.end()
    return tuple(steps) if target.startswith("$") else None


def _unescape(text: str) -> str:
    return _ESCAPED.sub(lambda m: chr(int(m[1], 16)) if m[1] else _LETTERS.get(m[2], m[2]), text)


def steps_of_pointer(pointer: str) -> tuple[str, ...]:
    """The steps of a JSON Pointer."""
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:])
