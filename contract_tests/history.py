"""Several runs over time: their reports are kept in a folder, and what changed from run to run is read from them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from contract_tests.baseline import load_baseline
from contract_tests.findings import GRADES

MAX_RUNS = 60
"""Runs that a trend shows, the newest."""

Report = Mapping[str, Any]


def load_history(folder: Path) -> list[dict[str, Any]]:
    """The reports kept in a folder, the oldest first; none where there is no folder yet.

    A report may also lie in a folder of its own, as `--report` writes it.

    Raises:
        UsageError: a file there is no report, or cannot be read.
    """
    paths = sorted([*folder.glob("*.json"), *folder.glob("*/report.json")])
    return sorted(map(load_baseline, paths), key=lambda report: str(report.get("started", "")))


def find_last(reports: Iterable[dict[str, Any]], target: str) -> dict[str, Any] | None:
    """The newest report of a run at the same kind of target, or None."""
    return next((report for report in reversed([*reports]) if report.get("target") == target), None)


def keep(folder: Path, report: Report) -> Path:
    """Write a report among those of earlier runs; its path. Raises OSError where that cannot be."""
    folder.mkdir(parents=True, exist_ok=True)
    name = re.sub(r"[^0-9T-]", "-", str(report["started"]))
    taken = (path for number in range(1, 1_000) if (path := folder / f"{name}{_suffix(number)}.json").exists())
    path = folder / f"{name}{_suffix(1 + sum(1 for _ in taken))}.json"
    half = path.with_suffix(".part")
    half.write_text(json.dumps(report, ensure_ascii=False), encoding="utf-8", errors="replace")
    return half.replace(path)


def _suffix(number: int) -> str:
    return "" if number == 1 else f".{number}"


def find_trends(reports: Iterable[Report], report: Report) -> dict[str, list[dict[str, Any]]]:
    """For each provider of a report its runs at the same kind of target, this one the last: calls, findings, checks."""
    names = [provider["name"] for provider in report["providers"]]
    runs = [*(each for each in reports if each.get("target") == report.get("target")), report]
    rows = {name: [_row(run, p) for run in runs for p in run["providers"] if p["name"] == name] for name in names}
    return {name: each[-MAX_RUNS:] for name, each in rows.items()}


def _row(report: Report, provider: Mapping[str, Any]) -> dict[str, Any]:
    """One run in numbers; a known deviation counts apart, whatever its grade."""
    findings = [finding for finding in provider["findings"] if not finding.get("known")]
    return {
        "started": str(report.get("started", "")),
        "version": str(report.get("version", "")),
        "calls": int(provider.get("calls", 0)),
        "stopped": str(provider.get("stopped", "")),
        "known": len(provider["findings"]) - len(findings),
        "grades": {grade: sum(f["grade"] == grade for f in findings) for grade in GRADES},
        "checks": _count_checks(findings),
    }


def _count_checks(findings: list[Mapping[str, Any]]) -> dict[str, dict[str, int]]:
    checks: dict[str, dict[str, int]] = {}
    for finding in findings:
        grades = checks.setdefault(str(finding["check"]).split(".")[0], dict.fromkeys(GRADES, 0))
        grades[finding["grade"]] += 1
    return checks
