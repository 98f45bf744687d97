"""Readable names for collections, from the paths of their lists."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from mock_server.inference.views import OperationView
from mock_server.inference.words import VERSION_WORDS, split_words

_VERBS = re.compile(r"^(search|list|all|index|find|query|browse|get|find_.*|search_.*|get_.*|list_.*|filter)$")
"""Last words of a path that say what is done, not what is listed."""


def propose_names(view: OperationView) -> Iterator[str]:
    """Names for what an operation is about, shortest first: `orders`, `users.orders`; nested ones have two words."""
    named = [word for word in view.words if not VERSION_WORDS.match(word)] or view.words
    words = [joined for word in named if (joined := "_".join(split_words(word)))]
    nouns = [word for word in words if not _VERBS.match(word)] or words or ["records"]
    start = 2 if view.slots and len(nouns) > 1 else 1
    for count in range(start, len(nouns) + 1):
        yield ".".join(nouns[-count:])
    yield ".".join(words or nouns)
    yield from (f"{'.'.join(nouns)}_{n}" for n in range(2, 100_000))


def choose_name(view: OperationView, taken: Iterable[str]) -> str:
    """The first name that is not taken."""
    known = set(taken)
    return next(name for name in propose_names(view) if name not in known)
