"""Whom a connection over TLS trusts: the usual authorities, or those that the environment names."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from pathlib import Path

import certifi

from mock_server.errors import UsageError

VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR")
"""Where a file or folder of trusted authorities is named; other tools know them as well."""


def make_trust(variables: Mapping[str, str]) -> ssl.SSLContext:
    """What certificates are judged by: the authorities that variables name, the usual ones where none does.

    Raises UsageError where a file or folder cannot be used.
    """
    named = {name: Path(variables[name].strip()) for name in VARIABLES if variables.get(name, "").strip()}
    if not named:
        # Two lists: that of the system, which a company adds its own authority to, and the one that comes along.
        context = ssl.create_default_context()
        context.load_verify_locations(cafile=certifi.where())
        return context
    context = ssl.create_default_context()
    for name, path in named.items():
        try:
            _load(context, path)
        except (OSError, ssl.SSLError):
            raise UsageError(f"{name} names no certificates (PEM) that can be read: {path}.") from None
    return context


def _load(context: ssl.SSLContext, path: Path) -> None:
    if path.is_dir():
        context.load_verify_locations(capath=str(path))
    else:
        context.load_verify_locations(cafile=str(path))
