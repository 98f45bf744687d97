"""Texts that a regular expression matches, made from its parse tree: the same in every process, as long as is wanted.

Look-ahead and look-behind add nothing to a text; whoever asks checks what is made, and asks again.
"""

from __future__ import annotations

import functools
import random
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from re import _constants, _parser
from typing import Any

Make = Callable[[random.Random, int], str]
"""A text by a source of chance; `+` and `*` repeat at most so many times more than they must."""

MAX_REPEATS = 2_000
"""What must be repeated more often makes no text that anybody would read."""

MAX_LENGTH = 10_000

_LETTERS, _DIGITS = "abcdefghijklmnopqrstuvwxyz", "0123456789"
_WORDS = _LETTERS + _LETTERS.upper() + _DIGITS
_MARKS = " -_.,:;/!?@#$%&*()+='\"[]{}<>|\\^`~\t\n"
_SAFE = _WORDS + _MARKS + "éüñßøłç中文字"

_PROPERTIES = re.compile(r"\\[pP]\{\^?(\w+)(?:=\w+)?\}")
_NAMED = re.compile(r"\(\?<(?=[A-Za-z])")


@functools.lru_cache(maxsize=2048)
def find_maker(pattern: str) -> Make | None:
    """A function that makes texts for a pattern; None for one that cannot be read."""
    try:
        return _make_sequence(_parser.parse(_as_python(pattern)))
    except (re.error, RecursionError, OverflowError, KeyError, ValueError, IndexError):
        return None


def make_matching(maker: Make, number: int, spread: int) -> str:
    """A text by a number."""
    return maker(random.Random(number), spread)[:MAX_LENGTH]


def _as_python(pattern: str) -> str:
    """A pattern of ECMAScript as Python writes it: groups with names, classes of Unicode by a few of their members."""
    pattern = _NAMED.sub("(?P<", pattern)
    pieces, position = [], 0
    for match in _PROPERTIES.finditer(pattern):
        before = pattern[: match.start()]
        is_inside = before.count("[") - before.count("\\[") > before.count("]") - before.count("\\]")
        kind = match[1][:1]
        members = {"N": "0-9", "P": "!-", "S": "+$", "Z": " "}.get(kind, "A-Z" if match[1] in ("Lu",) else "a-zA-Z")
        pieces.append(pattern[position : match.start()] + (members if is_inside else f"[{members}]"))
        position = match.end()
    return "".join(pieces) + pattern[position:]


def _make_sequence(items: Iterable[tuple[Any, Any]]) -> Make:
    makers = [_make_item(kind, value) for kind, value in items]
    if len(makers) == 1:
        return makers[0]
    return lambda chance, spread: "".join([make(chance, spread) for make in makers])


def _make_item(kind: Any, value: Any) -> Make:
    make = _MAKERS.get(kind)
    return make(value) if make else lambda chance, spread: ""


def _literal(code: int) -> Make:
    character = chr(code)
    return lambda chance, spread: character


def _one_of(characters: str) -> Make:
    return lambda chance, spread: characters[int(chance.random() * len(characters))]


def _branch(value: tuple[Any, Sequence[Any]]) -> Make:
    branches = [_make_sequence(branch) for branch in value[1]]
    return lambda chance, spread: branches[int(chance.random() * len(branches))](chance, spread)


def _repeat(value: tuple[int, Any, Any]) -> Make:
    least, most, items = value
    if least > MAX_REPEATS:
        raise ValueError("repeats too often")
    make = _make_sequence(items)

    def repeat(chance: random.Random, spread: int) -> str:
        limit = min(int(most), least + spread, MAX_REPEATS) if most is not _constants.MAXREPEAT else least + spread
        times = chance.randint(least, limit) if limit > least else least
        made, size = [], 0
        for _ in range(times):
            made.append(make(chance, spread))
            size += len(made[-1])
            if size > MAX_LENGTH:
                break
        return "".join(made)

    return repeat


def _is_member(members: Sequence[tuple[Any, Any]], character: str) -> bool:
    return any(_MEMBERS[kind](value, character) for kind, value in members)


def _class(members: Sequence[tuple[Any, Any]]) -> Make:
    """One character of a class: those that are easy to read first, then any."""
    negated = members[0][0] is _constants.NEGATE
    listed = members[1:] if negated else members
    fitting = [c for c in _SAFE if _is_member(listed, c) is not negated]
    readable = [c for c in fitting if c in _WORDS] or [c for c in fitting if c not in "\t\n"] or fitting
    if readable:
        # Marks that a class names are rarely meant, and never at both ends.
        marks = [c for c in fitting if c in "-_." and not negated]
        return _one_of("".join(readable * 3 + marks) if len(readable) > 3 else "".join(fitting))
    for kind, value in listed:
        if kind is _constants.LITERAL and not negated:
            return _literal(value)
        if kind is _constants.RANGE and not negated:
            low, high = value
            return lambda chance, spread: chr(chance.randint(low, min(high, low + 200)))
    raise ValueError("a class without members")


_CATEGORIES: Mapping[Any, Callable[[str], bool]] = {
    _constants.CATEGORY_DIGIT: str.isdecimal,
    _constants.CATEGORY_NOT_DIGIT: lambda character: not character.isdecimal(),
    _constants.CATEGORY_SPACE: str.isspace,
    _constants.CATEGORY_NOT_SPACE: lambda character: not character.isspace(),
    _constants.CATEGORY_WORD: lambda character: character.isalnum() or character == "_",
    _constants.CATEGORY_NOT_WORD: lambda character: not (character.isalnum() or character == "_"),
}

_MEMBERS: Mapping[Any, Callable[[Any, str], bool]] = {
    _constants.LITERAL: lambda code, character: ord(character) == code,
    _constants.RANGE: lambda ends, character: ends[0] <= ord(character) <= ends[1],
    _constants.CATEGORY: lambda category, character: _CATEGORIES[category](character),
}

_MAKERS: Mapping[Any, Callable[[Any], Make]] = {
    _constants.LITERAL: _literal,
    _constants.NOT_LITERAL: lambda code: _one_of("".join(c for c in _WORDS if ord(c) != code)),
    _constants.ANY: lambda _: _one_of(_LETTERS + _DIGITS),
    _constants.IN: _class,
    _constants.BRANCH: _branch,
    _constants.SUBPATTERN: lambda value: _make_sequence(value[3]),
    _constants.ATOMIC_GROUP: _make_sequence,
    _constants.MAX_REPEAT: _repeat,
    _constants.MIN_REPEAT: _repeat,
    _constants.POSSESSIVE_REPEAT: _repeat,
}
"""What each part of a pattern adds to a text; edges, look-around and references to groups add nothing."""
