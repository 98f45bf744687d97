"""Makers of one of several alternatives, chosen by the number of the place."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mock_server.samples.draws import mix, pick, salt
from mock_server.samples.makers import Check, Maker, Run

_CHOICE = salt("choice")

DEEP = 4
"""From this depth on the alternative is taken that needs the least."""

MAX_TURNS = 6
"""So many alternatives are tried where exactly one may hold."""

NULLS = 8
"""One of so many values that may be null is."""


class Alternative:
    """One alternative, compiled when it is first taken; `weight` is how many values it holds at least."""

    __slots__ = ("_compile", "_made", "accepts", "is_null", "weigh")

    def __init__(
        self,
        compile_it: Callable[[], Maker],
        weigh: Callable[[], int],
        accepts: Callable[[Mapping[str, Any]], int],
        is_null: bool = False,
    ) -> None:
        self._compile, self._made = compile_it, None
        self.weigh, self.accepts, self.is_null = weigh, accepts, is_null

    _made: Maker | None

    def make(self, number: int, owner: int, run: Run) -> Any:
        """A value of this alternative."""
        if self._made is None:
            self._made = self._compile()
        return self._made(number, owner, run)


def make_choice(alternatives: Sequence[Alternative], check: Check | None) -> Maker:
    """A maker of one of the alternatives; with a `check` others are tried until a value passes it."""
    solid = [each for each in alternatives if not each.is_null] or list(alternatives)
    has_null = len(solid) < len(alternatives)
    nulls = [each for each in alternatives if each.is_null]
    turns = min(MAX_TURNS, 2 * len(solid)) if check else 1

    def find_first(number: int, run: Run) -> int:
        if isinstance(run.given, Mapping) and len(solid) > 1:
            fits = [each.accepts(run.given) for each in solid]
            return fits.index(max(fits))
        if (run.depth >= DEEP or run.left <= 0) and len(solid) > 1:
            weights = [each.weigh() for each in solid]
            return weights.index(min(weights))
        return pick(mix(number, _CHOICE), len(solid)) + run.turn

    def make(number: int, owner: int, run: Run) -> Any:
        if has_null and _is_null(number, run, solid):
            return nulls[0].make(number, owner, run)
        first, given = find_first(number, run), run.given
        kept: Any = None
        for turn in range(turns):
            if turn and run.tries <= 0:
                break
            run.tries -= turn > 0
            run.given = given
            was_lean, run.lean = run.lean, run.lean or turn >= len(solid)
            value = solid[(first + turn) % len(solid)].make(number, owner, run)
            run.lean = was_lean
            if not check or check(value):
                return value
            kept = value if turn == 0 else kept
        return kept

    return make


def _is_null(number: int, run: Run, solid: Sequence[Alternative]) -> bool:
    if isinstance(run.given, (Mapping, list)):
        return False
    if run.left <= 0 or run.depth > DEEP + 2 or (run.depth >= DEEP and solid[0].weigh() > 5):
        return True
    return pick(mix(number, _CHOICE + 1), NULLS) == 0 and run.depth > 0
