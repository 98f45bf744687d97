"""Which requests a scenario is to meet, as a program says it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

from understudy.errors import UnderstudyError
from understudy.providers import Provider, find_operations

KINDS = ("list", "record", "read", "write", "create", "update", "delete")
"""What may be named in place of one operation."""


class Where(TypedDict, total=False):
    """Which requests a scenario is to meet: those for which all of it holds.

    `operation` is an id, `GET /path` as documented, or one of `KINDS`; `body` maps places of it (JSONPath or JSON
    Pointer) to the values there; `record` is the key of the record that is asked for, `page` the number of the page.
    """

    provider: str
    operation: str
    query: Mapping[str, Any]
    header: Mapping[str, Any]
    body: Mapping[str, Any]
    record: str | int
    page: int


def write_conditions(where: Where, providers: Sequence[Provider]) -> dict[str, Any]:
    """The same as the admin API takes it; `providers` are those whose operations may be meant.

    Raises: UnderstudyError for an operation that none of them documents, or several do.
    """
    when: dict[str, Any] = dict(where)
    for name in {"query", "header"} & when.keys():
        when[name] = {each: str(value) for each, value in when[name].items()}
    operation = where.get("operation", "")
    if operation and operation not in KINDS:
        meant = sorted(find_operations(providers, operation))
        if len(meant) > 1:
            names = ", ".join(".".join(each) for each in meant)
            raise UnderstudyError(f"Several operations are called {operation!r}: {names}; name the provider as well.")
        when |= {"provider": meant[0][0], "operation": meant[0][1]}
    return when
