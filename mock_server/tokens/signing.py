"""Signatures of JSON Web Tokens: RS256 (RFC 7518, 3.3) by a key that a seed decides.

It signs for a mock whose key anybody can derive from its seed: what counts is that every validator accepts it.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import math
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

KEY_BITS, EXPONENT = 2048, 65_537
ROUNDS = 20
"""How often a number is tried for being none but a prime (Miller-Rabin): it is not by chance of one in 4 to the 20."""

SMALL = tuple(n for n in range(3, 2000, 2) if all(n % d for d in range(3, int(n**0.5) + 1, 2)))
SMALL_PRODUCT = math.prod(SMALL)

_SHA256 = bytes.fromhex("3031300d060960864801650304020105000420")
"""What says in a signature that SHA-256 was taken (RFC 8017, 9.2)."""


class Key(NamedTuple):
    """An RSA key: two primes, their product, and the private exponent by each prime."""

    p: int
    q: int
    modulus: int
    exponent_p: int
    exponent_q: int

    def sign(self, message: bytes) -> bytes:
        """The signature of RSASSA-PKCS1-v1_5 with SHA-256."""
        size = self.modulus.bit_length() // 8
        digest = _SHA256 + hashlib.sha256(message).digest()
        padded = b"\x00\x01" + b"\xff" * (size - len(digest) - 3) + b"\x00" + digest
        number = int.from_bytes(padded, "big")
        by_p, by_q = pow(number, self.exponent_p, self.p), pow(number, self.exponent_q, self.q)
        signed = by_q + self.q * ((by_p - by_q) * pow(self.q, -1, self.p) % self.p)
        return signed.to_bytes(size, "big")

    def publish(self) -> dict[str, str]:
        """The public half as a JSON Web Key (RFC 7517)."""
        numbers = {"e": _encode_number(EXPONENT), "kty": "RSA", "n": _encode_number(self.modulus)}
        thumbprint = hashlib.sha256(json.dumps(numbers, separators=(",", ":")).encode()).digest()  # RFC 7638
        return {**numbers, "alg": "RS256", "use": "sig", "kid": encode(thumbprint)}


@functools.lru_cache(maxsize=64)
def derive_key(seed: str) -> Key:
    """The key of a seed: half a second the first time."""
    candidates = _draw_candidates(seed)
    p, q = (next(n for n in candidates if _is_prime(n)) for _ in range(2))
    return Key(p, q, p * q, pow(EXPONENT, -1, p - 1), pow(EXPONENT, -1, q - 1))


def _draw_candidates(seed: str) -> Iterator[int]:
    """Odd numbers of half the key's bits, the two highest set: the product of two has all bits of the key."""
    size, number = KEY_BITS // 16, 0
    while True:
        drawn = hashlib.shake_256(f"{seed}/signing key/{number}".encode()).digest(size)
        yield int.from_bytes(drawn, "big") | 3 << (size * 8 - 2) | 1
        number += 1


def _is_prime(number: int) -> bool:
    """Whether a number is a prime whose predecessor the public exponent does not divide."""
    if math.gcd(number, SMALL_PRODUCT) != 1 or (number - 1) % EXPONENT == 0:
        return False
    twos = ((number - 1) & -(number - 1)).bit_length() - 1
    return all(_may_be_prime(number, twos, base) for base in (2, *SMALL[: ROUNDS - 1]))


def _may_be_prime(number: int, twos: int, base: int) -> bool:
    power = pow(base, (number - 1) >> twos, number)
    if power in (1, number - 1):
        return True
    return any((power := power * power % number) == number - 1 for _ in range(twos - 1))


def sign_token(seed: str, claims: Mapping[str, Any]) -> str:
    """A JSON Web Token (RFC 7519) signed by the key of a seed."""
    key = derive_key(seed)
    header = {"alg": "RS256", "typ": "JWT", "kid": key.publish()["kid"]}
    signed = ".".join(encode(json.dumps(part, separators=(",", ":")).encode()) for part in (header, claims))
    return f"{signed}.{encode(key.sign(signed.encode()))}"


def read_claim(text: str, name: str) -> str:
    """A claim of a JSON Web Token, its signature not looked at; empty where there is none."""
    parts = text.split(".")
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))) if len(parts) == 3 else {}
    except ValueError:
        return ""
    return str(claims.get(name, "")) if isinstance(claims, dict) else ""


def encode(data: bytes) -> str:
    """Base64 as in URLs, without padding."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _encode_number(number: int) -> str:
    return encode(number.to_bytes((number.bit_length() + 7) // 8, "big"))
