"""Tokens in the admin API: what a session was issued, without the texts, and taking it back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import flask

from mock_server.errors import Problem
from mock_server.messages import Tester
from mock_server.server.admin import Admin
from mock_server.state import EVERY_SCOPE, IssuedToken, Session

Plain = dict[str, Any]


class TokenAdmin:
    """What the admin API answers of tokens, as plain values; raises Problem."""

    def __init__(self, admin: Admin) -> None:
        self._admin, self._tokens = admin, admin.apis.services.state.tokens

    def list_tokens(self) -> Plain:
        """`GET tokens`: those of a session, the newest first."""
        session = self._admin.find_session()
        listed = self._tokens.all(session.scope) if self._tokens else []
        return {"tokens": [describe_token(token, session) for token in listed]}

    def revoke(self, identifier: str) -> Plain:
        """`DELETE tokens/{id}`: from now on it is refused."""
        revoked = self._tokens.revoke(identifier) if self._tokens else None
        if revoked is None:
            raise Problem(404, "Not Found", f"No token has the id {identifier[:40]!r}.")
        return {"revoked": revoked}

    def revoke_all(self) -> Plain:
        """`DELETE tokens`: all of a session, or of all sessions."""
        sessions = self._admin.sessions
        chosen = [self._admin.find_session()] if "session" in flask.request.args else sessions.all()
        revoked = self._tokens.revoke_all(session.scope for session in chosen) if self._tokens else 0
        return {"revoked": revoked}

    def routes(self) -> tuple[tuple[str, str, Callable[..., Any]], ...]:
        """Method, path and what answers."""
        return (
            ("GET", "/tokens", self.list_tokens),
            ("DELETE", "/tokens", self.revoke_all),
            ("DELETE", "/tokens/<identifier>", self.revoke),
        )


def describe_token(token: IssuedToken, session: Session) -> Plain:
    """A token without its text; `journal` is how the journal writes that."""
    now = Tester(session.scope, session.clock_seconds).now
    return {
        "id": token.id,
        "kind": token.kind,
        "provider": token.provider,
        "scheme": token.scheme,
        "client": token.client,
        "user": token.user,
        "scopes": [] if token.scopes == EVERY_SCOPE else list(token.scopes),
        "issued": _moment(token.issued),
        "expires": _moment(token.expires),
        "ended": token.find_end(now),
        "ending": token.ending,
        "journal": f"[redacted {token.mark}]",
    }


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
