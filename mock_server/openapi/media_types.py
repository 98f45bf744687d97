"""Media types of answers: which of the documented ones a client takes, and values written in them."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from mock_server.openapi.document import Document
from mock_server.openapi.rendering import (
    BOUNDARY,
    SOME_BYTES,
    render_bytes,
    render_csv,
    render_events,
    render_form,
    render_json,
    render_lines,
    render_parts,
    render_sequence,
    render_text,
)
from mock_server.openapi.tiny_files import TINY_FILES
from mock_server.openapi.xml_text import render_xml

MAX_RANGES = 100
"""So many ranges of an Accept header are read."""

_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_MEDIA_TYPE = re.compile(rf"{_TOKEN}/{_TOKEN}")
_PARAMETER = re.compile(rf'[ \t]*({_TOKEN})=(?:({_TOKEN})|"([^"\\]*)")[ \t]*')

_USUAL: dict[str, str] = {
    "text": "text/plain",
    "image": "image/png",
    "audio": "audio/mpeg",
    "video": "video/mp4",
    "multipart": "multipart/form-data",
}
"""What a range of a kind is answered with; any other with JSON."""

JSON = "application/json"


class _Range(NamedTuple):
    """One range of an Accept header, or a media type that is offered."""

    kind: str
    subtype: str
    parameters: tuple[tuple[str, str], ...]
    quality: float

    @property
    def name(self) -> str:
        return f"{self.kind}/{self.subtype}"


def choose_media_type(accept: str, offered: Sequence[str]) -> str | None:
    """The offered media type that a client likes best, as it is written in `offered`; None where it takes none.

    By RFC 9110, 12.5.1: the quality of the most specific range counts; what is liked equally well is decided by how
    specific the range is, then by the client's order. Without a header, or with one that names no media type, JSON
    is taken, else what is offered first. A client that takes `application/json` is given any JSON rather than none.
    """
    if not offered:
        return None
    accept = accept.strip()
    if not accept or accept == "*/*":
        return _first(offered)
    return _choose(accept[:8192], tuple(offered))


def _first(offered: Sequence[str]) -> str:
    return next((each for each in offered if is_json(_concrete(each))), offered[0])


@functools.lru_cache(maxsize=512)
def _choose(accept: str, offered: tuple[str, ...]) -> str | None:
    ranges = _read_accept(accept)
    if not ranges:
        return _first(offered)
    liked = [(_find_liking(ranges, _read_offer(each)), is_json(_concrete(each)), each) for each in offered]
    best = max(liked, key=lambda each: each[:2])
    if best[0][0] > 0:
        return best[2]
    takes_json = any(each.name == JSON and each.quality > 0 for each in ranges)
    # Only what no range speaks of: a quality of 0 is a refusal, and so is another version.
    other_json = [each for liking, is_other, each in liked if is_other and not liking[1] and _concrete(each) != JSON]
    return other_json[0] if takes_json and other_json else None


def _find_liking(ranges: tuple[_Range, ...], offer: _Range) -> tuple[float, int, int]:
    """How well a client likes an offer: quality, how specific the range is that says so, and its place from behind."""
    fitting = [
        (specific, -place, each.quality)
        for place, each in enumerate(ranges)
        if (specific := _find_specificity(each, offer))
    ]
    specific, place, quality = max(fitting, default=(0, 0, 0.0))
    return quality, specific, place


def _find_specificity(each: _Range, offer: _Range) -> int:
    """0: another media type; else 1 for `*/*` to 5 for the same parameters."""
    if each.kind == "*" or offer.kind == "*":
        return 1
    if each.kind != offer.kind:
        return 0
    if each.subtype == "*" or offer.subtype == "*":
        return 2
    if each.subtype != offer.subtype:
        return 0
    offers = dict(offer.parameters)
    wanted = [(name, value) for name, value in each.parameters if name != "charset"]
    # A parameter that is offered with another value is another media type; one that is not offered is of no weight.
    if any(name in offers and offers[name] != value for name, value in wanted):
        return 0
    return 5 if wanted and all(name in offers for name, _ in wanted) else 3 if wanted else 4


@functools.lru_cache(maxsize=256)
def _read_accept(accept: str) -> tuple[_Range, ...]:
    pieces = accept.split(",", MAX_RANGES)[:MAX_RANGES]
    return tuple(each for piece in pieces if (each := _read_range(piece)))


def _read_range(text: str) -> _Range | None:
    """One media type or range; None for what is none. `*` alone is what old Java clients write for `*/*`."""
    name, *parameters = text.split(";")
    name = name.strip().lower()
    name = "*/*" if name == "*" else name
    if not _MEDIA_TYPE.fullmatch(name):
        return None
    found = [match for each in parameters if (match := _PARAMETER.fullmatch(each))]
    pairs = [(match[1].lower(), (match[2] or match[3] or "").lower()) for match in found]
    quality = next((_read_quality(value) for name, value in pairs if name == "q"), 1.0)
    kind, _, subtype = name.partition("/")
    return _Range(kind, subtype, tuple(pair for pair in pairs if pair[0] != "q"), quality)


def _read_quality(text: str) -> float:
    return min(float(text), 1.0) if re.fullmatch(r"[0-9]?(\.[0-9]{0,3})?", text) and text not in ("", ".") else 1.0


def _read_offer(offered: str) -> _Range:
    """An offered media type; what is none (`default`, `200`) is JSON."""
    return _read_range(offered) or _Range("application", "json", (), 1.0)


@functools.lru_cache(maxsize=4096)
def _concrete(offered: str) -> str:
    """The one media type, without parameters, that an offered one is answered in."""
    offer = _read_offer(offered)
    if "*" in (offer.kind, offer.subtype):
        return _USUAL.get(offer.kind, JSON)
    return offer.name


def find_content_type(offered: str, accept: str = "") -> str:
    """The Content-Type of an answer in an offered media type: one that exists, with what its reader needs to know.

    A range (`image/*`) becomes the first media type in `accept` that it covers, else a usual one.
    """
    offer = _read_range(offered)
    if offer and "*" in (offer.kind, offer.subtype):
        for each in _read_accept(accept[:8192]):
            if "*" not in each.name and each.quality > 0 and _find_specificity(offer, each):
                return _complete(each.name)
    # As it is written, where it is one that may stand in a header.
    if offer and offer.parameters and len(offer.parameters) == offered.count(";"):
        return _complete(offered.strip())
    return _complete(_concrete(offered))


def _complete(name: str) -> str:
    if name.lower().startswith("multipart/") and "boundary=" not in name.lower():
        return f"{name}; boundary={BOUNDARY}"
    return f"{name}; charset=utf-8" if name.lower().startswith("text/") and "charset=" not in name.lower() else name


def is_json(name: str) -> bool:
    """Whether a media type, in lower case and without parameters, is one JSON text."""
    return name.endswith(("/json", "+json", "/x-json"))


def render_value(value: Any, schema: Any, media_type: str, document: Document) -> bytes:
    """A value as the body of an answer in a media type, as `find_content_type` names it or as it is documented.

    Where a media type cannot hold the value (a picture of a record), it is a tiny file of that type.
    """
    if isinstance(value, bytes):
        return value
    name = _concrete(media_type)
    if is_json(name):
        return render_json(value)
    if name in TINY_FILES and not (isinstance(value, str) and value.startswith("<")):
        return TINY_FILES[name]
    if name.endswith(("/xml", "+xml")):
        return render_xml(value, schema, document)
    return _find_renderer(name)(value)


def _find_renderer(name: str) -> Callable[[Any], bytes]:
    if name in _RENDERERS:
        return _RENDERERS[name]
    if name.startswith("multipart/"):
        return render_parts
    if name.startswith(_WITHOUT_TEXT):
        return lambda value: SOME_BYTES
    if name.endswith(_LINES):
        return render_lines
    return render_text if name.startswith("text/") or name.endswith("yaml") else render_bytes


_WITHOUT_TEXT = ("image/", "audio/", "video/", "font/", "application/vnd.openxmlformats-")
"""Beginnings of media types that no text and no record is written in."""

_LINES = ("ndjson", "jsonl", "jsonlines", "json-lines", "json-stream", "stream+json", "ldjson")
"""Endings of media types that hold a JSON text a line."""

_RENDERERS: dict[str, Callable[[Any], bytes]] = {
    "application/x-www-form-urlencoded": render_form,
    "text/csv": render_csv,
    "application/csv": render_csv,
    "text/event-stream": render_events,
    "application/json-seq": render_sequence,
}
