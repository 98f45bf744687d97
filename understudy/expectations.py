"""What a test says of requests: the values that it means, how one departs from them, and how requests are shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypedDict

from understudy.exchanges import Exchange

__tracebackhide__ = True  # in what pytest shows

MAX_SHOWN = 20
"""So many requests are shown where a test fails; the last ones."""

MAX_VALUE = 80


class Values(TypedDict, total=False):
    """By which values a request is meant.

    `query` has a value or a list of values for a name, None where it is not to be sent; `headers` the same with one
    value. `json` is a part of the body: a mapping may have more members. `body` is the body's whole text, `path` the
    end of the path, from a slash on.
    """

    query: Mapping[str, Any] | None
    json: Any
    body: str | None
    headers: Mapping[str, str | None] | None
    path: str | None
    status: int | None


class Meant(NamedTuple):
    """`Values` in one: what is None says nothing."""

    query: Mapping[str, Any] | None = None
    json: Any = None
    body: str | None = None
    headers: Mapping[str, str | None] | None = None
    path: str | None = None
    status: int | None = None

    def __str__(self) -> str:
        said = {name: value for name, value in self._asdict().items() if value is not None}
        return ", ".join(f"{name}={value!r}" for name, value in said.items())


def is_meant(exchange: Exchange, meant: Meant) -> bool:
    """Whether an exchange has these values."""
    return next(find_departures(exchange, meant), None) is None


def find_departures(exchange: Exchange, meant: Meant) -> Iterator[str]:
    """Where an exchange is other than meant: `limit is '3'`."""
    for name, departures in _DEPARTURES.items():
        wanted = getattr(meant, name)
        if wanted is not None:
            yield from departures(exchange, wanted)


def _of_query(exchange: Exchange, wanted: Mapping[str, Any]) -> Iterator[str]:
    for name, value in wanted.items():
        came = list(exchange.query.get(name, ()))
        values = [] if value is None else list(value) if isinstance(value, list | tuple) else [value]
        if len(came) != len(values) or not all(map(_is_text_of, came, values)):
            yield _depart(name, came[0] if len(came) == 1 else came or None)


def _is_text_of(text: str, value: object) -> bool:
    """Whether a client may write a value so; of truth some write True, some true."""
    return text.lower() == str(value).lower() if isinstance(value, bool) else text == str(value)


def _of_headers(exchange: Exchange, wanted: Mapping[str, str | None]) -> Iterator[str]:
    for name, value in wanted.items():
        came = exchange.headers.get(name.lower())
        if came != value:
            yield _depart(name, came)


def _of_json(exchange: Exchange, wanted: Any) -> Iterator[str]:
    try:
        came = exchange.json
    except ValueError:
        yield "the body is no JSON"
        return
    yield from _find_missing("json", came, wanted)


def _find_missing(place: str, value: Any, wanted: Any) -> Iterator[str]:
    """What a value has not of all that is wanted of it; mappings may have more members."""
    if isinstance(wanted, Mapping) and isinstance(value, Mapping):
        for name, each in wanted.items():
            if name in value:
                yield from _find_missing(f"{place}.{name}", value[name], each)
            else:
                yield f"{place}.{name} is not there"
    elif isinstance(wanted, list) and isinstance(value, list) and len(value) == len(wanted):
        for index, (came, each) in enumerate(zip(value, wanted)):
            yield from _find_missing(f"{place}[{index}]", came, each)
    elif value != wanted:
        yield _depart(place, value)


def _of_path(exchange: Exchange, wanted: str) -> Iterator[str]:
    if not exchange.path.endswith(f"/{wanted.lstrip('/')}"):
        yield _depart("the path", exchange.path)


def _of_body(exchange: Exchange, wanted: str) -> Iterator[str]:
    if exchange.body != wanted:
        yield _depart("the body", exchange.body)


def _of_status(exchange: Exchange, wanted: int) -> Iterator[str]:
    if exchange.status != wanted:
        yield _depart("the status", exchange.status)


def _depart(name: str, came: object) -> str:
    if came is None:
        return f"{name} is not there"
    shown = repr(came)
    return f"{name} is {shown if len(shown) <= MAX_VALUE else f'{shown[: MAX_VALUE - 1]}…'}"


_DEPARTURES: dict[str, Callable[[Exchange, Any], Iterator[str]]] = {
    "query": _of_query,
    "json": _of_json,
    "body": _of_body,
    "headers": _of_headers,
    "path": _of_path,
    "status": _of_status,
}


def render_exchanges(
    exchanges: Sequence[Exchange],
    total: int = 0,
    remark: Callable[[Exchange], str] = lambda _: "",
) -> str:
    """The last requests, of so many in all: a line each, and what is to be remarked below it."""
    hidden = max(total, len(exchanges)) - MAX_SHOWN
    lines = [f"  … {hidden} more before"] if hidden > 0 else []
    for exchange in exchanges[-MAX_SHOWN:]:
        said = remark(exchange)
        lines += [f"  {exchange}", f"    but {said}"] if said else [f"  {exchange}"]
    return "\n".join(lines) or "  nothing"


def count_times(number: int) -> str:
    """A number of calls in words."""
    return {0: "never", 1: "once", 2: "twice"}.get(number, f"{number} times")
