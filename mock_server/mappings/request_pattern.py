"""Which requests are meant, in WireMock's words: each part a row. It serves mappings and the journal alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mock_server.mappings.asked import Asked
from mock_server.mappings.expressions import compile_expression
from mock_server.mappings.matchers import Test, compile_matchers
from mock_server.mappings.places import Place
from mock_server.messages import decode_path, decode_segment

TestRequest = Callable[[Asked], bool]
Compile = Callable[[Any, Place], TestRequest]


def _text(make: Callable[[str], TestRequest]) -> Compile:
    """A part that is a text; what is wrong with it raises ValueError."""

    def compile_text(wanted: Any, place: Place) -> TestRequest:
        if not isinstance(wanted, str):
            place.refuse("is no text", f"{place.pointer.rpartition('/')[2]} takes a text")
            return _never
        try:
            return make(wanted)
        except ValueError as error:
            place.refuse(str(error))
            return _never

    return compile_text


def _never(asked: Asked) -> bool:
    return False


def _method(wanted: str) -> TestRequest:
    return lambda asked: wanted.upper() in ("ANY", asked.method)


def _url(wanted: str) -> TestRequest:
    path, mark, query = wanted.partition("?")
    whole = f"{decode_path(path)}{mark}{query}"
    return lambda asked: whole in asked.targets


def _url_path(wanted: str) -> TestRequest:
    if "?" in wanted:
        raise ValueError("has a query; that stands in url, or in queryParameters")
    path = decode_path(wanted)
    return lambda asked: path in asked.paths


def _url_pattern(wanted: str) -> TestRequest:
    fits = compile_expression(wanted)
    return lambda asked: any(map(fits, asked.targets))


def _url_path_pattern(wanted: str) -> TestRequest:
    fits = compile_expression(wanted)
    return lambda asked: any(map(fits, asked.paths))


def _template(wanted: Any, place: Place) -> TestRequest:
    values = compile_template(wanted, place)
    return lambda asked: any(values(path) is not None for path in asked.paths)


def compile_template(wanted: Any, place: Place) -> Callable[[str], Mapping[str, str] | None]:
    """From a path to the values of a template's variables, None where it does not fit; `{name}` is a whole segment."""
    segments = wanted.strip("/").split("/") if isinstance(wanted, str) else ["{"]
    if any(("{" in each or "}" in each) and not _is_variable(each) for each in segments):
        place.refuse("is no template of a path", "a variable is a whole segment: /contacts/{contactId}")

    def find(path: str) -> Mapping[str, str] | None:
        pieces = path.strip("/").split("/")
        pairs = list(zip(segments, pieces))
        if len(pieces) != len(segments) or any(s != p for s, p in pairs if not _is_variable(s)):
            return None
        values = {s[1:-1]: decode_segment(p) for s, p in pairs if _is_variable(s)}
        return values if all(values.values()) else None

    return find


def _is_variable(segment: str) -> bool:
    return len(segment) > 2 and segment[0] == "{" and segment[-1] == "}" and not set(segment[1:-1]) & set("{}")


def _named(find: Callable[[Asked, str], list[str]]) -> Compile:
    """A part that maps names to matchers."""

    def compile_named(wanted: Any, place: Place) -> TestRequest:
        tests = _compile_named(wanted, place)
        return lambda asked: all(test(find(asked, name)) for name, test in tests.items())

    return compile_named


def _compile_named(wanted: Any, place: Place) -> dict[str, Test]:
    if not isinstance(wanted, dict):
        place.refuse("is no object", f"{place.pointer.rpartition('/')[2]} takes an object of names and matchers")
        return {}
    return {name: compile_matchers(matchers, place.at(name)) for name, matchers in wanted.items()}


def _body(wanted: Any, place: Place) -> TestRequest:
    if not isinstance(wanted, list):
        place.refuse("is no list of matchers", "expected an array of matchers")
        return _never
    tests = [compile_matchers(each, place.at(number)) for number, each in enumerate(wanted)]
    return lambda asked: all(test([asked.body] if asked.body else []) for test in tests)


