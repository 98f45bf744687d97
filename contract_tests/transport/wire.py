"""One request over one connection, and what came back: every byte of it bounded, every oddity kept."""

from __future__ import annotations

import contextlib
import re
import ssl
import time
import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from contract_tests.transport.bodies import MAX_BODY_BYTES, decode_body, find_surplus, read_body
from contract_tests.transport.bounded_stream import BoundedStream, Ended, Silent, TimeUp, TooMuch
from contract_tests.transport.connections import (
    ANSWER_SECONDS,
    IDLE_SECONDS,
    Connection,
    NoConnection,
    find_proxies,
    open_connection,
    origin_of,
    proxy_authorization,
)
from contract_tests.transport.exchanges import CUT, NO_ANSWER, SURPLUS, TOO_LARGE, TOO_SLOW, Answer
from contract_tests.transport.guard import Refused
from contract_tests.transport.response_head import MAX_HEAD_BYTES, Head, NoHttp, read_head
from contract_tests.transport.trust import make_trust
from mock_server.messages import Headers

KEPT_BYTES = 65_536
"""What is kept of a body that was too large."""

CUT_SECONDS = 2.0
"""How long the rest of a body is waited for, once a target was seen to announce more than it sends."""

_LEGAL = "!#$%&'()*+,/:;=?@[]~"
_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")


class NoAnswer(Exception):
    """No whole answer: a sentence that says why. `answer` is what came of it, `may_pass` whether to try again."""

    def __init__(self, sentence: str, answer: Answer, may_pass: bool) -> None:
        super().__init__(sentence)
        self.answer = answer
        self.may_pass = may_pass


