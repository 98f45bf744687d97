"""`understudy diff`: what of two contracts breaks a client, from the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from contract_tests.diff import compare_contracts
from contract_tests.findings import AS_DOCUMENTED, BREAKING, FINDINGS, GRADES, Finding
from mock_server.contract import load_document, upgrade_document, walk
from mock_server.errors import UsageError, count_of
from mock_server.sessions import find_folders, load_checked, load_vocabulary


def load_documents(place: Path) -> dict[str, Mapping[str, Any]]:
    """The OpenAPI documents at a place by provider: a file, a provider's folder, or a folder of such folders.

    Raises:
        UsageError: nothing is there, or no OpenAPI document; a ContractError for one that cannot be read.
    """
    if place.is_file():
        document = load_document(place)
        is_document = isinstance(document, dict) and ("openapi" in document or "swagger" in document)
        if not is_document or not isinstance(document.get("paths"), dict):
            raise UsageError(f"{place} is no OpenAPI document: it has no `openapi` or no `paths`.")
        if not any(_is_outside(node) for _, node in walk(document)):
            return {place.stem: upgrade_document(document)}
        # Its other files stand beside it, and are loaded with it.
        place = place.parent
    vocabulary = load_vocabulary()
    return {name: load_checked(folder, vocabulary, {}).document for name, folder in find_folders(place).items()}


def _is_outside(node: Any) -> bool:
    return isinstance(node, dict) and isinstance(node.get("$ref"), str) and not node["$ref"].startswith("#")


def run_diff(old: Path, new: Path, form: str) -> tuple[str, int]:
    """What is to be printed, and the exit code: 1 where a client breaks.

    Raises:
        UsageError: a place cannot be compared; a ContractError for a contract that cannot be read.
    """
    before, after = load_documents(old), load_documents(new)
    if len(before) == len(after) == 1:  # one and one are compared, whatever their files or folders are called
        before = {next(iter(after)): next(iter(before.values()))}
    findings = compare_contracts(before, after)
    text = _as_json(findings) if form == "json" else "\n".join(_render_lines(findings))
    return text, FINDINGS if any(finding.grade == BREAKING for finding in findings) else AS_DOCUMENTED


def _as_json(findings: list[Finding]) -> str:
    counts = {grade: sum(finding.grade == grade for finding in findings) for grade in GRADES}
    rows = [
        {
            "grade": finding.grade,
            "provider": finding.provider,
            "operation": finding.operation,
            "rule": finding.check.removeprefix("diff."),
            "place": finding.place,
            "problem": finding.problem,
            "old": finding.expected,
            "new": finding.actual,
        }
        for finding in findings
    ]
    return json.dumps({"format": 1, "counts": counts, "changes": rows}, indent=2, ensure_ascii=False)


def _render_lines(findings: list[Finding]) -> Iterator[str]:
    """Each change in three lines; one that several operations share, once."""
    grouped: dict[tuple[str, ...], list[str]] = {}
    for f in findings:
        key = f.grade, f.provider, f.check.removeprefix("diff."), f.place, f.problem, f.expected, f.actual
        grouped.setdefault(key, []).append(f.operation)
    for (grade, provider, rule, place, problem, old, new), operations in grouped.items():
        where = " ".join(part for part in (provider, ", ".join(dict.fromkeys(operations)), rule, place) if part)
        yield f"{grade} {where}\n  {problem}.\n  old  {old}\n  new  {new}\n"
    counts = ", ".join(
        f"{count} {grade}" for grade in GRADES if (count := sum(finding.grade == grade for finding in findings))
    )
    breaks = any(finding.grade == BREAKING for finding in findings)
    yield f"{'A client breaks' if breaks else 'No client breaks'}: {counts or count_of(0, 'change')}."
