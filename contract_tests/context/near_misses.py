"""Credentials that are almost the right one: what a comparison that is not one of the whole would take for it."""

from __future__ import annotations

import base64
import string
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from contract_tests.transport import WRONG

BASE64URL = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
LEAST_LENGTH = 6
"""Characters a credential has at least to have near misses: of a shorter one they would tell too much."""


class NearMiss(NamedTuple):
    """One way to spoil a credential: `words` say what was done to it, `make` does it.

    `shell` writes the result with the credential as a shell variable, from the variable's name and the result.
    """

    words: str
    make: Callable[[str], str]
    shell: Callable[[str, str], str]


def _change(credential: str, position: int) -> str:
    """Another character of the same kind at a position: a digit for a digit, a letter for a letter."""
    old = credential[position]
    return credential[:position] + _other_character(credential, old) + credential[position:][1:]


def _other_character(credential: str, old: str) -> str:
    """One of two characters, so that it tells nothing of the old one but that it is another."""
    if _is_signed(credential) and old in BASE64URL:
        # The last characters of a signature have bits that decoding drops: the highest one always counts.
        return "A" if BASE64URL.index(old) & 32 else "g"
    kind = next((kind for kind in _KINDS if old in kind), "xy")
    return kind[0] if old != kind[0] else kind[1]


_KINDS = (string.digits, "abcdef", "ABCDEF", string.ascii_lowercase, string.ascii_uppercase)


def _is_signed(credential: str) -> bool:
    """Whether it has the form of a signed token: three parts in base64."""
    parts = credential.split(".")
    return len(parts) == 3 and all(set(part) <= set(BASE64URL) for part in parts)


def _last(credential: str) -> int:
    """The position of the last character that tells something: not of padding."""
    return max(0, len(credential.rstrip("=")) - 1)


def change_end(credential: str) -> str:
    """The credential with its last character changed."""
    return _change(credential, _last(credential))


def change_middle(credential: str) -> str:
    """The credential with one character in the middle changed: a letter or digit, from the middle to the right."""
    middle = len(credential) // 2
    places = (number for number in range(middle, len(credential)) if credential[number].isalnum())
    return _change(credential, next(places, middle))


def swap_case(credential: str) -> str:
    """The credential with every letter in the other case."""
    return credential.swapcase()


def _shell_end(name: str, made: str) -> str:
    tail = made[len(made.rstrip("=")) - 1 :]
    return f"${{{name}%{'?' * len(tail)}}}{tail}"


def _shell_middle(name: str, made: str) -> str:
    middle = len(made) // 2
    number = next((n for n in range(middle, len(made)) if made[n].isalnum()), middle)
    return f"$(printf %s \"${name}\" | sed 's/./{made[number]}/{number + 1}')"


def _shell_case(name: str, made: str) -> str:
    return f"$(printf %s \"${name}\" | tr 'a-zA-Z' 'A-Za-z')"


END = NearMiss("A credential whose last character was changed", change_end, _shell_end)
CASE = NearMiss("A credential in the other case", swap_case, _shell_case)
PREFIX = NearMiss("A credential without its last character", lambda c: c[:-1], lambda name, made: f"${{{name}%?}}")
LONGER = NearMiss("A credential with a character appended", lambda c: f"{c}x", lambda name, made: f"${{{name}}}x")
MIDDLE = NearMiss("A credential with a character in its middle changed", change_middle, _shell_middle)
EMPTY = NearMiss("An empty credential", lambda c: "", lambda name, made: "")
ANY = NearMiss("A wildcard of SQL as the credential", lambda c: "%", lambda name, made: "%")
NULL = NearMiss("The word null as the credential", lambda c: "null", lambda name, made: "null")
UNDEFINED = NearMiss("The word undefined as the credential", lambda c: "undefined", lambda name, made: "undefined")

NEAR_MISSES: tuple[NearMiss, ...] = (END, CASE, PREFIX, LONGER, MIDDLE, EMPTY, NULL, ANY, UNDEFINED)
"""Those that tell most comparisons apart first."""

MADE_UP = frozenset({WRONG, *(near.make("") for near in (ANY, NULL, UNDEFINED))})
"""What is sent as a credential and tells nothing of one."""


def find_near_misses(credential: str) -> Iterator[NearMiss]:
    """The near misses of one credential: those that differ from it, none of one too short to be hidden in part."""
    if len(credential) < LEAST_LENGTH:
        return
    for near in NEAR_MISSES:
        if near.make(credential) != credential:
            yield near


def find_telling(credential: str) -> Iterator[str]:
    """The near misses that nearly give the credential away: as secret as the credential itself."""
    for near in find_near_misses(credential):
        made = near.make(credential)
        if len(made) >= len(credential) - 1:
            yield made


def find_shell_forms(credential: str, name: str) -> Mapping[str, str]:
    """Texts that hold the credential or nearly, and how each is written with a shell variable; the longest first."""
    forms = {near.make(credential): near for near in find_near_misses(credential)}
    shown = {made: near.shell(name, made) for made, near in forms.items() if len(made) >= len(credential) - 1}
    basic = base64.b64encode(f"{credential}:".encode()).decode()
    whole = {**shown, credential: f"${{{name}}}", basic: f'$(printf %s "${{{name}}}:" | base64 -w 0)'}
    return MappingProxyType(dict(sorted(whole.items(), key=lambda pair: len(pair[0]), reverse=True)))


def is_case_nothing(credential: str) -> bool:
    """Whether the case of a credential may be nothing: hexadecimal, as a UUID is."""
    return set(credential.lower()) <= set("0123456789abcdef-{}")
