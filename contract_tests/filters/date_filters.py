"""Filters from and to a moment on dates that no record shows: they divide the list, each field in its own way."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from contract_tests.filters.filter_asking import Asking, FilteredAnswer
from contract_tests.filters.filter_values import write_far, write_moment
from contract_tests.findings import NOTE, Finding
from mock_server.contract import Parameter

YEARS_AGO = (5, 2, 9, 1)
"""Where a moment is looked for that divides a list: on the twelfth of January, in December if read day first."""

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
FEW_RECORDS = 4
"""So many records may be the same by accident."""

STEPS_PER_SEARCH = 34
"""Requests that find one record's moment to the second within ten years, and some to judge it."""


class DateField(NamedTuple):
    """The filters on one hidden field of dates: from a moment, and to a moment (None where there is none)."""

    name: str
    since: Parameter | None
    until: Parameter | None


def find_fields(filters: Sequence[Parameter]) -> list[DateField]:
    """The date fields that filters look at, in their order."""
    fields: dict[str, dict[str, Parameter]] = {}
    for parameter in filters:
        if parameter.filter and parameter.filter.dates:
            fields.setdefault(parameter.filter.fields[0], {})[parameter.filter.test] = parameter
    return [DateField(name, of.get("at_least"), of.get("at_most")) for name, of in fields.items()]


def check_dates(asking: Asking, filters: Sequence[Parameter]) -> Iterator[Finding]:
    """At one moment: from it and to the second before it make the list, and two fields are not one."""
    fields = find_fields(filters)
    moment = _find_moment(asking, fields)
    if moment is None:
        yield from _check_far(asking, fields)
        return
    since: dict[str, FilteredAnswer] = {}
    for number, field in enumerate(fields):
        if field.since:
            query = {field.since.name: _write(field.since, moment, -number)}
            since[field.name] = asking.ask(query, f"{field.name} from a moment in the middle")
            yield from _check_since(asking, field.since, since[field.name])
        if field.since and field.until:
            yield from _check_division(asking, field, moment, number, since[field.name])
    yield from _check_fields(asking, fields, since)


def _write(parameter: Parameter, moment: datetime, number: int) -> str:
    """A moment in one of the forms that the parameter reads, which says all of it."""
    forms = parameter.filter.dates if parameter.filter else ()
    # A form without seconds or hours says the moment only where these are zero.
    able = [form for form in forms if _is_exact(form, moment)]
    return next(write_moment(moment, (able[number % len(able)] if able else forms[0],)))


def _is_exact(form: str, moment: datetime) -> bool:
    if form == "date-time":
        return True
    return moment.second == 0 and ("hh:mm" in form or (moment.hour, moment.minute) == (0, 0))


def _find_moment(asking: Asking, fields: Sequence[DateField]) -> datetime | None:
    """A moment that divides the list by the first field; None where none of a few does."""
    first = next((field.since for field in fields if field.since), None)
    if first is None or asking.all < 2:
        return None
    for years in YEARS_AGO:
        moment = datetime(datetime.now(UTC).year - years, 1, 12)
        answer = asking.ask({first.name: _write(first, moment, 0)}, "finds a moment in the middle")
        if answer.page and 0 < answer.total < asking.all:
            return moment
        if answer.page is None:
            return None
    return None


def _check_far(asking: Asking, fields: Sequence[DateField]) -> Iterator[Finding]:
    """Where no moment divides the list: after the far future and before the far past there is nothing."""
    for parameter in (p for field in fields for p in (field.since, field.until) if p and p.filter):
        value = write_far(parameter.filter, is_past=parameter.filter.test == "at_most") if parameter.filter else ""
        answer = asking.ask({parameter.name: value}, "no record is that far away: the filter is not ignored")
        if answer.total:
            yield asking.finding(
                "sound",
                parameter.name,
                "A filter that nothing matches answers records",
                f"{parameter.name}={value}: no record",
                answer.total,
                answer,
                asking.evidence(parameter, answer),
            )


def _check_since(asking: Asking, parameter: Parameter, answer: FilteredAnswer) -> Iterator[Finding]:
    """All records from a moment in the middle: then there must be none from the far future."""
    if answer.page and answer.total == asking.all:
        yield from _check_far(asking, [DateField("", parameter, None)])


def _check_division(
    asking: Asking,
    field: DateField,
    moment: datetime,
    number: int,
    since: FilteredAnswer,
) -> Iterator[Finding]:
    assert field.since and field.until
    # A minute before, in the form with minutes, for every second field: few records change in one minute.
    before = moment - (MINUTE if number % 2 else SECOND)
    value = _write(field.until, before, -1)
    until = asking.ask({field.until.name: value}, f"{field.name} up to just before that moment: the rest")
    if since.page is None or until.page is None:
        return
    shared = since.keys & until.keys
    if until.total == asking.all and since.total:
        yield _undivided(asking, field.until, f"{asking.all - since.total}", until)
    elif shared or since.total + until.total != asking.all:
        yield asking.finding(
            "division",
            f"{field.since.name}&{field.until.name}",
            "A filter from a moment and the filter to just before it do not divide the list",
            f"{asking.all} in all",
            f"{since.total} + {until.total}" + (f", {len(shared)} in both" if shared else ""),
            until,
            asking.context.of_parameter(field.until, "matching"),
        )


