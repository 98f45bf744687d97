"""Kinds of operations that a fault may name in place of one operation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from mock_server.contract import Contract, Operation

EFFECTS = ("create", "replace", "patch", "delete")
"""The effects of operations that change records."""

SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")


class Kind(NamedTuple):
    """A kind of operations: whether one is of it, and what is said of providers that have some, where not all have."""

    is_meant: Callable[[Operation], bool]
    says: str = ""


def is_write(operation: Operation) -> bool:
    """Whether an operation changes something: records, or whatever an unsafe method does that shows none."""
    return operation.effect in EFFECTS or (operation.effect == "answer" and operation.method not in SAFE)


def _with_effects(*effects: str) -> Callable[[Operation], bool]:
    return lambda operation: operation.effect in effects


KINDS: Mapping[str, Kind] = {
    "list": Kind(lambda operation: operation.is_list),
    "record": Kind(lambda operation: not operation.is_list and not is_write(operation), "APIs with records by key"),
    "read": Kind(lambda operation: not is_write(operation)),
    "write": Kind(is_write, "APIs that write"),
    "create": Kind(_with_effects("create"), "APIs that create records"),
    "update": Kind(_with_effects("replace", "patch"), "APIs that update records"),
    "delete": Kind(_with_effects("delete"), "APIs that delete records"),
}
"""What a fault may name in place of one operation, by name."""


def is_operation_meant(named: str, contract: Contract, operation: Operation) -> bool:
    """Whether an operation is the one that a fault names, or one of the kind, or one of all where none is named.

    One that issues credentials must be named itself: a client whose first call fails does not get to its first page.
    """
    if named == operation.id or issues_credentials(contract, operation):
        return named == operation.id
    return not named or (named in KINDS and KINDS[named].is_meant(operation))


def issues_credentials(contract: Contract, operation: Operation) -> bool:
    """Whether an operation is how a client comes by its credential, as far as a contract tells.

    It is said to, or it asks for none where others do and shows no records.
    """
    if operation.effect == "token":
        return True
    return not operation.security and not operation.collection and any(each.security for each in contract.operations)
