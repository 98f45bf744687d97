"""Requests sent twice under one idempotency key: whose header it is, and what tells another request from the same."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping

from mock_server.contract import Operation
from mock_server.messages import Request

USUAL_KEY_HEADERS = ("idempotency-key", "x-idempotency-key")
"""The names of the header where a document names none."""

MAX_KEY = 255
"""The longest key that is looked at; a longer one is as good as its hash."""

_NAME = re.compile("idempot", re.IGNORECASE)
_FIELD = re.compile("idempotency[_-]?(key|token)", re.IGNORECASE)


def find_key_header(operation: Operation) -> str:
    """The header in which an operation documents its idempotency key, in lower case; empty where it documents none."""
    named = (p.name.lower() for p in operation.parameters if p.where == "header" and _NAME.search(p.name))
    return next(named, "")


def read_key(headers: Mapping[str, str], names: Iterable[str] = USUAL_KEY_HEADERS) -> str:
    """The key that a request bears in the first of these headers; empty where it bears none."""
    key = next((headers[name].strip() for name in names if headers.get(name)), "")
    return key if len(key) <= MAX_KEY else hashlib.blake2b(key.encode("utf-8", "replace"), digest_size=32).hexdigest()


def find_body_key(names: Iterable[str]) -> str:
    """Which of the properties of a body is its idempotency key; empty where none is."""
    return next((name for name in names if _FIELD.fullmatch(name)), "")


def read_body_key(body: bytes, name: str) -> str:
    """The idempotency key in a property of a JSON body; empty where there is none."""
    try:
        sent = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    value = sent.get(name) if isinstance(sent, dict) else None
    return read_key({name: value}, (name,)) if isinstance(value, str) else ""


def make_fingerprint(request: Request) -> str:
    """What two requests under one key share if they are the same: method, target and body."""
    text = f"{request.method} {request.path}?{request.query}\n".encode("utf-8", "replace")
    return hashlib.blake2b(text + request.body, digest_size=16).hexdigest()
