"""Filters on what no record shows: they must not contradict themselves, nor what shown fields tell of hidden ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from contract_tests.checks.context import CheckContext
from contract_tests.checks.date_filters import check_dates, check_moments
from contract_tests.checks.filter_oracle import contradicts, is_shown, select
from contract_tests.checks.filter_plan import FilterRequest, explain, plan_requests
from contract_tests.checks.filter_values import NOWHERE, find_words
from contract_tests.checks.filters import find_filters
from contract_tests.checks.hidden_asking import Asking, HiddenAnswer
from contract_tests.checks.neutral_filters import check_empty, check_neutral
from contract_tests.checks.walking import get_walk
from contract_tests.findings import Finding
from mock_server.contract import Operation, Parameter
from mock_server.errors import count_of

FEW_WORDS = 6
"""Words of an enumeration that are all asked for, so that they must add up."""

UNKNOWN_NUMBER = 987_654_321
FIRST_PARTS = 2
"""Requests at first for a search of which records show some fields."""


def check_hidden_filters(context: CheckContext, operation: Operation) -> Iterator[Finding]:
    """What nothing matches gives nothing, words share no record, from and to divide the list, fields agree."""
    asking = Asking(context, operation, get_walk(context, operation))
    filters = find_filters(asking.walk.listing, hidden=True) if asking.walk.first.page else []
    yield from check_dates(asking, filters)
    for parameter in filters:
        yield from _check_first(asking, parameter)
    yield from check_neutral(asking, asking.walk.listing.filters)
    yield from asking.take_failures()


def check_more_hidden_filters(context: CheckContext, operation: Operation) -> Iterator[Finding]:
    """More words, nasty texts, values that say nothing, and dates at their borders."""
    asking = Asking(context, operation, get_walk(context, operation))
    filters = find_filters(asking.walk.listing, hidden=True) if asking.walk.first.page else []
    yield from check_empty(asking, asking.walk.listing.filters)
    for parameter in filters:
        yield from _check_more(asking, parameter)
    yield from check_moments(asking, filters)
    yield from asking.take_failures()


def _check_first(asking: Asking, parameter: Parameter) -> Iterator[Finding]:
    rule = parameter.filter
    assert rule
    if rule.values is not None:
        yield from _check_words(asking, parameter, find_words(rule)[:2])
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
        words = find_words(rule)
        yield from _check_words(asking, parameter, words[: FEW_WORDS * 2])
        yield from _check_numbers(asking, parameter, words[:4])
    elif rule.test == "search" and _shown_part(asking, parameter):
        yield from _check_search(asking, parameter, slice(FIRST_PARTS, FIRST_PARTS * 4))
    elif not rule.dates and rule.test != "one_of":
        for value in ("'", "_", "\\", f"{NOWHERE} {NOWHERE}"):
            yield from _check_nothing(asking, parameter, value)


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


def _matched_nothing(asking: Asking, parameter: Parameter, value: object, answer: HiddenAnswer) -> Finding:
    return asking.finding(
        "sound",
        parameter.name,
        "A filter that nothing matches answers records",
        f"{parameter.name}={value}: no record",
        count_of(answer.total, "record"),
        answer,
        asking.evidence(parameter, answer),
    )


def _check_words(asking: Asking, parameter: Parameter, words: Sequence[str]) -> Iterator[Finding]:
    """Words that mean different values share no record, all of them make the list, and shown fields agree."""
    rule = parameter.filter
    assert rule
    answers = {word: asking.ask({parameter.name: word}, f"{word} has records of its own") for word in words}
    for word, answer in answers.items():
        yield from _check_signs(asking, parameter, word, answer)
    known = {word: answer for word, answer in answers.items() if answer.page}
    full = [word for word, answer in known.items() if answer.total == asking.all > 0]
    others = [word for word in known if word not in full and known[word].total]
    if full and (others or len(full) > 1):
        yield asking.finding(
            "sound",
            parameter.name,
            "A filter is ignored for one of its words",
            f"{parameter.name}={full[0]}: fewer records than all, for other words have some",
            f"all {asking.all}",
            known[full[0]],
            asking.evidence(parameter, known[full[0]]),
        )
        return
    yield from _check_apart(asking, parameter, known)
    every = find_words(rule)
    if len(known) == len(every) <= FEW_WORDS and sum(a.total for a in known.values()) != asking.all:
        yield asking.finding(
            "union",
            parameter.name,
            "A filter's words do not add up to all records",
            f"{' + '.join(every)}: {asking.all}",
            " + ".join(str(known[word].total) for word in every),
            known[every[-1]],
            asking.context.of_parameter(parameter, "matching"),
        )


def _check_apart(asking: Asking, parameter: Parameter, answers: dict[str, HiddenAnswer]) -> Iterator[Finding]:
    words = list(answers)
    for number, word in enumerate(words):
        for other in words[:number]:
            shared = answers[word].keys & answers[other].keys
            if shared:
                yield asking.finding(
                    "apart",
                    parameter.name,
                    "A filter answers the same record for two values",
                    f"no record for both {other} and {word}",
                    f"{count_of(len(shared), 'record')} for both",
                    answers[word],
                    asking.context.of_parameter(parameter, "matching"),
                )
                return


def _check_signs(asking: Asking, parameter: Parameter, word: str, answer: HiddenAnswer) -> Iterator[Finding]:
    """A field that the contract makes of the hidden one says what the hidden one is."""
    rule = parameter.filter
    assert rule
    for record in answer.page.records if answer.page else ():
        field = contradicts(rule, word, record, asking.walk.listing.item_schema)
        if field:
            key = asking.walk.listing.key_of(record)
            yield asking.finding(
                "agrees",
                parameter.name,
                "A filter answers records whose fields say another value",
                f"{parameter.name}={word}: records whose {field} agrees",
                f"record {key!r}: {field} {record[field]!r}",
                answer,
                asking.context.of_parameter(parameter, "matching"),
            )
            return


def _check_numbers(asking: Asking, parameter: Parameter, words: Sequence[str]) -> Iterator[Finding]:
    """A word and its number select alike."""
    values = (parameter.filter.values if parameter.filter else None) or {}
    for word in words:
        number = str(values[word])
        if number == word or number not in values:
            continue
        by_word = asking.ask({parameter.name: word}, f"{word} has records of its own")
        by_number = asking.ask({parameter.name: number}, f"{number} is {word}")
        if by_number.page and by_word.page and by_number.total != by_word.total:
            yield asking.finding(
                "words",
                parameter.name,
                "A filter answers other records for a word than for its number",
                f"{word} and {number}: {by_word.total}",
                by_number.total,
                by_number,
                asking.context.of_parameter(parameter, "matching"),
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
    requests = [request for request in plan_requests(walk.listing, shown, walk.records) if request.number == 1]
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
