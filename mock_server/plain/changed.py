"""What a session wrote, laid over the records of a collection: changed ones in their places, new ones at the end."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import orjson

from mock_server.plain.scopes import Scope
from mock_server.plain.tables import Rows, Table
from mock_server.state import Change


class _Row(NamedTuple):
    """A record by its key: `ordinal` is its place among those that nobody changed, `values` what was written."""

    key: Any
    ordinal: int
    values: Mapping[str, Any] | None


def lay_over(scope: Scope, changes: Sequence[Change]) -> Table:
    """The records of a scope with its changes: replaced ones in place, deleted ones gone, created ones at the end."""
    rows = _place(scope, changes)
    shapes: dict[int, tuple[dict[str, Any], ...]] = {}

    def get_shapes(place: int, values: Mapping[str, Any]) -> tuple[dict[str, Any], ...]:
        if place not in shapes:
            shapes[place] = scope.reshape(rows[place].key, values)
        return shapes[place]

    def render(place: int, view: int) -> bytes:
        row = rows[place]
        return (
            scope.render(row.ordinal, view) if row.values is None else orjson.dumps(get_shapes(place, row.values)[view])
        )

    def get_record(place: int) -> Mapping[str, Any]:
        row = rows[place]
        return scope.get_record(row.ordinal) if row.values is None else row.values

    return Table(
        Rows(
            [row.key for row in rows],
            get_record,
            render,
            scope.plan.parents,
            scope.find_parent_keys,
            [row.ordinal for row in rows],
        ),
    )


def _place(scope: Scope, changes: Sequence[Change]) -> list[_Row]:
    changed = {change.key: change for change in changes if not change.is_new}
    created = [change for change in changes if change.is_new or change.key not in scope.table.by_key]
    # The key of a record that was deleted may be another one's now, which stands at the end.
    taken = {change.key for change in created}
    rows = []
    for ordinal, key in enumerate(scope.keys):
        change = changed.get(str(key))
        if str(key) not in taken and (change is None or change.values is not None):
            rows.append(_Row(key, ordinal, json.loads(change.values) if change and change.values else None))
    for number, change in enumerate(each for each in created if each.values is not None):
        values = json.loads(change.values or "{}")
        rows.append(_Row(values.get(scope.plan.key, change.key), len(scope.keys) + number, values))
    return rows
