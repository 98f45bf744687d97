"""Collections of a document: what lists and gets by id share, their names and keys (I2 and I3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mock_server.inference.conclusions import GUESS, LIKELY
from mock_server.inference.items import Item, Paths, find_paths, find_shown, find_unlisted, pair_items
from mock_server.inference.keys import Key, find_key, find_plain_key
from mock_server.inference.lists import ListView
from mock_server.inference.naming import Names, propose_names
from mock_server.inference.records import LIKE
from mock_server.inference.schemas import Schemas
from mock_server.inference.views import OperationView
from mock_server.inference.words import is_same_word, normalize, singular


@dataclass
class Records:
    """One collection while it is put together: its lists and items, and its key.

    `home` is the operation that stands for it: its list, or its GET by id where nothing lists it. `item` is the schema
    of its records, `array` the name of the array that holds them. `why` says of a list why it is a view of it.
    """

    home: OperationView
    item: Any
    array: str
    views: list[ListView]
    items: list[Item] = field(default_factory=list)
    name: str = ""
    key: Key | None = None
    why: dict[str, str] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """The path of its list, or of its GET by id."""
        return self.home.operation.path


def find_collections(schemas: Schemas, views: Iterable[OperationView], lists: Mapping[str, ListView]) -> list[Records]:
    """The collections of a document, in the order of their lists; `lists` are by name of the operation."""
    by_shape: dict[str, list[ListView]] = {}
    for each in lists.values():
        same = by_shape.setdefault(each.view.shape, [])
        # Alike templates (`/{user}/pets`, `/{shop}/toys`) may list different things.
        is_other = same and schemas.likeness(same[0].rows.item, each.rows.item) < LIKE
        (by_shape.setdefault(each.view.name, []) if is_other else same).append(each)
    paths = find_paths(schemas, (view for view in views if view.name not in lists))
    collections = _group(schemas, by_shape, paths)
    for records in collections:
        _choose_key(schemas, records)
    return _name(collections)


def _group(
    schemas: Schemas,
    lists: Mapping[str, Sequence[ListView]],
    paths: Paths,
) -> list[Records]:
    """Lists put together: one with items of its own is a collection; one of the same item without is a view of it."""
    items = pair_items(schemas, paths, lists)
    homes = {shape: _start(views, items[shape]) for shape, views in lists.items() if shape in items}
    owners: dict[str, list[Records]] = {}
    for each in homes.values():
        owners.setdefault(schemas.reference(each.item), []).append(each)
    loose = {shape: schemas.reference(views[0].rows.item) for shape, views in lists.items() if shape not in homes}
    homes |= _adopt(schemas, lists, paths, loose, owners)
    chooser = _Owners(owners)
    for shape, reference in loose.items():
        if shape in homes:
            continue
        owner = chooser.choose(reference, lists[shape][0].view)
        if owner:
            _add_views(owner, lists[shape], reference)
        else:
            homes[shape] = _start(lists[shape], [])
    listed = [homes[shape] for shape in lists if shape in homes]
    return [*listed, *_find_unlisted(schemas, paths, listed)]


def _start(lists: Sequence[ListView], items: Sequence[Item]) -> Records:
    rows = lists[0].rows
    return Records(lists[0].view, rows.item, rows.at.rpartition("/")[2], list(lists), list(items))


def _find_unlisted(
    schemas: Schemas,
    paths: Paths,
    listed: Sequence[Records],
) -> Iterator[Records]:
    """Collections that nothing lists: of a GET whose record shows the key that its path names."""
    taken = {item.shape for records in listed for item in records.items}
    for (shape, _), views in paths.items():
        item = find_unlisted(schemas, views) if shape not in taken else None
        if item and item.place:
            taken.add(shape)
            yield Records(item.first, schemas.at(item.first.schema, item.place.at), "", [], [item])


def _add_views(owner: Records, lists: Sequence[ListView], reference: str) -> None:
    owner.views.extend(lists)
    same = reference.rpartition("/")[2]
    why = f"its items are `{same}` as those of `{owner.path}`, and it has no path to one record"
    owner.why.update({each.view.name: why for each in lists})


def _adopt(
    schemas: Schemas,
    lists: Mapping[str, Sequence[ListView]],
    paths: Paths,
    loose: Mapping[str, str],
    owners: dict[str, list[Records]],
) -> dict[str, Records]:
    """Collections of lists without items and gets by id without lists, by the item that both show.

    `/users/{id}/orders` and `/orders/{id}`; `/pet/findByStatus` and `/pet/{petId}`.
    """
    adopted: dict[str, Records] = {}
    paired = set(owners)
    free: dict[str, list[str]] = {}
    for shape, reference in loose.items():
        free.setdefault(reference, []).append(shape)
    taken = {item.shape for each in owners.values() for records in each for item in records.items}
    for reference, item in find_shown(schemas, paths, taken):
        if reference in paired or reference not in free or item.shape in taken:
            continue
        known = owners.get(reference)
        home = known[0].home.shape if known else _choose_nearest(item, free[reference], lists)
        key = find_key(schemas, item.first.slots[-1], item.first.word, lists[home][0].rows.item)
        if key is None:
            continue
        taken.add(item.shape)
        if known:
            known[0].items.append(item)
            continue
        adopted[home] = _start(lists[home], [item])
        owners[reference] = [adopted[home]]
    return adopted


def _choose_nearest(item: Item, shapes: Sequence[str], lists: Mapping[str, Sequence[ListView]]) -> str:
    """Of lists of one item, the one of the same word, else the one with the longest common path, else the first."""

    def nearness(shape: str) -> tuple[bool, int]:
        parts, others = shape.split("/"), item.shape.split("/")
        common = next((n for n, pair in enumerate(zip(parts, others, strict=False)) if pair[0] != pair[1]), len(parts))
        return is_same_word(lists[shape][0].view.word, item.first.word), common

    return max(shapes, key=nearness)


class _Owners:
    """The collections that a list may be a view of, by the item that both show."""

    def __init__(self, owners: Mapping[str, Sequence[Records]]) -> None:
        self._owners = {reference: each for reference, each in owners.items() if reference}
        self._by_word: dict[tuple[str, str], Records] = {}
        for reference, candidates in self._owners.items():
            for each in sorted(candidates, key=lambda each: len(each.home.shape)):
                self._by_word.setdefault((reference, singular(normalize(each.home.word))), each)

    def choose(self, reference: str, view: OperationView) -> Records | None:
        """The only collection of an item, else the one of the same word, else none."""
        candidates = self._owners.get(reference, ())
        if len(candidates) == 1:
            return candidates[0]
        return self._by_word.get((reference, singular(normalize(view.word))))


def _choose_key(schemas: Schemas, records: Records) -> None:
    """The key that the first item names; items whose parameter names another property are none."""
    keys = [(item, _find_key(schemas, records, item)) for item in records.items]
    records.key = next((key for _, key in keys if key), None)
    if records.key:
        name = records.key.name
        records.items = [item for item, key in keys if key is None or key.name == name]
    elif not records.items:
        plain = find_plain_key(schemas, records.home.word, records.item)
        records.key = Key(plain, f"its records have `{plain}`", LIKELY) if plain else None


def _find_key(schemas: Schemas, records: Records, item: Item) -> Key | None:
    view = item.first
    shown = schemas.at(view.schema, item.place.at) if item.place else {}
    if item.place and item.place.is_list:
        shown = schemas.items(shown)
    key = find_key(schemas, view.slots[-1], view.word, records.item, shown)
    return key if key and key.confidence != GUESS else None


def _name(collections: Sequence[Records]) -> list[Records]:
    """The collections with names: those that an author gave, else the shortest for paths without parameters.

    What an author gave the name of another collection belongs to that one.
    """
    names = Names()
    for each in collections:
        given = each.home.given
        each.name = str(given["list"]) if isinstance(given, Mapping) and "list" in given else ""
    for each in sorted(collections, key=lambda each: (not each.views, len(each.home.slots), len(each.home.words))):
        if not each.name:
            each.name = names.take(propose_names(_choose_namesake(each)))
    named: dict[str, Records] = {}
    for each in sorted(collections, key=lambda each: each.home.given is not None):
        known = named.setdefault(each.name, each)
        if known is not each:
            known.views += each.views
            known.items += each.items
    return [each for each in collections if named[each.name] is each]


def _choose_namesake(records: Records) -> OperationView:
    """The operation whose path names a collection: the list, but `/pet/{petId}` before `/pet/findByStatus`."""
    home = records.home
    is_aside = (
        records.views and records.items and all(item.shape.rpartition("/")[0] == home.above for item in records.items)
    )
    return records.items[0].first if is_aside and not home.above.endswith("{}") else home
