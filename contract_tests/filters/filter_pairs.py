"""Filters given together: pairs of values of which one answer tells "and" from "or" and from one that is ignored."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any, NamedTuple

from contract_tests.filters.filter_oracle import find_value, select
from contract_tests.filters.filter_plan import FilterRequest
from contract_tests.filters.filter_values import choose_values
from mock_server.contract import Parameter

MAX_VALUES = 16
"""Values of each filter that are tried in pairs."""


class PairRequest(NamedTuple):
    """Two filters with their values, and the records seen that satisfy both."""

    sent: tuple[tuple[Parameter, Any], ...]
    expected: list[Any]


def plan_pairs(requests: Sequence[FilterRequest], records: Sequence[Any]) -> list[PairRequest]:
    """One pair for each two neighbours among the filters, so that each filter is in one: the best values of each."""
    parameters = [request.parameter for request in requests]
    neighbours = list(zip(parameters[-1:] + parameters[:-1], parameters, strict=True))
    if len(parameters) == 2:
        neighbours = neighbours[:1]
    pairs = [pair for each in neighbours if len(parameters) > 1 and (pair := _best_pair(*each, records))]
    # What both satisfy shows more than what no record does.
    return sorted(pairs, key=lambda pair: -min(len(pair.expected), 5))


def _best_pair(one: Parameter, other: Parameter, records: Sequence[Any]) -> PairRequest | None:
    tried = itertools.product(_selected(one, records), _selected(other, records))
    best: tuple[int, PairRequest | None] = 0, None
    for (value, first), (second_value, second) in tried:
        both = [index for index in first if index in second]
        # "Either" must answer more than "both", and so must each of them alone.
        score = min(len(first) - len(both), len(second) - len(both), 5) * (2 if both else 1)
        if score > best[0]:
            sent = ((one, value), (other, second_value))
            best = score, PairRequest(sent, [records[index] for index in sorted(both)])
    return best[1]


def _selected(parameter: Parameter, records: Sequence[Any]) -> list[tuple[Any, set[int]]]:
    """Values of a filter with the places of the records that satisfy them, of those that some do and some do not."""
    rule = parameter.filter
    assert rule
    values = choose_values(parameter, records)
    if rule.test == "search":  # whole values of one record each: parts match by accident
        values = [v for v in values if any(v == str(find_value(r, f)) for r in records for f in rule.fields)] or values
    places = {id(record): number for number, record in enumerate(records)}
    selected = [(value, {places[id(record)] for record in select(rule, value, records)}) for value in values]
    return [(value, chosen) for value, chosen in selected if 0 < len(chosen) < len(records)][:MAX_VALUES]
