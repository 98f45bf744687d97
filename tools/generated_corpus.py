"""Schemathesis over documents of a corpus, of every version and size: what failed, and why that is right."""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tools.generated_requests import Failure, Run, ask_document

SHARES: Mapping[str, int] = {"2.0": 10, "3.0": 20, "3.1": 8, "3.2": 2}
"""How many documents of each version are asked: from the smallest to the largest, evenly."""

OPERATIONS, EXAMPLES = 12, 5
SECONDS = 60
"""For one document; it is stopped for good after twice as long."""


class Reason(NamedTuple):
    """Why a failure is none of ours: the check, and what its words hold; perhaps only of bodies that are no JSON."""

    check: str
    holds: str
    why: str
    is_of_text: bool = False


UNDOCUMENTED = "the document has no error of that kind; what is wrong is refused all the same"
ADDRESS = "another documented path leads to the same address"
TEXT = "in a form and in XML everything is text, and an empty list is an empty text"

REASONS: tuple[Reason, ...] = (
    Reason("status_code_conformance", "Received: 4", UNDOCUMENTED),
    Reason("status_code_conformance", "Received: 200", "the document has errors only, or no response at all"),
    Reason("content_type_conformance", "Received: application/problem+json", UNDOCUMENTED),
    Reason("content_type_conformance", "Received: application/json", UNDOCUMENTED),
    Reason("content_type_conformance", "Missing Content-Type", "the response has no schema, so it has no body"),
    Reason("negative_data_rejection", "maximum", "the bound is that of `int32` or `int64`: a format is none"),
    Reason("negative_data_rejection", "minimum", "the bound is that of `int32` or `int64`: a format is none"),
    Reason("negative_data_rejection", "unexpected properties", "a form may have fields that nobody documents"),
    Reason("negative_data_rejection", "`additionalProperties`", "a form may have fields that nobody documents"),
    Reason("negative_data_rejection", "Missing request body", "no field of the form is required"),
    Reason("negative_data_rejection", "Incorrect type", TEXT, is_of_text=True),
    Reason("negative_data_rejection", "violates `type`", TEXT, is_of_text=True),
    Reason("negative_data_rejection", "smaller than minLength", TEXT, is_of_text=True),
    Reason(
        "positive_data_acceptance",
        "",
        "a cursor that no answer gave is refused; `required` beside a reference is meant",
    ),
    Reason("allow_header_conformance", "", ADDRESS),
    Reason("unsupported_method", "returned 40", ADDRESS),
    Reason("response_schema_conformance", "valid under more than one", "the alternatives cannot be told apart"),
    Reason(
        "response_schema_conformance",
        '.0 is not of type "integer"',
        "a whole number is an integer, however it is written",
    ),
    Reason("run", "", "Schemathesis itself cannot make a request of what the document says"),
)


class Sized(NamedTuple):
    """A document by version and size in bytes."""

    file: str
    version: str
    size: int


def choose_documents(listed: Sequence[Any], shares: Mapping[str, int] = SHARES) -> list[Any]:
    """So many documents of each version, evenly from the smallest to the largest."""
    chosen: list[Any] = []
    for version, share in shares.items():
        sized = sorted((each for each in listed if each.version.startswith(version)), key=lambda each: each.size)
        count = min(share, len(sized))
        chosen += [sized[place * (len(sized) - 1) // max(1, count - 1)] for place in range(count)]
    return chosen


def find_reason(failure: Failure) -> str:
    """Why a failure is none of ours, or an empty text."""
    known = (each for each in REASONS if each.check == failure.check and each.holds in failure.words)
    return next((each.why for each in known if not each.is_of_text or "json" not in failure.media_type), "")


def render_generated(documents: Path, listed: Sequence[Any], described: str) -> Iterator[str]:
    """What came of the generated requests, as it stands in the page."""
    chosen = choose_documents(listed)
    runs = {each.file: _ask(documents / each.file) for each in chosen}
    requests = sum(run.requests for run in runs.values())
    yield f"{described}: {len(chosen)} documents, {requests:,} requests."
    cut = sum(not run.is_whole and not run.problem for run in runs.values())
    yield f"Not asked to the end in {SECONDS} s: {cut}."
    unread = {file: run.problem for file, run in runs.items() if run.problem}
    yield f"Not read by Schemathesis itself: {len(unread)}."
    yield ""
    yield "| documents | failures | check | what it says | why that is right |"
    yield "| --- | --- | --- | --- | --- |"
    for (check, words, why), where in sorted(_group(runs).items(), key=lambda pair: -len(pair[1])):
        yield f"| {len(set(where))} | {len(where)} | `{check}` | {words} | {why} |"
    yield ""
    yield from (f"- {Path(file).name}: {problem[:200]}" for file, problem in unread.items())


def _group(runs: Mapping[str, Run]) -> dict[tuple[str, str, str], list[str]]:
    """Failures that say the same, with the documents they came from."""
    groups: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for file, run in runs.items():
        for failure in run.failures:
            why = find_reason(failure)
            words = failure.words.split(":" if why else "\n")[0].split("\n")[0]
            groups[failure.check, words[:160].replace("|", "\\|"), why].append(file)
    return groups


def _ask(path: Path) -> Run:
    """The run of one document, in a process of its own."""
    here, there = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.Process(target=_ask_and_send, args=(path, there))
    process.start()
    there.close()
    try:
        run = here.recv() if here.poll(2 * SECONDS) else Run((), {}, False)
    except EOFError:
        run = Run((Failure("", "run", "the process ended"),), {}, False)
    process.kill()
    process.join()
    print(path.name, run.requests, len(run.failures), run.problem, flush=True)
    for failure in run.failures:
        if not find_reason(failure):
            print("   ", *failure, flush=True)
    return run


def _ask_and_send(path: Path, pipe: multiprocessing.connection.Connection) -> None:
    run = ask_document(path, EXAMPLES, SECONDS, OPERATIONS)
    pipe.send(run._replace(answers=dict(run.answers)))
