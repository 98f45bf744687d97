"""What a secret looks like in other signs than its own: as numbers, packed, backwards, and one of these upon another.

No unescaping leads back from these, so they are listed. Case and the signs between letters and digits do not matter
here: whoever searches for these does without both.
"""

from __future__ import annotations

import base64
import codecs
from collections.abc import Iterator
from urllib.parse import quote

from mock_server.state.secret_forms import ANYWHERE_LENGTH, find_cores, wide, without_dashes

BETWEEN = (" ", "  ", "-", ".", ",", ", ", ":", "_", "|", "\0", "\n", "\u200b", '", "', '","', "', '")
"""Signs that stand between a text's own where it is spelled out, or where each is followed by a zero byte (UTF-16)."""


def find_codes(secret: str) -> Iterator[str]:
    """Every other writing of a secret that is known, one encoding upon another included."""
    bare = without_dashes(secret)
    for text in dict.fromkeys((secret, bare if len(bare) >= ANYWHERE_LENGTH else secret)):
        yield from (text, text[::-1], codecs.encode(text, "rot13"), text.replace(" ", "+"))
        yield text.replace("~", "~0").replace("/", "~1")  # as a step of a JSON Pointer
        for raw in (_encode(text), *wide(text)):
            yield from _numbers(raw)
            yield from _packed(raw)
        for other in (text[::-1], text.upper(), text.lower(), quote(_encode(text), safe="")):
            yield from _packed(_encode(other))
    for raw in _uuid_bytes(bare):
        yield from _packed(raw)
    yield from _twice(_encode(secret))


def spell_out(form: str) -> Iterator[str]:
    """A form with one sign between each two of its own."""
    yield from (sign.join(form) for sign in BETWEEN)


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _numbers(raw: bytes) -> Iterator[str]:
    """The bytes as numbers, one behind the other: hexadecimal, decimal, octal and binary."""
    for number in ("{:02x}", "0x{:02x}", "{}", "{:03}", "{:o}", "{:03o}", "{:08b}"):
        yield "".join(number.format(byte) for byte in raw)


def _packed(raw: bytes) -> Iterator[str]:
    """The bytes in base64 and base32, wherever they stand in a longer text, and in base85 where they are alone."""
    yield from find_cores(raw, 6)
    yield from find_cores(raw, 5)
    yield base64.b85encode(raw).decode()
    yield base64.a85encode(raw).decode()


def _twice(raw: bytes) -> Iterator[str]:
    """What is encoded and then encoded again."""
    whole = base64.b64encode(raw).decode()
    for once in (whole, *find_cores(raw, 6), *find_cores(raw, 5), raw.hex(), raw.hex().upper()):
        yield from find_cores(once.encode(), 6)
        yield from (once.encode().hex(), once[::-1])


def _uuid_bytes(bare: str) -> Iterator[bytes]:
    """The bytes that a UUID, or any text of hexadecimal digits, stands for; of a UUID also as .NET orders them."""
    if len(bare) >= 2 * ANYWHERE_LENGTH and len(bare) % 2 == 0 and not set(bare.lower()) - set("0123456789abcdef"):
        raw = bytes.fromhex(bare)
        yield raw
        if len(raw) == 16:
            yield raw[3::-1] + raw[5:3:-1] + raw[7:5:-1] + raw[8:]
