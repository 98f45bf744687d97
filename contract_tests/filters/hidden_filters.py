"""Filters on what no record shows: they must not contradict themselves, nor what shown fields tell of hidden ones."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace

from contract_tests.context import CheckContext, get_walk
from contract_tests.filters.date_filters import check_dates, check_moments
from contract_tests.filters.filter_asking import Asking, FilteredAnswer, find_filters
from contract_tests.filters.filter_oracle import is_shown, select
from contract_tests.filters.filter_plan import FilterRequest, explain, get_plan
from contract_tests.filters.filter_values import NOWHERE
from contract_tests.filters.neutral_filters import check_neutral
from contract_tests.filters.word_filters import check_few_words, check_numbers, check_words, list_words
from contract_tests.findings import NOTE, Finding
from contract_tests.transport import Stopped
from mock_server.contract import Operation, Parameter
from mock_server.errors import count_of

MORE_WORDS = 12
"""Words of an enumeration that a budget's leftovers pay for."""

FEW_RECORDS = 4
"""So many records, or letters, may agree by accident."""

UNKNOWN_NUMBER = 987_654_321
FIRST_PARTS = 1
"""Requests at first for a search of which records show some fields."""


def check_hidden_filters(context: CheckContext, operation: Operation) -> Iterator[Finding]:
    """What nothing matches gives nothing, words share no record, from and to divide the list, fields agree."""
    asking = Asking(context, operation, get_walk(context, operation))
    filters = _find_hidden(asking)
    yield from check_dates(asking, filters)
    yield from check_neutral(asking, asking.walk.listing.filters if filters else [])
    try:
        # What a document names comes first: a budget may end here.
        for parameter in sorted(filters, key=lambda p: not asking.context.of_parameter(p).sentence):
            yield from _check_first(asking, parameter)
    except Stopped:
        yield from _check_twins(asking, filters)
        raise
    yield from _check_twins(asking, filters)
    yield from asking.take_failures()


def check_more_hidden_filters(context: CheckContext, operation: Operation) -> Iterator[Finding]:
    """More words, nasty texts, values that say nothing, and dates at their borders."""
    asking = Asking(context, operation, get_walk(context, operation))
    filters = _find_hidden(asking)
    for parameter in filters:
        yield from _check_more(asking, parameter)
    yield from check_moments(asking, filters)
    yield from asking.take_failures()


def _find_hidden(asking: Asking) -> list[Parameter]:
    """The hidden filters, or none where there is nothing to select from."""
    return find_filters(asking.walk.listing, hidden=True) if asking.walk.first.page and asking.all else []


def _check_first(asking: Asking, parameter: Parameter) -> Iterator[Finding]:
    rule = parameter.filter
    assert rule
    if rule.values is not None:
        yield from check_few_words(asking, parameter)
    elif rule.test == "one_of":
        yield from _check_nothing(asking, parameter, UNKNOWN_NUMBER)
    elif rule.test == "search" and _shown_part(asking, parameter):
        yield from _check_search(asking, parameter, slice(0, FIRST_PARTS))
    elif not rule.dates:
        yield from _check_nothing(asking, parameter, "%")


def _check_more(asking: Asking, parameter: Parameter) -> Iterator[Finding]:
    rule = parameter.filter
    assert rule
    if rule.values is not None:
        words = list_words(asking, parameter)
        yield from check_words(asking, parameter, words[:MORE_WORDS])
        yield from check_numbers(asking, parameter, words[:4])
    elif rule.test == "search" and _shown_part(asking, parameter):
        yield from _check_search(asking, parameter, slice(FIRST_PARTS, FIRST_PARTS * 4))
    elif not rule.dates and rule.test != "one_of":
        for value in ("'", "_", "\\", f"{NOWHERE} {NOWHERE}"):
            yield from _check_nothing(asking, parameter, value)
        yield from _check_fields(asking, parameter)


def _check_twins(asking: Asking, filters: Sequence[Parameter]) -> Iterator[Finding]:
    """Filters on two fields do not select the very same records."""
    # Dates are compared at one moment, by themselves.
    rules = {p.name: p for p in filters if p.filter and not p.filter.dates}
    alone = [(rules[name], answer) for (name, _), answer in asking.alone().items() if name in rules]
    for (one, first), (other, second) in itertools.combinations(alone, 2):
        is_same = first.total == second.total and first.keys == second.keys
        if is_same and _fields(one) != _fields(other) and FEW_RECORDS < first.total < asking.all:
            yield asking.context.finding(
                asking.operation,
                "hidden_filters.fields",
                f"?{other.name}",
                "A filter selects as the filter on another field does",
                f"other records than by {one.name}",
                f"the same {first.total}",
                asking.context.of_parameter(other),
                second.exchange,
                grade=NOTE,
            )


def _fields(parameter: Parameter) -> tuple[str, ...]:
    return parameter.filter.fields if parameter.filter else ()


