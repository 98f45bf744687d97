"""Two families of errors, by who must act: the author of the data, or the caller of the API."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

LIKE = 0.5
"""How like a name must be to be suggested, from 0 to 1."""

MAX_WORD = 100
"""So many characters of a word are compared: comparing takes the square of the length, and callers choose the word."""

_PART = re.compile(r"[A-Za-z0-9]+")


def nearest(word: str, known: Iterable[str]) -> str:
    """The known name most like `word`, or an empty text when none is near.

    A word that begins a name, or a part of one, is near it as well: `record-insertd` is `record-inserted-while-paging`.
    """
    likely = [(find_likeness(word, name), name) for name in known]
    likeness, name = max(likely, key=lambda pair: pair[0], default=(0.0, ""))
    return name if likeness >= LIKE else ""


def find_likeness(word: str, name: str) -> float:
    """How like a name a word is, from 0 to 1, in any case; a part of the name counts a little less than the whole."""
    word, name = word[:MAX_WORD].lower(), name.lower()
    parts = [name[part.start() : part.start() + len(word)] for part in _PART.finditer(name)] if len(word) > 2 else []
    likely = [_ratio(word, part) for part in parts]
    # Of a part, three letters in four must be the same: a short one is like many words.
    return max(_ratio(word, name), *(0.85 * each for each in likely if each >= 0.75), 0.0)


def _ratio(word: str, other: str) -> float:
    return difflib.SequenceMatcher(None, word, other).ratio()


def suggest(word: object, known: Iterable[object], form: str = "{!r}", else_all: bool = False) -> str:
    """The hint for a name that is not known: `did you mean 'page'?`, or an empty text when no known name is near.

    `form` shows the name as a user writes it (`{}`, `${}`, `fatora.{}`). With `else_all` every known name is listed
    where none is near.
    """
    names = [str(name) for name in known]
    near = nearest(str(word), names)
    if near:
        return f"did you mean {form.format(near)}?"
    return f"known: {', '.join(names)}" if else_all else ""


def with_suggestion(sentence: str, word: object, known: Iterable[object], form: str = "{!r}") -> str:
    """A whole sentence that refuses a name, and behind it the question whether the nearest one was meant."""
    hint = suggest(word, known, form)
    return f"{sentence} {hint[0].upper()}{hint[1:]}" if hint else sentence


def count_of(number: int, noun: str) -> str:
    """`1 record`, `2,000 records`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


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
    """The mock itself was asked for something it cannot do; answered as RFC 9457 problem details.

    `errors` are the places of a body that are wrong, each with its `pointer` and `detail`.
    `retry_after_seconds` becomes a Retry-After header where asking again helps; 0 says nothing.
    """

    status: int
    title: str
    detail: str
    known: list[str] = field(default_factory=list)
    retry_after_seconds: int = 0
    errors: list[dict[str, str]] = field(default_factory=list)


def refuse_taken(collection: str, key: object) -> Problem:
    """Refuse a new record of a tester's own under a key that another one has."""
    return Problem(409, "Conflict", f"{collection} has a record with the key {key} already; PUT replaces it.")


@dataclass
class UsageError(Exception):
    """A person typed something that cannot be done: one sentence for the terminal."""

    sentence: str

    def __str__(self) -> str:
        return self.sentence


def missing_extra(command: str, extra: str = "") -> UsageError:
    """The sentence for a command whose libraries were not installed; its extra has the command's name or is given."""
    return UsageError(
        f"`understudy {command}` needs more than serving does: pip install 'understudy[{extra or command}]'",
    )
