"""What makes values, and what a sample in the making carries with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final


class Nothing:
    """The value that stands for none, where null is a value."""

    def __repr__(self) -> str:
        return "NOTHING"


NOTHING: Final = Nothing()

SIZE = 1_200
"""So many values a sample holds, or few more: what need not be there is left out from then on."""

TRIES = 60
"""So many parts of a sample are made again because they were not valid."""


class Run:
    """One sample in the making.

    `left` values may still be made, `depth` is how many objects and lists stand around the next, `lean` leaves out what
    need not be there, `turn` takes other alternatives, and `given` are the values that the next one is to hold. A
    `probe` is made to see how something is best made: it is small, and nothing inside it is probed in turn.
    """

    __slots__ = ("depth", "given", "lean", "left", "probe", "tries", "turn")

    def __init__(
        self,
        given: Any = NOTHING,
        lean: bool = False,
        turn: int = 0,
        probe: bool = False,
        left: int = SIZE,
    ) -> None:
        self.depth, self.left, self.tries = 0, SIZE // 8 if probe else left, 2 if probe else TRIES
        self.lean, self.turn, self.given, self.probe = lean, turn, given, probe

    def take_given(self) -> Any:
        """What the value that is made now is to hold; nothing below it inherits that."""
        given, self.given = self.given, NOTHING
        return given


Maker = Callable[[int, int, Run], Any]
"""Makes a value by its own number, that of the thing it belongs to, and the sample that it is part of."""

Check = Callable[[Any], bool]
"""Whether a value is valid."""


def make_again(make: Maker, check: Check, tries: int) -> Maker:
    """A maker that makes a value again until it is valid, with other numbers and less of what need not be there."""

    def checked(number: int, owner: int, run: Run) -> Any:
        given = run.given
        first = value = make(number, owner, run)
        if check(value):
            return value
        for attempt in range(1, tries):
            if run.tries <= 0:
                break
            run.tries -= 1
            run.given = given
            was_lean, run.lean = run.lean, run.lean or attempt % 2 == 0
            value = make((number + attempt * 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF, owner, run)
            run.lean = was_lean
            if check(value):
                return value
        return first

    return checked
