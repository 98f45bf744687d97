"""JSON Schema: compiled checks of values, and the closed vocabulary of annotations."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import SchemaError, ValidationError, best_match
from jsonschema.validators import extend

from mock_server.contract.pattern import MAX_TEXT, compile_pattern
from mock_server.errors import suggest

Check = Callable[[Any], str]
"""Gives an empty text for a good value, else what is wrong with it."""


# Named one by one: what jsonschema checks besides depends on what else is installed, and answers may not.
_LIBRARY_FORMATS = (
    "date",
    "date-time",
    "email",
    "idn-email",
    "ipv4",
    "ipv6",
    "regex",
    "time",
    "uri",
    "uri-reference",
    "uuid",
)

_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DATE, _TIME = r"(?:\d+Y)?(?:\d+M)?(?:\d+D)?", r"T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+S)?"
_PATTERN_FORMATS: Mapping[str, re.Pattern[str]] = {
    # RFC 3339, appendix A, and RFC 1123, section 2.1.
    "duration": re.compile(rf"P(?:\d+W|(?=\d|T){_DATE}(?:{_TIME})?)", re.ASCII),
    "hostname": re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*\.?"),
}

FORMATS = (*_LIBRARY_FORMATS, *_PATTERN_FORMATS)
"""The formats that a value is checked for; any other only describes."""


def _make_format_checker() -> FormatChecker:
    checker = FormatChecker(())
    # A bare FormatChecker has `time` as draft 3 had it, without an offset.
    checker.checkers = {name: Draft202012Validator.FORMAT_CHECKER.checkers[name] for name in _LIBRARY_FORMATS}
    for name, pattern in _PATTERN_FORMATS.items():
        checker.checks(name)(functools.partial(_is_like, pattern))
    return checker


def _is_like(pattern: re.Pattern[str], value: object) -> bool:
    return not isinstance(value, str) or bool(pattern.fullmatch(value))


def _pattern(validator: Any, pattern: str, value: Any, schema: Any) -> Iterator[ValidationError]:
    if isinstance(value, str) and not _find_search(pattern)(value):
        yield ValidationError(f"{value[:MAX_SHOWN]!r} does not match {pattern!r}")


@functools.lru_cache(maxsize=1024)
def _find_search(pattern: str) -> Callable[[str], bool]:
    """The search for a pattern; one that cannot be searched (the lint refuses it in parameters) excludes nothing."""
    try:
        return compile_pattern(pattern)
    except ValueError:
        return lambda text: True


def _format(validator: Any, name: str, value: Any, schema: Any) -> Iterator[ValidationError]:
    # The forms of formats are regular expressions as well, some of them not linear; none of them needs a long text.
    if isinstance(value, str) and len(value) > MAX_TEXT:
        yield ValidationError(f"a text of more than {MAX_TEXT} characters is no {name}")
        return
    yield from Draft202012Validator.VALIDATORS["format"](validator, name, value, schema)


_Validator: Any = extend(Draft202012Validator, {"pattern": _pattern, "format": _format})  # type: ignore[no-untyped-call]
MAX_SHOWN = 200
"""How much of a wrong value its refusal repeats."""


def compile_check(schema: Mapping[str, Any]) -> Check:
    """A check of values by a schema without references: `FORMATS` count, patterns take time linear in the text."""
    validator = _Validator(dict(schema), format_checker=_make_format_checker())

    def check(value: Any) -> str:
        try:
            error = best_match(validator.iter_errors(value))
        except RecursionError:  # the format `regex` compiles what was sent
            return "is nested too deeply"
        return error.message if error else ""

    return check


def find_schema_problem(schema: Mapping[str, Any]) -> tuple[str, str] | None:
    """Pointer and problem of what makes a schema none by JSON Schema 2020-12, or None."""
    try:
        Draft202012Validator.check_schema(dict(schema))
    except SchemaError as error:
        return _pointer(error.absolute_path), f"is no JSON Schema: {error.message}"
    return None


class Vocabulary:
    """The annotations a contract may use, by the place they stand in."""

    def __init__(self, text: str) -> None:
        self._schema = json.loads(text)

    @functools.cached_property
    def names(self) -> dict[str, list[str]]:
        """Place to the names of its annotations."""
        places = self._schema["$defs"].items()
        return {place: list(rule["properties"]) for place, rule in places if "x-assumed" in rule.get("properties", {})}

    @functools.cache  # noqa: B019  (one vocabulary lives as long as the process)
    def _validator(self, place: str) -> Draft202012Validator:
        return Draft202012Validator({**self._schema, "$ref": f"#/$defs/{place}"})

    def check(self, place: str, node: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
        """Pointer in the node, problem and hint of each annotation that is unknown or has a wrong value."""
        annotations = {key: value for key, value in node.items() if str(key).startswith("x-")}
        known = self.names[place]
        for key in annotations.keys() - set(known):
            yield f"/{key}", f"unknown annotation {key!r} here", self._advice(place, key)
        familiar = {key: value for key, value in annotations.items() if key in known}
        for error in self._validator(place).iter_errors(familiar) if familiar else ():
            yield self.explain(error)

    def check_form(self, document: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
        """Pointer, problem and hint of each part of a document that has not its usual form."""
        for error in self._validator("skeleton").iter_errors(document):
            yield self.explain(error)

    def _advice(self, place: str, key: str) -> str:
        elsewhere = [other for other, names in self.names.items() if key in names]
        misplaced = f"it belongs on a {' or '.join(elsewhere)}" if elsewhere else ""
        return suggest(key, self.names[place], else_all=not misplaced) or misplaced

    def explain(self, error: Any) -> tuple[str, str, str]:
        """Pointer, problem and hint: a sentence for one error; of several branches, the one that came nearest."""
        best: Any = best_match([error]) or error
        pointer = _pointer(best.absolute_path)
        if best.validator == "enum":
            return (
                pointer,
                f"{best.instance!r} is not known here",
                suggest(best.instance, best.validator_value, else_all=True),
            )
        if best.validator == "additionalProperties":
            known = best.schema.get("properties", {})
            odd = next((key for key in best.instance if key not in known), "")
            return f"{pointer}/{odd}", f"unknown key {odd!r}", suggest(odd, known, else_all=True)
        if best.validator == "anyOf" and isinstance(best.instance, str):
            words = [word for branch in best.validator_value for word in self._words(branch)]
            return pointer, f"{best.instance!r} is not known here", suggest(best.instance, words, else_all=True)
        return pointer, best.message, ""

    def _words(self, branch: Mapping[str, Any]) -> list[Any]:
        """The words that a branch allows."""
        named = self._schema["$defs"].get(branch.get("$ref", "").rpartition("/")[2], branch)
        words: list[Any] = named.get("enum", [])
        return words


class Form:
    """The form of a file that people write, by a JSON Schema."""

    def __init__(self, text: str) -> None:
        self._vocabulary = Vocabulary(text)
        self._validator = Draft202012Validator(json.loads(text))

    def check(self, node: Any) -> Iterator[tuple[str, str, str]]:
        """Pointer, problem and hint of each departure from the form."""
        for error in self._validator.iter_errors(node):
            yield self._vocabulary.explain(error)


def _pointer(path: Iterable[Any]) -> str:
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)
