"""The check digit of an Indian GSTIN: Luhn modulo 36."""

from __future__ import annotations

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_SINGLE = {c: n for n, c in enumerate(_ALPHABET)}
_DOUBLE = {c: sum(divmod(2 * n, 36)) for n, c in enumerate(_ALPHABET)}
_WEIGHTS = (_SINGLE, _DOUBLE) * 7


def with_check_digit(first_fourteen: str) -> str:
    """The whole number for its first fourteen characters."""
    total = 0
    for weights, character in zip(_WEIGHTS, first_fourteen):
        total += weights[character]
    # Minus, in Python, is already the complement to the next multiple of 36.
    return first_fourteen + _ALPHABET[-total % 36]
