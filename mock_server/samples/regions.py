"""Where a thing is: city, state, country and postal code of one place, with what goes with its country."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from mock_server.generation import COUNTRIES, load_places
from mock_server.samples.draws import choose, is_within, mix, salt

_PLACE = salt("place")

_COMMON = 0.6
"""The share of places that are in the United States, whose names most documents show."""

CURRENCIES: Mapping[str, str] = {"US": "USD", "BR": "BRL", "IN": "INR", "AR": "ARS", "CO": "COP", "MX": "MXN"}
LANGUAGES: Mapping[str, str] = {"US": "en", "BR": "pt", "IN": "en", "AR": "es", "CO": "es", "MX": "es"}
TIMEZONES: Mapping[str, tuple[str, ...]] = {
    "US": ("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"),
    "BR": ("America/Sao_Paulo",),
    "IN": ("Asia/Kolkata",),
    "AR": ("America/Argentina/Buenos_Aires",),
    "CO": ("America/Bogota",),
    "MX": ("America/Mexico_City",),
}
CENTRES: Mapping[str, tuple[float, float]] = {
    "US": (39.0, -95.0),
    "BR": (-15.0, -50.0),
    "IN": (22.0, 79.0),
    "AR": (-34.0, -64.0),
    "CO": (4.6, -74.0),
    "MX": (23.0, -102.0),
}


@functools.cache
def _load() -> tuple[list[dict[str, Any]], list[list[dict[str, Any]]]]:
    codes = sorted(COUNTRIES)
    tables = load_places(codes)
    return tables[codes.index("US")], tables


def find_region(owner: int) -> dict[str, Any]:
    """The place of a thing, by `generation`'s parts: `city`, `state_code`, `postal_code` and so on."""
    drawn = mix(owner, _PLACE)
    common, tables = _load()
    return choose(mix(drawn, 1), common if is_within(drawn, _COMMON) else choose(drawn, tables))
