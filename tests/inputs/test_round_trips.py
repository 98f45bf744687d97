"""What an independent writer of every style puts on the wire is read back as it was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.inputs.readers import BOOLEAN, INTEGER, NUMBER, STRING, Node, read_body, read_headers, read_path, read_query

KINDS: Mapping[str, tuple[Node, st.SearchStrategy[Any]]] = {
    "string": (STRING, st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)),
    "integer": (INTEGER, st.integers(-(10**20), 10**20)),
    "number": (NUMBER, st.floats(allow_nan=False, allow_infinity=False)),
    "boolean": (BOOLEAN, st.booleans()),
}
MEMBERS = ("a", "b c", "größe", "d.e")


def text_of(value: Any) -> str:
    """A scalar as it stands in an address."""
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)


@st.composite
def values(draw: st.DrawFn, without: str = "") -> tuple[Node, Any]:
    """A schema and a value of it: scalar, list of scalars or object of scalars, whose texts have none of some characters."""
    kind = draw(st.sampled_from(["string", "string", "integer", "number", "boolean"]))
    schema, one = KINDS[kind]
    if kind == "string":
        # What looks like JSON is read as JSON, where a list or an object is expected.
        one = one.filter(lambda text: not set(without) & set(text) and text[0] not in "[{" and text.strip() == text)
    shape = draw(st.sampled_from(["scalar", "array", "object"]))
    if shape == "array":
        return {"type": "array", "items": schema}, draw(st.lists(one, min_size=2, max_size=4))
    if shape == "object":
        members = draw(st.dictionaries(st.sampled_from(MEMBERS), one, min_size=1))
        return {"type": "object", "properties": dict.fromkeys(MEMBERS, schema)}, members
    return schema, draw(one)


def encode(value: Any) -> str:
    return quote(text_of(value), safe="")


def plain(value: Any) -> str:
    return text_of(value)


def joined(value: Any, mark: str, equals: str, write: Any) -> str:
    """Entries, or names and values, with marks between them."""
    if isinstance(value, dict):
        return mark.join(f"{write(name)}{equals}{write(each)}" for name, each in value.items())
    return mark.join(map(write, value)) if isinstance(value, list) else str(write(value))


def write_query(value: Any, style: str, explode: bool) -> str:
    """A parameter `color` in a query."""
    if style == "deepObject" and isinstance(value, dict):
        return "&".join(f"color%5B{encode(name)}%5D={encode(each)}" for name, each in value.items())
    if explode and isinstance(value, list):
        return "&".join(f"color={encode(each)}" for each in value)
    if explode and isinstance(value, dict):
        return joined(value, "&", "=", encode)
    mark = {"spaceDelimited": "%20", "pipeDelimited": "%7C"}.get(style, ",")
    return f"color={joined(value, mark, mark, encode)}"


@settings(max_examples=200, deadline=None)
@given(values(), st.booleans())
def test_form(case: tuple[Node, Any], explode: bool) -> None:
    schema, value = case
    read = read_query(schema, write_query(value, "form", explode), explode=explode)
    assert (read.query, read.problems) == ({"color": value}, ())


@settings(max_examples=200, deadline=None)
@given(values(without=" |"), st.sampled_from(["spaceDelimited", "pipeDelimited"]))
def test_delimited(case: tuple[Node, Any], style: str) -> None:
    schema, value = case
    if "b c" in (value if isinstance(value, dict) else ()):
        return
    read = read_query(schema, write_query(value, style, explode=False), style=style)
    assert (read.query, read.problems) == ({"color": value}, ())


LEAF = st.text(min_size=1, max_size=4) | st.integers()
TREE = st.recursive(
    LEAF,
    lambda below: st.dictionaries(st.text("abc", min_size=1), below, min_size=1, max_size=3),
    max_leaves=6,
)


def schema_of(tree: Any) -> Node:
    if isinstance(tree, dict):
        return {"type": "object", "properties": {name: schema_of(each) for name, each in tree.items()}}
    return STRING if isinstance(tree, str) else INTEGER


def write_deep(tree: Any, name: str) -> list[str]:
    if isinstance(tree, dict):
        return [text for key, each in tree.items() for text in write_deep(each, f"{name}%5B{encode(key)}%5D")]
    return [f"{name}={encode(tree)}"]


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.text("abc", min_size=1), TREE, min_size=1, max_size=4))
def test_deep_objects(tree: dict[str, Any]) -> None:
    read = read_query(schema_of(tree), "&".join(write_deep(tree, "color")), style="deepObject")
    assert (read.query, read.problems) == ({"color": tree}, ())


@settings(max_examples=300, deadline=None)
@given(values(without=",.;="), st.sampled_from(["simple", "label", "matrix"]), st.booleans())
def test_paths(case: tuple[Node, Any], style: str, explode: bool) -> None:
    schema, value = case
    # A point between the members of a label is the point in their names and numbers as well.
    if style == "label" and ("." in joined(value, "", "", plain)):
        return
    mark = {"simple": ",", "label": "." if explode else ",", "matrix": ";" if explode else ","}[style]
    text = joined(value, mark, "=" if explode else ",", plain)
    if style == "matrix" and explode and isinstance(value, list):
        text = "".join(f";color={plain(each)}" for each in value)
    elif style == "matrix":
        text = f";{text}" if explode and isinstance(value, dict) else f";color={text}"
    read = read_path(schema, f".{text}" if style == "label" else text, style=style, explode=explode)
    assert (read.path, read.problems) == ({"color": value}, ())


@settings(max_examples=200, deadline=None)
@given(values(without=",="), st.booleans())
def test_headers(case: tuple[Node, Any], explode: bool) -> None:
    schema, value = case
    text = joined(value, ", ", "=" if explode else ",", plain)
    read = read_headers("header", schema, {"color": text}, explode=explode)
    assert (read.header, read.problems) == ({"color": value}, ())


@settings(max_examples=200, deadline=None)
@given(values(), st.booleans())
def test_cookies(case: tuple[Node, Any], explode: bool) -> None:
    schema, value = case
    read = read_headers("cookie", schema, {"cookie": f"x=y; {write_query(value, 'form', explode)}"}, explode=explode)
    assert (read.cookie, read.problems) == ({"color": value}, ())


@settings(max_examples=200, deadline=None)
@given(values(), values(), st.sampled_from(["form", "deepObject"]))
def test_forms(case: tuple[Node, Any], other: tuple[Node, Any], style: str) -> None:
    (schema, value), (other_schema, other_value) = case, other
    if isinstance(value, dict) and style == "form":
        return
    explode = style == "deepObject" or isinstance(value, list)
    encoding = {"color": {"style": style, "explode": explode}}
    body = (
        f"{write_query(value, style, explode)}&more={encode(other_value)}"
        if not isinstance(other_value, (list, dict))
        else write_query(value, style, explode)
    )
    whole = {"type": "object", "properties": {"color": schema, "more": other_schema}}
    read = read_body(whole, "application/x-www-form-urlencoded", body.encode(), encoding=encoding)
    assert (read.body["color"], read.problems) == (value, ())
