"""The index of grams answers as reading every text does, whatever the keyword."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mock_server.messages import Condition
from mock_server.store import batches as chunks
from mock_server.store import builder as store_build
from mock_server.store import reader as store
from mock_server.store.bitmap import Bits, both
from mock_server.store.grams import SEPARATOR, Grams, find_frequent, find_grams, is_whole
from mock_server.store.grams_build import GramWriter, index_chunk
from mock_server.store.json_file import Fragments, FragmentWriter
from mock_server.store.reader import grams_path, text_path
from tests.store.test_store import FIELDS, THINGS, records_of

NAMES = ["ahmad", "hind", "noora", "salem", "jassim", "zoë", "ab", "aba", ""]
CITIES = ["doha", "lusail", "al khor", "al rayyan"]


def make_texts(count: int) -> list[str]:
    """Texts as records have them: common templates, common words, rare numbers."""
    chance = random.Random(7)
    return [
        SEPARATOR.join(
            [
                f"{chance.choice(NAMES)} bin {chance.choice(NAMES)}",
                f"{chance.choice(NAMES)}{number}@example.com",
                f"building {chance.randrange(300)}, zone {chance.randrange(99)}, {chance.choice(CITIES)}, qatar",
            ],
        )
        for number in range(count)
    ]


TEXTS = make_texts(1_900)


@pytest.fixture(scope="module")
def grams(tmp_path_factory: pytest.TempPathFactory) -> Grams:
    """An index over the texts, written in three chunks."""
    path = tmp_path_factory.mktemp("grams") / "texts.grams"
    fragments = FragmentWriter(path.with_suffix(".texts"))
    fragments.write(text.encode() for text in TEXTS)
    fragments.finish()
    frequent = find_frequent(TEXTS[::7])
    writer = GramWriter(path, frequent, len(TEXTS))
    order = {gram: number for number, gram in enumerate(sorted(frequent))}
    for start in range(0, len(TEXTS), 800):
        writer.write(index_chunk(TEXTS[start : start + 800], frequent, order), start)
    writer.finish()
    return Grams(Fragments(path.with_suffix(".texts")), len(TEXTS), path)


def read_all(keyword: str) -> list[int]:
    return [number for number, text in enumerate(TEXTS) if any(keyword in field for field in text.split(SEPARATOR))]


KEYWORDS = [
    "a",
    "q",
    "ë",
    "é",
    "@",
    " ",
    ",",
    "ab",
    "aba",
    "zz",
    "doha",
    ", doha, qatar",
    "oha, q",
    "zone 5",
    "zone 55, al",
    "building 1",
    "building 299, zone 98, doha",
    "example.com",
    "17@example.com",
    "17@",
    "hind bin hind",
    "bin zoë",
    "qatar, doha",
    "doha, qatar, doha",
    "x" * 300,
    SEPARATOR,
    f"m{SEPARATOR}",
    "\x00",
    '"',
    "hmad bin ab",
    "n ",
    " b",
    "1899@",
]


@pytest.mark.parametrize("keyword", KEYWORDS, ids=[ascii(keyword)[:40] for keyword in KEYWORDS])
def test_a_keyword_is_found_where_it_stands(keyword: str, grams: Grams) -> None:
    assert list(grams.find(keyword)[:]) == read_all(keyword)


PIECES = st.builds(
    lambda number, start, size: TEXTS[number % len(TEXTS)][start : start + size],
    st.integers(0, 10_000),
    st.integers(0, 70),
    st.integers(1, 30),
)


@given(st.one_of(PIECES, st.text("abdehinoqrz ,0159@", min_size=1, max_size=5), st.builds(str.__add__, PIECES, PIECES)))
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_keyword_is_found_where_it_stands(grams: Grams, keyword: str) -> None:
    assert list(grams.find(keyword)[:]) == read_all(keyword)


def test_a_frequent_gram_has_frequent_parts_only() -> None:
    frequent = find_frequent(TEXTS)
    assert ", doha" in frequent and "building " in frequent and "17@" not in frequent
    assert all({gram[:-1], gram[1:]} - {""} <= frequent for gram in frequent)


def test_the_known_grams_of_a_field_cover_it() -> None:
    frequent = find_frequent(TEXTS)
    for text in TEXTS[:50]:
        for field in text.split(SEPARATOR):
            grams = list(find_grams(field, frequent))
            assert len(grams) == len(field)
            assert all(field[at:].startswith(gram) and gram for at, gram in enumerate(grams))


def test_pages_of_a_set_of_bits() -> None:
    members = sorted(random.Random(1).sample(range(20_000), 9_000))
    data = bytearray(2_500)
    for member in members:
        data[member >> 3] |= 1 << (member & 7)
    bits = Bits(bytes(data))
    assert len(bits) == len(members) and bits[:] == members
    for start, end in ((0, 20), (20, 40), (4_000, 4_100), (8_990, 9_020), (9_000, 9_010), (10, 5)):
        assert bits[start:end] == members[start:end]
    assert members[5] in bits and 10**9 not in bits
    evens = [member for member in members if member % 2 == 0]
    assert list(both(bits, range(0, 20_000, 2))[:]) == evens


@pytest.fixture
def indexed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small collections get an index as well."""
    for module in (store, store_build, chunks):
        monkeypatch.setattr(module, "SCANNED", 40)
    monkeypatch.setattr(chunks, "SAMPLED", 60)


