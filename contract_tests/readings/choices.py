"""Which alternatives to believe: those that explain what was answered, alone or two together, and no other as well."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from contract_tests.readings.evidence import SAME, Answers, Observed, Verdict, compare, find_unexplained, is_other

Choice = tuple[str, str]
"""A reading's id and one of its alternatives."""

MAX_PAIRS = 12
"""Pairs of alternatives that are played where no single one explains anything."""


class Grounds(NamedTuple):
    """Why a reading is believed, or is not decided: in words, and the operation and the fact of the answer that tells.

    `operation` is its id; `place` is the fact's name, a JSON Pointer where it is of the body. Empty where no single
    answer tells.
    """

    by: str
    operation: str = ""
    place: str = ""


MORE_FIT = Grounds("more answers fit than otherwise")


def find_pair(
    observed: Observed,
    believed: Answers,
    others: Mapping[Choice, Answers],
    ask: Callable[[Choice, Choice], Answers | None],
) -> list[Choice]:
    """Two alternatives that explain together what neither does alone: one may hide what would show the other.

    `others` are the alternatives that are open, and what a contract under each answers; `ask` plays two together.
    """
    strange = find_unexplained(observed, believed)
    # Only alternatives that change something of what is not explained.
    changing = [choice for choice, answers in others.items() if is_other(strange, believed, answers)]
    pairs = [(one, other) for one, other in itertools.combinations(changing, 2) if one[0] != other[0]]
    sound: dict[tuple[Choice, Choice], Verdict] = {}
    for pair in pairs[:MAX_PAIRS]:
        answers = ask(*pair)
        verdict = compare(observed, believed, answers) if answers is not None else None
        if verdict and verdict.is_sound:
            sound[pair] = verdict
    best = sorted(sound, key=lambda pair: -sound[pair].agreement)
    return list(next((pair for pair in best if not has_rival(pair, sound)), ()))


def has_rival(choice: Any, sound: Mapping[Any, Verdict]) -> bool:
    """Whether another alternative explains the same answers equally well: then it is open which one it is."""
    mine = sound[choice]
    others: Iterable[Verdict] = (verdict for other, verdict in sound.items() if other != choice)
    return any(o.wins & mine.wins and abs(o.agreement - mine.agreement) < SAME for o in others)
