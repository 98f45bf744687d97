"""Whole numbers that JSON knows and an answer cannot repeat: more than 64 bits of them."""

from __future__ import annotations

import re
from typing import Any

from mock_server.errors import ApiError
from mock_server.inputs import RequestValues


def fold_numbers(sent: bytes, values: RequestValues) -> RequestValues:
    """What a request says with whole numbers of more than 64 bits as JSON's usual numbers, for answers to repeat.

    Raises: ApiError `invalid` for one that is too large even so.
    """
    return values._replace(body=_fold(values.body)) if re.search(rb"\d{19}", sent) else values


def _fold(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _fold(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_fold(each) for each in value]
    if not isinstance(value, int) or -(2**63) <= value < 2**64:
        return value
    try:
        return float(value)
    except OverflowError:
        raise ApiError("invalid", "the body holds a number that is too large") from None
