"""How filters go wrong: each row selects as a back end with that fault would, over the records seen.

Values to ask for are chosen by how many of these one answer tells from a sound filter; where an answer is wrong, the
row that explains it names the cause.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from contract_tests.filters.filter_case import Case, Record, Selection, WrongFilter
from contract_tests.filters.filter_oracle import TESTS, find_value, meaning, select
from contract_tests.filters.text_faults import OF_TEXT
from mock_server.contract import FilterRule

Window = Callable[[Sequence[Record], Sequence[Record], int, int], tuple[Sequence[Record], int]]
"""From the selected records, all records, an offset and a size: a page and its total."""


def _first_of(count: int) -> Selection:
    return lambda case: select(case.rule, case.value, case.records[:count])


def _others(case: Case) -> list[Record]:
    matched = set(map(id, case.matched))
    return [record for record in case.records if id(record) not in matched]


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


def _none_for(word: str) -> Selection:
    return lambda case: [] if case.value.casefold() == word.casefold() else case.matched


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
        for word in rule.values:
            yield WrongFilter(f"{word} stood for another number", _none_for(word))
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
            yield WrongFilter(f"it looked at {field} as well", _on_more(field))


def _on_more(field: str) -> Selection:
    def selection(case: Case) -> Sequence[Record]:
        more = set(map(id, (*case.matched, *_on((field,))(case))))
        return [record for record in case.records if id(record) in more]

    return selection


def _on(fields: tuple[str, ...]) -> Selection:
    """The same test on other fields, which may hold what cannot be compared."""

    def selection(case: Case) -> Sequence[Record]:
        try:
            return select(replace(case.rule, fields=fields), case.value, case.records)
        except TypeError:
            return []

    return selection
