"""What a strict reader of JSON refuses is named by its cause, and nothing is said of a body that is as it should be."""

from __future__ import annotations

import pytest

from contract_tests.answers.strict_json import find_json_faults, find_written

CASES = [
    pytest.param(b'\xef\xbb\xbf{"a": 1}', "", "byte order mark", id="a byte order mark"),
    pytest.param('{"a": 1}'.encode("utf-16"), "", "byte order mark", id="UTF-16"),
    pytest.param(b'{"a": "\xe9"}', "", "not UTF-8", id="bytes of Latin-1"),
    pytest.param(b'{"a": [{"b": NaN}]}', "/a/*/b", "NaN", id="NaN"),
    pytest.param(b'{"a": -Infinity}', "/a", "Infinity", id="Infinity"),
    pytest.param(b'{"a": {"b": 1, "b": 2}}', "/a/b", "twice in one JSON object", id="a name twice"),
    pytest.param(b'{"a": {"b": 1, "b": 1}}', "/a/b", "duplicate", id="the same member twice"),
    pytest.param(b'{"a": "\\ud83d"}', "/a", "surrogate", id="half a character"),
    pytest.param(b"", "", "is empty", id="nothing"),
    pytest.param(b'{"a": 1}<script></script>', "", "text stands after", id="text after"),
    pytest.param(b'<br />Warning: {"a": [1]}', "", "text stands before", id="text before"),
    pytest.param(b'{"a": [1, 2,]}', "", "comma", id="a comma too many"),
    pytest.param(b'{"a": "x\ny"}', "", "control character", id="a line break in a text"),
    pytest.param(b'{"a": [1, {"b": "tr', "", "ends before", id="cut in a text"),
    pytest.param(b'{"a": [1, 2', "", "ends before", id="cut in a list"),
    pytest.param(b"<html></html>", "", "HTML", id="a page"),
    pytest.param(b"{'a': 1}", "", "cannot be read", id="other quotes"),
    pytest.param(b"[" * 100_000, "", "deeper", id="nested too deep"),
]


@pytest.mark.parametrize(("body", "place", "words"), CASES)
def test_a_departure_from_json_is_named_by_place_and_cause(body: bytes, place: str, words: str) -> None:
    [fault] = find_json_faults(body)
    assert fault.place == place
    assert words in fault.problem


@pytest.mark.parametrize("body", [b'{"a": 1e999, "b": "\\ud83d\\ude42"}', '["é", null]'.encode(), b'"words"', b" 1\n"])
def test_json_is_left_alone(body: bytes) -> None:
    assert find_json_faults(body) == []


def test_an_integer_with_a_fraction_is_told_where_an_integer_is_documented() -> None:
    schema = {"properties": {"n": {"items": {"type": ["integer", "null"]}}, "x": {"type": "number"}}}
    faults = list(find_written(schema, {"n": [1, 214.0, None], "x": 2.0}))
    assert [(fault.place, fault.actual) for fault in faults] == [("/n/*", "214.0")]
