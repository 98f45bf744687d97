"""Faker's methods, compiled: drawn from Faker's own locale tables by numbers that are already there.

A draw is a function of a record's numbers (32-bit whole numbers from a hash), so a record costs a few
list look-ups instead of a random generator seeded anew. A Faker method without a row in `FAST` still
works, through Faker itself and at its speed.
"""

from __future__ import annotations

import bisect
import itertools
import re
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from faker import Faker

Bits = tuple[int, ...]
"""The numbers of one record, each from 0 to 2**32 - 1."""

Draw = Callable[[Bits], Any]
Take = Callable[[], int]
"""Reserves one of a record's numbers for a field, and gives its index."""

_SLOT = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_SPAN = 1 << 32


class FakerTables:
    """One locale of Faker, as tables to draw from; whoever compiles a collection makes one of its own."""

    def __init__(self, locale: str) -> None:
        self._fake: Any = Faker(locale, use_weighting=False)
        self._lock = threading.Lock()

    def has(self, method: str) -> bool:
        """Whether Faker has a public method of that name in this locale."""
        return not method.startswith("_") and callable(getattr(self._fake, method, None))

    def names(self) -> list[str]:
        """The names of all methods, to suggest the nearest one."""
        return [name for name in dir(self._fake.factories[0]) if not name.startswith("_")]

    def table(self, method: str, attribute: str) -> Any:
        """A table of the provider that has the method, or None."""
        bound = getattr(self._fake.factories[0], method, None)
        return getattr(getattr(bound, "__self__", None), attribute, None) or None

    def slow(self, method: str, args: Mapping[str, Any], take: Take) -> Draw:
        """Any Faker method, seeded per record and field."""
        at, fake, lock = take(), self._fake, self._lock
        call = getattr(fake, method)

        def draw(bits: Bits) -> Any:
            with lock:  # another thread that makes records must not seed between our seed and our draw
                fake.seed_instance(bits[at])
                return call(**args)

        return draw

    def compile(self, method: str, args: Mapping[str, Any], take: Take) -> Draw:
        """A draw for a Faker method with constant arguments."""
        if method in FAST:
            return FAST[method](self, args, take)
        if not args and (made := self._from_tables(method, take)):
            return made
        # Faker itself, seeded anew for each value: slow, but a record stays a function of its own numbers.
        return self.slow(method, args, take)

    def _from_tables(self, method: str, take: Take, depth: int = 0) -> Draw | None:
        for tables, compile_table in ((WORDS, draw_element), (PATTERNS, self._draw_pattern)):
            table = self.table(method, tables[method]) if method in tables else None
            if table and depth < 8:  # a provider's patterns may name each other
                return compile_table(table, take)
        return None

    def _draw_pattern(self, patterns: Any, take: Take) -> Draw:
        """One of a provider's patterns (`{{last_name}} {{company_suffix}}`), filled in."""
        weights = list(patterns.values()) if isinstance(patterns, Mapping) else None
        drawn = [self._fill(pattern, take) for pattern in patterns]
        choose = draw_index(len(drawn), take, weights)
        return lambda bits: drawn[choose(bits)](bits)

    def _fill(self, pattern: str, take: Take) -> Draw:
        pieces: list[Any] = []
        for number, piece in enumerate(_SLOT.split(pattern)):
            if number % 2:
                pieces.append(self._from_tables(piece, take, 1) or self.slow(piece, {}, take))
            elif piece:
                pieces.append(draw_numerals(piece, take) if set(piece) & set("#%") else piece)
        return join_draws(pieces)


WORDS: Mapping[str, str] = {
    "first_name": "first_names",
    "first_name_male": "first_names_male",
    "first_name_female": "first_names_female",
    "first_name_nonbinary": "first_names_nonbinary",
    "last_name": "last_names",
    "last_name_male": "last_names_male",
    "last_name_female": "last_names_female",
    "prefix_male": "prefixes_male",
    "prefix_female": "prefixes_female",
    "suffix_male": "suffixes_male",
    "suffix_female": "suffixes_female",
    "company_suffix": "company_suffixes",
    "street_suffix": "street_suffixes",
    "city_suffix": "city_suffixes",
    "city_prefix": "city_prefixes",
    "job": "jobs",
    "state": "states",
    "state_abbr": "states_abbr",
    "country": "countries",
    "word": "word_list",
    "tld": "tlds",
}
"""Faker methods that draw one word from a table of their provider."""

PATTERNS: Mapping[str, str] = {
    "name": "formats",
    "company": "formats",
    "street_name": "street_name_formats",
    "street_address": "street_address_formats",
    "address": "address_formats",
    "city": "city_formats",
    "building_number": "building_number_formats",
    "secondary_address": "secondary_address_formats",
}
"""Faker methods that fill in one of their provider's patterns."""


def join_draws(pieces: list[Any]) -> Draw:
    """Texts and draws, joined."""
    if all(isinstance(piece, str) for piece in pieces):
        text = "".join(pieces)
        return lambda bits: text
    if len(pieces) == 1:
        only: Draw = pieces[0]
        return only
    # Two draws with a blank between, as most names are: one function less to call.
    if len(pieces) == 3 and isinstance(pieces[1], str) and not isinstance(pieces[0], str):
        first, between, last = pieces
        if not isinstance(last, str):
            return lambda bits: f"{first(bits)}{between}{last(bits)}"
    return lambda bits: "".join([piece if piece.__class__ is str else piece(bits) for piece in pieces])


