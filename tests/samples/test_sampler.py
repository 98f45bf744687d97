"""Samples of schemas as they are asked for: valid, the same everywhere, with what is given in them."""

from __future__ import annotations

import pytest

from mock_server.samples import Sampler

USER = {
    "type": "object",
    "required": ["id", "email"],
    "properties": {
        "id": {"type": "integer"},
        "email": {"type": "string", "format": "email"},
        "password": {"type": "string", "writeOnly": True},
        "created_at": {"type": "string", "format": "date-time", "readOnly": True},
        "address": {"type": "object", "properties": {"city": {"type": "string"}, "zip": {"type": "string"}}},
    },
}
ROOT = {"components": {"schemas": {"User": USER}}}
REFERENCE = {"$ref": "#/components/schemas/User"}


def test_a_sample_is_the_same_in_any_order() -> None:
    keys = [f"users/{n}" for n in range(30)]
    first, second = Sampler(ROOT, "seed"), Sampler(ROOT, "seed")
    forwards = [first.sample(REFERENCE, key) for key in keys]
    assert forwards == [second.sample(USER, key) for key in reversed(keys)][::-1]
    assert forwards != [Sampler(ROOT, "other").sample(USER, key) for key in keys]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"id": 7}, {"id": 7}),
        ({"id": "seven", "email": "a@b.de"}, {"email": "a@b.de"}),
        ({"address": {"city": "Ulm"}}, {"address": {"city": "Ulm"}}),
    ],
)
def test_what_is_given_is_used_where_it_is_valid(given: dict[str, object], expected: dict[str, object]) -> None:
    sample = Sampler(ROOT, "seed").sample(USER, "users/1", given=given)
    assert {name: sample[name] for name in expected} == expected
    assert isinstance(sample["id"], int)


def test_what_is_written_only_is_not_read_and_the_other_way_round() -> None:
    sampler = Sampler(ROOT, "seed")
    assert "password" not in sampler.sample(USER, "1", given={"password": "secret"})
    assert "created_at" not in sampler.sample(USER, "1", direction="request")
    moment = "2024-01-01T00:00:00Z"
    assert sampler.sample(USER, "1", direction="request", given={"created_at": moment})["created_at"] == moment
