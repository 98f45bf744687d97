"""Every form a secret can take in a text: what hides one must hide them all."""

from __future__ import annotations

import base64
import functools
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


@functools.lru_cache(maxsize=256)
def find_forms(secret: str) -> frozenset[str]:
    """The texts that usually give a secret away: plain, escaped sign by sign, as bytes, in base64 and base32, twice.

    `SecretSearch` finds more of them, in any mixture; these are what is quickly looked for.
    """
    raw = secret.encode("utf-8", "surrogatepass")
    once = base64.b64encode(raw).decode()
    forms = {*_escaped(secret), secret[::-1], raw.hex(), raw.hex().upper(), *find_cores(raw, 6), *find_cores(raw, 5)}
    forms |= {core for known in (once.encode(), *wide(secret)) for core in find_cores(known, 6)}
    bare = without_dashes(secret)
    if len(bare) >= ANYWHERE_LENGTH:
        forms |= {bare, *find_cores(bare.encode("utf-8", "surrogatepass"), 6)}
    return frozenset(form for form in forms if len(form) >= SEARCHED_LENGTH)


def _escaped(secret: str) -> Iterator[str]:
    """The secret sign by sign, as HTML, URLs, JSON and programs escape it."""
    raw = secret.encode("utf-8", "surrogatepass")
    quoted = quote(raw, safe="")
    yield from (secret, quoted, quote(quoted, safe=""), quote_plus(raw), quote(raw), html.escape(secret))
    yield from (json.dumps(secret)[1:-1], json.dumps(json.dumps(secret))[3:-3], repr(secret)[1:-1])
    for signs in ("%{:02x}", "%{:02X}", "\\x{:02x}", "\\{:o}", "\\{:03o}"):
        yield "".join(signs.format(byte) for byte in raw)
    for signs in ("\\u{:04x}", "&#{};", "&#x{:x};", "&#x{:X};"):
        yield "".join(signs.format(ord(sign)) for sign in secret)


def without_dashes(secret: str) -> str:
    """A secret as it is written without the signs that only group it."""
    return "".join(sign for sign in secret if sign not in "-_ ")


def wide(text: str) -> tuple[bytes, bytes]:
    """UTF-16 in both orders of bytes."""
    return text.encode("utf-16-le", "surrogatepass"), text.encode("utf-16-be", "surrogatepass")


def find_cores(raw: bytes, bits: int) -> Iterator[str]:
    """What base64 (6 bits a sign) or base32 (5) makes of the bytes at every place: the signs that are theirs alone."""
    encode, places = (base64.b64encode, 3) if bits == 6 else (base64.b32encode, 5)
    for shift in range(places):
        encoded = encode(b"\0" * shift + raw).decode()
        start, end = -(-shift * 8 // bits), (shift + len(raw)) * 8 // bits
        if end - start >= 6:
            yield encoded[start:end]
            yield encoded[start:end].replace("+", "-").replace("/", "_")
