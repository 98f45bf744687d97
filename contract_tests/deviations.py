"""Known deviations of a provider: findings that do not fail a run, each with a reason, a source and an end."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from contract_tests.findings import BREAKING, Finding
from mock_server.contract import load_document
from mock_server.errors import ContractError, suggest

FILE = "deviations.yaml"
KEYS = ("finding", "check", "operation", "place", "problem", "reason", "source", "until")
REQUIRED = ("finding", "reason", "source", "until")
REVIEW_DAYS = 90
"""How long a deviation that was accepted without a date is known."""


@dataclass(frozen=True)
class Deviation:
    """One known deviation: the finding's fingerprint, why it is accepted, who says so, and until when."""

    finding: str
    reason: str
    source: str
    until: date
    about: str = ""  # operation, check and place of the finding, as far as the entry has them


def load_deviations(folder: Path) -> list[Deviation]:
    """The known deviations of `deviations.yaml` in a provider's folder, or none; raises ContractError."""
    path = folder / FILE
    if not path.is_file():
        return []
    name = f"{folder.name}/{FILE}"
    entries = load_document(path) or []
    if not isinstance(entries, list):
        raise ContractError(name, "", "is not a list", "one entry a deviation")
    return [_read(name, number, entry) for number, entry in enumerate(entries)]


def _read(name: str, number: int, entry: Any) -> Deviation:
    here = f"/{number}"
    if not isinstance(entry, dict):
        raise ContractError(name, here, "is not a mapping", f"known keys: {', '.join(KEYS)}")
    for key in entry:
        if key not in KEYS:
            raise ContractError(name, f"{here}/{key}", f"unknown key {key!r}", suggest(key, KEYS))
    for key in REQUIRED:
        if not entry.get(key):
            raise ContractError(name, here, f"{key} is missing", "a deviation has a finding, reason, source and until")
    try:
        until = date.fromisoformat(str(entry["until"]))
    except ValueError:
        raise ContractError(name, f"{here}/until", f"{entry['until']!r} is no date", "expected YYYY-MM-DD") from None
    about = " ".join(str(entry.get(key, "")) for key in ("operation", "check", "place")).strip()
    return Deviation(str(entry["finding"]), str(entry["reason"]), str(entry["source"]), until, about)


def apply_deviations(
    findings: Iterable[Finding],
    deviations: list[Deviation],
    may_be_gone: Callable[[Deviation], bool],
    today: date | None = None,
) -> tuple[list[Finding], list[str], list[str]]:
    """The findings with the known ones marked; sentences on deviations no longer seen, and on those past their date.

    `may_be_gone` says of which the run can tell that they are no longer seen: not of what it did not ask to the end.
    """
    today = today or datetime.now(UTC).date()
    known = {deviation.finding: deviation for deviation in deviations}
    marked = [_mark(finding, known.get(finding.fingerprint), today) for finding in findings]
    present = {name for finding in marked for name in (finding.fingerprint, *finding.covers)}
    stale = [
        f"{_name(d)} is no longer seen: remove it." for d in deviations if d.finding not in present and may_be_gone(d)
    ]
    expired = [
        f"{_name(d)} was accepted until {d.until}: mend it or accept it anew."
        for d in deviations
        if d.finding in present and d.until < today
    ]
    return marked, stale, expired


def _mark(finding: Finding, deviation: Deviation | None, today: date) -> Finding:
    # One past its date counts as not accepted: the finding breaks again, and the sentence says why.
    if deviation is None or deviation.until < today:
        return finding
    return dataclasses.replace(finding, known=f"{deviation.reason} ({deviation.source}, until {deviation.until})")


def _name(deviation: Deviation) -> str:
    return f"The deviation {deviation.finding}" + (f" ({deviation.about})" if deviation.about else "")


def accept(folder: Path, findings: Iterable[Finding], today: date | None = None) -> int:
    """Write what breaks and is not known yet into `deviations.yaml`, for review; how many entries were added."""
    until = (today or datetime.now(UTC).date()) + timedelta(days=REVIEW_DAYS)
    path = folder / FILE
    entries = (load_document(path) or []) if path.is_file() else []
    known = {entry["finding"] for entry in entries}
    added = [
        {
            "finding": f.fingerprint,
            "operation": f.operation,
            "check": f.check,
            "place": f.place,
            "problem": f.problem,
            "reason": f"to be reviewed: expected {f.expected}, got {f.actual}",
            "source": "understudy check --accept",
            "until": until.isoformat(),
        }
        for f in findings
        if f.grade == BREAKING and not f.known and f.fingerprint not in known
    ]
    if added:
        folder.mkdir(parents=True, exist_ok=True)
        # Written beside and moved: a full disk must not cost the reasons that people wrote.
        half = path.with_suffix(".part")
        half.write_text(
            yaml.safe_dump([*entries, *added], sort_keys=False, allow_unicode=True, width=120),
            encoding="utf-8",
        )
        half.replace(path)
    return len(added)
