"""How filters go wrong: each row selects as a back end with that fault would, over the records seen.

Values to ask for are chosen by how many of these one answer tells from a sound filter; where an answer is wrong, the
row that explains it names the cause.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from contract_tests.checks.filter_oracle import TESTS, find_value, fold, meaning, select
from mock_server.contract import FilterRule

SPECIAL = "+'&#%_\\\"-./@;, ()"
"""Characters that URLs, SQL, patterns and word searches treat in a way of their own."""

Record = Any


class Case(NamedTuple):
    """A value sent with a filter, all records seen, and those of them that it should select."""

    rule: FilterRule
    value: Any
    records: Sequence[Record]
    matched: Sequence[Record]

    def select(self, value: Any) -> list[Record]:
        """The records that another value selects."""
        return select(self.rule, value, self.records)


Selection = Callable[[Case], Sequence[Record]]
"""The records that a value selects: `case.matched` itself where the fault makes no difference."""

Window = Callable[[Sequence[Record], Sequence[Record], int, int], tuple[Sequence[Record], int]]
"""From the selected records, all records, an offset and a size: a page and its total."""


class WrongFilter(NamedTuple):
    """A fault of a filter, as words that follow "as if"; `is_sensible`: nothing documented says it is wrong."""

    name: str
    select: Selection
    is_sensible: bool = False


def _rewritten(change: Callable[[str], str]) -> Selection:
    """The value is read as another one; what is empty then selects all."""

    def selection(case: Case) -> Sequence[Record]:
        changed = change(case.value)
        if changed == case.value:
            return case.matched
        return case.select(changed) if changed else case.records

    return selection


def _tested(test: Callable[[str, str], bool], prepare: Callable[[str], str] = str) -> Selection:
    """The texts of the fields are compared with the value in another way, both prepared for it."""

    def selection(case: Case) -> list[Record]:
        wanted, fields = prepare(str(case.value)), case.rule.fields
        texts = ((record, [find_value(record, field) for field in fields]) for record in case.records)
        return [record for record, own in texts if any(v is not None and test(wanted, prepare(str(v))) for v in own)]

    return selection


def _as_pattern(case: Case) -> Sequence[Record]:
    """Per cent and underscore are wildcards, as they are in SQL's LIKE."""
    if "%" not in case.value and "_" not in case.value:
        return case.matched
    text = "".join({"%": ".*", "_": "."}.get(c, re.escape(c)) for c in case.value)
    pattern = re.compile(text, re.IGNORECASE | re.DOTALL)
    find = pattern.fullmatch if case.rule.test in ("equals", "equals_fold") else pattern.search
    return _tested(lambda _, own: bool(find(own)))(case)


def _first_of(count: int) -> Selection:
    return lambda case: select(case.rule, case.value, case.records[:count])


def _ended_by(character: str) -> Selection:
    return _rewritten(lambda value: value.partition(character)[0])


def _without(character: str) -> Selection:
    return _rewritten(lambda value: value.replace(character, ""))


def _none_with(character: str) -> Selection:
    return lambda case: [] if character in case.value else case.matched


def _is_in(wanted: str, own: str) -> bool:
    return wanted in own


def _others(case: Case) -> list[Record]:
    matched = set(map(id, case.matched))
    return [record for record in case.records if id(record) not in matched]


def _any_word(case: Case) -> Sequence[Record]:
    words = case.value.casefold().split()
    return _tested(lambda _, own: any(word in own for word in words), str.casefold)(case)


def _each_word(case: Case) -> Sequence[Record]:
    words = case.value.casefold().split()
    return _tested(lambda _, own: bool(words) and all(word in own for word in words), str.casefold)(case)


def _ascii_lower(text: str) -> str:
    return "".join(c.lower() if c.isascii() else c for c in text)


def _is_zero(case: Case) -> bool:
    return meaning(case.rule, case.value) in (0, "0", False) or case.value in ([0], ["0"])


OF_ANY: tuple[WrongFilter, ...] = (
    WrongFilter("it were ignored", lambda case: case.records),
    WrongFilter("it were inverted", _others),
    WrongFilter("nothing matched", lambda case: []),
    WrongFilter("only the first match counted", lambda case: case.matched[:1]),
    WrongFilter("the first match were lost", lambda case: case.matched[1:]),
    WrongFilter("the last match were lost", lambda case: case.matched[:-1]),
    WrongFilter("only the first ten records were searched", _first_of(10)),
    WrongFilter("only the first twenty records were searched", _first_of(20)),
    WrongFilter("only the first fifty records were searched", _first_of(50)),
    WrongFilter("only the first hundred records were searched", _first_of(100)),
    WrongFilter("zero were no value", lambda case: case.records if _is_zero(case) else case.matched),
)

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
    *(WrongFilter(f"nothing with {character!r} matched", _none_with(character)) for character in SPECIAL),
)


