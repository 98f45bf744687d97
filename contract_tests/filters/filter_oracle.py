"""Which records a filter's value should select, worked out from the records seen: an independent second opinion."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from mock_server.contract import FilterRule, Parameter
from mock_server.engine import read_moment


def find_value(record: Any, path: str) -> Any:
    """The value at a dotted path of a record, or None."""
    if "." not in path:  # as most are, and this is asked a million times
        return record.get(path) if isinstance(record, dict) else None
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


def fold(value: Any) -> str:
    """The letters and digits of a text, without accents and case: what any sensible comparison has in common."""
    plain = unicodedata.normalize("NFKD", str(value).casefold())
    return "".join(c for c in plain if c.isalnum())


def _contains(wanted: Any, values: list[Any]) -> bool:
    text = _text(wanted)
    return any(text in _text(value) for value in values if value is not None)


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
    return bool(select(rule, sent, [record]))


def select(rule: FilterRule, sent: Any, records: Iterable[Any]) -> list[Any]:
    """The records that satisfy a filter, in their order."""
    wanted, test = meaning(rule, sent), TESTS[rule.test]
    if wanted is None:
        return list(records)
    return [record for record in records if test(wanted, [find_value(record, field) for field in rule.fields])]


def is_akin(rule: FilterRule, sent: Any, record: Any) -> bool:
    """Whether some sensible way to compare lets a record through: by a word, without accents, case or signs."""
    if rule.values is not None or rule.test in ("search", "at_least", "at_most"):
        return True
    texts = [fold(find_value(record, field)) for field in rule.fields]
    words = [fold(word) for each in (sent if isinstance(sent, list) else [sent]) for word in str(each).split()]
    return any(word and word in text for word in words for text in texts)


def is_plain(rule: FilterRule, sent: Any, record: Any) -> bool:
    """Whether every sensible way to compare lets a record through: the value is the field's own, as it stands."""
    if rule.values is not None or rule.test in ("search", "at_least", "at_most"):
        return False
    sent = sent if isinstance(sent, list) and len(sent) == 1 else [sent]
    return any(str(find_value(record, rule.fields[0])) == str(each) for each in sent)


def find_signs(rule: FilterRule, item_schema: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The fields of a record that the contract makes of a hidden one (`x-faker: {choose: …}`), and how."""
    signs = {}
    for name, schema in item_schema.get("properties", {}).items():
        maker = schema.get("x-faker") if isinstance(schema, Mapping) else None
        choice = maker.get("choose") if isinstance(maker, Mapping) else None
        if isinstance(choice, Mapping) and choice.get("by") == f"${rule.fields[0]}" and "x-missing" not in schema:
            signs[str(name)] = choice
    return signs


def contradicts(rule: FilterRule, sent: Any, record: Any, item_schema: Mapping[str, Any]) -> str:
    """The field of a record that says that the hidden field has another value than was asked for, or nothing."""
    stored = str(meaning(rule, sent))
    for name, choice in find_signs(rule, item_schema).items():
        wanted = choice.get("cases", {}).get(stored, choice.get("otherwise"))
        is_made = isinstance(wanted, str) and wanted.startswith("$")
        if not is_made and isinstance(record, Mapping) and record.get(name, wanted) != wanted:
            return name
    return ""
