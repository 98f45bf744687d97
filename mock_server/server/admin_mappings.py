"""Responses of a tester's own, `/__admin/mappings` in WireMock's shape: made, listed, changed, taken away."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import orjson

from mock_server.errors import Problem
from mock_server.mappings import Place, StubMapping, compile_matchers, describe_problems, read_mapping
from mock_server.server.admin import Admin, Plain
from mock_server.server.admin_input import read_content, read_number, read_session_name
from mock_server.state import Mappings, Session

MAX_LISTED = 10_000

OVERWRITE, IGNORE = "OVERWRITE", "IGNORE"
"""What an import does with a mapping whose id is there already."""


class Created(dict[str, Any]):
    """What was made, for an answer of 201."""


class MappingsAdmin:
    """What the routes of mappings answer, as plain values; raises Problem. Each is about one session."""

    def __init__(self, admin: Admin) -> None:
        self._admin, self._own = admin, admin.apis.own

    @property
    def _store(self) -> Mappings:
        store = self._admin.apis.services.state.mappings
        if store is None:
            raise Problem(501, "Not Implemented", "This server keeps no mappings.")
        return store

    def list_mappings(self) -> Plain:
        """`GET mappings`: in the order they are asked."""
        return self._show(self._find_all())

    def create(self) -> Plain:
        """`POST mappings`."""
        mapping, session = self._read(read_content()), self._admin.get_session()
        self._write(session, [mapping], f"a mapping was made: {mapping.id}")
        return Created(mapping.content)

    def get(self, identifier: str) -> Plain:
        """`GET mappings/{id}`."""
        return dict(self._require(self._admin.find_session(), identifier).content)

    def replace(self, identifier: str) -> Plain:
        """`PUT mappings/{id}`."""
        session = self._admin.get_session()
        self._require(session, identifier)
        mapping = self._read(read_content(), identifier)
        self._write(session, [mapping], f"a mapping was replaced: {mapping.id}")
        return dict(mapping.content)

    def delete(self, identifier: str) -> Plain:
        """`DELETE mappings/{id}`."""
        session = self._admin.get_session()
        self._take(session, [self._require(session, identifier).id])
        return {}

    def delete_all(self) -> Plain:
        """`DELETE mappings`: those of files too, until the session is reset."""
        session = self._admin.get_session()
        self._take(session, [each.id for each in self._own.find_mappings(session.scope)])
        return {}

    def reset(self) -> Plain:
        """`POST mappings/reset`: those of files as they were, and the persistent ones; scenarios begin anew."""
        session = self._admin.get_session()
        with self._store.changing():
            self._store.take_all(session.scope, keeps_persistent=True)
            self._store.forget_states(session.scope)
        self._announce(session, "its mappings were reset")
        return {}

    def save(self) -> Plain:
        """`POST mappings/save`: all that the session has now outlive a reset of mappings. No file is written."""
        session, store = self._admin.get_session(), self._store
        with store.changing():
            store.make_persistent(session.scope)
        self._announce(session, "its mappings are persistent")
        return {}

    def find_by_metadata(self) -> Plain:
        """`POST mappings/find-by-metadata`: a matcher that is compared with the metadata as JSON."""
        return self._show(self._with_metadata(read_content(), self._find_all()))

    def remove_by_metadata(self) -> Plain:
        """`POST mappings/remove-by-metadata`."""
        pattern, session = read_content(), self._admin.get_session()
        chosen = self._with_metadata(pattern, self._own.find_mappings(session.scope))
        self._take(session, [each.id for each in chosen])
        return {}

    def import_all(self) -> Plain:
        """`POST mappings/import`: all of them, or none where one is wrong."""
        content, place = read_content(), Place()
        given = {name: value for name, value, _ in place.read_members(content, ("mappings", "importOptions", "meta"))}
        listed, policy, deletes = given.get("mappings"), *_read_options(given.get("importOptions", {}), place)
        if not isinstance(listed, list):
            place.at("mappings").refuse("is no list", "expected an array of mappings")
        _require_right(place)
        session = self._admin.get_session()
        read = [self._read(each, above=f"/mappings/{number}") for number, each in enumerate(listed or ())]
        known = {each.id for each in self._own.find_mappings(session.scope)}
        imported = {each.id for each in read}
        # WireMock numbers an import backwards: of two that are alike the first one of the file wins.
        written = [each for each in reversed(read) if policy == OVERWRITE or each.id not in known]
        self._write(session, written, f"{len(written)} mappings were imported", sorted(known - imported) * deletes)
        return {}

    # how

    def _find_all(self) -> tuple[StubMapping, ...]:
        name = read_session_name()
        session = self._admin.find_session(name)
        return self._own.find_mappings(session.scope)

    def _require(self, session: Session, identifier: str) -> StubMapping:
        key = str(uuid.UUID(identifier))
        mapping = next((each for each in self._own.find_mappings(session.scope) if each.id == key), None)
        if mapping is None:
            raise Problem(404, "Not Found", f"Session {session.name} has no mapping {key}.")
        return mapping

    def _read(self, value: Any, identifier: str = "", above: str = "") -> StubMapping:
        mapping, problems = read_mapping(value, self._own.world, str(uuid.UUID(identifier)) if identifier else "")
        _require_right(Place(problems=[each._replace(pointer=above + each.pointer) for each in problems]))
        return mapping

    def _write(self, session: Session, mappings: Iterable[StubMapping], says: str, taken: Sequence[str] = ()) -> None:
        with self._store.changing():
            self._take_each(session, taken)
            for each in mappings:
                content = orjson.dumps(each.content).decode()
                self._store.put(session.scope, each.id, content, each.is_persistent)
        self._announce(session, says)

    def _take(self, session: Session, identifiers: Sequence[str]) -> None:
        with self._store.changing():
            self._take_each(session, identifiers)
        self._announce(session, f"{len(identifiers)} mappings were taken away")

    def _take_each(self, session: Session, identifiers: Iterable[str]) -> None:
        for each in identifiers:
            if self._own.is_of_file(each):
                self._store.put(session.scope, each, None)
            else:
                self._store.take(session.scope, each)

    def _announce(self, session: Session, says: str) -> None:
        self._admin.sessions.announce(f"Session {session.name}: {says}.")

    def _show(self, mappings: Sequence[StubMapping]) -> Plain:
        limit, offset = read_number("limit", MAX_LISTED, MAX_LISTED), read_number("offset", 0, MAX_LISTED)
        listed = [each.content for each in mappings[offset : offset + limit]]
        return {"mappings": listed, "meta": {"total": len(mappings)}}

    def _with_metadata(self, pattern: Any, mappings: Iterable[StubMapping]) -> list[StubMapping]:
        place = Place()
        holds = compile_matchers(pattern, place)
        _require_right(place, "The matcher")
        return [each for each in mappings if holds([orjson.dumps(each.content.get("metadata", {})).decode()])]


def _read_options(value: Any, place: Place) -> tuple[str, bool]:
    """What an import does with a mapping that is there, and whether it takes away all that it does not have."""
    below = place.at("importOptions")
    options = {
        name: member for name, member, _ in below.read_members(value, ("duplicatePolicy", "deleteAllNotInImport"))
    }
    policy, deletes = options.get("duplicatePolicy", OVERWRITE), options.get("deleteAllNotInImport", False)
    if policy not in (OVERWRITE, IGNORE):
        below.at("duplicatePolicy").refuse("is no policy", f"expected {OVERWRITE} or {IGNORE}")
    if not isinstance(deletes, bool):
        below.at("deleteAllNotInImport").refuse("is neither true nor false", "expected true or false")
    return policy, deletes is True


def _require_right(place: Place, whole: str = "The mapping") -> None:
    if place.problems:
        raise Problem(422, "Not as it should be", describe_problems(place.problems[:10], whole))


def mapping_routes(admin: Admin) -> tuple[tuple[str, str, Callable[..., Any]], ...]:
    """Method, path and what answers, for each route of mappings."""
    of = MappingsAdmin(admin)
    return (
        ("GET", "/mappings", of.list_mappings),
        ("POST", "/mappings", of.create),
        ("DELETE", "/mappings", of.delete_all),
        ("GET", "/mappings/<uuid:identifier>", of.get),
        ("PUT", "/mappings/<uuid:identifier>", of.replace),
        ("DELETE", "/mappings/<uuid:identifier>", of.delete),
        ("POST", "/mappings/reset", of.reset),
        ("POST", "/mappings/save", of.save),
        ("POST", "/mappings/import", of.import_all),
        ("POST", "/mappings/find-by-metadata", of.find_by_metadata),
        ("POST", "/mappings/remove-by-metadata", of.remove_by_metadata),
    )
