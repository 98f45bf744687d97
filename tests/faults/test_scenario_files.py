"""Scenario files: what is wrong with one is said with file, place and the nearest valid word; the catalogue is documented."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from mock_server.cli.scenarios import render_markdown
from mock_server.engine.mock_api import MockApi, PlayContext
from mock_server.engine.prefer import Preferences
from mock_server.errors import ContractErrors
from mock_server.faults.body import BODY_FAULTS
from mock_server.faults.concurrent_changes import MOTIONS
from mock_server.faults.effects import FAULT_EFFECTS, MEANWHILE, DataOverrides
from mock_server.faults.kinds import KINDS
from mock_server.faults.scenarios import GROUPS, MODIFIERS, load_scenarios
from mock_server.faults.schema_drift import DRIFTS
from mock_server.faults.wire import WIRE_FAULTS
from mock_server.generation.boundary_values import BOUNDARY_VALUES
from mock_server.messages import Request
from mock_server.sessions.dispatch import MockApis
from mock_server.sessions.factory import Settings
from mock_server.sessions.other_writers import MEANWHILE as PLAYED_MEANWHILE
from mock_server.sessions.setup import load_form, load_stock
from mock_server.sessions.variants import Variant, Variants
from mock_server.state import open_state
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "scenarios.md").read_text(encoding="utf-8")
SCHEMA = json.loads((ROOT / "schemas" / "scenario.schema.json").read_text(encoding="utf-8"))
GOOD: dict[str, Any] = {"name": "mine", "group": "status", "says": "A scenario of mine.", "faults": [{"status": 500}]}

WRONG: list[tuple[str, dict[str, Any], str, str]] = [
    ("an unknown fault", {"faults": [{"statsu": 500}]}, "/faults/0/statsu", "did you mean 'status'?"),
    (
        "an unknown wire fault",
        {"faults": [{"fault": "EMPTY_RESPONS"}]},
        "/faults/0/fault",
        "did you mean 'EMPTY_RESPONSE'?",
    ),
    (
        "an unknown condition",
        {"faults": [{"when": {"cal": 3}, "status": 500}]},
        "/faults/0/when/cal",
        "did you mean 'call'?",
    ),
    (
        "a condition with a slip",
        {"faults": [{"when": {"recrod": 3}, "status": 500}]},
        "/faults/0/when/recrod",
        "did you mean 'record'?",
    ),
    (
        "a header that is no text",
        {"faults": [{"when": {"header": {"x-trace": 1}}, "status": 500}]},
        "/faults/0/when/header/x-trace",
        "",
    ),
    (
        "a place of a body without its mark",
        {"faults": [{"when": {"body": {"status": "paid"}}, "status": 500}]},
        "/faults/0/when/body/status",
        "expected $.status or /status",
    ),
    (
        "a JSONPath that is none",
        {"faults": [{"when": {"body": {"$.lines[": 1}}, "status": 500}]},
        "/faults/0/when/body/$.lines[",
        "RFC 9535",
    ),
    ("an unknown group", {"group": "statuses"}, "/group", "did you mean 'status'?"),
    ("a group of one's own", {"group": "mine"}, "/group", f"known: {', '.join(GROUPS)}"),
    ("a group like none", {"group": "xyz"}, "/group", f"(known: {', '.join(GROUPS)})"),
    ("two things in one fault", {"faults": [{"status": 500, "credential": "expired"}]}, "/faults/0", "several faults"),
    ("nothing in a fault", {"faults": [{"when": {"call": 1}}]}, "/faults/0", "several faults"),
    ("another name than the file's", {"name": "other"}, "/name", "expected 'mine'"),
    (
        "a delay beyond the bound",
        {"faults": [{"fixedDelayMilliseconds": 10**9}]},
        "/faults/0/fixedDelayMilliseconds",
        "",
    ),
    (
        "a probability beyond one",
        {"faults": [{"when": {"probability": 2}, "status": 500}]},
        "/faults/0/when/probability",
        "",
    ),
    ("a lag of two kinds", {"faults": [{"lag": {"calls": 1, "seconds": 1}}]}, "/faults/0/lag", ""),
    ("a lag of nothing", {"faults": [{"lag": {"calls": 0}}]}, "/faults/0/lag/calls", ""),
    (
        "somebody else's change with a slip",
        {"faults": [{"meanwhile": "RECORD_UPDATE"}]},
        "/faults/0/meanwhile",
        "did you mean 'RECORD_UPDATED'?",
    ),
    (
        "retryAfter beside nothing",
        {"faults": [{"credential": "expired", "retryAfter": {"seconds": 1}}]},
        "/faults/0/retryAfter",
        "",
    ),
]


@pytest.mark.parametrize(("name", "change", "pointer", "hint"), WRONG, ids=[row[0] for row in WRONG])
def test_what_is_wrong_with_a_file_is_said(
    name: str,
    change: dict[str, Any],
    pointer: str,
    hint: str,
    tmp_path: Path,
) -> None:
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump({**GOOD, **change}))
    with pytest.raises(ContractErrors) as raised:
        load_scenarios(load_form(), [tmp_path])
    (problem,) = raised.value.problems
    assert (problem.file, problem.pointer) == ("mine.yaml", pointer) and hint in str(problem)


def test_the_schema_and_the_tables_know_the_same_words() -> None:
    fault = SCHEMA["$defs"]["fault"]["properties"]
    assert set(fault) - set(MODIFIERS) == set(FAULT_EFFECTS)
    assert set(fault["fault"]["enum"]) == {*WIRE_FAULTS, *BODY_FAULTS}
    assert set(fault["drift"]["enum"]) == set(DRIFTS)
    assert set(fault["data"]["enum"]) == set(BOUNDARY_VALUES)
    assert set(fault["motion"]["enum"]) == set(MOTIONS)
    assert set(fault["meanwhile"]["enum"]) == set(MEANWHILE) == set(PLAYED_MEANWHILE)
    assert SCHEMA["properties"]["group"]["enum"] == list(GROUPS)


@pytest.mark.parametrize(
    "word",
    [
        *(*GROUPS, *FAULT_EFFECTS, *WIRE_FAULTS, *BODY_FAULTS, *DRIFTS, *BOUNDARY_VALUES, *MOTIONS, *MEANWHILE, *KINDS),
        *SCHEMA["$defs"]["when"]["properties"],
    ],
)
def test_every_word_is_documented_and_used(word: str) -> None:
    assert f"`{word}`" in PAGE or f"`{word}:" in PAGE
    files = "".join(path.read_text() for path in (ROOT / "fixtures" / "scenarios").glob("*.yaml"))
    assert word in files or word in PAGE.replace(f"`{word}`", "", 1) or word in ("provider", "overlay")


def test_the_catalogue_in_the_documentation_is_made_from_the_files() -> None:
    assert PAGE.endswith(render_markdown(load_stock(load_form()).values()))


EXAMPLES: dict[str, list[str]] = {
    "third-page-times-out": ["fixedDelayMilliseconds", "status"],
    "saw-is-sold-out": ["status", "meanwhile", "lag"],
}


def test_the_examples_of_the_documentation_load(tmp_path: Path) -> None:
    for name, body in re.findall(r"```yaml file=(\S+)\n(.*?)```", PAGE, re.DOTALL):
        (tmp_path / name).write_text(body)
    loaded = load_scenarios(load_form(), [tmp_path])
    assert {name: [fault.kind for fault in each.faults] for name, each in loaded.items()} == EXAMPLES


CHANGING = {
    name: scenario
    for name, scenario in load_stock(load_form()).items()
    if {fault.kind for fault in scenario.faults} <= {"data", "drift"}
}
"""Scenarios that change what records hold."""


@pytest.mark.parametrize("name", CHANGING)
def test_a_scenario_names_the_providers_it_changes_and_no_others(name: str, apis: MockApis, cache: Path) -> None:
    settings = Settings(cache=cache, limits="off")
    contracts = {provider: api.contract for provider, api in apis.apis.items()}
    variants, (fault,) = Variants(contracts, settings, open_state()), CHANGING[name].faults
    world = DataOverrides(edges=(fault.value,)) if fault.kind == "data" else DataOverrides(drifts=(fault.value,))
    changed = {
        provider
        for provider, api in apis.apis.items()
        if shown(variants.get(Variant(provider, settings.seed, None, (), "off", world))) != shown(api)
    }
    assert changed == set(CHANGING[name].providers or apis.apis)


VALID = Preferences({"credential": "valid"})


def shown(api: MockApi) -> list[bytes]:
    """What every list of a mock API answers."""
    contract = api.contract
    matches = [api.find(operation.method, operation.path) for operation in contract.operations if operation.is_list]
    request, valid = Request("GET", "/", base="http://mock.test"), PlayContext(preferences=VALID)
    return [api.answer(match, request, valid).body for match in matches if match]


def test_the_readme_counts_them_right() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"lists (\d+) of them", readme) == [str(len(load_stock(load_form())))]
