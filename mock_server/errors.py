"""Two families of errors, by who must act: the author of the data, or the caller of the API."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field


def nearest(word: str, known: Iterable[str]) -> str:
    """The known name most like `word`, or an empty text when none is near."""
    return next(iter(difflib.get_close_matches(word, list(known), n=1, cutoff=0.5)), "")


@dataclass
class ContractError(Exception):
    """The data of a provider is wrong: the author of `file` must act.

    `pointer` is a JSON Pointer inside the file, `hint` says what would be right.
    """

    file: str
    pointer: str
    problem: str
    hint: str = ""

    def __str__(self) -> str:
        hint = f" ({self.hint})" if self.hint else ""
        return f"{self.file}#{self.pointer}: {self.problem}{hint}"


@dataclass
class ContractErrors(Exception):
    """Every problem found in one contract."""

    problems: list[ContractError]

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))


@dataclass
class ApiError(Exception):
    """The caller of a mock API did something that its documentation answers with an error."""

    kind: str
    detail: str = ""
    field_name: str = ""
    headers: tuple[tuple[str, str], ...] = ()


@dataclass
class Problem(Exception):
    """The mock itself was asked for something it cannot do; answered as RFC 9457 problem details."""

    status: int
    title: str
    detail: str
    known: list[str] = field(default_factory=list)


@dataclass
class UsageError(Exception):
    """A person typed something that cannot be done: one sentence for the terminal."""

    sentence: str

    def __str__(self) -> str:
        return self.sentence
