"""Values to ask a filter for: chosen from the records seen to be as nasty as these are."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from contract_tests.filters.filter_case import SPECIAL
from contract_tests.filters.filter_oracle import find_value
from mock_server.contract import FilterRule, Parameter

NOWHERE = "zqxjkv"
"""A text that no record holds."""

MAX_STORED = 14
"""Values of a field that are kept of a list, those with most that is nasty first."""


def choose_values(parameter: Parameter, records: Sequence[Any]) -> list[Any]:
    """Values worth asking a filter for, each once, in a fixed order; of listed ones, none that is not listed."""
    rule, listed = parameter.filter, [str(each) for each in parameter.schema.get("enum", ())]
    assert rule
    kind = next(name for name, applies in KINDS.items() if applies(rule))
    values: dict[str, Any] = {}
    for value in MAKERS[kind](rule, records):
        if not listed or str(value) in listed:
            values.setdefault(repr(value), value)
    return list(values.values())


def _stored(rule: FilterRule, records: Sequence[Any]) -> list[Any]:
    """Few values of the fields that have between them what is nasty about all of them."""
    counts = Counter(v for r in records for f in rule.fields if _is_scalar(v := find_value(r, f)))
    last = [find_value(records[-1], field) for field in rule.fields] if records else []
    features = {value: _features(value, counts[value], value in last) for value in counts}
    chosen: list[Any] = []
    wanted = Counter(feature for own in features.values() for feature in own)
    while features and len(chosen) < MAX_STORED:
        # What is rare counts most: one value with a plus sign tells more than ten with a blank.
        best = max(features, key=lambda v: sum(1 / wanted[f] for f in features[v] if wanted[f]))
        if not any(wanted[feature] for feature in features[best]):
            break
        chosen.append(best)
        for feature in features.pop(best):
            wanted[feature] = 0
    return chosen


def _is_scalar(value: Any) -> bool:
    return value is not None and value != "" and isinstance(value, (str, int, float))


def _features(value: Any, count: int, is_last: bool) -> set[str]:
    text = str(value)
    traits = {
        "once": count == 1,
        "often": count > 5,
        "last": is_last,
        "zero": value in (0, "0"),
        "accent": any(not c.isascii() and c.isalpha() for c in text),
        "upper": text != text.lower(),
        "long": len(text) > 16,
        "leading zero": text.startswith("0") and len(text) > 1,
        "trailing blank": text != text.strip(),
        "any": True,
    }
    return {name for name, holds in traits.items() if holds} | {c for c in SPECIAL if c in text.strip()}


def _texts(rule: FilterRule, records: Sequence[Any]) -> Iterator[str]:
    """Whole values in their own and the other case, parts around what is nasty in them, and what nobody has."""
    is_part = rule.test in ("contains", "search")
    for value in map(str, _stored(rule, records)):
        yield value
        yield value.swapcase() if rule.test != "equals" else value
        if rule.test == "starts" or len(value) < 3:
            yield value[:2]
        elif is_part:
            yield from _parts(value)
        else:
            yield value[:-1]
            yield value[1:]
            yield f"{value[:1]}_{value[2:]}"
            yield "".join(c for c in value if c.isalnum() or c == "@")
    yield "%" if is_part else "%a%"
    yield from _of_others(rule, records)
    yield NOWHERE


def _of_others(rule: FilterRule, records: Sequence[Any]) -> Iterator[str]:
    """What other fields of a record in the middle hold: a filter on its own field has nothing to do with it."""
    record = records[len(records) // 2] if records else {}
    for name, value in record.items() if isinstance(record, dict) else ():
        if name not in rule.fields and isinstance(value, str) and len(value) > 2:
            yield value


def _parts(value: str) -> Iterator[str]:
    yield value[1:5].swapcase().strip() or value
    words = value.split()
    if len(words) > 1:
        yield f"{words[0]} {words[1]}".swapcase()
        yield f"{words[1]} {words[0]}"
        # A plus sign that is read as a blank shows in values with either.
        yield value.replace(" ", "+")
    for number, character in enumerate(value):
        if character in SPECIAL and character != " ":
            yield value[max(0, number - 2) : number + 3].strip().swapcase()
            yield f"{value[:number]}_{value[number + 1 :]}" if number else "_"


def _words(rule: FilterRule, records: Sequence[Any]) -> Iterator[str]:
    """The words of the values that records have; numbers only where there is no word."""
    counts = Counter(repr(find_value(record, rule.fields[0])) for record in records)
    for word in find_words(rule):
        if counts[repr((rule.values or {})[word])]:
            yield word


def find_words(rule: FilterRule, sentence: str = "") -> list[str]:
    """One word for each value a filter's words stand for, a number only for want of a word.

    The one for zero is the first, then come those that the documentation's sentence names.
    """
    words: dict[str, str] = {}
    for word, stored in (rule.values or {}).items():
        key = repr(stored)
        if stored is not None and (key not in words or _is_number(words[key])):
            words[key] = words[key] if key in words and _is_number(word) else word
    named = set(re.findall(r"\w+", sentence.casefold()))
    return sorted(
        words.values(),
        key=lambda word: ((rule.values or {})[word] not in (0, "0", False), word.casefold() not in named),
    )


def _is_number(word: str) -> bool:
    return word.lstrip("-").isdecimal()


def _lists(rule: FilterRule, records: Sequence[Any]) -> Iterator[list[Any]]:
    keys = [v for record in records if (v := find_value(record, rule.fields[0])) is not None]
    if len(keys) > 3:
        # The last before the first: a target that answers in the order asked for, and not in its own, is caught.
        yield [keys[-1], keys[0], keys[len(keys) // 2], keys[0]]
        yield [keys[-2], unknown_of(keys), keys[1]]
    if keys:
        yield [keys[-1]]
        yield [unknown_of(keys)]


def unknown_of(keys: Sequence[Any]) -> Any:
    """A key of the same kind that no record seen has."""
    numbers = [key for key in keys if isinstance(key, int)]
    return max(numbers) + 1_000_003 if numbers else NOWHERE


def _moments(rule: FilterRule, records: Sequence[Any]) -> Iterator[str]:
    """Moments of records, a second beside them, the same moment in another zone, and their days in every form."""
    moments = sorted(str(v) for r in records if (v := find_value(r, rule.fields[0])) is not None)
    for text in dict.fromkeys((moments[len(moments) // 2], moments[-1], moments[0]) if moments else ()):
        try:
            moment = datetime.fromisoformat(text).replace(tzinfo=None)
        except ValueError:
            continue
        yield from write_moment(moment, rule.dates)
        yield from write_moment(moment + timedelta(seconds=1), rule.dates[:1])
        yield from write_moment(moment - timedelta(seconds=1), rule.dates[:1])


FORMATS: Mapping[str, str] = {
    "date-time": "%Y-%m-%dT%H:%M:%SZ",
    "date": "%Y-%m-%d",
    "mm/dd/yyyy hh:mm": "%m/%d/%Y %H:%M",
    "mm/dd/yyyy": "%m/%d/%Y",
}
"""How a moment is written in each form of dates."""


def write_moment(moment: datetime, forms: Sequence[str]) -> Iterator[str]:
    """A moment in each of the forms, in UTC."""
    for form in forms:
        yield moment.strftime(FORMATS[form]) if form in FORMATS else moment.isoformat()


KINDS: Mapping[str, Callable[[FilterRule], bool]] = {
    "words": lambda rule: rule.values is not None,
    "lists": lambda rule: rule.test == "one_of",
    "dates": lambda rule: bool(rule.dates),
    "texts": lambda rule: True,
}

MAKERS: Mapping[str, Callable[[FilterRule, Sequence[Any]], Iterator[Any]]] = {
    "words": _words,
    "lists": _lists,
    "dates": _moments,
    "texts": _texts,
}
"""How values are made for each kind of filter; `KINDS` tells which it is, the first that applies."""


def write_far(rule: FilterRule, is_past: bool) -> str:
    """A moment before, or after, those of all records, in the first form the filter reads."""
    moment = datetime(1901, 1, 1) if is_past else datetime(2199, 12, 31)
    return next(write_moment(moment, rule.dates))
