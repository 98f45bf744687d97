"""A session: one test's own view of a mock server, which no other test sees."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, Unpack

from understudy.admin import Admin, segment
from understudy.errors import UnderstudyError
from understudy.exchanges import Exchange, read_exchange
from understudy.expectations import (
    MAX_SHOWN,
    Meant,
    Values,
    count_times,
    find_departures,
    is_meant,
    render_exchanges,
)
from understudy.narrowing import Where, write_conditions
from understudy.providers import Provider, find_operations

if TYPE_CHECKING:
    from understudy.interception import Interception

__tracebackhide__ = True
"""pytest shows the line of a test that asserts or asks, and not what we do for it."""

HEADER = "Understudy-Session"

MAX_REQUESTS = 10_000


class Session:
    """One test's own view: its records, scenarios, clock, journal. It ends with `close()` or a `with` block."""

    def __init__(self, admin: Admin, name: str, providers: Mapping[str, Provider], provider: str = "") -> None:
        self._admin, self.name, self._providers, self._provider = admin, name, providers, provider
        self._path = f"/sessions/{segment(name)}"

    def __repr__(self) -> str:
        return f"<Session {self.name} of {self._admin.url}>"

    @property
    def providers(self) -> Mapping[str, Provider]:
        """What is played, by name."""
        return self._providers

    @property
    def headers(self) -> dict[str, str]:
        """What a request to the server's own URLs carries to be this session's."""
        return {HEADER: self.name}

    def url(self, provider: str = "") -> str:
        """The base URL of a provider (the only one, where there is one) in this session. Raises: UnderstudyError."""
        return f"{self._admin.url}/~{self.name}{self._choose(provider).path}"

    def env(self, provider: str = "") -> dict[str, str]:
        """The variables that tell a client where the provider is and how to sign in, for this session."""
        chosen = self._choose(provider)
        return {
            name: value.replace(f"{self._admin.url}/", f"{self._admin.url}/~{self.name}/", 1)
            for name, value in chosen.variables.items()
        }

    def of(self, provider: str = "") -> Session:
        """The same session, with a provider that is meant where none is named. Raises: UnderstudyError."""
        return Session(self._admin, self.name, self._providers, self._choose(provider).name if provider else "")

    def _choose(self, provider: str) -> Provider:
        known, provider = ", ".join(self._providers), provider or self._provider
        if not provider and len(self._providers) == 1:
            return next(iter(self._providers.values()))
        if not provider:
            raise UnderstudyError(f"Which provider is meant? This server plays {known}.")
        if provider not in self._providers:
            raise UnderstudyError(f"There is no provider {provider!r}; this server plays {known}.")
        return self._providers[provider]

    def intercept(self, others: str = "pass") -> Interception:
        """A block in which requests for documented hosts are this session's; see `understudy.intercept`."""
        from understudy.interception import intercept

        return intercept(self, others=others)

    # what plays

    def describe(self) -> dict[str, Any]:
        """The settings as they are: `seed`, `records`, `readings`, `scenarios`, `limits`, `clockOffsetSeconds`."""
        described: dict[str, Any] = self._admin.ask("GET", self._path)
        return described

    def change(self, **settings: Any) -> None:
        """Change settings: `seed`, `records`, `readings`, `scenarios`, `limits`. Raises: UnderstudyError."""
        self._admin.ask("PUT", self._path, body=settings)

    def play(self, *scenarios: str, **where: Unpack[Where]) -> Self:
        """Switch scenarios on, beside those that play; `where` says which requests alone they are to meet.

        Raises: UnderstudyError for a scenario that is not known, or an operation that nobody documents.
        """
        named = where.get("provider")
        when = write_conditions(where, [self._choose(named)] if named else [*self._providers.values()])
        for name in scenarios:
            self._set_state(name, "Playing", when)
        return self

    def stop(self, *scenarios: str) -> None:
        """Switch scenarios off: these, or all of them."""
        for name in scenarios:
            self._set_state(name, "Started")
        if not scenarios:
            self._admin.ask("POST", "/scenarios/reset", self._query)

    def _set_state(self, scenario: str, state: str, when: Mapping[str, Any] | None = None) -> None:
        body = {"state": state, **({"when": when} if when else {})}
        self._admin.ask("PUT", f"/scenarios/{segment(scenario)}/state", self._query, body)

    def advance(self, seconds: float) -> None:
        """Put the session's clock forward: tokens expire, limits begin anew."""
        self.change(clockOffsetSeconds=self.describe()["clockOffsetSeconds"] + seconds)

    # records and responses of one's own

    def add(
        self,
        provider: str,
        collection: str,
        record: Mapping[str, Any] | None = None,
        *,
        place: str = "first",
        parents: Mapping[str, str] | None = None,
        **fields: Any,
    ) -> dict[str, Any]:
        """Put in a record of one's own, and give it back with all that was made for it.

        Raises: UnderstudyError for what is wrong in it: the field, and what would be right.
        """
        below = [f"{name}:{key}" for name, key in (parents or {}).items()]
        query = {"place": place, "parent": below}
        added: dict[str, Any] = self._admin.ask(
            "POST",
            self._collection(provider, collection),
            query,
            {**(record or {}), **fields},
        )
        return added

    def records(self, provider: str, collection: str) -> list[dict[str, Any]]:
        """The records of a collection as the session sees them."""
        listed: list[dict[str, Any]] = []
        while True:
            query = {"offset": str(len(listed)), "limit": "1000"}
            page = self._admin.ask("GET", self._collection(provider, collection), query)
            listed += page["records"]
            if not page["records"] or len(listed) >= page["meta"]["total"]:
                return listed

    def _collection(self, provider: str, collection: str) -> str:
        return f"{self._path}/collections/{segment(self._choose(provider).name)}/{segment(collection)}"

    def answer(
        self,
        operation: str,
        *,
        status: int = 200,
        json: Any = None,
        body: str | None = None,
        headers: Mapping[str, str] | None = None,
        provider: str = "",
        request: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> str:
        """Answer an operation (its id, or `GET /path`) with exactly that from now on; the mapping's id.

        `request` narrows which requests are meant, in WireMock's words; `more` is what a response has beside these
        (`fixedDelayMilliseconds`, `fault`). Raises: UnderstudyError.
        """
        named = {"operation": operation} | ({"provider": provider} if provider else {})
        response = {"status": status, **more}
        response |= {"headers": dict(headers)} if headers else {}
        response |= {"body": body} if body is not None else {} if json is None else {"jsonBody": json}
        mapping = {"request": {**named, **(request or {})}, "response": response}
        return str(self._admin.ask("POST", "/mappings", self._query, mapping)["id"])

    # what was asked

    @property
    def _query(self) -> dict[str, str]:
        return {"session": self.name}

    def requests(self, operation: str = "", **values: Unpack[Values]) -> list[Exchange]:
        """What was asked, oldest first: all, or of an operation, with these values.

        An operation is its id, or `GET /path` as documented. Raises: UnderstudyError for one that nobody documents.
        """
        return self._select(self._list_requests(MAX_REQUESTS, bodies=True)[0], operation, Meant(**values))

    def _list_requests(self, limit: int, bodies: bool) -> tuple[list[Exchange], int]:
        """The last requests, oldest first, and how many there are in all."""
        query = {**self._query, "bodies": "true" if bodies else "false", "limit": str(limit)}
        listed = self._admin.ask("GET", "/requests", query)
        if listed["requestJournalDisabled"]:
            raise UnderstudyError("The server keeps no journal, so nobody knows what was asked.")
        return [read_exchange(entry) for entry in reversed(listed["requests"])], listed["meta"]["total"]

    def _select(self, exchanges: list[Exchange], operation: str, meant: Meant) -> list[Exchange]:
        wanted = find_operations(self._providers.values(), operation) if operation else None
        mine = [each for each in exchanges if wanted is None or (each.provider, each.operation) in wanted]
        return [each for each in mine if is_meant(each, meant)]

    def verdicts(self) -> list[str]:
        """What the client did wrong by the contract, a sentence each."""
        verdicts = self._admin.ask("GET", "/verdicts", self._query)["verdicts"]
        return [f"{each['rule']}: {each['says']}" for each in verdicts]

    def report(self, known: str = "") -> str:
        """What it received last and what its client did wrong, as lines for people; without what is `known`."""
        exchanges, total = self._list_requests(MAX_SHOWN, bodies=False)
        received = f"The session {self.name} received:\n{render_exchanges(exchanges, total)}"
        verdicts = self.verdicts()
        parts = [received, *([self._say_wrong(verdicts)] if verdicts else [])]
        return "\n".join(part for part in parts if part.partition("\n")[0] not in known)

    def assert_called(self, operation: str, *, times: int | None = None, **values: Unpack[Values]) -> list[Exchange]:
        """The operation was asked, so many `times` or at least once, with these values; the requests that were meant.

        Raises: AssertionError that shows what came instead.
        """
        meant = Meant(**values)
        exchanges = self._list_requests(MAX_REQUESTS, bodies=True)[0]
        matching = self._select(exchanges, operation, meant)
        if (times is None and matching) or len(matching) == times:
            return matching
        asked = {each.id for each in self._select(exchanges, operation, Meant())}
        received = render_exchanges(
            exchanges,
            remark=lambda each: ", ".join(find_departures(each, meant)) if each.id in asked else "",
        )
        raise AssertionError(
            f"{operation}{f' with {meant}' if str(meant) else ''} was to be called "
            f"{'at least once' if times is None else count_times(times)} and was called {count_times(len(matching))}."
            f"\nThe session {self.name} received:\n{received}",
        )

    def assert_not_called(self, operation: str, **values: Unpack[Values]) -> None:
        """The operation was not asked. Raises: AssertionError that shows what came."""
        self.assert_called(operation, times=0, **values)

    def assert_no_verdicts(self) -> None:
        """The client did nothing wrong by the contract. Raises: AssertionError with what it did."""
        verdicts = self.verdicts()
        if verdicts:
            raise AssertionError(self._say_wrong(verdicts))

    def _say_wrong(self, verdicts: list[str]) -> str:
        lines = [f"  {each}" for each in verdicts[:MAX_SHOWN]]
        more = [f"  … {len(verdicts) - MAX_SHOWN} more"] if len(verdicts) > MAX_SHOWN else []
        return "\n".join([f"By the contract the client of session {self.name} did wrong:", *lines, *more])

    # its end

    def reset(self) -> None:
        """As on its first use: no scenarios, no changes, no records of one's own, an empty journal."""
        self._admin.ask("POST", f"{self._path}/reset")

    def close(self) -> None:
        """End the session and all that was written in it."""
        self._admin.ask("DELETE", self._path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
