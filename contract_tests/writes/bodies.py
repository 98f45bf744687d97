"""Bodies of writes, made from their schemas alone: whole ones, lean ones, and changes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from contract_tests.context import CheckContext
from contract_tests.writes.chains import (
    JSON_PATCH,
    Body,
    Chain,
    find_required,
    find_sent_fields,
    is_stamp,
    list_writable,
)
from mock_server.contract import escape_pointer
from mock_server.openapi import Validators
from mock_server.samples import NOTHING, Sampler

MAX_TRIES = 6
"""How often a value that differs from another one is looked for."""

PLAIN_TYPES = ("string", "integer", "number")
"""Types of which a value is told from any other one by chance."""


class Written(NamedTuple):
    """A body that can be sent: the whole value, and the record in it."""

    value: Any
    record: Mapping[str, Any]


class BodyMaker:
    """Makes the bodies of one chain; another `salt` makes others."""

    def __init__(self, context: CheckContext, chain: Chain, salt: str) -> None:
        root = context.contract.document
        self._chain = chain
        self._salt = salt
        self._validators = Validators(root)
        self._sampler = Sampler(root, salt, self._validators)

    def make(self, body: Body, label: str, given: Mapping[str, Any] | None = None) -> Written:
        """A valid body with all that it may have; `given` are members of the record that it must have so."""
        fields = find_sent_fields(body)
        given = {**{name: key for name, key in self._chain.given.items() if name in fields}, **(given or {})}
        value = self._sampler.sample(
            body.schema,
            f"{self._chain.collection}/{label}",
            name=self._chain.collection,
            given=_wrap(body, given) if given else NOTHING,
            direction="request",
        )
        return self._without_hidden(body, value)

    def _without_hidden(self, body: Body, value: Any) -> Written:
        record = read_record(body, value)
        hidden = [n for n, s in find_sent_fields(body).items() if isinstance(s, Mapping) and s.get("readOnly")]
        kept = {name: each for name, each in record.items() if name not in hidden}
        return Written(_put(body, value, kept), kept) if isinstance(value, Mapping) else Written(value, record)

    def is_valid(self, body: Body, value: Any) -> bool:
        """Whether a body obeys its schema."""
        return self._validators.is_valid(body.schema, value, "request")

    def make_lean(self, body: Body, whole: Written) -> Written:
        """A body without the members that it need not have, as far as it stays valid."""
        lean, required = whole, find_required(body)
        for name in [n for n in list_writable(self._chain, body) if n in whole.record and n not in required]:
            leaner = self.drop(body, lean, name)
            lean = leaner if self.is_valid(body, leaner.value) else lean
        return lean

    def drop(self, body: Body, written: Written, name: str) -> Written:
        """A body without one member of its record."""
        record = {key: value for key, value in written.record.items() if key != name}
        return Written(_put(body, written.value, record), record)

    def compare(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """The members of a sent record that reads show as they were sent: their schemas agree on the value."""
        return {
            name: value
            for name, value in record.items()
            if name != self._chain.key and self._is_comparable(name, value)
        }

    def _is_comparable(self, name: str, value: Any) -> bool:
        shown = self._chain.fields.get(name)
        if not isinstance(shown, Mapping) or shown.get("readOnly") or shown.get("writeOnly") or is_stamp(name, shown):
            return False
        return value is not None and self._validators.is_valid(shown, value)

    def make_change(self, body: Body, known: Mapping[str, Any], names: Iterable[str] = ()) -> dict[str, Any]:
        """A member with another value than a record has, one of `names`; empty where none can be told from before."""
        chosen = names or list_writable(self._chain, body)
        for name in sorted(chosen, key=lambda n: not self.is_telling(n)):
            schema = find_sent_fields(body)[name]
            for number in range(MAX_TRIES):
                value = self._sampler.sample(schema, f"change/{name}/{number}", name=name, direction="request")
                is_new = value != known.get(name) and value is not None
                if is_new and self._is_comparable(name, value) and self.is_valid(body, _wrap_patch(body, name, value)):
                    return {name: value}
        return {}

    def is_telling(self, name: str) -> bool:
        """Whether a value of a member is hardly another record's by chance, nor what a server would fill in."""
        schema = self._chain.fields.get(name)
        is_plain = isinstance(schema, Mapping) and schema.get("type") in PLAIN_TYPES
        return is_plain and not {"enum", "const", "default"} & set(schema or {})

    def list_nullable(self, body: Body) -> Iterator[str]:
        """Members that may be cleared: null in the body, null or absent where they are shown."""
        for name in list_writable(self._chain, body):
            sent, shown = find_sent_fields(body)[name], self._chain.fields[name]
            is_shown_so = says_null(shown) or name not in self._chain.always
            is_clearable = says_null(sent) and is_shown_so and not {"default"} & {*sent, *shown}
            if is_clearable and self.is_valid(body, _wrap_patch(body, name, None)):
                yield name

    def make_read_only(self, known: Mapping[str, Any]) -> dict[str, Any]:
        """Members that only the server writes, with values that they do not have; the key where there are no others."""
        found: dict[str, Any] = {}
        for name, schema in self._chain.fields.items():
            if isinstance(schema, Mapping) and schema.get("readOnly") and self.is_telling(name):
                value = self._sampler.sample(schema, f"overwritten/{name}", name=name)
                found |= {name: value} if known.get(name) not in (None, value) else {}
        others = {name: value for name, value in found.items() if name != self._chain.key}
        return others or found


def says_null(schema: Any) -> bool:
    """Whether a schema names null as a value, and does not merely say nothing against it."""
    if not isinstance(schema, Mapping):
        return False
    branches = [*(schema.get("anyOf") or ()), *(schema.get("oneOf") or ())]
    kinds = schema.get("type")
    return "null" in ([kinds] if isinstance(kinds, str) else kinds or ()) or any(map(says_null, branches))


def read_record(body: Body, value: Any) -> Mapping[str, Any]:
    """The record in a body."""
    for step in body.at.split("/")[1:]:
        value = value.get(step) if isinstance(value, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def _wrap(body: Body, record: Mapping[str, Any]) -> Mapping[str, Any]:
    for step in reversed(body.at.split("/")[1:]):
        record = {step: record}
    return record


def _wrap_patch(body: Body, name: str, value: Any) -> Any:
    """What is checked of a change: the change itself, in the form that the media type has."""
    return make_patch(body, {name: value})


def make_patch(body: Body, change: Mapping[str, Any]) -> Any:
    """A change as it is sent: a merge patch (RFC 7396), or operations (RFC 6902) where those are documented."""
    if body.media_type == JSON_PATCH:
        return [{"op": "replace", "path": f"/{escape_pointer(name)}", "value": v} for name, v in change.items()]
    return _wrap(body, change)


def _put(body: Body, value: Any, record: Mapping[str, Any]) -> Any:
    """A body with another record in it."""
    steps = body.at.split("/")[1:]
    if not steps:
        return dict(record)
    copied = json.loads(json.dumps(value))
    inside = copied
    for step in steps[:-1]:
        inside = inside[step]
    inside[steps[-1]] = dict(record)
    return copied
