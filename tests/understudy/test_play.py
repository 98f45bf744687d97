"""A scenario is played for all requests of a session, or for those alone that a test names."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

import understudy
from tests.conftest import ROOT
from understudy import Session, UnderstudyError


@pytest.fixture(scope="module")
def local() -> Session:
    return understudy.transport(ROOT / "examples" / "petstore.yaml", "fatora").session


WHERE: list[tuple[str, dict[str, Any], list[bool]]] = [
    ("nothing", {}, [True, True, True, True]),
    ("an operation by its id", {"operation": "get-pets"}, [True, True, False, False]),
    ("an operation by its path", {"operation": "GET /pets/{petId}"}, [False, False, True, False]),
    ("a kind of operations", {"operation": "create"}, [False, False, False, True]),
    ("a page", {"page": 2}, [False, True, False, False]),
    ("a record", {"record": 3}, [False, False, True, False]),
    ("a value of the query", {"query": {"page": 2}}, [False, True, False, False]),
    ("a header", {"header": {"X-Team": "returns"}}, [False, False, False, True]),
    ("a place of the body", {"body": {"$.name": "Rex"}}, [False, False, False, True]),
    ("another body", {"body": {"/name": "Ann"}}, [False, False, False, False]),
    ("two conditions", {"operation": "list", "page": 2}, [False, True, False, False]),
    ("another provider", {"provider": "fatora"}, [False, False, False, False]),
]


@pytest.mark.parametrize(("where", "meets"), [row[1:] for row in WHERE], ids=[row[0] for row in WHERE])
def test_a_scenario_meets_what_is_named(local: Session, where: Any, meets: list[bool]) -> None:
    with (
        understudy.Mock(local._admin).session() as session,
        httpx.Client(
            transport=understudy.transport(session),
            base_url="https://petstore.example/v1",
        ) as client,
    ):
        session.play("server-error", **where)
        answers = [
            client.get("/pets"),
            client.get("/pets?page=2"),
            client.get("/pets/3"),
            client.post("/pets", json={"id": 0, "name": "Rex", "status": "sold"}, headers={"X-Team": "returns"}),
        ]
        assert [answer.status_code == 500 for answer in answers] == meets


def test_narrowed_in_two_ways_it_plays_in_both_and_counts_apart(local: Session) -> None:
    with (
        understudy.Mock(local._admin).session() as session,
        httpx.Client(
            transport=understudy.transport(session),
            base_url="https://petstore.example/v1",
        ) as client,
    ):
        session.play("throttled-once", page=1).play("throttled-once", record=3)
        paths = ["/pets?page=1", "/pets?page=1", "/pets/3", "/pets/3"]
        assert [client.get(path).status_code for path in paths] == [429, 200, 429, 200]
        session.stop("throttled-once")
        assert session.describe()["scenarios"] == []


WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("an operation that nobody documents", {"operation": "GET /pet"}, "Did you mean"),
    ("a provider that nobody plays", {"provider": "yativo"}, "yativo"),
    ("a condition that is none", {"pages": 2}, "'page'"),
]


@pytest.mark.parametrize(("where", "said"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_what_meets_nothing_is_refused(local: Session, where: Any, said: str) -> None:
    with pytest.raises(UnderstudyError, match=said):
        local.play("server-error", **where)
