"""How values are written in an address or a header: each style takes texts apart, and gives none of them a type.

Source: OpenAPI 3.1, "Style Values" and "Style Examples"; RFC 6570, which they refer to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import zip_longest
from typing import Any
from urllib.parse import unquote, unquote_plus

from mock_server.inputs.json_text import find_json
from mock_server.inputs.shapes import Shape

MAX_ENTRIES = 10_000

Raw = str | list[str] | dict[str, Any]
Take = Callable[[list[str]], Raw]
"""The texts that came under one name, as they came, to text, list or mapping; raises ValueError with a sentence."""


def decode(text: str) -> str:
    """Percent-encoding of a query undone, the plus sign with it."""
    return unquote_plus(text) if "%" in text or "+" in text else text


def _only(texts: list[str]) -> str:
    if len(texts) > 1:
        raise ValueError("must be given once")
    return texts[0]


def _pairs(entries: list[str]) -> dict[str, Any]:
    """`R,100,G,200` as names and values; a name without a value has an empty one."""
    return dict(zip_longest(entries[::2], entries[1::2], fillvalue=""))


def _equations(entries: list[str]) -> dict[str, Any]:
    """`R=100` and `G=200` as names and values."""
    return {name: value for name, _, value in (each.partition("=") for each in entries)}


def _cut(text: str, mark: str) -> list[str]:
    return text.split(mark, MAX_ENTRIES)[:MAX_ENTRIES] if text else []


def _aggregate(shape: Shape, entries: list[str], explode: bool) -> Raw:
    """A list, or the mapping that it is written as, by what the schema allows."""
    if "array" in shape.types:
        return entries
    return _equations(entries) if explode else _pairs(entries)


def _is_json(text: str, shape: Shape) -> bool:
    """Whether a text is to be read as JSON: many documents say of arrays and objects nothing but their schema."""
    ends = {"{": ("}", "object"), "[": ("]", "array")}.get(text[:1])
    return ends is not None and text.endswith(ends[0]) and ends[1] in shape.types and find_json(text) is not None


# --- query, and forms ---


def take_delimited(shape: Shape, mark: str, explode: bool) -> Take:
    """Lists in one text with a mark between entries, or, exploded, in any number of texts."""

    def take(texts: list[str]) -> Raw:
        if explode:
            if len(texts) == 1 and _is_json(decode(texts[0]), shape):
                return decode(texts[0])
            pieces = [each for text in texts for each in (_cut(decode(text), mark) if mark else [decode(text)])]
            return pieces if len(texts) > 1 or texts[0] else []
        text = _only(texts)
        whole = decode(text)
        if shape.is_scalar or _is_json(whole, shape):
            return whole
        # A mark that is not encoded stands between entries, and an encoded one in them; many clients encode all.
        entries = [decode(each) for each in _cut(text, mark)] if mark in text else _cut(whole, mark)
        if len(entries) < 2 and "string" in shape.types:
            return whole
        return _aggregate(shape, entries, explode=False)

    return take


def take_form(shape: Shape, explode: bool, mark: str = "") -> Take:
    """The style `form`: `color=blue`, `color=blue,black`, or, exploded, `color=blue&color=black`.

    With a mark an exploded list may also stand in one text.
    """
    if shape.is_scalar:
        return lambda texts: decode(_only(texts))
    if explode and "array" in shape.types:
        several = take_delimited(shape, mark, explode=True)
        if shape.types == {"array"}:
            return several
        return lambda texts: several(texts) if len(texts) > 1 else decode(texts[0])
    if explode:
        return lambda texts: decode(_only(texts))
    return take_delimited(shape, ",", explode=False)


_MARKS: Mapping[str, str] = {"spaceDelimited": " ", "pipeDelimited": "|", "tabDelimited": "\t"}


def find_query_style(style: str, explode: bool, shape: Shape, mark: str = "") -> Take:
    """How the texts of one name in a query are taken apart; `mark` may stand in an exploded list as well."""
    if style in _MARKS and not shape.is_scalar:
        return take_delimited(shape, _MARKS[style], explode)
    return take_form(shape, explode or style == "deepObject", mark)


# --- path ---


def _take_simple(name: str, shape: Shape, explode: bool) -> Take:
    def take(texts: list[str]) -> Raw:
        text = texts[0]
        if shape.is_scalar or _is_json(text, shape):
            return text
        if "string" in shape.types and "," not in text:
            return text
        return _aggregate(shape, _cut(text, ","), explode)

    return take


def _take_label(name: str, shape: Shape, explode: bool) -> Take:
    def take(texts: list[str]) -> Raw:
        text = texts[0].removeprefix(".")
        if shape.is_scalar:
            return text
        # OpenAPI 3.0 has dots between the entries where 3.1 has commas.
        mark = "," if "," in text and not explode else "."
        return _aggregate(shape, _cut(text, mark), explode)

    return take


def _take_matrix(name: str, shape: Shape, explode: bool) -> Take:
    def take(texts: list[str]) -> Raw:
        pieces = _cut(texts[0].removeprefix(";"), ";")
        if explode and "array" not in shape.types and not shape.is_scalar:
            return _equations(pieces)
        # A name without an equals sign stands for an empty value.
        values = [value for key, _, value in (each.partition("=") for each in pieces) if key == name]
        if not values:
            raise ValueError(f"must begin with ;{name}=")
        if shape.is_scalar:
            return _only(values)
        return values if explode else _aggregate(shape, _cut(_only(values), ","), explode)

    return take


_PATH_STYLES: Mapping[str, Callable[[str, Shape, bool], Take]] = {"label": _take_label, "matrix": _take_matrix}


def find_path_style(name: str, style: str, explode: bool, shape: Shape) -> Take:
    """How the value of a path's parameter, percent-encoding undone, is taken apart."""
    return _PATH_STYLES.get(style, _take_simple)(name, shape, explode)


# --- headers and cookies ---


def find_header_style(explode: bool, shape: Shape) -> Take:
    """How a header is taken apart: `simple`, with blanks beside commas."""

    def take(texts: list[str]) -> Raw:
        text = texts[0].strip()
        if shape.is_scalar or _is_json(text, shape):
            return text
        if "string" in shape.types and "," not in text:
            return text
        return _aggregate(shape, [each.strip() for each in _cut(text, ",")], explode)

    return take


def find_cookie_style(explode: bool, shape: Shape) -> Take:
    """How a cookie is taken apart: `form`, whose pieces may also stand in one cookie with `&` between them."""
    take = take_form(shape, explode)
    if shape.is_scalar:
        return lambda texts: unquote(texts[-1])
    return lambda texts: take([each.replace("+", "%2B") for each in texts])
