"""Plays many real OpenAPI documents and writes what held into docs/corpus.md.

    python -m tools.corpus FOLDER [--documents FOLDER] [--only N] [--every N] [--jobs N] [--schemathesis | --writes]

FOLDER is the corpus, which is no part of this project: `judge.py`, a client that knows nothing of Understudy;
`dev.tsv`, its list of documents; `dev.tar.xz`, the documents, unpacked unless they already lie in `--documents`.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tools.generated_corpus import render_generated
from tools.written_corpus import render_written

PAGE = Path(__file__).parents[1] / "docs" / "corpus.md"

SERVE = "understudy serve {doc} --port {port} --no-log"
"""How the judge starts the mock."""

BARS: Mapping[str, float] = {
    "start: server answers": 100,
    "answered in 5 s": 100,
    "no 5xx": 100,
    "2xx for a valid request": 98,
    "body valid": 99.5,
    "page: size kept": 90,
    "page: next is disjoint": 90,
    "page: walk ends": 90,
    "page: total told": 90,
    "id: found": 97,
    "id: same values": 97,
    "id: unknown is 4xx": 97,
    "filter: only matching": 95,
}
"""What must hold, in percent of the trials, by the judge's names."""


class Listed(NamedTuple):
    """A document of the list: where it lies below the documents' folder, its version, its size in bytes."""

    file: str
    version: str
    size: int


def read_list(path: Path) -> list[Listed]:
    """The documents of a list, in its order."""
    lines = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    places = {name: place for place, name in enumerate(lines[0])}
    return [Listed(row[places["file"]], row[places["openapi"]], int(row[places["bytes"]])) for row in lines[1:]]


def run_judge(corpus: Path, documents: Path, listed: Sequence[Listed], jobs: int, folder: Path) -> dict[str, Any]:
    """The judge's report on these documents."""
    chosen, report = folder / "list.tsv", folder / "report.json"
    chosen.write_text("\n".join(["file", *(each.file for each in listed)]), encoding="utf-8")
    judging = ["--documents", chosen, "--root", documents, "--jobs", jobs, "--report", report]
    command = [sys.executable, corpus / "judge.py", "--server", SERVE, *judging]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    subprocess.run([str(each) for each in command], check=True, env={**os.environ, "PATH": path})
    result: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    return result


def render_judged(report: Mapping[str, Any], command: str) -> Iterator[str]:
    """A judge's report as it stands in the page."""
    documents = report["documents"]
    starts = sorted(each["start_s"] for each in documents if "start_s" in each)
    operations = sum(each.get("operations", 0) for each in documents)
    yield f"{describe_run(command)}: {len(documents)} documents with {operations:,} operations."
    if starts:
        ranks = (starts[len(starts) // 2], starts[len(starts) * 9 // 10], starts[-1])
        yield "Seconds to the first answer: median {:.2f}, 90th percentile {:.2f}, largest {:.2f}.".format(*ranks)
    yield ""
    yield "| check | documents | tried | passed | share | by document | bar |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for name, (tried, passed) in report["table"].items():
        counts = [each["checks"][name] for each in documents if name in each.get("checks", {})]
        if tried:
            mean = 100 * sum(p / t for t, p in counts) / len(counts)
            numbers = f"{len(counts)} | {tried:,} | {passed:,} | {100 * passed / tried:.1f} % | {mean:.1f} %"
            yield f"| {name} | {numbers} | {f'{BARS[name]:g} %' if name in BARS else ''} |"
    stopped = [each for each in documents if "judge_error" in each or "stopped" in each]
    yield ""
    yield f"Not judged to the end: {len(stopped)}."
    yield from (f"- {Path(d['document']).name}: {d.get('judge_error') or d.get('stopped')}" for d in stopped)


def describe_run(command: str) -> str:
    """When, on what and how something was measured; nothing that names a machine."""
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"
    return f"Measured on {datetime.date.today().isoformat()} ({machine}) by `{command}`"


def replace_part(page: str, name: str, lines: Sequence[str]) -> str:
    """The page with what stands between the marks of a part replaced."""
    begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    return pattern.sub(lambda hit: "\n".join([begin, *lines, end]), page)


def main(words: Sequence[str]) -> int:
    """Measure one part, print it and write it into the page."""
    options = _read_words(words)
    listed = read_list(options.corpus / "dev.tsv")[:: options.every][: options.only]
    with tempfile.TemporaryDirectory() as name:
        documents = options.documents or _unpack(options.corpus / "dev.tar.xz", Path(name) / "documents")
        part = options.part
        described = describe_run("make corpus" + (f' ARGS="--{part}"' if part != "judge" else ""))
        if part == "schemathesis":
            lines = list(render_generated(documents, listed, described))
        elif part == "writes":
            lines = list(render_written(documents, [each.file for each in listed], described))
        else:
            report = run_judge(options.corpus, documents, listed, options.jobs, Path(name))
            lines = list(render_judged(report, "make corpus"))
    print("\n".join(lines))
    if options.write:
        PAGE.write_text(replace_part(PAGE.read_text(encoding="utf-8"), part, lines), encoding="utf-8")
    return 0


def _unpack(archive: Path, folder: Path) -> Path:
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    return folder


def _read_words(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--documents", type=Path, help="where the documents are unpacked already")
    parser.add_argument("--only", type=int, help="the first so many")
    parser.add_argument("--every", type=int, default=1, help="each so many-th")
    parser.add_argument("--jobs", type=int, default=2)
    for part, says in (("schemathesis", "generated requests to 40"), ("writes", "sequences of writes on 40")):
        parser.add_argument(
            f"--{part}",
            action="store_const",
            dest="part",
            const=part,
            help=f"{says} documents instead",
        )
    parser.set_defaults(part="judge")
    parser.add_argument("--no-write", dest="write", action="store_false", help="print only")
    return parser.parse_args(words)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