def _undivided(asking: Asking, parameter: Parameter, expected: str, answer: FilteredAnswer) -> Finding:
    return asking.finding(
        "sound",
        parameter.name,
        "A filter answers all records, where others show that some do not satisfy it",
        expected,
        answer.total,
        answer,
        asking.evidence(parameter, answer),
    )


def _check_fields(
    asking: Asking,
    fields: Sequence[DateField],
    since: Mapping[str, FilteredAnswer],
) -> Iterator[Finding]:
    """Filters on two fields do not select alike; where one date follows another, its filter does not select fewer."""
    for one, other in itertools.combinations([field for field in fields if field.name in since], 2):
        first, second = since[one.name], since[other.name]
        if first.page is None or second.page is None or other.since is None or one.since is None:
            continue
        if first.total == second.total and first.keys == second.keys and FEW_RECORDS < first.total < asking.all:
            yield asking.context.finding(
                asking.operation,
                "hidden_filters.fields",
                f"?{other.since.name}",
                "A filter selects as the filter on another field does",
                f"other records than by {one.since.name} at the same moment",
                f"the same {first.total}",
                asking.context.of_parameter(other.since),
                second.exchange,
                grade=NOTE,
            )
        elif _follows(asking, other.name, one.name) and second.total < first.total:
            yield asking.finding(
                "fields",
                other.since.name,
                "A filter selects fewer records than the filter on the date that comes before",
                f"{first.total} at least, as by {one.since.name} at the same moment",
                second.total,
                second,
                asking.context.of_parameter(other.since, "matching"),
            )


def _follows(asking: Asking, later: str, earlier: str) -> bool:
    """Whether the contract makes one hidden date out of another, so that it is never before it."""
    collection: Any = asking.walk.listing.item_schema.get("x-collection", {})
    maker = collection.get("hidden", {}).get(later, {}).get("x-faker", {})
    return isinstance(maker, Mapping) and maker.get("moment", {}).get("start") == f"${earlier}"


def check_moments(asking: Asking, filters: Sequence[Parameter]) -> Iterator[Finding]:
    """Every form of a moment selects alike; with calls to spare, both ends include a record's own moment."""
    fields = find_fields(filters)
    moment = _find_moment(asking, fields)
    if moment is None:
        return
    for parameter in (p for field in fields for p in (field.since, field.until) if p):
        yield from _check_forms(asking, parameter, moment)
    for field in fields:
        remaining = asking.context.remaining
        if remaining is None or remaining > STEPS_PER_SEARCH:
            yield from _check_ends(asking, field, moment)


def _check_forms(asking: Asking, parameter: Parameter, moment: datetime) -> Iterator[Finding]:
    forms = parameter.filter.dates if parameter.filter else ()
    texts = list(write_moment(moment, forms))
    if "date-time" in forms:
        texts.append(f"{(moment + timedelta(hours=5)):%Y-%m-%dT%H:%M:%S}+05:00")
    answers = {text: asking.ask({parameter.name: text}, "the same moment in another form") for text in texts}
    totals = {text: answer.total for text, answer in answers.items() if answer.page}
    if len(set(totals.values())) > 1:
        odd = min(totals, key=lambda text: list(totals.values()).count(totals[text]))
        yield asking.finding(
            "forms",
            parameter.name,
            "A filter selects otherwise when the same moment is written in another form",
            f"{moment}: one total",
            ", ".join(f"{text}: {total}" for text, total in totals.items()),
            answers[odd],
            asking.context.of_parameter(parameter, "matching"),
        )


def _check_ends(asking: Asking, field: DateField, moment: datetime) -> Iterator[Finding]:
    """The last second of a record by one filter, and what the other one says of it."""
    if field.since is None or field.until is None:
        return
    after = _find_moment_after(asking, field.since, moment)
    if after is None:
        return
    until = asking.ask({field.until.name: _write(field.until, after - SECOND, 0)}, "a record's own moment as an end")
    beyond = asking.ask({field.since.name: _write(field.since, after, 0)}, "the second after a record's own moment")
    if until.page and beyond.page and until.total + beyond.total != asking.all:
        yield asking.finding(
            "ends",
            field.until.name,
            "A filter to a moment leaves out the record of that moment, or has one that is later",
            f"{asking.all - beyond.total} to {after - SECOND}",
            until.total,
            until,
            asking.context.of_parameter(field.until, "matching"),
        )


def _find_moment_after(asking: Asking, since: Parameter, moment: datetime) -> datetime | None:
    """The second after a record's own moment: from it on there are fewer records than from the second before."""

    def total(at: datetime) -> int:
        return asking.ask({since.name: _write(since, at, 0)}, "closes in on a record's own moment").total

    low, high = moment, moment + timedelta(days=365)
    most, least = total(low), total(high)
    if most == least:
        return None
    while high - low > SECOND:
        middle = (low + (high - low) / 2).replace(microsecond=0)
        middle = middle if middle > low else low + SECOND
        count = total(middle)
        low, high = (low, middle) if count < most else (middle, high)
    return high
