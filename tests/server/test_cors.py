"""Pages of other origins: what they are told over a raw socket, and what a real Chromium lets them do."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from mock_server.errors import UsageError
from mock_server.server import read_origins
from tests.conftest import CREDENTIALS, Served, Start
from tests.raw import Answer, send
from tests.server.test_console import ARGUMENTS, CHROMIUM
from tests.sessions.test_sessions import admin

KEY = CREDENTIALS["fatora"]
PAGE = "http://localhost:3000"
CLIENTS = "/fatora/v1/clients"

OWN = """
openapi: 3.1.0
info: {title: Own, version: "1"}
security: [{key: []}]
components:
  securitySchemes: {key: {type: apiKey, in: header, name: X-Key}}
paths:
  /things:
    get:
      responses:
        "200":
          description: things
          headers:
            X-Total-Count: {schema: {const: 7}}
            Vary: {schema: {const: Accept}}
          content: {application/json: {schema: {type: object}}}
  /open:
    get:
      security: []
      responses:
        "200":
          description: open to all
          headers:
            Access-Control-Allow-Origin: {schema: {const: "*"}}
            X-Total-Count: {schema: {const: 7}}
          content: {application/json: {schema: {type: object}}}
    options:
      security: []
      responses:
        "204":
          description: its own answer to browsers
          headers:
            Access-Control-Allow-Origin: {schema: {const: "*"}}
            Access-Control-Allow-Methods: {schema: {const: GET}}
  /gateway:
    get:
      responses:
        "200":
          description: as gateways export it
          headers: {Access-Control-Allow-Origin: {schema: {type: string}}}
          content: {application/json: {schema: {type: object}}}
    options:
      responses:
        "200":
          description: as gateways export it
          headers:
            Access-Control-Allow-Origin: {schema: {type: string}}
            Access-Control-Allow-Methods: {schema: {type: string}}
"""

KEYED = {"x-key": "any"}


@pytest.fixture(scope="module")
def own(start: Start, tmp_path_factory: pytest.TempPathFactory) -> Served:
    """Fatora, and a document with CORS headers of its own at the root, for a named origin as well."""
    path = tmp_path_factory.mktemp("own") / "own.yaml"
    path.write_text(OWN, encoding="utf-8")
    return start("fatora", str(path), "--cors", "https://App.example/")


@pytest.fixture(scope="module")
def closed(start: Start) -> Served:
    """Fatora, for no page of another origin."""
    return start("fatora", "--cors", "off")


def ask(served: Served, head: str, origin: str = PAGE, **headers: str) -> Answer:
    named = {name.replace("_", "-") if name != "api_key" else name: value for name, value in headers.items()}
    return send(served.port, head, {"host": "127.0.0.1", "origin": origin, **named})


def prefly(served: Served, path: str, method: str = "GET", origin: str = PAGE, **headers: str) -> Answer:
    return ask(served, f"OPTIONS {path}", origin, access_control_request_method=method, **headers)


def allowed(answer: Answer) -> dict[str, str]:
    """What an answer says to a browser, by the rest of the header's name."""
    start = "access-control-"
    return {name.removeprefix(start): value for name, value in answer.headers.items() if name.startswith(start)}


ORIGINS = [
    ("http://localhost:5173", True),
    ("https://localhost", True),
    ("http://127.0.0.1:8000", True),
    ("http://[::1]:3000", True),
    ("http://app.localhost:3000", True),
    ("https://app.example", True),
    ("http://app.example", False),
    ("https://app.example:444", False),
    ("https://evil.example", False),
    ("http://localhost.evil.example", False),
    ("http://evil.example/localhost", False),
    ("http://localhost:3000.evil.example", False),
    ("http://127.0.0.1.evil.example", False),
    ("http://xlocalhost", False),
    ("null", False),
    ("", False),
]


@pytest.mark.parametrize(("origin", "may"), ORIGINS, ids=[origin or "nothing" for origin, _ in ORIGINS])
def test_pages_of_this_machine_and_of_named_origins_may_read(origin: str, may: bool, own: Served) -> None:
    answer, before = ask(own, f"GET {CLIENTS}", origin, **KEY), prefly(own, CLIENTS, origin=origin)
    assert answer.status == 200
    expected = {"allow-origin": origin, "allow-credentials": "true"} if may else {}
    assert allowed(answer) == expected
    assert (answer.headers.get("vary") == "Origin") is may
    assert (before.status, before.headers.get("access-control-allow-origin")) == ((204, origin) if may else (200, None))


WORDS: list[tuple[tuple[str, ...], str, bool | None]] = [
    ((), "http://localhost", True),
    (("*",), "https://anything.example", True),
    (("*",), "null", True),
    (("null",), "null", True),
    (("https://a.example", "https://b.example"), "https://b.example", True),
    (("off",), "http://localhost", None),
]


