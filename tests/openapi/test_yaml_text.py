"""YAML: the two readers give the same values, and the fast one leaves to the other what it would read otherwise."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from mock_server.openapi import yaml_text
from mock_server.openapi.text import read_text

SCALARS = [
    *("NO", "yes", "on", "true", "True", "TRUE", "false", "~", "null", "NULL", "nan", ".nan", ".inf", "-.INF", ""),
    *("0", "-0", "007", "08", "00", "1_000", "1e3", "1E-3", "1.5e3", ".5", "5.", "+1", "+.5", "0x1F", "0o17", "0b11"),
    *("18:00", "1:30:20", "2020-01-01", "2020-01-01T00:00:00Z", "1.2.3", "1,000", "=", "<<", "a:b", "!x", "#", "- a"),
    *("18446744073709551615", "18446744073709551616", "-9223372036854775808", "-9223372036854775809", "1e400", "097.3"),
]


def read_slowly(text: str) -> Any:
    return read_text(text.encode(), "f.yaml").value


@pytest.mark.parametrize("written", SCALARS)
@pytest.mark.parametrize("form", ["a: {}\n", "- {}\n", "{}: a\n", "a: [b, {}]\n", "a: '{}'\n", "a: |\n  {}\n"])
def test_both_readers_give_the_same_value(form: str, written: str) -> None:
    text = form.format(written)
    fast = yaml_text._read_fast(text)
    if fast is not None:
        assert json.dumps(fast) == json.dumps(read_slowly(text))


def test_both_readers_give_the_same_values_of_anything_that_looks_like_a_number() -> None:
    draw = random.Random(7)
    for _ in range(3_000):
        written = "".join(draw.choices("0123456789.eE+-_:xob", k=draw.randint(1, 6)))
        for text in (f"a: {written}\n", f"{written}: a\n"):
            fast = yaml_text._read_fast(text)
            if fast is not None:
                assert json.dumps(fast) == json.dumps(read_slowly(text)), text


LEFT = [
    "a: &b c\nd: *b",
    "a: &b {c: 1}\nd:\n  <<: *b",
    "a: !tag b",
    "a: 99999999999999999999",
    "a: .inf",
    "1.5: a",
    "a: 1\na: 2",
]


@pytest.mark.parametrize("text", LEFT)
def test_what_the_fast_reader_does_not_know_is_left_to_the_other(text: str) -> None:
    assert yaml_text._read_fast(text) is None
    read_slowly(text)


def test_statuses_are_text_in_a_large_document_too() -> None:
    rows = [f"  /a{n}: {{get: {{responses: {{200: {{}}, default: {{}}}}}}}}" for n in range(4_000)]
    text = "\n".join(["openapi: 3.1.0", "paths:", *rows])
    assert len(text) > yaml_text.MIN_FAST
    assert list(read_slowly(text)["paths"]["/a3999"]["get"]["responses"]) == ["200", "default"]


LINES = [("/paths/~1a/get", 4), ("/paths/~1a/get/missing/more", 4), ("/tags/1/name", 7), ("", 1), ("/none", 1)]


@pytest.mark.parametrize(("pointer", "line"), LINES)
def test_the_line_of_a_place(pointer: str, line: int) -> None:
    text = "openapi: 3.1.0\npaths:\n  /a:\n    get: {responses: {}}\ntags:\n  - name: a\n  - name: b\n"
    assert yaml_text.find_yaml_lines(text, [pointer]) == {pointer: line}
