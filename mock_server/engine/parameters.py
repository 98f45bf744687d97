"""Step 5 of the flow: parameters read from a request and checked by their schemas."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import unquote_plus

from mock_server.contract import Operation, Parameter, compile_check
from mock_server.engine.filters import find_condition, read_moment
from mock_server.engine.pagination import MAX_PAGE_SIZE, fit
from mock_server.errors import ApiError
from mock_server.messages import Condition

MAX_PARAMETERS = 1_000
"""So many parameters of a query are read: the others of a hostile one have no effect."""

MAX_DIGITS = 4_000
"""Python refuses to read longer whole numbers, and reading takes the square of the length."""

_INTEGER = re.compile(r"[+-]?\d+", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
# Checked here by hand or of no weight for a value; any other keyword is left to JSON Schema.
_OWN_CHECKS = {"type", "minimum", "maximum", "default", "enum", "description", "title", "example", "examples", "items"}

Query = dict[str, list[str]]


class Inputs(NamedTuple):
    """What a request asks: page roles to values, conditions on records, and the key of one record."""

    page: dict[str, Any]
    where: tuple[Condition, ...]
    key: Any


def split_query(text: str) -> Query:
    """Names to all their values, percent-decoded, in the order sent."""
    query: Query = {}
    for piece in text.split("&", MAX_PARAMETERS)[:MAX_PARAMETERS] if text else ():
        if "%" in piece or "+" in piece:
            name, _, value = (unquote_plus(part) for part in piece.partition("="))
        else:
            name, _, value = piece.partition("=")
        if name:
            query.setdefault(name, []).append(value)
    return query


Reader = Callable[[str], Any]
"""Text to value; raises ValueError with what is expected, as a part of a sentence: `must be an integer`."""


def _read_integer(text: str) -> int:
    if not _INTEGER.fullmatch(text) or len(text) > MAX_DIGITS:
        raise ValueError("must be an integer")
    return int(text)


def _read_number(text: str) -> float:
    if not _NUMBER.fullmatch(text):
        raise ValueError("must be a number")
    return float(text)


def _read_boolean(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError("must be true or false")
    return text == "true"


def _read_lenient(text: str) -> Any:
    return int(text) if _INTEGER.fullmatch(text) and len(text) <= MAX_DIGITS else text


READERS: Mapping[str, Reader] = {
    "integer": _read_integer,
    "number": _read_number,
    "boolean": _read_boolean,
    "string": str,
    "": _read_lenient,
}
"""How a parameter's text is read, by its schema's type; a schema without a type accepts any text."""


class _Slot(NamedTuple):
    """One parameter, compiled: the names it answers to, and how its texts become a value."""

    names: tuple[str, ...]
    parameter: Parameter
    read: Callable[[list[str]], Any]
    default: Any
    limits: tuple[int, int] | None


ReadInputs = Callable[[str, Mapping[str, str]], Inputs]


def compile_inputs(operation: Operation, ignore_case: bool) -> ReadInputs:
    """A function from the raw query and the path's values to what they ask.

    It raises ApiError `invalid` for the first parameter that its schema refuses.
    """
    slots = [_slot(p, ignore_case) for p in operation.parameters if p.where in ("query", "path") and _matters(p)]
    in_path = [slot for slot in slots if slot.parameter.where == "path"]
    in_query = [slot for slot in slots if slot.parameter.where == "query"]
    by_name = {name: slot for slot in in_query for name in slot.names}
    required = [slot for slot in in_query if slot.parameter.required]
    defaults = {s.parameter.page.role: s.default for s in in_query if s.parameter.page and s.default is not None}

    def read(query_text: str, path_values: Mapping[str, str]) -> Inputs:
        query = split_query(query_text)
        if ignore_case:
            query = _folded(query)
        page, key = defaults.copy(), None
        where: tuple[Condition, ...] = ()
        for slot in in_path:
            value = _read(slot, [path_values[slot.parameter.name]])
            if slot.parameter.name == operation.key:
                key = value
            elif slot.parameter.filter and (condition := find_condition(slot.parameter.filter, value)):
                where += (condition,)
        # What is missing is said before what is wrong: a refusal names one parameter.
        for slot in required:
            _require_one(slot, query)
        # By what was sent and not by what is documented: most requests send one or two of many parameters.
        for name, texts in query.items():
            named = by_name.get(name)
            if named is None or (name != named.names[0] and _is_outdone(name, named, query)):
                continue
            value = _read(named, texts)
            if named.parameter.page:
                page[named.parameter.page.role] = value
            elif named.parameter.filter and (condition := find_condition(named.parameter.filter, value)):
                where += (condition,)
        return Inputs(page, where, key)

    return read


def _matters(parameter: Parameter) -> bool:
    """Whether a parameter can change or refuse an answer."""
    typed = parameter.schema.get("type", "string") != "string"
    return bool(parameter.page or parameter.filter or parameter.required or typed)


def _folded(query: Query) -> Query:
    folded: Query = {}
    for name, values in query.items():
        folded.setdefault(name.lower(), []).extend(values)
    return folded


def _is_outdone(name: str, slot: _Slot, query: Query) -> bool:
    """Whether the documented name, or an alias before this one, was given as well."""
    return any(better in query for better in slot.names[: slot.names.index(name)])


def _require_one(slot: _Slot, query: Query) -> None:
    if not any(name in query for name in slot.names):
        raise ApiError("invalid", f"{slot.parameter.name}: is required", slot.parameter.name)


def _read(slot: _Slot, texts: list[str]) -> Any:
    # One plain number in range is what nearly every request sends, so it is read without a detour.
    if slot.limits and len(texts) == 1:
        text = texts[0]
        if (
            len(text) < 10
            and text.isdecimal()
            and text.isascii()
            and slot.limits[0] <= (value := int(text)) <= slot.limits[1]
        ):
            return value
    try:
        return slot.read(texts)
    except ValueError as error:
        raise ApiError("invalid", f"{slot.parameter.name}: {error}", slot.parameter.name) from None


def _plain_limits(parameter: Parameter) -> tuple[int, int] | None:
    """Between which bounds a number is taken as it is, or None where numbers are not plain."""
    schema, page = parameter.schema, parameter.page
    if schema.get("type") != "integer" or schema.keys() - _OWN_CHECKS or "enum" in schema or _is_mapped(parameter):
        return None
    highest = min(
        schema.get("maximum", 10**9),
        (page.maximum or MAX_PAGE_SIZE) if page and page.role == "size" else 10**9,
    )
    return max(schema.get("minimum", 0), 1), highest


def _is_mapped(parameter: Parameter) -> bool:
    return parameter.filter is not None and (parameter.filter.values is not None or bool(parameter.filter.dates))


def _slot(parameter: Parameter, ignore_case: bool) -> _Slot:
    names = (parameter.name, *parameter.aliases)
    names = tuple(name.lower() for name in names) if ignore_case else names
    default = parameter.schema.get("default")
    return _Slot(names, parameter, _compile_reader(parameter), default, _plain_limits(parameter))


def _compile_reader(parameter: Parameter) -> Callable[[list[str]], Any]:
    """The reader of all the texts that came under a parameter's name."""
    rule, schema = parameter.filter, parameter.schema
    kind = schema.get("type", "")
    if kind == "array":
        return _compile_list(parameter)
    read_one = _compile_one(parameter, schema)
    lenient = not kind and parameter.page is not None

    def read(texts: list[str]) -> Any:
        if len(texts) > 1 and not lenient:
            raise ValueError("must be given once")
        value = read_one(texts[-1])
        if parameter.page:
            return fit(parameter.page, value, schema.get("default"))
        return value if rule is None or rule.values is None or value == "" else rule.values[str(value).casefold()]

    return read


