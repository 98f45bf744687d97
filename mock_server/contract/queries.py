"""Places of a document that a query finds: JSONPath (RFC 9535)."""

from __future__ import annotations

from typing import Any, NamedTuple


class Place(NamedTuple):
    """One match: the keys and positions that lead to it from the root, and what stands there."""

    steps: tuple[str | int, ...]
    value: Any


def find_matches(document: Any, query: str) -> list[Place]:
    """Every place of a document that a JSONPath names, in its order; a place may come twice.

    Raises: ValueError with why a query is none.
    """
    # Here and not on top of the module: its library takes a tenth of a second to import, and few starts have a query.
    from mock_server.contract.dialect import search_document

    return [Place(steps, value) for steps, value in search_document(document, query)]
