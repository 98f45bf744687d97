"""The values that travel through the flow: a request, a response, what is asked of a collection, and who is asked."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol
from urllib.parse import unquote

MAX_BODY_BYTES = 1024 * 1024
"""The largest body of a request that is read."""

Headers = tuple[tuple[str, str], ...]
"""Header names and values in the order they are sent; names in lower case."""


class Request(NamedTuple):
    """What a client sent, whichever server received it.

    `path` is percent-decoded text as `decode_path` gives it; `query` is the raw text behind `?`.
    `headers` has lower-case names; an underscore in a name is kept (Fatora documents `api_key`).
    `base` is scheme and host as the client wrote them (`http://127.0.0.1:8080`), `mount` the part of the
    path before the provider's own (`/fatora`, or empty when the documented host itself was asked for).
    """

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = MappingProxyType({})
    base: str = "http://localhost"
    mount: str = ""
    address: str = "127.0.0.1"
    body: bytes = b""


class Tester(NamedTuple):
    """Who a request plays for: the scope of a session, whose changes are seen and grow, and its clock.

    `clock_seconds` is how far off the session's clock is.
    """

    scope: str = ""
    clock_seconds: float = 0.0

    @property
    def now(self) -> float:
        """Epoch seconds by the session's clock."""
        return time.time() + self.clock_seconds


ANYBODY = Tester()
"""The default session by this machine's clock."""


class Delivery(NamedTuple):
    """How an answer goes over the wire when a fault effects it: late, in pieces, or broken.

    `wait_seconds` before anything is sent; the body in `chunks` pieces, spread over `spread_seconds`; `fault` is a name
    of `WIRE_FAULTS` in `delivery`; `noise` are the bytes that a fault sends where it sends rubbish.
    `follow` makes an answer that does not end: called again and again, it gives what is to be sent next.
    """

    wait_seconds: float = 0.0
    chunks: int = 0
    spread_seconds: float = 0.0
    fault: str = ""
    noise: bytes = b""
    follow: Callable[[], bytes] | None = None


class Response(NamedTuple):
    """What goes back. `reason` is the documented reason phrase where one is, else empty.

    `delivery` says how, where it is not at once and whole. `secrets` are texts in it that nobody else may read.
    """

    status: int
    headers: Headers
    body: bytes
    reason: str = ""
    delivery: Delivery | None = None
    secrets: tuple[str, ...] = ()


class Condition(NamedTuple):
    """One condition on the records of a collection.

    `test` is a name of `TESTS` in `store`; `fields` are dotted paths in the record (`address.city`);
    `value` is compared with them: text, number, or a tuple of them for `one_of`.
    """

    test: str
    fields: tuple[str, ...]
    value: Any


_KEPT = re.compile("%(2[Ff]|25)")


def decode_path(path: str) -> str:
    """A path without its percent-encoding, but for `%2F` and `%25`: they stay as they are (in capitals).

    A slash that was encoded is part of a value and separates nothing (RFC 3986, 2.2); the percent sign stays encoded so
    that `%252F` cannot be taken for one. `decode_segment` undoes both where the value itself is wanted.
    """
    return unquote(_KEPT.sub(lambda hit: f"%25{hit[1].upper()}", path))


def decode_segment(segment: str) -> str:
    """The value of one segment of a path that `decode_path` gave."""
    return segment.replace("%2F", "/").replace("%25", "%")


class RecordSource(Protocol):
    """The records of one collection, as whoever plays them asks for them; ready JSON goes out as it is."""

    total: int

    def page(self, where: tuple[Condition, ...], offset: int, size: int, view: int = 0) -> tuple[int, list[bytes]]:
        """How many records satisfy all conditions, and the JSON of those from `offset` on, in order."""

    def page_json(self, where: tuple[Condition, ...], offset: int, size: int, view: int = 0) -> tuple[int, bytes]:
        """The same, the records joined by commas."""

    def find(self, key: str | int, view: int = 0) -> bytes | None:
        """The JSON of the record with that key, or None."""

    def is_quick(self, where: tuple[Condition, ...] | None = None) -> bool:
        """Whether a page with these conditions takes milliseconds at most; with None, whatever the conditions."""


Version = Sequence[int]
"""One number that all worker processes read: 0 until anybody writes, and another one after every write."""

NEVER_WRITTEN: Version = (0,)


class FieldProblem(NamedTuple):
    """What is wrong in a record that somebody gives: where (a JSON Pointer), the problem, and what would be right."""

    pointer: str
    problem: str
    hint: str = ""


class Collections(Protocol):
    """The collections of one mock API by name: as nobody changed them, and as each session sees them.

    `session` is the scope of a session: whose changes are seen, and to whom a change belongs. `parents` are the names
    and keys of the parents that a record of a nested collection lies below. While `version` is 0 every session sees
    the collections as nobody changed them.
    """

    @property
    def version(self) -> Version:
        """Of what is written to them."""

    def __getitem__(self, name: str) -> RecordSource:
        """The records as nobody changed them; raises KeyError."""

    def __iter__(self) -> Iterator[str]:
        """The names, in order."""

    def __len__(self) -> int:
        """How many collections there are."""

    def by(self, name: str, session: str) -> RecordSource:
        """The records of a collection as a session sees them; raises KeyError."""

    def is_known(self, name: str, session: str) -> bool:
        """Whether what a session changed of a collection is at hand, without a look at a file; raises KeyError."""

    def check_given(self, name: str, record: Mapping[str, Any]) -> Sequence[FieldProblem]:
        """What is wrong in a record of somebody's own; nothing it leaves out is."""

    def give(
        self,
        name: str,
        session: str,
        record: Mapping[str, Any],
        place: str = "first",
        parents: Mapping[str, str] = MappingProxyType({}),
        key: str | None = None,
        is_new: bool = False,
    ) -> str:
        """Put in a record of somebody's own; its key as text. What it leaves out is made as for any record.

        `key` is its key where no field of it says that. One without a key is given one; one of a known key takes that
        one's place, unless it must be one that `is_new`. Raises: KeyError; Problem 409, 507.
        """

    def take(self, name: str, session: str, key: str, parents: Mapping[str, str] = MappingProxyType({})) -> bool:
        """Take a record away, whoever made it; whether there was one."""
