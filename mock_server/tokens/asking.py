"""What a client asks of a token endpoint: its parameters, read of a form or of JSON, and who it says it is."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import parse_qsl, unquote_plus

from mock_server.messages import Request
from mock_server.tokens.issuing import Issuer

MAX_PARAMETERS = 100


@dataclass
class OAuthError(Exception):
    """A refusal as RFC 6749 writes it (5.2 and 4.1.2.1): its word, and a sentence for people."""

    word: str
    sentence: str


class Client(NamedTuple):
    """Who a client says it is; without a secret it is a public one. `is_basic` tells how it said so."""

    id: str = ""
    secret: str = ""
    is_basic: bool = False


def read_parameters(request: Request, texts_only: bool = False) -> dict[str, str]:
    """The parameters in a body: a form, or an object of JSON, whose other values are no parameters with `texts_only`.

    Raises: OAuthError `invalid_request`.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    is_object = media_type.endswith("json") or (not media_type and request.body.lstrip()[:1] == b"{")
    pairs = _read_json(request.body, texts_only) if is_object else _read_form(request.body)
    return collect(pairs)


def collect(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """Parameters by name; one without a value is left out. Raises: OAuthError for one that came twice."""
    names = [name for name, _ in pairs]
    twice = next((name for name in names if names.count(name) > 1), "")
    if twice:
        raise OAuthError("invalid_request", f"the parameter {_shown(twice)} came more than once")
    return {name: value for name, value in pairs if value}


def _read_form(body: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MAX_PARAMETERS)
    except ValueError:
        raise OAuthError("invalid_request", "the body is no form of text") from None


def _read_json(body: bytes, texts_only: bool) -> list[tuple[str, str]]:
    try:
        pairs = json.loads(body, object_pairs_hook=list)
    except (ValueError, RecursionError):
        raise OAuthError("invalid_request", "the body is not JSON") from None
    if not isinstance(pairs, list) or len(pairs) > MAX_PARAMETERS or not all(isinstance(p, tuple) for p in pairs):
        raise OAuthError("invalid_request", "the body is no object of JSON")
    given = [(str(name), value) for name, value in pairs if isinstance(value, str) or not (texts_only or value is None)]
    return [(name, value if isinstance(value, str) else json.dumps(value)) for name, value in given]


def _shown(text: str) -> str:
    """A name as an error may say it: visible characters but quotes and backslashes (RFC 6749, 5.2)."""
    return "".join(sign if " " < sign < "\x7f" and sign not in '"\\' else "?" for sign in text[:50])


def read_client(request: Request, parameters: Mapping[str, str]) -> Client:
    """Who asks, by `Authorization: Basic` or by the body. Raises: OAuthError where the two do not go together."""
    in_body = Client(parameters.get("client_id", ""), parameters.get("client_secret", ""))
    scheme, _, text = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return in_body
    basic = _read_basic(text.strip())
    if in_body.secret or in_body.id not in ("", basic.id):
        raise OAuthError("invalid_request", "the client says who it is in two ways")
    return basic


def _read_basic(text: str) -> Client:
    try:
        name, colon, secret = base64.b64decode(text, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        raise OAuthError("invalid_client", "the credentials are not those of Basic authentication") from None
    if not colon:
        raise OAuthError("invalid_client", "the credentials are not those of Basic authentication")
    return Client(unquote_plus(name), unquote_plus(secret), True)  # RFC 6749, 2.3.1


def require_client(issuer: Issuer, scheme: str, client: Client, is_confidential: bool = False) -> None:
    """A client that gives a secret gives one that is accepted; one that must authenticate does.

    Raises: OAuthError `invalid_client`.
    """
    if (client.secret or client.is_basic) and not (client.id and issuer.accepts(client.secret, scheme)):
        raise OAuthError("invalid_client", "the client is not known by this secret")
    if is_confidential and not client.secret:
        raise OAuthError("invalid_client", "the client does not say who it is")
