"""The pages for people: what they hold, what they forbid, and that nothing of a contract runs in them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from mock_server.app import create_app
from mock_server.mock_apis import MockApis
from mock_server.troupe import Settings, load_contracts, make_apis


@pytest.fixture(scope="module")
def client(apis: MockApis) -> FlaskClient:
    return create_app(apis).test_client()


def test_the_index_lists_every_operation_with_links_that_answer(client: FlaskClient, apis: MockApis) -> None:
    page = client.get("/", base_url="http://mock.test").get_data(as_text=True)
    for api in apis.apis.values():
        assert all(operation.id in page for operation in api.contract.operations)
    links = [link.replace("&amp;", "&") for link in re.findall(r'href="http://mock\.test([^"]+)"', page)]
    assert len(links) > 25
    for link in links:
        expected = re.search(r"__code=(\d+)", link)
        assert client.get(link).status_code == int(expected[1] if expected else 200), link


@pytest.mark.parametrize("path", ["/", "/docs/fatora"])
def test_pages_forbid_other_hosts_and_inline_scripts(path: str, client: FlaskClient) -> None:
    response = client.get(path)
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "script-src 'self'" in policy and "'unsafe-eval'" not in policy
    page = response.get_data(as_text=True)
    assert not re.search(r"<script>|<script [^>]*>[^<]|\son\w+=|\sstyle=", page)
    assert "//" not in re.sub(r"http://localhost[^\"<]*|https?://\S*fatora\S*", "", page).replace("<!doctype", "")


@pytest.mark.parametrize("name", ["fatora", "yativo", "sourcehub", "sellercloud"])
def test_the_contract_is_published_with_the_mock_as_its_server(name: str, client: FlaskClient, apis: MockApis) -> None:
    document = client.get(f"/openapi/{name}.json", base_url="http://mock.test:9").get_json()
    base = apis.apis[name].contract.base_path
    assert [server["url"] for server in document["servers"]] == [f"http://mock.test:9/{name}{base}"]
    assert document["paths"].keys() == apis.apis[name].contract.document["paths"].keys()


@pytest.mark.parametrize("name", ["index.css", "index.js", "docs.js", "swagger-ui.css", "swagger-ui-bundle.js"])
def test_assets_are_bundled(name: str, client: FlaskClient) -> None:
    response = client.get(f"/assets/{name}")
    assert response.status_code == 200 and response.content_type.startswith(("text/css", "text/javascript"))
    assert client.get(f"/assets/{name}", headers={"if-none-match": response.headers["etag"]}).status_code == 304


@pytest.mark.parametrize(
    "path", ["/assets/app.py", "/assets/..%2fapp.py", "/assets/../app.py", "/openapi/x.json", "/docs/x", "/x"]
)
def test_nothing_else_is_served(path: str, client: FlaskClient) -> None:
    response = client.get(path)
    assert response.status_code == 404 and response.content_type == "application/problem+json"


def test_markup_in_a_contract_is_text(toy: Path, cache: Path) -> None:
    path = toy / "bookshop" / "openapi.yaml"
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    path.write_text(path.read_text().replace("Bookshop API", evil).replace("One book", evil))
    settings = Settings(schemas=toy, cache=cache)
    client = create_app(make_apis(load_contracts(settings), settings)).test_client()
    for page in (client.get("/").get_data(as_text=True), client.get("/docs/bookshop").get_data(as_text=True)):
        assert "<script>alert" not in page and "<img src=x" not in page
        assert "&lt;script&gt;alert" in page
