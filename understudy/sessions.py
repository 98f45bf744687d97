"""A session: one test's own view of a mock server, which no other test sees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from understudy.admin import Admin, segment
from understudy.errors import UnderstudyError
from understudy.exchanges import Exchange, is_meant, read_exchange, render_exchanges
from understudy.providers import Provider, find_operations

if TYPE_CHECKING:
    from understudy.interception import Interception

HEADER = "Understudy-Session"

MAX_REQUESTS = 10_000


class Session:
    """One test's own view: its records, scenarios, clock, journal. It ends with `close()` or a `with` block."""

    def __init__(self, admin: Admin, name: str, providers: Mapping[str, Provider], provider: str = "") -> None:
        self._admin, self.name, self._providers, self._provider = admin, name, providers, provider
        self._path = f"/sessions/{segment(name)}"

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

    def play(self, *scenarios: str) -> Self:
        """Switch scenarios on, beside those that play. Raises: UnderstudyError for one that is not known."""
        for name in scenarios:
            self._set_state(name, "Playing")
        return self

    def stop(self, *scenarios: str) -> None:
        """Switch scenarios off: these, or all of them."""
        for name in scenarios:
            self._set_state(name, "Started")
        if not scenarios:
            self._admin.ask("POST", "/scenarios/reset", self._query)

    def _set_state(self, scenario: str, state: str) -> None:
        self._admin.ask("PUT", f"/scenarios/{segment(scenario)}/state", self._query, {"state": state})

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

    def requests(self, operation: str = "", **values: Any) -> list[Exchange]:
        """What was asked, oldest first: all, or of an operation, with these values (`query`, `json`, `status`).

        An operation is its id, or `GET /path` as documented. Raises: UnderstudyError for one that nobody documents.
        """
        wanted = find_operations(self._providers.values(), operation) if operation else None
        query = {**self._query, "bodies": "true", "limit": str(MAX_REQUESTS)}
        listed = self._admin.ask("GET", "/requests", query)["requests"]
        exchanges = [read_exchange(entry) for entry in reversed(listed)]
        mine = [each for each in exchanges if wanted is None or (each.provider, each.operation) in wanted]
        return [each for each in mine if is_meant(each, **values)]

    def verdicts(self) -> list[str]:
        """What the client did wrong by the contract, a sentence each."""
        verdicts = self._admin.ask("GET", "/verdicts", self._query)["verdicts"]
        return [f"{each['rule']}: {each['says']}" for each in verdicts]

    def assert_called(self, operation: str, *, times: int | None = None, **values: Any) -> Sequence[Exchange]:
        """The operation was asked, so many `times` or at least once; with `query`, `json`, `status` where given.

        Raises: AssertionError that shows what came instead.
        """
        matching = self.requests(operation, **values)
        if matching and (times is None or len(matching) == times):
            return matching
        if times == 0 and not matching:
            return matching
        wanted = "at least once" if times is None else f"{times} times"
        said = ", ".join(f"{name}={value!r}" for name, value in values.items())
        raise AssertionError(
            f"{operation}{f' with {said}' if said else ''} was to be called {wanted} and was called "
            f"{len(matching)} times. The session {self.name} received:\n{render_exchanges(self.requests())}",
        )

    def assert_not_called(self, operation: str, **values: Any) -> None:
        """The operation was not asked. Raises: AssertionError that shows what came."""
        self.assert_called(operation, times=0, **values)

    def assert_no_verdicts(self) -> None:
        """The client did nothing wrong by the contract. Raises: AssertionError with what it did."""
        verdicts = self.verdicts()
        if verdicts:
            lines = "\n".join(f"  {each}" for each in verdicts)
            raise AssertionError(f"By the contract the client of session {self.name} did wrong:\n{lines}")

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
