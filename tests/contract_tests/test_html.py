"""The page of a report: complete, self-contained, and text whatever a target sent."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from contract_tests.reports.html import compare, cut, draw_latencies, render_page, visible
from tests.server.test_console import browser  # noqa: F401

HOSTILE = '<script>alert(1)</script></pre></style>" onmouseover="x'


def finding(**changed: Any) -> dict[str, Any]:
    values = {
        "provider": "acme",
        "operation": "listThings",
        "check": "paging.size",
        "place": "/things",
        "grade": "breaking",
        "problem": "A page does not hold as many records as were asked for",
        "expected": "5 records",
        "actual": "7 records",
        "sentence": '"The page size." (acme, line 3)',
        "assumed": "",
        "reproduce": "curl 'http://127.0.0.1/things?size=5'",
        "fingerprint": "abc123",
        "known": "",
        "also": (),
        "covers": (),
        "times": 1,
    }
    return {**values, **changed}


def report(*findings: dict[str, Any], **changed: Any) -> dict[str, Any]:
    provider = {
        "name": "acme",
        "title": "Acme Things",
        "base_url": "http://127.0.0.1:1/acme",
        "calls": 12,
        "seconds": 0.5,
        "stopped": "",
        "operations": ["listThings"],
        "findings": list(findings),
        "matrix": {
            "listThings": {
                "paging": {"outcome": "failed" if findings else "passed", "calls": 9, "why": ""},
                "links": {"outcome": "skipped", "calls": 0, "why": "it documents no links"},
            },
        },
        "readings": [
            {
                "id": "size",
                "about": "What size means.",
                "default": "a",
                "follows": "b",
                "says": "",
                "by": "GET /things: 7",
            },
            {"id": "other", "about": "Else.", "default": "a", "follows": "", "says": "", "by": "no request tells"},
        ],
        "unreached": False,
        "incomplete": "",
        "left_out": [],
        "unproven": [],
        "audit": {
            "listThings": {
                "answers": 9,
                "headers": [{"name": "x-odd", "seen": 2}],
                "statuses": {"200": 9},
                "undocumented_statuses": {},
                "fields": [
                    {"place": "/things/*/new", "seen": 3, "of": 9, "null": 0, "documented": False, "nullable": False},
                ],
            },
        },
        "statuses": {"200": 9, "401": 1},
        "latencies_ms": [0.4, 0.9, 3.0, 41.0],
        "deviations": {"known": 0, "stale": [], "expired": []},
    }
    values = {
        "format": 1,
        "started": "2026-01-02T03:04:05+00:00",
        "seconds": 1.5,
        "target": "live",
        "version": "0.1.0",
        "exit_code": 1 if findings else 0,
        "providers": [provider],
        "checks": [
            {"name": "paging", "says": "Pages are of one stable collection"},
            {"name": "links", "says": "Links lead"},
        ],
    }
    return {**values, **changed}


def test_everything_a_person_needs_is_there() -> None:
    page = render_page(
        report(
            finding(),
            finding(grade="note", fingerprint="n", assumed="I: ours"),
            finding(known="agreed", fingerprint="k"),
        ),
    )
    for values in (
        "Not as documented",
        "<b>1</b> breaking",
        "<b>1</b> note",
        "<b>1</b> known",
        "Acme Things",
        "12 calls",
        "failed",
        "it documents no links",
        "<del>5</del> records",
        "<ins>7</ins> records",
        "The page size.",
        "I: ours",
        "agreed",
        "curl &#39;http://127.0.0.1/things?size=5&#39;",
        "1 of 2 found out",
        "the contract takes a",
        "/things/*/new",
        "x-odd",
        "Answers by status",
        "32 to 64 ms",
    ):
        assert values in page, values


def test_an_empty_run_and_one_that_was_not_reached() -> None:
    assert "Nothing was checked" in render_page(report(providers=[]))
    assert "The target was not reached" in render_page(report(exit_code=3))
    assert "Nothing departs from the documentation." in render_page(report())


def test_drift_is_told() -> None:
    drift = {"against": "2026-01-01", "new": [finding()], "gone": [finding(problem="An old one")], "unchanged": 4}
    page = render_page(report(drift=drift))
    assert "<b>1</b> new, <b>1</b> gone, <b>4</b> unchanged" in page and "An old one" in page


@pytest.mark.parametrize(
    "name",
    ["place", "problem", "expected", "actual", "sentence", "assumed", "reproduce", "known", "operation"],
)
def test_what_a_target_sent_is_text(name: str) -> None:
    page = render_page(report(finding(**{name: HOSTILE})))
    assert "<script>alert" not in page and '" onmouseover' not in page
    assert page.count("<script>") == 1 and page.count("</style>") == 1


def test_the_page_asks_nobody() -> None:
    page = render_page(report(finding()))
    assert re.findall(r"(?:src=|href=|@import|url\()", page) == []
    assert "default-src 'none'" in html.unescape(page) and "unsafe" not in page


def test_values_are_cut_and_nothing_hides() -> None:
    assert cut("x" * 5_000).endswith("and 3,000 characters more")
    assert visible("a\x00b\u202ec") == "a⟨U+0000⟩b⟨U+202E⟩c"
    assert len(render_page(report(finding(actual="y" * 3_000_000)))) < 100_000


def test_what_has_nothing_in_common_is_not_marked() -> None:
    assert compare("present", "absent") == ("present", "absent")
    assert compare("total 47", "total 48") == ("total <del>47</del>", "total <ins>48</ins>")


def test_times_stand_in_doublings() -> None:
    assert [count for _, count, _ in draw_latencies({"latencies_ms": [1.0, 1.5, 2.5, 9.0]})] == [2, 1, 0, 1]
    assert draw_latencies({"latencies_ms": []}) == []


@pytest.fixture
def shown(browser: Any, tmp_path: Path) -> Iterator[Any]:  # noqa: F811
    path = tmp_path / "report.html"
    path.write_text(render_page(report(finding(actual=HOSTILE + "x" * 900), finding(known="agreed", fingerprint="k"))))
    page = browser.new_page(viewport={"width": 375, "height": 800})
    complaints: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    yield page
    assert complaints == [] and asked == [path.as_uri()]
    page.close()


def test_the_page_fits_a_phone_and_the_keyboard_opens_what_is_folded(shown: Any) -> None:
    assert shown.evaluate("document.documentElement.scrollWidth <= innerWidth")
    summary = shown.locator("summary", has_text="Readings")
    summary.focus()
    shown.keyboard.press("Enter")
    assert shown.locator("text=the contract takes a").is_visible()
    assert shown.locator("button.copy").first.is_visible()


@pytest.mark.parametrize(("scheme", "colour"), [("light", "rgb(251, 250, 247)"), ("dark", "rgb(20, 23, 26)")])
def test_light_and_dark(shown: Any, scheme: Any, colour: str) -> None:
    shown.emulate_media(color_scheme=scheme)
    assert shown.evaluate("getComputedStyle(document.body).backgroundColor") == colour
