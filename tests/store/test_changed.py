"""Changes laid over stored records: whatever was written, stored records and changed ones answer alike."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mock_server.contract.model import Collection
from mock_server.messages import Condition
from mock_server.sessions.factory import NOW
from mock_server.state import FIRST, LAST, Changes
from mock_server.store import ChangedRecords, Recipe, SeenRecords, open_records
from mock_server.store import changed as changed_module
from mock_server.store.conditions import TESTS
from mock_server.store.recipe import FORMS

FIELDS = {
    "id": {"type": "integer", "x-faker": {"sequence": {"start": 10, "step": 3}}},
    "name": {"type": "string", "x-faker": "name"},
    "mail": {"type": "string", "x-faker": {"email_of": {"name": "$name"}}},
    "note": {"type": ["string", "null"], "x-faker": "sentence", "x-missing": {"as": "null", "share": 0.3}},
    "flag": {"type": "boolean", "x-faker": "boolean"},
    "price": {"type": "number", "x-faker": {"random_int": {"min": 3, "max": 60}}},
    "born": {"type": "string", "x-faker": {"moment": {"form": "date"}}},
    "home": {"type": "object", "properties": {"city": {"type": "string", "x-faker": "city"}}},
}
COLUMNS = (
    ("search", ("name", "note")),
    *((test, (field,)) for test in ("contains", "starts", "equals_fold") for field in ("name", "note")),
    *(
        (test, (field,))
        for test in ("equals", "one_of", "at_least", "at_most")
        for field in ("id", "note", "flag", "price", "born")
    ),
    ("equals", ("home.city",)),
    ("search", ("home.city",)),
    ("equals", ("shelf",)),
)
SHELF = {"shelf": {"type": "string", "x-faker": {"random_element": {"elements": ["A", "B"]}}}}
VIEWS = (tuple((n, n) for n in FIELDS), (("id", "id"), ("label", "name")))
THINGS = Collection("toy", "things", "id", 30, "en_US", {"properties": FIELDS}, SHELF, VIEWS, COLUMNS, "digest-1")
EVERYTHING = 10_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("records")


class Toy:
    """A collection of some stored records, and what a session writes into it."""

    def __init__(self, folder: Path, changes: Changes, count: int = 30) -> None:
        self.changes = changes
        self.seen = SeenRecords("toy/things", open_records(Recipe(THINGS, "seed", count, NOW), folder), changes)

    def write(self, key: int, values: dict[str, Any] | None, is_new: bool = False, place: str = "") -> None:
        with self.seen.changing("~ann/"):
            self.seen.put("~ann/", str(key), values if values is None else {"id": key, **values}, is_new, place)

    @property
    def records(self) -> Any:
        return self.seen.by("~ann/")

    def list(self, *where: Condition, view: int = 0) -> list[Any]:
        total, rows = self.records.page(where, 0, EVERYTHING, view)
        assert total == len(rows)
        assert self.records.page_json(where, 0, EVERYTHING, view) == (total, b",".join(rows))
        return [orjson.loads(row) for row in rows]


@pytest.fixture
def toy(folder: Path, tmp_path: Path) -> Toy:
    return Toy(folder, Changes(tmp_path))


def test_each_stands_where_it_belongs(toy: Toy) -> None:
    before = toy.list()
    keys = [row["id"] for row in before]
    whole = toy.seen.shape.make(4)
    toy.write(keys[4], {**whole, "name": "Somebody Else"})
    toy.write(keys[7], None)
    toy.write(5_001, {**whole, "id": 5_001}, is_new=True)
    toy.write(5_002, {"name": "Zoe"}, place=FIRST)
    toy.write(5_003, {"name": "Yann"}, place=LAST)
    toy.write(keys[9], {"name": "In Front"}, place=FIRST)
    after = toy.list()
    expected = [5_002, keys[9], *(key for key in keys if key not in (keys[7], keys[9])), 5_001, 5_003]
    assert [row["id"] for row in after] == expected and toy.records.total == len(expected)
    assert after[expected.index(keys[4])] == {**before[4], "name": "Somebody Else"}
    assert [row for row in after if row["id"] in set(keys) - {keys[4], keys[9]}] == [
        row for row in before if row["id"] not in (keys[4], keys[7], keys[9])
    ]
    assert [orjson.loads(toy.records.find(row["id"])) for row in after] == after
    assert toy.records.find(keys[7]) is None and toy.records.find("nothing") is None
    assert [row["label"] for row in toy.list(view=1)] == [row["name"] for row in after]
    for offset in range(len(after) + 2):
        for size in (0, 1, 3, 50):
            total, page = toy.records.page_json((), offset, size)
            assert orjson.loads(b"[%b]" % page) == after[offset : offset + size] and total == len(after)


def test_what_an_own_record_leaves_out_is_made_and_agrees_with_it(toy: Toy) -> None:
    toy.write(9_000, {"name": "Ada Quux", "home": {"city": "Doha"}}, place=FIRST)
    own = toy.list()[0]
    assert set(own) == set(FIELDS) and own["name"] == "Ada Quux" and own["home"] == {"city": "Doha"}
    assert own["mail"].startswith("ada.quux"), "the e-mail is of the given name"
    assert toy.list(Condition("search", ("name", "note"), "QUUX")) == [own]
    shelf = (toy.seen.find_values(toy.records, 9_000) or {})["shelf"]
    assert own in toy.list(Condition("equals", ("shelf",), shelf)), "hidden fields are made as well"


def test_keys_go_on_behind_the_last_and_none_comes_twice(toy: Toy) -> None:
    last, drawn = toy.list()[-1]["id"], []
    for _ in range(5):
        with toy.seen.changing("~ann/") as records:
            _, key = toy.seen.draw(records)
            drawn.append(key)
            toy.seen.put("~ann/", str(key), {"id": key}, is_new=True)
        toy.write(drawn[-1], None)
    assert drawn == sorted(set(drawn)) and drawn[0] > last
    assert drawn == [toy.seen.shape.make(30 + n)["id"] for n in range(5)]


def test_every_session_sees_its_own(toy: Toy) -> None:
    toy.write(toy.list()[0]["id"], None)
    assert toy.seen.by("~bob/") is toy.seen.stored and toy.records.total == 29
    toy.changes.forget("~ann/")
    assert toy.records is toy.seen.stored


values_of = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["Ann", "ANN", "ann lee", "straße", "STRASSE", "İnci", "", "a\u0301", "5"]),
        "note": st.none() | st.sampled_from(["Ann", "note", "5", "ÿ", "\x00", "b"]) | st.text(max_size=3),
        "flag": st.booleans(),
        "price": st.integers(-3, 70) | st.floats(-3, 70) | st.integers(2**62, 2**63 - 1),
        "born": st.sampled_from(["2024-01-01", "2024-01-01T00:00:00", "1999-12-31", "2025-06-30"]),
        "home": st.none() | st.fixed_dictionaries({"city": st.sampled_from(["Doha", "doha", "Paris"])}),
        "shelf": st.sampled_from(["A", "B"]),
    },
    optional={},
)
asked = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 70),
    st.integers(2**62, 2**70),
    st.floats(-3, 70),
    st.sampled_from(["ann", "ANN", "Ann", "strasse", "5", "note", "Doha", "2024-01-01", "A", "", "\x00", "ÿ"]),
)


def make_condition(column: tuple[str, tuple[str, ...]], values: list[Any]) -> Condition:
    test, fields = column
    value = tuple(v for v in values if v is not None) if test == "one_of" else values[0]
    return Condition(test, fields, value)


conditions = st.builds(make_condition, st.sampled_from(COLUMNS), st.lists(asked, min_size=1, max_size=4)).filter(
    lambda condition: condition.value is not None,
)


class FixedMaker:
    """Makes the records that a test lists, by ordinal."""

    def __init__(self, records: list[dict[str, Any]]) -> None:
        self.records = records

    def __call__(self, ordinal: int) -> dict[str, Any]:
        return dict(self.records[ordinal])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(values_of, min_size=1, max_size=8),
    wheres=st.lists(st.lists(conditions, min_size=1, max_size=2).map(tuple), min_size=4, max_size=12),
)
def test_stored_and_changed_records_satisfy_the_same_conditions(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[dict[str, Any]],
    wheres: list[tuple[Condition, ...]],
) -> None:
    folder = tmp_path_factory.mktemp("same")
    records = [{"id": number, **row} for number, row in enumerate(rows)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mock_server.store.batches.compile_maker", lambda *_: FixedMaker(records))
        stored = open_records(Recipe(THINGS, "seed", len(records), NOW), folder)
    toy = Toy(folder, Changes(folder), count=0)
    for record in records:
        toy.write(record["id"], record, is_new=True)
    changed = toy.records
    for where in wheres:
        assert changed.page(where, 0, 100) == stored.page(where, 0, 100), where


class Model:
    """What a session sees, as a plain list of records; `hidden` fields of theirs as well."""

    def __init__(self, toy: Toy) -> None:
        self.toy = toy
        self.rows = [toy.seen.shape.make(n) for n in range(30)]

    def find(self, key: int) -> int | None:
        return next((n for n, row in enumerate(self.rows) if row["id"] == key), None)


writes = st.lists(
    st.tuples(
        st.sampled_from(["replace", "delete", "create", "read"]),
        st.integers(0, 40),
        values_of,
        conditions,
    ),
    max_size=25,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(writes=writes)
def test_one_change_more_is_as_if_all_had_been_there(
    folder: Path,
    tmp_path_factory: pytest.TempPathFactory,
    writes: list[tuple[str, int, dict[str, Any], Condition]],
) -> None:
    here = tmp_path_factory.mktemp("changes")
    toy, other = Toy(folder, Changes(here)), Toy(folder, Changes(here))
    model = Model(toy)
    for effect, number, values, condition in writes:
        play(model, effect, number, values)
        where = (condition,)
        if effect == "read":
            other.list(where[0])
            assert toy.records.page(where, 0, 100) == other.records.page(where, 0, 100)
    whole = Toy(folder, Changes(here))
    expected = [{name: row[name] for name in FIELDS if name in row} for row in model.rows]
    assert toy.list() == other.list() == whole.list() == expected
    for _, _, _, condition in writes:
        assert toy.list(condition) == other.list(condition) == whole.list(condition)


def play(model: Model, effect: str, number: int, values: dict[str, Any]) -> None:
    """One write, into the collection and into the model of it."""
    key = model.rows[number]["id"] if number < len(model.rows) else 100_000 + number
    at = model.find(key)
    if effect == "create" and at is None:
        model.toy.write(key, values, is_new=True)
        model.rows.append({"id": key, **values})
    elif effect == "replace" and at is not None:
        model.toy.write(key, values)
        model.rows[at] = {"id": key, **values}
    elif effect == "delete" and at is not None:
        model.toy.write(key, None)
        del model.rows[at]


def test_conditions_of_many_changes_leave_the_event_loop(toy: Toy, monkeypatch: pytest.MonkeyPatch) -> None:
    where = (Condition("equals", ("flag",), True),)
    toy.write(10, None)
    assert toy.records.is_quick(where) and toy.records.is_quick()
    monkeypatch.setattr(changed_module, "AT_ONCE", 0)
    assert not toy.records.is_quick(where) and toy.records.is_quick(())
    toy.list(*where)
    assert toy.records.is_quick(where), "what it matched is kept"


def test_every_test_of_the_store_has_both_forms() -> None:
    assert {test for test, _ in COLUMNS} == {*TESTS, *FORMS}


def test_a_key_is_read_as_its_field_has_it(toy: Toy) -> None:
    toy.write(5_001, {"name": "Zoe"}, place=FIRST)
    assert toy.seen.read_key("12") == 12 and toy.seen.read_key("012") == "012"
    key = str(toy.list()[1]["id"])
    assert isinstance(toy.records, ChangedRecords)
    assert toy.records.find("5001") == toy.records.find(5_001) and toy.records.find(key) == toy.records.find(int(key))
