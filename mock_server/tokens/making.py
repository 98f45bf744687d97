"""From a contract to who issues its tokens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mock_server.contract import Contract, find_pointer
from mock_server.state import SharedState
from mock_server.tokens.issuing import Issuer
from mock_server.tokens.places import find_places, is_jwt, lead_here

Node = Mapping[str, Any]


def make_issuer(contract: Contract, seed: str, state: SharedState, is_listed: bool) -> Issuer:
    """Who issues the tokens of a contract."""
    schemes = list(_find_schemes(contract.document))
    asked: dict[str, dict[str, None]] = {}
    for operation in contract.operations:
        for scheme in (scheme for alternative in operation.security for scheme in alternative):
            asked.setdefault(scheme.name, {}).update(dict.fromkeys(scheme.scopes))
    places = find_places(schemes, contract.base_path, {name: tuple(scopes) for name, scopes in asked.items()})
    signing = frozenset(name for name, node in schemes if is_jwt(node))
    return Issuer(contract.provider, seed, state, contract.schemes, is_listed, places, signing)


def publish_schemes(contract: Contract, url: str) -> dict[str, Node]:
    """The security schemes of a contract as who asks the mock knows them: a provider at `url` issues the tokens."""
    return lead_here(_find_schemes(contract.document), contract.base_path, url)


def _find_schemes(document: Node) -> Iterator[tuple[str, Node]]:
    """The security schemes of a document by their names; a reference to another place of it is followed once."""
    components = document.get("components")
    listed = components.get("securitySchemes") if isinstance(components, Mapping) else None
    for name, node in listed.items() if isinstance(listed, Mapping) else ():
        reference = node.get("$ref") if isinstance(node, Mapping) else None
        if isinstance(reference, str) and reference.startswith("#/"):
            node = find_pointer(document, reference[1:])
        if isinstance(node, Mapping):
            yield str(name), node
