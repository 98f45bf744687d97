"""What a target has answered, by request: a run that begins again under other readings asks here first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from contract_tests.transport.exchanges import Exchange
from contract_tests.transport.wire import WireRequest

Key = tuple[str, str, bytes, tuple[tuple[str, str], ...]]

LABELS = ("x-schemathesis-",)
"""Headers that name a request and are not of it."""


class Record:
    """The answered exchanges of each request in the order they came.

    After `rewind` the n-th identical request gets the n-th answer, and the last one from then on; a request that was
    never sent gets none.
    """

    def __init__(self) -> None:
        self._exchanges: dict[Key, list[Exchange]] = {}
        self._known: dict[Key, int] = {}
        self._taken: Counter[Key] = Counter()
        self._earlier: list[Exchange] = []

    def keep(self, request: WireRequest, exchange: Exchange) -> None:
        """Remember an exchange."""
        self._exchanges.setdefault(_key(request), []).append(exchange)

    def holds(self, exchange: Exchange) -> bool:
        """Whether an exchange, or another one made of its answer, was kept."""
        known = (e for exchanges in self._exchanges.values() for e in exchanges)
        return any(e.answer is exchange.answer for e in known)

    def find(self, request: WireRequest) -> Exchange | None:
        """The first exchange of a request, whenever it was sent."""
        return next(iter(self._exchanges.get(_key(request), ())), None)

    def take(self, request: WireRequest) -> Exchange | None:
        """The next exchange that stood in the record when it was rewound, or None."""
        key = _key(request)
        known, number = self._known.get(key, 0), self._taken[key]
        self._taken[key] += 1
        return self._exchanges[key][min(number, known - 1)] if known else None

    def rewind(self, judged: Iterable[Exchange]) -> None:
        """Begin again with the first exchange of each request; `judged` are those of the pass that ends."""
        self._earlier += judged
        self._known = {key: len(exchanges) for key, exchanges in self._exchanges.items()}
        self._taken.clear()

    def take_rest(self, judged: Iterable[Exchange]) -> Iterator[Exchange]:
        """The exchanges of earlier passes whose answers are not among those `judged` now; once."""
        shown = {id(exchange.answer) for exchange in judged}
        rest, self._earlier = self._earlier, []
        for exchange in rest:
            if id(exchange.answer) not in shown:
                shown.add(id(exchange.answer))
                yield exchange


def _key(request: WireRequest) -> Key:
    headers = ((name.lower(), value) for name, value in request.headers)
    plain = sorted((name, value) for name, value in headers if not name.startswith(LABELS))
    return request.method, request.url, request.body, tuple(plain)