def _check_fields(asking: Asking, parameter: Parameter) -> Iterator[Finding]:
    """What another field of a record holds is nothing to a filter; all that come having it there is no accident."""
    records = asking.walk.records
    record = records[len(records) // 2] if records else {}
    for name, value in record.items() if isinstance(record, dict) else ():
        if not isinstance(value, str) or len(value) < FEW_RECORDS:
            continue
        answer = asking.ask({parameter.name: value}, f"what {name} holds is nothing to this filter")
        shown = [str(r.get(name)) for r in (answer.page.records if answer.page else ()) if isinstance(r, dict)]
        if shown and all(value.casefold() in text.casefold() for text in shown) and answer.total < asking.all:
            yield asking.context.finding(
                asking.operation,
                "hidden_filters.fields",
                f"?{parameter.name}",
                "A filter selects by another field",
                f"{parameter.name}={value}: no record, or others",
                f"{count_of(answer.total, 'record')} whose {name} has it",
                asking.context.of_parameter(parameter),
                answer.exchange,
                grade=NOTE,
            )


def _check_nothing(asking: Asking, parameter: Parameter, value: object) -> Iterator[Finding]:
    """A value that hardly any record has must not answer all of them."""
    answer = asking.ask({parameter.name: value}, f"{value} matches nothing: neither ignored nor a wildcard")
    if not answer.total or answer.total < asking.all:
        if value == UNKNOWN_NUMBER and answer.total:
            yield _matched_nothing(asking, parameter, value, answer)
        return
    plain = answer
    if value != UNKNOWN_NUMBER:
        plain = asking.ask({parameter.name: NOWHERE}, "a text that no record holds: the filter is not ignored")
    if plain.total:
        sent = value if value == UNKNOWN_NUMBER else NOWHERE
        yield _matched_nothing(asking, parameter, sent, plain)
    else:
        yield asking.finding(
            "wildcard",
            parameter.name,
            "A filter takes a sign in its value for a wildcard",
            f"{parameter.name}={value}: records that hold it",
            f"{count_of(answer.total, 'record')}, all there are",
            answer,
            asking.evidence(parameter, answer, "%"),
        )


def _matched_nothing(asking: Asking, parameter: Parameter, value: object, answer: FilteredAnswer) -> Finding:
    return asking.finding(
        "sound",
        parameter.name,
        "A filter that nothing matches answers records",
        f"{parameter.name}={value}: no record",
        count_of(answer.total, "record"),
        answer,
        asking.evidence(parameter, answer),
    )


def _shown_part(asking: Asking, parameter: Parameter) -> Parameter | None:
    """A search restricted to the fields that records show, or None where they show none."""
    rule, properties = parameter.filter, asking.walk.listing.item_schema.get("properties", {})
    assert rule
    shown = tuple(f for f in rule.fields if is_shown(replace(parameter, filter=replace(rule, fields=(f,))), properties))
    return replace(parameter, filter=replace(rule, fields=shown)) if shown else None


def _check_search(asking: Asking, parameter: Parameter, part: slice) -> Iterator[Finding]:
    """Of a search in fields shown and hidden: what shown fields match is answered, and little beside it."""
    shown, walk = _shown_part(asking, parameter), asking.walk
    if shown is None or not walk.whole:
        return
    requests = [request for request in get_plan(walk, shown, walk.records) if request.number == 1]
    # First one of several words, then one of a single word, and so on.
    several, single = ([r for r in requests if (" " in str(r.value)) == is_several] for is_several in (True, False))
    ordered = [request for pair in zip(several, single, strict=False) for request in pair]
    for request in ordered[part]:
        yield from _check_part(asking, shown, request)


def _check_part(asking: Asking, shown: Parameter, request: FilterRequest) -> Iterator[Finding]:
    walk = asking.walk
    answer = asking.ask({shown.name: request.value}, request.why)
    if answer.page is None or shown.filter is None:
        return
    keys = [walk.listing.key_of(record) for record in request.expected]
    lacking = [key for key in keys if repr(key) not in answer.keys]
    is_all = answer.total <= len(answer.keys)
    cause, _ = explain(
        walk.listing,
        request,
        walk.records,
        (tuple(map(repr, walk.listing.keys(answer.page))), answer.total),
    )
    extra = [r for r in answer.page.records if not select(shown.filter, request.value, [r])]
    if (lacking and is_all) or answer.total == walk.total:
        problem = "A filter leaves out records that satisfy it" if lacking else "A filter is ignored"
    elif extra and cause:
        problem = "A filter lets records through that do not satisfy it"
    else:
        return
    yield asking.finding(
        "search",
        shown.name,
        problem,
        f"{shown.name}={request.value}: records {keys[:5]}, {len(keys)} or little more",
        f"{count_of(answer.total, 'record')}" + (f", as if {cause}" if cause else ""),
        answer,
        asking.evidence(shown, answer, str(request.value)),
    )
