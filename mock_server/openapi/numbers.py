"""How large the values of a file may be, and numbers that fit where JSON is read."""

from __future__ import annotations

import math
import sys

MAX_DEPTH = 512
MAX_VALUES = 5_000_000
"""The most values of a file, each alias counted as what it stands for; GitHub's 13 MB hold 600,000."""

MAX_INTEGER = 2**64 - 1
MAX_DIGITS = 80

Oddities = list[tuple[int, str]]
"""What was odd in a text: line (0: not known) and problem."""


class RefusedError(ValueError):
    """A text is out of bounds; says how."""


_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


def is_shallow(text: str) -> bool:
    """Whether brackets are nested little, counted roughly: those in quotes count as well.

    Readers in C and Rust take the square of a depth, or end the process.
    """
    depth = 0
    for sign in text.encode("utf-8", "replace").translate(None, _NO_BRACKETS):
        depth = depth + 1 if sign in b"[{" else max(depth - 1, 0)
        if depth > MAX_DEPTH:
            return False
    return True


def read_number(digits: str) -> float:
    """A number; one that is larger than all that a client can read is the largest."""
    number = float(digits)
    return number if math.isfinite(number) else math.copysign(sys.float_info.max, number)


def read_integer(digits: str, base: int, oddities: Oddities, line: int) -> int | float:
    """A whole number; one beyond 64 bits as the nearest number that readers of JSON know, which is noted."""
    number = int(digits, base) if len(digits) <= MAX_DIGITS else MAX_INTEGER + 1
    if abs(number) <= MAX_INTEGER:
        return number
    shown = digits if len(digits) < MAX_DIGITS // 4 else f"{digits[: MAX_DIGITS // 4]}…"
    oddities.append((line, f"the number {shown} needs more than 64 bits"))
    return read_number(digits) if base == 10 else float(number)
