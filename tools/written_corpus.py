"""Sequences of writes over documents of a corpus: what did not do as a list in memory does."""

from __future__ import annotations

import random
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from mock_server.errors import ContractError, ContractErrors, UsageError
from tools.write_sequences import Departure, Server, Written

DOCUMENTS, MAX_BYTES = 40, 1_000_000
"""So many documents that can be written to are played, none larger than that."""

COLLECTIONS, STEPS = 2, 30
WORKERS = (1, 4)
ACTS = ("create", "create", "replace", "patch", "delete", "filter")


def play_collection(server: Server, name: str, seed: int) -> tuple[int, list[Departure]]:
    """How many steps were taken with a collection, and what did not agree."""
    written, choose = Written(server, name).begin(), random.Random(seed)
    departures: list[Departure] = []
    for number in range(STEPS):
        act, place = choose.choice(ACTS), choose.randrange(50)
        departures += _take_step(written, act, place, number)
        departures += written.check()
    return STEPS, departures


def _take_step(written: Written, act: str, place: int, number: int) -> Iterator[Departure]:
    if act == "create":
        return written.create(number)
    if act in ("replace", "patch"):
        return written.change(act, place, number)
    return written.delete(place) if act == "delete" else written.filter(place)


def play_document(document: Path) -> Counter[tuple[str, str]]:
    """The collections of a document with their departures, for each number of workers."""
    counts: Counter[tuple[str, str]] = Counter()
    for workers in WORKERS:
        with tempfile.TemporaryDirectory() as folder:
            server = Server(document, Path(folder), workers)
            for number, name in enumerate(server.find_collections()[:COLLECTIONS]):
                steps, departures = play_collection(server, name, number)
                counts["collection", ""] += 1
                counts["steps", ""] += steps
                counts.update((each.step, f"`{document.name}`, {name}: {each.says}") for each in departures)
    return counts


def render_written(documents: Path, files: Sequence[str], described: str) -> Iterator[str]:
    """What came of it, as it stands in the page."""
    played, counts = 0, Counter[tuple[str, str]]()
    for file in files:
        if (documents / file).stat().st_size > MAX_BYTES or played >= DOCUMENTS:
            continue
        try:
            counted = play_document(documents / file)
        except (ContractError, ContractErrors, UsageError):
            continue
        except AssertionError as error:  # a list that answers no client at all is the judge's matter
            counted = Counter({("list", f"`{Path(file).name}`: {str(error)[:200]}"): 1})
        played += bool(counted)
        counts += counted
    collections, steps = counts.pop(("collection", ""), 0), counts.pop(("steps", ""), 0)
    yield f"{described}: {played} documents, {collections} collections, {steps:,} writes and filters."
    yield ""
    yield "| step | times | what did not agree |"
    yield "| --- | --- | --- |"
    for (step, says), times in sorted(counts.items()):
        yield f"| {step} | {times} | {says.replace('|', '/')[:300]} |"
