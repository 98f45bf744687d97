"""Keywords of schemas with values that they cannot have: the operation plays all the same."""

from __future__ import annotations

from typing import Any

import pytest

from tests.plain.playing import play

ODD: list[Any] = [{}, [], [[]], {"a": 1}, 5, None, [{}], True]
KEYWORDS = (
    *("type", "format", "pattern", "enum", "required", "properties", "items", "minLength", "maximum", "allOf"),
    *(
        "x-error",
        "x-faker",
        "example",
        "examples",
        "const",
        "default",
        "discriminator",
        "readOnly",
        "additionalProperties",
    ),
)
BASES: list[dict[str, Any]] = [{"type": "string"}, {"type": "object", "properties": {"a": {"type": "string"}}}, {}]


def body(schema: Any) -> dict[str, Any]:
    return {"description": "", "content": {"application/json": {"schema": schema}}}


def make_root(schema: Any) -> dict[str, Any]:
    """The schema as a field, a whole body, a key, a parameter and in an error."""
    item = {"type": "object", "properties": {"id": {"type": "integer"}, "value": schema}}
    wrong = body({"type": "object", "properties": {"message": {"x-error": "detail", **schema}}})
    parameters = [{"name": "id", "in": "path", "schema": schema}, {"name": "q", "in": "query", "schema": schema}]
    listing = {
        "x-effect": {"list": "things"},
        "responses": {"200": body({"type": "array", "items": item}), "404": wrong},
    }
    getting = {
        "x-effect": {"get": "things", "key": "id"},
        "parameters": parameters,
        "responses": {"200": body(schema), "404": wrong},
    }
    return {
        "x-collections": {"things": {"key": "id"}},
        "paths": {"/things": {"get": listing}, "/things/{id}": {"get": getting}},
    }


@pytest.mark.parametrize("keyword", KEYWORDS)
def test_an_operation_plays_whatever_a_keyword_is(keyword: str) -> None:
    for base in BASES:
        for odd in ODD:
            mock = play(make_root({**base, keyword: odd}))
            for path, query in (("/things", ""), ("/things/1", "q=1"), ("/things/nobody", "")):
                assert mock.ask("GET", path, query).status < 500, (base, odd, path)
