"""Which records a filter's value should select, worked out from the records seen: an independent second opinion."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from mock_server.contract import FilterRule, Parameter
from mock_server.engine import read_moment


def find_value(record: Any, path: str) -> Any:
    """The value at a dotted path of a record, or None."""
    for part in path.split("."):
        record = record.get(part) if isinstance(record, dict) else None
    return record


def is_shown(parameter: Parameter, properties: Mapping[str, Any]) -> bool:
    """Whether the records of a list show every field that the filter looks at."""
    rule = parameter.filter
    return rule is not None and all(_has(properties, field.split(".")) for field in rule.fields)


def _has(properties: Mapping[str, Any], path: list[str]) -> bool:
    schema = properties.get(path[0])
    if not isinstance(schema, Mapping):
        return False
    return len(path) == 1 or _has(schema.get("properties", {}), path[1:])


def _text(value: Any) -> str:
    return str(value).casefold()


def _contains(wanted: Any, values: list[Any]) -> bool:
    return any(_text(wanted) in _text(value) for value in values if value is not None)


def _number_or_text(value: Any) -> Any:
    """Numbers compare as numbers, `"7"` and 7 alike."""
    return int(value) if isinstance(value, str) and value.lstrip("-").isdecimal() else value


def _equals(wanted: Any, values: list[Any]) -> bool:
    return bool(_number_or_text(wanted) == _number_or_text(values[0]))


TESTS: Mapping[str, Callable[[Any, list[Any]], bool]] = {
    "equals": _equals,
    # `values[0]`: only a search looks at more than one field.
    "equals_fold": lambda wanted, values: values[0] is not None and _text(wanted) == _text(values[0]),
    "contains": _contains,
    "search": _contains,
    "starts": lambda wanted, values: any(_text(v).startswith(_text(wanted)) for v in values if v is not None),
    "one_of": lambda wanted, values: any(_equals(each, values) for each in wanted),
    "at_least": lambda wanted, values: values[0] is not None and values[0] >= wanted,
    "at_most": lambda wanted, values: values[0] is not None and values[0] <= wanted,
}
"""The tests a filter may be, on the values of its fields in one record."""


def meaning(rule: FilterRule, sent: Any) -> Any:
    """What the records are compared with when a client sends a value."""
    if rule.values is not None:
        return rule.values.get(str(sent).casefold())
    if rule.dates:
        return read_moment(str(sent), rule.dates)
    return sent


def matches(rule: FilterRule, sent: Any, record: Any) -> bool:
    """Whether a record satisfies a filter with the value that was sent."""
    wanted = meaning(rule, sent)
    return wanted is None or TESTS[rule.test](wanted, [find_value(record, field) for field in rule.fields])


def select(rule: FilterRule, sent: Any, records: Iterable[Any]) -> list[Any]:
    """The records that satisfy a filter, in their order."""
    return [record for record in records if matches(rule, sent, record)]
