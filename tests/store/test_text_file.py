"""A keyword is found where it stands, whatever it is and however many records hold it."""

from __future__ import annotations

import random
from array import array
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_server.messages import Condition
from mock_server.sessions import NOW
from mock_server.store import Recipe, matches, open_records, reader, text_file
from mock_server.store.json_file import TEXT_END
from mock_server.store.text_file import FIELD_END, Texts
from tests.store.test_store import THINGS, records_of

NAMES = ["ahmad", "hind", "noora", "salem", "jassim", "zoë", "ab", "aba", "", "a\x1fb", "\x02x", "\x1e"]
CITIES = ["doha", "lusail", "al khor", "al rayyan"]


def make_rows(count: int) -> list[list[str]]:
    """Fields as records have them: common templates, common words, rare numbers."""
    chance = random.Random(7)
    return [
        [
            f"{chance.choice(NAMES)} bin {chance.choice(NAMES)}",
            f"{chance.choice(NAMES)}{number}@example.com",
            f"building {chance.randrange(300)}, zone {chance.randrange(99)}, {chance.choice(CITIES)}, qatar",
        ][: 3 - (number % 50 == 7) * 3]  # some have nothing to search in
        for number in range(count)
    ]


def texts_of(rows: list[list[str]]) -> Texts:
    """The rows as they stand in the files."""
    pieces = [FIELD_END.join(field.encode() for field in row) + TEXT_END for row in rows]
    offsets = array("Q", [0])
    for piece in pieces:
        offsets.append(offsets[-1] + len(piece))
    return Texts(b"".join(pieces), offsets.tobytes(), len(rows))


ROWS = make_rows(9_000)
TEXTS = texts_of(ROWS)


def read_all(keyword: str, rows: list[list[str]] = ROWS) -> list[int]:
    """What a person would find who reads every field."""
    return [number for number, row in enumerate(rows) if any(keyword in field for field in row)]


KEYWORDS = [
    "a",
    "q",
    "ë",
    "é",
    "@",
    " ",
    ",",
    "ab",
    "zz",
    "doha",
    ", doha, qatar",
    "zone 55, al",
    "building 299, zone 98, doha",
    "17@example.com",
    "8999@",
    "hind bin hind",
    "qatar, doha",
    "x" * 300,
    "\x1f",
    "\x1e",
    "\x02",
    "m\x1f",
    "\x00",
    "\xff",
    "\xfe",
    '"',
]


@pytest.mark.parametrize("keyword", KEYWORDS, ids=[ascii(keyword)[:40] for keyword in KEYWORDS])
def test_a_keyword_is_found_where_it_stands(keyword: str) -> None:
    assert list(TEXTS.find(keyword.encode())) == read_all(keyword)


def test_nothing_at_all_stands_in_every_record() -> None:
    assert list(TEXTS.find(b"")) == list(range(len(ROWS)))


PIECES = st.builds(
    lambda number, start, size: " ".join(ROWS[number % len(ROWS)])[start : start + size] or "a",
    st.integers(0, 10_000),
    st.integers(0, 70),
    st.integers(1, 30),
)


@given(st.one_of(PIECES, st.text("abdehinoqrz ,0159@", min_size=1, max_size=5), st.builds(str.__add__, PIECES, PIECES)))
@settings(max_examples=200, deadline=None)
def test_any_keyword_is_found_where_it_stands(keyword: str) -> None:
    assert list(TEXTS.find(keyword.encode())) == read_all(keyword)


@given(
    st.lists(st.lists(st.text(max_size=6), max_size=3), max_size=40),
    st.text(min_size=1, max_size=3),
    st.integers(1, 9),
    st.integers(0, 3),
)
@settings(max_examples=300, deadline=None)
def test_blocks_of_any_size_and_density_answer_the_same(
    rows: list[list[str]],
    keyword: str,
    block: int,
    sparse: int,
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text_file, "BLOCK", block)
        patch.setattr(text_file, "SPARSE", sparse)
        for wanted in (keyword, *(field[:2] for row in rows for field in row if field)):
            assert list(texts_of(rows).find(wanted.encode())) == read_all(wanted, rows)


CASES = ["a", "AN", "son", "ALL ", "e.", "MICHAEL", "zzz", "ar", "\x1f", "\ud800", "ß"]


@pytest.mark.parametrize("keyword", CASES, ids=ascii)
def test_records_are_found_without_regard_to_case(tmp_path: Path, keyword: str) -> None:
    records = records_of(tmp_path, 500)
    rows = [(row, orjson.loads(row)) for row in records.page((), 0, 500)[1]]
    folded = keyword.casefold()
    searched = [row for row, r in rows if folded in r["name"].casefold() or folded in (r["note"] or "").casefold()]
    search = Condition("search", ("name", "note"), keyword)
    assert records.page((search,), 0, 500) == (len(searched), searched)
    flagged = [row for row in searched if orjson.loads(row)["flag"]]
    assert records.page((search, Condition("equals", ("flag",), True)), 0, 500) == (len(flagged), flagged)
    named = [row for row in searched if folded in orjson.loads(row)["name"].casefold()]
    assert records.page((search, Condition("contains", ("name",), keyword)), 0, 500)[1] == named


def test_a_text_that_starts_with_a_keyword(tmp_path: Path) -> None:
    things = replace(THINGS, columns=(("starts", ("name", "note")), ("starts", ("id",))))
    records = open_records(Recipe(things, "seed", 300, NOW), tmp_path)
    rows = [(row, orjson.loads(row)) for row in records.page((), 0, 300)[1]]
    for keyword in ("A", "ma", "  ", "son", "\x02"):
        start = keyword.casefold()
        found = [row for row, r in rows if any((r[f] or "").casefold().startswith(start) for f in ("name", "note"))]
        assert records.page((Condition("starts", ("name", "note"), keyword),), 0, 300)[1] == found
    found = [row for row, r in rows if str(r["id"]).startswith("1")]
    assert records.page((Condition("starts", ("id",), 1),), 0, 300)[1] == found


def test_what_is_found_is_kept_by_its_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "AT_ONCE", 10)
    records = records_of(tmp_path)
    few = (Condition("search", ("name", "note"), "a"),)
    assert records.is_quick(()) and not records.is_quick(few)
    records.page(few, 0, 1)
    assert records.is_quick(few)
    for number in range(200):  # a megabyte may be kept, and each of these takes ten kilobytes
        records.page((Condition("contains", ("name",), f"{number:09}" * 1_111),), 0, 1)
    assert not records.is_quick(few) and records._matches.bytes <= matches.MIN_BYTES + 3_200
    large = (Condition("contains", ("name",), "x" * 2_000_000),)
    assert records.page(large, 0, 1) == (0, []) and not records.is_quick(large)


def test_many_threads_that_ask_for_a_new_keyword_search_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "AT_ONCE", 10)
    records = records_of(tmp_path)
    search, searches = records._search, []

    def count(where: tuple[Condition, ...]) -> array[int]:
        searches.append(where)
        return search(where)

    monkeypatch.setattr(records, "_search", count)
    where = (Condition("search", ("name", "note"), "an"),)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: records.page(where, 0, 5), range(64)))
    assert len(searches) == 1 and all(answer == answers[0] for answer in answers)
