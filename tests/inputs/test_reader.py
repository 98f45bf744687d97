"""What a request says, and what is wrong with it."""

from __future__ import annotations

import pytest

from mock_server.inputs import NOTHING
from mock_server.messages import Request
from tests.inputs.readers import INTEGER, STRING, parameter, read_body, reader_of, sentences

PAGE = parameter("query", "page", {"type": "integer", "minimum": 1, "default": 1})
SIZE = parameter("query", "size", {"type": "integer", "maximum": 100, "default": 20})
STATUS = parameter("query", "status", {"type": "string", "enum": ["new", "done"]}, required=True)


def test_defaults_stand_where_nothing_was_sent() -> None:
    values = reader_of(PAGE, SIZE)(Request("GET", "/things", "page=3"), {})
    assert (values.query, values.problems) == ({"page": 3, "size": 20}, ())


def test_every_problem_is_listed_by_place_and_name() -> None:
    read = reader_of(PAGE, SIZE, parameter("header", "X-Tenant", INTEGER, required=True), STATUS)
    values = read(Request("GET", "/things", "page=x&size=1000"), {})
    assert sentences(values) == [
        "query page: must be an integer",
        "query size: must be at most 100",
        "query status: is required",
        "header X-Tenant: is required",
    ]
    assert values.query["page"] == 1


def test_a_body_is_read_by_its_media_type() -> None:
    thing = {
        "type": "object",
        "properties": {"id": {"type": "integer", "readOnly": True}, "name": STRING},
        "required": ["id", "name"],
    }
    assert read_body(thing, "application/json", b'{"name": "x"}').body == {"name": "x"}
    assert sentences(read_body(thing, "application/json", b"{}")) == ["body /name: is required"]


@pytest.mark.parametrize("sent", ["", "application/json", "Application/JSON; charset=utf-8", "application/vnd.x+json"])
def test_a_media_type_of_the_family_is_read(sent: str) -> None:
    assert read_body({}, "application/json", b"[1]", sent).body == [1]


def test_no_body_is_nothing_and_null_is_none() -> None:
    assert read_body({}, "application/json", b"", "").body is NOTHING
    assert read_body({}, "application/json", b"null").body is None
