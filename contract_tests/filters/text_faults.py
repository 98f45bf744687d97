"""How filters on texts go wrong: the value read as another one, or the texts compared in another way."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence

from contract_tests.filters.filter_case import SPECIAL, Case, Prepare, Record, Selection, WrongFilter
from contract_tests.filters.filter_oracle import fold

IGNORED = " .-'+("
"""Signs that a comparison may leave out of the value and of the fields."""


def _rewritten(change: Callable[[str], str]) -> Selection:
    """The value is read as another one; what is empty then selects all."""

    def selection(case: Case) -> Sequence[Record]:
        changed = change(case.value)
        if changed == case.value:
            return case.matched
        return case.select(changed) if changed else case.records

    return selection


def _tested(test: Callable[[str, str], bool], prepare: Prepare = str) -> Selection:
    """The texts of the fields are compared with the value in another way, both prepared for it."""

    def selection(case: Case) -> list[Record]:
        wanted = prepare(str(case.value))
        return [record for record, own in case.texts.under(prepare) if any(test(wanted, text) for text in own)]

    return selection


def _as_pattern(case: Case) -> Sequence[Record]:
    """Per cent and underscore are wildcards, as they are in SQL's LIKE."""
    if "%" not in case.value and "_" not in case.value:
        return case.matched
    text = "".join({"%": ".*", "_": "."}.get(c, re.escape(c)) for c in case.value)
    pattern = re.compile(text, re.IGNORECASE | re.DOTALL)
    find = pattern.fullmatch if case.rule.test in ("equals", "equals_fold") else pattern.search
    return _tested(lambda _, own: bool(find(own)))(case)


def _ended_by(character: str) -> Selection:
    return _rewritten(lambda value: value.partition(character)[0])


def _without(character: str) -> Selection:
    return _rewritten(lambda value: value.replace(character, ""))


def _tested_without(character: str) -> Selection:
    """A sign counts neither in the value nor in the fields."""

    def prepare(text: str) -> str:
        return text.replace(character, "").casefold()

    def selection(case: Case) -> Sequence[Record]:
        test = operator.eq if case.rule.test in ("equals", "equals_fold") else _is_in
        return _tested(test, prepare)(case)

    return selection


def _none_with(character: str) -> Selection:
    return lambda case: [] if character in case.value else case.matched


def _is_in(wanted: str, own: str) -> bool:
    return wanted in own


def _any_word(case: Case) -> Sequence[Record]:
    words = case.value.casefold().split()
    return _tested(lambda _, own: any(word in own for word in words), str.casefold)(case)


def _each_word(case: Case) -> Sequence[Record]:
    words = case.value.casefold().split()
    return _tested(lambda _, own: bool(words) and all(word in own for word in words), str.casefold)(case)


def _ascii_lower(text: str) -> str:
    return "".join(c.lower() if c.isascii() else c for c in text)


OF_TEXT: tuple[WrongFilter, ...] = (
    WrongFilter("a plus sign were a blank", _rewritten(lambda value: value.replace("+", " "))),
    WrongFilter("accents were read in another encoding", _rewritten(lambda v: v.encode().decode("latin-1"))),
    WrongFilter("letters beyond ASCII were dropped", _rewritten(lambda v: v.encode("ascii", "ignore").decode())),
    WrongFilter("per cent and underscore were wildcards", _as_pattern),
    WrongFilter("only the first eight characters counted", _rewritten(lambda value: value[:8])),
    WrongFilter("only the first sixteen characters counted", _rewritten(lambda value: value[:16])),
    WrongFilter("only the first word counted", _rewritten(lambda value: value.split(" ")[0])),
    WrongFilter("only the last word counted", _rewritten(lambda value: value.split(" ")[-1])),
    WrongFilter("case counted", _tested(operator.eq), True),
    WrongFilter("case counted in a search", _tested(_is_in), True),
    WrongFilter("case counted beyond ASCII", _tested(_is_in, _ascii_lower), True),
    WrongFilter("only whole values matched", _tested(operator.eq, str.casefold), True),
    WrongFilter("a part were enough", _tested(_is_in, str.casefold), True),
    WrongFilter("only beginnings matched", _tested(lambda wanted, own: own.startswith(wanted), str.casefold), True),
    WrongFilter("only ends matched", _tested(lambda wanted, own: own.endswith(wanted), str.casefold), True),
    WrongFilter(
        "only beginnings of words matched",
        _tested(lambda wanted, own: any(part.startswith(wanted) for part in own.split()), str.casefold),
        True,
    ),
    WrongFilter("any word were enough", _any_word, True),
    WrongFilter("words matched in any order", _each_word, True),
    WrongFilter("accents and signs did not count", _tested(_is_in, fold), True),
    *(WrongFilter(f"{character!r} ended the value", _ended_by(character)) for character in SPECIAL),
    *(WrongFilter(f"{character!r} were dropped", _without(character)) for character in SPECIAL),
    *(WrongFilter(f"{character!r} did not count", _tested_without(character), True) for character in IGNORED),
    *(WrongFilter(f"nothing with {character!r} matched", _none_with(character)) for character in SPECIAL),
)
