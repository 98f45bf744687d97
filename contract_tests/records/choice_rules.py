"""Rules of fields that have one of some values: by what a sibling says, or drawn from a list."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from contract_tests.records.record_fields import MISSING, Field, Rule, each


def make_choice_rules(fields: Sequence[Field], by_name: Mapping[str, Field]) -> Iterator[Rule]:
    """Fields that are chosen by one sibling agree on which of its cases it is."""
    groups: dict[str, list[Field]] = defaultdict(list)
    for field in fields:
        if field.method == "choose":
            groups[str(field.arguments.get("by", ""))].append(field)
    for alike in groups.values():
        yield from (_agree(first, other) for first, other in itertools.combinations(alike, 2))
    for field in (field for alike in groups.values() for field in alike):
        made = [*field.arguments.get("cases", {}).values(), field.arguments.get("otherwise")]
        if not any(map(_is_made, made)):
            yield _listed(field, made)
        chooser = by_name.get(str(field.arguments.get("by", "")).lstrip("$"))
        if chooser:
            yield _follows(field, chooser)


def _cases(field: Field, record: Any) -> set[str]:
    """The cases under which a field has the value that it has."""
    cases = {**field.arguments.get("cases", {}), "": field.arguments.get("otherwise")}
    value = field.value(record)
    return {str(name) for name, made in cases.items() if _is_made(made) or made == value}


def _is_made(made: Any) -> bool:
    """Whether a case may give any value."""
    return isinstance(made, Mapping) or (isinstance(made, str) and made.startswith("$"))


def _agree(first: Field, other: Field) -> Rule:
    def holds(record: Any) -> str:
        ours, theirs = _cases(first, record), _cases(other, record)
        if not ours or not theirs or ours & theirs:
            return ""
        return f"{other.value(record)!r} with {first.name} {first.value(record)!r}"

    problem = f"A member contradicts {first.name}"
    expected = f"what follows from the same as {first.name}"
    return Rule("coherence.agree", other.pointer, problem, expected, each(holds), other.evidence)


def _listed(field: Field, values: Sequence[Any]) -> Rule:
    """A field has one of the values that the contract knows it by."""
    known = {str(value) for value in values}

    def holds(record: Any) -> str:
        value = field.value(record)
        is_known = isinstance(value, (dict, list)) or str(value) in known or not field.is_given(record)
        return "" if is_known else repr(value)

    expected = f"one of {', '.join(sorted(known)[:12])}"
    return Rule("coherence.value", field.pointer, "A value that is not known", expected, each(holds), field.evidence)


def make_drawn_rules(field: Field, fields: Sequence[Field]) -> Iterator[Rule]:
    """A field that is drawn from some elements has one of them."""
    # What an enumeration lists is the schema's.
    if "enum" not in field.schema:
        yield _listed(field, list(field.arguments.get("elements", ())))


def _follows(field: Field, chooser: Field) -> Rule:
    def holds(record: Any) -> str:
        by = chooser.value(record)
        case = str(by).lower() if isinstance(by, bool) else str(by)
        case = case if case in map(str, field.arguments.get("cases", {})) else ""
        if by is MISSING or case in _cases(field, record):
            return ""
        return f"{field.value(record)!r} where {chooser.name} is {by!r}"

    problem = f"A member is not what {chooser.name} says"
    return Rule("coherence.agree", field.pointer, problem, f"as {chooser.name} says", each(holds), field.evidence)
