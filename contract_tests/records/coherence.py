"""Records against what their contract's annotations imply: identities, fields that follow from each other, texts."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from contract_tests.context import CheckContext
from contract_tests.findings import Finding
from contract_tests.records.identity_rules import make_identity_rules
from contract_tests.records.record_fields import MISSING, Field, Rule, Shown, Violation, list_fields
from contract_tests.records.relation_rules import make_relation_rules
from contract_tests.records.text_rules import make_text_rules
from mock_server.contract import Operation, find_pointer, find_record_place

MAX_KEYS = 5
"""Records of one departure whose keys are named."""


def check_coherence(context: CheckContext, operation: Operation) -> Iterator[Finding]:
    """Every record that any answer showed keeps what the annotations imply; each rule is reported once a place."""
    prefix, schema = find_item(context, operation)
    records = find_shown(context, operation)
    if not records:
        return
    key = context.contract.collections[operation.collection].key
    fields = list_fields(schema)
    reported: set[str] = set()
    for rule in (rule for make in RULES for rule in make(fields, key)):
        places: dict[str, list[Violation]] = defaultdict(list)
        for violation in rule.find(records):
            places[violation.place or rule.place].append(violation)
        # What a rule of the field itself has told is not told once more in general words.
        telling = {p: v for p, v in places.items() if p not in reported or rule.name not in GENERAL}
        reported |= set(places)
        for place, violations in telling.items():
            yield _report(context, operation, rule, f"{prefix}{place}", violations)


GENERAL = ("coherence.same", "coherence.text", "coherence.constant")
"""Rules that hold of any field."""


def _report(
    context: CheckContext,
    operation: Operation,
    rule: Rule,
    place: str,
    violations: Sequence[Violation],
) -> Finding:
    keys = list(dict.fromkeys(repr(violation.shown.key) for violation in violations))
    more = f" and {len(keys) - MAX_KEYS} more" if len(keys) > MAX_KEYS else ""
    actual = f"{violations[0].actual} in the record {keys[0]}"
    actual += f"; so in {', '.join(keys[:MAX_KEYS])}{more}" if len(keys) > 1 else ""
    exchange = violations[0].shown.exchange
    return context.finding(
        operation,
        rule.name,
        place,
        rule.problem,
        rule.expected,
        actual,
        rule.evidence,
        exchange,
        rule.grade,
    )


def find_item(context: CheckContext, operation: Operation) -> tuple[str, Mapping[str, Any]]:
    """Where a record stands in an operation's answers (a star for the index), and its schema."""
    if operation.id in context.listings:
        listing = context.listings[operation.id]
        return f"{listing.places['items'].pointer}/*", listing.item_schema
    place = find_record_place(operation.success.schema)
    return (place.pointer, place.schema) if place else ("", {})


def find_shown(context: CheckContext, operation: Operation) -> list[Shown]:
    """Every record of every successful answer of an operation; one that is the same in many answers, once."""
    collection = context.contract.collections.get(operation.collection)
    mine = (e for e in context.sender.exchanges if e.operation == operation.id and e.method != "HEAD")
    # What the run wrote itself is as generated values have it, and records are others than before.
    answers = (e for e in mine if not e.is_after_write)
    shown: list[Shown] = []
    known: set[str] = set()
    for exchange in answers if collection else ():
        if collection is None or exchange.answer.status != operation.success.status:
            continue
        records = [r for r in _records(context, operation, exchange.answer.json) if isinstance(r, dict)]
        keys = Counter(repr(record.get(collection.key)) for record in records)
        for record in records:
            key, text = record.get(collection.key), repr(record)
            # Of a key that stands twice on a page all are kept: that they do is what a rule looks for.
            if text not in known or keys[repr(key)] > 1:
                shown.append(Shown(record, key, exchange))
                known.add(text)
    return shown


def _records(context: CheckContext, operation: Operation, body: Any) -> list[Any]:
    if not isinstance(body, (dict, list)):
        return []
    if operation.id in context.listings:
        records = find_pointer(body, context.listings[operation.id].places["items"].pointer)
        return records if isinstance(records, list) else []
    place = find_record_place(operation.success.schema)
    return [find_pointer(body, place.pointer)] if place else []


def make_constancy_rules(fields: Sequence[Field], key: str) -> Iterator[Rule]:
    """A record is the same in every answer, whatever page, filter or key it was asked by."""
    problem = "A record has another value in another answer"
    yield from (
        Rule("coherence.same", field.pointer, problem, "the same value", _find_changed(field), field.evidence)
        for field in fields
        if field.name != key
    )


def _find_changed(field: Field) -> Callable[[Sequence[Shown]], Iterator[Violation]]:
    def find(records: Sequence[Shown]) -> Iterator[Violation]:
        first: dict[str, Shown] = {}
        doubled = _find_doubled(records)
        for shown in (shown for shown in records if repr(shown.key) not in doubled):
            earlier = first.setdefault(repr(shown.key), shown)
            ours, theirs = field.value(earlier.record), field.value(shown.record)
            if repr(ours) != repr(theirs):
                yield Violation(shown, f"{_shown(theirs)}, and {_shown(ours)} before")

    return find


def _find_doubled(records: Sequence[Shown]) -> set[str]:
    """Keys that stand twice on some page: they are of two records, which is another rule's."""
    times = Counter((id(shown.exchange), repr(shown.key)) for shown in records)
    return {key for (_, key), count in times.items() if count > 1}


def _shown(value: Any) -> str:
    return "absent" if value is MISSING else repr(value)


RULES: tuple[Callable[[Sequence[Field], str], Iterator[Rule]], ...] = (
    make_identity_rules,
    make_relation_rules,
    make_constancy_rules,
    make_text_rules,
)
"""What makes rules of a record's fields and the name of its key."""
