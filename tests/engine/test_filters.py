"""Every filter is sound: each record returned satisfies it, and each one left out does not."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_server.engine.filters import read_moment
from mock_server.generation.records import compile_maker
from mock_server.sessions.dispatch import MockApis
from mock_server.sessions.factory import NOW
from tests.conftest import LISTS, Ask, make_ask

Record = dict[str, Any]


@pytest.fixture(scope="module")
def customers(apis: MockApis) -> list[Record]:
    """Sellercloud's records with the fields that no answer shows."""
    return records(apis, "sellercloud", "customers", 137)


def records(apis: MockApis, provider: str, name: str, count: int) -> list[Record]:
    maker = compile_maker(apis.apis[provider].contract.collections[name], "understudy", NOW)
    return [maker(ordinal) for ordinal in range(count)]


def matching(ask: Ask, query: str) -> list[int]:
    found: list[int] = []
    for number in range(1, 4):
        response = ask(f"{LISTS['sellercloud']}?pageSize=50&pageNumber={number}&{query}")
        assert response.status == 200, response.body
        body = json.loads(response.body)
        found += [item["UserID"] for item in body["Items"]]
    assert body["TotalResults"] == len(found)
    return found


def has(field: str, text: str) -> Callable[[Record], bool]:
    return lambda record: text.casefold() in record[field].casefold()


def equal(field: str, value: Any) -> Callable[[Record], bool]:
    return lambda record: record[field] == value


def any_has(text: str) -> Callable[[Record], bool]:
    fields = ("FirstName", "LastName", "Email", "CorporateName", "Phone", "City")
    return lambda record: any(text.casefold() in record[field].casefold() for field in fields)


FILTERS: list[tuple[str, Callable[[Record], bool]]] = [
    ("firstName=jen", has("FirstName", "jen")),
    ("LASTNAME=SON", has("LastName", "son")),
    ("model.lastName=son", has("LastName", "son")),
    ("city=new", has("City", "new")),
    ("city=a", has("City", "a")),
    ("phoneNumber=55", has("Phone", "55")),
    ("corporateName=group", has("CorporateName", "group")),
    ("keyword=an", any_has("an")),
    ("keyword=son", any_has("son")),
    ("keyword=%25", any_has("%")),
    ("keyword=_", any_has("_")),
    ("keyword=%22or%22", any_has('"or"')),
    ("keyword=%00", any_has("\x00")),
    ("keyword=(a%2B)%2B%24", any_has("(a+)+$")),
    ("keyword=%F0%9F%98%80", any_has("\U0001f600")),
    ("keyword=' OR 1=1 --", any_has("' OR 1=1 --")),
    ("rating=Satisfied", equal("Rating", 4)),
    ("rating=4", equal("Rating", 4)),
    ("model.rating=very_disatisfied", equal("Rating", 1)),
    ("rating=Disatisfied", equal("Rating", 2)),
    ("customerType=Wholesale", equal("CustomerType", 1)),
    ("customerType=0", equal("CustomerType", 0)),
    ("channel=Amazon", equal("Channel", 4)),
    ("channel=6", equal("Channel", 6)),
    ("channel=WFS", equal("Channel", 79)),
    ("subscribed=1", equal("Subscribed", 1)),
    ("subscribed=0", equal("Subscribed", 0)),
    ("subscribed=-1", lambda record: True),
    ("exported=1", equal("Exported", 1)),
    ("createdOnFrom=2022-01-01", lambda record: record["CreatedOn"] >= "2022-01-01T00:00:00"),
    ("createdOnFrom=01/01/2022", lambda record: record["CreatedOn"] >= "2022-01-01T00:00:00"),
    ("createdOnTo=12/31/2021 23:59", lambda record: record["CreatedOn"] <= "2021-12-31T23:59:00"),
    ("createdOnTo=2021-12-31T23:59:00%2B02:00", lambda record: record["CreatedOn"] <= "2021-12-31T21:59:00"),
    ("modifiedOnFrom=2025-06-01T00:00:00Z", lambda record: record["ModifiedOn"] >= "2025-06-01T00:00:00"),
    ("modifiedOnTo=2023-06-01", lambda record: record["ModifiedOn"] <= "2023-06-01T00:00:00"),
    ("companyIds=163", equal("CompanyID", 163)),
    (
        "rating=4&customerType=Retail&subscribed=1",
        lambda r: r["Rating"] == 4 and r["CustomerType"] == 0 and r["Subscribed"] == 1,
    ),
]


@pytest.mark.parametrize(("query", "satisfies"), FILTERS, ids=[query for query, _ in FILTERS])
def test_a_filter_returns_those_and_only_those(
    query: str,
    satisfies: Callable[[Record], bool],
    ask: Ask,
    customers: Any,
) -> None:
    assert matching(ask, query) == [record["UserID"] for record in customers if satisfies(record)]


