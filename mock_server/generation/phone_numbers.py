"""Phone numbers that are valid for their country, by the tables of phonenumbers."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Any

import phonenumbers

# What stands behind a beginning when it is tried; a beginning that takes all of these takes any digits.
_PROBES = ("00000", "12345", "98765", "55555", "90909", "24680", "77123", "31415", "86420", "60606", "19283", "99999")

FORMS = {"e164", "national", "international"}


@functools.cache
def load_prefixes(country: str) -> tuple[tuple[str, ...], int]:
    """Beginnings of mobile numbers of a country behind which any digits are valid, and how many digits follow."""
    metadata: Any = phonenumbers.PhoneMetadata.metadata_for_region(country)
    if metadata is None or metadata.mobile is None or not metadata.mobile.example_number:
        raise ValueError(f"no phone numbers are known for {country!r}")
    pattern = re.compile(metadata.mobile.national_number_pattern)
    example: str = metadata.mobile.example_number
    follow = min(5, len(example) - 2)
    probes = [probe[:follow] for probe in _PROBES]
    head = len(example) - follow
    step = max(1, 10**head // 4000)  # some countries have a million beginnings; four thousand are enough
    prefixes = [
        start
        for number in range(10 ** (head - 1), 10**head, step)
        if all(pattern.fullmatch((start := str(number)) + probe) for probe in probes)
    ]
    # Where the rule is so narrow that no beginning takes all probes, that of the documented example has to do.
    return tuple(prefixes) or (example[:head],), follow


def country_code(country: str) -> int:
    """The international dialling code of a country (alpha-2)."""
    return int(phonenumbers.country_code_for_region(country))


def make_writer(country: str, form: str) -> Callable[[str], str]:
    """A function from the national digits to the number as written."""
    code = country_code(country)
    return {
        "e164": lambda digits: f"+{code}{digits}",
        "international": lambda digits: f"+{code} {_grouped(digits)}",
        "national": lambda digits: digits,
    }[form]


def _grouped(digits: str) -> str:
    """`55123456` as `5512 3456`, `9876543210` as `98765 43210`."""
    half = len(digits) // 2
    return f"{digits[:half]} {digits[half:]}"
