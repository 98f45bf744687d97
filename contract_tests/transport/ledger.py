"""What a run may write and what it wrote: the records that it created are all that it ever changes or deletes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote, unquote, urlsplit

from contract_tests.transport.exchanges import Exchange
from contract_tests.transport.targets import Target
from mock_server.contract import Contract, Operation, find_pointer, find_record_place

WRITES = ("create", "replace", "patch", "delete")
"""Effects that change a collection."""

CLEANING = "cleaning"
"""The name under which a run deletes at its end what it created."""

MAX_NODES = 200_000
"""Values of an answer in which keys are looked for."""

Record = tuple[str, str]
"""A collection, and a key of it as text."""


class WriteRule(NamedTuple):
    """One operation on records as the ledger knows it.

    `path` is the template of its URL's path at the target. `field` is the member of a record that is its key; where an
    answer has the record, or with `is_key` the key alone, is `at` (a JSON Pointer).
    """

    operation: str
    effect: str
    collection: str
    method: str
    path: str
    key: str
    field: str
    at: str
    is_key: bool

    def match(self, url: str) -> dict[str, str] | None:
        """The path values of a URL, or None where it is not of this operation."""
        parts = re.split(r"\{([^}]*)\}", self.path)
        names, pattern = parts[1::2], "([^/]+)".join(map(re.escape, parts[::2]))
        matched = re.fullmatch(pattern, urlsplit(url).path)
        return dict(zip(names, map(unquote, matched.groups()))) if matched else None

    def find_key(self, exchange: Exchange) -> str:
        """The key of the record that an answer tells: in its body, else at the end of its `Location`; or empty."""
        body = exchange.answer.json
        inside = find_pointer(body, self.at) if isinstance(body, (dict, list)) else None
        named = inside if self.is_key else inside.get(self.field) if isinstance(inside, dict) else None
        if _is_scalar(named):
            return str(named)
        location = urlsplit(exchange.answer.header("location") or "").path.rstrip("/")
        return unquote(location.rpartition("/")[2])


def make_rules(contract: Contract, target: Target) -> Iterator[WriteRule]:
    """The rules of every operation that writes, or that shows records which others write."""
    written = {o.collection for o in contract.operations if o.effect in WRITES}
    base = urlsplit(target.base_url).path
    for operation in contract.operations:
        if operation.collection in written:
            at, is_key = find_answered(contract, operation)
            path, field = base + operation.path.removeprefix(contract.base_path), find_field(contract, operation)
            method, effect = operation.method, operation.effect
            yield WriteRule(
                operation.id,
                effect,
                operation.collection,
                method,
                path,
                operation.key,
                field,
                at,
                is_key,
            )


def find_field(contract: Contract, operation: Operation) -> str:
    """The member of a record that is its key; empty where no answer shows records."""
    collection = contract.collections.get(operation.collection)
    return collection.key if collection else ""


def find_answered(contract: Contract, operation: Operation) -> tuple[str, bool]:
    """Where an operation's answer has the record, and whether it has but its key there."""
    node = find_pointer(contract.document, operation.pointer)
    effect = node.get("x-effect") if isinstance(node, Mapping) else None
    said = effect if isinstance(effect, Mapping) else {}
    place = find_record_place(operation.success.schema)
    return str(said.get("at") or (place.pointer if place else "")), said.get("answers") == "key"


