"""What values are made by names: of the kind a name asks for, and in agreement with the names beside them."""

from __future__ import annotations

import re
from typing import Any

import pytest

from mock_server.openapi import Validators
from mock_server.samples import Sampler

KEYS = [f"things/{n}" for n in range(25)]


def sample(properties: dict[str, Any], key: str = "a", name: str = "") -> dict[str, Any]:
    schema = {"type": "object", "required": list(properties), "properties": properties}
    made = Sampler({}, "seed").sample(schema, key, name=name)
    assert Validators({}).is_valid(schema, made)
    assert isinstance(made, dict)
    return made


TEXTS = [
    ("id", r"[0-9a-f]{12}"),
    ("userId", r"[0-9a-f]{12}"),
    ("request_id", r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    ("firstName", r"[A-Z][a-z]+"),
    ("last_name", r"[A-Z][A-Za-z']+"),
    ("emailAddress", r"\S+@example\.(com|net|org)"),
    ("Phone-Number", r"\+1\d{3}55501\d\d"),
    ("websiteUrl", r"https://example\.com/\S+"),
    ("avatar_url", r"https://example\.com/\S+\.png"),
    ("createdAt", r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"),
    ("birthDate", r"\d{4}-\d\d-\d\d"),
    ("currency", r"[A-Z]{3}"),
    ("countryCode", r"[A-Z]{2}"),
    ("locale", r"[a-z]{2}-[A-Z]{2}"),
    ("timeZone", r"[A-Z]\w+/\w+(/\w+)?"),
    ("ipAddress", r"192\.0\.2\.\d+"),
    ("version", r"\d+\.\d+\.\d+"),
    ("fileName", r"[a-z]+-\d{3}\.[a-z]+"),
    ("mimeType", r"\w+/\w+"),
    ("backgroundColor", r"#[0-9a-f]{6}"),
    ("total_amount", r"\d+\.\d\d"),
    ("description", r"[A-Z].*\."),
    ("accessToken", r"[a-z0-9]{32}"),
    ("latitude", r"-?\d+\.\d{4}"),
    ("year", r"20\d\d"),
    ("slug", r"[a-z-]+"),
]


@pytest.mark.parametrize(("name", "form"), TEXTS)
def test_a_text_is_of_the_kind_its_name_asks_for(name: str, form: str) -> None:
    for key in KEYS:
        assert re.fullmatch(form, sample({name: {"type": "string"}}, key)[name])


NUMBERS = [
    ("page", "integer", 1, 10),
    ("percentage", "number", 0, 100),
    ("rating", "number", 1, 5),
    ("birth_year", "integer", 1950, 2025),
    ("month", "integer", 1, 12),
    ("age", "integer", 18, 90),
    ("price", "number", 5, 500),
    ("latitude", "number", -90, 90),
    ("created_at", "integer", 1_600_000_000, 1_800_000_000),
    ("status_code", "integer", 1, 1000),
]


@pytest.mark.parametrize(("name", "kind", "low", "high"), NUMBERS)
def test_a_number_is_as_large_as_its_name_asks_for(name: str, kind: str, low: int, high: int) -> None:
    for key in KEYS:
        assert low <= sample({name: {"type": kind}}, key)[name] <= high


EXAMPLES = [
    ("cus_9sXk2Qa81", r"cus_[0-9a-zA-Z]{9}"),
    ("INV-0042", r"INV-\d{4}"),
    ("7", r"[1-9]"),
    ("2020-01-02 03:04", r"\d{4}-\d\d-\d\d \d\d:\d\d"),
    ("05/27/2020", r"\d\d/\d\d/\d{4}"),
    ("someone@shop.test", r"\S+@example\.\w+"),
    ("https://shop.test/1", r"https://example\.com/\S+"),
    ("green", "green"),
]


@pytest.mark.parametrize(("example", "form"), EXAMPLES)
def test_an_example_shows_the_form_where_no_rule_speaks(example: str, form: str) -> None:
    for key in KEYS:
        assert re.fullmatch(form, sample({"x9": {"type": "string", "example": example}}, key)["x9"])


def test_a_person_is_one_person() -> None:
    names = ("first_name", "lastName", "full_name", "email", "username")
    for key in KEYS:
        made = sample({name: {"type": "string"} for name in names}, key)
        assert made["full_name"] == f"{made['first_name']} {made['lastName']}"
        assert made["first_name"].lower() in made["email"]
        assert made["username"].startswith(made["first_name"].lower())


def test_a_place_is_one_place() -> None:
    names = ("city", "state", "country", "countryCode", "postal_code", "currency", "address")
    for key in KEYS:
        made = sample({name: {"type": "string"} for name in names}, key)
        assert made["city"] in made["address"]
        assert made["postal_code"] in made["address"]
        pairs = {
            "US": ("United States", "USD"),
            "BR": ("Brazil", "BRL"),
            "IN": ("India", "INR"),
            "MX": ("Mexico", "MXN"),
        }
        assert (made["country"], made["currency"]) == pairs.get(
            made["countryCode"],
            (made["country"], made["currency"]),
        )


def test_moments_are_in_order() -> None:
    names = ("createdAt", "start_date", "updated", "end_date", "expires_at")
    for key in KEYS:
        made = sample({name: {"type": "string", "format": "date-time"} for name in names}, key)
        assert [made[name] for name in names] == sorted(made.values())


def test_totals_add_up() -> None:
    names = ("subtotal", "tax", "shipping", "discount", "total")
    for key in KEYS:
        made = sample({name: {"type": "number"} for name in names}, key)
        assert made["total"] == pytest.approx(made["subtotal"] + made["tax"] + made["shipping"] - made["discount"])


NAMES = [
    ("customers", r"[A-Z]\w+ [A-Z][\w']+"),
    ("company", r"[A-Z][\w']+ .+"),
    ("products", r"[A-Z]\w+ [A-Z]\w+"),
]


@pytest.mark.parametrize(("collection", "form"), NAMES)
def test_a_name_is_that_of_what_it_names(collection: str, form: str) -> None:
    for key in KEYS:
        assert re.fullmatch(form, sample({"name": {"type": "string"}}, key, collection)["name"])


FAKERS: list[tuple[Any, dict[str, Any], str]] = [
    ("color_name", {"type": "string"}, r"[A-Z]\w+"),
    ({"random_int": {"min": 3, "max": 4}}, {"type": "integer"}, "[34]"),
    ("name.firstName", {"type": "string"}, r"[A-Z]\w+"),
    ("no_such_method", {"type": "string"}, r"\w+"),
    ({"random_int": {"min": "x"}}, {"type": "integer"}, r"\d+"),
]


@pytest.mark.parametrize(("method", "schema", "form"), FAKERS)
def test_what_an_author_asks_faker_for_is_made(method: Any, schema: dict[str, Any], form: str) -> None:
    for key in KEYS:
        assert re.fullmatch(form, str(sample({"x9": {**schema, "x-faker": method}}, key)["x9"]))


def test_views_of_a_record_agree() -> None:
    short = {"type": "object", "properties": {"id": {"type": "string"}, "email": {"type": "string"}}}
    address = {"type": "object", "properties": {"city": {"type": "string"}}}
    long = {**short, "properties": {"name": {"type": "string"}, **short["properties"], "address": address}}  # type: ignore[dict-item]
    sampler = Sampler({}, "seed")
    for key in KEYS:
        one, other = sampler.sample(short, key), sampler.sample(long, key)
        assert one.items() <= other.items()
