"""Values of any schema of a document, made from a seed: valid, and the same wherever they are made."""

from __future__ import annotations

import copy
import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from mock_server.openapi import Direction, Validators
from mock_server.samples.compiler import Compiler, make_root_label
from mock_server.samples.draws import mix, start
from mock_server.samples.makers import NOTHING, SIZE, Maker, Run
from mock_server.samples.repairs import repair
from mock_server.samples.weights import HEAVY

MAX_KEPT = 4096
"""So many schemas asked for are kept compiled."""

SIZE_OF_ENDLESS = 20 - SIZE
"""What must hold itself for ever is never valid: little is made of it."""

_ATTEMPTS: tuple[tuple[int, bool, int], ...] = (
    (0, False, 1),
    (0, True, 0),
    (1, False, 0),
    (1, True, 1),
    (2, False, 2),
    (3, True, 3),
)
"""How a sample is made again that is not valid: with other numbers, without what need not be there, other turns."""


class Sampler:
    """Makes values of the schemas of one document.

    A value depends on the seed, its key and the schema alone, and each part of it on its name: the same key gives the
    same `name` and `email` in every schema that has them. `validators` are those of the same document.
    """

    def __init__(self, root: Mapping[str, Any], seed: str, validators: Validators | None = None) -> None:
        self._seed = seed
        self._validators = validators or Validators(root)
        directions: tuple[Direction, ...] = ("request", "response")
        self._compilers = {each: Compiler(root, self._validators, each) for each in directions}
        self._makers: OrderedDict[tuple[int, str, str], tuple[Any, Maker, bool]] = OrderedDict()
        self._lock = threading.Lock()

    def sample(
        self,
        schema: Any,
        key: str,
        *,
        name: str = "",
        given: Any = NOTHING,
        direction: Direction = "response",
    ) -> Any:
        """A value of a schema: any node of the document.

        `given` is used wherever it is valid: a value of the whole, or names of properties and their values, nested as
        they are. `name` is what the value is called: that of a property, a parameter, a collection.
        """
        if given is not NOTHING and not isinstance(given, (Mapping, list)):
            if self._validators.is_valid(schema, given, direction):
                return given
            given = NOTHING
        maker, is_endless = self._find_maker(schema, name, direction)
        number = start(self._seed, key)
        try:
            value = maker(number, number, Run(given, left=SIZE_OF_ENDLESS) if is_endless else Run(given))
            if is_endless or self._validators.is_valid(schema, value, direction):
                return value
            return self._improve(schema, value, number, maker, given, direction)
        except RecursionError:
            # Nobody writes a hundred choices inside each other; whoever does gets what is nearest.
            return next(iter(self._find_examples(schema, direction)), {})

    def find_unsatisfied(self, schema: Any, direction: Direction = "response") -> str:
        """Why no valid value of a schema is made, as the end of a sentence; nothing where one is."""
        problems = self._validators.find_problems(schema, self.sample(schema, "", direction=direction), direction)
        return f"{problems[0][0]} {problems[0][1]}".strip() if problems else ""

    def _find_maker(self, schema: Any, name: str, direction: Direction) -> tuple[Maker, bool]:
        """The maker of a schema, and whether every value of it would have to hold itself for ever."""
        key = (id(schema), name, direction)
        with self._lock:
            if key not in self._makers:
                compiler = self._compilers[direction]
                maker = compiler.compile(schema, make_root_label(name))
                # The schema is kept beside its maker: as long as it lives, no other node has its identity.
                self._makers[key] = (schema, maker, compiler.weights.weigh(schema) >= HEAVY)
                if len(self._makers) > MAX_KEPT:
                    self._makers.popitem(last=False)
            return self._makers[key][1:]

    def _improve(
        self,
        schema: Any,
        value: Any,
        number: int,
        maker: Maker,
        given: Any,
        direction: Direction,
    ) -> Any:
        """A valid value if one can be made: without what is wrong, made anew, or an example; else the first."""
        repaired = repair(self._validators, schema, value, direction)
        if repaired is not NOTHING:
            return repaired
        for salted, lean, turn in _ATTEMPTS:
            again = mix(number, salted) if salted else number
            other = maker(again, again, Run(given, lean, turn))
            if self._validators.is_valid(schema, other, direction):
                return other
            if (repaired := repair(self._validators, schema, other, direction)) is not NOTHING:
                return repaired
        if given is not NOTHING and self._validators.is_valid(
            schema,
            other := self._make_alone(schema, number, maker, direction),
            direction,
        ):
            return other
        return next(iter(self._find_examples(schema, direction)), value)

    def _make_alone(self, schema: Any, number: int, maker: Maker, direction: Direction) -> Any:
        """A value without what was given, where that keeps the whole from being valid."""
        value = maker(number, number, Run())
        if self._validators.is_valid(schema, value, direction):
            return value
        return self._improve(schema, value, number, maker, NOTHING, direction)

    def _find_examples(self, schema: Any, direction: Direction) -> list[Any]:
        shape = self._compilers[direction].shapes.shape(schema)
        examples = [*shape.get("examples", ()), shape.get("default")]
        return [copy.deepcopy(each) for each in examples if self._validators.is_valid(schema, each, direction)]