def draw_index(count: int, take: Take, weights: Iterable[float] | None = None) -> Callable[[Bits], int]:
    """A number below `count`, evenly or by weights."""
    at = take()
    if weights is None:
        # Scaled down, not taken modulo `count`: every number is as likely, and the high bits decide.
        return lambda bits: (bits[at] * count) >> 32
    sums = list(itertools.accumulate(weights))
    bounds = [int(total / sums[-1] * _SPAN) for total in sums[:-1]]
    return lambda bits: bisect.bisect_right(bounds, bits[at])


def draw_element(elements: Any, take: Take) -> Draw:
    """One of the elements; a mapping gives the weight of each."""
    listed = list(elements)
    if not listed:
        raise ValueError("there is nothing to choose from")
    if isinstance(elements, Mapping):
        choose = draw_index(len(listed), take, list(elements.values()))
        return lambda bits: listed[choose(bits)]
    at, count = take(), len(listed)
    return lambda bits: listed[(bits[at] * count) >> 32]


def draw_integer(low: int, high: int, take: Take, step: int = 1) -> Draw:
    """A whole number from `low` to `high`, both included."""
    at, count = take(), (high - low) // step + 1
    if count > _SPAN:  # one number has 32 bits: a range beyond them takes two
        more = take()
        return lambda bits: low + step * ((((bits[at] << 32) | bits[more]) * count) >> 64)
    return lambda bits: low + step * ((bits[at] * count) >> 32)


_ALPHABETS = {"#": "0123456789", "%": "123456789", "?": "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"}


def draw_numerals(text: str, take: Take, letters: bool = False) -> Draw:
    """Text with `#` for a digit, `%` for a digit but zero and, with `letters`, `?` for a letter."""
    marks = "#%?" if letters else "#%"
    pieces = [draw_element(_ALPHABETS[c], take) if c in marks else c for c in text]
    return join_draws(pieces)


def draw_share(share: float, take: Take) -> Draw:
    """True in that share of records."""
    at, bound = take(), int(share * _SPAN)
    return lambda bits: bits[at] < bound


def _fast_uuid(tables: FakerTables, args: Mapping[str, Any], take: Take) -> Draw:
    a, b, c, d = (take() for _ in range(4))

    def draw(bits: Bits) -> str:
        b_, c_ = bits[b], bits[c]
        middle = f"{b_ >> 16:04x}-4{b_ & 0xFFF:03x}-{0x8000 | (c_ >> 18):04x}"
        return f"{bits[a]:08x}-{middle}-{c_ & 0xFFFF:04x}{bits[d]:08x}"

    return draw


def _fast_words(tables: FakerTables, take: Take, low: int, high: int) -> Callable[[Bits], list[str]]:
    words = tables.table("word", "word_list")
    drawn = [draw_element(words, take) for _ in range(high)]
    count = draw_integer(low, high, take)
    return lambda bits: [draw(bits) for draw in drawn[: count(bits)]]


def _fast_sentence(tables: FakerTables, args: Mapping[str, Any], take: Take) -> Draw:
    about = int(args.get("nb_words", 6))
    words = _fast_words(tables, take, max(1, about * 3 // 5), max(1, about * 7 // 5))
    return lambda bits: " ".join(words(bits)).capitalize() + "."


def _fast_catch_phrase(tables: FakerTables, args: Mapping[str, Any], take: Take) -> Draw:
    words = tables.table("catch_phrase", "catch_phrase_words")
    if not words:
        return tables.slow("catch_phrase", args, take)
    drawn = [draw_element(each, take) for each in words]
    return lambda bits: " ".join([draw(bits) for draw in drawn])


def _fast_element(tables: FakerTables, args: Mapping[str, Any], take: Take) -> Draw:
    return draw_element(args.get("elements", ("a", "b", "c")), take)


def _fast_integer(tables: FakerTables, args: Mapping[str, Any], take: Take) -> Draw:
    return draw_integer(args.get("min", 0), args.get("max", 9999), take, args.get("step", 1))


def _fast_boolean(tables: FakerTables, args: Mapping[str, Any], take: Take) -> Draw:
    return draw_share(args.get("chance_of_getting_true", 50) / 100, take)


def _fast_text(default: str, letters: bool) -> Callable[[FakerTables, Mapping[str, Any], Take], Draw]:
    return lambda tables, args, take: draw_numerals(str(args.get("text", default)), take, letters)


FAST: Mapping[str, Callable[[FakerTables, Mapping[str, Any], Take], Draw]] = {
    "uuid4": _fast_uuid,
    "sentence": _fast_sentence,
    "catch_phrase": _fast_catch_phrase,
    "random_element": _fast_element,
    "random_int": _fast_integer,
    "random_digit": lambda tables, args, take: draw_integer(0, 9, take),
    "boolean": _fast_boolean,
    "numerify": _fast_text("###", False),
    "bothify": _fast_text("## ??", True),
    "lexify": _fast_text("????", True),
}
"""Faker methods that take arguments, or more than a table, and are drawn by us."""


def is_locale(locale: str) -> bool:
    """Whether Faker knows the locale."""
    from faker.config import AVAILABLE_LOCALES

    return locale in AVAILABLE_LOCALES