class Ledger:
    """Which writes of a run are let out, and the records that it made and has not deleted yet.

    `named` are the operations that may write to a live target; what a run has `made` maps each record to the URL that
    deletes it, empty where none does. `unknown` says in sentences what may have been made without a key that is known,
    `taken` are the records that a create answered with though they had been there before. `has_written` is true once a
    write was let out.
    """

    def __init__(self, rules: Iterable[WriteRule] = (), named: Iterable[str] = (), keeps_created: bool = False) -> None:
        self._rules = {rule.operation: rule for rule in rules}
        self._named = frozenset(named)
        self._keeps_created = keeps_created
        self._seen: set[Record] = set()
        self._absent: set[Record] = set()
        self.made: dict[Record, str] = {}
        self.unknown: list[str] = []
        self.taken: set[Record] = set()
        self.has_written = False

    def learn(self, rules: Iterable[WriteRule]) -> None:
        """Take in what operations do whose paths are known by now."""
        self._rules |= {rule.operation: rule for rule in rules}

    @property
    def reserved(self) -> int:
        """Calls that deleting what was made will take."""
        return sum(map(bool, self.made.values()))

    def find_delete(self, collection: str) -> WriteRule | None:
        """The operation that may delete records of a collection."""
        deletes = (r for r in self._rules.values() if (r.effect, r.collection) == ("delete", collection))
        return next((rule for rule in deletes if rule.operation in self._named), None)

    def find_key(self, exchange: Exchange) -> str:
        """The key of the record that a create's answer tells, else the one that was sent; empty for none."""
        rule = self._rules.get(exchange.operation)
        return (rule.find_key(exchange) or _find_sent_key(rule, exchange.body.encode("latin-1"))) if rule else ""

    def why_not(self, operation: str, method: str, url: str, body: bytes) -> str:
        """Why a write must not be sent to a live target, as a sentence; nothing where it may."""
        rule = self._rules.get(operation)
        if rule is None or operation not in self._named or rule.method != method:
            return f"{method} was not sent: a live target is only read, but by operations that --writes names."
        values = rule.match(url)
        if values is None:
            return f"{method} was not sent: {urlsplit(url).path} is not a path of {operation}."
        if rule.effect == "create":
            return self._why_not_create(rule, body)
        if (rule.collection, values.get(rule.key, "")) not in self.made:
            return f"{method} was not sent: this run did not create the record of {urlsplit(url).path}."
        return ""

    def _why_not_create(self, rule: WriteRule, body: bytes) -> str:
        if not self._keeps_created and self.find_delete(rule.collection) is None:
            return f"{rule.operation} was not sent: nothing that --writes names deletes what it makes."
        key = _find_sent_key(rule, body)
        if key and (rule.collection, key) not in self._absent | self.made.keys():
            return f"{rule.operation} was not sent: it names the key {key}, of which nobody knows that it is free."
        return ""

    def deletes_own(self, operation: str, url: str) -> bool:
        """Whether a request deletes a record that this run made."""
        rule = self._rules.get(operation)
        values = rule.match(url) if rule and rule.effect == "delete" else None
        return rule is not None and values is not None and (rule.collection, values.get(rule.key, "")) in self.made

    def is_create(self, operation: str) -> bool:
        """Whether an operation makes records that are deleted at the end."""
        rule = self._rules.get(operation)
        return rule is not None and rule.effect == "create" and self.find_delete(rule.collection) is not None

    def note(self, exchange: Exchange) -> None:
        """Take down what an exchange made, deleted or showed; also one without an answer."""
        rule = self._rules.get(exchange.operation)
        if rule is None or rule.method != exchange.method:
            return
        values, status = rule.match(exchange.url), exchange.answer.status
        self.has_written |= rule.effect in WRITES
        if rule.effect == "create":
            self._note_create(rule, exchange)
        elif rule.effect == "delete" and values and (200 <= status < 300 or status in (404, 410)):
            self.made.pop((rule.collection, values.get(rule.key, "")), None)
        elif rule.effect == "get" and values:
            known = self._absent if status in (404, 410) else self._seen if 200 <= status < 300 else set()
            known.add((rule.collection, values.get(rule.key, "")))
        elif rule.effect == "list" and not self.has_written:
            self._seen |= {(rule.collection, key) for key in find_keys(exchange.answer.json, rule.field)}

    def _note_create(self, rule: WriteRule, exchange: Exchange) -> None:
        status = exchange.answer.status
        if 0 < status < 200 or 300 <= status < 500:
            return
        key = self.find_key(exchange)
        record = rule.collection, key
        if record in self._seen and record not in self.made:
            # Somebody else's: it was there before, whatever the answer says.
            self.taken.add(record)
        elif key and 200 <= status < 300:
            delete = self.find_delete(rule.collection)
            self.made[record] = _fill(exchange.url, delete, key) if delete else ""
        else:
            came = f"the answer was {status} and names no key" if status else "no answer came"
            self.unknown.append(f"{rule.operation} may have made a record that is not known: {came}")


def _fill(url: str, rule: WriteRule, key: str) -> str:
    """The URL by which a record is deleted."""
    path = rule.path.replace("{" + rule.key + "}", quote(key, safe=""))
    return urlsplit(url)._replace(path=path, query="").geturl()


def _find_sent_key(rule: WriteRule, body: bytes) -> str:
    """The key that a body names, in an envelope as well; empty where it leaves it to the server."""
    try:
        sent = json.loads(body) if body else None
    except ValueError:
        return ""
    inside = find_pointer(sent, rule.at) if isinstance(sent, (dict, list)) and not rule.is_key else None
    record = inside if isinstance(inside, dict) else sent
    key = record.get(rule.field) if isinstance(record, dict) and rule.field else None
    return str(key) if _is_scalar(key) else ""


def find_keys(body: Any, field: str) -> Iterator[str]:
    """Every value that stands under the name of the key anywhere in an answer: rather too many than too few."""
    waiting, left = [body], MAX_NODES
    while waiting and left:
        node, left = waiting.pop(), left - 1
        if isinstance(node, dict):
            if _is_scalar(node.get(field)):
                yield str(node[field])
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node


def _is_scalar(value: Any) -> bool:
    return isinstance(value, (str, int, float)) and not isinstance(value, bool) and value != ""
