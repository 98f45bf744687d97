"""Numbers to draw from: even, and the same in every process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter

import pytest

from mock_server.samples.draws import between, choose, is_within, mix, salt, start
from tests.conftest import ROOT

PROGRAM = """
import json
from mock_server.samples import Sampler
schema = {"type": "object", "required": ["id", "name", "email", "tags", "code"], "properties": {
    "id": {"type": "string"}, "name": {"type": "string"}, "email": {"type": "string", "format": "email"},
    "code": {"type": "string", "pattern": "^[^a-z]{4}$"}, "tags": {"type": "array", "items": {"type": "string"}},
    "price": {"type": "number"}, "created_at": {"type": "string", "format": "date-time"}}}
print(json.dumps([Sampler({}, "seed").sample(schema, str(key)) for key in range(5)]))
"""


def test_a_sample_is_the_same_in_every_process() -> None:
    outputs = {
        subprocess.run(
            [sys.executable, "-c", PROGRAM],
            capture_output=True,
            check=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1
    assert len(json.loads(outputs.pop())) == 5


def test_draws_are_even() -> None:
    numbers = [mix(start("seed", f"{key}"), salt("name")) for key in range(4000)]
    assert all(300 < count < 500 for count in Counter(choose(number, range(10)) for number in numbers).values())
    assert 900 < sum(is_within(number, 0.25) for number in numbers) < 1100


@pytest.mark.parametrize(("low", "high"), [(0, 0), (1, 6), (-5, 5), (0, 2**40), (-(10**30), 10**30)])
def test_a_number_lies_between_its_ends(low: int, high: int) -> None:
    drawn = [between(mix(start("seed", f"{key}"), 1), low, high) for key in range(500)]
    assert all(low <= number <= high for number in drawn)
    assert len(set(drawn)) > min(4, high - low)
