"""Plain documents under any WSGI server: the application answers as our own server does."""

from __future__ import annotations

from pathlib import Path

import pytest

from mock_server.messages import Request
from mock_server.server import create_app
from mock_server.server.wsgi import call_wsgi
from mock_server.sessions import Settings, load_contracts, make_apis

PETSTORE = Path(__file__).parents[1] / "plain" / "petstore.yaml"

PATHS = [
    "/pets?limit=2",
    "/v1/pets?limit=2",
    "/petstore/pets?limit=2",
    "/petstore/v1/pets/1",
    "/pets/1",
    "/pets/none",
    "/nothing",
    "/petstore/nothing",
    "/petstore/",
    "/petstore",
]


@pytest.mark.parametrize("target", PATHS)
@pytest.mark.parametrize("base", ["http://localhost", "http://petstore.example"])
def test_the_application_answers_as_the_short_way(base: str, target: str) -> None:
    settings = Settings(providers=(str(PETSTORE),))
    apis = make_apis(load_contracts(settings), settings)
    path, _, query = target.partition("?")
    request = Request("GET", path, query, {"host": base.partition("//")[2]}, base=base)
    expected, answered = apis.answer(request), call_wsgi(create_app(apis).wsgi_app, request)
    assert expected
    assert (answered.status, answered.body) == (expected.status, expected.body)


OWN = [
    ("/__understudy/docs/petstore", 200),
    ("/docs/petstore", 200),
    ("/openapi/petstore.json", 200),
    ("/__understudy", 404),
]


@pytest.mark.parametrize(("path", "status"), OWN)
def test_pages_of_our_own_are_there_beside_a_document(path: str, status: int) -> None:
    settings = Settings(providers=(str(PETSTORE),))
    apis = make_apis(load_contracts(settings), settings)
    assert create_app(apis).test_client().get(path).status_code == status