@pytest.mark.parametrize(("words", "origin", "may"), WORDS)
def test_the_option_names_origins(words: tuple[str, ...], origin: str, may: bool | None) -> None:
    allows = read_origins(words)
    assert (allows and allows(origin)) is may


@pytest.mark.parametrize("words", [("app.example",), ("https://app.example/path",), ("off", "*"), ("",)])
def test_what_is_no_origin_is_refused_with_a_sentence(words: tuple[str, ...]) -> None:
    with pytest.raises(UsageError, match="--cors"):
        read_origins(words)


def test_a_preflight_is_told_what_the_path_has_and_what_it_asked(own: Served) -> None:
    asked = "api_key, understudy-session, x-own"
    answer = prefly(own, CLIENTS, access_control_request_headers=asked, access_control_request_private_network="true")
    assert (answer.status, answer.body, answer.headers["vary"]) == (204, b"", "Origin")
    assert allowed(answer) == {
        "allow-origin": PAGE,
        "allow-credentials": "true",
        "allow-methods": "GET, HEAD, OPTIONS",
        "allow-headers": asked,
        "max-age": "600",
        "allow-private-network": "true",
    }


PERMISSIONS = [
    ("without asking for headers it hears the documented ones", CLIENTS, "GET", {}, "allow-headers", "api_key"),
    ("a session's header is among them", CLIENTS, "GET", {}, "allow-headers", "understudy-session"),
    ("the 405 of an undocumented method can be read", CLIENTS, "DELETE", {}, "allow-methods", "DELETE"),
    ("the 404 of an undocumented path can be read", "/fatora/v1/client", "PUT", {}, "allow-methods", "PUT"),
    ("a session is named by the path", f"/~anna{CLIENTS}", "GET", {}, "allow-methods", "GET"),
    (
        "what is no list of headers is not repeated",
        CLIENTS,
        "GET",
        {"access_control_request_headers": "a b<c>"},
        "allow-headers",
        "api_key",
    ),
]


@pytest.mark.parametrize(("says", "path", "method", "headers", "name", "word"), PERMISSIONS)
def test_a_preflight(
    says: str,
    path: str,
    method: str,
    headers: dict[str, str],
    name: str,
    word: str,
    own: Served,
) -> None:
    answer = prefly(own, path, method, **headers)
    assert answer.status == 204 and word in allowed(answer)[name].split(", "), says


ERRORS = [
    ("401", f"GET {CLIENTS}", {}, 401),
    ("404", "GET /fatora/v1/nothing", {}, 404),
    ("405", f"DELETE {CLIENTS}", {}, 405),
    ("429 of a scenario", f"GET {CLIENTS}?__scenario=throttled-once", KEY, 429),
    ("500 of a scenario", f"GET {CLIENTS}?__scenario=server-error", KEY, 500),
    ("400 of the mock itself", f"GET {CLIENTS}?__scenario=nonsense", KEY, 400),
]


@pytest.mark.parametrize(("says", "head", "headers", "status"), ERRORS, ids=[row[0] for row in ERRORS])
def test_errors_can_be_read_too(says: str, head: str, headers: dict[str, str], status: int, own: Served) -> None:
    answer = ask(own, head, **headers)
    assert (answer.status, allowed(answer)["allow-origin"]) == (status, PAGE)
    exposed = allowed(answer).get("expose-headers", "").split(", ")
    assert status != 429 or "retry-after" in exposed


def test_all_headers_of_an_answer_can_be_read_and_a_documented_vary_stays(own: Served) -> None:
    answer = ask(own, "GET /things", **KEYED)
    assert answer.headers["vary"] == "Accept, Origin"
    assert "x-total-count" in allowed(answer)["expose-headers"].split(", ")


def test_documented_cors_headers_win(own: Served) -> None:
    answer, before = ask(own, "GET /open"), prefly(own, "/open")
    assert allowed(answer) == {"allow-origin": "*"} and "vary" not in answer.headers
    assert allowed(before) == {"allow-origin": "*", "allow-methods": "GET"}


def test_made_up_values_of_documented_headers_do_not_shut_a_page_out(own: Served) -> None:
    answer, before = ask(own, "GET /gateway", **KEYED), prefly(own, "/gateway")
    assert allowed(answer)["allow-origin"] == allowed(before)["allow-origin"] == PAGE
    assert before.status == 204 and "GET" in allowed(before)["allow-methods"]


OURS = ("/", "/console/requests", "/__admin/health", "/__admin/requests", "/openapi/fatora.json", "/assets/console.js")


@pytest.mark.parametrize("path", [*OURS, "/__console", "/__understudy/__admin/health", "/~anna/__admin/health"])
@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
def test_pages_of_the_server_itself_are_nobody_elses(path: str, method: str, own: Served) -> None:
    answer = ask(own, f"{method} {path}", access_control_request_method="GET")
    assert allowed(answer) == {} and answer.status in (403, 404)


