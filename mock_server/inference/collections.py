"""Collections of a document: what lists and gets by id share, their names, keys and parents (I1 to I4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from mock_server.inference.conclusions import GUESS, LIKELY, SURE
from mock_server.inference.keys import Key, find_foreign, find_key, find_plain_key
from mock_server.inference.lists import ListView
from mock_server.inference.records import RecordPlace, find_record
from mock_server.inference.schemas import Schemas
from mock_server.inference.views import OperationView, schema_of
from mock_server.inference.words import is_same_word, normalize, singular, split_words


@dataclass(frozen=True)
class Item:
    """Operations on one record: the path that ends in its key, the GET that shows it and where, and why it is one."""

    shape: str
    views: tuple[OperationView, ...]
    get: OperationView | None
    place: RecordPlace | None
    because: str
    confidence: str


@dataclass(frozen=True)
class Parent:
    """A path parameter above a list: the parent's name, collection and the record's property, empty where unknown."""

    name: str
    collection: str
    field: str

    @property
    def annotation(self) -> dict[str, str]:
        """As `x-collections` has it."""
        return {key: value for key, value in (("collection", self.collection), ("field", self.field)) if value}

    def describe(self) -> str:
        """One clause: where it comes from, and where a record shows it."""
        source = f"one of `{self.collection}`" if self.collection else "of no known collection"
        return f"the parent `{self.name}` is {source}, " + (f"shown as `{self.field}`" if self.field else "hidden")


@dataclass
class Records:
    """One collection while it is put together: its lists, items, key and parents."""

    home: ListView
    views: list[ListView]
    items: list[Item] = field(default_factory=list)
    name: str = ""
    key: Key | None = None
    why: dict[str, str] = field(default_factory=dict)
    parents: dict[str, Parent] = field(default_factory=dict)
    slots: dict[str, dict[str, str]] = field(default_factory=dict)


def find_collections(schemas: Schemas, views: Iterable[OperationView], lists: Mapping[str, ListView]) -> list[Records]:
    """The collections of a document, in the order of their lists; `lists` are by name of the operation."""
    by_shape: dict[str, list[ListView]] = {}
    for each in lists.values():
        by_shape.setdefault(each.view.shape, []).append(each)
    paths: dict[str, list[OperationView]] = {}
    for view in views:
        if view.is_item and not _is_choice(schemas, view):
            paths.setdefault(view.shape, []).append(view)
    items = _pair(schemas, paths, by_shape)
    found = _group(schemas, by_shape, items)
    _add_distant_items(schemas, found, paths, items)
    _name(found)
    for records in found:
        records.key = _find_key(schemas, records)
    _add_parents(schemas, found)
    return found


def _is_choice(schemas: Schemas, view: OperationView) -> bool:
    schema = schemas.resolve(schema_of(view.find_slot(view.slots[-1]))) if view.slots else {}
    return isinstance(schema.get("enum"), list) and len(schema["enum"]) > 0


def _pair(
    schemas: Schemas,
    paths: Mapping[str, list[OperationView]],
    by_shape: Mapping[str, list[ListView]],
) -> dict[str, list[Item]]:
    """The items of each list, by its shape: at the path below it, or below its singular or plural."""
    siblings: dict[tuple[str, str], str] = {}
    for shape, (first, *_) in by_shape.items():
        siblings.setdefault((shape.rpartition("/")[0], singular(normalize(first.view.word))), shape)
    items: dict[str, list[Item]] = {}
    for shape, views in paths.items():
        above = shape.rpartition("/")[0]
        beside = (above.rpartition("/")[0], singular(normalize(views[0].word)))
        owner = above if above in by_shape else siblings.get(beside, "") if not above.endswith("{}") else ""
        if owner and owner != shape:
            item = _make_item(schemas, shape, views, by_shape[owner][0], owner == above)
            if item:
                items.setdefault(owner, []).append(item)
    return items


def _make_item(
    schemas: Schemas,
    shape: str,
    views: list[OperationView],
    home: ListView,
    is_below: bool,
) -> Item | None:
    get = next((view for view in views if view.method == "GET" and view.schema is not None), None)
    place = find_record(schemas, get.schema, home.rows.item, get.word) if get else None
    path = home.view.operation.path
    near = f"the path `{views[0].operation.path}` lies below the list `{path}`"
    near = near if is_below else f"`{views[0].operation.path}` is the singular of the list `{path}`"
    if get is None or place is None:
        if get is not None and schemas.properties(get.schema):
            return None
        return Item(shape, tuple(views), None, None, f"{near}, and no GET shows the record", LIKELY)
    alike = (
        "its answer is the item of the list" if place.likeness >= 1 else "its answer looks like the item of the list"
    )
    return Item(shape, tuple(views), get, place, f"{near}, and {alike}", SURE if is_below else LIKELY)


def _group(schemas: Schemas, by_shape: Mapping[str, list[ListView]], items: Mapping[str, list[Item]]) -> list[Records]:
    """Lists put together: each with items of its own is a collection; one of the same item without is a view of it."""
    homes = {shape: Records(views[0], list(views), items[shape]) for shape, views in by_shape.items() if shape in items}
    known: dict[str, list[Records]] = {}
    for each in homes.values():
        known.setdefault(schemas.reference(each.home.rows.item), []).append(each)
    for shape, views in by_shape.items():
        if shape in homes:
            continue
        reference = schemas.reference(views[0].rows.item)
        owner = _choose_owner(views[0].view, known.get(reference, []) if reference else [])
        if owner:
            owner.views.extend(views)
            same = reference.rpartition("/")[2]
            home = owner.home.view.operation.path
            why = f"its items are `{same}` as those of `{home}`, and it has no path to one record"
            owner.why.update({view.view.name: why for view in views})
        else:
            homes[shape] = Records(views[0], list(views))
    order = list(by_shape)
    return sorted(homes.values(), key=lambda each: order.index(each.home.view.shape))


def _choose_owner(view: OperationView, candidates: list[Records]) -> Records | None:
    """The collection that a list is a view of: the only one of its item, else the one of its name, else none."""
    if len(candidates) < 2:
        return next(iter(candidates), None)
    named = [each for each in candidates if is_same_word(each.home.view.word, view.word)]
    return min(named, key=lambda each: len(each.home.view.shape), default=None)


def _add_distant_items(
    schemas: Schemas,
    found: list[Records],
    paths: Mapping[str, list[OperationView]],
    items: Mapping[str, list[Item]],
) -> None:
    """Gets by id far from their list (`/users/{id}/orders` and `/orders/{id}`), by the item they show."""
    taken = {item.shape for each in items.values() for item in each}
    by_item: dict[str, list[Records]] = {}
    for each in found:
        for view in each.views:
            reference = schemas.reference(view.rows.item)
            if reference and each not in by_item.setdefault(reference, []):
                by_item[reference].append(each)
    for shape, views in paths.items():
        get = next((view for view in views if view.method == "GET" and view.schema is not None), None)
        if shape in taken or get is None:
            continue
        for reference, place in _shown(schemas, get):
            owner = _choose_owner(get, [each for each in by_item.get(reference, []) if not each.items])
            if owner and find_key(schemas, get.slots[-1], get.word, owner.home.rows.item):
                why = f"it shows `{reference.rpartition('/')[2]}`, as the list `{owner.home.view.operation.path}` does"
                owner.items.append(Item(shape, tuple(views), get, place, why, LIKELY))
                break


def _shown(schemas: Schemas, get: OperationView) -> Iterator[tuple[str, RecordPlace]]:
    """What a GET may show: the schema its body refers to, or one that a property of the body does."""
    if reference := schemas.reference(get.schema):
        yield reference, RecordPlace("", False, 1.0)
    for name, inside in schemas.properties(get.schema).items():
        if reference := schemas.reference(inside):
            yield reference, RecordPlace(f"/{name.replace('~', '~0').replace('/', '~1')}", False, 1.0)


def _find_key(schemas: Schemas, records: Records) -> Key | None:
    for item in records.items:
        view = item.get or item.views[0]
        shown = schemas.at(view.schema, item.place.at) if item.place else {}
        if item.place and item.place.is_list:
            shown = schemas.items(shown)
        key = find_key(schemas, view.slots[-1], view.word, records.home.rows.item, shown)
        if key and key.confidence != GUESS:
            return key
    if records.items:
        return None
    name = find_plain_key(schemas, records.home.view.word, records.home.rows.item)
    return Key(name, f"its records have `{name}`", LIKELY) if name else None


def _name(found: list[Records]) -> None:
    """Readable names, each once: the last word of the path, with the words before it where that is taken."""
    taken: set[str] = set()
    for each in found:
        given = each.home.view.given
        if isinstance(given, Mapping) and isinstance(given.get("list"), str):
            each.name = given["list"]
            taken.add(each.name)
    for each in sorted(found, key=lambda each: (len(each.home.view.slots), len(each.home.view.words))):
        if not each.name:
            each.name = next(name for name in _propose(each.home.view) if name not in taken)
            taken.add(each.name)


def _propose(view: OperationView) -> Iterator[str]:
    words = ["_".join(split_words(word)) for word in view.words]
    words = [word for word in words if word] or ["records"]
    start = 2 if view.slots and len(words) > 1 else 1
    for count in range(start, len(words) + 1):
        yield ".".join(words[-count:])
    yield from (f"{'.'.join(words)}_{n}" for n in range(2, 100_000))


def _add_parents(schemas: Schemas, found: list[Records]) -> None:
    """What stands for each path parameter above a list: the collection whose items have that path."""
    owners = {item.shape: each for each in found for item in each.items}
    owners |= {f"{view.view.shape}/{{}}": each for each in reversed(found) for view in each.views if not each.items}
    for each in found:
        above = [view.view for view in each.views]
        for view in [*above, *(view for item in each.items for view in item.views)]:
            slots = view.slots[:-1] if view not in above else view.slots
            each.slots[view.name] = {slot: _add_parent(schemas, each, view, n, owners) for n, slot in enumerate(slots)}


def _add_parent(schemas: Schemas, records: Records, view: OperationView, n: int, owners: Mapping[str, Records]) -> str:
    slot, parts = view.slots[n], view.shape.split("{}")
    prefix = "{}".join(parts[: n + 1]) + "{}"
    owner, word = owners.get(prefix), prefix.rstrip("/{}").rpartition("/")[2]
    key = records.key.name if records.key else ""
    property_name = find_foreign(schemas, slot, word, records.home.rows.item, key)
    collection = owner.name if owner and owner is not records else ""
    parent = Parent(slot, collection, property_name)
    taken = records.parents.get(slot)
    if taken and (taken.collection, taken.field) != (collection, property_name):
        parent = Parent(f"{singular(normalize(word)) or 'parent'}_{slot}", collection, property_name)
    records.parents.setdefault(parent.name, parent)
    return parent.name
