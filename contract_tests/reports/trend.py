"""Several runs as small charts: what the template needs to draw them, in units of the chart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from contract_tests.findings import GRADES

COLUMN, GAP, HEIGHT = 10.0, 2.0, 40.0
LEAST_COLUMNS = 12
"""A chart has room for so many runs: few of them must not become wide blocks."""

Runs = Sequence[Mapping[str, Any]]


class Bar(NamedTuple):
    """A rectangle: its style, where it stands, and what it stands for."""

    kind: str
    x: float
    y: float
    width: float
    height: float
    title: str


class Chart(NamedTuple):
    """The bars of a chart and its width; `most` is what its height stands for."""

    width: float
    bars: list[Bar]
    most: int


def draw_findings(runs: Runs) -> Chart:
    """A column a run, its grades above each other, the worst at the bottom."""
    most = max((sum(run["grades"].values()) for run in runs), default=0)
    bars = []
    for number, run in enumerate(runs):
        level = HEIGHT
        for grade in GRADES:
            height = HEIGHT * run["grades"][grade] / most if most else 0.0
            level -= height
            if height:
                title = f"{name_moment(run)}: {run['grades'][grade]} {grade}"
                bars.append(_bar(grade, number, len(runs), level, height, title))
    return Chart(_width(len(runs)), bars, most)


def draw_calls(runs: Runs) -> Chart:
    """A column a run: how often the target was asked."""
    most = max((run["calls"] for run in runs), default=0)
    bars = []
    for number, run in enumerate(runs):
        height = HEIGHT * run["calls"] / most if most else 0.0
        bars.append(_bar("calls", number, len(runs), HEIGHT - height, height, f"{name_moment(run)}: {run['calls']}"))
    return Chart(_width(len(runs)), bars, most)


def draw_checks(runs: Runs) -> list[tuple[str, Chart, int]]:
    """A strip for each check that ever had a finding: its name, a cell a run, and how many findings it has now."""
    names = dict.fromkeys(name for run in runs for name in run["checks"])
    return [(name, _strip(name, runs), sum(runs[-1]["checks"].get(name, {}).values())) for name in names]


def _strip(name: str, runs: Runs) -> Chart:
    cells = []
    for number, run in enumerate(runs):
        grades = run["checks"].get(name, {})
        worst = next((grade for grade in GRADES if grades.get(grade)), "nothing")
        cells.append(
            _bar(worst, number, len(runs), 0.0, HEIGHT, f"{name_moment(run)}: {sum(grades.values())} by {name}"),
        )
    return Chart(_width(len(runs)), cells, 1)


def _bar(kind: str, number: int, count: int, y: float, height: float, title: str) -> Bar:
    # The newest stands at the right, however few there are.
    x = _width(count) - (count - number) * COLUMN
    return Bar(kind, x + GAP / 2, round(y, 2), COLUMN - GAP, round(height, 2), title)


def _width(count: int) -> float:
    return max(count, LEAST_COLUMNS) * COLUMN


def name_moment(run: Mapping[str, Any]) -> str:
    """When a run began, to the minute."""
    return str(run["started"])[:16].replace("T", " ")
