"""What clients that write do wrong is read off the journal, and what is no fault of theirs is not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mock_server.sessions.client_rules import JUDGES, find_verdicts
from mock_server.sessions.verdicts import Verdict
from tests.conftest import ROOT
from tests.faults.playing import Shop, open_shop

SAW, AXE = {"name": "Saw"}, {"name": "Axe"}
KEY = {"idempotency-key": "k1"}
STALE = {"if-match": '"old"'}

Calls = list[tuple[Any, ...]]
"""Method, target, what is sent, headers; `its ETag` stands for If-Match with the ETag of the answer before."""


def judge(folder: Path, scenario: str, calls: Calls) -> list[Verdict]:
    """What a client that sends these requests has done wrong."""
    apis, tag = open_shop(folder), ""
    shop = Shop(apis, scenario)
    for method, target, *more in calls:
        sent, headers = (*more, None, None)[:2]
        if headers == "its ETag":
            headers = {"if-match": tag}
        response = shop.ask(method, target, sent, headers)
        tag = dict(response.headers).get("etag", tag)
    journal = apis.services.journal
    assert journal
    entries = list(journal.newest_first({"tester": 0}))[::-1]
    assert len(entries) == len(calls)
    return find_verdicts([apis.analyze(entry) for entry in entries])


CREATE = ("POST", "/items", SAW)
LOST = "create-fails-after-the-work"
RULES: list[tuple[str, str, Calls, list[str]]] = [
    ("created again after an error", LOST, [CREATE, CREATE], ["created_twice"]),
    ("created again after a reset", "write-reset-after-the-work", [CREATE, CREATE], ["created_twice"]),
    ("created again after silence", "write-times-out", [CREATE, CREATE], ["created_twice"]),
    ("created again after an error before the work", "third-call-fails", [CREATE] * 4, ["created_twice"]),
    ("with one idempotency key", LOST, [(*CREATE, KEY), (*CREATE, KEY)], []),
    (
        "with another idempotency key",
        LOST,
        [(*CREATE, KEY), (*CREATE, {"idempotency-key": "k2"})],
        ["created_twice"],
    ),
    ("another record is created", LOST, [CREATE, ("POST", "/items", AXE)], []),
    ("created again after a look at the list", LOST, [CREATE, ("GET", "/items"), CREATE], []),
    ("a look that failed is none", LOST, [CREATE, ("GET", "/items/999"), CREATE], ["created_twice"]),
    ("two of a kind", "", [CREATE, CREATE], []),
    ("put off with Retry-After", "read-only", [CREATE], []),
    ("throttled and sent again", "writes-throttled", [CREATE], []),
    ("what reads show late is no fault of a client's", "eventually-consistent", [CREATE, ("GET", "/items")] * 2, []),
    ("an ETag is read and sent", "", [("GET", "/items/3"), ("PUT", "/items/3", SAW, "its ETag")], []),
    (
        "an ETag is read and not sent",
        "",
        [("GET", "/items/3"), ("PUT", "/items/3", SAW)],
        ["updated_without_reading"],
    ),
    (
        "not with a patch either",
        "",
        [("GET", "/items/3"), ("PATCH", "/items/3", SAW)],
        ["updated_without_reading"],
    ),
    ("nor with a deletion", "", [("GET", "/items/3"), ("DELETE", "/items/3")], ["updated_without_reading"]),
    ("the ETag of another record", "", [("GET", "/items/3"), ("PATCH", "/items/4", SAW)], []),
    ("a record is replaced that was never read", "", [("PUT", "/items/3", SAW)], ["updated_without_reading"]),
    ("and a second one, said once", "", [("PUT", f"/items/{n}", SAW) for n in (3, 4)], ["updated_without_reading"]),
    ("a listed record is replaced", "", [("GET", "/items"), ("PUT", "/items/3", SAW)], []),
    ("a created record is replaced", "", [CREATE, ("PUT", "/items/41", AXE)], []),
    ("a record that is not there", "", [("PUT", "/items/999", SAW)], []),
    ("a deletion of what was never read", "", [("DELETE", "/items/3")], []),
    ("a refused create sent again", "", [("POST", "/items", {"name": 1})] * 2, ["retried_refused_write"]),
    ("a refused create, corrected", "", [("POST", "/items", {"name": 1}), CREATE], []),
    (
        "a refused create sent again after another write",
        "create-conflicts-once",
        [CREATE, ("DELETE", "/items/3"), CREATE],
        [],
    ),
    ("a duplicate sent again", "create-conflicts-once", [CREATE, CREATE], ["retried_refused_write"]),
    ("a deletion sent again", "", [("DELETE", "/items/999")] * 2, []),
    (
        "a change that was refused, forced",
        "",
        [("GET", "/items/3"), ("PUT", "/items/3", SAW, STALE), ("PUT", "/items/3", SAW, {"if-match": "*"})],
        ["ignored_conflict"],
    ),
    (
        "a change that was refused, sent again",
        "",
        [("GET", "/items/3"), *[("PUT", "/items/3", SAW, STALE)] * 2],
        ["ignored_conflict"],
    ),
    (
        "a change that was refused, read again",
        "",
        [("PUT", "/items/3", SAW, STALE), ("GET", "/items/3"), ("PUT", "/items/3", SAW, "its ETag")],
        [],
    ),
    (
        "a change that was refused, and another record",
        "",
        [("PUT", "/items/3", SAW, STALE), ("PATCH", "/items/4", SAW)],
        [],
    ),
]


def find_write_rules(verdicts: list[Verdict]) -> list[str]:
    """The rules about writes that were broken; a body that is refused is said by another one as well."""
    return [verdict.rule for verdict in verdicts if verdict.rule not in ("invalid_parameter", "ignored_retry_after")]


@pytest.mark.parametrize(("name", "scenario", "calls", "rules"), RULES, ids=[row[0] for row in RULES])
def test_who_broke_a_rule_is_named_and_nobody_else(
    name: str,
    scenario: str,
    calls: Calls,
    rules: list[str],
    tmp_path: Path,
) -> None:
    verdicts = judge(tmp_path, scenario, calls)
    assert find_write_rules(verdicts) == rules, verdicts
    assert all(verdict.says.endswith(".") and verdict.requests for verdict in verdicts)


def test_every_rule_is_documented() -> None:
    page = (ROOT / "docs" / "qa.md").read_text(encoding="utf-8")
    assert [rule for rule in JUDGES if f"| `{rule}` |" not in page] == []


def test_a_verdict_says_what_happened(tmp_path: Path) -> None:
    (verdict,) = judge(tmp_path, LOST, [CREATE, CREATE])
    assert verdict.says == (
        "createItem was sent again after the answer 500, with the same body and without an idempotency key: "
        "it may have been done twice."
    )
    assert len(set(verdict.requests)) == 2
