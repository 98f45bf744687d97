"""Paths to one record: which list each belongs to, the GET that shows the record, and where (rule I1)."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from mock_server.contract import escape_pointer
from mock_server.inference.conclusions import GUESS, LIKELY, SURE
from mock_server.inference.keys import find_key
from mock_server.inference.lists import ListView
from mock_server.inference.records import MAX_WRAPPER, RecordPlace, find_record, is_wrapper
from mock_server.inference.schemas import Schemas
from mock_server.inference.views import OperationView, schema_of
from mock_server.inference.words import normalize, singular, split_words


@dataclass(frozen=True)
class Item:
    """Operations on one record: the path that ends in its key, the GET that shows it and where, and why it is one."""

    shape: str
    views: tuple[OperationView, ...]
    get: OperationView | None
    place: RecordPlace | None
    because: str
    confidence: str

    @property
    def first(self) -> OperationView:
        """The operation that its key is read from: the GET, where there is one."""
        return self.get or self.views[0]


Paths = Mapping[tuple[str, str], Sequence[OperationView]]
"""Operations on paths that end in a parameter, by shape and parameter: alike templates may mean different keys."""


def find_paths(schemas: Schemas, views: Iterable[OperationView]) -> Paths:
    """Operations on paths that end in a parameter which may be a key."""
    paths: dict[tuple[str, str], list[OperationView]] = {}
    for view in views:
        if view.is_item and view.slots and not _is_choice(schemas, view):
            paths.setdefault((view.shape, normalize(view.slots[-1])), []).append(view)
    return paths


def _is_choice(schemas: Schemas, view: OperationView) -> bool:
    """Whether the last parameter only chooses among documented words, so that it is no key."""
    words = schemas.resolve(schema_of(view.find_slot(view.slots[-1]))).get("enum")
    return isinstance(words, list) and len(words) > 0


def pair_items(
    schemas: Schemas,
    paths: Paths,
    lists: Mapping[str, Sequence[ListView]],
) -> dict[str, list[Item]]:
    """The items of each list, by its shape: at the path below it, or below its singular or plural."""
    siblings: dict[tuple[str, str], str] = {}
    for shape, (first, *_) in lists.items():
        siblings.setdefault((shape.rpartition("/")[0], singular(normalize(first.view.word))), shape)
    items: dict[str, list[Item]] = {}
    for (shape, _), views in paths.items():
        owner = _find_owner(shape, views[0], lists, siblings)
        if owner and (item := _make_item(schemas, shape, views, lists[owner][0], f"{owner}/{{}}" == shape)):
            items.setdefault(owner, []).append(item)
    return {owner: sorted(each, key=functools.partial(_rank, owner)) for owner, each in items.items()}


def _rank(owner: str, item: Item) -> tuple[bool, bool, bool]:
    """Of several items, the path below the list says what the key is; of these, the one by an id."""
    last = split_words(item.first.slots[-1])[-1:]
    return item.shape != f"{owner}/{{}}", item.get is None, last not in (("id",), ("uuid",), ("guid",))


def _find_owner(
    shape: str,
    view: OperationView,
    lists: Mapping[str, Sequence[ListView]],
    siblings: Mapping[tuple[str, str], str],
) -> str:
    above = shape.rpartition("/")[0]
    if above in lists:
        return above
    return "" if above.endswith("{}") else siblings.get((above.rpartition("/")[0], singular(normalize(view.word))), "")


def _make_item(
    schemas: Schemas,
    shape: str,
    views: Sequence[OperationView],
    home: ListView,
    is_below: bool,
) -> Item | None:
    get = _find_get(views)
    rows = home.rows
    place = find_record(schemas, get.schema, rows.item, (get.word, rows.at.rpartition("/")[2])) if get else None
    mine, path = views[0].operation.path, home.view.operation.path
    near = f"`{mine}` lies below the list `{path}`" if is_below else f"`{mine}` and the list `{path}` are of one word"
    if get is None or place is None:
        others = tuple(view for view in views if view is not get)
        because = f"{near}, and no GET shows the record"
        return Item(shape, others, None, None, because, LIKELY) if others else None
    alike = "is the item of the list" if place.likeness >= 1 else "looks like the item of the list"
    return Item(shape, tuple(views), get, place, f"{near}, and its answer {alike}", SURE if is_below else LIKELY)


def _find_get(views: Sequence[OperationView]) -> OperationView | None:
    return next((view for view in views if view.method == "GET" and view.schema is not None), None)


def find_shown(
    schemas: Schemas,
    paths: Paths,
    taken: Iterable[str],
) -> Iterator[tuple[str, Item]]:
    """Items without a list beside them, with the references that their answer may show (`/orders/{id}`: `Order`)."""
    known = set(taken)
    for (shape, _), views in paths.items():
        get = _find_get(views)
        if get is None or shape in known:
            continue
        for reference, place in _shown(schemas, get):
            because = f"`{get.operation.path}` shows `{reference.rpartition('/')[2]}`"
            yield reference, Item(shape, tuple(views), get, place, because, LIKELY)


def find_unlisted(schemas: Schemas, views: Sequence[OperationView]) -> Item | None:
    """A GET that shows a record with the key its path names; without a list, any key names a record."""
    get = _find_get(views)
    for place in _find_unlisted_places(schemas, get) if get else ():
        key = find_key(schemas, views[0].slots[-1], views[0].word, schemas.at(get.schema, place.at)) if get else None
        if get and key and key.confidence != GUESS:
            because = f"`{get.operation.path}` shows a record, and nothing lists its like"
            return Item(get.shape, tuple(views), get, place, because, LIKELY)
    return None


def _find_unlisted_places(schemas: Schemas, get: OperationView) -> Iterator[RecordPlace]:
    properties = schemas.properties(get.schema)
    if schemas.is_object(get.schema):
        yield RecordPlace("", False, 1.0)
    for name, inside in properties.items():
        if len(properties) <= MAX_WRAPPER and schemas.is_object(inside) and is_wrapper(name, properties, (get.word,)):
            yield RecordPlace(f"/{escape_pointer(name)}", False, 1.0)


def _shown(schemas: Schemas, get: OperationView) -> Iterator[tuple[str, RecordPlace]]:
    """What a GET may show: the schema its body refers to, or one that a property of the body does."""
    if reference := schemas.reference(get.schema):
        yield reference, RecordPlace("", False, 1.0)
    for name, inside in schemas.properties(get.schema).items():
        if reference := schemas.reference(inside):
            yield reference, RecordPlace(f"/{escape_pointer(name)}", False, 1.0)
