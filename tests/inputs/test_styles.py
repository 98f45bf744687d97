"""Every style, as the table "Style Examples" of OpenAPI 3.1 writes its values, and what else clients write."""

from __future__ import annotations

from typing import Any

import pytest

from tests.inputs.readers import (
    COLORS,
    INTEGER,
    RGB,
    STRING,
    read_headers,
    read_path,
    read_query,
    sentences,
)

BLUE, LIST, MAPPING = "blue", ["blue", "black", "brown"], {"R": 100, "G": 200, "B": 150}

QUERY: dict[str, tuple[str, bool | None, Any, str, Any]] = {
    "form, an empty text": ("form", False, STRING, "color=", ""),
    "form, a text": ("form", False, STRING, "color=blue", BLUE),
    "form, a list in one text": ("form", False, COLORS, "color=blue,black,brown", LIST),
    "form, an object in one text": ("form", False, RGB, "color=R,100,G,200,B,150", MAPPING),
    "form exploded, a text": ("form", True, STRING, "color=blue", BLUE),
    "form exploded, a list in texts": ("form", True, COLORS, "color=blue&color=black&color=brown", LIST),
    "form exploded, an object in parameters": ("form", True, RGB, "R=100&G=200&B=150", MAPPING),
    "form is exploded where nothing is said": ("form", None, COLORS, "color=blue&color=black&color=brown", LIST),
    "blanks, a list": ("spaceDelimited", False, COLORS, "color=blue%20black%20brown", LIST),
    "blanks, a list with plus signs": ("spaceDelimited", False, COLORS, "color=blue+black+brown", LIST),
    "blanks, an object": ("spaceDelimited", False, RGB, "color=R%20100%20G%20200%20B%20150", MAPPING),
    "pipes, a list": ("pipeDelimited", False, COLORS, "color=blue%7Cblack%7Cbrown", LIST),
    "pipes, a list with bare pipes": ("pipeDelimited", None, COLORS, "color=blue|black|brown", LIST),
    "pipes, an object": ("pipeDelimited", False, RGB, "color=R%7C100%7CG%7C200%7CB%7C150", MAPPING),
    "pipes exploded are repeated": ("pipeDelimited", True, COLORS, "color=blue&color=black&color=brown", LIST),
    "deepObject": ("deepObject", True, RGB, "color[R]=100&color[G]=200&color[B]=150", MAPPING),
    "deepObject, names encoded": (
        "deepObject",
        True,
        RGB,
        "color%5BR%5D=100&color%5BG%5D=200&color%5BB%5D=150",
        MAPPING,
    ),
    "deepObject, as it says nothing of explode": (
        "deepObject",
        None,
        RGB,
        "color[R]=100&color[G]=200&color[B]=150",
        MAPPING,
    ),
    "deepObject, a list by numbers": ("deepObject", True, COLORS, "color[0]=blue&color[1]=black&color[2]=brown", LIST),
    "deepObject, a list with brackets": ("deepObject", True, COLORS, "color[]=blue&color[]=black&color[]=brown", LIST),
    "deepObject, a list by its name": ("deepObject", True, COLORS, "color=blue&color=black&color=brown", LIST),
    "a list of one": ("form", True, COLORS, "color=blue", ["blue"]),
    "a list of none": ("form", True, COLORS, "color=", []),
    "commas that are encoded, from clients that encode all": (
        "form",
        False,
        COLORS,
        "color=blue%2Cblack%2Cbrown",
        LIST,
    ),
    "an encoded comma beside a bare one is part of an entry": (
        "form",
        False,
        COLORS,
        "color=bl%2Cue,black",
        ["bl,ue", "black"],
    ),
    "an object as JSON, where its style is not said": ("form", None, RGB, "color=%7B%22R%22:100%7D", {"R": 100}),
    "a list with commas in one text, where only its description says so": (
        "form",
        None,
        COLORS,
        "color=blue,black&color=brown",
        LIST,
    ),
    "a style that is none is the usual one": ("simple", None, COLORS, "color=blue&color=black&color=brown", LIST),
}


@pytest.mark.parametrize("row", QUERY.values(), ids=QUERY)
def test_a_query_is_read_in_its_style(row: tuple[str, bool | None, Any, str, Any]) -> None:
    style, explode, schema, query, value = row
    described = {"description": "Colors, comma-separated"} if "blue,black&" in query else {}
    values = read_query(schema, query, style=style, **({} if explode is None else {"explode": explode}), **described)
    assert (values.query, sentences(values)) == ({"color": value}, [])


