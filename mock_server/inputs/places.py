"""The four places of parameters: where their texts stand in a request, and which of them is whose."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any
from urllib.parse import unquote

from mock_server.inputs.parameters import Slot
from mock_server.inputs.queries import Texts, nest, split_query, unwrap
from mock_server.inputs.styles import decode
from mock_server.inputs.values import NOTHING, InputProblem, Problems
from mock_server.messages import Request

MAX_COOKIES = 1_000
"""So many cookies are read."""

Values = Mapping[str, Any]
ReadWhole = Callable[[str, dict[str, Any], Problems], None]
EMPTY: Values = MappingProxyType({})


def compile_query(slots: Sequence[Slot], whole: Sequence[ReadWhole] = ()) -> Callable[[Request, Problems], Values]:
    """The reader of the parameters that stand in the query, and of those that are all of it."""
    named = {slot.name: slot for slot in slots}
    grouped = [slot for slot in slots if slot.style == "deepObject" or slot.is_spread]
    defaults = _find_defaults(slots)
    required = [slot for slot in slots if slot.required and slot not in grouped]

    def read(request: Request, problems: Problems) -> Values:
        values = defaults.copy()
        texts = split_query(request.query, problems) if request.query else {}
        # By what was sent and not by what is documented: most requests send one or two of many parameters.
        for name in texts:
            slot = named.get(name)
            if slot is not None and (value := slot.read(texts[name], problems)) is not NOTHING:
                values[name] = value
        for slot in grouped:
            _read_group(slot, texts, named, values, problems)
        for slot in required:
            if slot.name not in texts:
                problems.append(InputProblem("invalid", "query", slot.name, "is required"))
        for read_whole in whole:
            read_whole(request.query, values, problems)
        return values

    return read


def _find_defaults(slots: Sequence[Slot]) -> dict[str, Any]:
    return {slot.name: slot.default for slot in slots if slot.default is not NOTHING}


def _read_group(slot: Slot, texts: Texts, named: Mapping[str, Slot], values: Any, problems: Problems) -> None:
    """An object, or an array with brackets, that stands in several parameters."""
    if slot.name in texts:
        return
    members = _find_members(slot, texts, named) if slot.is_spread else nest(slot.name, texts, named)
    if not members and not slot.required:
        return
    # An object of members that are all optional may be there without a trace of it.
    if not members and "object" in slot.shape.types and not slot.is_spread:
        problems.append(InputProblem("invalid", "query", slot.name, "is required"))
        return
    value = slot.settle(members, problems)
    if value is not NOTHING:
        values[slot.name] = value


def _find_members(slot: Slot, texts: Texts, named: Mapping[str, Slot]) -> dict[str, Any]:
    """The members of an object that stand as parameters: those it documents, and where it takes any, what is left."""
    shape = slot.shape
    takes_others = shape.others is not None or not shape.properties
    names = [name for name in texts if name in shape.properties or (takes_others and name not in named)]
    return {name: unwrap([decode(text) for text in texts[name]]) for name in names}


def compile_path(slots: Sequence[Slot]) -> Callable[[Mapping[str, str], Problems], Values]:
    """The reader of the parameters that stand in the path; one that is not documented keeps its text."""

    def read(texts: Mapping[str, str], problems: Problems) -> Values:
        values: dict[str, Any] = dict(texts)
        for slot in slots:
            if (text := texts.get(slot.name)) is not None:
                value = slot.read([text], problems)
                values[slot.name] = text if value is NOTHING else value
        return values

    return read


IGNORED_HEADERS = frozenset(
    (
        *("accept", "content-type", "authorization"),
        *("host", "connection", "content-length", "transfer-encoding", "accept-encoding", "user-agent", "expect"),
    ),
)
"""Header parameters without effect: those whose place is elsewhere in a document (OpenAPI 3.1, 4.8.12.1), and those
that a client's library writes and its user has no say in."""


def compile_header(slots: Sequence[Slot]) -> Callable[[Request, Problems], Values]:
    """The reader of the parameters that stand in headers, whose names have no case."""
    wanted = [(slot.name.lower(), slot) for slot in slots if slot.name.lower() not in IGNORED_HEADERS]
    defaults = _find_defaults([slot for _, slot in wanted])

    def read(request: Request, problems: Problems) -> Values:
        values = defaults.copy()
        for name, slot in wanted:
            text = request.headers.get(name)
            _read_one(slot, [] if text is None else [text], values, problems)
        return values

    return read


def compile_cookie(slots: Sequence[Slot]) -> Callable[[Request, Problems], Values]:
    """The reader of the parameters that stand in cookies."""
    defaults = _find_defaults(slots)

    def read(request: Request, problems: Problems) -> Values:
        values = defaults.copy()
        header = request.headers.get("cookie", "")
        whole, pieces = _split_cookies(header, ";"), _split_cookies(header.replace("&", ";"), ";")
        for slot in slots:
            # `color=blue&color=black` is one cookie, and an exploded list.
            texts = whole if slot.shape.is_scalar or not slot.explode else pieces
            if slot.is_spread and slot.name not in texts:
                _read_group(slot, texts, EMPTY, values, problems)
            else:
                _read_one(slot, texts.get(slot.name, []), values, problems)
        return values

    return read


def _split_cookies(header: str, mark: str) -> Texts:
    texts: Texts = {}
    for piece in header.split(mark, MAX_COOKIES)[:MAX_COOKIES]:
        name, _, value = piece.strip().partition("=")
        texts.setdefault(unquote(name), []).append(value)
    return texts


def _read_one(slot: Slot, texts: list[str], values: dict[str, Any], problems: Problems) -> None:
    if not texts:
        if slot.required:
            problems.append(InputProblem("invalid", slot.where, slot.name, "is required"))
        return
    value = slot.read(texts, problems)
    if value is not NOTHING:
        values[slot.name] = value
