"""Planted faults: each spoils one thing that a mock does right, made from the contract alone.

The harness is only as good as what it catches; `caught_by` names the checks of which one must tell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from mock_server.messages import Request, Response
from tests.mutation.mutants_of_answers import ANSWER_MUTANTS
from tests.mutation.mutants_of_credentials import CREDENTIAL_MUTANTS
from tests.mutation.mutants_of_failures import FAILURE_MUTANTS
from tests.mutation.mutants_of_filters import FILTER_MUTANTS
from tests.mutation.mutants_of_lists import LIST_MUTANTS
from tests.mutation.mutants_of_pages import PAGE_MUTANTS
from tests.mutation.mutants_of_records import RECORD_MUTANTS
from tests.mutation.operation_mock import OperationMock

Play = Callable[[OperationMock, Request], Response]


class Mutant(NamedTuple):
    """One planted fault. `applies` says whether an operation can have it; `profile` is the target it is seen as."""

    name: str
    caught_by: tuple[str, ...]
    applies: Callable[[OperationMock], bool]
    play: Play
    profile: str = "live"


def _all() -> Iterator[Mutant]:
    for name, caught_by, applies, play, *profile in (
        *RECORD_MUTANTS,
        *ANSWER_MUTANTS,
        *CREDENTIAL_MUTANTS,
        *FAILURE_MUTANTS,
        *PAGE_MUTANTS,
        *LIST_MUTANTS,
        *FILTER_MUTANTS,
    ):
        yield Mutant(name, tuple(caught_by.split()), applies, play, *profile)


MUTANTS: dict[str, Mutant] = {mutant.name: mutant for mutant in _all()}
"""Every planted fault by its name."""