def _shifted(step: int) -> Selection:
    """Words stand for the numbers of their neighbours."""

    def selection(case: Case) -> Sequence[Record]:
        stored = meaning(case.rule, case.value)
        others = list(dict.fromkeys(v for v in (case.rule.values or {}).values() if v is not None))
        if stored not in others:
            return case.matched
        wanted = others[(others.index(stored) + step) % len(others)]
        return [record for record in case.records if find_value(record, case.rule.fields[0]) == wanted]

    return selection


OF_WORDS: tuple[WrongFilter, ...] = (
    WrongFilter("words stood for the next number", _shifted(1)),
    WrongFilter("words stood for the number before", _shifted(-1)),
)


def _one_unknown(case: Case) -> Sequence[Record]:
    return [] if any(not case.select([each]) for each in case.value) else case.matched


def _part_of_number(case: Case) -> Sequence[Record]:
    field = case.rule.fields[0]
    return [r for r in case.records if any(str(each) in str(find_value(r, field)) for each in case.value)]


OF_LISTS: tuple[WrongFilter, ...] = (
    WrongFilter("only the first of several values counted", lambda case: case.select(case.value[:1]), True),
    WrongFilter("only the last of several values counted", lambda case: case.select(case.value[-1:]), True),
    WrongFilter("only two values counted", lambda case: case.select(case.value[:2])),
    WrongFilter(
        "several values had to match at once",
        lambda case: [] if len(set(map(str, case.value))) > 1 else case.matched,
        True,
    ),
    WrongFilter("one unknown value meant no records", _one_unknown),
    WrongFilter("a part of a number were enough", _part_of_number),
    WrongFilter(
        "records came in the order asked for",
        lambda case: [record for each in case.value for record in case.select([each])],
        True,
    ),
)


def _dated(test: Callable[[str, str], bool]) -> Selection:
    """The moments of the records are compared with the one asked for in another way."""

    def selection(case: Case) -> list[Record]:
        wanted, field = meaning(case.rule, case.value), case.rule.fields[0]
        moments = [(record, find_value(record, field)) for record in case.records]
        return [record for record, own in moments if wanted and own is not None and test(wanted, str(own))]

    return selection


OF_DATES: Mapping[str, tuple[WrongFilter, ...]] = {
    "at_least": (
        WrongFilter("the moment itself were left out", _dated(operator.lt), True),
        WrongFilter("it were the end and not the beginning", _dated(operator.ge)),
        WrongFilter("only the day counted", _dated(lambda wanted, own: own[:10] >= wanted[:10]), True),
    ),
    "at_most": (
        WrongFilter("the moment itself were left out", _dated(operator.gt), True),
        WrongFilter("it were the beginning and not the end", _dated(operator.le)),
        WrongFilter("only the day counted", _dated(lambda wanted, own: own[:10] <= wanted[:10]), True),
    ),
}

WINDOWS: Mapping[str, Window] = {
    "the page were cut before the filter": lambda matched, records, start, size: (
        [record for record in records[start : start + size] if record in matched],
        len(matched),
    ),
    "only the first page were filtered": lambda matched, records, start, size: (
        (matched if start == 0 else records)[start : start + size],
        len(matched),
    ),
    "every page were the first": lambda matched, records, start, size: (matched[:size], len(matched)),
    "the total were of all records": lambda matched, records, start, size: (
        matched[start : start + size],
        len(records),
    ),
    "the total were of the page": lambda matched, records, start, size: (
        matched[start : start + size],
        len(matched[start : start + size]),
    ),
}
"""Faults of the pages of what a filter selects, as words that follow "as if"."""


def find_faults(rule: FilterRule, fields: Sequence[str]) -> Iterator[WrongFilter]:
    """The faults that a filter may have; `fields` are the records' own, of which it may look at a wrong one."""
    yield from OF_ANY
    if rule.values is not None:
        yield from OF_WORDS
    elif rule.test == "one_of":
        yield from OF_LISTS
    elif rule.dates:
        yield from OF_DATES.get(rule.test, ())
    elif rule.test in TESTS:
        yield from OF_TEXT
    if rule.test == "search":
        for field in rule.fields:
            yield WrongFilter(f"{field} were not searched", _on(tuple(f for f in rule.fields if f != field)), True)
        return
    for field in fields:
        if field not in rule.fields:
            yield WrongFilter(f"it looked at {field}", _on((field,)))


def _on(fields: tuple[str, ...]) -> Selection:
    """The same test on other fields, which may hold what cannot be compared."""

    def selection(case: Case) -> Sequence[Record]:
        try:
            return select(replace(case.rule, fields=fields), case.value, case.records)
        except TypeError:
            return []

    return selection
