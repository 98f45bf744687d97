"""Fatora's list and its single clients, as they are and on a bad day."""

from __future__ import annotations

import math

import pytest
import requests
from fatora import PAGE_SIZE, Fatora, TooManyRequests

from understudy import Mock, Session

pytestmark = pytest.mark.understudy("fatora")

SEEDS = ["4711", "0815", "42", "2026"]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("records", [0, 1, 2, 19, 20, 21, 39, 40, 41, 47])
def test_every_client_comes_once(understudy: Session, fatora: Fatora, seed: str, records: int) -> None:
    understudy.change(seed=seed, records=records)
    assert len({client["id"] for client in fatora.list_clients()}) == records
    understudy.assert_called("listClients", times=max(1, math.ceil(records / PAGE_SIZE)))
    understudy.assert_no_verdicts()


@pytest.mark.understudy(seed="4711", records=45, scenarios=["third-call-fails"])
def test_a_page_that_fails_is_asked_again(understudy: Session, fatora: Fatora) -> None:
    assert len(list(fatora.list_clients())) == 45
    statuses = [(exchange.query["page"], exchange.status) for exchange in understudy.requests("listClients")]
    assert statuses == [(["1"], 200), (["2"], 200), (["3"], 500), (["3"], 200)]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    ("scenario", "calls"),
    [
        ("third-call-fails", 4),
        ("fails-twice-then-succeeds", 5),
        ("every-fifth-call-fails", 3),
        ("rate-limit-headers", 3),
        ("emoji", 3),
        ("markup-in-names", 3),
    ],
)
def test_all_clients_come_on_a_bad_day(
    understudy: Session,
    fatora: Fatora,
    seed: str,
    scenario: str,
    calls: int,
) -> None:
    understudy.change(seed=seed, records=41)
    understudy.play(scenario)
    assert len(list(fatora.list_clients())) == 41
    understudy.assert_called("listClients", times=calls)


@pytest.mark.understudy(records=3)
@pytest.mark.parametrize("number", range(60))
def test_a_client_is_found_by_its_email(understudy: Session, fatora: Fatora, number: int) -> None:
    added = understudy.add("fatora", "clients", name=f"Ann {number}", email="ann@example.org")
    assert list(fatora.list_clients(email="ann@example.org")) == [added]
    assert fatora.get_client(added["id"])["name"] == f"Ann {number}"
    assert len(understudy.records("fatora", "clients")) == 4
    understudy.assert_called("listClients", times=1, query={"email": "ann@example.org"})
    understudy.assert_called("getClient", times=1)


@pytest.mark.parametrize("number", range(40))
def test_an_answer_of_ones_own(understudy: Session, fatora: Fatora, number: int) -> None:
    understudy.answer("getClient", json={"status": "SUCCESS", "client": {"id": 7, "name": f"Client {number}"}})
    assert fatora.get_client(7) == {"id": 7, "name": f"Client {number}"}


@pytest.mark.parametrize("status", [400, 401, 403, 404, 406, 415, 500, 502, 503, 504])
def test_what_is_refused_is_an_error(understudy: Session, fatora: Fatora, status: int) -> None:
    understudy.answer("getClient", status=status, json={"status": "ERROR"})
    with pytest.raises(requests.HTTPError):
        fatora.get_client(7)
    understudy.assert_called("getClient", times=3 if status >= 500 else 1, status=status)
    understudy.assert_not_called("listClients")


@pytest.mark.understudy(scenarios=["rate-limited"])
@pytest.mark.parametrize("records", range(101, 111))
def test_after_a_while_it_may_be_asked_again(understudy: Session, fatora: Fatora, records: int) -> None:
    understudy.change(records=records)
    with pytest.raises(TooManyRequests) as refused:
        list(fatora.list_clients())
    understudy.assert_called("listClients", times=6)
    understudy.advance(refused.value.seconds)
    assert next(fatora.list_clients())["id"]


@pytest.mark.parametrize("number", range(15))
def test_merchants_do_not_see_each_other(understudy_server: Mock, number: int) -> None:
    with understudy_server.session(records=number) as one, understudy_server.session(records=number + 1) as other:
        key = understudy_server.env("fatora")["FATORA_API_KEY"]
        totals = [len(list(Fatora(session.url("fatora"), key).list_clients())) for session in (one, other)]
        assert totals == [number, number + 1]
