"""What must hold of operations that log in: a scheme that is there, and an answer that shows the token once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mock_server.contract.documents import Bundle, walk
from mock_server.contract.lint_responses import error_kind
from mock_server.errors import ContractError, suggest


def check_token(bundle: Bundle, pointer: str, node: Mapping[str, Any]) -> Iterator[ContractError]:
    """Every problem of what an operation issues, or shows without issuing anything."""
    success: Mapping[str, Any] = next((each for each in node["responses"].values() if not error_kind(each)), {})
    facts = [str(each["x-token"]) for _, each in walk(success) if isinstance(each, dict) and "x-token" in each]
    scheme = node.get("x-effect", {}).get("token", "")
    if not scheme:
        if facts:
            yield bundle.problem(pointer, "the answer shows a token, and none is issued", "x-effect: {token: a scheme}")
        return
    schemes = bundle.document["components"].get("securitySchemes", {})
    if scheme not in schemes:
        here = f"{pointer}/x-effect/token"
        yield bundle.problem(here, f"no security scheme is called {scheme!r}", suggest(scheme, schemes, else_all=True))
    if facts.count("token") != 1:
        problem = "the answer does not show the token, or more than once"
        yield bundle.problem(f"{pointer}/responses", problem, "x-token: token on one property")
