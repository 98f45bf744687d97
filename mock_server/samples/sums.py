"""Totals that add up: where an object names its parts and the whole, the whole is what the parts make."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from mock_server.samples.labels import split_words
from mock_server.samples.makers import Maker, Run

_WHOLE = ("total", "grand total", "total amount", "total price", "amount total", "gross", "gross amount", "order total")
_FIRST = (
    "subtotal",
    "sub total",
    "subtotal amount",
    "net",
    "net amount",
    "subtotal price",
    "amount subtotal",
    "items total",
)
_MORE = (
    "tax",
    "taxes",
    "tax amount",
    "total tax",
    "vat",
    "vat amount",
    "shipping",
    "shipping cost",
    "shipping amount",
    "shipping price",
    "tip",
    "fee",
    "fees",
    "amount tax",
    "amount shipping",
    "delivery fee",
    "service fee",
    "sales tax",
)
_LESS = ("discount", "discounts", "discount amount", "total discount", "total discounts", "amount discount")


def add_up(make: Maker, names: Iterable[str], accepts: Mapping[str, Callable[[Any], bool]]) -> Maker:
    """A maker of objects whose total, if they have one beside a subtotal, is the sum of its parts; the maker itself for
    others. What `accepts` says of a name decides whether the sum may stand there."""
    words = {name: split_words(name) for name in names}
    wholes, firsts, more, less = (
        [name for name in words if words[name] in group] for group in (_WHOLE, _FIRST, _MORE, _LESS)
    )
    if len(wholes) != 1 or len(firsts) != 1:
        return make
    whole, first = wholes[0], firsts[0]

    def made(number: int, owner: int, run: Run) -> Any:
        held = run.given
        value = make(number, owner, run)
        is_given = isinstance(held, Mapping) and whole in held
        if isinstance(value, dict) and _is_number(value.get(whole)) and _is_number(value.get(first)) and not is_given:
            parts = [value[first], *_numbers(value, more), *(-part for part in _numbers(value, less))]
            total = round(sum(parts), 2)
            if accepts[whole](total):
                value[whole] = total
        return value

    return made


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _numbers(value: Mapping[str, Any], names: Iterable[str]) -> list[Any]:
    return [value[name] for name in names if _is_number(value.get(name))]
