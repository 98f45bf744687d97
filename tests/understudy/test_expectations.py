"""What a test says of requests: which are meant, how one departs, and what is shown where it is not so."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from understudy.exchanges import Exchange, read_exchange
from understudy.expectations import MAX_SHOWN, Meant, count_times, find_departures, is_meant, render_exchanges

EXCHANGE = Exchange(
    method="POST",
    path="/petstore/v1/pets/7",
    query={"dry": ["1"], "tag": ["small", "shy"], "loud": ["True"]},
    headers={"accept": "application/json"},
    body='{"name": "Rex", "owner": {"id": 7, "name": "Ann"}, "toys": [{"id": 1, "is": "ball"}, {"id": 2}]}',
    status=201,
    response_headers={},
    response_body="",
    provider="petstore",
    operation="addPet",
    scenarios=(),
    at=datetime(2026, 1, 1, tzinfo=UTC),
)

MEANT: list[tuple[str, dict[str, Any], str]] = [
    ("nothing in particular", {}, ""),
    ("a value of the query", {"query": {"dry": 1}}, ""),
    ("another value of the query", {"query": {"dry": 2}}, "dry is '1'"),
    ("a list in the query", {"query": {"tag": ["small", "shy"]}}, ""),
    ("a part of a list in the query", {"query": {"tag": "shy"}}, "tag is ['small', 'shy']"),
    ("truth in the query, however a client writes it", {"query": {"loud": True}}, ""),
    ("a name that is not in the query", {"query": {"page": 1}}, "page is not there"),
    ("that a name is not in the query", {"query": {"page": None}}, ""),
    ("that a name is not in the query, and it is", {"query": {"dry": None}}, "dry is '1'"),
    ("a part of the body", {"json": {"owner": {"id": 7}}}, ""),
    ("another body", {"json": {"owner": {"id": 8}}}, "json.owner.id is 7"),
    ("a member that is not in the body", {"json": {"owner": {"age": 8}}}, "json.owner.age is not there"),
    ("a part of what a list in the body has", {"json": {"toys": [{"id": 1}, {"id": 2}]}}, ""),
    ("another member of a list in the body", {"json": {"toys": [{"id": 1}, {"id": 3}]}}, "json.toys[1].id is 2"),
    ("a list that is shorter", {"json": {"toys": [{"id": 2}]}}, "json.toys is [{'id': 1, 'is': 'ball'}, {'id': 2}]"),
    ("the text of the body", {"body": EXCHANGE.body}, ""),
    ("another text of the body", {"body": "Rex"}, 'the body is \'{"name": "Rex",'),
    ("a header in any case", {"headers": {"Accept": "application/json"}}, ""),
    ("another header", {"headers": {"Accept": "text/csv"}}, "Accept is 'application/json'"),
    ("that a header is not sent", {"headers": {"X-Trace": None}}, ""),
    ("the whole path", {"path": "/petstore/v1/pets/7"}, ""),
    ("the end of the path", {"path": "pets/7"}, ""),
    ("a part of the path's last segment", {"path": "ets/7"}, "the path is '/petstore/v1/pets/7'"),
    ("its status", {"status": 201}, ""),
    ("another status", {"status": 400}, "the status is 201"),
]


@pytest.mark.parametrize(("values", "departure"), [row[1:] for row in MEANT], ids=[row[0] for row in MEANT])
def test_a_request_is_meant_by(values: dict[str, Any], departure: str) -> None:
    departures = list(find_departures(EXCHANGE, Meant(**values)))
    assert departures == [] if not departure else departures[0].startswith(departure) and len(departures) == 1
    assert is_meant(EXCHANGE, Meant(**values)) is (not departure)


def test_a_value_that_nothing_is_meant_by_is_a_slip() -> None:
    with pytest.raises(TypeError, match="queri"):
        Meant(queri={"dry": 1})  # type: ignore[call-arg]


def test_many_requests_are_the_last_of_them() -> None:
    lines = render_exchanges([EXCHANGE] * (MAX_SHOWN + 5), total=1_000).splitlines()
    assert lines[0] == f"  … {1_000 - MAX_SHOWN} more before" and len(lines) == MAX_SHOWN + 1
    assert render_exchanges([]) == "  nothing"


def logged(url: str, **more: Any) -> dict[str, Any]:
    """An entry of the journal."""
    request = {"method": "GET", "url": url, "headers": {}, "body": "", "loggedDate": 0}
    made = {"provider": "petstore", "operation": "get-pets", "faults": []}
    return {
        "id": "1",
        "request": request,
        "responseDefinition": {"status": 200},
        "response": {"status": 200, "headers": {}},
        "understudy": made,
        **more,
    }


LINES: list[tuple[str, dict[str, Any], str]] = [
    ("of a documented operation", logged("/petstore/v1/pets"), "GET /petstore/v1/pets -> 200  petstore get-pets"),
    (
        "in a session's own URL",
        logged("/~mine/petstore/v1/pets?a=ann@example.org&b=1"),
        "GET /petstore/v1/pets?a=ann@example.org&b=1 -> 200  petstore get-pets",
    ),
    (
        "whose query would break the line or paint the terminal",
        logged("/petstore/v1/pets?a=%0a%1b[31m"),
        "GET /petstore/v1/pets?a=%0A%1B[31m -> 200  petstore get-pets",
    ),
    (
        "whose query is long",
        logged(f"/petstore/v1/pets?a={'x' * 300}"),
        f"GET /petstore/v1/pets?a={'x' * 99}… -> 200  petstore get-pets",
    ),
    (
        "whose connection was cut",
        logged("/v1/pets", responseDefinition={"status": 200, "fault": "CONNECTION_RESET_BY_PEER"}),
        "GET /v1/pets -> 200 CONNECTION_RESET_BY_PEER  petstore get-pets",
    ),
    (
        "that a scenario answered",
        logged("/v1/pets", understudy={"provider": "p", "operation": "o", "faults": [{"scenario": "slow"}] * 2}),
        "GET /v1/pets -> 200  p o  (scenario slow)",
    ),
    (
        "that nobody documents",
        logged("/v1/petz", understudy={"provider": "", "operation": "", "faults": []}),
        "GET /v1/petz -> 200  documented nowhere",
    ),
]


@pytest.mark.parametrize(("entry", "line"), [row[1:] for row in LINES], ids=[row[0] for row in LINES])
def test_a_line_shows_a_request(entry: dict[str, Any], line: str) -> None:
    assert str(read_exchange(entry)) == line


@pytest.mark.parametrize(("number", "words"), [(0, "never"), (1, "once"), (2, "twice"), (3, "3 times")])
def test_a_number_of_calls_is_said(number: int, words: str) -> None:
    assert count_times(number) == words
