"""`--history`: runs are kept, compared and drawn."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from contract_tests.history import MAX_RUNS, find_last, find_trends, keep, load_history
from contract_tests.reports.html import render_page
from contract_tests.reports.trend import HEIGHT, draw_calls, draw_checks, draw_findings
from mock_server.errors import UsageError
from tests.contract_tests.command import check
from tests.contract_tests.test_html import HOSTILE, finding, report
from tests.server.test_console import browser  # noqa: F401


def run(day: int, *findings: dict[str, Any], **changed: Any) -> dict[str, Any]:
    return report(*findings, **{"started": f"2026-01-{day:02}T03:04:05+00:00", **changed})


RUNS = [run(1, finding()), run(2, finding(), finding(grade="note", check="slow", fingerprint="s")), run(3)]


def test_runs_are_kept_and_read_in_their_order(tmp_path: Path) -> None:
    folder = tmp_path / "runs"
    assert load_history(folder) == []
    paths = [keep(folder, each) for each in (RUNS[1], RUNS[0], RUNS[0])]
    assert [path.name for path in paths[1:]] == ["2026-01-01T03-04-05-00-00.json", "2026-01-01T03-04-05-00-00.2.json"]
    (folder / "elsewhere").mkdir()
    (folder / "elsewhere" / "report.json").write_text(json.dumps(RUNS[2]))
    assert [each["started"][8:10] for each in load_history(folder)] == ["01", "01", "02", "03"]


def test_what_is_no_report_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{}")
    with pytest.raises(UsageError, match=r"a\.json is no report"):
        load_history(tmp_path)


def test_a_trend_is_of_one_kind_of_target_and_not_endless() -> None:
    others = [run(1, target="mock"), *(run(2) for _ in range(100))]
    (rows,) = find_trends(others, run(3)).values()
    assert len(rows) == MAX_RUNS and rows[-1]["started"].startswith("2026-01-03")
    assert find_last(others, "mock") == others[0] and find_last(others, "elsewhere") is None


def test_bars_stand_for_numbers() -> None:
    (rows,) = find_trends(RUNS[:2], RUNS[2]).values()
    findings = draw_findings(rows)
    assert [(bar.kind, bar.height) for bar in findings.bars] == [
        ("breaking", HEIGHT / 2),
        ("breaking", HEIGHT / 2),
        ("note", HEIGHT / 2),
    ]
    assert findings.bars[0].x < findings.bars[1].x == findings.bars[2].x < findings.width
    assert [bar.height for bar in draw_calls(rows).bars] == [HEIGHT] * 3
    strips = {name: [bar.kind for bar in chart.bars] for name, chart, _ in draw_checks(rows)}
    assert strips == {"paging": ["breaking", "breaking", "nothing"], "slow": ["nothing", "note", "nothing"]}


def test_known_deviations_count_apart() -> None:
    (rows,) = find_trends([], run(1, finding(known="agreed"))).values()
    assert rows[0]["known"] == 1 and sum(rows[0]["grades"].values()) == 0


def test_two_runs_are_compared_and_drawn(tmp_path: Path) -> None:
    arguments = ["yativo", "--check", "paging", "--history", "runs", "--report", "out"]
    first = check(*arguments, cwd=tmp_path)
    assert first.returncode == 0 and "Since" not in first.stdout, first.stdout + first.stderr
    assert "Over 2 runs" not in (tmp_path / "out" / "report.html").read_text()
    second = check(*arguments, cwd=tmp_path)
    assert re.search(r"Since \S+: 0 new, 0 gone, 0 unchanged\.", second.stdout)
    assert len(list((tmp_path / "runs").glob("*.json"))) == 2
    assert "Over 2 runs" in (tmp_path / "out" / "report.html").read_text()


@pytest.fixture
def shown(browser: Any, tmp_path: Path) -> Iterator[Any]:  # noqa: F811
    now = run(4, finding(check=HOSTILE))
    now["trends"] = find_trends([run(1 + n, *RUNS[n % 3]["providers"][0]["findings"]) for n in range(12)], now)
    path = tmp_path / "report.html"
    path.write_text(render_page(now))
    page = browser.new_page(viewport={"width": 400, "height": 800})
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(path.as_uri())
    yield page
    assert complaints == []
    page.close()


@pytest.mark.parametrize("width", [1280, 400])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_charts_fit_and_have_the_colours_of_grades(shown: Any, width: int, scheme: str) -> None:
    shown.set_viewport_size({"width": width, "height": 800})
    shown.emulate_media(color_scheme=scheme)
    assert shown.evaluate("document.documentElement.scrollWidth <= innerWidth")
    fills = {
        shown.evaluate(f"getComputedStyle(document.querySelector('.trend rect.{kind}')).fill")
        for kind in ("breaking", "note", "calls", "nothing")
    }
    assert len(fills) == 4
    assert shown.evaluate("document.querySelector('.trend.tall').getBoundingClientRect().height") >= 70
