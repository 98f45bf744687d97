"""Reports for machines: JUnit XML, HAR 1.2, JSON; all that a target sent is redacted before it is written."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from xml.etree import ElementTree

from contract_tests.findings import BREAKING
from contract_tests.reports.html import render_page
from contract_tests.transport import BAD_CODING, CUT_CODING, UNKNOWN_CODING, Answer, Exchange, Redactor

_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


Traffic = Iterable[tuple[Redactor, Exchange]]
"""Everything sent and received, each exchange with the redactor of its provider."""


def write_reports(report: Mapping[str, Any], traffic: Traffic, folder: Path) -> list[Path]:
    """Write every report into a folder; the paths that were written. Raises OSError where one cannot be."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = {
        "report.json": json.dumps(report, indent=2, ensure_ascii=False),
        "report.html": render_page(report),
        "junit.xml": render_junit(report),
        "traffic.har": json.dumps(render_har(report["version"], traffic), indent=1, ensure_ascii=False),
    }
    paths = []
    for name, text in texts.items():
        path = folder / name
        half = path.with_name(f"{name}.part")
        # What a target sent may hold half a surrogate pair; it must not end the report.
        half.write_text(text, encoding="utf-8", errors="replace")
        paths.append(half.replace(path))
    return paths


def render_junit(report: Mapping[str, Any]) -> str:
    """A test suite per provider, a test case per operation and check."""
    suites = ElementTree.Element("testsuites", name="understudy check", time=str(report["seconds"]))
    for provider in report["providers"]:
        _suite(suites, provider, report["started"])
    ElementTree.indent(suites)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(suites, encoding="unicode")


def _suite(suites: ElementTree.Element, provider: Mapping[str, Any], started: str) -> None:
    suite = ElementTree.SubElement(suites, "testsuite", name=provider["name"], timestamp=started)
    counts = {"tests": 0, "failures": 0, "errors": 0, "skipped": 0}
    for operation, row in provider["matrix"].items():
        for check, cell in row.items():
            name = {"classname": f"{provider['name']}.{operation}", "name": check}
            case = ElementTree.SubElement(suite, "testcase", name)
            counts["tests"] += 1
            _judge(case, provider, operation, check, cell, counts)
    if missing := provider["stopped"] if provider["unreached"] else provider["incomplete"]:
        case = ElementTree.SubElement(suite, "testcase", classname=f"{provider['name']}.run", name="complete")
        ElementTree.SubElement(case, "error", message=_xml(missing))
        counts["tests"] += 1
        counts["errors"] += 1
    for sentence in (*provider["deviations"]["stale"], *provider["deviations"]["expired"]):
        case = ElementTree.SubElement(
            suite,
            "testcase",
            classname=f"{provider['name']}.deviations",
            name=_xml(sentence),
        )
        ElementTree.SubElement(case, "failure", message=_xml(sentence))
        counts["tests"] += 1
        counts["failures"] += 1
    suite.attrib.update({name: str(count) for name, count in counts.items()}, time=str(provider["seconds"]))


def _judge(
    case: ElementTree.Element,
    provider: Mapping[str, Any],
    operation: str,
    check: str,
    cell: Mapping[str, Any],
    counts: dict[str, int],
) -> None:
    mine = [f for f in provider["findings"] if (operation, check) in name_cells(f)]
    broken = [f for f in mine if f["grade"] == BREAKING and not f["known"]]
    for finding in broken:
        failure = ElementTree.SubElement(case, "failure", message=_xml(finding["problem"]), type=finding["check"])
        failure.text = _xml(render_finding(finding))
    counts["failures"] += bool(broken)
    if cell["outcome"] == "skipped":
        ElementTree.SubElement(case, "skipped", message=_xml(cell["why"]))
        counts["skipped"] += 1
    others = [finding for finding in mine if finding not in broken]
    if others:
        ElementTree.SubElement(case, "system-out").text = _xml("\n\n".join(map(render_finding, others)))


def render_finding(finding: Mapping[str, Any]) -> str:
    """A finding in a few lines of text."""
    lines = [
        f"{finding['grade']}: {finding['problem']}",
        f"place: {finding['place'] or 'the whole answer'}",
        f"expected: {finding['expected']}",
        f"actual: {finding['actual']}",
        *([f"documented: {finding['sentence']}"] if finding["sentence"] else []),
        *([f"assumed: {finding['assumed']}"] if finding["assumed"] else []),
        *([f"known: {finding['known']}"] if finding["known"] else []),
        *(f"also: {line}" for line in finding["also"]),
        finding["reproduce"],
        *([f"minimal: {finding['minimal']}"] if finding.get("minimal") else []),
    ]
    return "\n".join(line for line in lines if line)


