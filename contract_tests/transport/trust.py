"""Whom a connection over TLS trusts: the usual authorities, or those that the environment names."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from pathlib import Path

import certifi

from mock_server.errors import UsageError

VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR")
"""Where a file or folder of trusted authorities is named, the first that is set; other tools know them as well."""


def make_trust(variables: Mapping[str, str]) -> ssl.SSLContext:
    """What certificates are judged by: a private authority's file in place of the usual ones, where one is named.

    Raises UsageError where that file cannot be used.
    """
    name = next((name for name in VARIABLES if variables.get(name, "").strip()), "")
    if not name:
        # Two lists: that of the system, which a company adds its own authority to, and the one that comes along.
        context = ssl.create_default_context()
        context.load_verify_locations(cafile=certifi.where())
        return context
    path = Path(variables[name].strip())
    try:
        context = ssl.create_default_context(
            cafile=None if path.is_dir() else str(path),
            capath=str(path) if path.is_dir() else None,
        )
    except (OSError, ssl.SSLError):
        raise UsageError(f"{name} names no file or folder of certificates (PEM) that can be read: {path}.") from None
    return context
