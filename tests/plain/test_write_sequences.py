"""Any sequence of writes and reads on documents of several forms equals a list in memory, whoever answers."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tools.write_sequences import Departure, Server, Written

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
DOCUMENTS = [
    *sorted((HERE / "writing").iterdir()),
    *(HERE / "documents" / name for name in ("library.json", "zoo.yaml")),
    ROOT / "examples" / "petstore.yaml",
]

PLACES, NUMBERS = st.integers(0, 20), st.integers(0, 1_000)


def make_machine(document: Path, workers: int) -> type[RuleBasedStateMachine]:
    """What does things in any order with the first collection of a document, and looks whether all agrees."""

    class Sequence(RuleBasedStateMachine):
        departures: list[Departure]

        @initialize()
        def open(self) -> None:
            self.folder = tempfile.TemporaryDirectory()
            server = Server(document, Path(self.folder.name), workers)
            self.written = Written(server, server.find_collections()[0]).begin()
            self.departures = []

        def teardown(self) -> None:
            if hasattr(self, "folder"):
                self.folder.cleanup()

        @rule(number=NUMBERS)
        def create(self, number: int) -> None:
            self.departures += self.written.create(number)

        @rule(effect=st.sampled_from(["replace", "patch"]), place=PLACES, number=NUMBERS)
        def change(self, effect: str, place: int, number: int) -> None:
            self.departures += self.written.change(effect, place, number)

        @rule(place=PLACES)
        def delete(self, place: int) -> None:
            self.departures += self.written.delete(place)

        @rule(place=PLACES)
        def filter(self, place: int) -> None:
            self.departures += self.written.filter(place)

        @invariant()
        def all_agrees(self) -> None:
            assert [*self.departures, *self.written.check()] == []

    return Sequence


@pytest.mark.parametrize("workers", [1, 4])
@pytest.mark.parametrize("document", DOCUMENTS, ids=[each.name for each in DOCUMENTS])
def test_a_document_that_is_written_to_does_as_a_list_in_memory(document: Path, workers: int) -> None:
    checks: Any = list(HealthCheck)
    run_state_machine_as_test(
        make_machine(document, workers),
        settings=settings(max_examples=5, stateful_step_count=20, deadline=None, suppress_health_check=checks),
    )
