"""Rules of what identifies: keys and identifiers are unique, of one form, and stand for one thing."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from contract_tests.findings import BREAKING, NOTE, find_evidence
from contract_tests.records.record_fields import MISSING, Field, Rule, Shown, Violation

_UNIQUE = re.compile(r"\bunique\b|\bidentifies\b", re.IGNORECASE)
LARGEST_EXACT = 2**53
"""The largest whole number that every reader of JSON takes exactly (RFC 8259, 6)."""


def make_identity_rules(fields: Sequence[Field], key: str) -> Iterator[Rule]:
    """Rules for the key, for fields that a sentence calls unique, and for identifiers inside a record."""
    for field in fields:
        described = str(field.schema.get("description", ""))
        if field.name == key:
            yield from _of_key(field)
        elif _UNIQUE.search(described) and len(field.path) == 1:
            yield _unique(field, "A field that is documented as unique has one value in two records")
        elif _UNIQUE.search(described):
            yield from _of_thing(field, fields)
        if field.name == key or _UNIQUE.search(described):
            yield _one_form(field)
            yield _exact(field)


def _of_key(field: Field) -> Iterator[Rule]:
    evidence = find_evidence(field.schema, "unique")
    problem = "Two records of one page have the same key"
    yield Rule("coherence.unique", field.pointer, problem, "one record", _twice_on_a_page(field), evidence, BREAKING)


def _twice_on_a_page(field: Field) -> Callable[[Sequence[Shown]], Iterator[Violation]]:
    # Between two pages a record may have moved; on one page nothing can.
    def find(records: Sequence[Shown]) -> Iterator[Violation]:
        pages: dict[tuple[int, str], int] = {}
        for shown in records:
            place = id(shown.exchange), repr(field.value(shown.record))
            pages[place] = pages.get(place, 0) + 1
            if pages[place] == 2 and field.is_given(shown.record):
                yield Violation(shown, f"{field.value(shown.record)!r} twice")

    return find


def _unique(field: Field, problem: str) -> Rule:
    def find(records: Sequence[Shown]) -> Iterator[Violation]:
        owners: dict[str, Shown] = {}
        for shown in records:
            value = field.value(shown.record)
            owner = owners.setdefault(repr(value), shown)
            if field.is_given(shown.record) and shown.key != owner.key:
                yield Violation(shown, f"{value!r} as in the record {owner.key!r}")

    evidence = find_evidence(field.schema, "unique")
    return Rule("coherence.unique", field.pointer, problem, "one record for each value", find, evidence, BREAKING)


def _of_thing(field: Field, fields: Sequence[Field]) -> Iterator[Rule]:
    """An identifier inside a record stands for one thing: what stands beside it is the same wherever it is."""
    beside = [other for other in fields if other.path[:-1] == field.path[:-1] and other is not field]

    def find(records: Sequence[Shown]) -> Iterator[Violation]:
        things: dict[str, Shown] = {}
        for shown in records:
            if field.is_given(shown.record):
                first = things.setdefault(repr(field.value(shown.record)), shown)
                yield from _differing(field, beside, first, shown)

    problem = "One identifier stands for two things"
    yield Rule("coherence.identifier", field.pointer, problem, "one thing", find, field.evidence)


def _differing(field: Field, beside: Sequence[Field], first: Shown, shown: Shown) -> Iterator[Violation]:
    for other in beside:
        ours, theirs = other.value(first.record), other.value(shown.record)
        if ours != theirs and other.is_given(first.record) and other.is_given(shown.record):
            actual = f"{field.value(shown.record)!r} with {other.path[-1]} {ours!r} and {theirs!r}"
            yield Violation(shown, actual, other.pointer)


def _one_form(field: Field) -> Rule:
    def find(records: Sequence[Shown]) -> Iterator[Violation]:
        groups: Mapping[str, list[Shown]] = _group(field, records)
        counts = Counter({form: len(alike) for form, alike in groups.items()})
        if len(counts) < 2 or sum(counts.values()) < 5:
            return
        usual = counts.most_common(1)[0][0]
        for form, alike in groups.items():
            if form != usual:
                yield Violation(alike[0], f"{field.value(alike[0].record)!r}: {form} among {usual}")

    return Rule(
        "coherence.form",
        field.pointer,
        "Identifiers are of two forms",
        "one type and form",
        find,
        field.evidence,
    )


def _group(field: Field, records: Sequence[Shown]) -> Mapping[str, list[Shown]]:
    groups: dict[str, list[Shown]] = defaultdict(list)
    for shown in records:
        value = field.value(shown.record)
        if value is not MISSING:
            groups[_form(value)].append(shown)
    return groups


def _form(value: Any) -> str:
    if isinstance(value, str):
        return next((form for form, pattern in _FORMS.items() if pattern.fullmatch(value)), "other texts")
    return _KINDS.get(type(value), "a number")


_KINDS: Mapping[type, str] = {type(None): "null", bool: "a boolean", dict: "an object", list: "a list"}
_FORMS: Mapping[str, re.Pattern[str]] = {
    "an empty text": re.compile(""),
    "digits in a text": re.compile(r"\d+"),
    "a number in a text": re.compile(r"[-+]?[\d.,]+(?:[eE][-+]?\d+)?"),
    "a UUID": re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"),
    "a ULID": re.compile(r"[0-9A-HJKMNP-TV-Z]{26}"),
    "lower-case letters and digits": re.compile(r"[a-z0-9]+"),
    "capitals and digits": re.compile(r"[A-Z0-9]+"),
}


def _exact(field: Field) -> Rule:
    def holds(record: Any) -> str:
        value = field.value(record)
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        return repr(value) if is_number and abs(value) > LARGEST_EXACT else ""

    def find(records: Sequence[Shown]) -> Iterator[Violation]:
        yield from (Violation(shown, holds(shown.record)) for shown in records if holds(shown.record))

    problem = "A number is larger than many readers of JSON take exactly (2 to the 53rd)"
    return Rule("coherence.exact", field.pointer, problem, f"at most {LARGEST_EXACT}", find, field.evidence, NOTE)
