"""HTTPS and the proxy of a program's own server."""

from __future__ import annotations

import ssl
from pathlib import Path
from urllib.request import HTTPSHandler, ProxyHandler, Request, build_opener

import pytest

import understudy
from tests.conftest import ROOT
from tests.server.tls_client import data_folder
from understudy import UnderstudyError

PETSTORE = ROOT / "examples" / "petstore.yaml"


def test_a_program_asks_over_https_and_through_the_proxy(tmp_path: Path) -> None:
    with data_folder(tmp_path) as ca, understudy.serve("fatora", tls=True, proxy=True) as mock:
        assert mock.ca == ca and mock.proxy().startswith("http://127.0.0.1:")
        trusting = HTTPSHandler(context=ssl.create_default_context(cafile=mock.ca))
        headers = {"api_key": mock.env()["FATORA_API_KEY"]}
        with mock.session("bug-4711") as session:
            through = build_opener(ProxyHandler({"https": mock.proxy(session)}), trusting)
            with through.open(Request("https://api.fatora.io/v1/clients/1001", headers=headers)) as answer:
                assert answer.headers["understudy-session"] == "bug-4711"
            session.assert_called("GET /v1/clients/{client_id}", times=1)
        directly = build_opener(ProxyHandler({}), trusting)
        assert mock.url(tls=True).startswith("https://127.0.0.1:")
        assert directly.open(Request(f"{mock.url(tls=True)}/clients", headers=headers)).status == 200


def test_what_was_not_asked_for_is_said() -> None:
    with understudy.serve(PETSTORE) as mock:
        for ask, says in (
            (lambda: mock.url(tls=True), "tls=True"),
            (mock.proxy, "proxy=True"),
            (lambda: mock.ca, "tls=True or proxy=True"),
        ):
            with pytest.raises(UnderstudyError, match=says):
                ask()
