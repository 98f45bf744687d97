"""Who is calling: test credentials, where they stand in a request, and what each stands for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple, Protocol
from urllib.parse import parse_qs

from mock_server.contract import Scheme, get_test_value, present_credentials
from mock_server.messages import Request
from mock_server.state import IssuedToken

CREDENTIAL_STATES: Mapping[str, str] = {"valid": "", "expired": "unauthenticated", "inactive": "forbidden"}
"""What a listed credential stands for, and the error kind it is answered with."""


class Caller(NamedTuple):
    """Who sent a request: the credential (empty for nobody), its state, and the error kind it earns.

    Of a token that was issued, `token` is what is known of it, and `why` says for what it is refused.
    """

    credential: str
    state: str
    kind: str
    why: str = ""
    token: IssuedToken | None = None


NOBODY = Caller("", "anonymous", "")
REFUSED = Caller("", "unknown", "unauthenticated")

FindIssued = Callable[[Scheme, str], Caller | None]
"""From a scheme and what stands in its place to who was issued that, or None for what nobody issued here."""


class FindCaller(Protocol):
    """From a request, and what was issued where anything was, to who calls."""

    def __call__(self, request: Request, find_issued: FindIssued | None = None) -> Caller:
        """Who calls."""


def compile_caller(security: tuple[tuple[Scheme, ...], ...]) -> FindCaller:
    """A function that finds the caller of a request by an operation's security alternatives."""
    if not security:
        return lambda request, find_issued=None: NOBODY
    alternatives = [tuple(_compile_scheme(scheme) for scheme in schemes) for schemes in security]
    if len(alternatives) == 1 and len(alternatives[0]) == 1:
        return alternatives[0][0]

    def find(request: Request, find_issued: FindIssued | None = None) -> Caller:
        # All schemes of one alternative must hold; of several alternatives the best one counts.
        callers = [_weakest(scheme(request, find_issued) for scheme in schemes) for schemes in alternatives]
        return min(callers, key=lambda caller: _RANK[caller.kind])

    return find


_RANK = {"": 0, "forbidden": 1, "unauthenticated": 2}


def _weakest(callers: object) -> Caller:
    return max(callers, default=NOBODY, key=lambda caller: _RANK[caller.kind])  # type: ignore[call-overload,no-any-return]


def _compile_scheme(scheme: Scheme) -> FindCaller:
    known = {
        value: Caller(value, state, CREDENTIAL_STATES[state])
        for state, values in scheme.values.items()
        for value in values
    }
    field, prefix, cut = scheme.field.lower(), scheme.prefix, len(scheme.prefix)

    def choose(text: str, find_issued: FindIssued | None) -> Caller:
        return (find_issued(scheme, text) if find_issued and text else None) or REFUSED

    # Of a parameter that is sent twice the last one counts.
    if scheme.where == "query":

        def find_in_query(request: Request, find_issued: FindIssued | None = None) -> Caller:
            text = parse_qs(request.query).get(scheme.field, [""])[-1]
            return known.get(text) or choose(text, find_issued)

        return find_in_query

    def find(request: Request, find_issued: FindIssued | None = None) -> Caller:
        text = request.headers.get(field, "")
        # The scheme's name is not case-sensitive (RFC 9110, 11.1); the credential is.
        if prefix and text[:cut].lower() != prefix:
            return REFUSED
        text = text[cut:].strip()
        return known.get(text) or choose(text, find_issued)

    return find


def present(request: Request, security: tuple[tuple[Scheme, ...], ...], state: str) -> Request | None:
    """The request with the test credential of that state in place, or None when the contract lists none.

    For links and browsers, which cannot set a header (`?__credential=expired`).
    """
    schemes = security[0] if security else ()
    if not all(state in scheme.values for scheme in schemes):
        return None
    headers, query = present_credentials(schemes, get_test_value(state))
    return request._replace(
        headers={**request.headers, **{name.lower(): value for name, value in headers.items()}},
        query="".join([request.query, *(f"&{name}={value}" for name, value in query.items())]),
    )
