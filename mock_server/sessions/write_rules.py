"""What a client that writes did wrong, read off a session's journal: each verdict a small function."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from mock_server.contract import Operation
from mock_server.faults import is_write
from mock_server.sessions.analysis import Analysis
from mock_server.sessions.verdicts import Judge, Verdict, find_operation, read_answer
from mock_server.state import Entry

FINAL = (400, 404, 405, 406, 409, 410, 411, 413, 414, 415, 422)
"""Refusals that the same request will meet again, while nothing else has changed."""

CHANGING = ("replace", "patch", "delete")

SAME = ("content-type", "if-match", "if-none-match", "authorization")
"""Headers that make another request of the same target and body."""

Record = tuple[str, str, str]
"""A record that a request is about: provider, collection, key."""

Seen = Record | tuple[str, str]
"""A record that a client knows, or a collection that it listed."""


class Call(NamedTuple):
    """A request of a documented operation, and the record that its path names, if any."""

    analysis: Analysis
    entry: Entry
    operation: Operation
    record: Record | None

    @property
    def is_done(self) -> bool:
        """Whether it was answered with a success."""
        return 200 <= self.entry.status < 300

    @property
    def if_match(self) -> str:
        """The version that it means, or an empty text."""
        return self.entry.headers.get("if-match", "")

    @property
    def idempotency_key(self) -> str:
        """What says that it is the same as another one, whatever the header is called."""
        return next((value for name, value in self.entry.headers.items() if "idempot" in name), "")


def _read_calls(analyses: Sequence[Analysis]) -> Iterator[Call]:
    for analysis in analyses:
        operation = find_operation(analysis)
        if operation and analysis.match:
            entry, key = analysis.entry, analysis.match.values.get(operation.key, "")
            record = (entry.provider, operation.collection, str(key)) if operation.collection and key else None
            yield Call(analysis, entry, operation, record)


def _created_twice(analyses: Sequence[Analysis]) -> Iterator[Verdict]:
    unsure: dict[tuple[str, str, str, str], Call] = {}
    for call in _read_calls(analyses):
        entry, operation = call.entry, call.operation
        if not is_write(operation) and call.is_done:  # who has looked whether it was done may try again
            looked = entry.provider, operation.collection
            unsure = {key: each for key, each in unsure.items() if (key[0], each.operation.collection) != looked}
        if operation.effect != "create":
            continue
        key = (entry.provider, operation.id, entry.target, entry.sent)
        before = unsure.pop(key, None)
        if before and not (call.idempotency_key and call.idempotency_key == before.idempotency_key):
            says = (
                f"{operation.id} was sent again after {_describe_loss(before.entry)}, with the same body and without "
                "an idempotency key: it may have been done twice."
            )
            yield Verdict("created_twice", says, (before.entry.id, entry.id))
        if _leaves_open(entry):
            unsure[key] = call


def _leaves_open(entry: Entry) -> bool:
    """Whether a client cannot know what became of its request; `Retry-After` with 503 says that nothing did."""
    is_put_off = entry.status == 503 and "retry-after" in dict(entry.answered)
    return bool(entry.fault) or (entry.status >= 500 and not is_put_off)


def _describe_loss(entry: Entry) -> str:
    return "its answer was lost" if entry.fault else f"the answer {entry.status}"


def _updated_without_reading(analyses: Sequence[Analysis]) -> Iterator[Verdict]:
    tags: dict[Record, Call] = {}
    seen: set[Seen] = set()
    reported: set[tuple[str, str, int]] = set()
    for call in _read_calls(analyses):
        verdict = _judge_update(call, tags, seen)
        row = (call.entry.provider, call.operation.id, len(verdict.requests) if verdict else 0)
        if verdict and row not in reported:
            yield verdict
        reported.add(row)
        if call.is_done:
            seen |= _find_seen(call)
            if call.record and "etag" in dict(call.entry.answered):
                tags[call.record] = call


def _judge_update(call: Call, tags: Mapping[Record, Call], seen: set[Seen]) -> Verdict | None:
    """Whether a change says nothing of the version that it means, or meant none: it may undo what others wrote."""
    entry, operation, record = call.entry, call.operation, call.record
    if not record or operation.effect not in CHANGING or call.if_match or not call.is_done or entry.status == 201:
        return None
    if record in tags:
        before = tags[record]
        says = f"{before.operation.id} gave the ETag of {entry.path}; {operation.id} was sent without If-Match."
        return Verdict("updated_without_reading", says, (before.entry.id, entry.id))
    if operation.effect == "replace" and _offers_tags(call) and not {record, record[:2]} & seen:
        says = f"{operation.id} replaced {entry.path}, which was never read: what others wrote there is lost."
        return Verdict("updated_without_reading", says, (entry.id,))
    return None


def _offers_tags(call: Call) -> bool:
    """Whether a write could have said which version it means."""
    named = {p.name.lower() for p in call.operation.parameters if p.where == "header"}
    return "if-match" in named or "etag" in dict(call.entry.answered)


def _find_seen(call: Call) -> set[Seen]:
    """What a client knows after an answer: a record, a collection that it listed, a record that it created."""
    operation, provider = call.operation, call.entry.provider
    if operation.is_list:
        return {(provider, operation.collection)}
    if operation.effect == "create":
        keys = {dict(call.entry.answered).get("location", "").rpartition("/")[2], *_find_keys(call)}
        return {(provider, operation.collection, key) for key in keys if key}
    return {call.record} if call.record else set()


def _find_keys(call: Call) -> Iterator[str]:
    """The keys that the answer to a create holds, in an envelope or not."""
    api, body = call.analysis.api, read_answer(call.analysis)
    collection = api.contract.collections.get(call.operation.collection) if api else None
    if collection and isinstance(body, dict):
        for each in (body, *body.values()):
            if isinstance(each, dict) and collection.key in each:
                yield str(each[collection.key])


def _retried_refused_write(analyses: Sequence[Analysis]) -> Iterator[Verdict]:
    refused: dict[Any, Call] = {}
    for call in _read_calls(analyses):
        entry, operation = call.entry, call.operation
        if not is_write(operation):
            continue
        headers = tuple(entry.headers.get(name) for name in SAME)
        key = (entry.provider, entry.method, entry.target, entry.sent, headers)
        if key in refused and operation.method in ("POST", "PATCH"):
            before = refused[key].entry
            says = f"{operation.id} was refused with {before.status} and sent again as it was."
            yield Verdict("retried_refused_write", says, (before.id, entry.id))
        if call.is_done:  # what was wrong may be right by now
            refused = {key: each for key, each in refused.items() if each.entry.provider != entry.provider}
        if entry.status in FINAL:
            refused[key] = call


def _ignored_conflict(analyses: Sequence[Analysis]) -> Iterator[Verdict]:
    refused: dict[Record, Call] = {}
    for call in _read_calls(analyses):
        if not is_write(call.operation) and call.is_done:
            known = _find_seen(call)
            refused = {record: each for record, each in refused.items() if not {record, record[:2]} & known}
        before = refused.get(call.record) if call.record else None
        if call.record is None or not is_write(call.operation):
            continue
        if before:
            if call.if_match in ("", "*", before.if_match):
                says = (
                    f"{before.operation.id} was refused with {before.entry.status}, for the record had changed; "
                    f"{call.operation.id} came without reading it again."
                )
                yield Verdict("ignored_conflict", says, (before.entry.id, call.entry.id))
            del refused[call.record]
        if call.entry.status == 412:
            refused[call.record] = call


WRITE_JUDGES: Mapping[str, Judge] = {
    "created_twice": _created_twice,
    "updated_without_reading": _updated_without_reading,
    "retried_refused_write": _retried_refused_write,
    "ignored_conflict": _ignored_conflict,
}
"""Every rule about writes, and the function that finds who broke it."""
