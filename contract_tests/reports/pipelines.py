"""Reports for pipelines: annotations and a summary on GitHub, code quality on GitLab."""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from contract_tests.reports.annotations import ERROR, NOTICE, WARNING, Annotation, Checked, list_annotations
from contract_tests.reports.summary import MAX_SUMMARY_BYTES, render_summary

TEXT, GITHUB, GITLAB = "text", "github", "gitlab"
FORMS = (TEXT, GITHUB, GITLAB)
"""What `understudy check --format` takes."""

SEVERITIES: Mapping[str, str] = {ERROR: "major", WARNING: "minor", NOTICE: "info"}
"""How grave a row is on GitLab, which knows info, minor, major, critical and blocker."""

_HERE: Mapping[str, str] = {GITHUB: "GITHUB_WORKSPACE", GITLAB: "CI_PROJECT_DIR"}
"""The variable that names the folder which paths are relative to."""


@contextlib.contextmanager
def quoted(form: str) -> Iterator[None]:
    """While this lasts, nothing that is printed is a command to GitHub, whatever a target made us print."""
    if form != GITHUB:
        yield
        return
    word = secrets.token_hex(16)
    print(f"::stop-commands::{word}", flush=True)
    try:
        yield
    finally:
        sys.stderr.flush()
        print(f"::{word}::", flush=True)


def print_for_pipeline(form: str, report: Mapping[str, Any], checked: Mapping[str, Checked]) -> None:
    """Print what the pipeline reads, on standard output; nothing for people."""
    if form == TEXT:
        return
    rows = list_annotations(report, checked, Path(os.environ.get(_HERE[form]) or "."))
    for line in _RENDERERS[form](rows):
        print(line.encode("utf-8", "replace").decode("utf-8"))
    if form == GITHUB and (summary := os.environ.get("GITHUB_STEP_SUMMARY")):
        _append(Path(summary), report, rows)


def render_commands(rows: Sequence[Annotation]) -> Iterator[str]:
    """A workflow command for each row; GitHub shows ten of each level in a step, so the worst come first."""
    for row in rows:
        place = {"file": row.origin.path, "line": str(row.origin.line)} if row.origin and row.origin.is_here else {}
        properties = ",".join(f"{name}={_as_property(value)}" for name, value in {**place, "title": row.title}.items())
        elsewhere = f"\ncontract: {row.origin.path}:{row.origin.line}" if row.origin and not place else ""
        yield f"::{row.level} {properties}::{_as_data(row.text + elsewhere)}"


def _as_data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _as_property(text: str) -> str:
    return _as_data(text).replace(":", "%3A").replace(",", "%2C")


def render_code_quality(rows: Sequence[Annotation]) -> Iterator[str]:
    """One array of JSON: a row with description, name, fingerprint, severity and place each."""
    entries = [
        {
            "description": _as_sentence(f"{row.title}: {row.text}"),
            "check_name": row.check,
            "fingerprint": row.fingerprint,
            "severity": SEVERITIES[row.level],
            "location": {
                "path": row.origin.path if row.origin else "understudy",
                "lines": {"begin": row.origin.line if row.origin else 1},
            },
        }
        for row in rows
    ]
    yield json.dumps(entries, indent=2, ensure_ascii=False)


def _as_sentence(text: str) -> str:
    """A text in one line, as GitLab shows it."""
    return re.sub(r"\s+", " ", text)


_RENDERERS: Mapping[str, Callable[[Sequence[Annotation]], Iterator[str]]] = {
    GITHUB: render_commands,
    GITLAB: render_code_quality,
}


def _append(summary: Path, report: Mapping[str, Any], rows: Sequence[Annotation]) -> None:
    """Put the summary behind what the step has written; a file that cannot be written is no reason to fail."""
    try:
        written = summary.stat().st_size if summary.exists() else 0
        text = render_summary(report, rows, MAX_SUMMARY_BYTES - written)
        with summary.open("a", encoding="utf-8", errors="replace") as opened:
            opened.write(text)
    except OSError as error:
        print(f"{summary} cannot be written: {error.strerror or error}.", file=sys.stderr)
