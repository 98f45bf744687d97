"""Rules of fields that follow from each other, read from how the contract makes them: `x-faker` and `x-missing`."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from contract_tests.records.choice_rules import make_choice_rules, make_drawn_rules
from contract_tests.records.place_facts import LIES_IN, dial_code, find_gst_state, find_state, is_gstin
from contract_tests.records.record_fields import MISSING, Field, Rule, each


def make_relation_rules(fields: Sequence[Field], key: str) -> Iterator[Rule]:
    """Every rule that the annotations of these fields imply."""
    by_name = {field.name: field for field in fields}
    yield from _equal(fields, by_name)
    yield from _missing(fields, by_name)
    yield from make_choice_rules(fields, by_name)
    for field in fields:
        if field.method in _OF_METHOD:
            yield from _OF_METHOD[field.method](field, fields)
        elif field.sibling:
            yield from _of_place(field, fields)


def _equal(fields: Sequence[Field], by_name: Mapping[str, Field]) -> Iterator[Rule]:
    """Fields that are one sibling's value are equal; so is a field to a sibling that is shown."""
    groups: dict[str, list[Field]] = defaultdict(list)
    for field in fields:
        if field.sibling:
            groups[field.sibling].append(field)
    for sibling, alike in groups.items():
        first, *others = [by_name[sibling], *alike] if sibling in by_name else alike
        yield from (_pair(first, other) for other in others)


def _pair(first: Field, other: Field) -> Rule:
    def holds(record: Any) -> str:
        if not (first.is_given(record) and other.is_given(record)) or first.value(record) == other.value(record):
            return ""
        return f"{other.value(record)!r}, and {first.name} {first.value(record)!r}"

    problem = f"A member is not what {first.name} says"
    return Rule("coherence.equal", other.pointer, problem, f"equal to {first.name}", each(holds), other.evidence)


def _is_missing(field: Field, record: Any) -> bool:
    how = field.schema.get("x-missing", {}).get("as", "null")
    return field.value(record) in ({"null": (None,), "absent": (MISSING,), "empty": ("",)}.get(str(how), (None,)))


def _missing(fields: Sequence[Field], by_name: Mapping[str, Field]) -> Iterator[Rule]:
    """What is missing unless a sibling has some value: exactly then, or, where that is hidden, together."""
    hidden: dict[str, list[Field]] = defaultdict(list)
    for field in fields:
        unless = field.schema.get("x-missing", {}).get("unless") or {}
        for name, value in unless.items():
            if name in by_name:
                yield _exactly_then(field, by_name[name], value)
            else:
                hidden[f"{name} {value!r} {field.path[:-1]}"].append(field)
    for first, *others in hidden.values():
        yield from (_together(first, other) for other in others)


def _exactly_then(field: Field, sibling: Field, value: Any) -> Rule:
    def holds(record: Any) -> str:
        if sibling.value(record) is MISSING or (sibling.value(record) == value) != _is_missing(field, record):
            return ""
        return f"{field.value(record)!r} where {sibling.name} is {sibling.value(record)!r}"

    problem = f"A member is given or missing against what {sibling.name} says"
    expected = f"given exactly where {sibling.name} is {value!r}"
    return Rule("coherence.missing", field.pointer, problem, expected, each(holds), field.evidence)


def _together(first: Field, other: Field) -> Rule:
    def holds(record: Any) -> str:
        if _is_missing(first, record) == _is_missing(other, record):
            return ""
        lacking = first if _is_missing(first, record) else other
        return f"without {lacking.name}"

    problem = f"A member is missing where {first.name} is not, or the other way round"
    expected = f"both {first.name} and {other.name}, or neither"
    return Rule("coherence.missing", other.pointer, problem, expected, each(holds), other.evidence)


_EMAIL = re.compile(r"[^\s@<>\"(),;:\\]+@[^\s@<>\"(),;:\\]+\.[^\s@.]+")


def _email(field: Field, fields: Sequence[Field]) -> Iterator[Rule]:
    def holds(record: Any) -> str:
        text = field.text(record)
        return repr(text) if text and not _EMAIL.fullmatch(text) else ""

    yield Rule(
        "coherence.email",
        field.pointer,
        "Not an e-mail address as it is sent to",
        "name@domain",
        each(holds),
        field.evidence,
    )


def _gstin(field: Field, fields: Sequence[Field]) -> Iterator[Rule]:
    def is_wrong(record: Any) -> str:
        text = field.text(record)
        return repr(text) if text and not is_gstin(text) else ""

    yield Rule(
        "coherence.gstin",
        field.pointer,
        "No GSTIN: its form or its check digit is wrong",
        "two digits of the state, a PAN, a digit, Z, a check digit",
        each(is_wrong),
        field.evidence,
    )
    root = str(field.arguments.get("state", "")).lstrip("$").partition(".")[0]
    for state in (other for other in fields if other.sibling == f"{root}.state"):
        yield _gstin_state(field, state)


