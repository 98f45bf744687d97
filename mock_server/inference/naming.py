"""Readable names for collections, from the paths of their lists."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from mock_server.inference.views import OperationView
from mock_server.inference.words import VERSION_WORDS, split_words

_VERBS = re.compile(r"^(search|list|all|index|find|query|browse|get|find_.*|search_.*|get_.*|list_.*|filter)$")
"""Last words of a path that say what is done, not what is listed."""


class Names:
    """Names of which each is given once; where all are taken, numbers tell them apart."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._counts: dict[str, int] = {}

    def take(self, proposals: Iterable[str]) -> str:
        """The first of these names that is free, else the last one with a number."""
        known = list(proposals)
        name = next((each for each in known if each not in self._taken), "") or self._number(known[-1])
        self._taken.add(name)
        return name

    def _number(self, name: str) -> str:
        # Counted on from the last one: a document may have ten thousand of one name.
        while True:
            self._counts[name] = self._counts.get(name, 1) + 1
            numbered = f"{name}_{self._counts[name]}"
            if numbered not in self._taken:
                return numbered


def propose_names(view: OperationView) -> Iterator[str]:
    """Names for what an operation is about, shortest first: `orders`, `users.orders`; nested ones have two words."""
    named = [word for word in view.words if not VERSION_WORDS.match(word)] or view.words
    words = [joined for word in named if (joined := "_".join(split_words(word)))]
    nouns = [word for word in words if not _VERBS.match(word)] or words or ["records"]
    start = 2 if view.slots and len(nouns) > 1 else 1
    for count in range(start, len(nouns) + 1):
        yield ".".join(nouns[-count:])
    yield ".".join(words or nouns)
    yield ".".join(nouns)
