"""What is known of places, phone numbers and tax numbers: the tables that records of a mock are made of."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping

from mock_server.generation import COUNTRIES, country_code, load_places, with_check_digit

_GSTIN = re.compile(r"\d{2}[A-Z]{5}\d{4}[A-Z][0-9A-Z]Z[0-9A-Z]")


def is_gstin(text: str) -> bool:
    """Whether a text has the form of a GSTIN, and its check digit."""
    return bool(_GSTIN.fullmatch(text)) and with_check_digit(text[:14]) == text


def find_gst_state(state: str) -> str:
    """The two digits that a state's GSTINs begin with; empty for a state that is not known."""
    return _states().get(state.casefold(), "")


@functools.cache
def _states() -> Mapping[str, str]:
    [places] = load_places(["IN"])
    return {str(place["state"]).casefold(): str(place["gst_code"]) for place in places}


LIES_IN: Mapping[str, str] = {"postal_code": "postal code", "city": "city"}
"""Parts of a place that lie in a state, in words."""


def find_state(part: str, text: str, state: str) -> str:
    """The states that a part of a place lies in where they are known and another one is said; else nothing."""
    known = _states_of(part).get(text.casefold(), frozenset())
    is_other = known and state.casefold() in _known_states() and state.casefold() not in known
    return ", ".join(sorted(known)[:3]) if is_other else ""


@functools.cache
def _states_of(part: str) -> Mapping[str, frozenset[str]]:
    # One code or name may be of several countries.
    states: dict[str, set[str]] = {}
    for places in load_places(COUNTRIES):
        for place in places:
            states.setdefault(str(place[part]).casefold(), set()).add(str(place["state"]).casefold())
    return {text: frozenset(known) for text, known in states.items()}


@functools.cache
def _known_states() -> frozenset[str]:
    return frozenset(state for states in _states_of("postal_code").values() for state in states)


def dial_code(country: str) -> str:
    """The dialling code of a country that is named by a code or in words; empty where it is not known."""
    two = country_of(country)
    return str(country_code(two)) if two else ""


def country_of(text: str) -> str:
    """The two letters of a country that is named by its code, of two or three letters, or in words; else nothing."""
    return next((two for two, names in COUNTRIES.items() if text.casefold() in map(str.casefold, (two, *names))), "")