def wanted(keyword: str, shelf: object) -> list[bytes]:
    rows = shelf.page((), 0, 1_000)[1]  # type: ignore[attr-defined]
    return [r for r in rows if any(keyword in str(orjson.loads(r)[f] or "").casefold() for f in ("name", "note"))]


def test_a_shelf_with_an_index_answers_as_one_without(tmp_path: Path, indexed: None) -> None:
    shelf = records_of(tmp_path, 500)
    assert list(tmp_path.glob("*.grams"))
    for keyword in ("a", "an", "son", "ALL ", "e.", "michael", "zzz", "ar"):
        total, rows = shelf.page((Condition("search", ("name", "note"), keyword),), 0, 1_000)
        assert rows == wanted(keyword.casefold(), shelf) and total == len(rows)
        flagged = (Condition("search", ("name", "note"), keyword), Condition("equals", ("flag",), True))
        total, rows = shelf.page(flagged, 0, 1_000)
        assert rows == [row for row in wanted(keyword.casefold(), shelf) if orjson.loads(row)["flag"]]
        named = (Condition("search", ("name", "note"), keyword), Condition("contains", ("name",), "a"))
        assert shelf.page(named, 0, 1_000)[1] == [
            row for row in wanted(keyword.casefold(), shelf) if "a" in orjson.loads(row)["name"].casefold()
        ]
    assert FIELDS.keys() >= {"name", "note"}


BROKEN: list[tuple[str, Callable[[Path], object]]] = [
    ("cut short", lambda path: path.write_bytes(path.read_bytes()[:-100])),
    ("empty", lambda path: path.write_bytes(b"")),
    ("not there", lambda path: path.unlink()),
    ("something else", lambda path: path.write_bytes(b"not an index of grams at all")),
    ("another index", lambda path: path.write_bytes(path.read_bytes()[5:])),
    ("JSON of another kind", lambda path: path.write_bytes(json.dumps([1]).encode() + (3).to_bytes(8, "little"))),
]


@pytest.mark.parametrize(("name", "harm"), BROKEN, ids=[name for name, _ in BROKEN])
@pytest.mark.parametrize("which", [grams_path, text_path])
def test_a_broken_file_is_built_anew(
    name: str,
    harm: Callable[[Path], object],
    which: Callable[[Path, str], Path],
    tmp_path: Path,
    indexed: None,
) -> None:
    clean = records_of(tmp_path, 100)
    where = (Condition("search", ("name", "note"), "a"),)
    answered = clean.page(where, 0, 100)
    (base,) = tmp_path.glob("*.sqlite")
    searched = sorted({column for (test, _), column in clean._columns.items() if test == "search"})
    path = which(base, searched[0])
    harm(path)
    assert records_of(tmp_path, 100).page(where, 0, 100) == answered
    assert which is text_path or is_whole(path)
    assert THINGS.name == "things" and not list(tmp_path.glob("*.part"))
