"""The report as one page for a person: self-contained, no script from outside, everything a target sent escaped."""

from __future__ import annotations

import base64
import difflib
import hashlib
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup, escape

from contract_tests.findings import FINDINGS, GRADES, NOT_REACHED
from contract_tests.reports.trend import draw_calls, draw_checks, draw_findings, name_moment

MAX_SHOWN = 2_000
"""Characters of an expected or actual value that the page shows."""

MAX_COMPARED = 400
"""Characters of two values that are compared to mark their difference."""

SIGNS = {"passed": "✓", "failed": "✗", "noted": "!", "skipped": "·"}
FOLDER = Path(__file__).parent / "templates"


def render_page(report: Mapping[str, Any]) -> str:
    """The HTML page of a report (`outcomes.Run.as_dict`, with `drift`)."""
    style, script = (_read(name) for name in ("report.css", "report.js"))
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters |= {"cut": cut, "visible": visible}
    findings = [finding for provider in report["providers"] for finding in provider["findings"]]
    return environment.get_template("report.html").render(
        report=report,
        style=Markup(style),
        script=Markup(script),
        policy=_policy(style, script),
        signs=SIGNS,
        verdict=find_verdict(report),
        counts=_counts(findings),
        drift=report.get("drift"),
        open_findings=_sorted(f for f in findings if not f.get("known")),
        known_findings=_sorted(f for f in findings if f.get("known")),
        new={finding["fingerprint"] for finding in (report.get("drift") or {}).get("new", ())},
        calls=sum(provider["calls"] for provider in report["providers"]),
        compare=compare,
        bars=draw_statuses,
        histogram=draw_latencies,
        audit=find_audit,
        trends=report.get("trends") or {},
        draw_findings=draw_findings,
        draw_calls=draw_calls,
        draw_checks=draw_checks,
        moment=name_moment,
    )


def _read(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def _policy(style: str, script: str) -> str:
    """Only the page's own style and script, by their digests; no address at all."""
    digests = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (style, script)]
    return f"default-src 'none'; style-src 'sha256-{digests[0]}'; script-src 'sha256-{digests[1]}'; base-uri 'none'"


def _sorted(findings: Iterator[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return sorted(findings, key=lambda finding: GRADES.index(finding["grade"]))


def _counts(findings: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    return {grade: sum(f["grade"] == grade and not f.get("known") for f in findings) for grade in GRADES}


def find_verdict(report: Mapping[str, Any]) -> tuple[str, str]:
    """How the run ended, as a word for the style and a sentence."""
    if report["exit_code"] == NOT_REACHED:
        return "failed", "The target was not reached"
    if not report["providers"]:
        return "skipped", "Nothing was checked"
    is_whole = not any(provider["incomplete"] for provider in report["providers"])
    if report["exit_code"] == FINDINGS:
        return "failed", "Not as documented" if is_whole else "Incomplete, and not as documented"
    return ("passed", "As documented") if is_whole else ("noted", "Incomplete")


def cut(text: object, limit: int = MAX_SHOWN) -> str:
    """Text that is not endless; what is left out is counted."""
    shown = str(text)
    return shown if len(shown) <= limit else f"{shown[:limit]} … and {len(shown) - limit:,} characters more"


def visible(text: object) -> str:
    """Characters that would not show, or would turn the text around, by their code point."""
    return "".join(c if c.isprintable() or c in "\n\t" else f"⟨U+{ord(c):04X}⟩" for c in str(text))


def compare(expected: object, actual: object) -> tuple[Markup, Markup]:
    """Both values with what differs marked: what is missing in the one, what is more in the other."""
    one, other = visible(cut(expected)), visible(cut(actual))
    if max(len(one), len(other)) > MAX_COMPARED:
        return escape(one), escape(other)
    words = [_words(one), _words(other)]
    # `autojunk` leaves out what is frequent, and in a record that is every comma.
    matcher = difflib.SequenceMatcher(None, words[0], words[1], autojunk=False)
    # Marks all over two values that have nothing in common only hide them.
    if matcher.ratio() < 0.3:
        return escape(one), escape(other)
    sides = [Markup(""), Markup("")]
    for tag, a, b, c, d in matcher.get_opcodes():
        for number, (start, end), mark in ((0, (a, b), "del"), (1, (c, d), "ins")):
            text = escape("".join(words[number][start:end]))
            sides[number] += text if tag == "equal" or not text else Markup(f"<{mark}>{text}</{mark}>")
    return sides[0], sides[1]


def _words(text: str) -> list[str]:
    """Words, and the spaces and signs between them, each by itself."""
    words: list[str] = []
    for c in text:
        if words and c.isalnum() and words[-1][-1].isalnum():
            words[-1] += c
        else:
            words.append(c)
    return words


def draw_statuses(provider: Mapping[str, Any]) -> list[tuple[str, int, float]]:
    """A bar for each status: its name, how often, and its share of the longest in per cent."""
    counts = {str(status): int(count) for status, count in provider["statuses"].items()}
    longest = max(counts.values(), default=1)
    return [(status, count, round(100 * count / longest, 1)) for status, count in sorted(counts.items())]


def draw_latencies(provider: Mapping[str, Any]) -> list[tuple[str, int, float]]:
    """A bar for each doubling of milliseconds, from the quickest to the slowest."""
    # A clock may measure nothing at all in process, and zero has no logarithm.
    times = [max(0.01, float(ms)) for ms in provider["latencies_ms"]]
    if not times:
        return []
    steps = [math.floor(math.log2(ms)) for ms in times]
    counts = {step: steps.count(step) for step in range(min(steps), max(steps) + 1)}
    longest = max(counts.values())
    return [(f"{_ms(2.0**s)} to {_ms(2.0 ** (s + 1))} ms", n, round(100 * n / longest, 1)) for s, n in counts.items()]


def _ms(value: float) -> str:
    return f"{value:.2g}" if value < 10 else f"{value:,.0f}"


def find_audit(census: Mapping[str, Any]) -> dict[str, list[Mapping[str, Any]]]:
    """What an operation's answers say beyond the contract, and what the contract says beyond them."""
    fields = [field for field in census["fields"] if field["of"]]
    return {
        "never documented": [field for field in fields if not field["documented"]],
        "documented and never seen": [field for field in fields if field["documented"] and not field["seen"]],
        "sometimes left out": [f for f in fields if f["documented"] and 0 < f["seen"] < f["of"]],
        "with values that no enumeration lists": [f for f in fields if f.get("unlisted")],
        "may be null and never was": [f for f in fields if f.get("nullable") and f["seen"] and not f["null"]],
    }
