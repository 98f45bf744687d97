"""What a value is called, and by what its name says: the words of names in any spelling, lower case."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import NamedTuple

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


class Label(NamedTuple):
    """What is known of the place of a value: its name, the words of what it belongs to, and the names beside it.

    All of them lower case words with a blank between: `createdAt`, `created_at`, `Created-At` are `created at`.
    """

    name: str = ""
    owner: str = ""
    siblings: frozenset[str] = frozenset()

    def has(self, *names: str) -> bool:
        """Whether one of these names stands beside it, or is part of one that does."""
        return any(name in sibling for name in names for sibling in self.siblings)


@functools.lru_cache(maxsize=16_384)
def split_words(name: str) -> str:
    """The words of a name in any spelling, lower case, with a blank between."""
    return " ".join(_WORD.findall(name)).lower()


def find_kind(name: str, kinds: Mapping[str, str]) -> str:
    """The kind of a name by the longest end of it that the table knows, or nothing: `billing postal code`."""
    words = name.split()
    for first in range(max(0, len(words) - 4), len(words)):
        phrase = " ".join(words[first:])
        if phrase in kinds:
            return kinds[phrase]
    joined = "".join(words)
    return kinds.get(joined, "")


def singular(name: str) -> str:
    """The name of one of many, as far as a simple rule knows: `addresses`, `cities`, `tags`; `status` stays."""
    for ending, one in (("sses", "ss"), ("ies", "y"), ("xes", "x"), ("ches", "ch"), ("shes", "sh")):
        if name.endswith(ending) and len(name) > len(ending) + 1:
            return name.removesuffix(ending) + one
    if name.endswith("s") and not name.endswith(("ss", "us", "is")) and len(name) > 3:
        return name[:-1]
    return name


def list_words(text: str) -> tuple[str, ...]:
    """The words of a text, in which tables are easier to read than in quotation marks."""
    return tuple(text.split())
