"""What matched a filter before a write is not looked at again: the same is found as by who looks for the first time."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

from mock_server.contract import load_document
from mock_server.engine import MockApi
from mock_server.inference import annotate
from mock_server.messages import Request
from mock_server.openapi import Document
from mock_server.plain import load_plain_contract, make_plain_api
from mock_server.state import Changes, RateLimits, open_counts
from tests.conftest import ROOT

PETS = ROOT / "examples" / "petstore.yaml"
ASKED = ("limit=100", "status=sold&limit=100", "status=available&limit=100", "status=sold&sort=-name&limit=100")


def make_api(changes: Changes) -> MockApi:
    contract = load_plain_contract(annotate(Document("petstore", load_document(PETS), "Pets"))[0])
    return make_plain_api(contract, "understudy", RateLimits("petstore", open_counts()), changes=changes)


def read(api: MockApi, query: str) -> Any:
    match = api.find("GET", "/v1/pets")
    assert match
    return json.loads(api.answer(match, Request("GET", "/v1/pets", query, {}, "http://mock", "")).body)


def test_filters_agree_after_every_write(tmp_path: Path) -> None:
    chance, changes, alive = random.Random(7), Changes(tmp_path), set(range(1, 51))
    api = make_api(changes)
    for number in range(120):
        key = chance.randrange(1, 70)
        pet = {"id": key, "name": f"Pet {number}", "status": chance.choice(["sold", "available"])}
        is_gone, place = key in alive and chance.random() < 0.3, chance.choice(["first", "last", "", "", ""])
        with changes.changing():
            values = None if is_gone else json.dumps(pet)
            changes.put("", "petstore/pets", "", str(key), values, key not in alive, "" if is_gone else place)
        alive = alive - {key} if is_gone else alive | {key}
        asked = chance.sample(ASKED, chance.randrange(3))
        if number % 10 == 9:
            fresh = make_api(changes)
            assert [read(api, query) for query in ASKED] == [read(fresh, query) for query in ASKED]
        for query in asked:
            read(api, query)
