"""Notes of other readings: one for each that no departure shows by itself, with what showed it first."""

from __future__ import annotations

from typing import Any

import pytest

from contract_tests.context import CheckContext, make_redactor
from contract_tests.findings import NOTE, Finding
from contract_tests.other_readings import add_notes, keep_proofs
from contract_tests.run_options import RunOptions
from contract_tests.runner import run_provider
from contract_tests.transport import Sender, Target
from mock_server.sessions.factory import Settings, load_contracts


@pytest.fixture(scope="module")
def context() -> CheckContext:
    contract = load_contracts(Settings(providers=("fatora",)))["fatora"]
    credentials = {s.name: {"valid": s.values["valid"][0]} for s in contract.schemes}
    target = Target("fatora", "live", "http://127.0.0.1:9/v1", credentials)
    return CheckContext(contract, target, Sender(target, contract.base_path, {}), make_redactor(contract, target))


def row(operation: str = "", place: str = "", **more: Any) -> dict[str, Any]:
    by = f"GET /clients/1: {place} is x" if operation else "more answers fit than otherwise"
    default = {"id": "notes", "about": "Notes.", "default": "null", "follows": "absent"}
    return {**default, "by": by, "operation": operation, "place": place, **more}


def departure(operation: str, place: str) -> Finding:
    return Finding("fatora", operation, "schema", place, "200: another reading", "x", "y", NOTE)


NOTES: list[tuple[str, dict[str, Any], list[Finding], dict[str, str], list[str]]] = [
    ("no departure shows it", row("getClient", "status"), [], {}, ["getClient"]),
    ("a departure shows it", row("getClient", "/client/a"), [departure("getClient", "/client/a")], {}, []),
    ("a member's departure shows it", row("getClient", "/client{}"), [departure("getClient", "/client/a")], {}, []),
    (
        "a name that begins alike does not",
        row("getClient", "/client/status_code"),
        [departure("getClient", "/client/status")],
        {},
        ["getClient"],
    ),
    (
        "a departure of the whole body does not",
        row("listClients", "/total"),
        [departure("listClients", "")],
        {},
        ["listClients"],
    ),
    (
        "a departure of another operation does not",
        row("getClient", "/client/a"),
        [departure("listClients", "/client/a")],
        {},
        ["getClient"],
    ),
    ("it was given", row("getClient", "status"), [], {"notes": "absent"}, []),
    ("another one was given", row("getClient", "status"), [], {"notes": "empty"}, ["getClient"]),
    ("it is undecided", row(follows=""), [], {}, []),
    ("it is the default", row("getClient", "status", follows="null"), [], {}, []),
    ("no single answer shows it", row(), [], {}, ["listClients"]),
]


@pytest.mark.parametrize(("name", "known", "departures", "given", "expected"), NOTES, ids=[r[0] for r in NOTES])
def test_a_reading_is_noted_where(
    name: str,
    known: dict[str, Any],
    departures: list[Finding],
    given: dict[str, str],
    expected: list[str],
    context: CheckContext,
) -> None:
    notes = [n for n in add_notes(context, [], departures, [known], given) if n.check == "readings.notes"]
    assert [note.operation for note in notes] == expected


KEPT: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    ("the same alternative", row("getClient", "/a"), row(by="it was chosen"), "/a"),
    ("the same, shown twice", row("getClient", "/a"), row("listClients", "/b"), "/a"),
    ("another alternative", row("getClient", "/a"), row("listClients", "/b", follows="empty"), "/b"),
    ("nothing showed it before", row(by="it was chosen"), row("listClients", "/b"), "/b"),
]


@pytest.mark.parametrize(("name", "earlier", "later", "place"), KEPT, ids=[r[0] for r in KEPT])
def test_what_showed_a_reading_first_is_kept_for(
    name: str,
    earlier: dict[str, Any],
    later: dict[str, Any],
    place: str,
) -> None:
    (kept,) = keep_proofs([earlier], [later])
    assert kept["place"] == place and kept["follows"] == later["follows"]


@pytest.mark.parametrize(("only", "count"), [((), 1), (("schema",), 1), (("paging",), 0)])
def test_notes_of_readings_belong_to_the_check_of_bodies(only: tuple[str, ...], count: int, mutants: str) -> None:
    contract = load_contracts(Settings(providers=("fatora",)))["fatora"]
    credentials = {s.name: {"valid": s.values["valid"][0]} for s in contract.schemes}
    target = Target("fatora", "live", f"{mutants}/~clean/fatora{contract.base_path}", credentials, budget=20)
    options = RunOptions(only=frozenset(only), detect_readings=lambda _, calls: ([row("getClient", "status")], None))
    notes = [f for f in run_provider(contract, target, options).findings if f.check == "readings.notes"]
    assert len(notes) == count