PATH: dict[str, tuple[str, bool, Any, str, Any]] = {
    "simple, a text": ("simple", False, STRING, "blue", BLUE),
    "simple, a list": ("simple", False, COLORS, "blue,black,brown", LIST),
    "simple, an object": ("simple", False, RGB, "R,100,G,200,B,150", MAPPING),
    "simple exploded, a list": ("simple", True, COLORS, "blue,black,brown", LIST),
    "simple exploded, an object": ("simple", True, RGB, "R=100,G=200,B=150", MAPPING),
    "label, an empty text": ("label", False, STRING, ".", ""),
    "label, a text": ("label", False, STRING, ".blue", BLUE),
    "label, a list": ("label", False, COLORS, ".blue,black,brown", LIST),
    "label, a list as 3.0 has it": ("label", False, COLORS, ".blue.black.brown", LIST),
    "label, an object": ("label", False, RGB, ".R,100,G,200,B,150", MAPPING),
    "label, an object as 3.0 has it": ("label", False, RGB, ".R.100.G.200.B.150", MAPPING),
    "label exploded, a list": ("label", True, COLORS, ".blue.black.brown", LIST),
    "label exploded, an object": ("label", True, RGB, ".R=100.G=200.B=150", MAPPING),
    "matrix, an empty text": ("matrix", False, STRING, ";color", ""),
    "matrix, a text": ("matrix", False, STRING, ";color=blue", BLUE),
    "matrix, a list": ("matrix", False, COLORS, ";color=blue,black,brown", LIST),
    "matrix, an object": ("matrix", False, RGB, ";color=R,100,G,200,B,150", MAPPING),
    "matrix exploded, a list": ("matrix", True, COLORS, ";color=blue;color=black;color=brown", LIST),
    "matrix exploded, an object": ("matrix", True, RGB, ";R=100;G=200;B=150", MAPPING),
    "matrix, a number": ("matrix", False, INTEGER, ";color=7", 7),
    "label, a number": ("label", False, INTEGER, ".7", 7),
}


@pytest.mark.parametrize("row", PATH.values(), ids=PATH)
def test_a_path_is_read_in_its_style(row: tuple[str, bool, Any, str, Any]) -> None:
    style, explode, schema, text, value = row
    values = read_path(schema, text, style=style, explode=explode)
    assert (values.path, sentences(values)) == ({"color": value}, [])


HEADERS: dict[str, tuple[str, bool | None, Any, str, Any]] = {
    "a header, a text": ("header", None, STRING, "blue", BLUE),
    "a header, a list": ("header", None, COLORS, "blue,black,brown", LIST),
    "a header, a list with blanks": ("header", None, COLORS, "blue, black,  brown", LIST),
    "a header, an object": ("header", None, RGB, "R,100,G,200,B,150", MAPPING),
    "a header exploded, an object": ("header", True, RGB, "R=100,G=200,B=150", MAPPING),
    "a cookie, a text": ("cookie", None, STRING, "color=blue", BLUE),
    "a cookie, an encoded text": ("cookie", None, STRING, "a=b; color=bl%20ue+", "bl ue+"),
    "a cookie, a list": ("cookie", False, COLORS, "color=blue,black,brown; a=b", LIST),
    "a cookie, an object": ("cookie", False, RGB, "color=R,100,G,200,B,150", MAPPING),
    "a cookie exploded, a list": ("cookie", True, COLORS, "color=blue&color=black&color=brown", LIST),
    "a cookie exploded, an object": ("cookie", True, RGB, "a=b; R=100&G=200&B=150", MAPPING),
    "cookies exploded, a list": ("cookie", True, COLORS, "color=blue; color=black; color=brown", LIST),
}


@pytest.mark.parametrize("row", HEADERS.values(), ids=HEADERS)
def test_headers_and_cookies_are_read_in_their_style(row: tuple[str, bool | None, Any, str, Any]) -> None:
    where, explode, schema, text, value = row
    headers = {"color" if where == "header" else "cookie": text}
    values = read_headers(where, schema, headers, **({} if explode is None else {"explode": explode}))
    assert (getattr(values, where), sentences(values)) == ({"color": value}, [])
