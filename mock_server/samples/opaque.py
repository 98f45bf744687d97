"""Codes and keys that mean nothing by themselves: of the form of an example, or of a form of ours."""

from __future__ import annotations

import re
from collections.abc import Callable

from mock_server.samples.draws import choose, mix, pick

Draw = Callable[[int], str]

_DIGITS = "0123456789"
_LOWER = "abcdefghijklmnopqrstuvwxyz"
_HEX = "0123456789abcdef"
_ALPHANUMERIC = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"

_TOKEN = re.compile(r"[A-Za-z0-9]+|[^A-Za-z0-9]+")
_HEX_TOKEN = re.compile(r"[0-9a-f]{6,}|[0-9A-F]{6,}")

MAX_VARIED = 200
"""A longer example is used as it stands: its form is its meaning."""


def make_uuid(number: int) -> str:
    """A random UUID (version 4)."""
    text = f"{number:016x}{mix(number, 1):016x}"
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{'89ab'[number & 3]}{text[17:20]}-{text[20:]}"


def make_letters(number: int, length: int, alphabet: str = _LOWER) -> str:
    """So many characters of an alphabet."""
    drawn, chosen = number, []
    for place in range(length):
        if place % 8 == 0:
            drawn = mix(drawn, 1)
        chosen.append(alphabet[((drawn >> (place % 8 * 8)) & 0xFF) % len(alphabet)])
    return "".join(chosen)


def make_hex(number: int, length: int) -> str:
    """So many hexadecimal digits."""
    return make_letters(number, length, _HEX)


def make_code(number: int) -> str:
    """A short code people could read out: `K7Q2XB`."""
    return make_letters(number, 6, _ALPHANUMERIC)


def vary_example(example: str) -> Draw | None:
    """A function to texts of the form of an example: `INV-0042`, `cus_9f8Ab2`; None for words, which have no such form.

    Digits become digits; letters become letters only in parts that mix both, for other parts are words.
    """
    if len(example) > MAX_VARIED or not any(character.isdigit() for character in example):
        return None
    pieces = [_vary_token(token) for token in _TOKEN.findall(example)]

    def draw(number: int) -> str:
        drawn, made = number, []
        for piece in pieces:
            drawn = mix(drawn, 1)
            made.append(piece if isinstance(piece, str) else piece(drawn))
        return "".join(made)

    return draw


def _vary_token(token: str) -> str | Draw:
    if not any(character.isdigit() for character in token):
        return token
    if token.isdigit():
        return lambda number: _vary_digits(token, number)
    if _HEX_TOKEN.fullmatch(token):
        return (lambda n: make_hex(n, len(token))) if token.islower() else (lambda n: make_hex(n, len(token)).upper())
    alphabets = [_find_alphabet(character) for character in token]
    # The first letters often say what it is (`ch1`, `v2`): they stay where digits follow.
    kept = len(token) - len(token.lstrip(_LOWER + _LOWER.upper())) if len(token) < 8 else 0
    return lambda number: (
        token[:kept]
        + "".join(
            alphabet[(mix(number, place) >> 40) % len(alphabet)] for place, alphabet in enumerate(alphabets[kept:])
        )
    )


def _vary_digits(token: str, number: int) -> str:
    """As many digits; a leading zero stays, and nothing else becomes one."""
    count = len(token)
    if token[0] == "0":
        return make_letters(number, count, _DIGITS) if count > 1 and set(token) != {"0"} else token
    low = 10 ** (count - 1)
    return str(low + pick(number, 9 * low)) if count <= 9 else str(low + number % (9 * low))


def _find_alphabet(character: str) -> str:
    if character.isdigit():
        return _DIGITS
    return _LOWER if character.islower() else _LOWER.upper()


def make_word_of(examples: list[str]) -> Draw:
    """One of the examples, as they stand."""
    return lambda number: choose(number, examples)
