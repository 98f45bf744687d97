"""Filters by texts with accents, in the other normal form of Unicode: as another keyboard or system writes them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Any

from contract_tests.context import CheckContext, ListPage, Walk, get_walk
from contract_tests.filters.filter_asking import ask, find_failure, find_filters
from contract_tests.filters.filter_oracle import find_value, is_akin
from contract_tests.filters.filter_values import NOWHERE
from contract_tests.findings import Finding
from mock_server.contract import FilterRule, Operation, Parameter

RULE = "filters.form"
ACCENTED = f"{NOWHERE}\u00e9"
"""What is asked for where no record has an accent: it finds nothing in either form."""

MAX_FILTERS = 2
"""Filters that are asked so: the same code reads the values of all."""


def check_normal_forms(context: CheckContext, operation: Operation) -> Iterator[Finding]:
    """A text in its other form finds the same records, or none; never others, and no failure.

    No document says which: two forms of one text are different bytes, and for people the same.
    """
    walk = get_walk(context, operation)
    for parameter, value in _find_values(walk)[:MAX_FILTERS] if walk.whole else ():
        if context.remaining == 0:
            return
        other = _other_form(value)
        why = "an accent in its other normal form is the same one or none"
        exchange, page = ask(context, operation, {parameter.name: other}, "filters", why, may_refuse=True)
        yield from find_failure(context, operation, "filters", parameter.name, ascii(other), exchange)
        strangers = _find_strangers(walk, page, parameter, value) if page else []
        if strangers:
            yield context.finding(
                operation,
                RULE,
                f"?{parameter.name}",
                "A text in its other normal form of Unicode lets records through that do not hold it",
                f"{parameter.name}={other!a}: records that hold {value!r}, or none",
                f"records {strangers[:5]}",
                context.of_parameter(parameter),
                exchange,
            )


def _find_values(walk: Walk) -> list[tuple[Parameter, str]]:
    """Filters by texts, each with a word of some record that has another form; those of records come first."""
    pairs, others = [], []
    for parameter in find_filters(walk.listing, hidden=False):
        rule = parameter.filter
        if rule and rule.values is None and not rule.dates and rule.test not in ("one_of", "at_least", "at_most"):
            text = next((text for record in walk.seen if (text := _find_text(rule, record))), "")
            pairs += [(parameter, text)] if text else []
            others += [] if text else [(parameter, ACCENTED)]
    return [*pairs, *others]


def _find_text(rule: FilterRule, record: Any) -> str:
    """The text of a record that another normal form writes otherwise; of a part that is enough, the word."""
    for value in (find_value(record, field) for field in rule.fields):
        if isinstance(value, str) and _other_form(value) != value:
            is_part = rule.test in ("contains", "search")
            return next(word for word in value.split() if _other_form(word) != word) if is_part else value
    return ""


def _other_form(text: str) -> str:
    return unicodedata.normalize("NFD" if unicodedata.is_normalized("NFC", text) else "NFC", text)


def _find_strangers(walk: Walk, page: ListPage, parameter: Parameter, value: str) -> list[Any]:
    """The keys of records on a page that hold nothing of the text, however accents are compared."""
    rule = parameter.filter
    assert rule
    words = FilterRule("contains", rule.fields)
    return [walk.listing.key_of(record) for record in page.records if not is_akin(words, value, record)]