@dataclass(frozen=True)
class WireRequest:
    """A request as it is sent. Raises ValueError, a sentence, where it cannot be."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    def __post_init__(self) -> None:
        for name, value in self.headers:
            if not _NAME.fullmatch(name) or re.search(r"[\0\r\n]|[^\0-\xff]", value):
                raise ValueError(
                    f"the header {name!r} cannot be sent: its name or value has signs that no header may have",
                )

    def as_bytes(self, is_proxied: bool, authorization: bytes) -> bytes:
        """Head and body as they go over the wire."""
        parts = urlsplit(self.url)
        path = (parts.path or "/") + (f"?{parts.query}" if "?" in self.url.partition("#")[0] else "")
        place = parts.netloc.rpartition("@")[2].encode("idna" if not parts.netloc.isascii() else "ascii").decode()
        target = quote(f"{parts.scheme}://{place}{path}" if is_proxied else path, safe=_LEGAL)
        names = {name.lower() for name, _ in self.headers}
        own = [("Host", place), ("Accept-Encoding", "identity"), ("Content-Length", str(len(self.body)))]
        length_is_due = bool(self.body) or self.method in ("POST", "PUT", "PATCH")
        sent = [pair for pair in own if pair[0].lower() not in names and (length_is_due or pair[0] != "Content-Length")]
        lines = [f"{self.method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in [*sent, *self.headers])]
        head = "".join(f"{line}\r\n" for line in lines).encode("latin-1")
        return head + (authorization if is_proxied else b"") + b"\r\n" + self.body


class Wire:
    """Asks one target, over connections that are kept while they can be; no answer lasts beyond the moment `until`."""

    def __init__(self, base_url: str, trust: ssl.SSLContext | None = None, until: float | None = None) -> None:
        origin = origin_of(base_url)
        if origin is None:
            raise ValueError(f"{base_url!r} has no host")
        self._origin = origin
        self._place = urlsplit(base_url).netloc.rpartition("@")[2]
        self._proxies = find_proxies(base_url)
        self._trust = make_trust({}) if trust is None and origin.scheme == "https" else trust
        self._until = until
        self._idle: list[Connection] = []
        # Whoever drops this object has nothing more to ask: its connections end with it.
        weakref.finalize(self, _close_all, self._idle)
        self._body_seconds = IDLE_SECONDS

    def ask(self, request: WireRequest) -> Answer:
        """The answer to a request. Raises NoAnswer."""
        started = time.perf_counter()
        try:
            connection = self._connect()
        except NoConnection as error:
            answer = _empty(started)
            raise NoAnswer(f"{self._place} gave no answer: {error}.", answer, error.may_pass) from None
        is_reusable = False
        try:
            proxy = self._proxies.get("http") or self._proxies.get("all") or ""
            authorization = proxy_authorization(proxy) if connection.is_proxied else b""
            _write(connection, request.as_bytes(connection.is_proxied, authorization))
            answer, is_reusable = self._read(connection, request.method, started)
        finally:
            if is_reusable:
                self._idle.append(connection)
            else:
                connection.close()
        return answer

    def _connect(self) -> Connection:
        deadline = time.monotonic() + ANSWER_SECONDS
        deadline = deadline if self._until is None else min(deadline, self._until)
        while self._idle:
            connection = self._idle.pop()
            # A byte that came in between belongs to no answer, and must not become the beginning of the next.
            if connection.stream.is_quiet():
                connection.stream.deadline = deadline
                return connection
            connection.close()
        return open_connection(self._origin, self._proxies, self._trust, deadline)

    def _read(self, connection: Connection, method: str, started: float) -> tuple[Answer, bool]:
        stream = connection.stream
        stream.idle = IDLE_SECONDS
        head = self._read_head(stream, started)
        stream.idle = self._body_seconds
        wire_body, problems = read_body(stream, head, method)
        is_whole = not problems
        if CUT in problems:
            self._body_seconds = CUT_SECONDS
        surplus, late = find_surplus(stream, head, method) if is_whole else (b"", [])
        body, wrong = decode_body(wire_body, head.values("content-encoding"))
        every = tuple(dict.fromkeys([*head.problems, *problems, *late, *wrong]))
        if TOO_LARGE in every:
            body, wire_body = body[:KEPT_BYTES], wire_body[:KEPT_BYTES]
        seconds = time.perf_counter() - started
        answer = Answer(head.status, head.reason, head.fields, body, seconds, wire_body, every, head.raw, surplus)
        self._refuse_unbounded(answer)
        is_framed = head.length is not None or head.is_chunked or not head.has_body(method)
        return answer, is_whole and is_framed and head.is_persistent and not surplus and SURPLUS not in every

    def _refuse_unbounded(self, answer: Answer) -> None:
        size = MAX_BODY_BYTES // (1024 * 1024)
        if TOO_LARGE in answer.problems:
            sentence = f"{self._place} sent more than {size} MiB in one answer; it was read no further."
            raise NoAnswer(sentence, answer, False)
        if TOO_SLOW in answer.problems:
            came = f"{len(answer.wire_body)} bytes of its body came"
            sentence = f"{self._place} had not sent its answer after {ANSWER_SECONDS:.0f} seconds: {came}."
            raise NoAnswer(sentence, answer, False)

    def _read_head(self, stream: BoundedStream, started: float) -> Head:
        try:
            return read_head(stream)
        except NoHttp as error:
            began = bytes(error.args[0])
            raise self._none(started, _name_protocol(began), stream) from None
        except TooMuch:
            size = MAX_HEAD_BYTES // 1024
            raise self._none(started, f"the head of its answer does not end within {size} KiB", stream) from None
        except Silent:
            raise self._none(started, f"nothing came for {IDLE_SECONDS:.0f} seconds", stream, may_pass=True) from None
        except TimeUp:
            raise self._none(started, f"the head was not whole after {ANSWER_SECONDS:.0f} seconds", stream) from None
        except Ended as end:
            raise self._none(started, self._why_ended(stream, end), stream, may_pass=True) from None

    def _why_ended(self, stream: BoundedStream, end: Ended) -> str:
        if stream.buffer:
            return f"it closed the connection in the middle of a head, after {len(stream.buffer)} bytes"
        how = "reset" if end.args else "closed"
        hint = "; if it speaks TLS, its base URL begins with https://" if self._origin.scheme == "http" else ""
        return f"it {how} the connection without an answer{hint}"

    def _none(self, started: float, why: str, stream: BoundedStream, may_pass: bool = False) -> NoAnswer:
        answer = _empty(started, bytes(stream.buffer[:KEPT_BYTES]))
        return NoAnswer(f"{self._place} gave no answer: {why}.", answer, may_pass)


def _close_all(connections: list[Connection]) -> None:
    while connections:
        connections.pop().close()


def _write(connection: Connection, data: bytes) -> None:
    """Send a request; whether it arrived is seen by the answer: some refuse a request before they have read it."""
    connection.socket.settimeout(IDLE_SECONDS)
    with contextlib.suppress(OSError):
        connection.socket.sendall(data)


def _empty(started: float, head: bytes = b"") -> Answer:
    return Answer(0, "", (), b"", time.perf_counter() - started, problems=(NO_ANSWER,), head=head)


def _name_protocol(began: bytes) -> str:
    """What speaks there, by its first bytes."""
    if began[:2] in (b"\x15\x03", b"\x16\x03"):
        return "it speaks TLS; its base URL begins with https://"
    known: Mapping[bytes, str] = {b"SSH-": "SSH", b"220 ": "a mail or file server's protocol", b"+OK": "POP3"}
    kind = next((name for start, name in known.items() if began.startswith(start)), "")
    return f"what came is no HTTP{f' but {kind}' if kind else ''}"


def make_request(
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes = b"",
    lines: Headers = (),
) -> WireRequest:
    """A request as it can be written, `lines` behind the other headers; raises Refused for one that cannot."""
    try:
        return WireRequest(method, url, (*headers.items(), *lines), body)
    except ValueError as error:
        raise Refused(f"A request was not sent: {error}.") from None
