"""Every form a secret can take in a text: what hides one must hide them all."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

SEARCHED_LENGTH, ANYWHERE_LENGTH = 4, 8
"""Characters from which a secret is searched for in text at all, and from which it is one wherever it stands.

In between it is replaced where it stands alone: `demo` goes, `democracy` stays. A shorter one cannot be told from
the text around it, and to replace every `x` of a report would leave no report; where a credential is sent, in its
header or parameter, it is hidden by that name, however short it is.
"""


def is_searched(secret: str) -> bool:
    """Whether a secret is long enough to be found in text; a shorter one is hidden only where it is sent."""
    return len(secret) >= SEARCHED_LENGTH


def pattern_of(form: str) -> str:
    """A form as a regular expression: anywhere, or alone where it is short."""
    escaped = re.escape(form)
    return escaped if len(form) >= ANYWHERE_LENGTH else rf"(?<![^\W_]){escaped}(?![^\W_])"


def find_forms(secret: str) -> set[str]:
    """Every text that gives the secret away: plain, quoted, escaped, in hexadecimal, in base64."""
    raw = secret.encode("utf-8", "surrogatepass")
    escaped = "".join(f"\\u{ord(c):04x}" for c in secret)
    percent = "".join(f"%{byte:02x}" for byte in raw)
    forms = {
        secret,
        quote(raw, safe=""),
        quote(quote(raw, safe=""), safe=""),
        quote_plus(raw),
        quote(raw),
        html.escape(secret),
        json.dumps(secret)[1:-1],
        json.dumps(json.dumps(secret))[3:-3],
        repr(secret)[1:-1],
        escaped,
        percent,
        raw.hex(),
        *_base64_cores(raw),
    }
    return {form for form in forms if len(form) >= SEARCHED_LENGTH}


def _base64_cores(raw: bytes) -> Iterator[str]:
    """What base64 makes of the bytes wherever they stand in a longer text: one core for each of three alignments."""
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + raw).decode().rstrip("=")
        start = (0, 2, 3)[shift]
        end = len(encoded) - (1 if (len(raw) + shift) % 3 else 0)
        if end - start >= 6:
            yield encoded[start:end]
            yield encoded[start:end].replace("+", "-").replace("/", "_")
