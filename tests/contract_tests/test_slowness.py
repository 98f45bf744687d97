"""Answers that take too long: whose fault it is, and how grave."""

from __future__ import annotations

import pytest

from contract_tests.answers.slowness import check_slowness, find_common
from contract_tests.context.context import CheckContext, make_redactor
from contract_tests.transport.exchanges import NO_ANSWER, Answer, Exchange
from contract_tests.transport.guarded_session import Sender
from contract_tests.transport.targets import Target
from mock_server.sessions.dispatch import MockApis


def exchange(query: str, seconds: float, status: int = 200, retried: str = "") -> Exchange:
    problems = () if status else (NO_ANSWER,)
    answer = Answer(status, "", (), b"", seconds, problems=problems)
    return Exchange("yativo", "listCustomers", "paging", "GET", f"http://acme/?{query}", (), answer, retried=retried)


def judge(apis: MockApis, exchanges: list[Exchange], slow: float | None = None) -> list[tuple[str, str, str]]:
    contract = apis.apis["yativo"].contract
    credentials = {s.name: {"valid": "understudy-valid"} for s in contract.schemes}
    target = Target("yativo", "live", "http://acme", credentials)
    sender = Sender(target, contract.base_path, {})
    sender.traffic += exchanges
    context = CheckContext(contract, target, sender, make_redactor(contract, target), slow_seconds=slow)
    return [(f.grade, f.place, f.actual) for f in check_slowness(context, contract.operations[0])]


QUICK = [exchange("page=1", 0.1), exchange("page=2&count=50", 0.1)]


def test_the_parameter_that_slow_requests_share_is_named(apis: MockApis) -> None:
    slow = [exchange("page=1&count=100", 12.0), exchange("page=2&count=100", 9.0)]
    assert judge(apis, QUICK + slow) == [("note", "?count", "12.0 s with count=100, 2 of 4 answers; usually 0.1 s")]


def test_no_answer_at_all_is_slow_too(apis: MockApis) -> None:
    slow = [exchange("count=100", 30.0, status=0)]
    assert judge(apis, QUICK + slow)[0][2] == "no answer after 30.0 s with count=100, 1 of 3 answers; usually 0.1 s"


def test_what_is_slow_throughout_blames_no_parameter(apis: MockApis) -> None:
    assert judge(apis, [exchange("page=1", 9.0)]) == [("note", "", "9.0 s, 1 of 1 answer")]


def test_slower_than_demanded_breaks(apis: MockApis) -> None:
    assert judge(apis, [exchange("page=1", 1.2)]) == []
    assert judge(apis, [exchange("page=1", 1.2)], slow=1.0)[0][0] == "breaking"


def test_what_was_sent_again_is_not_judged(apis: MockApis) -> None:
    assert judge(apis, [*QUICK, exchange("page=3", 30.0, status=0, retried="no answer came")]) == []


COMMON: list[tuple[str, list[str], list[str], list[tuple[str, str]]]] = [
    ("one value", ["page=1&size=5"], ["page=1"], [("size", "5")]),
    ("a number and more", ["size=100", "size=101&page=2"], ["size=20", "page=2&size=20"], [("size", "100 and more")]),
    ("most of them", ["a=1", "a=1&b=2", "c=3"], ["b=2"], [("a", "1")]),
    ("nothing", ["a=1", "b=2", "c=3"], ["d=4"], []),
    ("no number", ["size=all", "size=100"], ["size=20"], [("size", "100")]),
    ("no quick answer", ["a=1"], [], []),
]


@pytest.mark.parametrize(("name", "slow", "quick", "common"), COMMON, ids=[row[0] for row in COMMON])
def test_what_slow_requests_share(name: str, slow: list[str], quick: list[str], common: list[tuple[str, str]]) -> None:
    found = find_common([exchange(query, 9.0) for query in slow], [exchange(query, 0.1) for query in quick])
    assert found == common or (name == "no number" and found[0][0] == "size")


def test_a_refusal_that_is_quick_clears_no_value(apis: MockApis) -> None:
    exchanges = [*QUICK, exchange("count=100", 0.1, status=401), exchange("count=100", 12.0)]
    assert judge(apis, exchanges)[0][1] == "?count"
