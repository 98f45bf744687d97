"""What a server plays, as it says itself."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from understudy.admin import Admin
from understudy.errors import UnderstudyError

__tracebackhide__ = True  # in what pytest shows


class Operation(NamedTuple):
    """One documented operation."""

    id: str
    method: str
    path: str


class Provider(NamedTuple):
    """One API: where it answers, its documented hosts, the variables for its clients, its operations."""

    name: str
    title: str
    path: str
    hosts: tuple[str, ...]
    variables: Mapping[str, str]
    operations: tuple[Operation, ...]

    def find_ids(self, operation: str) -> set[str]:
        """The ids of the operations that are called so: `addPet`, `petstore.addPet`, `POST /pets`, `POST /v1/pets`."""
        base = self.path.removeprefix(f"/{self.name}")
        return {
            each.id
            for each in self.operations
            if operation
            in (
                each.id,
                f"{self.name}.{each.id}",
                f"{each.method} {each.path}",
                f"{each.method} {each.path.removeprefix(base)}",
            )
        }


def is_host_of(pattern: str, host: str) -> bool:
    """Whether a host is a documented one: letters count as one, a `*` stands for labels."""
    before, star, behind = pattern.lower().partition("*")
    host = host.rstrip(".").lower()
    own = host.removeprefix(before).removesuffix(behind)
    return before + own + behind == host and bool(re.fullmatch("[a-z0-9.-]+", own)) if star else host == before


def read_providers(admin: Admin) -> dict[str, Provider]:
    """The providers of a server by name, in its order. Raises: UnderstudyError where none answers."""
    listed = admin.ask("GET", "/providers")["providers"]
    return {
        each["name"]: Provider(
            each["name"],
            each["title"],
            each["path"],
            tuple(each["hosts"]),
            each["variables"],
            tuple(Operation(one["id"], one["method"], one["path"]) for one in each["operations"]),
        )
        for each in listed
    }


def find_operations(providers: Iterable[Provider], operation: str) -> set[tuple[str, str]]:
    """Provider and id of all operations that are called so.

    Raises: UnderstudyError for what no provider documents, with the nearest: a slip would never be called.
    """
    providers = list(providers)
    known = {(each.name, identifier) for each in providers for identifier in each.find_ids(operation)}
    if not known:
        names = [name for each in providers for one in each.operations for name in (one.id, f"{one.method} {one.path}")]
        near = difflib.get_close_matches(operation, names, 1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise UnderstudyError(f"No operation is called {operation!r}.{hint}")
    return known