def test_without_an_origin_the_bytes_are_the_same(own: Served, closed: Served) -> None:
    heads = [("GET", KEY), ("OPTIONS", {"access-control-request-method": "GET"}), ("GET", {})]
    for method, headers in heads:
        open_answer, closed_answer = (
            send(each.port, f"{method} {CLIENTS}", {"host": "x", **headers}) for each in (own, closed)
        )
        assert {**open_answer.headers, "date": ""} == {**closed_answer.headers, "date": ""}
        assert (open_answer.status, open_answer.body) == (closed_answer.status, closed_answer.body)


def test_off_refuses_every_origin(closed: Served) -> None:
    assert allowed(ask(closed, f"GET {CLIENTS}", **KEY)) == {}
    before = prefly(closed, CLIENTS)
    assert (before.status, allowed(before)) == (200, {})


def test_preflights_are_no_calls_and_no_mistakes(own: Served) -> None:
    admin(own, "PUT", "/sessions/page", {"scenarios": ["third-call-fails"]})
    statuses = []
    for _ in range(3):
        assert prefly(own, f"/~page{CLIENTS}").status == 204
        statuses.append(ask(own, f"GET /~page{CLIENTS}", **KEY).status)
    assert statuses == [200, 200, 500], "the third call, and not the second with its question, fails"
    prefly(own, "/~page/fatora/v1/nothing")
    listed = admin(own, "GET", "/requests?session=page")["requests"]
    assert [each["request"]["method"] for each in listed] == ["OPTIONS", *["GET", "OPTIONS"] * 3]
    assert all(each["wasMatched"] for each in listed)
    assert admin(own, "GET", "/verdicts?session=page")["verdicts"] == []


def test_a_mapping_is_read_like_a_provider_and_one_of_options_answers_itself(own: Served) -> None:
    for method, path in (("GET", "/own/page"), ("OPTIONS", "/own/asked")):
        request = {"method": method, "urlPath": path}
        admin(own, "POST", "/mappings", {"request": request, "response": {"status": 200, "headers": {"X-Own": "1"}}})
    try:
        answer = ask(own, "GET /own/page")
        assert allowed(answer)["allow-origin"] == PAGE and "x-own" in allowed(answer)["expose-headers"]
        assert prefly(own, "/own/asked").headers["x-own"] == "1"
        assert allowed(ask(own, "GET /__admin/mappings")) == {}
    finally:
        admin(own, "POST", "/mappings/reset")


class _Page(http.server.BaseHTTPRequestHandler):
    """A page with nothing in it, at an origin of its own."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>elsewhere</title>")

    def log_message(self, format: str, *values: object) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[str]:
    """The URL of a page at another origin of this machine."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Page)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()
    server.server_close()


FETCH = """async ([url, options]) => {
  try {
    const answer = await fetch(url, options);
    return [answer.status, await answer.text(), Object.fromEntries(answer.headers)];
  } catch (error) { return [0, String(error), {}]; }
}"""


@pytest.fixture(scope="module")
def fetch(elsewhere: str) -> Iterator[Any]:
    """`fetch(url, options)` of a page at another origin, in a real browser: status, text, headers; 0 where refused."""
    from playwright.sync_api import sync_playwright

    assert CHROMIUM, "the browser tests need Chromium here"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page()
        page.goto(elsewhere)
        yield lambda url, **options: page.evaluate(FETCH, [url, options])
        browser.close()


def test_a_page_in_a_browser_reads_what_providers_answer(fetch: Any, own: Served) -> None:
    url = f"{own.url}{CLIENTS}"
    status, text, _ = fetch(f"{url}?page_size=2", headers=KEY, credentials="include")
    assert status == 200 and len(json.loads(text)["clients"]) == 2
    status, text, _ = fetch(url)
    assert status == 401 and json.loads(text)["error"]["error_code"] == "401"
    status, _, headers = fetch(f"{own.url}/things", headers={"X-Key": "any", "Understudy-Session": "page"})
    assert (status, headers["x-total-count"], headers["understudy-session"]) == (200, "7", "page")
    status, _, headers = fetch(f"{own.url}/~browser{CLIENTS}?__scenario=throttled-once", headers=KEY)
    assert status == 429 and headers["retry-after"]
    assert fetch(url, method="DELETE", headers=KEY)[0] == 405
    assert fetch(f"{own.url}/open")[0] == 200


def test_a_page_in_a_browser_is_refused_by_the_server_itself(fetch: Any, own: Served, closed: Served) -> None:
    for url in (f"{own.url}/__admin/requests", f"{own.url}/", f"{own.url}/openapi/fatora.json"):
        assert fetch(url)[0] == 0
    assert fetch(f"{own.url}/__admin/reset", method="POST")[0] == 0
    assert fetch(f"{own.url}/__admin/settings", method="PUT", headers={"content-type": "application/json"})[0] == 0
    assert fetch(f"{closed.url}{CLIENTS}", headers=KEY)[0] == 0, "--cors off"
