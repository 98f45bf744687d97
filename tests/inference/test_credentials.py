"""Test credentials of schemes, and parameters that are credentials (C1, C2)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.inference.documents import MANY, operation, parameter, understand

SCHEMES: list[tuple[str, dict[str, Any], list[str]]] = [
    ("an API key", {"type": "apiKey", "in": "header", "name": "X-Key"}, ["valid-my-scheme"]),
    ("a bearer token", {"type": "http", "scheme": "bearer"}, ["valid-my-scheme"]),
    ("a user and a password", {"type": "http", "scheme": "basic"}, ["valid:my-scheme"]),
    ("OAuth", {"type": "oauth2", "flows": {}}, ["valid-my-scheme"]),
]


@pytest.mark.parametrize(("sentence", "scheme", "valid"), SCHEMES, ids=[row[0] for row in SCHEMES])
def test_a_scheme_has_test_values(sentence: str, scheme: dict[str, Any], valid: list[str]) -> None:
    known = understand({"/pets": {"get": operation(MANY)}}, securitySchemes={"My Scheme": scheme})
    values = known.document.root["components"]["securitySchemes"]["My Scheme"]["x-credentials"]
    assert values["valid"] == valid
    assert len({*values["valid"], *values["expired"], *values["inactive"]}) == 3


def test_values_of_the_author_stay() -> None:
    scheme = {"type": "http", "scheme": "bearer", "x-credentials": {"valid": ["mine"]}}
    known = understand({"/pets": {"get": operation(MANY)}}, securitySchemes={"a": scheme})
    assert known.document.root["components"]["securitySchemes"]["a"]["x-credentials"] == {"valid": ["mine"]}


PARAMETERS: list[tuple[str, str, str, bool]] = [
    ("a key in a header", "X-API-Key", "header", True),
    ("a key in the query", "api_key", "query", True),
    ("the header of HTTP", "Authorization", "header", True),
    ("a token in the query may be a cursor", "token", "query", False),
    ("another header", "X-Request-Id", "header", False),
]


@pytest.mark.parametrize(("sentence", "name", "place", "is_one"), PARAMETERS, ids=[row[0] for row in PARAMETERS])
def test_a_plain_parameter_is_a_credential(sentence: str, name: str, place: str, is_one: bool) -> None:
    known = understand({"/pets": {"get": operation(MANY, parameter(name, None, place, required=True))}})
    assert known.get("/pets", "x-credential") == ({"in": place, "name": name} if is_one else None)


def test_one_that_may_be_left_out_is_a_guess() -> None:
    known = understand({"/pets": {"get": operation(MANY, "api_key")}})
    assert known.get("/pets", "x-credential") is None
    assert known.inference.counts[-2:] == (1, 0), "one guess, and no filter without effect"


def test_not_where_a_scheme_is_named() -> None:
    listing = operation(MANY, parameter("api_key"), security=[{"key": []}])
    assert understand({"/pets": {"get": listing}}).get("/pets", "x-credential") is None