def _compile_list(parameter: Parameter) -> Callable[[list[str]], Any]:
    rule, read_one = parameter.filter, _compile_one(parameter, parameter.schema.get("items", {}))
    commas = rule is not None and rule.lists in ("comma", "any")
    repeats = rule is None or rule.lists in ("repeat", "any")

    def read(texts: list[str]) -> Any:
        if len(texts) > 1 and not repeats:
            raise ValueError("must be one list with commas")
        pieces = [piece for text in texts for piece in (text.split(",") if commas else [text])]
        return [read_one(piece.strip()) for piece in pieces]

    return read


def _compile_one(parameter: Parameter, schema: Mapping[str, Any]) -> Reader:
    """The reader of one text: by type, then every other keyword of the schema."""
    rule = parameter.filter
    if rule and rule.dates:
        return _date_reader(rule.dates)
    if rule and rule.values is not None:
        return _word_reader(list(rule.values), schema.get("enum", list(rule.values)))
    reader = READERS[schema.get("type", "")]
    checks = list(_checks(schema))
    if not checks:
        return reader

    def read(text: str) -> Any:
        value = reader(text)
        for check in checks:
            if problem := check(value):
                raise ValueError(problem)
        return value

    return read


def _date_reader(forms: tuple[str, ...]) -> Reader:
    def read(text: str) -> str:
        moment = read_moment(text, forms)
        if moment is None:
            raise ValueError(f"must be a date ({', '.join(forms)})")
        return moment

    return read


def _word_reader(words: list[str], shown: list[Any]) -> Reader:
    def read(text: str) -> str:
        if text.casefold() not in words:
            raise ValueError(f"must be one of {', '.join(map(str, shown))}")
        return text

    return read


def _checks(schema: Mapping[str, Any]) -> Iterator[Callable[[Any], str]]:
    """The bounds by hand, for they are asked on every request; any other keyword by JSON Schema."""
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None:
        yield lambda value: f"must be at least {low}" if value < low else ""
    if high is not None:
        yield lambda value: f"must be at most {high}" if value > high else ""
    if "enum" in schema:
        yield lambda value: "" if value in schema["enum"] else f"must be one of {', '.join(map(str, schema['enum']))}"
    if schema.keys() - _OWN_CHECKS and (rest := {k: v for k, v in schema.items() if not k.startswith("x-")}):
        yield compile_check(rest)
