"""What a mapping answers: status, headers, body, and how it goes over the wire; each member a row."""

from __future__ import annotations

import base64
import binascii
import json
import random
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from mock_server.faults import DISTRIBUTIONS, WIRE_FAULTS
from mock_server.mappings.places import Place
from mock_server.messages import Delivery, Headers, Response

MAX_MILLISECONDS = 120_000
"""The longest delay, and the longest time that a body is spread over."""

MAX_CHUNKS = 10_000
MAX_FILE_BYTES = 16 * 1024 * 1024
"""The largest body that is read from a file."""

NOISE_BYTES = 64
"""What is sent where rubbish is."""

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
"""A header's name and its value (RFC 9110, 5.1 and 5.5)."""

STUB_HEADER = "matched-stub-id"
"""The header of an answer that says which mapping it is of, as WireMock's answers have it."""

OF_THE_SERVER = frozenset(
    ("content-length", "transfer-encoding", "connection", "keep-alive", "date", "server", STUB_HEADER),
)
"""Headers that the server writes itself: another value of them would leave clients waiting."""


class OwnResponse(NamedTuple):
    """An answer as somebody wrote it; `lacks_type` where it is JSON and no content type was said.

    `draw` gives milliseconds of a delay from a share from 0 to 1.
    """

    status: int = 200
    reason: str = ""
    headers: Headers = ()
    body: bytes = b""
    lacks_type: bool = False
    delay_milliseconds: float = 0
    draw: Callable[[float], float] | None = None
    chunks: int = 0
    spread_milliseconds: float = 0
    fault: str = ""

    @property
    def is_by_chance(self) -> bool:
        """Whether two answers may differ."""
        return bool(self.draw or self.fault)

    def render(self, chance: random.Random) -> Response:
        """The response that is sent; `chance` gives the numbers of what looks random."""
        drawn = self.draw(chance.random()) if self.draw else 0.0
        wait = min(self.delay_milliseconds + drawn, MAX_MILLISECONDS) / 1000
        noise = chance.randbytes(NOISE_BYTES) if self.fault else b""
        delivery = Delivery(wait, self.chunks, self.spread_milliseconds / 1000, self.fault, noise)
        typed: Headers = (("content-type", "application/json"),) if self.lacks_type else ()
        is_plain = delivery == Delivery()
        return Response(self.status, typed + self.headers, self.body, self.reason, None if is_plain else delivery)


Read = Callable[[Any, Place], Mapping[str, Any]]
"""From what stands in a definition to fields of `OwnResponse`; what is wrong is noted at its place."""


def _read_number(name: str, value: Any, place: Place, least: float, most: float) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if is_number and least <= value <= most:
        return float(value)
    place.refuse("is no number that is played", f"{name} is a number from {least:,} to {most:,}")
    return least


def _status(value: Any, place: Place) -> Mapping[str, Any]:
    # Statuses below 200 are no answer yet: a client would go on waiting.
    status = _read_number("status", value, place, 200, 599)
    if status % 1:
        place.refuse("is no status", "status is a whole number")
    return {"status": int(status)}


def _reason(value: Any, place: Place) -> Mapping[str, Any]:
    if not isinstance(value, str) or not (value.isascii() and value.isprintable()):
        place.refuse("is no reason phrase", "statusMessage is one line of printable ASCII")
        return {}
    return {"reason": value}


def _headers(value: Any, place: Place) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        place.refuse("is no object", "headers is an object of names and values")
        return {}
    headers: list[tuple[str, str]] = []
    for name, given in value.items():
        values = given if isinstance(given, list) else [given]
        texts = [text for each in values if (text := _header_value(each)) is not None]
        if not _NAME.fullmatch(name) or len(texts) < len(values):
            place.at(name).refuse("is no header", "a name of RFC 9110, and a text of one line or a list of them")
        elif name.lower() not in OF_THE_SERVER:
            headers += [(name.lower(), text) for text in texts]
    return {"headers": tuple(headers)}


def _header_value(value: Any) -> str | None:
    if not isinstance(value, str | int | float):
        return None
    text = value if isinstance(value, str) else json.dumps(value)
    return text if _VALUE.fullmatch(text) else None


def _body(value: Any, place: Place) -> Mapping[str, Any]:
    if not isinstance(value, str):
        place.refuse("is no text", "body takes a text; JSON stands in jsonBody")
        return {}
    return {"body": value.encode("utf-8", "surrogatepass")}


def _json_body(value: Any, place: Place) -> Mapping[str, Any]:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return {"body": text.encode("utf-8", "surrogatepass"), "lacks_type": True}


def _base64_body(value: Any, place: Place) -> Mapping[str, Any]:
    try:
        return {"body": base64.b64decode(value if isinstance(value, str) else "!", validate=True)}
    except (binascii.Error, ValueError):
        place.refuse("is no base64", "base64Body takes the bytes of a body as base64")
        return {}


