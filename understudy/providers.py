"""What a server plays, as it says itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from understudy.admin import Admin


class Provider(NamedTuple):
    """One API: where it answers, its documented hosts, the variables for its clients, its operations' ids."""

    name: str
    title: str
    path: str
    hosts: tuple[str, ...]
    variables: Mapping[str, str]
    operations: tuple[str, ...]


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
            tuple(operation["id"] for operation in each["operations"]),
        )
        for each in listed
    }
