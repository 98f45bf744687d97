"""Real places whose parts agree: the city lies in its state, the postal code in the city.

The tables are a file of ours, made by `tools/make_places.py`; NOTICE names what they come from.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

Place = dict[str, Any]

PARTS = (
    "country",
    "country_alpha3",
    "country_name",
    "state",
    "state_code",
    "gst_code",
    "city",
    "postal_code",
    "area",
    "area_codes",
    "state_id",
    "city_id",
    "area_id",
    "postal_id",
)
"""What a place is made of; see `_number_places`."""

COUNTRIES = {
    "AR": ("ARG", "Argentina"),
    "BR": ("BRA", "Brazil"),
    "CO": ("COL", "Colombia"),
    "IN": ("IND", "India"),
    "MX": ("MEX", "Mexico"),
    "US": ("USA", "United States"),
}
"""Countries with places: ISO 3166-1 alpha-2 to alpha-3 and name."""

_COLUMNS = ("state", "state_code", "city", "postal_code", "area", "area_codes")
_TABLES = Path(__file__).parent / "data" / "places.json.gz"


def load_places(countries: Iterable[str]) -> list[list[Place]]:
    """The places of each country, in the order asked for; each is a mapping by the names in `PARTS`.

    Raises: KeyError for a country that is not in `COUNTRIES`.
    """
    tables = orjson.loads(gzip.decompress(_TABLES.read_bytes()))["places"]
    return [list(_number_places(country, tables[country])) for country in countries]


def _number_places(country: str, table: Mapping[str, list[Any]]) -> Iterator[Place]:
    """Places with numbers: the same text in the same surroundings, the same number."""
    states: dict[str, int] = {}
    cities: dict[tuple[str, str], int] = {}
    codes = {code: number for number, code in enumerate(sorted(set(table["postal_code"])), 1)}
    rows = zip(*(table[name] for name in _COLUMNS))
    for number, (state, state_code, city, postal_code, area, area_codes) in enumerate(rows, 1):
        yield {
            "country": country,
            "country_alpha3": COUNTRIES[country][0],
            "country_name": COUNTRIES[country][1],
            "state": state,
            "state_code": state_code,
            "gst_code": state_code if country == "IN" else "",
            "city": city,
            "postal_code": postal_code,
            "area": area or city,
            "area_codes": area_codes,
            "state_id": states.setdefault(state, len(states) + 1),
            "city_id": cities.setdefault((state, city), len(cities) + 1),
            "area_id": number,
            "postal_id": codes[postal_code],
        }
