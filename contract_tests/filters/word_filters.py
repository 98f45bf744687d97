"""Filters by words of an enumeration that no record shows: no record has two, all make the list, fields agree."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from contract_tests.filters.filter_asking import Asking, FilteredAnswer
from contract_tests.filters.filter_oracle import contradicts
from contract_tests.filters.filter_values import find_words
from contract_tests.findings import Finding
from mock_server.contract import Parameter
from mock_server.errors import count_of

FEW_WORDS = 6
"""Words of an enumeration that are all asked for, so that they must add up."""


def list_words(asking: Asking, parameter: Parameter) -> list[str]:
    """One word for each value of a filter, those first that the documentation names."""
    evidence = asking.context.of_parameter(parameter)
    return find_words(parameter.filter, evidence.sentence) if parameter.filter else []


def check_few_words(asking: Asking, parameter: Parameter) -> Iterator[Finding]:
    """The word for zero, which is most often taken for nothing; a second one where that answers all there is."""
    words = list_words(asking, parameter)
    first = asking.ask({parameter.name: words[0]}, f"{words[0]} has records of its own") if words else None
    yield from check_words(asking, parameter, words[: 1 if first and first.total < asking.all else 2])


def check_words(asking: Asking, parameter: Parameter, words: Sequence[str]) -> Iterator[Finding]:
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
    every = list_words(asking, parameter)
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


def _check_apart(asking: Asking, parameter: Parameter, answers: dict[str, FilteredAnswer]) -> Iterator[Finding]:
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


def _check_signs(asking: Asking, parameter: Parameter, word: str, answer: FilteredAnswer) -> Iterator[Finding]:
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


def check_numbers(asking: Asking, parameter: Parameter, words: Sequence[str]) -> Iterator[Finding]:
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
