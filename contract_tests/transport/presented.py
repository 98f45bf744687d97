"""How a credential of some state is presented with a request."""

from __future__ import annotations

from collections.abc import Mapping

from mock_server.contract import Operation, Presented, present_credentials

WRONG = "understudy-not-a-credential"
"""Presented where a wrong credential is asked for."""


def present(credentials: Mapping[str, Mapping[str, str]], operation: Operation, state: str) -> Presented:
    """How a credential of some state (`valid`, `expired`, …; `wrong`, `none`) is sent with an operation's request."""
    schemes = operation.security[0] if operation.security and state != "none" else ()
    if state == "wrong":
        return present_credentials(schemes, lambda scheme: WRONG)
    return present_credentials(schemes, lambda scheme: credentials[scheme.name][state])
