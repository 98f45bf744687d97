"""A regular expression that is searched in time linear in the text: an author's pattern meets anybody's request.

Python's `re` tries one way after another; `^(a+)+$` has two to the power of 28 ways through 28 letters. Here all ways
are followed at once, a character at a time (Thompson's construction), so that the time is the length of the text times
the size of the pattern, and both are bounded. What this cannot do, back-references and look-around, is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from re import _constants, _parser
from typing import Any, NamedTuple

MAX_STATES = 1_000
MAX_TEXT = 2_048
"""The longest text that is searched: with `MAX_STATES` about half a second, whatever the two are."""

Accepts = Callable[[str], bool]


class _State(NamedTuple):
    """One step of a pattern: a character, a condition on the place, or (with neither) a fork to `following`."""

    following: tuple[int, ...]
    accepts: Accepts | None = None
    holds: Callable[[str, int], bool] | None = None


def compile_pattern(pattern: str) -> Callable[[str], bool]:
    """A function that says whether a pattern occurs in a text; a text above `MAX_TEXT` has none.

    Raises ValueError with why a pattern cannot be searched so.
    """
    try:
        tree = _parser.parse(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(f"is no regular expression: {error}") from None
    if tree.state.flags & ~re.UNICODE:
        raise ValueError("has flags, which JSON Schema does not know")
    program = _Program()
    start = program.add_sequence(tree, program.end)
    states = program.states

    def search(text: str) -> bool:
        if len(text) > MAX_TEXT:
            return False
        reached: list[int] = []
        for place in range(len(text) + 1):
            reached = _close(states, [*reached, start], text, place)
            if program.end in reached:
                return True
            if place < len(text):
                reached = [states[n].following[0] for n in reached if _takes(states[n], text[place])]
        return False

    return search


def _takes(state: _State, character: str) -> bool:
    return state.accepts is not None and state.accepts(character)


def _close(states: list[_State], waiting: list[int], text: str, place: int) -> list[int]:
    """Every state that is reached without taking a character, each once: that is what keeps the time linear."""
    known: set[int] = set()
    while waiting:
        number = waiting.pop()
        if number not in known:
            known.add(number)
            state = states[number]
            if state.accepts is None and (state.holds is None or state.holds(text, place)):
                waiting.extend(state.following)
    return list(known)


class _Program:
    """The states of one pattern, made from its end to its beginning: each knows what follows it."""

    def __init__(self) -> None:
        self.states = [_State(())]
        self.end = 0

    def add(self, state: _State) -> int:
        if len(self.states) >= MAX_STATES:
            raise ValueError(f"is longer than {MAX_STATES:,} steps with its repetitions written out; use maxLength")
        self.states.append(state)
        return len(self.states) - 1

    def add_sequence(self, items: Iterable[tuple[Any, Any]], after: int) -> int:
        for kind, value in reversed(list(items)):
            after = self.add_item(kind, value, after)
        return after

    def add_item(self, kind: Any, value: Any, after: int) -> int:
        if kind in _CHARACTERS:
            return self.add(_State((after,), accepts=_CHARACTERS[kind](value)))
        if kind is _constants.AT and value in _PLACES:
            return self.add(_State((after,), holds=_PLACES[value]))
        if kind is _constants.BRANCH:
            return self.add(_State(tuple(self.add_sequence(each, after) for each in value[1])))
        if kind is _constants.SUBPATTERN and not value[1] and not value[2]:
            return self.add_sequence(value[3], after)
        if kind in (_constants.MAX_REPEAT, _constants.MIN_REPEAT):
            least, most, items = value
            return self.add_repeat(least, most, items, after)
        raise ValueError(f"uses {str(kind).lower()}, which cannot be searched in linear time")

    def add_repeat(self, least: int, most: Any, items: Any, after: int) -> int:
        if least > MAX_STATES:  # also of nothing: `(){4000000000}` adds no state, but would take for ever
            raise ValueError(f"repeats more than {MAX_STATES:,} times; use minLength")
        if most is _constants.MAXREPEAT:
            # The loop is a fork that its own body leads back to.
            loop = self.add(_State((after,)))
            body = self.add_sequence(items, loop)
            self.states[loop] = _State((body, after))
            after = loop
        else:
            done = after
            for _ in range(int(most) - least):
                after = self.add(_State((self.add_sequence(items, after), done)))
        for _ in range(least):
            after = self.add_sequence(items, after)
        return after


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def _is_edge(text: str, place: int) -> bool:
    """Whether a word begins or ends at a place."""
    before, behind = text[place - 1 : place] if place else "", text[place : place + 1]
    return (before != "" and _is_word(before)) is not (behind != "" and _is_word(behind))


_PLACES = {
    _constants.AT_BEGINNING: lambda text, place: place == 0,
    _constants.AT_BEGINNING_STRING: lambda text, place: place == 0,
    # As in Python, `$` also stands before a last line feed.
    _constants.AT_END: lambda text, place: text[place:] in ("", "\n"),
    _constants.AT_END_STRING: lambda text, place: place == len(text),
    _constants.AT_BOUNDARY: _is_edge,
    _constants.AT_NON_BOUNDARY: lambda text, place: not _is_edge(text, place),
}

_CATEGORIES: dict[Any, Accepts] = {
    _constants.CATEGORY_DIGIT: str.isdecimal,
    _constants.CATEGORY_NOT_DIGIT: lambda character: not character.isdecimal(),
    _constants.CATEGORY_SPACE: str.isspace,
    _constants.CATEGORY_NOT_SPACE: lambda character: not character.isspace(),
    _constants.CATEGORY_WORD: _is_word,
    _constants.CATEGORY_NOT_WORD: lambda character: not _is_word(character),
}


def _any_of(members: list[tuple[Any, Any]]) -> Accepts:
    """A class of characters (`[a-z_]`, `[^0-9]`)."""
    negated = members[0][0] is _constants.NEGATE
    accepted = [_MEMBERS[kind](value) for kind, value in members[1 if negated else 0 :]]
    return lambda character: any(accepts(character) for accepts in accepted) is not negated


_MEMBERS: dict[Any, Callable[[Any], Accepts]] = {
    _constants.LITERAL: lambda code: chr(code).__eq__,
    _constants.RANGE: lambda ends: lambda character: ends[0] <= ord(character) <= ends[1],
    _constants.CATEGORY: lambda category: _CATEGORIES[category],
}

_CHARACTERS: dict[Any, Callable[[Any], Accepts]] = {
    _constants.LITERAL: lambda code: chr(code).__eq__,
    _constants.NOT_LITERAL: lambda code: chr(code).__ne__,
    _constants.ANY: lambda _: "\n".__ne__,
    _constants.IN: _any_of,
}
