"""Records of a tester's own in the admin API: put in, looked at and taken away, for one session."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

import flask
import orjson
from flask import Flask

from mock_server.errors import Problem, count_of, suggest
from mock_server.messages import FieldProblem, decode_segment
from mock_server.server.admin import Admin, Plain
from mock_server.server.admin_input import read_content, read_number
from mock_server.sessions import OwnCollection, OwnRecord, open_collection
from mock_server.state import FIRST, LAST, Session

DEFAULT_LISTED, MAX_LISTED, MAX_OFFSET = 100, 1_000, 100_000_000
PLACES = (FIRST, LAST)

_COLLECTIONS = "/__admin/sessions/<session>/collections"
_COLLECTION = f"{_COLLECTIONS}/<provider>/<collection>"


class RecordsAdmin:
    """What the routes of records answer; raises Problem."""

    def __init__(self, admin: Admin) -> None:
        self._admin, self._apis = admin, admin.apis

    def list_collections(self, session: str) -> flask.Response:
        """`GET collections`: what there is, as the session sees it."""
        seen = self._admin.find_session(session)
        return _answer({"collections": list(self._describe(seen))})

    def _describe(self, session: Session) -> Iterator[Plain]:
        for provider, api in self._apis.apis.items():
            for name in api.contract.collections:
                of = self._open(session, provider, name)
                nested = {"parents": list(of.parents)} if of.is_nested else {}
                total = {} if nested else {"total": of.page(session.scope, {}, 0, 0)[0]}
                yield {"provider": provider, "collection": name, "key": of.key, **nested, **total}

    def list_records(self, session: str, provider: str, collection: str) -> flask.Response:
        """`GET collections/{provider}/{collection}`: a part of the records, in order."""
        seen = self._admin.find_session(session)
        of = self._open(seen, provider, collection)
        limit, offset = read_number("limit", DEFAULT_LISTED, MAX_LISTED), read_number("offset", 0, MAX_OFFSET)
        parents = _read_parents(of)
        self._require_parents(seen, provider, of, parents)
        total, records = of.page(seen.scope, parents, offset, limit)
        return _answer({"records": records, "meta": {"total": total}})

    def create(self, session: str, provider: str, collection: str) -> flask.Response:
        """`POST collections/{provider}/{collection}`: a record; one whose key another has is refused."""
        seen = self._admin.get_session(session)
        of = self._open(seen, provider, collection)
        record, place = _read_record(of, None, _read_named(of)), _read_place()
        return self._give(seen, provider, of, record, place, 201, is_new=bool(of.key) and not of.is_open)

    def get(self, session: str, provider: str, collection: str, key: str) -> flask.Response:
        """`GET collections/{provider}/{collection}/{key}`."""
        seen, wanted = self._admin.find_session(session), decode_segment(key)
        of = self._open(seen, provider, collection)
        return _answer_record(_require(of, of.find(seen.scope, wanted, _read_parents(of)), wanted))

    def put(self, session: str, provider: str, collection: str, key: str) -> flask.Response:
        """`PUT collections/{provider}/{collection}/{key}`: the record of that key, whether there was one or not."""
        seen, wanted = self._admin.get_session(session), decode_segment(key)
        of = self._open(seen, provider, collection)
        record, place = _read_record(of, wanted, _read_named(of)), _read_place()
        was_there = of.find(seen.scope, wanted, record.parents) is not None
        return self._give(seen, provider, of, record, place, 200 if was_there else 201)

    def delete(self, session: str, provider: str, collection: str, key: str) -> flask.Response:
        """`DELETE collections/{provider}/{collection}/{key}`."""
        seen, wanted = self._admin.get_session(session), decode_segment(key)
        of = self._open(seen, provider, collection)
        _require(of, of.take(seen.scope, wanted, _read_parents(of)) or None, wanted)
        return _answer({})

    def _open(self, session: Session, provider: str, collection: str) -> OwnCollection:
        """A collection as the session's settings have it, without what scenarios change."""
        known = list(self._apis.apis)
        if provider not in known:
            detail = f"No provider {provider[:80]!r} is played here; {suggest(provider, known, '{}', else_all=True)}"
            raise Problem(404, "Not Found", detail, known)
        return open_collection(self._apis.get_api(session, self._apis.apis[provider]), collection)

    def _require_parents(self, session: Session, provider: str, of: OwnCollection, parents: Mapping[str, str]) -> None:
        """Refuse what lies below a parent that is not there: nobody would ever see it."""
        for name, collection in of.above.items():
            above = self._open(session, provider, collection)
            further = {each: parents[each] for each in above.parents if each in parents}
            is_known = name in parents and not above.check_parents(further)
            if is_known and above.find(session.scope, parents[name], further) is None:
                detail = f"{collection} has no record with the key {parents[name][:80]!r}."
                raise Problem(422, "Not a parent", detail)

    def _give(
        self,
        session: Session,
        provider: str,
        of: OwnCollection,
        record: OwnRecord,
        place: str,
        status: int,
        is_new: bool = False,
    ) -> flask.Response:
        self._require_parents(session, provider, of, record.parents)
        key = of.give(session.scope, record, place, is_new)
        answer = _answer_record(of.find(session.scope, key, record.parents) or b"{}", status)
        parts = (session.name, "collections", provider, of.name, key)
        below = urlencode([("parent", f"{name}:{of_key}") for name, of_key in record.parents.items()])
        location = "/__admin/sessions/" + "/".join(quote(part, safe="") for part in parts)
        answer.headers["Location"] = f"{location}?{below}" if below else location
        return answer


