"""How a credential is sent: under which name it stands in a request's headers or query, and as what text."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from mock_server.contract.model import Scheme


class Presented(NamedTuple):
    """What a request carries to present its credentials: header names as clients write them, and query parameters."""

    headers: dict[str, str]
    query: dict[str, str]


def present_credentials(schemes: Iterable[Scheme], find_value: Callable[[Scheme], str]) -> Presented:
    """The headers and query parameters that present the values of one alternative's schemes."""
    presented = Presented({}, {})
    for scheme in schemes:
        if scheme.where == "query":
            presented.query[scheme.field] = find_value(scheme)
        elif scheme.where == "cookie":
            before = f"{presented.headers['Cookie']}; " if "Cookie" in presented.headers else ""
            presented.headers["Cookie"] = f"{before}{scheme.field}={find_value(scheme)}"
        else:
            presented.headers[credential_header(scheme)] = scheme.prefix.title() + find_value(scheme)
    return presented


def credential_header(scheme: Scheme) -> str:
    """The header that a scheme's credential stands in, as clients write it: `Authorization`, `api_key`."""
    return "Authorization" if scheme.prefix else scheme.field


def get_test_value(state: str) -> Callable[[Scheme], str]:
    """From a scheme to its first test credential in a state (`valid`, `expired`, …); raises KeyError for none."""
    return lambda scheme: scheme.values[state][0]
