"""Nobody is blamed for what no document forbids: correct variants, and alternatives of a contradictory documentation."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests

from contract_tests.findings import BREAKING
from contract_tests.outcomes import Outcome
from contract_tests.readings.detection import ReadingDetection
from contract_tests.run_options import RunOptions
from contract_tests.runner import run_provider
from contract_tests.transport.targets import Target
from mock_server.sessions.factory import Settings, find_home, load_contracts
from tests.conftest import Start
from tests.mutation.correct_variants import VARIANTS
from tests.mutation.mutant_server import slug

TOGETHER = [
    ("fatora", {"error-status": "always-400", "default-page-size": "ten"}),
]
"""Alternatives that a target follows together: neither can be told while the other is not known."""


def check(provider: str, url: str, cache: Path) -> Outcome:
    """A live run over one provider at a base URL of mocks."""
    contract = load_contracts(Settings(providers=(provider,)))[provider]
    credentials = {s.name: {state: v[0] for state, v in s.values.items()} for s in contract.schemes}
    target = Target(provider, "live", f"{url}/{provider}{contract.base_path}", credentials, budget=60)
    folder = find_home() / provider
    options = RunOptions(
        detect_readings=lambda context, calls: ReadingDetection(context, folder, cache).detect(calls),
    )
    return run_provider(contract, target, options)


def broken(outcome: Outcome) -> list[tuple[str, str, str]]:
    return [(f.check, f.place, f.problem) for f in outcome.findings if f.grade == BREAKING]


@pytest.mark.parametrize("name", VARIANTS)
def test_a_correct_variant_breaks_nothing(name: str, mutants: str, cache: Path) -> None:
    outcome = check(VARIANTS[name].provider, f"{mutants}/~{slug(name)}", cache)
    assert broken(outcome) == [], VARIANTS[name].because
    assert not outcome.unreached


@pytest.mark.parametrize(("provider", "readings"), TOGETHER, ids=lambda value: "+".join(value))
def test_everything_is_judged_again_under_the_readings_that_were_found_out(
    provider: str,
    readings: dict[str, str],
    start: Start,
    cache: Path,
) -> None:
    server = start("--seed", "fair")
    session = "-".join(readings)
    wanted = {f"{provider}.{name}": alternative for name, alternative in readings.items()}
    changed = requests.put(f"{server.url}/__admin/sessions/{session}", json={"readings": wanted}, timeout=60)
    assert changed.status_code == 200, changed.text
    outcome = check(provider, f"{server.url}/~{session}", cache)
    server.process.terminate()
    assert broken(outcome) == [] and not outcome.unreached
    follows = {row["id"]: row["follows"] for row in outcome.readings if row["follows"] not in ("", row["default"])}
    assert follows == readings
    calls = outcome.context.sender.calls
    # What was answered under the readings believed at first is on record, and was not asked for twice.
    assert calls <= 60 and len(outcome.context.sender.traffic) == calls
