"""Where in a mapping something stands, and every problem that is seen there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mock_server.contract import escape_pointer
from mock_server.errors import suggest
from mock_server.messages import FieldProblem


class Place:
    """A place in a mapping; all places of one mapping collect its problems together."""

    def __init__(self, pointer: str = "", problems: list[FieldProblem] | None = None) -> None:
        self.pointer = pointer
        self.problems: list[FieldProblem] = [] if problems is None else problems

    def at(self, step: str | int) -> Place:
        """The place one step below."""
        return Place(f"{self.pointer}/{escape_pointer(str(step))}", self.problems)

    def refuse(self, problem: str, hint: str = "") -> None:
        """Note what is wrong here, and what would be right."""
        self.problems.append(FieldProblem(self.pointer, problem, hint))

    def read_members(
        self,
        value: Any,
        known: Iterable[str],
        refused: Mapping[str, str] = {},
    ) -> Iterator[tuple[str, Any, Place]]:
        """The members of an object that are known, each with its place; null is a member that is not there.

        Those of `refused` are known elsewhere, with why they are not played here; empty ones say nothing.
        """
        if not isinstance(value, dict):
            self.refuse("is no object", "expected a JSON object")
            return
        names = list(known)
        for name, member in value.items():
            if member is None:
                continue
            place = self.at(name)
            if name in names:
                yield name, member, place
            elif name not in refused:
                place.refuse("is not known here", suggest(name, names, else_all=True))
            elif member not in ([], {}, ""):
                place.refuse("is not played here", refused[name])
