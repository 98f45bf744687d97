"""The one place where requests leave: guarded, counted, paced, sent again where that may help, recorded."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from contract_tests.transport.detours import MOVED, Detours
from contract_tests.transport.exchanges import Answer, Exchange
from contract_tests.transport.guard import READS, Guard, Unreachable
from contract_tests.transport.interrupts import holding_interrupts
from contract_tests.transport.ledger import CLEANING, Ledger
from contract_tests.transport.patience import (
    GONE,
    LIMITED,
    LOST,
    MAX_IN_A_ROW,
    MAX_WAIT_SECONDS,
    Patience,
    Try,
    describe,
    name_trouble,
)
from contract_tests.transport.presented import present
from contract_tests.transport.record import Record
from contract_tests.transport.required import required_headers, required_query
from contract_tests.transport.targets import Target
from contract_tests.transport.wire import NoAnswer, Wire, WireRequest, make_request
from mock_server.contract import Operation
from mock_server.messages import Headers

ALIVE = "alive"
"""The name under which an earlier request is sent again, to know whether a target in trouble still answers."""


Prepare = Callable[[str, str, WireRequest], WireRequest]
"""What is done to a request before it is sent, by the operation's id and the check's name."""


def _leave(operation: str, check: str, request: WireRequest) -> WireRequest:
    """The request as it is."""
    return request


class Sender:
    """Sends the requests of one provider's checks and keeps what came back.

    `traffic` is everything that was sent, in its order, as many entries as `calls`; `exchanges` are those of it that
    were answered and may be judged. What was sent again, and what got no answer, is in `traffic` alone. After `rewind`
    what was asked before is answered from the `record`.
    """

    def __init__(
        self,
        target: Target,
        base_path: str,
        base_headers: Mapping[str, str],
        pause: Callable[[float], None] = time.sleep,
        ledger: Ledger | None = None,
    ) -> None:
        self.target = target
        self.ledger = ledger or Ledger()
        self.guard = Guard(target, pause, self.ledger)
        self.traffic: list[Exchange] = []
        self.exchanges: list[Exchange] = []
        self.prepare: Prepare = _leave
        self.record = Record()
        self.detours = Detours()
        self._wire = Wire(target.base_url, target.trust, target.deadline)
        self._patience = Patience(target.is_live)
        self._pause = pause
        self._inside = 0
        self._good: tuple[WireRequest, Exchange] | None = None
        self._base_path = base_path
        self._base_headers = dict(base_headers)

    @property
    def calls(self) -> int:
        """How many requests were let out, and how many a mock in this process answered."""
        return self.guard.calls + self._inside

    @property
    def stopped(self) -> str:
        """Why no more requests may be sent; empty while they may."""
        return self.guard.stopped

    def require_open(self) -> None:
        """Raise Stopped where no more requests may be sent."""
        self.guard.require_open()

    def url(self, path: str, query: str = "") -> str:
        """The URL of a documented path at the target; `path` begins with the documented base path."""
        url = self.target.base_url + path.removeprefix(self._base_path)
        return f"{url}?{query}" if query else url

    def send(
        self,
        operation: Operation,
        check: str,
        query: Mapping[str, Any] | str = "",
        path_values: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        credential: str = "valid",
        method: str = "",
        url: str = "",
        why: str = "",
        is_bare: bool = False,
        lines: Headers = (),
        body: bytes = b"",
    ) -> Exchange:
        """Send one request of an operation. `credential` is a state, `none`, or `wrong`; `url` replaces the path.

        `why` is what the call can prove, in a few words; it is kept with the exchange. What the contract requires of
        headers and of the query is added, but to one that `is_bare` and to the query of a `url`. `lines` are sent
        behind the other headers, whatever stands there under their names already.

        Raises Stopped, Unreachable or Refused.
        """
        path = operation.path
        for name, value in (path_values or {}).items():
            path = path.replace("{" + name + "}", quote(str(value), safe=""))
        given, extra = present(self.target.credentials, operation, credential)
        text = query if isinstance(query, str) else urlencode(query, doseq=True)
        text = "&".join(part for part in (text, urlencode(extra)) if part)
        text = text if is_bare or url else required_query(operation, text)
        required = {} if is_bare else required_headers(operation)
        wanted = {**self._base_headers, **required, **given, **(headers or {})}
        request = make_request(method or operation.method, url or self.url(path, text), wanted, body, lines)
        request = self.prepare(operation.id, check, request)
        exchange = self._ask(request, self._draft(request, operation.id, check, why))
        self.exchanges.append(exchange)
        return exchange

    def forward(self, method: str, url: str, headers: Mapping[str, str], body: bytes, check: str) -> Exchange:
        """Send what somebody else made up, as it is. The exchange is recorded; `assign` says whose it is.

        Raises Stopped, Unreachable or Refused.
        """
        request = self.prepare("", check, make_request(method, url, headers, body))
        return self._ask(request, self._draft(request, "", check))

    def assign(self, exchange: Exchange, operation: str) -> Exchange:
        """Give a forwarded exchange to an operation, to be judged with the others of it."""
        mine = replace(exchange, operation=operation)
        at = next((n for n, known in enumerate(self.traffic) if known is exchange), None)
        if at is None and not self.record.holds(exchange):  # answered in this process: it never was on the wire
            self.traffic.append(mine)
            self._inside += 1
        elif at is not None:
            self.traffic[at] = mine
        self.exchanges.append(mine)
        return mine

    def find_answer(
        self,
        operation: Operation,
        url: str,
        headers: Mapping[str, str],
        credential: str = "valid",
    ) -> Answer | None:
        """The first answer to a request that was sent before: of one that was redirected, the redirect."""
        if urlsplit(url).path in self.detours.paths:
            moved = (e.answer for e in self.traffic if e.url == url and e.answer.status in MOVED)
            return next(moved, None) if credential == "valid" else None
        given, _ = present(self.target.credentials, operation, credential)
        request = make_request(operation.method, url, {**self._base_headers, **given, **headers})
        known = self.record.find(request)
        return known.answer if known else None

    def rewind(self) -> None:
        """Begin again: what was asked before is answered from the record, and only what is new is sent."""
        self.record.rewind(self.exchanges)
        self.exchanges = []
        self.guard.reopen()

    def recall(self) -> None:
        """Join what was asked before the last `rewind`, and not since, to the exchanges."""
        self.exchanges = [*self.record.take_rest(self.exchanges), *self.exchanges]

    def clean(self, operation: Operation, url: str) -> Exchange:
        """Delete a record that this run made, after its end, whatever ended it: the guard lets nothing else out.

        Raises Unreachable or Refused.
        """
        if not self.guard.is_cleaning:
            self.guard.is_cleaning, self._wire = True, Wire(self.target.base_url, self.target.trust, None)
        return self.send(operation, CLEANING, url=url, why="the run deletes what it created")

    def set_aside(self, exchange: Exchange, why: str) -> None:
        """Keep an exchange on record, with a sentence why its request was sent again, and out of what is judged."""
        self.exchanges[:] = [known for known in self.exchanges if known is not exchange]
        self._mark(exchange, why)

    def _draft(self, request: WireRequest, operation: str, check: str, why: str = "") -> Exchange:
        return Exchange(
            self.target.provider,
            operation,
            check,
            request.method,
            request.url,
            request.headers,
            Answer(0, "", (), b"", 0.0),
            body=request.body.decode("latin-1"),
            why=why,
            is_after_write=self.ledger.has_written,
        )

    def _ask(self, request: WireRequest, draft: Exchange) -> Exchange:
        """One request to its answer: the recorded one of an earlier pass, else what comes now."""
        # What was answered before a write says nothing of what is answered after it.
        known = None if self.ledger.has_written else self.record.take(request)
        if known is not None:
            return replace(known, operation=draft.operation, check=draft.check, why=draft.why)
        exchange = self._ask_anew(request, draft)
        self.record.keep(request, exchange)
        if exchange.url != request.url:  # sent elsewhere: it is the answer to who asks there at once as well
            self.record.keep(replace(request, url=exchange.url), exchange)
        return exchange

    def _ask_anew(self, request: WireRequest, draft: Exchange, is_again: bool = False) -> Exchange:
        """One request to its answer, patiently."""
        self.guard.require_origin(request.url)
        request, draft = self.detours.take(request, draft)
        first = last = self._try(request, draft, is_again)
        if request.method in READS and self._patience.asks_again(first.kind, first.exchange.answer):
            last = self._try_again(first, request, draft)
        self._patience.note(first.kind, last.kind)
        if last.kind:
            last = self._endure(last, request, draft)
        elif moved := self.detours.find(last.exchange):
            return self._follow(moved, request, draft)
        if last.failure:
            raise Unreachable(last.failure)
        if not last.kind and 200 <= last.exchange.answer.status < 300 and request.method in READS:
            self._good = request, draft
        return last.exchange

    def _try(self, request: WireRequest, draft: Exchange, is_again: bool = False) -> Try:
        self.guard.admit(request.method, request.url, is_again, draft.operation, request.body)
        with nullcontext() if request.method in READS else holding_interrupts():
            exchange, failure, kind = self._ask_once(request, draft)
        self._patience.took(exchange.answer.seconds)
        enough = self._patience.why_enough(self.target.host, self.calls)
        if enough and not self.guard.is_cleaning:
            self.guard.stop(enough)
        return Try(exchange, failure, kind or self._patience.kind_of(exchange.answer))

    def _ask_once(self, request: WireRequest, draft: Exchange) -> Try:
        failure = kind = ""
        try:
            answer = self._wire.ask(request)
        except NoAnswer as error:
            answer, failure, kind = error.answer, str(error), LOST if error.may_pass else GONE
        exchange = replace(draft, answer=answer)
        self.traffic.append(exchange)
        self.ledger.note(exchange)
        return Try(exchange, failure, kind)

    def _try_again(self, first: Try, request: WireRequest, draft: Exchange) -> Try:
        wait = self._patience.pause_before(first.exchange.answer)
        if wait > MAX_WAIT_SECONDS:
            self.guard.stop(f"{self.target.provider} asked to wait {wait:.0f} seconds; nothing more was sent.")
        self.guard.require_time(wait)
        self._mark(first.exchange, describe(first.kind))
        self._pause(wait)
        return self._try(request, draft, is_again=True)

    def _mark(self, exchange: Exchange, why: str) -> None:
        """Write beside an exchange why its request was sent again."""
        at = next(n for n, known in enumerate(self.traffic) if known is exchange)
        self.traffic[at] = replace(exchange, retried=why)

    def _endure(self, last: Try, request: WireRequest, draft: Exchange) -> Try:
        """What a failure that stayed is: the answer to this request, or the end of the run."""
        if request.method not in READS or (self._patience.streak < MAX_IN_A_ROW and last.kind != LIMITED):
            return last
        if not self._is_alive():
            self.guard.stop(name_trouble(last.failure, last.kind, self.target.host, self._patience.streak))
        # What was answered before is answered still: these requests are the trouble, not the target.
        self._patience.streak = 0
        return self._try(request, draft, is_again=True) if last.kind == LIMITED else last

    def _is_alive(self) -> bool:
        """Whether a request that was answered before is answered now."""
        if self._good is None:
            return False
        request, draft = self._good
        draft = replace(draft, check=ALIVE, why="whether the target still answers")
        return not self._try(request, draft, is_again=True).kind

    def _follow(self, moved: str, request: WireRequest, draft: Exchange) -> Exchange:
        self._mark(self.traffic[-1], f"it was redirected to {moved}")
        self.detours.paths[urlsplit(request.url).path] = moved
        return self._ask_anew(request, draft, is_again=True)
