"""Fields that no two records share, where a document says that writes may conflict (rule U1)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mock_server.inference.collections import Records
from mock_server.inference.conclusions import LIKELY, Conclusion
from mock_server.inference.schemas import Schemas
from mock_server.inference.understanding import Understanding
from mock_server.inference.views import OperationView
from mock_server.inference.words import normalize, split_words

CONFLICT = "409"

NAMES = frozenset(("username", "userName", "login", "loginname", "email", "emailaddress", "slug", "handle"))
"""What fields are called of which nobody has the same as another one, where writes may conflict at all."""

WRITES = ("create", "replace", "patch")

_UNIQUE = re.compile(
    r"\b(must|should|has to|needs to|to) be (globally )?unique\b|\bunique(ly)? (name|across|within|per|in)\b|^unique\b",
)
_OF_KEYS = re.compile(r"unique(ly)? (id|identif)", re.IGNORECASE)
_WORDS = re.compile(r"[a-z0-9]+")


def conclude_unique(known: Understanding) -> Iterator[Conclusion]:
    """The fields of collections that are unique."""
    for records in known.collections:
        views = [view for view in known.views if _writes(known, view, records.name)]
        told = [text for view in views for text in _find_conflicts(known, view)]
        if not told:
            continue
        found = dict(_find_fields(known, records, views, told))
        if found:
            because = f"a write of `{records.name}` documents {CONFLICT}; " + "; ".join(found.values())
            update = {"x-collections": {records.name: {"unique": list(found)}}}
            yield Conclusion("U1", "", "$", update, because, LIKELY)


def _writes(known: Understanding, view: OperationView, name: str) -> bool:
    effect = known.effects.get(view.name)
    said = effect.effect if effect else view.given
    return isinstance(said, Mapping) and any(said.get(kind) == name for kind in WRITES)


def _find_conflicts(known: Understanding, view: OperationView) -> Iterator[str]:
    """What an operation says of conflicts."""
    located = known.document.find_responses(view.operation).get(CONFLICT)
    if located is not None:
        yield str(located.node.get("description") or "").lower()


def _find_fields(
    known: Understanding,
    records: Records,
    views: list[OperationView],
    told: list[str],
) -> Iterator[tuple[str, str]]:
    """Each field that is unique, with what says so; those that a client sends, without the key."""
    schemas, key = known.schemas, records.key.name if records.key else ""
    shown = schemas.properties(records.item)
    for view in views:
        for body in schemas.bodies(view.operation):
            for name, node in schemas.properties(body).items():
                is_field = name in shown and name != key and schemas.is_scalar(node)
                because = _find_evidence(schemas, name, (node, shown.get(name)), told) if is_field else ""
                if because:
                    yield name, because


def _find_evidence(schemas: Schemas, name: str, nodes: tuple[Any, ...], told: list[str]) -> str:
    for node in nodes:
        schema = schemas.resolve(node)
        text = str(schema.get("description") or "").lower()
        if schema.get("x-unique") is True or (_UNIQUE.search(text) and not _OF_KEYS.search(text)):
            return f"`{name}` is said to be unique"
    words = split_words(name)
    if words and any(_names(text, words) for text in told):
        return f"that error names `{name}`"
    return f"`{name}` is called as what is unique" if normalize(name) in {normalize(each) for each in NAMES} else ""


def _names(text: str, words: tuple[str, ...]) -> bool:
    """Whether a sentence names a field as what is taken: a name of one word that every sentence has is none."""
    said = _WORDS.findall(text)
    together = any(tuple(said[at : at + len(words)]) == words for at in range(len(said)))
    return together and bool({"exists", "exist", "taken", "use", "used", "unique", "duplicate", "already"} & set(said))
