"""Reading requests: bytes in, requests out in their order, and at most one refusal behind them.

The parsing is httptools'. What it lets pass although RFC 9110 and 9112 forbid it is checked in its callbacks.
"""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Callable

import httptools

from mock_server.messages import MAX_BODY_BYTES, Request, Response, decode_path
from mock_server.server.framing import find_bad_framing, has_body
from mock_server.server.proxied import Proxied, name_session, take_authority
from mock_server.server.repeated_head import RepeatedHead, keep_head, read_repeated
from mock_server.server.request_target import is_host, split_absolute
from mock_server.server.response_head import MAX_HEADER_BYTES, render_failure, render_plain, render_too_large

Arrival = tuple[Request, str, float]
"""A request, what its answer says in `Connection` (empty: nothing, the connection is kept), when it was read."""

CLOSE = "close"
_RARE = frozenset(("content-length", "transfer-encoding", "expect"))  # a head without them needs no closer look


class RequestReader:
    """What one connection has been sent.

    `arrived` are whole requests, oldest first; `refusal` is the answer to what came behind them and cannot be read;
    `is_partial` says that a request has begun and is not whole, `awaits_continue` that its client wants to hear `100`
    before it sends the body. Once `is_done`, nothing more is read.
    """

    def __init__(self, address: str, base: str, proxied: Proxied | None = None) -> None:
        self.arrived: deque[Arrival] = deque()
        self.refusal: Response | None = None
        self.is_partial = self.awaits_continue = self.is_done = False
        self._address, self._base, self._proxied = address, base, proxied
        self._scheme = base[: base.find("//") + 2]  # `https://`, of what a client asks by its Host
        self._parser = httptools.HttpRequestParser(self)
        self._data = b""
        self._raw = bytearray()  # what this request has sent so far; in a body only what no callback was given
        self._parsed = self._unparsed = 0  # bytes that callbacks were given, and bytes since the last of them
        self._deferred: str | None = None  # the `Connection` of a request whose offer of an upgrade is passed over
        self._is_first = True  # whether the request being read is the first of the bytes being fed
        self._good_host = "\n" if proxied else ""  # of the last request, for most name it again; at first one of nobody
        self._kept: RepeatedHead | None = None
        self._clear()

    def _clear(self) -> None:
        self._url = b""
        self._headers: dict[str, str] = {}
        self._body: bytes | bytearray = b""  # a bytearray once there is any: it grows in place
        self._method = self._version = ""
        self._most = self._parsed + MAX_HEADER_BYTES
        self._in_head, self._chunk_start = True, -1
        if self._raw:
            self._raw.clear()

    def stop(self) -> None:
        """Read no more, and forget what waits."""
        self.is_done, self.is_partial, self.awaits_continue, self.refusal = True, False, False, None
        self.arrived.clear()

    def feed(self, data: bytes) -> None:
        """Take in bytes as they came. Never raises: what cannot be read becomes the refusal."""
        if self._kept and not self.is_partial and not self.is_done:
            request = read_repeated(data, self._kept)
            if request:
                self.arrived.append((request, "", time.perf_counter()))
                return
        parsed = self._parsed
        self._data, self._is_first = data, not self.is_partial
        rest: bytes | memoryview = data
        while not self.is_done:
            try:
                self._parser.feed_data(rest)
                break
            except httptools.HttpParserUpgrade as offer:
                rest = memoryview(rest)[offer.args[0] :]
                self._pass_over_upgrade()
            except httptools.HttpParserCallbackError:
                self.refuse(render_failure())
            except httptools.HttpParserError:
                self.refuse(render_plain(400, "The request is not valid HTTP."))
        if self.is_partial:
            self._measure_partial(data, self._parsed != parsed)
        elif self._raw:
            self._raw.clear()

    def refuse(self, response: Response) -> None:
        """Answer this to what was being read, behind everything that has arrived, and read no more."""
        if not self.is_done:
            self.refusal = response
            self.is_done, self.is_partial, self.awaits_continue = True, False, False

    # httptools' callbacks

    def on_message_begin(self) -> None:
        self._clear()
        self.is_partial = True

    def on_url(self, url: bytes) -> None:
        self._url += url
        self._parsed += len(url)
        if self._parsed > self._most:
            self.refuse(render_too_large(431))

    def on_header(self, name: bytes, value: bytes) -> None:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        if key in self._headers:
            if key == "host":
                self.refuse(render_plain(400, "The request has more than one Host."))
            text = f"{self._headers[key]}, {text}"
        self._headers[key] = text
        self._parsed += len(name) + len(value) + 4
        if self._parsed > self._most:
            self.refuse(render_too_large(431))

    def on_headers_complete(self) -> None:
        self._in_head = False
        method = self._parser.get_method()
        self._method = method.decode("latin-1")
        end = len(method) + 1 + len(self._url)
        # The first line of most is where it is expected; asking the parser and looking at other bytes costs more.
        is_plain = self._is_first and self._data[end : end + 11] == b" HTTP/1.1\r\n"
        self._version = "1.1" if is_plain else self._parser.get_http_version()
        refusal = None if is_plain and self._is_usual() else self._find_refusal(is_plain)
        if refusal:
            self.refuse(refusal)
        elif "expect" in self._headers and self._headers["expect"].lower() == "100-continue":
            # A client of HTTP/1.0 does not know what 100 is (RFC 9110, 10.1.1).
            self.awaits_continue = self._version == "1.1" and not self.is_done

    def on_chunk_header(self) -> None:
        self._chunk_start = len(self._body)

    def on_chunk_complete(self) -> None:
        self._chunk_start = -1

    def on_body(self, body: bytes) -> None:
        self._parsed += len(body)
        self._most += len(body)  # the trailer behind it is bounded like a head
        self.awaits_continue = False
        if len(self._body) + len(body) > MAX_BODY_BYTES:
            self.refuse(render_too_large(413))
        if not self.is_done:
            self._body = self._body or bytearray()
            self._body += body

    def on_message_complete(self) -> None:
        if self.is_done:
            return
        connection = self._find_connection() if self._deferred is None else self._deferred
        headers = self._headers
        if self._deferred is None and "upgrade" in headers and self._parser.should_upgrade() and has_body(headers):
            self._deferred = connection  # httptools says "complete" at the end of such a head
            return
        self._deferred = None
        request = self._request()
        self._kept = keep_head(self._data, request) if self._is_first and not connection else None
        self.is_partial = self.awaits_continue = self._is_first = False
        self.is_done = connection == CLOSE
        self.arrived.append((request, connection, time.perf_counter()))

    # an offered upgrade

    def _pass_over_upgrade(self) -> None:
        """Go on as if no upgrade had been offered (RFC 9110, 7.8: a server may ignore it).

        httptools stops at such a head, also where a body follows. A parser of its own then reads that body: it is
        given a head that says no more than how the body is framed.
        """
        if self._deferred is None:
            return
        length = self._headers.get("content-length")
        framing = f"content-length: {length}" if length else "transfer-encoding: chunked"
        callbacks = _BehindHead(self)
        self._parser = httptools.HttpRequestParser(callbacks)
        self._parser.feed_data(f"POST / HTTP/1.1\r\n{framing}\r\n\r\n".encode("latin-1"))
        callbacks.is_heard = True

    # what is refused

    def _measure_partial(self, data: bytes, has_moved: bool) -> None:
        """Bound what no callback is given: a line without end, and the size of a chunk that has only begun."""
        if not has_moved:
            self._unparsed += len(data)
        else:
            self._unparsed = len(data) - 1 - data.rfind(b"\n") if self._is_in_line() else 0
        if self._unparsed > MAX_HEADER_BYTES:
            self.refuse(render_too_large(431))
        if self._in_head and not self._raw:
            data = data[data.rfind(b"\r\n\r\n") + 1 :]  # without the requests before this one
        if not self._in_head:
            self._check_chunk(bytes(self._raw) + data)
        if not self._in_head and has_moved:
            self._raw.clear()
        self._raw += data

    def _is_in_line(self) -> bool:
        """Whether a line is being read: of the head, of a chunk's size, or of the trailer (its chunk has no data)."""
        is_between = self._chunk_start in (-1, len(self._body))
        return self._in_head or (is_between and "transfer-encoding" in self._headers)

    def _check_chunk(self, window: bytes) -> None:
        """Refuse a chunk larger than any body may be without waiting for it; it is what `window` ends with."""
        received = len(self._body) - self._chunk_start
        if self._chunk_start < 0 or received >= len(window):
            return  # no chunk, or one whose size was checked when it began
        end = max(window.rfind(b"\r\n", 0, len(window) - received), 0)
        size = re.match(rb"[0-9A-Fa-f]+", window[window.rfind(b"\n", 0, end) + 1 : end])
        if size and int(size[0], 16) > MAX_BODY_BYTES:
            self.refuse(render_too_large(413))

    def _is_usual(self) -> bool:
        """Whether nothing in a head of HTTP/1.1 needs a closer look: the host of the last request, no body, a path."""
        host = self._headers.get("host")
        return host == self._good_host and _RARE.isdisjoint(self._headers) and self._url[:1] == b"/"

    def _find_refusal(self, is_plain: bool) -> Response | None:
        """The answer to a head that httptools accepts and RFC 9110 and 9112 do not; `is_plain`: it says HTTP/1.1."""
        version, url = self._version, self._url
        if self._proxied:
            take_authority(self._headers, url)
        host = self._headers.get("host")
        if not is_plain and (version not in ("1.1", "1.0") or not self._is_http()):
            return render_plain(505, "Only HTTP/1.1 and HTTP/1.0 are spoken here.")
        if host is None and version == "1.1":
            return render_plain(400, "A request of HTTP/1.1 needs a Host.")
        if host and host != self._good_host and not is_host(host):
            return render_plain(400, "The Host is not a name or address with an optional port.")
        if self._proxied and (refusal := self._proxied.refuse(host or "", self._method, url.decode("latin-1"))):
            return refusal
        self._good_host = host or self._good_host
        if url[:1] != b"/":
            if self._method == "CONNECT":
                return render_plain(501, "This server is no proxy: it makes no tunnels.")
            if b"://" not in url and not (url == b"*" and self._method == "OPTIONS"):
                return render_plain(400, "The target of the request is neither a path nor a URL.")
        return find_bad_framing(self._headers)

    def _is_http(self) -> bool:
        """Whether the protocol is HTTP: httptools also takes `RTSP/1.0` and `ICE/1.0`, and does not tell."""
        if not self._raw and b" RTSP/" not in self._data and b" ICE/" not in self._data:
            return True
        return self._url + b" HTTP/" in bytes(self._raw) + self._data

    # what was read

    def _find_connection(self) -> str:
        """What the answer says in `Connection`; HTTP/1.0 hears that it was heard, HTTP/1.1 keeps without a word."""
        is_old = self._version == "1.0"
        if self._proxied and self._proxied.is_single:
            return CLOSE
        if not self._parser.should_keep_alive() or (is_old and "transfer-encoding" in self._headers):
            return CLOSE  # chunks from HTTP/1.0 are faulty framing: nothing behind them is believed (RFC 9112, 6.1)
        return "keep-alive" if is_old else ""

    def _request(self) -> Request:
        url, headers = self._url.decode("latin-1"), self._headers
        if self._proxied:
            name_session(headers, self._proxied.session)
        host = headers.get("host")
        base = f"{self._scheme}{host}" if host else self._base
        if url[:1] != "/":  # the absolute form, as a proxy is asked, or the asterisk
            base, url = split_absolute(url, base)
        path, _, query = url.partition("?")
        return Request(
            self._method,
            decode_path(path) if "%" in path else path,
            query,
            headers,
            base,
            "",
            self._address,
            bytes(self._body) if self._body else b"",
        )


class _BehindHead:
    """The callbacks of a parser that is given a head of ours: the reader hears of what comes behind it only."""

    def __init__(self, reader: RequestReader) -> None:
        self._reader = reader
        self.is_heard = False

    def __getattr__(self, name: str) -> Callable[..., None]:
        callback = getattr(self._reader, name)
        return lambda *values: callback(*values) if self.is_heard else None
