"""What a column holds of a record: a value as it is, folded, or the text that a search looks in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mock_server.store.recipe import SEARCHED, Recipe, fold
from mock_server.store.text_file import FIELD_END

ReadColumn = Callable[[dict[str, Any]], Any]
"""From a record to what a column holds of it."""


def compile_columns(recipe: Recipe, searched: bool) -> dict[str, ReadColumn]:
    """Each column by its name: those that are searched, whose values are bytes, or those of SQLite."""
    compile_one = _compile_text if searched else _compile_value
    return {name: compile_one(form, fields) for name, (form, fields) in recipe.find_columns(searched).items()}


def _compile_text(form: str, fields: tuple[str, ...]) -> ReadColumn:
    """What a search looks in: the values of the fields that are there, folded."""
    mark, paths = SEARCHED[form], [field.split(".") for field in fields]
    return lambda record: FIELD_END.join(
        mark + str(fold(value)).encode() for path in paths if (value := _get_at(record, path)) is not None
    )


def _compile_value(form: str, fields: tuple[str, ...]) -> ReadColumn:
    path = fields[0].split(".")
    if form == "folded":
        return lambda record: fold(_get_at(record, path))
    if len(path) == 1:
        name = path[0]
        return lambda record: record.get(name)
    return lambda record: _get_at(record, path)


def _get_at(record: Any, path: list[str]) -> Any:
    """The value at a path in a record, or None where there is none."""
    for part in path:
        record = record.get(part) if isinstance(record, dict) else None
    return record
