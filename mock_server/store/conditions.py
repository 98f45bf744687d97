"""The test of a condition: the SQL that selects by it, and whether the column of one record satisfies it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import orjson

from mock_server.messages import Condition
from mock_server.store.recipe import SEARCHED, column_form, fold

MAX_INTEGER = 2**63 - 1
"""The largest integer of SQLite: beyond it nothing is equal, and everything is less."""

Sql = tuple[str, list[Any]]
"""A condition, and the values of its question marks."""

NOTHING: Sql = ("0", [])


class Test(NamedTuple):
    """How stored records are selected, and whether one column value satisfies the same; both answer alike."""

    select: Callable[[str, Any], Sql]
    holds: Callable[[Any, Any], bool]


def _is_beyond(value: Any) -> bool:
    return isinstance(value, int) and abs(value) > MAX_INTEGER


def _select_equal(column: str, value: Any) -> Sql:
    return NOTHING if _is_beyond(value) else (f"{column} = ?", [value])


def _is_equal(held: Any, value: Any) -> bool:
    return held is not None and value is not None and not _is_beyond(value) and bool(held == value)


def _select_one_of(column: str, values: Any) -> Sql:
    possible = [value for value in values if not _is_beyond(value)]
    # One JSON text instead of a parameter a value: thousands of values are one statement.
    return f"{column} IN (SELECT value FROM json_each(?))", [orjson.dumps(possible).decode()]


def _compare(sign: str, holds: Callable[[Any, Any], bool]) -> Test:
    def select(column: str, value: Any) -> Sql:
        value = max(-MAX_INTEGER, min(MAX_INTEGER, value)) if isinstance(value, int) else value
        return f"{column} {sign} ?", [value]

    return Test(select, lambda held, value: held is not None and holds(_rank(held), _rank(value)))


def _rank(value: Any) -> tuple[bool, Any]:
    """What a value is ordered by: SQLite has all numbers before all texts."""
    return isinstance(value, str), value


TESTS: Mapping[str, Test] = {
    "equals": Test(_select_equal, _is_equal),
    "equals_fold": Test(
        lambda column, value: _select_equal(column, fold(value)),
        lambda held, value: _is_equal(held, fold(value)),
    ),
    "one_of": Test(_select_one_of, lambda held, values: any(_is_equal(held, value) for value in values)),
    "at_least": _compare(">=", lambda held, value: held >= value),
    "at_most": _compare("<=", lambda held, value: held <= value),
}
"""The tests by name; searched columns are answered by their texts."""


def select(where: Iterable[Condition], find_column: Callable[[Condition], str]) -> Sql:
    """The SQL of conditions, all of which hold."""
    pieces = [TESTS[c.test].select(find_column(c), c.value) for c in where]
    return " AND ".join(sql for sql, _ in pieces), [value for _, values in pieces for value in values]


def is_searched(condition: Condition) -> bool:
    """Whether a condition is answered by a text that is searched."""
    return column_form(condition.test) in SEARCHED


def find_keyword(condition: Condition) -> bytes:
    """What is looked for in a text. Half a surrogate stands in no text, and is nothing that could not be looked for."""
    return SEARCHED[column_form(condition.test)] + str(fold(str(condition.value))).encode("utf-8", "surrogatepass")


def satisfies(condition: Condition, held: Any) -> bool:
    """Whether a record satisfies a condition, by what the condition's column holds of it."""
    if is_searched(condition):
        return find_keyword(condition) in held
    # A list or a mapping, which a client may have written, stands in no column of SQLite.
    return not isinstance(held, (list, dict)) and TESTS[condition.test].holds(held, condition.value)
