"""`minItems` of listed records is judged by the status, not by the schema: a page past the end is empty."""

from __future__ import annotations

import json
from typing import Any

import pytest

from contract_tests.answers.responses import find_errors


def listed(**more: Any) -> dict[str, Any]:
    data = {"type": "array", "minItems": 1, "items": {"type": "integer"}, **more}
    return {"type": "object", "properties": {"data": data}}


@pytest.mark.parametrize(
    ("schema", "body", "count"),
    [
        (listed(**{"x-page": "items"}), {"data": []}, 0),
        (listed(**{"x-page": "items"}), {"data": ["x"]}, 1),
        (listed(), {"data": []}, 1),
    ],
    ids=["a page past the end", "a record that is wrong", "a list that is no page"],
)
def test_the_schema_refuses(schema: dict[str, Any], body: Any, count: int) -> None:
    assert len(list(find_errors(json.loads(json.dumps(schema)), body))) == count
