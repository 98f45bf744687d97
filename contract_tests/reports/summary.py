"""The summary of a run as Markdown, for the page of a pipeline's step: operations, checks, findings, curl lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from contract_tests.reports.annotations import Annotation
from contract_tests.reports.terminal import SIGNS, describe_run
from mock_server.errors import count_of

MAX_SUMMARY_BYTES = 1_000_000
"""A little less than the 1 MiB that a step's summary may have."""

_TAIL_BYTES = 200
_SIGNS = re.compile(r"[^\w\s.,;:/()'°§%+=-]|[_]", re.ASCII)
"""What may mean something in Markdown or HTML; letters beyond ASCII do not."""


def render_summary(report: Mapping[str, Any], rows: Sequence[Annotation], max_bytes: int) -> str:
    """The summary in at most so many bytes; what has no room is counted."""
    parts: list[str] = []
    left = max_bytes - _TAIL_BYTES
    every = list(_render_parts(report, rows))
    for part in every:
        left -= len(part.encode("utf-8", "replace"))
        if left < 0:
            break
        parts.append(part)
    missing = len(every) - len(parts)
    has_tail = missing and max_bytes >= _TAIL_BYTES
    return "".join(parts) + (f"\n{count_of(missing, 'part')} more had no room here.\n" if has_tail else "")


def _render_parts(report: Mapping[str, Any], rows: Sequence[Annotation]) -> Iterator[str]:
    yield f"## Contract tests\n\n{escape_markdown(describe_run(report))}\n"
    for provider in report["providers"]:
        yield _render_matrix(provider, [check["name"] for check in report["checks"]])
    origins = {row.fingerprint: row.origin for row in rows}
    findings = [finding for provider in report["providers"] for finding in provider["findings"]]
    order = {row.fingerprint: number for number, row in enumerate(rows)}
    for finding in sorted(findings, key=lambda each: order[each["fingerprint"]]):
        origin = origins[finding["fingerprint"]]
        yield _render_finding(finding, f"{origin.path}:{origin.line}" if origin else "")
    known = {finding["fingerprint"] for finding in findings}
    for row in rows:
        if row.fingerprint not in known:
            yield f"\n**{escape_markdown(row.title)}**: {escape_markdown(row.text)}\n"


def _render_matrix(provider: Mapping[str, Any], checks: Sequence[str]) -> str:
    """A row for each check, a column for each operation."""
    operations = provider["operations"]
    heads = " | ".join(escape_markdown(name) for name in operations)
    calls = count_of(provider["calls"], "call")
    lines = [
        f"\n### {escape_markdown(provider['title'])}\n",
        f"{escape_markdown(provider['base_url'])}, {calls}\n",
        f"| check | {heads} |",
        "| --- |" + " --- |" * len(operations),
    ]
    for check in checks:
        cells = [provider["matrix"].get(operation, {}).get(check) for operation in operations]
        if any(cell and cell["outcome"] != "skipped" for cell in cells):
            lines.append(f"| {escape_markdown(check)} | {' | '.join(map(_render_cell, cells))} |")
    return "\n".join(lines) + "\n"


def _render_cell(cell: Mapping[str, Any] | None) -> str:
    return f"{SIGNS[cell['outcome']][0]} {cell['outcome']}" if cell else " "


def _render_finding(finding: Mapping[str, Any], origin: str) -> str:
    head = f"{finding['grade']}: {finding['provider']} {finding['operation']} {finding['check']}"
    rows = {
        "place": finding["place"],
        "expected": finding["expected"],
        "actual": finding["actual"],
        "documented": finding["sentence"],
        "assumed": finding["assumed"],
        "known": finding["known"],
        "contract": origin,
    }
    lines = [f"\n#### {escape_markdown(head)}\n", f"{escape_markdown(finding['problem'])}.\n"]
    lines += [f"- {name}: {escape_markdown(value)}" for name, value in rows.items() if value]
    if finding["reproduce"]:
        lines.append(_fence(finding["minimal"] or finding["reproduce"]))
    return "\n".join(lines) + "\n"


def _fence(text: str) -> str:
    """A block of code that nothing in it can end."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"\n{fence}sh\n{text}\n{fence}"


def escape_markdown(text: object) -> str:
    """A text of somebody else's in one line, with no sign in it that means something in Markdown or HTML."""
    line = " ".join(str(text).split())
    return _SIGNS.sub(lambda sign: sign[0] if ord(sign[0]) > 127 else f"&#{ord(sign[0])};", line)
