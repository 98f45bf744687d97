"""The operation that a mapping names, in place of a URL."""

from __future__ import annotations

from collections.abc import Mapping

from mock_server.contract import Contract
from mock_server.errors import with_suggestion


def find_named_operation(contracts: Mapping[str, Contract], provider: str, name: str) -> tuple[str, str]:
    """Provider and id of an operation by its id or as `GET /clients`, with its base path or without it.

    Without a provider it must be known to one alone. Raises: ValueError with what is known.
    """
    if provider and provider not in contracts:
        raise ValueError(with_suggestion(f"names no provider: {provider!r}.", provider, contracts))
    asked = {provider: contracts[provider]} if provider else contracts
    names = {key: each for key, contract in asked.items() for each in [list(_find_names(contract))]}
    hits = [(key, operation) for key, pairs in names.items() for written, operation in pairs if written == name]
    if len(dict(hits)) > 1:
        raise ValueError(f"is an operation of {' and '.join(dict(hits))}; say which provider is meant.")
    if not hits:
        known = [written for pairs in names.values() for written, _ in pairs]
        raise ValueError(with_suggestion(f"names no operation: {name!r}.", name, known))
    return hits[0]


def _find_names(contract: Contract) -> list[tuple[str, str]]:
    """What each operation may be called, with its id."""
    return [
        (name, operation.id)
        for operation in contract.operations
        for name in (
            operation.id,
            f"{operation.method} {operation.path}",
            f"{operation.method} {operation.path.removeprefix(contract.base_path)}",
        )
    ]
