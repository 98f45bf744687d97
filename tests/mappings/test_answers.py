"""What a mapping answers, as it is read from a definition; and mappings of any value, which never fail otherwise."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_server.mappings import OF_ANSWERED, PARTS, Asked, World, describe_problems, in_order, read_mapping
from mock_server.mappings.json_equality import is_same_json
from mock_server.mappings.matchers import FLAGS, MATCHERS
from mock_server.mappings.responses import READERS
from mock_server.mappings.stub import MEMBERS
from mock_server.messages import Delivery, Response

JSON = (("content-type", "application/json"),)

ROWS: list[tuple[str, dict[str, Any], Response]] = [
    ("nothing", {}, Response(200, (), b"")),
    ("a status with a reason", {"status": 404, "statusMessage": "Gone"}, Response(404, (), b"", "Gone")),
    ("JSON", {"jsonBody": {"a": [1, "é"]}}, Response(200, JSON, '{"a":[1,"é"]}'.encode())),
    (
        "JSON of a type of its own",
        {"jsonBody": 1, "headers": {"Content-Type": "text/x"}},
        Response(200, (("content-type", "text/x"),), b"1"),
    ),
    ("text", {"body": "{{x}}"}, Response(200, (), b"{{x}}")),
    ("bytes", {"base64Body": "AP8="}, Response(200, (), b"\x00\xff")),
    ("two headers of one name", {"headers": {"X-A": ["1", 2]}}, Response(200, (("x-a", "1"), ("x-a", "2")), b"")),
    ("headers of the connection", {"headers": {"Content-Length": "7", "Matched-Stub-Id": "x"}}, Response(200, (), b"")),
    ("a delay", {"fixedDelayMilliseconds": 1500}, Response(200, (), b"", "", Delivery(1.5))),
    (
        "a delay that is no other one",
        {"delayDistribution": {"type": "fixed", "milliseconds": 20}},
        Response(200, (), b"", "", Delivery(0.02)),
    ),
    (
        "pieces",
        {"body": "ab", "chunkedDribbleDelay": {"numberOfChunks": 2, "totalDuration": 100}},
        Response(200, (), b"ab", "", Delivery(0.0, 2, 0.1)),
    ),
]


@pytest.mark.parametrize(("name", "definition", "expected"), ROWS, ids=[row[0] for row in ROWS])
def test_a_definition_says_what_is_sent(name: str, definition: dict[str, Any], expected: Response) -> None:
    mapping, problems = read_mapping({"response": definition}, World())
    assert problems == [] and mapping.response.render(random.Random(1)) == expected


def test_a_delay_by_chance_is_the_same_for_the_same_numbers() -> None:
    value = {"response": {"delayDistribution": {"type": "lognormal", "median": 80, "sigma": 0.4}}}
    response = read_mapping(value, World())[0].response
    waits = [response.render(random.Random(seed)).delivery for seed in (1, 1, 2)]
    assert waits[0] == waits[1] != waits[2]


SAME: list[tuple[Any, Any, bool, bool, bool]] = [
    ([1, 2], [2, 1], True, False, True),
    ([1, 1], [1, 2], True, False, False),
    ([{"a": 1}], [{"b": 2}, {"a": 1, "c": 3}], True, True, True),
    ([1, 2], [1, 2, 3], False, True, True),
    ([1, 3], [1, 2, 3], False, True, False),
    ({"a": 1}, {"a": 1.0}, False, False, True),
    ({"a": 1}, {"a": True}, False, False, False),
    ({"a": None}, {}, False, True, False),
]


@pytest.mark.parametrize(("wanted", "value", "unordered", "more", "expected"), SAME)
def test_json_is_the_same(wanted: Any, value: Any, unordered: bool, more: bool, expected: bool) -> None:
    assert is_same_json(wanted, value, unordered, more) is expected


LEAVES = st.none() | st.booleans() | st.integers(-5, 700) | st.floats(allow_nan=False) | st.text(max_size=5)
WORDS = st.sampled_from(["ANY", "(a+)+$", "$.a", "GET /clients", "uniform", "EMPTY_RESPONSE", "/x/{a}", "{}", "YQ=="])
NAMES = st.sampled_from([*PARTS, *OF_ANSWERED, *READERS, *MATCHERS, *FLAGS, "operation", "type", "lower", "expression"])
VALUES = st.recursive(
    LEAVES | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)
MAPPINGS = st.fixed_dictionaries({}, optional=dict.fromkeys(MEMBERS, VALUES))
ASKED = Asked("GET", ("/x/1",), "a=1", {"cookie": "a=b", "authorization": "Basic YTpi"}, '{"a":[1]}')


@settings(max_examples=300, deadline=None)
@given(value=MAPPINGS | VALUES)
def test_any_value_is_a_mapping_or_has_problems_that_are_said(value: Any) -> None:
    mapping, problems = read_mapping(value, World(scenarios=("emoji",)))
    assert all(problem.pointer == "" or problem.pointer.startswith("/") for problem in problems)
    assert bool(describe_problems(problems)) is bool(problems)
    if not problems:
        assert mapping.matches(ASKED) in (True, False)
        assert 200 <= mapping.response.render(random.Random(1)).status < 600
        assert in_order([(1, mapping)]) == (mapping,)
