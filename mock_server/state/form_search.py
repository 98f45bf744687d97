"""Many texts searched for at once, and more of them as they come."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

Span = tuple[int, int]
"""Where something stands in a text: its beginning, and the place behind its end."""

BEGINNING = 6
"""How many signs of each form are searched for at once; what begins like one is then compared."""


class FormSearch:
    """Texts that are searched for, in blocks: a block is compiled again only where as many texts are added to it."""

    def __init__(self) -> None:
        self._blocks: list[_Block] = []

    def add(self, forms: Iterable[str]) -> None:
        """Search for more texts from now on."""
        fresh = {form for form in forms if not any(form in block.forms for block in self._blocks)}
        # So each text is compiled as often as the number of all has doubled, and there are as many blocks at most.
        while fresh and self._blocks and len(self._blocks[-1].forms) <= len(fresh):
            fresh |= self._blocks.pop().forms
        self._blocks += [_Block(frozenset(fresh))] if fresh else []

    def find(self, text: str) -> Iterator[Span]:
        """Where any of them stands in a text, the longest at each place in each block."""
        for block in self._blocks:
            yield from block.find(text)


class _Block:
    """Texts that are searched for all at once."""

    def __init__(self, forms: frozenset[str]) -> None:
        self.forms = forms
        self._by_beginning: dict[str, list[str]] = {}
        for form in sorted(forms, key=len, reverse=True):
            self._by_beginning.setdefault(form[:BEGINNING], []).append(form)
        self._beginnings = re.compile(_either(sorted(self._by_beginning)))

    def find(self, text: str) -> Iterator[Span]:
        """Where any of them stands in a text, the longest at each place."""
        match = self._beginnings.search(text)
        while match:
            start = match.start()
            form = next((form for form in self._by_beginning[match[0]] if text.startswith(form, start)), "")
            if form:
                yield start, start + len(form)
            match = self._beginnings.search(text, start + 1)


def _either(words: list[str]) -> str:
    """Words of one length as a regular expression that looks at each sign once."""
    if len(words[0]) == 1:
        return f"[{''.join(map(re.escape, words))}]"
    by_sign: dict[str, list[str]] = {}
    for word in words:
        by_sign.setdefault(word[0], []).append(word[1:])
    return "(?:" + "|".join(re.escape(sign) + _either(rest) for sign, rest in by_sign.items()) + ")"