def _basic(wanted: Any, place: Place) -> TestRequest:
    given = {name: value for name, value, _ in place.read_members(wanted, ("username", "password"))}
    if not all(isinstance(given.get(name), str) for name in ("username", "password")):
        place.refuse("is no name and password", "expected an object of username and password")
    pair = given.get("username"), given.get("password")
    return lambda asked: asked.find_basic() == pair


def _status(wanted: Any, place: Place) -> TestRequest:
    # JSON knows one kind of number: 404.0 is a whole one.
    if type(wanted) not in (int, float) or wanted not in range(100, 600):
        place.refuse("is no status", "status takes a whole number from 100 to 599")
    return lambda asked: asked.status == wanted


def _anything(wanted: Any, place: Place) -> TestRequest:
    return lambda asked: True


URLS: Mapping[str, Compile] = {
    "url": _text(_url),
    "urlPath": _text(_url_path),
    "urlPattern": _text(_url_pattern),
    "urlPathPattern": _text(_url_path_pattern),
    "urlPathTemplate": _template,
}
"""What a URL may be."""

PARTS: Mapping[str, Compile] = {
    "method": _text(_method),
    **URLS,
    "pathParameters": _anything,
    "queryParameters": _named(Asked.find_query),
    "headers": _named(Asked.find_header),
    "cookies": _named(Asked.find_cookie),
    "formParameters": _named(Asked.find_form),
    "basicAuthCredentials": _basic,
    "basicAuth": _basic,
    "bodyPatterns": _body,
    "metadata": _anything,
}
"""The parts of a pattern; all that are given must hold. The parameters of a path are compared with its template."""

OF_ANSWERED: Mapping[str, Compile] = {
    "session": _text(lambda wanted: lambda asked: asked.session == wanted),
    "status": _status,
}
"""The parts of a request that was answered: what the journal knows of it."""

NOT_PLAYED: Mapping[str, str] = {
    "multipartPatterns": "parts of a form are not compared; bodyPatterns sees the whole body as text",
    "customMatcher": "nothing that a mapping names is run",
    **dict.fromkeys(("scheme", "host", "port", "clientIp"), "compare the header host by headers"),
    **dict.fromkeys(("browserProxyRequest", "loggedDate", "loggedDateString"), "say what matters by the other parts"),
}
"""WireMock's other parts, and what serves in their place."""


def compile_pattern(value: Any, place: Place, more: Mapping[str, Compile] = {}) -> TestRequest:
    """Whether a request is meant, from a JSON object of `PARTS` (and `more`); what is wrong is noted at its place."""
    parts = {**PARTS, **more}
    given = place.read_members(value, parts, NOT_PLAYED)
    # The URL first, which few requests have: of a thousand mappings nothing else is looked at.
    tests = [parts[name](wanted, below) for name, wanted, below in sorted(given, key=lambda each: each[0] not in URLS)]
    if isinstance(value, dict) and value.get("pathParameters") is not None:
        tests.append(_path_parameters(value, place))
    return lambda asked: all(test(asked) for test in tests)


def _path_parameters(value: Mapping[str, Any], place: Place) -> TestRequest:
    """Whether the variables of the template are as the parameters of the path say."""
    below, template = place.at("pathParameters"), value.get("urlPathTemplate")
    tests = _compile_named(value["pathParameters"], below)
    for name in tests:
        if not isinstance(template, str) or f"{{{name}}}" not in template:
            below.at(name).refuse("is no variable of the path", "urlPathTemplate names the variables: /contacts/{id}")
    find = compile_template(template, Place())

    def holds(asked: Asked) -> bool:
        values = (find(path) for path in asked.paths)
        return any(each is not None and _hold(tests, each) for each in values)

    return holds


def _hold(tests: Mapping[str, Test], values: Mapping[str, str]) -> bool:
    return all(name in values and test([values[name]]) for name, test in tests.items())
