"""What a pipeline shows beside the lines of a contract: each finding, and what kept a run from its end, as a row."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from contract_tests.findings import GRADES
from contract_tests.reports.places import find_place
from mock_server.sessions import Origin, Provider, find_origins, get_document

ERROR, WARNING, NOTICE = "error", "warning", "notice"
LEVELS = (ERROR, WARNING, NOTICE)
_OF_GRADES = dict(zip(GRADES, LEVELS))

MAX_TEXT = 4_000


class Seen(NamedTuple):
    """A line of a file, as a pipeline names it: the path below its working folder, or the last part of it elsewhere."""

    path: str
    line: int
    is_here: bool


class Checked(NamedTuple):
    """A provider that a target was checked against, and the folder of what is known to depart."""

    provider: Provider
    folder: Path


class Annotation(NamedTuple):
    """One row: how grave it is, what it is called, where it stands, what it says; `fingerprint` is of every run."""

    level: str
    check: str
    title: str
    text: str
    fingerprint: str
    origin: Seen | None


def list_annotations(report: Mapping[str, Any], checked: Mapping[str, Checked], here: Path) -> list[Annotation]:
    """The rows of a report, worst first; `here` is the folder that the pipeline knows files below."""
    rows = [
        row for provider in report["providers"] for row in _list_provider(provider, checked[provider["name"]], here)
    ]
    return sorted(rows, key=lambda row: LEVELS.index(row.level))


def _list_provider(provider: Mapping[str, Any], checked: Checked, here: Path) -> Iterator[Annotation]:
    findings = provider["findings"]
    document, operations = get_document(checked.provider), checked.provider.contract.operations
    pointers = [find_place(document, operations, each["operation"], each["place"]) for each in findings]
    places = find_origins(checked.provider, (*pointers, ""))
    whole = _see(places.get(""), here)
    for finding, pointer in zip(findings, pointers):
        level = NOTICE if finding["known"] else _OF_GRADES[finding["grade"]]
        title = f"{finding['provider']} {finding['operation']}: {finding['check']}"
        origin = _see(places.get(pointer), here)
        yield Annotation(level, finding["check"], title, _describe(finding), finding["fingerprint"], origin)
    for level, check, text in _list_troubles(provider):
        title = f"{provider['name']}: {check}"
        yield Annotation(level, check, title, text[:MAX_TEXT], _mark(provider["name"], check), whole)
    for text in (*provider["deviations"]["stale"], *provider["deviations"]["expired"]):
        origin = _see(Origin(checked.folder / "deviations.yaml", 1), here)
        mark = _mark(provider["name"], text)
        yield Annotation(ERROR, "deviations", f"{provider['name']}: deviations", text[:MAX_TEXT], mark, origin)


def _list_troubles(provider: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Level, name and sentence of what kept the run from its end, and of what it left behind."""
    # A target that is not reached is a finding where anything was asked of it.
    if provider["unreached"] and all(finding["check"] != "reached" for finding in provider["findings"]):
        yield ERROR, "run.reached", provider["stopped"]
    if provider["incomplete"] and not provider["unreached"]:
        yield WARNING, "run.complete", provider["incomplete"]
    for mistake in provider["mistakes"]:
        sentence = f"A check of ours crashed: {mistake['check']} of {mistake['operation'] or 'the provider'}"
        yield ERROR, f"run.mistake.{mistake['check']}.{mistake['operation']}", sentence
    for number, sentence in enumerate(provider["left_behind"]):
        yield WARNING, f"run.left_behind.{number}", f"Not deleted: {sentence}"


def _describe(finding: Mapping[str, Any]) -> str:
    lines = [
        f"{finding['problem']}.",
        f"place: {finding['place'] or 'the whole answer'}",
        f"expected: {finding['expected']}",
        f"actual: {finding['actual']}",
        *([f"documented: {finding['sentence']}"] if finding["sentence"] else []),
        *([f"known: {finding['known']}"] if finding["known"] else []),
        *([finding["reproduce"]] if finding["reproduce"] else []),
    ]
    text = "\n".join(lines)
    return text if len(text) <= MAX_TEXT else f"{text[: MAX_TEXT - 1]}…"


def _see(place: Origin | None, here: Path) -> Seen | None:
    """A line of a file as the pipeline knows it: below `here`, else by its folder and name."""
    if place is None:
        return None
    file, line = place
    whole, root = file.resolve(), here.resolve()
    if whole.is_relative_to(root):
        return Seen(whole.relative_to(root).as_posix(), line, True)
    return Seen(f"{whole.parent.name}/{whole.name}", line, False)


def _mark(provider: str, what: str) -> str:
    """The fingerprint of what is no finding."""
    return hashlib.blake2b(f"{provider}\x1f{what}".encode(), digest_size=6).hexdigest()