def _read_record(of: OwnCollection, key: str | None, parents: Mapping[str, str]) -> OwnRecord:
    content = read_content()
    if not isinstance(content, dict):
        raise Problem(422, "Not a record", f"Expected a JSON object with fields of {of.name}.")
    record = of.prepare(content, key, parents)
    if record.problems:
        raise _refuse(of, [*record.problems])
    return record


def _refuse(of: OwnCollection, problems: list[FieldProblem]) -> Problem:
    """Everything that is wrong in a record: the first in words, each with its place."""
    first = problems[0]
    where = f"{first.pointer}: " if first.pointer else "It "
    more = f", and {count_of(len(problems) - 1, 'more problem')}" if problems[1:] else ""
    detail = f"{where}{first.problem}{f' ({first.hint})' if first.hint else ''}{more}."
    errors = [
        {"pointer": f"#{each.pointer}", "detail": each.problem, **({"hint": each.hint} if each.hint else {})}
        for each in problems
    ]
    return Problem(422, f"Not a record of {of.name}", detail, errors=errors)


def _read_place() -> str:
    place = flask.request.args.get("place", FIRST)
    if place not in PLACES:
        raise Problem(422, "Not a place", "place is first or last.", list(PLACES))
    return place


def _read_named(of: OwnCollection) -> dict[str, str]:
    """The parents of `?parent=NAME:KEY`, as many as are named."""
    named: dict[str, str] = {}
    for text in flask.request.args.getlist("parent"):
        name, colon, key = text.partition(":")
        if not colon or name not in of.parents:
            detail = of.check_parents({name: key}) if colon else "parent is of the form NAME:KEY."
            raise Problem(422, "Not a parent", detail, list(of.parents))
        named[name] = key
    return named


def _read_parents(of: OwnCollection) -> dict[str, str]:
    """The same, all that the records lie below."""
    named = _read_named(of)
    if detail := of.check_parents(named):
        raise Problem(422, "Not a parent", f"{detail} Say ?parent=NAME:KEY.", list(of.parents))
    return named


def _require(of: OwnCollection, found: Any, key: str) -> Any:
    if found is None:
        raise Problem(404, "Not Found", f"{of.name} has no record with the key {key[:80]!r}.")
    return found


def _answer(content: Plain) -> flask.Response:
    return _answer_record(orjson.dumps(content))


def _answer_record(text: bytes, status: int = 200) -> flask.Response:
    return flask.Response(text, status, {"Cache-Control": "no-store"}, content_type="application/json")


def register_records(app: Flask, admin: Admin) -> None:
    """Add the routes of records to the application."""
    records = RecordsAdmin(admin)
    routes: tuple[tuple[str, str, Callable[..., flask.Response]], ...] = (
        ("GET", _COLLECTIONS, records.list_collections),
        ("GET", _COLLECTION, records.list_records),
        ("POST", _COLLECTION, records.create),
        ("GET", f"{_COLLECTION}/<key>", records.get),
        ("PUT", f"{_COLLECTION}/<key>", records.put),
        ("DELETE", f"{_COLLECTION}/<key>", records.delete),
    )
    for method, path, view in routes:
        app.add_url_rule(path, f"admin {method} {path}", view, methods=[method])
