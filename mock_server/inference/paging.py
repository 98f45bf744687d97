"""Which parameters page a list, and what its answer tells of the page (rules P1 to P4)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mock_server.contract import escape_pointer
from mock_server.inference import words
from mock_server.inference.rows import Rows
from mock_server.inference.schemas import Schemas
from mock_server.inference.views import OperationView, schema_of
from mock_server.inference.words import normalize


@dataclass(frozen=True)
class Paging:
    """How a list is paged: roles by parameter, facts by pointer in the body, facts by header."""

    parameters: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    first: int = 1
    cursor: str = ""


def find_roles(schemas: Schemas, view: OperationView) -> dict[str, str]:
    """Query parameters that page, each with its role; a word that is ambiguous counts only beside a surer one."""
    roles = {
        name: role for name in view.query if (role := _find_role(name)) and not _is_moment(schemas, view.query[name])
    }
    sure = any(not _is_ambiguous(name) for name in roles)
    if not sure and not ("size" in roles.values() and len(set(roles.values())) > 1):
        return {}
    chosen: dict[str, str] = {}
    for name in sorted(roles, key=_is_ambiguous):
        chosen.setdefault(roles[name], name)
    return {name: role for name, role in roles.items() if chosen[role] == name}


def _is_moment(schemas: Schemas, parameter: Mapping[str, Any]) -> bool:
    """Whether a parameter (`before`, `since_id`) is a date, and so a filter."""
    schema = schemas.resolve(schema_of(parameter))
    texts = (str(each.get("description") or "").lower() for each in (parameter, schema))
    is_named = normalize(parameter["name"]) in ("after", "before", "from", "start", "next", "prev")
    return schema.get("format") in ("date", "date-time") or (is_named and any(_MOMENT.search(text) for text in texts))


_MOMENT = re.compile(r"\b(date|time|timestamp|day|iso[- ]?8601|rfc ?3339|epoch|yyyy)\b")

_BRACKETED = re.compile(r"^(?:page|paging|pagination)[\[.](.+?)\]?$", re.IGNORECASE)


def _find_role(name: str) -> str:
    inside = _BRACKETED.match(name)
    if inside is None:
        return words.ROLES.get(normalize(name).removeprefix("odata"), "")
    plain = normalize(inside[1])
    return {"number": "number", "size": "size", "offset": "offset"}.get(plain) or words.ROLES.get(plain, "")


def _is_ambiguous(name: str) -> bool:
    return not _BRACKETED.match(name) and normalize(name).removeprefix("odata") in words.AMBIGUOUS


def find_facts(schemas: Schemas, rows: Rows, roles: Mapping[str, str]) -> dict[str, str]:
    """What the body tells of the page: pointer to fact. Each fact is told once, where it stands highest."""
    told: dict[str, str] = {}
    for pointer, fact in _read_facts(schemas, rows, roles):
        if fact not in told.values() and pointer not in told:
            told[pointer] = fact
    return told


def _read_facts(schemas: Schemas, rows: Rows, roles: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    beside = [
        (f"{at}/{escape_pointer(name)}", name, inside)
        for at, schema, on in rows.beside
        for name, inside in _others(schemas, schema, on)
    ]
    names = {normalize(name) for _, name, inside in _widen(schemas, beside)}
    for depth_first in (beside, list(_widen(schemas, beside))[len(beside) :]):
        for pointer, name, inside in depth_first:
            if fact := _find_fact(schemas, name, inside, roles, names, pointer):
                yield pointer, fact


def _others(schemas: Schemas, schema: Any, on: str) -> Iterator[tuple[str, Any]]:
    return ((name, inside) for name, inside in schemas.properties(schema).items() if name != on)


def _widen(schemas: Schemas, places: list[tuple[str, str, Any]]) -> Iterator[tuple[str, str, Any]]:
    """The places, then those inside the objects among them that tell of pages, two levels down."""
    level = places
    for _ in range(3):
        yield from level
        level = [
            (f"{pointer}/{escape_pointer(inner)}", _name_inside(name, inner), schema)
            for pointer, name, inside in level
            if normalize(name) in words.PAGE_PLACES and schemas.kind(inside) == "object"
            for inner, schema in schemas.properties(inside).items()
        ]


def _name_inside(outer: str, inner: str) -> str:
    """A link may be an object: what `next` has as `href` is the next address."""
    is_address = normalize(outer) in words.LINK_PLACES and normalize(inner) in ("href", "url", "uri", "link")
    return f"{outer}url" if is_address else inner


def _find_fact(
    schemas: Schemas,
    name: str,
    schema: Any,
    roles: Mapping[str, str],
    names: set[str],
    pointer: str,
) -> str:
    kind, plain = schemas.kind(schema), normalize(name)
    if kind in ("integer", "number"):
        if plain in words.TOTALS:
            return "total"
        if plain in words.LOOSE_TOTALS:
            return "count" if names & words.TOTALS else "total"
        if plain == "next":
            return "next_offset" if "offset" in roles.values() else "next_number"
        return words.NUMBERS.get(plain, "")
    if kind == "boolean":
        return "has_more" if plain in words.BOOLEANS else ""
    if kind not in ("string", ""):
        return ""
    return _find_text_fact(schemas.resolve(schema), plain, roles, names, pointer)


_ADDRESS = re.compile(r"\b(ur[li]s?|links?|href|address)\b", re.IGNORECASE)
_TOKEN = re.compile(r"\b(tokens?|cursors?|bookmark|opaque)\b", re.IGNORECASE)


def _find_text_fact(
    schema: Mapping[str, Any],
    plain: str,
    roles: Mapping[str, str],
    names: set[str],
    pointer: str,
) -> str:
    fact = words.TEXTS.get(plain, "")
    if plain == "path":
        # As paginators of one framework have it, beside the addresses of pages.
        return "url" if names & {"nextpageurl", "lastpageurl", "nextlink", "nexturl"} else ""
    if fact in ("next", "prev"):
        return f"{fact}_url" if _is_address(schema, roles, pointer) else f"{fact}_token"
    if fact in ("first_url", "last_url", "url") and plain in ("first", "last", "self"):
        # These words are common: they are addresses inside `links`, or where a format says it.
        return fact if "link" in pointer.lower() or schema.get("format") in ("uri", "url", "uri-reference") else ""
    if fact in ("next_token", "prev_token") and plain in ("cursor", "after", "before", "bookmark", "startingafter"):
        return fact if {"cursor", "before"} & set(roles.values()) else ""
    return fact


def _is_address(schema: Mapping[str, Any], roles: Mapping[str, str], pointer: str) -> bool:
    """Whether `next` holds an address and not a token: by format, example, words, or the parameters there are."""
    example = schema.get("example", next(iter(_listed(schema.get("examples"))), None))
    if schema.get("format") in ("uri", "url", "uri-reference", "iri"):
        return True
    if isinstance(example, str) and example:
        return "://" in example or example.startswith(("/", "?"))
    text = str(schema.get("description") or "")
    if _TOKEN.search(text) or _ADDRESS.search(text):
        return not _TOKEN.search(text)
    return "link" in pointer.lower() or "cursor" not in roles.values()


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def find_header_facts(schemas: Schemas, view: OperationView) -> dict[str, str]:
    """What the documented headers of a list tell of the page: header to fact."""
    headers = view.success.headers if view.success else {}
    return {name: fact for name in headers if (fact := _find_header_fact(name))}


def _find_header_fact(name: str) -> str:
    plain = re.sub(r"^x|pagination|paging", "", normalize(name))
    if normalize(name) == "link":
        return "links"
    if plain in words.TOTALS or plain in ("total", "count", "totalcount"):
        return "total"
    by_name = {**words.NUMBERS, "nextcursor": "next_token", "nextpagetoken": "next_token", "nexttoken": "next_token"}
    by_name |= {"continuationtoken": "next_token", "hasmore": "has_more", "prevpage": "prev_number"}
    # A plain `Offset`, `Limit` or `Range` in a header may be anything, so only what begins with `X-` counts.
    return by_name.get(plain, "") if normalize(name).startswith("x") and "ratelimit" not in normalize(name) else ""


_ZERO = re.compile(
    r"(zero|0)[- ](based|indexed)|"
    r"(start(s|ing)?|begin(s|ning)?|first page|index)[^.]{0,30}\b(is|at|from|with|of|=) ?`?0\b",
)


def find_first(schemas: Schemas, view: OperationView, roles: Mapping[str, str]) -> int:
    """The number of the first page: the default, or what the description says, or the minimum; usually 1."""
    name = next((name for name, role in roles.items() if role == "number"), None)
    if name is None:
        return 1
    parameter = view.query[name]
    schema = schemas.resolve(schema_of(parameter))
    default = schema.get("default", parameter.get("default"))
    if isinstance(default, str) and default.isdecimal():
        default = int(default)
    if default in (0, 1) and not isinstance(default, bool):
        return int(default)
    text = str(parameter.get("description") or schema.get("description") or "").lower()
    if _ZERO.search(text):
        return 0
    return 0 if schema.get("minimum") == 0 and not isinstance(schema.get("minimum"), bool) else 1


def find_cursor(roles: Mapping[str, str], body: Mapping[str, str], headers: Mapping[str, str]) -> str:
    """Whether a cursor is a token or the key of a record; an empty text without a cursor."""
    names = [normalize(_inside(name)) for name, role in roles.items() if role in ("cursor", "before")]
    facts = {*body.values(), *headers.values()}
    if not names:
        return ""
    if "next_token" in facts:
        return "token"
    is_silent = not facts & {"next_url", "links"}
    if any(name in words.KEY_CURSORS for name in names) or (is_silent and facts & {"last_key", "first_key"}):
        return "key"
    return "key" if is_silent and any(name in words.LOOSE_KEY_CURSORS for name in names) else "token"


def _inside(name: str) -> str:
    bracketed = _BRACKETED.match(name)
    return bracketed[1] if bracketed else name


def find_paging(schemas: Schemas, view: OperationView, rows: Rows) -> Paging:
    """How a list is paged, as far as the document says it."""
    roles = find_roles(schemas, view)
    body = find_facts(schemas, rows, roles)
    headers = find_header_facts(schemas, view)
    return Paging(roles, body, headers, find_first(schemas, view, roles), find_cursor(roles, body, headers))
