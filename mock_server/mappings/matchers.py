"""What a value of a request must be, in WireMock's words: each matcher a row."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mock_server.mappings.expressions import compile_expression, compile_path
from mock_server.mappings.json_equality import is_same_json, read_json
from mock_server.mappings.places import Place

Test = Callable[[Sequence[str]], bool]
"""Whether one of the values that came under a name is as it must be; without any only `absent` holds."""

TestText = Callable[[str], bool]

Compile = Callable[[Any, Mapping[str, Any], Place], Test]
"""From what a matcher says, and what stands beside it, to its test; what is wrong is noted at its place."""

FLAGS: Mapping[str, str] = {
    "caseInsensitive": "equalTo",
    "ignoreArrayOrder": "equalToJson",
    "ignoreExtraElements": "equalToJson",
}
"""What changes a matcher that it stands beside."""

MAX_DEPTH = 8
"""So deep may `and`, `or` and `not` be nested."""

NOT_PLAYED: Mapping[str, str] = {
    **dict.fromkeys(("equalToXml", "matchesXPath"), "bodies of XML are compared as text: equalTo, contains, matches"),
    **dict.fromkeys(
        ("before", "after", "equalToDateTime", "actualFormat", "truncateExpected", "truncateActual"),
        "moments are compared as text: equalTo, contains, matches",
    ),
    "matchesJsonSchema": "say what matters of it by matchesJsonPath or equalToJson",
}
"""WireMock's other matchers, and what serves in their place."""


def _never(values: Sequence[str]) -> bool:
    return False


def _of_any(holds: TestText) -> Test:
    return lambda values: any(map(holds, values))


def _of_text(make: Callable[[str, Mapping[str, Any]], TestText]) -> Compile:
    """A matcher of one text; a number or a truth value is the text that it is written as."""

    def compile_one(wanted: Any, beside: Mapping[str, Any], place: Place) -> Test:
        if not isinstance(wanted, str | int | float):
            place.refuse("is no text", "expected a text or a number")
            return _never
        text = wanted if isinstance(wanted, str) else str(wanted).lower()
        try:
            return _of_any(make(text, beside))
        except ValueError as error:
            place.refuse(str(error))
            return _never

    return compile_one


def _equals(wanted: str, beside: Mapping[str, Any]) -> TestText:
    if beside.get("caseInsensitive"):
        return lambda text: text.casefold() == wanted.casefold()
    return wanted.__eq__


def _equals_bytes(wanted: str, beside: Mapping[str, Any]) -> TestText:
    try:
        data = base64.b64decode(wanted, validate=True)
    except binascii.Error as error:
        raise ValueError(f"is no base64: {error}") from None
    return lambda text: text.encode("utf-8", "surrogateescape") == data


def _fits_not(wanted: str, beside: Mapping[str, Any]) -> TestText:
    fits = compile_expression(wanted)
    return lambda text: not fits(text)


def _equals_json(wanted: Any, beside: Mapping[str, Any], place: Place) -> Test:
    try:
        value = read_json(wanted) if isinstance(wanted, str) else wanted
    except ValueError as error:
        place.refuse(f"is no JSON: {error}", "expected a value, or a text that is JSON")
        return _never
    flags = bool(beside.get("ignoreArrayOrder")), bool(beside.get("ignoreExtraElements"))

    def holds(text: str) -> bool:
        try:
            return is_same_json(value, read_json(text), *flags)
        except (ValueError, RecursionError):
            return False

    return _of_any(holds)


def _has_path(wanted: Any, beside: Mapping[str, Any], place: Place) -> Test:
    """A JSONPath that names something; with matchers beside its `expression`, what it names must be as they say."""
    matchers = dict(wanted) if isinstance(wanted, dict) else {"expression": wanted}
    path = matchers.pop("expression", None)
    if not isinstance(path, str):
        place.refuse("is no JSONPath", "expected a text, or an object with an expression and a matcher")
        return _never
    try:
        find = compile_path(path)
    except ValueError as error:
        place.refuse(str(error))
        return _never
    holds = compile_matchers(matchers, place) if matchers else bool
    return lambda values: any(holds(find(text)) for text in values)


def _is_absent(wanted: Any, beside: Mapping[str, Any], place: Place) -> Test:
    if not isinstance(wanted, bool) and wanted != "(absent)":  # which is how WireMock writes it
        place.refuse("is neither true nor false", "expected true or false")
    return lambda values: bool(wanted) is not bool(values)


def _all(tests: Sequence[Test]) -> Test:
    return lambda values: all(test(values) for test in tests)


def _any(tests: Sequence[Test]) -> Test:
    return lambda values: any(test(values) for test in tests)


def _each(tests: Sequence[Test]) -> Test:
    """Each test holds for a value of its own, and there are no others."""
    return lambda values: len(values) == len(tests) and _some(tests)(values)


def _some(tests: Sequence[Test]) -> Test:
    """Each test holds for a value by itself."""
    return lambda values: all(any(test((value,)) for value in values) for test in tests)


def _of_list(combine: Callable[[Sequence[Test]], Test]) -> Compile:
    def compile_list(wanted: Any, beside: Mapping[str, Any], place: Place) -> Test:
        if not isinstance(wanted, list) or not wanted:
            place.refuse("is no list of matchers", "expected an array with a matcher at least")
            return _never
        return combine([compile_matchers(each, place.at(number)) for number, each in enumerate(wanted)])

    return compile_list


def _not(wanted: Any, beside: Mapping[str, Any], place: Place) -> Test:
    test = compile_matchers(wanted, place)
    return lambda values: not test(values)


MATCHERS: Mapping[str, Compile] = {
    "equalTo": _of_text(_equals),
    "contains": _of_text(lambda wanted, beside: lambda text: wanted in text),
    "doesNotContain": _of_text(lambda wanted, beside: lambda text: wanted not in text),
    "matches": _of_text(lambda wanted, beside: compile_expression(wanted)),
    "doesNotMatch": _of_text(_fits_not),
    "binaryEqualTo": _of_text(_equals_bytes),
    "equalToJson": _equals_json,
    "matchesJsonPath": _has_path,
    "absent": _is_absent,
    "anything": lambda wanted, beside, place: lambda values: True,
    "and": _of_list(_all),
    "or": _of_list(_any),
    "not": _not,
    "includes": _of_list(_some),
    "hasExactly": _of_list(_each),
}
"""Every matcher: how its test is compiled."""


def compile_matchers(value: Any, place: Place) -> Test:
    """The test of an object of matchers, all of which must hold: without any, every value does."""
    if place.pointer.count("/") > MAX_DEPTH * 2 + 4:
        place.refuse("is nested too deep", f"at most {MAX_DEPTH} levels of and, or and not")
        return _never
    tests = []
    for name, wanted, below in place.read_members(value, (*MATCHERS, *FLAGS), NOT_PLAYED):
        if name in MATCHERS:
            tests.append(MATCHERS[name](wanted, value, below))
        else:
            _check_flag(name, wanted, value, below)
    return _all(tests)


def _check_flag(name: str, wanted: Any, value: Mapping[str, Any], place: Place) -> None:
    """Note a flag that is none, or that stands beside nothing it changes."""
    if not isinstance(wanted, bool):
        place.refuse("is neither true nor false", "expected true or false")
    elif FLAGS[name] not in value:
        place.refuse("changes nothing here", f"it stands beside {FLAGS[name]}")
