"""Records of a tester's own in one collection: what one is given as, what is wrong in it, where it lies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import orjson

from mock_server.engine import MockApi
from mock_server.errors import Problem, suggest, with_suggestion
from mock_server.inputs import ReadCell, compile_cells
from mock_server.messages import Collections, Condition, FieldProblem
from mock_server.openapi import Document
from mock_server.plain import PARENT, PlainContract, SampledRecords, Sources
from mock_server.state import EVERYONE, FIRST

NO_PARENTS: Mapping[str, str] = MappingProxyType({})


class OwnRecord(NamedTuple):
    """A record that somebody gives, ready to be put in: `key` where no field says it, and what is wrong in it."""

    values: Mapping[str, Any]
    parents: Mapping[str, str]
    key: str | None
    problems: Sequence[FieldProblem]


class OwnCollection(NamedTuple):
    """A collection as whoever gives it records knows it.

    `key` is the field of the key, or empty. `parents` are the names of its parents, each with the field of a record
    that holds that parent's key, or an empty text; `above` are the collections of those that are known. `is_nested`
    where records are listed below them alone, `is_open` where there is a record for any key. `read_cell` reads texts
    as the values of fields.
    """

    collections: Collections
    name: str
    key: str
    parents: Mapping[str, str]
    above: Mapping[str, str]
    is_nested: bool
    is_open: bool
    read_cell: ReadCell

    def prepare(self, given: Mapping[str, Any], key: str | None, named: Mapping[str, str] = NO_PARENTS) -> OwnRecord:
        """A record as it was given, with the key and the parents that stand beside it."""
        values, parents, problems = dict(given), dict(named), []
        for name, field in self.parents.items():
            if name in values and name != field:
                parents.setdefault(name, str(values.pop(name)))
            if field and name in parents and field not in values:
                values[field] = self.read_text(field, parents[name])
            elif field in values:
                parents.setdefault(name, str(values[field]))
            if self.is_nested and name not in parents:
                problems.append(FieldProblem("", "lies below no parent", f"give {name} the key of one"))
        if key is not None and self.key:
            typed = self.read_text(self.key, key)
            if str(values.get(self.key, key)) != key:
                problems.append(
                    FieldProblem(f"/{self.key}", f"is not the key {key}", "leave it out, or let both agree"),
                )
            values, key = {**values, self.key: typed}, None
        wrong = self.collections.check_given(self.name, values)
        return OwnRecord(values, parents if self.is_nested else NO_PARENTS, key, [*problems, *wrong])

    def give(self, session: str, record: OwnRecord, place: str = FIRST, is_new: bool = False) -> str:
        """Put a record in that nothing is wrong in; its key. Raises: Problem 507, and 409 where it must be new."""
        return self.collections.give(self.name, session, record.values, place, record.parents, record.key, is_new)

    def find(self, session: str, key: str, parents: Mapping[str, str]) -> bytes | None:
        """The JSON of a record as a session sees it, or None."""
        source = self.collections.by(self.name, session)
        if isinstance(source, SampledRecords):
            return source.find_in(_find_where(parents), key)
        return source.find(self.read_text(self.key, key))

    def page(self, session: str, parents: Mapping[str, str], offset: int, size: int) -> tuple[int, list[Any]]:
        """How many records a session sees, and those from `offset` on."""
        total, records = self.collections.by(self.name, session).page(_find_where(parents), offset, size)
        return total, [orjson.loads(each) for each in records]

    def take(self, session: str, key: str, parents: Mapping[str, str]) -> bool:
        """Take a record away; whether there was one. Raises: Problem 507."""
        return self.collections.take(self.name, session, key, parents)

    def find_known(self, parents: Mapping[str, str], most: int) -> list[str]:
        """The keys of its first records that every session begins with, as text."""
        _, records = self.page(EVERYONE, parents, 0, most)
        return [str(record.get(self.key)) for record in records if isinstance(record, Mapping)] if self.key else []

    def read_text(self, field: str, text: str) -> Any:
        """A text as the value of a field."""
        return self.read_cell(field, text)[1]

    def check_parents(self, named: Mapping[str, str]) -> str:
        """A sentence on parents that are none, or that are not named; an empty text where all are as they should be."""
        for name in named:
            if name not in self.parents:
                return with_suggestion(f"{name!r} is no parent of {self.name}.", name, self.parents)
        missing = [name for name in self.parents if self.is_nested and name not in named]
        return f"Records of {self.name} lie below parents: name {' and '.join(missing)}." if missing else ""


def _find_where(parents: Mapping[str, str]) -> tuple[Condition, ...]:
    return tuple(Condition(PARENT, (name,), key) for name, key in parents.items())


def open_collection(api: MockApi, name: str) -> OwnCollection:
    """A collection of a mock API; raises Problem 404 with the nearest name."""
    contract, sources = api.contract, api.sources
    if name not in contract.collections:
        known = list(contract.collections)
        detail = f"{contract.provider} has no collection {name!r}; {suggest(name, known, '{}', else_all=True)}"
        raise Problem(404, "Not Found", detail, known)
    if isinstance(contract, PlainContract) and isinstance(sources, Sources):
        plan = sources.get_seen(name).scopes.plan
        parents = {parent: of.field for parent, of in plan.parents.items()}
        cells, is_open = compile_cells(contract.source, plan.shapes), not plan.key or not plan.is_listed
        above = {parent: of.collection for parent, of in plan.parents.items() if of.collection in sources}
        return OwnCollection(sources, name, plan.key, parents, above, plan.is_nested, is_open, cells)
    collection = contract.collections[name]
    cells = compile_cells(Document(contract.provider, contract.document), [collection.schema])
    return OwnCollection(sources, name, collection.key, {}, {}, False, False, cells)
