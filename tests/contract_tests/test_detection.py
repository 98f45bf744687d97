"""Readings: what a target follows is found out by asking it, whatever its records."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import requests

from contract_tests.context.context import CheckContext, make_redactor
from contract_tests.readings.detection import ReadingDetection
from contract_tests.readings.fingerprints import (
    Observation,
    Precision,
    choose,
    compare_facts,
    find_differences,
    find_spellings,
    form,
    rename_members,
    take_fingerprint,
)
from contract_tests.readings.mocks import AlternativeMocks
from contract_tests.readings.reading_mock import ReadingMock
from contract_tests.transport.guarded_session import Sender
from contract_tests.transport.targets import Target
from mock_server.contract import Contract
from mock_server.contract.readings import load_readings
from mock_server.sessions.factory import Settings, find_home, load_contracts
from tests.conftest import LISTS, Start

FOLLOWED = [
    "fatora.empty-notes=absent",
    "fatora.email-matching=part",
    "fatora.keyword-fields=name",
    "fatora.client-envelope=flat",
    "fatora.keyword-fields=beginning",
    "fatora.trailing-slash=redirected",
    "sourcehub.error-source-query=with",
    "fatora.error-status=bad-request",
    "sellercloud.id-list=commas",
    "sellercloud.item-shape=observed",
    "sourcehub.limit-parameter=only-limit",
    "sourcehub.paging-style=page",
    "sourcehub.envelope=flat",
    "yativo.per-page=number",
    "yativo.country-form=name",
]


def detect(provider: str, url: str, cache: Path) -> tuple[list[dict[str, str]], int]:
    """What is found out at a URL, and in how many calls."""
    contract = load_contracts(Settings(providers=(provider,)))[provider]
    credentials = {s.name: {state: v[0] for state, v in s.values.items()} for s in contract.schemes}
    target = Target(provider, "live", f"{url}/{provider}{contract.base_path}", credentials)
    sender = Sender(target, contract.base_path, {"Accept": "*/*"})
    context = CheckContext(contract, target, sender, make_redactor(contract, target))
    return ReadingDetection(context, find_home() / provider, cache).run(), sender.calls


@pytest.fixture(scope="module")
def elsewhere(start: Start) -> str:
    """A server with other records than those of the mocks that it is compared with."""
    return start("--seed", "elsewhere").url


@pytest.mark.parametrize("provider", LISTS)
def test_the_mock_follows_its_own_readings(provider: str, elsewhere: str, cache: Path) -> None:
    rows, calls = detect(provider, elsewhere, cache)
    assert [row for row in rows if row["follows"] not in ("", row["default"])] == []
    assert sum(bool(row["follows"]) for row in rows) >= 0.7 * len(rows)
    assert calls <= 32 and all(row["by"] for row in rows)
    assert len(rows) == len(load_readings(find_home() / provider))


@pytest.mark.parametrize("reading", FOLLOWED)
def test_another_reading_is_found_out(reading: str, elsewhere: str, cache: Path) -> None:
    name, _, alternative = reading.partition("=")
    provider, _, identifier = name.partition(".")
    if alternative == "bad-request" and identifier == "error-status":
        (known,) = [r for r in load_readings(find_home() / provider) if r["id"] == identifier]
        alternative = next(iter(known["alternatives"]))
    session = f"{name}-{alternative}"
    changed = requests.put(
        f"{elsewhere}/__admin/sessions/{session}",
        json={"readings": {name: alternative}},
        timeout=30,
    )
    assert changed.status_code == 200, changed.text
    rows, _ = detect(provider, f"{elsewhere}/~{session}", cache)
    assert {row["id"]: row["follows"] for row in rows}[identifier] == alternative


def seen(body: object, status: int = 200) -> Observation:
    return Observation(status, "", "application/json", body, "/v1")


def test_links_are_compared_without_host_and_prefix() -> None:
    one = take_fingerprint(seen({"next": "http://a:1/v1/clients?page=2"}))
    other = take_fingerprint(
        Observation(200, "", "application/json", {"next": "https://b/mock/v1/clients?page=2"}, "/mock/v1"),
    )
    assert one == other


def test_records_are_compared_by_their_form_and_their_place() -> None:
    order = {"'a'": 0, "'b'": 1, "'c'": 2}
    far = take_fingerprint(seen([{"id": "c"}]), Precision(key="id", order=order))
    near = take_fingerprint(seen([{"id": "a"}]), Precision(key="id", order=order))
    assert find_differences([far, near]) == ["[] begins with record"]


FORMS = [
    ("", "empty"),
    ("12", "digits"),
    ("+97412345678", "E.164"),
    ("+974 12 34", "phone with plus"),
    ("a@b.c", "e-mail"),
    ("USA", "upper case"),
    ("anything", "text"),
    (7, "integer"),
    (2**40, "integer above 32 bits"),
    (None, "null"),
    (True, "boolean"),
    (1.5, "number"),
]


@pytest.mark.parametrize(("value", "expected"), FORMS, ids=[expected for _, expected in FORMS])
def test_the_form_of_a_value(value: object, expected: str) -> None:
    assert form(value) == expected


def test_the_same_counts_more_than_a_part_of_what_may_be() -> None:
    assert compare_facts(frozenset({"text"}), frozenset({"text"})) > compare_facts(
        frozenset({"text"}),
        frozenset({"text", "null"}),
    )
    assert compare_facts(frozenset({"null"}), frozenset({"text"})) == 0


def test_another_status_is_another_answer() -> None:
    options = {"refused": take_fingerprint(seen({"error": "x"}, 400)), "answered": take_fingerprint(seen({"data": 1}))}
    assert choose(take_fingerprint(seen({"error": "x"}, 415)), options).left == []
    assert choose(take_fingerprint(seen({"data": 1})), options).left == ["answered"]


def test_names_in_another_case_are_no_other_reading() -> None:
    document: object = {"properties": {"total_records": {}, "clients": {"items": {"properties": {"born_on": {}}}}}}
    known = find_spellings([document, {"properties": {"Email": {}}}, {"properties": {"eMail": {}}}])
    body = {"totalRecords": 1, "clients": [{"BornOn": None, "EMAIL": "a", "more": 1}]}
    expected = {"total_records": 1, "clients": [{"born_on": None, "EMAIL": "a", "more": 1}]}
    assert rename_members(body, known) == expected and rename_members(expected, known) == expected


def test_a_reading_that_requires_a_header_hides_no_records(cache: Path) -> None:
    contract = load_contracts(Settings(providers=("fatora",), readings={"fatora": {"content-type": "required"}}))
    assert len(ReadingMock(contract["fatora"], 30, cache).records) == 30


def test_a_contract_that_was_edited_is_loaded_anew(tmp_path: Path) -> None:
    folder = tmp_path / "fatora"
    shutil.copytree(find_home() / "fatora", folder)
    contract = load_contracts(Settings(providers=("fatora",)))["fatora"]

    def load() -> Contract | None:
        return AlternativeMocks(contract, folder, None, None, 0).load({"empty-notes": "absent"})

    before, again = load(), load()
    document = folder / "openapi.yaml"
    document.write_text(document.read_text(encoding="utf-8").replace("/clients", "/persons"), encoding="utf-8")
    after = load()
    assert before is again and before is not None and after is not None
    assert {o.path.rpartition("/")[2] for o in (*before.operations, *after.operations)} >= {"clients", "persons"}