def name_cells(finding: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The cells of the matrix that a finding stands for, each an operation and a check: its own and those merged."""
    for check, operation in (
        (finding["check"], finding["operation"]),
        *(line.split(" ")[:2] for line in finding["also"]),
    ):
        yield operation, check.partition(".")[0]


def _xml(text: str) -> str:
    """Text that XML can hold."""
    return _NO_XML.sub("\N{REPLACEMENT CHARACTER}", text)


PACKED = (b"\x1f\x8b", b"PK\x03\x04", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd", b"\x78\x9c", b"\x78\x01", b"\x78\xda")
"""How files of gzip, zip, bzip2, xz, zstd and zlib begin."""

UNREADABLE = frozenset({BAD_CODING, CUT_CODING, UNKNOWN_CODING})
"""Problems of a body that leave it, or a part of it, encoded."""


def render_har(version: str, traffic: Traffic) -> dict[str, Any]:
    """Everything sent and received, as an HTTP Archive 1.2."""
    creator = {"name": "understudy", "version": version}
    entries = [_entry(redactor, exchange) for redactor, exchange in traffic]
    return {"log": {"version": "1.2", "creator": creator, "pages": [], "entries": entries}}


def _entry(redactor: Redactor, exchange: Exchange) -> dict[str, Any]:
    answer = exchange.answer
    ms = round(answer.seconds * 1000, 3)
    # An exchange notes when it was complete; the archive wants to know when it began.
    started = exchange.started - timedelta(seconds=answer.seconds)
    url = redactor.url(exchange.url)
    return {
        "startedDateTime": started.isoformat(),
        "time": ms,
        "request": {
            "method": exchange.method,
            "url": url,
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": _headers(redactor, exchange.headers),
            "headersSize": -1,
            "bodySize": len(exchange.body),
            "queryString": [{"name": n, "value": v} for n, v in parse_qsl(urlsplit(url).query, keep_blank_values=True)],
            **_sent_body(redactor, exchange),
        },
        "response": {
            "status": answer.status,
            "statusText": redactor.text(answer.reason),
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": _headers(redactor, answer.headers),
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": len(answer.body),
            "content": _content(redactor, answer),
        },
        "cache": {},
        "timings": {"send": 0, "wait": ms, "receive": 0},
        "comment": redactor.text("; ".join(part for part in _remarks(exchange) if part)),
    }


def _remarks(exchange: Exchange) -> Iterator[str]:
    """Whose an exchange is, why it was sent again, and what was wrong with its answer."""
    yield f"{exchange.provider} {exchange.operation}: {exchange.check}"
    yield f"sent again: {exchange.retried}" if exchange.retried else ""
    yield from exchange.answer.problems


def _sent_body(redactor: Redactor, exchange: Exchange) -> dict[str, Any]:
    """The body that was sent, where there was one."""
    if not exchange.body:
        return {}
    named = next((value for name, value in exchange.headers if name.lower() == "content-type"), "")
    text = exchange.body.encode("latin-1", "replace").decode("utf-8", "replace")
    return {"postData": {"mimeType": redactor.text(named), "text": redactor.text(text)}}


def _headers(redactor: Redactor, headers: tuple[tuple[str, str], ...]) -> list[dict[str, str]]:
    return [{"name": redactor.text(name), "value": redactor.header(name, value)} for name, value in headers]


def _content(redactor: Redactor, answer: Answer) -> dict[str, Any]:
    """The body as text; bytes that are no text in base64, and none that may hold a secret nobody can look for."""
    body = answer.body
    content: dict[str, Any] = {"size": len(body), "mimeType": redactor.text(answer.media_type)}
    try:
        return {**content, "text": redactor.text(body.decode())}
    except UnicodeDecodeError:
        if body.startswith(PACKED) or not UNREADABLE.isdisjoint(answer.problems):
            return {**content, "text": "", "comment": "left out: packed, so that nobody can say what is in it"}
        clean = redactor.text(body.decode("latin-1")).encode("latin-1", "replace")
        return {**content, "text": base64.b64encode(clean).decode(), "encoding": "base64"}
