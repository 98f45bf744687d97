"""Fields that no two records share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mock_server.errors import ApiError


def require_unique(
    fields: Iterable[str],
    sent: Mapping[str, Any],
    others: Iterable[Mapping[str, Any]],
) -> None:
    """Let values through that no other record has in a field that is unique; `others` are records, without this one.

    Nothing (null, an empty text) is shared by as many as like. Raises: ApiError `conflict` with the field.
    """
    wanted = {name: sent[name] for name in fields if sent.get(name) not in (None, "")}
    if not wanted:
        return
    for record in others:
        for name, value in wanted.items():
            if is_same(record.get(name), value):
                raise ApiError("conflict", f"{name}: there is one with {str(value)[:100]!r} already", name)


def is_same(one: Any, other: Any) -> bool:
    """Whether two values are one to a unique field: text in any case, as names and addresses are compared."""
    if isinstance(one, str) and isinstance(other, str):
        return one.casefold() == other.casefold()
    return type(one) is type(other) and bool(one == other)
