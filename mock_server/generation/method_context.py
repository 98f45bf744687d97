"""What a method of `x-faker` is given: a record in the making, and what it may ask while it is compiled."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple, Protocol

Values = dict[str, Any]


class Row(NamedTuple):
    """A record in the making: its numbers, what has been made of it, and which record it is."""

    bits: tuple[int, ...]
    values: Values
    ordinal: int


FieldMaker = Callable[[Row], Any]
"""Makes one value of a record."""


class CompileContext(Protocol):
    """What a method may ask while it is compiled."""

    now: datetime
    checking: bool

    def take(self) -> int: ...

    def operand(self, value: Any) -> FieldMaker: ...

    def faker(self, method: str) -> FieldMaker: ...
