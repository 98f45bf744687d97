"""The one place where requests leave: guarded, counted, paced, recorded."""

from __future__ import annotations

import email.utils
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast
from urllib.parse import quote, urlencode, urlsplit
from urllib.request import getproxies, proxy_bypass

import requests
from requests.adapters import HTTPAdapter

from contract_tests.transport.exchanges import Answer, Exchange
from contract_tests.transport.targets import Target
from mock_server.contract import Operation, Presented, present_credentials

READS = ("GET", "HEAD")
TIMEOUT_SECONDS = 10.0
MAX_WAIT_SECONDS = 60.0
"""The longest `Retry-After` that is waited for; a longer one ends the provider's run."""

MAX_UNANSWERED = 3
"""Requests in a row without an answer that end a provider's run."""

MAX_BODY_BYTES = 32 * 1024 * 1024
WRONG = "understudy-not-a-credential"
"""Presented where a wrong credential is asked for."""


class Stopped(Exception):
    """No more requests may be sent to this provider: a sentence that says why."""


class Unreachable(Exception):
    """The target gave no answer: a sentence that says why."""


class Refused(Exception):
    """A request that must not be sent: not a read, or to another host."""


class GuardedAdapter(HTTPAdapter):
    """Lets a request out only if the target allows it; shared by everything that sends in one provider's run."""

    def __init__(self, target: Target, pause: Callable[[float], None] = time.sleep) -> None:
        super().__init__(pool_maxsize=4)
        self._target = target
        self._pause = pause
        self._lock = threading.Lock()
        self._next = 0.0
        self.calls = 0
        self.stopped = ""

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Send a request that may be sent; after a 429 or 503 with `Retry-After`, once more."""
        self._admit(request)
        response = super().send(request, *args, **kwargs)
        # A mock is asked for its rate limits on purpose, and is not waited for.
        wait = _retry_after(response) if self._target.is_live else None
        if wait is None:
            return response
        if wait > MAX_WAIT_SECONDS:
            self.stop(f"{self._target.provider} asked to wait {wait:.0f} seconds; nothing more was sent.")
        response.close()
        self._require_time(wait)
        self._pause(wait)
        self._admit(request)
        return super().send(request, *args, **kwargs)

    def _admit(self, request: requests.PreparedRequest) -> None:
        target = self._target
        if target.is_live and request.method not in READS:
            raise Refused(f"{request.method} was not sent: a live target is only read.")
        if urlsplit(request.url or "").netloc.lower() != target.host.lower():
            raise Refused(f"A request to another host than {target.host} was not sent.")
        # Under one lock: two senders must not both take the last call or the same moment.
        with self._lock:
            if target.budget is not None and self.calls >= target.budget:
                self.stop(f"The budget of {target.budget} calls is spent.")
            wait = max(0.0, self._next - time.monotonic())
            self._require_time(wait)
            self.calls += 1
            self._next = time.monotonic() + wait + (1 / target.rate if target.rate else 0.0)
        if wait:
            self._pause(wait)

    def _require_time(self, wait: float) -> None:
        deadline = self._target.deadline
        if deadline is not None and time.monotonic() + wait >= deadline:
            self.stop("The time of the run (--max-time) is over; nothing more was sent.")

    def stop(self, sentence: str) -> None:
        """Let nothing more out."""
        self.stopped = sentence
        raise Stopped(sentence)


def _retry_after(response: requests.Response) -> float | None:
    """Seconds the target asks to wait, given as a number or a date; None where it does not ask."""
    if response.status_code not in (429, 503):
        return None
    value = response.headers.get("retry-after", "").strip()
    if value.isdecimal():
        return float(value)
    moment = email.utils.parsedate_to_datetime(value) if value and _is_date(value) else None
    return max(0.0, (moment - datetime.now(UTC)).total_seconds()) if moment else None


def _is_date(text: str) -> bool:
    return email.utils.parsedate_tz(text) is not None and text[-3:] == "GMT"


class Sender:
    """Sends the requests of one provider's checks and keeps what came back."""

    def __init__(self, target: Target, base_path: str, base_headers: Mapping[str, str]) -> None:
        self.target = target
        self.adapter = GuardedAdapter(target)
        self.exchanges: list[Exchange] = []
        self._session = self.make_session()
        self._unanswered = 0
        self._base_path = base_path
        self._base_headers = dict(base_headers)

    def make_session(self) -> requests.Session:
        """A session whose every request passes the guard; nothing of the machine's (netrc, cookies) is added."""
        session = requests.Session()
        session.trust_env = False  # a netrc file would replace the credential
        session.proxies = find_proxies(self.target)
        session.headers.clear()
        for scheme in ("http://", "https://"):
            session.mount(scheme, self.adapter)
        return session

    def require_open(self) -> None:
        """Raise Stopped where no more requests may be sent."""
        if self.adapter.stopped:
            raise Stopped(self.adapter.stopped)

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
    ) -> Exchange:
        """Send one request of an operation. `credential` is a state, `none`, or `wrong`; `url` replaces the path.

        `why` is what the call can prove, in a few words; it is kept with the exchange.

        Raises Stopped, Unreachable or Refused.
        """
        path = operation.path
        for name, value in (path_values or {}).items():
            path = path.replace("{" + name + "}", quote(str(value), safe=""))
        given, extra = present(self.target.credentials, operation, credential)
        text = query if isinstance(query, str) else urlencode(query, doseq=True)
        text = "&".join(part for part in (text, urlencode(extra)) if part)
        wanted = {**self._base_headers, **given, **(headers or {})}
        exchange = self._send(operation, check, method or operation.method, url or self.url(path, text), wanted)
        exchange = replace(exchange, why=why)
        self.exchanges.append(exchange)
        return exchange

    def forward(self, method: str, url: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        """Send what somebody else made up, as it is; the exchange is theirs to keep.

        Raises Stopped, Unreachable or Refused.
        """
        return self._answer(requests.Request(method, url, headers=dict(headers), data=body or None).prepare())

    def _send(self, operation: Operation, check: str, method: str, url: str, headers: Mapping[str, str]) -> Exchange:
        request = requests.Request(method, url, headers=dict(headers)).prepare()
        answer = self._answer(request)
        return Exchange(
            self.target.provider,
            operation.id,
            check,
            method,
            request.url or url,
            tuple(request.headers.items()),
            answer,
        )

    def _answer(self, request: requests.PreparedRequest) -> Answer:
        started = time.perf_counter()
        try:
            answer = self._receive(request, started)
        except Unreachable:
            self._unanswered += 1
            if self._unanswered >= MAX_UNANSWERED:
                self.adapter.stop(f"{self.target.host} stopped answering; nothing more was sent.")
            raise
        self._unanswered = 0
        return answer

    def _timeout(self) -> float:
        """Seconds that an answer may take: not beyond the end of the run."""
        deadline = self.target.deadline
        return TIMEOUT_SECONDS if deadline is None else min(TIMEOUT_SECONDS, max(0.1, deadline - time.monotonic()))

    def _receive(self, request: requests.PreparedRequest, started: float) -> Answer:
        try:
            with self._session.send(request, timeout=self._timeout(), allow_redirects=False, stream=True) as response:
                body = response.raw.read(MAX_BODY_BYTES, decode_content=True) or b""
        except requests.RequestException as error:
            raise Unreachable(f"{self.target.host} gave no answer: {_reason(error)}.") from None
        except Exception as error:
            if isinstance(error, (Stopped, Refused)):
                raise
            raise Unreachable(f"{self.target.host} cut its answer short: {_reason(error)}.") from None
        seconds = time.perf_counter() - started
        headers = tuple(response.raw.headers.items())
        return Answer(response.status_code, response.reason or "", headers, body, seconds)


def _reason(error: BaseException) -> str:
    """The innermost cause, in a few words."""
    while error.__cause__ or error.__context__:
        error = cast(BaseException, error.__cause__ or error.__context__)
    text = str(error).rstrip(".") or type(error).__name__
    return text.rpartition("] ")[2] or text


def find_proxies(target: Target) -> dict[str, str]:
    """The machine's proxies, where they are for this target: never for this machine itself."""
    host = urlsplit(target.base_url).hostname or ""
    # A proxy that is asked for 127.0.0.1 answers for its own machine.
    outside = host not in ("localhost", "::1") and not host.startswith("127.")
    return dict(getproxies()) if outside and not proxy_bypass(host) else {}


def present(credentials: Mapping[str, Mapping[str, str]], operation: Operation, state: str) -> Presented:
    """How a credential of some state (`valid`, `expired`, …; `wrong`, `none`) is sent with an operation's request."""
    schemes = operation.security[0] if operation.security and state != "none" else ()
    if state == "wrong":
        return present_credentials(schemes, lambda scheme: WRONG)
    return present_credentials(schemes, lambda scheme: credentials[scheme.name][state])
