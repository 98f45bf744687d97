"""Sequences of writes and reads on a plain document, against a list in memory: whatever a client does, all agrees.

Several mock APIs over one folder stand for as many worker processes; requests go to them in turn.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode

from mock_server.contract import Operation
from mock_server.engine import MockApi, PlayContext, present
from mock_server.messages import Request, Response
from mock_server.openapi import Document, Located, Validators
from mock_server.plain import PlainContract
from mock_server.samples import Sampler
from mock_server.sessions import Settings, load_contracts, make_apis
from mock_server.state import open_state

RECORDS = 6
MAX_PAGES = 12
SIZE = 50
FORM = "application/x-www-form-urlencoded"


class Departure(NamedTuple):
    """Where a document that is played does not do as a list in memory does."""

    step: str
    says: str


class Server:
    """A document as several workers play it; each request goes to the next of them."""

    def __init__(self, document: Path, folder: Path, workers: int, overlays: tuple[str, ...] = ()) -> None:
        settings = Settings(providers=(f"doc={document}",), records=RECORDS, cache=folder, overlays=overlays)
        contracts = load_contracts(settings)
        contract = contracts["doc"]
        assert isinstance(contract, PlainContract)
        self.contract = contract
        apis = [make_apis(contracts, settings, state=open_state(folder)).apis["doc"] for _ in range(workers)]
        self.apis: Iterator[MockApi] = itertools.cycle(apis)
        self.sampler = Sampler(contract.source.root, "sent", Validators(contract.source.root))

    def ask(self, method: str, path: str, query: str = "", media: str = "", body: bytes = b"") -> Response:
        """The answer of the next worker; what is required in the query and in headers comes with it."""
        api = next(self.apis)
        match = api.find(method, path)
        assert match, (method, path)
        made = {where: self._make_required(match.target.operation, where) for where in ("query", "header")}
        query = urlencode({**made["query"], **dict(parse_qsl(query))})
        headers = {name.lower(): value for name, value in made["header"].items()}
        headers |= {"content-type": media} if media else {}
        request = Request(method, path, query, headers, "http://mock", "/doc", body=body)
        return api.answer(match, _authorized(match.target.operation, request), PlayContext(scope="~s/1/"))

    def _make_required(self, operation: Operation, where: str) -> dict[str, str]:
        required = (each for each in operation.parameters if each.required and each.where == where)
        made = ((p.name, self.sampler.sample(p.schema, f"{where}/{p.name}", name=p.name)) for p in required)
        return {name: value if isinstance(value, str) else json.dumps(value) for name, value in made}

    def find_collections(self) -> list[str]:
        """The collections that are listed, shown by key and created, and lie below no parent."""
        names: dict[str, set[str]] = {}
        for operation in self.contract.operations:
            effect = self.contract.plain[operation.pointer].effect
            if effect.collection and not effect.parents:
                names.setdefault(effect.collection, set()).add(effect.name)
        keyed = {name for name, notes in self.contract.notes.items() if notes.key}
        written = [name for name, effects in names.items() if {"list", "get", "create"} <= effects and name in keyed]
        return [name for name in written if Written(self, name).can_be_played()]


def _authorized(operation: Operation, request: Request) -> Request:
    """The request with a test credential, where the operation asks for one."""
    for schemes in operation.security[:1]:
        state = next((name for scheme in schemes for name in scheme.values), "valid")
        return present(request, (schemes,), state) or request
    return request


class Written:
    """One collection, and what it must be after all that was written."""

    def __init__(self, server: Server, name: str) -> None:
        self.server, self.name = server, name
        self.key = server.contract.notes[name].key
        plain = [(each, server.contract.plain[each.pointer]) for each in server.contract.operations]
        mine = {
            p.effect.name: each for each, p in reversed(plain) if p.effect.collection == name and not p.effect.parents
        }
        self.operations: Mapping[str, Operation] = mine
        self.model: dict[str, Mapping[str, Any]] = {}
        self.used: set[str] = set()

    def begin(self) -> Written:
        """The same with the records that are there at first; raises AssertionError where none are listed."""
        self.model = self.read()
        self.used = set(self.model)
        return self

    def can_be_played(self) -> bool:
        """Whether a list shows all there is, and a record can be sent as JSON or as a form."""
        filters = self.server.contract.plain[self.operations["list"].pointer].filters
        if any(each.required and each.name in filters for each in self.operations["list"].parameters):
            return False
        documented = self.server.contract.plain[self.operations["create"].pointer].documented
        return self._body("create") is not None or self.server.contract.source.find_body(documented) is None

    # reading

    def read(self, where: Mapping[str, str] = MappingProxyType({})) -> dict[str, Mapping[str, Any]]:
        """All records by key, or those that a filter selects, as pages show them."""
        effect, records = self._effect("list"), {}
        for page in range(MAX_PAGES):
            response = self.server.ask("GET", self.operations["list"].path, self._page_query(page, where))
            assert response.status < 300, response
            listed = _at(json.loads(response.body), effect.at)
            entries = [_at(entry, effect.record) for entry in listed] if isinstance(listed, list) else []
            more = {str(entry[self.key]): entry for entry in entries if str(entry.get(self.key)) not in records}
            records.update(more)
            if not more or not self._turns_pages():
                break
        return records

    def _is_sorted(self) -> bool:
        """Whether the list says in which order it comes by itself."""
        filters = self.server.contract.plain[self.operations["list"].pointer].filters
        sorting = {name for name, each in filters.items() if each.test == "sort"}
        return any("default" in p.schema for p in self.operations["list"].parameters if p.name in sorting)

    def _find_defaults(self) -> dict[str, Any]:
        """What records are that the list shows where a client asks for none in particular."""
        filters = self.server.contract.plain[self.operations["list"].pointer].filters
        given = {p.name: p.schema.get("default") for p in self.operations["list"].parameters}
        exact = ((each.fields[0], given.get(name)) for name, each in filters.items() if each.test == "equals")
        return {field: value for field, value in exact if value is not None}

    def _roles(self) -> dict[str, str]:
        parameters = self.server.contract.plain[self.operations["list"].pointer].paging.parameters
        return {role: name for name, role in parameters.items()}

    def _turns_pages(self) -> bool:
        return bool({"number", "offset"} & set(self._roles()))

    def _page_query(self, page: int, where: Mapping[str, str]) -> str:
        roles = self._roles()
        listed = {p.name: p.schema for p in self.operations["list"].parameters}
        size = min(SIZE, int(listed.get(roles.get("size", ""), {}).get("maximum", SIZE)))
        first = self.server.contract.plain[self.operations["list"].pointer].paging.first
        values = {"size": size, "number": page + first, "offset": page * size}
        wanted = {roles[role]: value for role, value in values.items() if role in roles}
        if page == 0:  # what a first page is called is a client's guess where nobody says it
            wanted = {name: value for name, value in wanted.items() if name == roles.get("size")}
        return urlencode({**wanted, **where})

    def get(self, key: str) -> Mapping[str, Any] | None:
        """The record of a key, or None where it is not found."""
        response = self.server.ask("GET", self._path("get", key))
        if response.status == 404:
            return None
        assert response.status == 200, response
        record: Any = _at(json.loads(response.body), self._effect("get").at)
        shown: Mapping[str, Any] = record[0] if isinstance(record, list) else record
        return shown

    # writing

    def create(self, number: int) -> Iterator[Departure]:
        """A record more, at the end."""
        sent = self._sample("create", number)
        sent = {**sent, **{n: v for n, v in self._find_defaults().items() if n in sent}} if sent else sent
        response = self._send("create", self.operations["create"].path, sent)
        if response.status == 409 and self._is_taken(sent):
            return
        if response.status >= 300:
            yield Departure("create", f"{response.status} {response.body[:200]!r}")
            return
        shown = self.read()
        new = [key for key in shown if key not in self.model]
        if len(new) != 1 or (list(shown)[-1:] != new and not self._is_sorted()):
            yield Departure("create", f"new in the list: {new}")
        for key in new:
            if key in self.used and key != str(sent.get(self.key) if sent else None):
                yield Departure("create", f"the key {key} was another's")
            yield from self._compare_sent("create", sent, shown[key])
            self.used.add(key)
        self.model = shown

    def _is_taken(self, sent: Any) -> bool:
        """Whether a record has one of these texts already, as a name may be given once only."""
        texts = {(name, value) for name, value in sent.items() if isinstance(value, str)} if sent else set()
        return any(record.get(name) == value for record in self.model.values() for name, value in texts)

    def change(self, effect: str, place: int, number: int) -> Iterator[Departure]:
        """Another state of one record, in its place; nothing else changes."""
        if effect not in self.operations or not self.model:
            return
        key = list(self.model)[place % len(self.model)]
        sent = self._sample(effect, number)
        if isinstance(sent, list):  # operations on places: what is made of their schema leads nowhere
            return
        response = self._send(effect, self._path(effect, key), sent)
        if response.status >= 300:
            yield Departure(effect, f"{response.status} {response.body[:200]!r}")
            return
        shown = self.read()
        if list(shown) != list(self.model):
            yield Departure(effect, f"the list was {list(self.model)} and is {list(shown)}")
        others = [k for k in self.model if k != key and shown.get(k) != self.model[k]]
        if others:
            yield Departure(effect, f"others changed: {others}")
        yield from self._compare_sent(effect, sent, shown.get(key, {}))
        self.model = shown

    def delete(self, place: int) -> Iterator[Departure]:
        """A record less."""
        if "delete" not in self.operations or not self.model:
            return
        key = list(self.model)[place % len(self.model)]
        response = self._send("delete", self._path("delete", key), None)
        if response.status >= 300:
            yield Departure("delete", f"{response.status} {response.body[:200]!r}")
            return
        del self.model[key]
        if self.read() != self.model:
            yield Departure("delete", "the list is not the same without it")
        if self.get(key) is not None:
            yield Departure("delete", "it is shown still")
        if self._send("delete", self._path("delete", key), None).status != 404:
            yield Departure("delete", "it is deleted twice")

    def filter(self, place: int) -> Iterator[Departure]:
        """The records that a filter for equal values selects, by what they are now."""
        plain = self.server.contract.plain[self.operations["list"].pointer]
        exact = [(name, each.fields[0]) for name, each in plain.filters.items() if each.test == "equals"]
        if not exact or not self.model:
            return
        name, field = exact[place % len(exact)]
        value = list(self.model.values())[place % len(self.model)].get(field)
        if not isinstance(value, str) or not value:
            return
        wanted = [key for key, record in self.model.items() if record.get(field) == value]
        if list(self.read({name: value})) != wanted:
            yield Departure("filter", f"{name}={value} does not select {wanted}")

    def check(self) -> Iterator[Departure]:
        """Every worker shows the same: in the list, and one by one."""
        if self.read() != self.model:
            yield Departure("list", "another worker lists others")
        for key in list(self.model)[-2:]:
            shown = self.get(key)
            common = set(shown or {}) & set(self.model[key])
            if shown is None or any(shown[name] != self.model[key][name] for name in common):
                yield Departure("get", f"{key} is not as it is listed")

    def _compare_sent(self, step: str, sent: Any, shown: Mapping[str, Any]) -> Iterator[Departure]:
        if not isinstance(sent, Mapping):
            return
        sent = _at(sent, self._effect(step).at) or sent
        for name, value in sent.items() if isinstance(sent, Mapping) else ():
            is_plain = isinstance(value, str | int | float) and type(value) is type(shown.get(name))
            if is_plain and name != self.key and shown[name] != value:
                yield Departure(step, f"{name} was sent as {value!r} and is {shown[name]!r}")

    def _effect(self, name: str) -> Any:
        return self.server.contract.plain[self.operations[name].pointer].effect

    def _path(self, effect: str, key: str) -> str:
        return self.operations[effect].path.replace(
            "{" + self._effect(effect).key + "}",
            key.replace("%", "%25").replace("/", "%2F"),
        )

    def _body(self, effect: str) -> tuple[str, Located] | None:
        document: Document = self.server.contract.source
        body = document.find_body(self.server.contract.plain[self.operations[effect].pointer].documented)
        content = document.find_content(body) if body else {}
        media = next((m for m in content if "json" in m and "patch+" not in m), FORM if FORM in content else "")
        return (media, content[media]) if media else None

    def _sample(self, effect: str, number: int) -> Any:
        found = self._body(effect)
        return self.server.sampler.sample(found[1].node, f"{effect}/{number}", direction="request") if found else None

    def _send(self, effect: str, path: str, sent: Any) -> Response:
        found = self._body(effect)
        if found is None or sent is None:
            return self.server.ask(self.operations[effect].method, path)
        media = found[0]
        body = urlencode(_flatten(sent)) if media == FORM else json.dumps(sent)
        return self.server.ask(self.operations[effect].method, path, media=media, body=body.encode())


def _flatten(sent: Any) -> list[tuple[str, str]]:
    """The fields of a form: texts as they are, others as JSON, lists repeated."""
    pairs = sent.items() if isinstance(sent, Mapping) else ()
    each = ((name, one) for name, value in pairs for one in (value if isinstance(value, list) else [value]))
    return [(name, one if isinstance(one, str) else json.dumps(one)) for name, one in each]


def _at(value: Any, pointer: str) -> Any:
    for step in pointer.split("/")[1:]:
        value = value.get(step.replace("~1", "/").replace("~0", "~")) if isinstance(value, Mapping) else None
    return value
