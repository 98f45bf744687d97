"""The tables of places: complete, coherent, and what the script makes of its sources."""

from __future__ import annotations

import gzip
import importlib.metadata
import json
import re
from functools import cache
from typing import Any

import pytest

from mock_server.generation.addresses import COUNTRIES, PARTS, load_places
from tests.conftest import ROOT
from tools.make_places import COLUMNS, SOURCES, TARGET, find_versions, read_country

COUNTS = {"AR": 6, "BR": 354, "CO": 6, "IN": 6187, "MX": 11, "US": 5975}
"""Places of each country."""

POSTAL_CODES = {
    "AR": r"\d{4}",
    "BR": r"\d{5}-\d{3}",
    "CO": r"\d{6}",
    "IN": r"[1-9]\d{5}",
    "MX": r"\d{5}",
    "US": r"\d{5}",
}


@cache
def shipped() -> dict[str, Any]:
    """What the file holds."""
    tables: dict[str, Any] = json.loads(gzip.decompress(TARGET.read_bytes()))
    return tables


def test_each_country_has_its_table_and_nothing_else_is_in_the_file() -> None:
    assert set(shipped()) == {"sources", "places"}
    assert set(shipped()["places"]) == set(shipped()["sources"]) == set(COUNTRIES) == set(SOURCES) == set(COUNTS)
    assert TARGET.stat().st_size < 160_000


@pytest.mark.parametrize("country", COUNTS)
def test_a_table_is_complete(country: str) -> None:
    table = shipped()["places"][country]
    assert tuple(table) == COLUMNS
    assert {name: len(column) for name, column in table.items()} == dict.fromkeys(COLUMNS, COUNTS[country])
    for name in ("state", "state_code", "city"):
        assert all(table[name]), name
    assert all(re.fullmatch(POSTAL_CODES[country], code) for code in table["postal_code"])
    assert all(bool(codes) == (country == "US") for codes in table["area_codes"])


@pytest.mark.parametrize("country", COUNTS)
def test_places_have_all_their_parts_and_numbers_that_agree(country: str) -> None:
    (places,) = load_places([country])
    assert len(places) == COUNTS[country] and all(tuple(place) == PARTS for place in places)
    for number, names in [("state_id", ["state"]), ("city_id", ["state", "city"]), ("postal_id", ["postal_code"])]:
        pairs = {(place[number], *(place[name] for name in names)) for place in places}
        assert len({pair[0] for pair in pairs}) == len({pair[1:] for pair in pairs}) == len(pairs)


def test_several_countries_come_in_the_order_asked_for() -> None:
    assert [places[0]["country_alpha3"] for places in load_places(["US", "BR", "AR"])] == ["USA", "BRA", "ARG"]


@pytest.mark.parametrize("country", COUNTS)
def test_the_script_makes_the_table_that_is_shipped(country: str) -> None:
    made_with = shipped()["sources"][country]
    try:
        installed = find_versions(country)
    except importlib.metadata.PackageNotFoundError as error:
        pytest.skip(f"the table comes from {made_with}, of which {error.name} is not installed")
    if installed != made_with:
        pytest.skip(f"the table comes from {made_with}, installed are {installed}")
    assert read_country(country) == shipped()["places"][country]


def test_the_notice_names_what_the_tables_come_from() -> None:
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    versions = {version for sources in shipped()["sources"].values() for version in sources.split(", ")}
    pinned = (ROOT / "tools" / "places.txt").read_text(encoding="utf-8").split()
    assert {version.replace(" ", "==") for version in versions} == set(pinned)
    assert [version for version in versions if version not in notice] == []
