"""A program's own server: started, asked, steered and ended as objects; whatever goes wrong is a sentence."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import pytest

import understudy
from tests.conftest import ROOT
from understudy import Mock, UnderstudyError

PETSTORE = ROOT / "examples" / "petstore.yaml"


@pytest.fixture(scope="module")
def mock() -> Iterator[Mock]:
    with understudy.serve(PETSTORE, "fatora") as server:
        yield server


def get(url: str, **headers: str) -> Any:
    with urlopen(Request(url, headers=headers)) as response:
        return json.load(response)


def status_of(url: str, **headers: str) -> int:
    try:
        get(url, **headers)
    except HTTPError as error:
        return error.code
    return 200


def test_a_server_says_what_it_plays_and_how_a_client_gets_in(mock: Mock) -> None:
    assert list(mock.providers) == ["petstore", "fatora"]
    variables = mock.env("fatora")
    assert variables["FATORA_BASE_URL"] == mock.url("fatora")
    assert get(f"{mock.url('fatora')}/clients", api_key=variables["FATORA_API_KEY"])["page"] == 1
    assert len(get(f"{mock.url('petstore')}/pets")["data"]) == 20


def test_a_session_is_another_view(mock: Mock) -> None:
    with mock.session(records=3, seed="4711") as session:
        mine = get(f"{session.url('petstore')}/pets")
        assert mine["total"] == 3 and get(f"{mock.url('petstore')}/pets")["total"] == 50
        assert get(f"{mock.url('petstore')}/pets", **session.headers) == {**mine, "next": None} or mine["next"] is None


def test_records_of_ones_own_are_there_for_the_session_alone(mock: Mock) -> None:
    with mock.session() as session:
        added = session.add("petstore", "pets", {"name": "Ann's"}, tag="shy")
        assert added["name"] == "Ann's" and added["tag"] == "shy" and added["status"]
        assert get(f"{session.url('petstore')}/pets/{added['id']}") == added == session.records("petstore", "pets")[0]
        assert status_of(f"{mock.url('petstore')}/pets/{added['id']}") == 404
        with pytest.raises(UnderstudyError, match="tag"):
            session.add("petstore", "pets", tag="huge")


def test_a_scenario_plays_until_it_is_stopped(mock: Mock) -> None:
    with mock.session() as session:
        session.play("server-error")
        assert status_of(f"{session.url('petstore')}/pets") == 500
        session.stop("server-error")
        assert status_of(f"{session.url('petstore')}/pets") == 200
        with pytest.raises(UnderstudyError, match="Did you mean server-error"):
            session.play("serverr-error")


def test_an_operation_answers_what_a_test_says(mock: Mock) -> None:
    with mock.session() as session:
        session.answer("GET /pets/{petId}", json={"id": 1, "name": "Rex"}, provider="petstore")
        assert get(f"{session.url('petstore')}/pets/1") == {"id": 1, "name": "Rex"}
        session.reset()
        assert get(f"{session.url('petstore')}/pets/1") != {"id": 1, "name": "Rex"}


def test_what_came_is_told_and_what_did_not_is_shown_beside_it(mock: Mock) -> None:
    with mock.session() as session:
        get(f"{session.url('petstore')}/pets?limit=2&status=sold")
        session.assert_called("GET /v1/pets", times=1, query={"limit": 2})
        session.assert_not_called("GET /v1/pets", query={"limit": 3})
        with pytest.raises(AssertionError) as failed:
            session.assert_called("GET /v1/pets", times=2)
        message = str(failed.value)
        assert "was to be called twice and was called once" in message
        assert "GET /petstore/v1/pets?limit=2&status=sold -> 200" in message


def test_what_a_client_does_wrong_is_told(mock: Mock) -> None:
    with mock.session() as session:
        session.assert_no_verdicts()
        get(f"{session.url('petstore')}/pets?limt=2")
        with pytest.raises(AssertionError, match="limt"):
            session.assert_no_verdicts()


def test_a_clock_is_put_forward(mock: Mock) -> None:
    with mock.session() as session:
        session.advance(3_600)
        session.advance(60)
        assert session.describe()["clockOffsetSeconds"] == 3_660


def test_a_session_that_ended_is_gone(mock: Mock) -> None:
    with mock.session("ended") as session:
        session.add("petstore", "pets", name="Rex")
    assert len(mock.session("ended").records("petstore", "pets")) == 50


WRONG: list[tuple[str, tuple[Any, ...], dict[str, Any], str]] = [
    ("a provider that nobody knows", ("fatoar",), {}, "no provider 'fatoar'"),
    ("a file that is not there", ("nowhere.yaml",), {}, "nowhere.yaml"),
    ("a scenario that is not known", ("fatora",), {"scenarios": ["nope"]}, "no scenario 'nope'"),
    ("a number of records that cannot be", ("fatora",), {"records": -1}, "records"),
    ("a folder that is not there", ("fatora",), {"data": Path("nowhere")}, "nowhere"),
]


@pytest.mark.parametrize(("what", "options", "said"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_what_cannot_start_says_why(what: tuple[Any, ...], options: dict[str, Any], said: str) -> None:
    with pytest.raises(UnderstudyError) as failed:
        understudy.serve(*what, **options)
    assert said in str(failed.value) and "Traceback" not in str(failed.value)


def test_a_provider_is_named_where_there_are_several(mock: Mock) -> None:
    with pytest.raises(UnderstudyError, match="Which provider is meant\\? This server plays petstore, fatora"):
        mock.url()
    with pytest.raises(UnderstudyError, match="no provider 'yativo'"):
        mock.session().url("yativo")


def test_a_server_elsewhere_is_connected_to(mock: Mock) -> None:
    other = understudy.connect(f"{mock.base_url}/")
    assert list(other.providers) == ["petstore", "fatora"]
    other.close()
    assert mock.session().records("petstore", "pets"), "who did not start it does not end it"
    with pytest.raises(UnderstudyError, match="No server answers at"):
        understudy.connect("http://127.0.0.1:1")


def test_a_server_ends_with_its_block() -> None:
    with understudy.serve(PETSTORE) as mock:
        url = mock.url()
    with pytest.raises(URLError):
        get(f"{url}/pets")


STARTS = """
import sys, time, understudy
mock = understudy.serve(sys.argv[1])
print(mock.base_url, flush=True)
time.sleep(60)
"""


def test_a_server_ends_with_a_program_that_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", STARTS, str(PETSTORE)], stdout=subprocess.PIPE, cwd=ROOT) as program:
        assert program.stdout
        url = program.stdout.readline().decode().strip()
        assert get(f"{url}/v1/pets")
        os.kill(program.pid, signal.SIGKILL)
    for _ in range(100):
        try:
            get(f"{url}/v1/pets")
        except (URLError, ConnectionError):
            return
        time.sleep(0.05)
    raise AssertionError(f"{url} answers still")


@pytest.mark.parametrize("name", ["get-pets", "petstore.get-pets", "GET /pets", "GET /v1/pets"])
def test_an_operation_has_several_names(mock: Mock, name: str) -> None:
    with mock.session() as session:
        get(f"{session.url('petstore')}/pets")
        session.assert_called(name, times=1)


def test_a_slip_in_an_operations_name_is_no_operation_that_was_not_called(mock: Mock) -> None:
    with mock.session() as session, pytest.raises(UnderstudyError, match="Did you mean 'GET /v1/pets'"):
        session.assert_not_called("GET /v1/pet")
