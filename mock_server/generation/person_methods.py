"""The methods of `x-faker` that make what belongs to a person or a business: name, phone, mail address, tax number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mock_server.generation.gstin import with_check_digit
from mock_server.generation.method_context import CompileContext, FieldMaker, Row
from mock_server.generation.names import DOMAINS, FAMILY_NAMES, FIRST_NAMES, fold_name
from mock_server.generation.phone_numbers import FORMS, load_prefixes, make_writer
from mock_server.generation.sampling import draw_element


def phone(context: CompileContext, country: Any, form: str = "e164", area_codes: Any = ()) -> FieldMaker:
    """A mobile number that is valid in the country, or one with an area code of the place.

    Raises: ValueError for an unknown form.
    """
    if form not in FORMS:
        raise ValueError(f"{form!r} is no form of a number; known: {', '.join(sorted(FORMS))}")
    head, tail = context.take(), context.take()
    country_of, area_codes_of = context.operand(country), context.operand(area_codes)
    writers: dict[str, Callable[[str], str]] = {}

    def make(row: Row) -> str:
        where, areas, bits = country_of(row), area_codes_of(row), row.bits
        if areas:
            # Exchanges from 200 on whose last digits are not 11, as the North American plan has them.
            exchange = 200 + (bits[tail] >> 16) % 800
            exchange += 1 if exchange % 100 == 11 else 0
            digits = f"{areas[(bits[head] * len(areas)) >> 32]}{exchange}{bits[tail] % 10000:04d}"
        else:
            prefixes, follow = load_prefixes(where)
            digits = f"{prefixes[(bits[head] * len(prefixes)) >> 32]}{bits[tail] % 10**follow:0{follow}d}"
        if where not in writers:
            writers[where] = make_writer(where, form)
        return writers[where](digits)

    return make


def email_of(context: CompileContext, name: Any, words: int = 2) -> FieldMaker:
    """A mail address made of a name, unlike every other of the collection, at a domain that reaches nobody."""
    name_of, domain = context.operand(name), draw_element(DOMAINS, context.take)
    # The record's number behind the name keeps addresses apart: two people of one name have two of them.
    return lambda row: f"{fold_name(name_of(row), words)}{row.ordinal + 1}@{domain(row.bits)}"


_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def gstin(context: CompileContext, state: Any) -> FieldMaker:
    """An Indian tax number with its check digit: state code, PAN, entity, Z, digit."""
    a, b, state_of = context.take(), context.take(), context.operand(state)

    def make(row: Row) -> str:
        # Each part takes the digits of a number that the parts before it left over, so two numbers are enough.
        x, y = row.bits[a], row.bits[b]
        name = _LETTERS[x % 26] + _LETTERS[x // 26 % 26] + _LETTERS[x // 676 % 26]
        pan = f"{name}{'PCFHA'[y % 5]}{_LETTERS[x // 17576 % 26]}{1 + y // 5 % 9999:04d}{_LETTERS[y // 50000 % 26]}"
        return with_check_digit(f"{state_of(row)}{pan}1Z")

    return make


def gulf_name(context: CompileContext, script: str = "latin") -> FieldMaker:
    """A name of the Gulf states in Latin script, or in Arabic by Faker's own tables."""
    if script == "arabic":
        return context.faker("name")
    first, last = draw_element(FIRST_NAMES, context.take), draw_element(FAMILY_NAMES, context.take)
    return lambda row: f"{first(row.bits)} {last(row.bits)}"
