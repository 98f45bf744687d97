"""Which property of a record is the key that a path parameter names (rule I2)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mock_server.inference.conclusions import GUESS, LIKELY, SURE
from mock_server.inference.schemas import Schemas
from mock_server.inference.words import normalize, singular, split_words

ID_WORDS = ("id", "uuid", "guid", "uid", "gid", "sid", "identifier", "key", "handle")
NAME_WORDS = ("slug", "name", "code", "number", "no", "key", "symbol", "login", "username")


@dataclass(frozen=True)
class Key:
    """The property that is a collection's key, why, and how sure that is."""

    name: str
    because: str
    confidence: str


def find_key(schemas: Schemas, slot: str, word: str, *records: Any) -> Key | None:
    """The property that a path parameter names, looked for in each schema of the record in turn."""
    for record in records:
        scalars = {
            normalize(name): name for name, inside in schemas.properties(record).items() if _is_key(schemas, inside)
        }
        for wanted, confidence in _candidates(slot, singular(normalize(word)), scalars):
            if wanted in scalars:
                name = scalars[wanted]
                return Key(name, f"the path parameter `{slot}` names its property `{name}`", confidence)
    return None


def _is_key(schemas: Schemas, schema: Any) -> bool:
    return schemas.kind(schema) in ("string", "integer", "number", "")


def _candidates(slot: str, word: str, scalars: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Normalized names of the key, likeliest first, each with how sure it is."""
    plain = normalize(slot)
    base, suffix = _split_suffix(slot, plain)
    yield plain, SURE
    if suffix in ID_WORDS:
        yield from ((name, SURE) for name in (suffix, "id"))
        yield from ((name, LIKELY) for name in (f"{base}id", f"{word}{suffix}", f"{word}id", *ID_WORDS))
    if singular(plain) == word or plain == word:
        yield from ((name, LIKELY) for name in ("id", "name", "slug", "key", "code", f"{word}id", f"{word}name"))
    if suffix:
        yield suffix, LIKELY
        yield f"{word}{suffix}", LIKELY
    if suffix in ID_WORDS:
        yield "name", GUESS
    yield f"{plain}id", LIKELY
    yield f"{plain}name", LIKELY
    yield f"{word}{plain}", LIKELY
    yield "id", LIKELY
    yield from ((name, LIKELY) for name in scalars if name in ("uuid", "guid", "gid", "uid", "sid"))


def _split_suffix(slot: str, plain: str) -> tuple[str, str]:
    """`petId` and `petid` are `pet` and `id`; `orderNumber` is `order` and `number`."""
    parts = split_words(slot)
    if len(parts) > 1:
        return "".join(parts[:-1]), parts[-1]
    match = re.fullmatch(r"(.+?)(id|uuid|guid|sid|key|slug|name|code|number|identifier)", plain)
    return (match[1], match[2]) if match else ("", plain if plain in (*ID_WORDS, *NAME_WORDS) else "")


def find_plain_key(schemas: Schemas, word: str, record: Any) -> str:
    """The key of a record that no path names: its `id`, or an id that comes first; else an empty text."""
    scalars = {normalize(name): name for name, inside in schemas.properties(record).items() if _is_key(schemas, inside)}
    wanted = ("id", f"{singular(normalize(word))}id", "uuid", "guid", "gid", "uid", "sid")
    first = next(iter(scalars.values()), "")
    is_id = split_words(first)[-1:] in (("id",), ("uuid",), ("guid",))
    return next((scalars[name] for name in wanted if name in scalars), first if is_id else "")


def find_foreign(schemas: Schemas, slot: str, word: str, record: Any, key: str) -> str:
    """The property of a record that names its parent, by the parent's path parameter and word; or an empty text."""
    properties = schemas.properties(record)
    scalars = {normalize(name): name for name in properties if name != key and _is_key(schemas, properties[name])}
    parent, plain = singular(normalize(word)), normalize(slot)
    wanted = [plain] if plain not in (*ID_WORDS, *NAME_WORDS) else []
    last = split_words(slot)[-1:]
    # A parent that is named by its name or number is not in the property that has its id.
    wanted += (
        [f"{parent}{plain}"]
        if last and last[0] in NAME_WORDS
        else [f"{parent}id", f"{parent}uuid", f"{parent}key", f"{parent}{plain}", f"{plain}id", parent]
    )
    return next((scalars[name] for name in wanted if name in scalars), "") if parent or wanted else ""