def _gstin_state(field: Field, state: Field) -> Rule:
    def holds(record: Any) -> str:
        number, name = field.text(record), state.text(record)
        known = find_gst_state(name)
        return f"{number!r} of a customer in {name}" if number and known and number[:2] != known else ""

    problem = "A GSTIN does not begin with the code of its state"
    return Rule("coherence.gstin", field.pointer, problem, f"the code of {state.name}", each(holds), field.evidence)


_PHONE = re.compile(r"[+(]?\d[\d\s()./-]{4,}(?:\s?(?:x|ext\.?)\s?\d+)?")
_E164 = re.compile(r"\+[1-9]\d{6,14}")


def _phone(field: Field, fields: Sequence[Field]) -> Iterator[Rule]:
    is_e164 = field.arguments.get("form") == "e164"
    pattern = _E164 if is_e164 else _PHONE

    def holds(record: Any) -> str:
        text = field.text(record)
        return repr(text) if text and not pattern.fullmatch(text) else ""

    expected = "a plus, the country's code and the number, digits alone" if is_e164 else "digits, blanks and marks"
    yield Rule(
        "coherence.phone",
        field.pointer,
        "No phone number in the usual form",
        expected,
        each(holds),
        field.evidence,
    )
    root = str(field.arguments.get("country", "")).lstrip("$").partition(".")[0]
    for country in (other for other in fields if is_e164 and other.sibling.startswith(f"{root}.country")):
        yield _dials(field, country)


def _dials(field: Field, country: Field) -> Rule:
    def holds(record: Any) -> str:
        number, name = field.text(record), country.text(record)
        code = dial_code(name)
        return f"{number!r} of a customer in {name}" if number and code and not number.startswith(f"+{code}") else ""

    problem = f"A phone number is not of the country that {country.name} says"
    expected = f"the dialling code of {country.name}"
    return Rule("coherence.phone", field.pointer, problem, expected, each(holds), field.evidence)


def _moment(field: Field, fields: Sequence[Field]) -> Iterator[Rule]:
    for bound, is_first in (("start", True), ("end", False)):
        name = str(field.arguments.get(bound, ""))
        other = next((each_field for each_field in fields if name == f"${each_field.name}"), None)
        if other:
            yield _ordered(other, field, field) if is_first else _ordered(field, other, field)


def _ordered(earlier: Field, later: Field, blamed: Field) -> Rule:
    def holds(record: Any) -> str:
        first, second = _read_moment(earlier.text(record)), _read_moment(later.text(record))
        return f"{later.text(record)} after {earlier.text(record)}" if first and second and second < first else ""

    problem = f"{later.name} is before {earlier.name}"
    return Rule("coherence.order", blamed.pointer, problem, f"{earlier.name} first", each(holds), blamed.evidence)


def _read_moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _of_place(field: Field, fields: Sequence[Field]) -> Iterator[Rule]:
    """A part of a place that is known to lie in, or to be written as, what another part says."""
    root, _, part = field.sibling.partition(".")
    if part in _CODES:
        yield _code(field, *_CODES[part])
    for state in (other for other in fields if part in LIES_IN and other.sibling == f"{root}.state"):
        yield _lies_in(field, part, state)


_CODES: Mapping[str, tuple[str, str]] = {
    "country": (r"[A-Z]{2}", "a country's two letters (ISO 3166-1 alpha-2)"),
    "country_alpha3": (r"[A-Z]{3}", "a country's three letters (ISO 3166-1 alpha-3)"),
}


def _code(field: Field, pattern: str, expected: str) -> Rule:
    def holds(record: Any) -> str:
        text = field.text(record)
        return repr(text) if text and not re.fullmatch(pattern, text) else ""

    return Rule(
        "coherence.code",
        field.pointer,
        "A country is not written as a code",
        expected,
        each(holds),
        field.evidence,
    )


def _lies_in(field: Field, part: str, state: Field) -> Rule:
    def holds(record: Any) -> str:
        text, name = field.text(record), state.text(record)
        known = find_state(part, text, name)
        return f"{text!r} of {known} in {name}" if known else ""

    problem = f"A {LIES_IN[part]} is not of what {state.name} says"
    return Rule("coherence.place", field.pointer, problem, f"one of {state.name}", each(holds), field.evidence)


_OF_METHOD: Mapping[str, Callable[[Field, Sequence[Field]], Iterator[Rule]]] = {
    "email_of": _email,
    "email": _email,
    "gstin": _gstin,
    "phone": _phone,
    "moment": _moment,
    "random_element": make_drawn_rules,
}
"""Rules of a field that some method makes, by the method."""
