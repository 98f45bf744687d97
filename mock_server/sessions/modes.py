"""The words that switches of a server take."""

from __future__ import annotations

LIMIT_MODES = ("report", "enforce", "off")
EXAMPLE_MODES = ("records", "prefer", "never")
REQUEST_MODES = ("refuse", "report", "off")
CREDENTIAL_MODES = ("any", "listed")

DOCUMENTED_MODES = ("documented", "always")
"""Of what a provider may know and another one not: ETags, idempotency keys."""
