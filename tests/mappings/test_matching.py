"""Which requests a pattern means, in WireMock's words: each row a sentence."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

import pytest

from mock_server.mappings import Asked, Place, World, compile_pattern, describe_problems, read_mapping

BASIC = base64.b64encode(b"jo:secret").decode()
ASKED = Asked(
    "POST",
    ("/fatora/v1/clients/7", "/v1/clients/7"),
    "page=2&tag=a&tag=b&name=Ann%20Lee",
    {
        "content-type": "application/json",
        "x-trace": "1abc2",
        "cookie": "theme=dark; user=ann",
        "authorization": f"Basic {BASIC}",
    },
    '{"client": {"name": "Ann", "tags": ["x", "y"], "age": 7, "note": null, "empty": []}, "total": 2.0}',
)
FORM = ASKED._replace(headers={"content-type": "application/x-www-form-urlencoded"}, body="tool=saw&size=2")


def body(**matcher: Any) -> dict[str, Any]:
    return {"bodyPatterns": [matcher]}


def query(name: str, **matcher: Any) -> dict[str, Any]:
    return {"queryParameters": {name: matcher}}


CLIENT = {"name": "Ann", "tags": ["x", "y"], "age": 7, "note": None, "empty": []}
OTHER_ORDER = {**CLIENT, "tags": ["y", "x"]}

ROWS: list[tuple[str, dict[str, Any], bool]] = [
    ("nothing that is asked for", {}, True),
    ("the method", {"method": "POST"}, True),
    ("any method", {"method": "ANY"}, True),
    ("another method", {"method": "GET"}, False),
    ("path and query", {"url": "/fatora/v1/clients/7?page=2&tag=a&tag=b&name=Ann%20Lee"}, True),
    ("a URL without its query", {"url": "/fatora/v1/clients/7"}, False),
    ("the path", {"urlPath": "/fatora/v1/clients/7"}, True),
    ("the path that the documented host has", {"urlPath": "/v1/clients/7"}, True),
    ("a path that is written with its letters encoded", {"urlPath": "/v1/%63lients/7"}, True),
    ("the beginning of the path", {"urlPath": "/fatora/v1"}, False),
    ("an expression of the URL", {"urlPattern": r"/fatora/.*\?page=\d.*"}, True),
    ("an expression of part of the URL", {"urlPattern": "/fatora"}, False),
    ("an expression of the path", {"urlPathPattern": "/fatora/v1/clients/[0-9]+"}, True),
    ("a template of the path", {"urlPathTemplate": "/v1/clients/{id}"}, True),
    ("a longer template", {"urlPathTemplate": "/v1/clients/{id}/orders"}, False),
    ("a variable", {"urlPathTemplate": "/v1/clients/{id}", "pathParameters": {"id": {"equalTo": "7"}}}, True),
    ("another variable", {"urlPathTemplate": "/v1/clients/{id}", "pathParameters": {"id": {"equalTo": 8}}}, False),
    ("a parameter", query("page", equalTo="2"), True),
    ("a parameter that is a number", query("page", equalTo=2), True),
    ("a parameter with a space", query("name", equalTo="Ann Lee"), True),
    ("a parameter in any case", query("name", equalTo="ann lee", caseInsensitive=True), True),
    ("a parameter in another case", query("name", equalTo="ann lee"), False),
    ("the second of two parameters", query("tag", equalTo="b"), True),
    ("each of two parameters", query("tag", hasExactly=[{"equalTo": "b"}, {"equalTo": "a"}]), True),
    ("one of two parameters, and no other", query("tag", hasExactly=[{"equalTo": "b"}]), False),
    ("one of two parameters among others", query("tag", includes=[{"equalTo": "b"}]), True),
    ("a parameter that is not there", query("sort", absent=True), True),
    ("a parameter that should not be there", query("page", absent=True), False),
    ("a parameter that is there", query("page", absent=False), True),
    ("anything of a parameter", query("page", anything="(always)"), True),
    ("not what is not there", query("sort", doesNotContain="x"), False),
    ("a part of a header", {"headers": {"X-Trace": {"contains": "abc"}}}, True),
    ("no such part of a header", {"headers": {"X-Trace": {"doesNotContain": "abc"}}}, False),
    ("an expression of a header", {"headers": {"x-trace": {"matches": "[0-9]abc."}}}, True),
    ("an expression of part of a header", {"headers": {"x-trace": {"matches": "abc"}}}, False),
    ("no such expression", {"headers": {"x-trace": {"doesNotMatch": "abc"}}}, True),
    ("an expression in any case", {"headers": {"x-trace": {"matches": "(?i).*ABC.*"}}}, True),
    ("a cookie", {"cookies": {"user": {"equalTo": "ann"}}}, True),
    ("another cookie", {"cookies": {"user": {"equalTo": "dark"}}}, False),
    ("name and password", {"basicAuthCredentials": {"username": "jo", "password": "secret"}}, True),
    ("another password", {"basicAuth": {"username": "jo", "password": "x"}}, False),
    ("both of two", query("page", **{"and": [{"contains": "2"}, {"matches": "[0-9]"}]}), True),
    ("one of two", query("page", **{"or": [{"equalTo": "1"}, {"equalTo": "2"}]}), True),
    ("none of two", query("page", **{"not": {"or": [{"equalTo": "1"}, {"equalTo": "2"}]}}), False),
    ("a text in the body", body(contains='"name": "Ann"'), True),
    ("an expression of a body of lines", body(matches=".*Ann.*"), True),
    ("the whole body as JSON", body(equalToJson={"client": CLIENT, "total": 2}), True),
    ("the body as a text of JSON", body(equalToJson=json.dumps({"total": 2, "client": CLIENT})), True),
    ("a part of the body as JSON", body(equalToJson={"total": 2}), False),
    ("a part, others passed over", body(equalToJson={"total": 2}, ignoreExtraElements=True), True),
    ("in another order", body(equalToJson={"client": OTHER_ORDER, "total": 2}), False),
    ("in any order", body(equalToJson={"client": OTHER_ORDER, "total": 2}, ignoreArrayOrder=True), True),
    ("any number", body(equalToJson={"total": "${json-unit.any-number}"}, ignoreExtraElements=True), True),
    ("true is not one", body(equalToJson={"client": {"age": True}}, ignoreExtraElements=True), False),
    ("a path that names something", body(matchesJsonPath="$.client.name"), True),
    ("a path that names null", body(matchesJsonPath="$.client.note"), False),
    ("a path that names an empty list", body(matchesJsonPath="$.client.empty"), False),
    ("a path with a condition", body(matchesJsonPath="$[?(@.age == 7)]"), True),
    ("a path with another condition", body(matchesJsonPath="$[?(@.age > 7)]"), False),
    ("what a path names", body(matchesJsonPath={"expression": "$.client.age", "equalTo": "7"}), True),
    ("what else a path names", body(matchesJsonPath={"expression": "$..tags[*]", "contains": "y"}), True),
    ("what a path does not name", body(matchesJsonPath={"expression": "$.client.zip", "absent": True}), True),
    (
        "a list that a path names",
        body(matchesJsonPath={"expression": "$.client.tags", "equalToJson": ["x", "y"]}),
        True,
    ),
    ("bytes", body(binaryEqualTo=base64.b64encode(ASKED.body.encode()).decode()), True),
    ("two things of the body", {"bodyPatterns": [{"contains": "Ann"}, {"contains": "Bob"}]}, False),
]


@pytest.mark.parametrize(("name", "pattern", "expected"), ROWS, ids=[row[0] for row in ROWS])
def test_a_pattern_means(name: str, pattern: dict[str, Any], expected: bool) -> None:
    place = Place()
    holds = compile_pattern(pattern, place)
    assert place.problems == [] and holds(ASKED) is expected


def test_a_field_of_a_form() -> None:
    holds = compile_pattern({"formParameters": {"tool": {"equalTo": "saw"}}}, Place())
    assert holds(FORM) and not holds(ASKED)


WRONG: list[tuple[str, Any, str]] = [
    ("no object", [], "The mapping is no object"),
    ("an unknown member", {"requst": {}}, "/requst is not known here: did you mean 'request'?"),
    ("an unknown part", {"request": {"urlpath": "/x"}}, "did you mean 'urlPath'?"),
    ("an unknown matcher", {"request": query("a", equalsTo="x")}, "/request/queryParameters/a/equalsTo"),
    ("an unknown member of a response", {"response": {"jsonbody": {}}}, "did you mean 'jsonBody'?"),
    ("a broken expression", {"request": {"urlPattern": "(a"}}, "/request/urlPattern is no regular expression"),
    ("an expression that leaves its own", {"request": {"urlPattern": "a)|(b"}}, "is no regular expression"),
    ("a broken JSONPath", {"request": body(matchesJsonPath="$.[")}, "is no JSONPath"),
    ("an expression of Java's in a JSONPath", {"request": body(matchesJsonPath="$[?(@.a =~ /x/i)]")}, "is no JSONPath"),
    ("a text that is no JSON", {"request": body(equalToJson="{")}, "is no JSON"),
    ("a flag of nothing", {"request": query("a", caseInsensitive=True)}, "it stands beside equalTo"),
    ("a flag that is a text", {"request": query("a", equalTo="x", caseInsensitive="yes")}, "neither true nor false"),
    ("a query in a path", {"request": {"urlPath": "/x?a=1"}}, "that stands in url"),
    ("a variable inside a segment", {"request": {"urlPathTemplate": "/x/{a}.json"}}, "a whole segment"),
    ("a variable that is none", {"request": {"urlPath": "/x", "pathParameters": {"a": {}}}}, "no variable"),
    ("an operation that is none", {"request": {"operation": "listClient"}}, "names no operation"),
    ("parts of a form", {"request": {"multipartPatterns": [{}]}}, "parts of a form are not compared"),
    ("a matcher of XML", {"request": body(equalToXml="<a/>")}, "compared as text"),
    ("a custom matcher", {"request": {"customMatcher": {"name": "x"}}}, "nothing that a mapping names is run"),
    ("a status below 200", {"response": {"status": 100}}, "/response/status"),
    ("a status with a point", {"response": {"status": 404.5}}, "a whole number"),
    ("a header of two lines", {"response": {"headers": {"x": "a\r\nb: c"}}}, "/response/headers/x is no header"),
    ("a header's name with a space", {"response": {"headers": {"a b": "c"}}}, "is no header"),
    ("a reason of two lines", {"response": {"statusMessage": "a\r\n"}}, "one line of printable ASCII"),
    ("two bodies", {"response": {"body": "a", "jsonBody": 1}}, "an answer has one body"),
    ("no base64", {"response": {"base64Body": "%"}}, "is no base64"),
    ("a file", {"response": {"bodyFileName": "../../etc/passwd"}}, "only a mapping in a file"),
    ("a proxy", {"response": {"proxyBaseUrl": "http://example.com"}}, "nothing is fetched from elsewhere"),
    ("a template", {"response": {"body": "{{x}}", "transformers": ["response-template"]}}, "nothing in it is run"),
    ("a hook", {"postServeActions": [{"name": "webhook"}]}, "nothing that a mapping names is run"),
    ("an unknown fault", {"response": {"fault": "SLOW"}}, "is no fault"),
    ("a delay of an hour", {"response": {"fixedDelayMilliseconds": 3_600_000}}, "from 0 to 120,000"),
    ("half a distribution", {"response": {"delayDistribution": {"type": "uniform", "lower": 1}}}, "upper"),
    ("a priority of 0", {"priority": 0}, "/priority is no priority"),
    ("a state of no scenario", {"newScenarioState": "x"}, "say scenarioName"),
    ("a scenario of the server's own", {"scenarioName": "emoji"}, "choose another name"),
    ("an id that is none", {"id": "7"}, "/id is no UUID"),
    ("two ids", {"id": "0" * 32, "uuid": "1" * 32}, "two names of one thing"),
    ("one that is nested too deep", {"response": {"jsonBody": json.loads("[" * 70 + "]" * 70)}}, "nested deeper"),
]


@pytest.mark.parametrize(("name", "value", "says"), WRONG, ids=[row[0] for row in WRONG])
def test_what_is_wrong_is_said_with_its_place(name: str, value: Any, says: str) -> None:
    _, problems = read_mapping(value, World(scenarios=("emoji",)))
    assert says in describe_problems(problems)


@pytest.mark.parametrize("pattern", ["(a+)+", "(a|aa)+", "(.*a){20}", "(?=(a+)+b)a*"])
def test_no_expression_takes_long(pattern: str) -> None:
    place = Place()
    holds = compile_pattern(body(matches=pattern), place)
    started = time.perf_counter()
    assert not holds(ASKED._replace(body="a" * 200_000 + "!"))
    assert not place.problems and time.perf_counter() - started < 2


def test_members_that_clients_send_empty_are_kept() -> None:
    sent = {"response": {"transformers": [], "transformerParameters": {}, "proxyBaseUrl": None}, "metadata": {"a": 1}}
    mapping, problems = read_mapping(sent, World())
    assert problems == [] and mapping.content["metadata"] == {"a": 1}