def test_filters_of_the_default_data_find_something(ask: Ask) -> None:
    empty = {
        "keyword=%25",
        "keyword=_",
        "keyword=%22or%22",
        "keyword=%00",
        "keyword=(a%2B)%2B%24",
        "keyword=%F0%9F%98%80",
        "keyword=' OR 1=1 --",
        "channel=WFS",
    }
    assert all(matching(ask, query) for query, _ in FILTERS if query not in empty)


@pytest.mark.parametrize(
    "form",
    ["customerIDs={0}&customerIDs={1}", "customerIDs={0},{1}", "model.customerIds={1}&model.customerIds={0}"],
)
def test_several_ids_in_every_form(form: str, ask: Ask, customers: Any) -> None:
    wanted = [customers[3]["UserID"], customers[90]["UserID"]]
    assert matching(ask, form.format(*wanted)) == wanted


def test_unknown_and_enormous_ids_match_nothing(ask: Ask) -> None:
    assert matching(ask, f"customerIDs=1,{'9' * 60}") == []


def test_zip_code_email_and_exact_fields(ask: Ask, customers: Any) -> None:
    record = customers[17]
    assert record["UserID"] in matching(ask, f"zipCode={record['ZipCode']}")
    assert matching(ask, f"email={quote(record['Email'].upper())}") == [record["UserID"]]
    assert matching(ask, f"email={quote(record['Email'][:-1])}") == []


@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_keyword_is_a_part_of_a_client(data: Any, apis: MockApis) -> None:
    clients = records(apis, "fatora", "clients", 47)
    client = data.draw(st.sampled_from(clients))
    text = client[data.draw(st.sampled_from(["name", "email", "phone", "address"]))]
    start = data.draw(st.integers(0, len(text) - 1))
    keyword = text[start : start + data.draw(st.integers(1, 12))].strip() or "a"
    ask = make_ask(apis)
    body = json.loads(ask(f"{LISTS['fatora']}?page_size=100&keyword={quote(keyword.swapcase())}").body)
    expected = [
        each["id"]
        for each in clients
        if any(keyword.casefold() in each[f].casefold() for f in ("name", "email", "phone", "address"))
    ]
    assert [each["id"] for each in body["clients"]] == expected


def test_keyword_and_email_are_both_satisfied(ask: Ask, apis: MockApis) -> None:
    client = records(apis, "fatora", "clients", 47)[5]
    both = f"{LISTS['fatora']}?email={client['email']}&keyword="
    assert json.loads(ask(both + quote(client["name"])).body)["total"] == 1
    assert json.loads(ask(both + "zzz").body)["total"] == 0


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2020-01-02T03:04:05Z", "2020-01-02T03:04:05"),
        ("2020-01-02t03:04:05.25z", "2020-01-02T03:04:05.250000"),
        ("2020-01-02T03:04:05+21:41", "2020-01-01T05:23:05"),
        ("0037-01-02T03:04:05Z", "0037-01-02T03:04:05"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00"),
        ("0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00"),
        ("12/31/2019", "2019-12-31T00:00:00"),
        ("2/1/2020 7:05", "2020-02-01T07:05:00"),
        ("2020-13-01", None),
        ("31/12/2019", None),
        ("2020-01-02T03:04:61Z", None),
        ("٢٠٢٠-٠١-٠٢", None),
    ],
)
def test_dates_are_read_in_the_listed_forms(text: str, moment: str | None) -> None:
    assert read_moment(text, ("date-time", "date", "mm/dd/yyyy hh:mm", "mm/dd/yyyy")) == moment


def yativo_ids(ask: Ask, query: str) -> list[str]:
    body = json.loads(ask(f"{LISTS['yativo']}?per_page=1000&{query}").body)
    assert body["pagination"]["total"] == len(body["data"])
    return [customer["customer_id"] for customer in body["data"]]


def test_a_client_finds_a_customer_by_mail_and_country(ask: Ask, apis: MockApis) -> None:
    known = records(apis, "yativo", "customers", 63)
    wanted = known[40]
    mail = wanted["customer_email"]
    assert yativo_ids(ask, f"email={quote(mail)}") == [wanted["customer_id"]]
    assert yativo_ids(ask, f"email={quote(mail[1:9].upper())}") == [
        each["customer_id"] for each in known if mail[1:9] in each["customer_email"]
    ]
    of_country = [each["customer_id"] for each in known if each["customer_country"] == "BRA"]
    assert of_country and yativo_ids(ask, "country=bra") == of_country
    assert yativo_ids(ask, "country=BR") == []
