"""The pages for people: what they hold, what they forbid, and that nothing of a contract runs in them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from mock_server.server.app import create_app
from mock_server.sessions.dispatch import MockApis
from mock_server.sessions.factory import Settings, load_contracts
from mock_server.sessions.setup import Setup, load_form, load_stock, make_session_apis


def make_client(settings: Settings, folder: Path) -> FlaskClient:
    apis = make_session_apis(Setup(load_contracts(settings), settings, load_stock(load_form()), folder))
    return create_app(apis).test_client()


@pytest.fixture(scope="module")
def client(cache: Path, tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    return make_client(Settings(cache=cache), tmp_path_factory.mktemp("state"))


def test_every_link_of_the_console_leads_somewhere(client: FlaskClient, apis: MockApis) -> None:
    seen, waiting = {"/"}, ["/"]
    while waiting:
        response = client.get(waiting.pop())
        assert response.status_code in (200, 302), response.request.path
        links = re.findall(r'(?:href|src)="(/[^"#]*)', response.get_data(as_text=True))
        fresh = {link.replace("&amp;", "&") for link in links} - seen
        seen, waiting = seen | fresh, [*waiting, *fresh]
    for name, api in apis.apis.items():
        assert {f"/console/try/{name}/{operation.id}" for operation in api.contract.operations} <= seen
        assert {f"/docs/{name}", f"/openapi/{name}.json"} <= seen


@pytest.mark.parametrize("path", ["/", "/console/scenarios", "/docs/fatora"])
def test_pages_forbid_other_hosts_and_inline_scripts(path: str, client: FlaskClient) -> None:
    response = client.get(path)
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "script-src 'self'" in policy and "'unsafe-eval'" not in policy
    page = response.get_data(as_text=True)
    assert not re.search(r"<script>|<script [^>]*>[^<]|\son\w+=|\sstyle=", page)
    assert "//" not in re.sub(r"http://localhost[^\"<]*|https?://\S*fatora\S*", "", page).replace("<!doctype", "")


@pytest.mark.parametrize("name", ["fatora", "yativo", "sourcehub", "sellercloud"])
def test_the_contract_is_published_with_the_mock_as_its_server(name: str, client: FlaskClient, apis: MockApis) -> None:
    document = client.get(f"/openapi/{name}.json", base_url="http://localhost:9").get_json()
    base = apis.apis[name].contract.base_path
    assert [server["url"] for server in document["servers"]] == [f"http://localhost:9/{name}{base}"]
    assert document["paths"].keys() == apis.apis[name].contract.document["paths"].keys()


@pytest.mark.parametrize(
    "name",
    ["console.css", "console.js", "htmx.min.js", "docs.js", "swagger-ui.css", "swagger-ui-bundle.js"],
)
def test_assets_are_bundled(name: str, client: FlaskClient) -> None:
    response = client.get(f"/assets/{name}")
    assert response.status_code == 200 and response.content_type.startswith(("text/css", "text/javascript"))
    assert client.get(f"/assets/{name}", headers={"if-none-match": response.headers["etag"]}).status_code == 304


@pytest.mark.parametrize(
    "path",
    ["/assets/app.py", "/assets/..%2fapp.py", "/assets/../app.py", "/openapi/x.json", "/docs/x", "/x"],
)
def test_nothing_else_is_served(path: str, client: FlaskClient) -> None:
    response = client.get(path)
    assert response.status_code == 404 and response.content_type == "application/problem+json"


def test_markup_in_a_contract_is_text(toy: Path, cache: Path, tmp_path: Path) -> None:
    path = toy / "bookshop" / "openapi.yaml"
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    path.write_text(path.read_text().replace("Bookshop API", evil).replace("One book", evil))
    settings = Settings(schemas=toy, cache=cache)
    client = make_client(settings, tmp_path)
    for page in (client.get("/").get_data(as_text=True), client.get("/docs/bookshop").get_data(as_text=True)):
        assert "<script>alert" not in page and "<img src=x" not in page
        assert "&lt;script&gt;alert" in page


def test_another_server_says_that_it_cannot_play_on_the_wire(client: FlaskClient) -> None:
    answer = client.get("/fatora/v1/clients?__scenario=connection-reset")
    assert answer.status_code == 501 and answer.content_type == "application/problem+json"
