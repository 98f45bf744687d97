"""Drift over time: this run's findings beside those of an earlier report."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mock_server.errors import UsageError


def load_baseline(path: Path) -> dict[str, Any]:
    """An earlier run's `report.json` (or the folder it is in); raises UsageError for anything else."""
    path = path / "report.json" if path.is_dir() else path
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"The baseline {path} cannot be read: {error}.") from None
    if not isinstance(report, dict) or report.get("format") != 1 or not isinstance(report.get("providers"), list):
        raise UsageError(f"The baseline {path} is no report of `understudy check` (expected report.json of --report).")
    return report


def compare(baseline: Mapping[str, Any], report: Mapping[str, Any]) -> dict[str, Any]:
    """Findings that are new, gone and unchanged since the baseline, over the operations that both checked."""
    both = _checked(baseline) & _checked(report)
    before, now = _findings(baseline, both), _findings(report, both)
    return {
        "against": baseline.get("started", ""),
        "new": [finding for name, finding in now.items() if name not in before],
        "gone": [finding for name, finding in before.items() if name not in now],
        "unchanged": len(now.keys() & before.keys()),
    }


def _checked(report: Mapping[str, Any]) -> set[tuple[str, str]]:
    return {(provider["name"], operation) for provider in report["providers"] for operation in provider["operations"]}


def _findings(report: Mapping[str, Any], both: set[tuple[str, str]]) -> dict[str, Any]:
    every = (finding for provider in report["providers"] for finding in provider["findings"])
    return {f["fingerprint"]: f for f in every if (f["provider"], f["operation"]) in both}