def _file_body(files: Path | None) -> Read:
    """A body from a file below the folder `__files`, and from nowhere else."""

    def read(value: Any, place: Place) -> Mapping[str, Any]:
        if files is None:
            place.refuse(
                "is not played here",
                "only a mapping in a file of --mappings names a file; say the body itself",
            )
            return {}
        path = _find_below(files, value)
        if path is None or not path.is_file():
            place.refuse("is no file there", f"expected a file below {files.name}")
            return {}
        if path.stat().st_size > MAX_FILE_BYTES:
            place.refuse("is too large", f"at most {MAX_FILE_BYTES:,} bytes")
            return {}
        return {"body": path.read_bytes()}

    return read


def _find_below(folder: Path, name: Any) -> Path | None:
    """The file of that name below a folder, its links followed; None for what leads out of it."""
    try:
        path, root = (folder / name).resolve(), folder.resolve()
    except (TypeError, ValueError, OSError, RuntimeError):
        return None
    return path if path.is_relative_to(root) and path != root else None


def _fixed_delay(value: Any, place: Place) -> Mapping[str, Any]:
    return {"delay_milliseconds": _read_number("fixedDelayMilliseconds", value, place, 0, MAX_MILLISECONDS)}


DELAYS: Mapping[str, tuple[str, ...]] = {
    "uniform": ("lower", "upper"),
    "lognormal": ("median", "sigma"),
    "fixed": ("milliseconds",),
}
"""The distributions of a delay by their type, and the numbers that each takes."""


def _distribution(value: Any, place: Place) -> Mapping[str, Any]:
    kind = str(value.get("type")) if isinstance(value, dict) else ""
    if kind not in DELAYS:
        place.refuse("is no distribution", f"its type is one of {', '.join(DELAYS)}")
        return {}
    given = {name: number for name, number, _ in place.read_members(value, ("type", *DELAYS[kind])) if name != "type"}
    for name in DELAYS[kind]:
        most = 10 if name == "sigma" else MAX_MILLISECONDS
        _read_number(name, given.get(name), place.at(name), 0, most)
    if place.problems:
        return {}
    if kind == "fixed":
        return {"delay_milliseconds": float(given["milliseconds"])}
    return {"draw": lambda share: DISTRIBUTIONS[kind](given, share)}


def _dribble(value: Any, place: Place) -> Mapping[str, Any]:
    given = {name: number for name, number, _ in place.read_members(value, ("numberOfChunks", "totalDuration"))}
    chunks = _read_number("numberOfChunks", given.get("numberOfChunks"), place.at("numberOfChunks"), 1, MAX_CHUNKS)
    spread = _read_number("totalDuration", given.get("totalDuration"), place.at("totalDuration"), 0, MAX_MILLISECONDS)
    return {"chunks": int(chunks), "spread_milliseconds": spread}


def _fault(value: Any, place: Place) -> Mapping[str, Any]:
    if not isinstance(value, str) or value not in WIRE_FAULTS:
        place.refuse("is no fault", f"expected one of {', '.join(WIRE_FAULTS)}")
        return {}
    return {"fault": value}


def _nothing(value: Any, place: Place) -> Mapping[str, Any]:
    return {}


BODIES = ("body", "jsonBody", "base64Body", "bodyFileName")
"""Where a body stands: in one of them."""

_TEMPLATES = "what a mapping answers is sent as it is written; nothing in it is run or filled in"
_PROXY = "nothing is fetched from elsewhere; write the answer down"

NOT_PLAYED: Mapping[str, str] = {
    "transformers": _TEMPLATES,
    "proxyBaseUrl": _PROXY,
    "proxyUrlPrefixToRemove": _PROXY,
    "additionalProxyRequestHeaders": _PROXY,
    "removeProxyRequestHeaders": _PROXY,
}
"""WireMock's other members, and why they are none here; empty ones, which its clients send, say nothing."""

READERS: Mapping[str, Read] = {
    "status": _status,
    "statusMessage": _reason,
    "headers": _headers,
    "body": _body,
    "jsonBody": _json_body,
    "base64Body": _base64_body,
    "fixedDelayMilliseconds": _fixed_delay,
    "delayDistribution": _distribution,
    "chunkedDribbleDelay": _dribble,
    "fault": _fault,
    "transformerParameters": _nothing,
    "fromConfiguredStub": _nothing,
    "metadata": _nothing,
}
"""What a definition of a response may hold."""


def read_response(value: Any, place: Place, files: Path | None = None) -> OwnResponse:
    """The answer that a definition says, bodies from below `files`; what is wrong is noted at its place."""
    readers = {**READERS, "bodyFileName": _file_body(files)}
    fields: dict[str, Any] = {}
    members = list(place.read_members(value, readers, NOT_PLAYED))
    for name, member, below in members:
        fields |= readers[name](member, below)
    bodies = [name for name, _, _ in members if name in BODIES]
    if len(bodies) > 1:
        place.refuse(f"has {' and '.join(bodies)}", "an answer has one body")
    response = OwnResponse(**fields)
    is_typed = any(name == "content-type" for name, _ in response.headers)
    return response._replace(lacks_type=response.lacks_type and not is_typed)
