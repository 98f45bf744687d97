"""The smallest request that still fails: parameters that have no part in it are taken away."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterator
from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

import pytest

from contract_tests.answers.responses import check_schema, check_status
from contract_tests.answers.server_failures import check_failures
from contract_tests.context.context import CheckContext, make_redactor
from contract_tests.findings import Finding
from contract_tests.minimal import MAX_RESERVED, MINIMAL, find_minimal
from contract_tests.run_options import RunOptions
from contract_tests.runner import run_provider
from contract_tests.transport.guarded_session import Sender
from contract_tests.transport.targets import Target
from mock_server.sessions.dispatch import MockApis
from tests.conftest import CREDENTIALS, Ask
from tests.target_server import Reply, response, scripted

Break = Callable[[dict[str, str]], str]
"""What is wrong with the answer to a query: `failed`, `bare`, or nothing."""


def serve(ask: Ask, is_broken: Break) -> Callable[[str, int], Reply]:
    def answer(head: str, number: int) -> Reply:
        target = head.split()[1]
        wrong = is_broken(dict(parse_qsl(urlsplit(target).query)))
        if wrong == "failed":
            return response("500 Internal Server Error")
        given = ask(target, headers=CREDENTIALS["yativo"])
        body = json.loads(given.body)
        if wrong == "bare":
            body.pop("data", None)
        return response(f"{given.status} OK", json.dumps(body).encode())

    return answer


@pytest.fixture
def search(apis: MockApis, ask: Ask) -> Iterator[Callable[..., tuple[list[Finding], CheckContext]]]:
    """Ask one request of a server that breaks for some queries, and look for the smallest one that does."""

    def run(is_broken: Break, query: dict[str, str], budget: int | None = None) -> tuple[list[Finding], CheckContext]:
        contract = apis.apis["yativo"].contract
        credentials = {s.name: {"valid": s.values["valid"][0]} for s in contract.schemes}
        with scripted(serve(ask, is_broken)) as server:
            base = f"{server.url}/yativo{contract.base_path}"
            target = Target("yativo", "live", base, credentials, budget)
            sender = Sender(target, contract.base_path, {}, pause=lambda seconds: None)
            context = CheckContext(contract, target, sender, make_redactor(contract, target))
            operation = next(o for o in contract.operations if o.is_list)
            sender.send(operation, "reached")  # so that a failing request is not taken for a failing target
            context.send(operation, "paging", query=query)
            checks = (check_failures, check_status, check_schema)
            findings = [finding for check in checks for finding in check(context, operation)]
            return find_minimal(context, findings), context

    yield run


def url_of(line: str) -> str:
    return shlex.split(line)[-1].partition("?")[2]


Search = Callable[..., tuple[list[Finding], CheckContext]]
QUERY = {"page": "1", "limit": "5", "status": "active", "country": "QA"}


def test_only_the_parameter_that_breaks_it_stays(search: Search) -> None:
    findings, context = search(lambda query: "bare" if "limit" in query else "", QUERY)
    assert findings and {url_of(finding.minimal) for finding in findings} == {"limit=5"}
    assert "$YATIVO_TOKEN" in findings[0].minimal and findings[0].reproduce != findings[0].minimal
    assert {e.check for e in context.sender.traffic} == {"reached", "paging", MINIMAL}


def test_two_that_break_it_together_stay_both(search: Search) -> None:
    (finding, *_), _ = search(lambda query: "bare" if {"limit", "status"} <= query.keys() else "", QUERY)
    assert url_of(finding.minimal) == "limit=5&status=active"


def test_a_failing_server_fails_in_the_same_way(search: Search) -> None:
    findings, _ = search(lambda query: "failed" if "country" in query else "", QUERY)
    assert [url_of(f.minimal) for f in findings if f.minimal] == ["country=QA"], findings


def test_what_fails_always_is_shown_by_one_parameter(search: Search) -> None:
    (finding, *_), _ = search(lambda query: "bare", {"page": "1", "limit": "5"})
    assert url_of(finding.minimal) in ("page=1", "limit=5")


def test_one_parameter_is_small_enough(search: Search) -> None:
    findings, context = search(lambda query: "bare", {"limit": "5"})
    assert findings[0].minimal == "" and len(context.sender.traffic) == 2


def test_a_budget_is_not_ended_by_it(search: Search) -> None:
    findings, context = search(lambda query: "bare" if "limit" in query else "", QUERY, 4)
    assert context.remaining == 0 and context.sender.stopped == ""
    assert findings[0].minimal and "country" in findings[0].minimal


def test_what_a_check_has_asked_already_costs_no_call(search: Search) -> None:
    findings, context = search(lambda query: "bare", {"page": "1", "limit": "5"}, 2)
    assert findings[0].minimal == "" and context.remaining == 0
    asked = replace(context.sender.traffic[-1], url=context.sender.traffic[-1].url.split("&")[0])
    context.sender.traffic.append(asked)
    context.sender.exchanges.append(asked)
    assert url_of(find_minimal(context, findings)[0].minimal) == "page=1"


RESERVED: list[tuple[str, Break, int]] = [
    ("a filter beside a size", lambda query: "failed" if "country" in query else "", 1),
    ("nothing", lambda query: "", 0),
]


@pytest.mark.parametrize(("name", "is_broken", "least"), RESERVED, ids=[row[0] for row in RESERVED])
def test_calls_are_kept_back_where_there_is_something_to_make_smaller(
    name: str,
    is_broken: Break,
    least: int,
    apis: MockApis,
    ask: Ask,
) -> None:
    contract = apis.apis["yativo"].contract
    credentials = {s.name: {"valid": s.values["valid"][0]} for s in contract.schemes}
    with scripted(serve(ask, is_broken)) as server:
        target = Target("yativo", "live", f"{server.url}/yativo{contract.base_path}", credentials, 60)
        outcome = run_provider(contract, target, RunOptions())
    asked = sum(exchange.check == MINIMAL for exchange in outcome.context.sender.traffic)
    assert least <= asked <= MAX_RESERVED
    guard = outcome.context.sender.guard
    assert guard.calls - guard.again <= 60 and guard.again <= 6
    assert any(finding.minimal for finding in outcome.findings) == bool(least)
