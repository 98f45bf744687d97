"""The console in a real browser: each journey, the keyboard, accessibility, and nothing but this server."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mock_server.contract.loader import FILTER_TESTS
from mock_server.messages import Request
from mock_server.server.console_views import ROLES
from mock_server.server.snippets import render_snippets
from tests.conftest import CREDENTIALS, LISTS, ROOT, Served, Start
from tests.raw import send
from tests.sessions.test_sessions import admin, ask

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
if not CHROMIUM and "CI" not in os.environ:
    pytest.skip("no Chromium on this machine: apt-get install chromium", allow_module_level=True)

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

VIEWS = {
    "APIs": "/",
    "an operation": "/console/try/fatora/listClients?p.page=2&p.page_size=3&credential=valid&send=1",
    "requests": "/console/requests",
    "scenarios": "/console/scenarios",
    "data": "/console/data/fatora/clients",
    "readings": "/console/readings",
    "settings": "/console/settings",
    "report": "/console/report",
}


@pytest.fixture(scope="module")
def cache_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def served(start: Start, cache_home: Path) -> Served:
    """A server of this module's own, whose last report is this module's too."""
    before = os.environ.get("XDG_CACHE_HOME")
    os.environ["XDG_CACHE_HOME"] = str(cache_home)
    try:
        return start()
    finally:
        os.environ.pop("XDG_CACHE_HOME") if before is None else os.environ.update(XDG_CACHE_HOME=before)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    assert CHROMIUM, "the browser tests need Chromium here"
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture
def page(browser: Any, served: Served) -> Iterator[Any]:
    """A page that must not complain and must not ask another host; every test begins with a fresh server state."""
    admin(served, "POST", "/reset")
    context = browser.new_context(
        viewport={"width": 1100, "height": 900},
        permissions=["clipboard-read", "clipboard-write"],
    )
    page = context.new_page()
    page.set_default_timeout(10_000)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    yield page
    context.close()
    assert complaints == []
    assert [url for url in asked if not url.startswith((served.url, "data:", "blob:"))] == []


def test_try_an_operation_and_copy_the_call(page: Any, served: Served) -> None:
    page.goto(served.url)
    page.get_by_role("link", name="GET /v1/clients", exact=True).click()
    page.get_by_label("page_size").fill("3")
    page.get_by_role("button", name="Send").click()
    page.locator("#answer .status").wait_for()
    assert json.loads(page.locator("#answer .body").inner_text())["page_size"] == 3
    page.locator("#answer .snippets button").first.click()
    page.get_by_role("button", name="Copied").wait_for()
    line = page.evaluate("navigator.clipboard.readText()")
    done = subprocess.run(["sh", "-c", f"{line} -s"], capture_output=True, text=True, timeout=20)
    assert json.loads(done.stdout)["page_size"] == 3, "the copied line works"


@pytest.mark.parametrize("language", ["Python, requests", "Python, httpx", "JavaScript"])
def test_the_other_snippets_work_too(language: str, served: Served) -> None:
    request = Request("GET", LISTS["fatora"], "page_size=2", CREDENTIALS["fatora"], served.url)
    code = render_snippets(request)[language]
    if language == "JavaScript" and not shutil.which("node"):
        pytest.skip("no Node.js on this machine")
    command = ["node", "--input-type=module", "-e", code] if language == "JavaScript" else [sys.executable, "-c", code]
    if "httpx" in language:
        pytest.importorskip("httpx")
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert "200" in done.stdout and "Ahmad" in done.stdout, done.stderr


def test_a_fault_on_the_wire_is_named(page: Any, served: Served) -> None:
    page.goto(f"{served.url}/console/try/fatora/listClients")
    page.get_by_label("Scenario, for this request").select_option("connection-reset")
    page.get_by_role("button", name="Send").click()
    assert "CONNECTION_RESET_BY_PEER" in page.locator("#answer .notice").inner_text()


def test_requests_arrive_live_and_one_is_opened_and_played_again(page: Any, served: Served) -> None:
    page.goto(f"{served.url}/console/requests")
    page.get_by_text("Nothing yet").wait_for()
    page.wait_for_timeout(500)
    ask(served, f"{LISTS['fatora']}?pagesize=3")
    row = page.locator("tbody tr")
    row.first.wait_for()
    assert "/fatora/v1/clients?pagesize=3" in row.first.inner_text()
    assert "Did you mean 'page_size'?" in page.locator(".verdicts").inner_text()
    row.first.get_by_role("link").click()
    page.get_by_role("heading", name="What the mock made of it").wait_for()
    assert "pagesize" in page.locator("dd", has_text="pagesize").first.inner_text()
    first = page.url
    page.get_by_role("button", name="Play it again").click()
    page.wait_for_url(lambda url: url != first and "/requests/" in url)
    assert admin(served, "GET", "/requests")["meta"]["total"] == 2


def test_a_scenario_is_switched_on_and_off(page: Any, served: Served) -> None:
    page.goto(f"{served.url}/console/scenarios")
    switch = page.get_by_role("switch", name="bad-gateway", exact=True)
    switch.click()
    page.locator(".playing").wait_for()
    assert "bad-gateway" in page.locator(".playing").inner_text()
    assert ask(served).status == 502
    page.get_by_role("switch", name="bad-gateway", exact=True).click()
    page.locator(".playing").wait_for(state="detached")
    assert ask(served).status == 200


def test_a_session_is_started_chosen_and_changed(page: Any, served: Served) -> None:
    page.goto(f"{served.url}/console/settings")
    page.get_by_label("New session").fill("anna")
    page.get_by_role("button", name="Start").click()
    page.get_by_role("heading", name="Session anna").wait_for()
    page.get_by_label("Seed").fill("another")
    page.get_by_label("Records a collection").fill("5")
    with page.expect_response(lambda response: response.request.method == "POST"):
        page.get_by_role("button", name="Save").click()
    assert json.loads(ask(served, session="anna").body)["total"] == 5
    assert json.loads(ask(served).body)["total"] == 47
    page.get_by_role("combobox", name="Session").select_option("default")
    page.get_by_role("heading", name="Session default").wait_for()
    page.get_by_role("button", name="End anna").click()
    page.get_by_role("button", name="End anna").wait_for(state="detached")


def test_the_session_is_chosen_without_javascript_too(browser: Any, served: Served) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{served.url}/console/settings")
    page.get_by_label("New session").fill("plain")
    page.get_by_role("button", name="Start").click()
    page.get_by_role("heading", name="Session plain").wait_for()
    context.close()
    admin(served, "POST", "/reset")


def test_a_collection_is_browsed_and_searched(page: Any, served: Served) -> None:
    page.goto(f"{served.url}/console/data/fatora/clients")
    assert page.locator("tbody tr").count() == 25
    page.get_by_role("link", name="Next").click()
    page.get_by_text("Page 2 of 2").wait_for()
    assert page.locator("tbody tr").count() == 22
    page.get_by_role("searchbox", name="Search").fill("ahmad")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=ahmad**")
    page.get_by_text("found").first.wait_for()
    rows = page.locator("tbody tr").all_inner_texts()
    assert rows and all("ahmad" in row.casefold() for row in rows)


def test_a_reading_is_chosen(page: Any, served: Served) -> None:
    page.goto(f"{served.url}/console/readings")
    choice = page.locator("article[id='fatora.notes-field']").get_by_role("button", name="note the schema's note")
    assert choice.get_attribute("aria-pressed") == "false"
    choice.click()
    page.locator("article[id='fatora.notes-field'] button[aria-pressed=true]", has_text="schema's note").wait_for()
    answer = ask(served, f"{LISTS['fatora']}/1000")
    assert "note" in json.loads(answer.body)["client"]


def test_the_last_report_is_read(page: Any, served: Served, cache_home: Path) -> None:
    page.goto(f"{served.url}/console/report")
    page.get_by_text("There is none yet").wait_for()
    subprocess.run(
        [sys.executable, "-m", "mock_server", "check", "fatora", "--in-process"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        timeout=120,
        env={**os.environ, "XDG_CACHE_HOME": str(cache_home)},
    )
    page.reload()
    frame = page.frame_locator("iframe")
    frame.locator("h1").first.wait_for()
    assert "fatora" in frame.locator("body").inner_text().casefold()


def test_markup_in_names_is_text(page: Any, served: Served) -> None:
    admin(served, "PUT", "/settings", {"scenarios": ["markup-in-names"]})
    ask(served, f"{LISTS['fatora']}?keyword=<script>window.hit=1</script>")
    ask(served, "/fatora/<img src=x onerror=window.hit=1>")
    for path in (
        "/console/data/fatora/clients",
        "/console/requests",
        "/console/try/fatora/listClients?send=1&credential=valid",
    ):
        page.goto(served.url + path)
        page.wait_for_timeout(200)
        assert page.evaluate(
            "window.hit === undefined && document.querySelectorAll('main script, main img').length === 0",
        )
    assert "<script>alert(1)</script>" in page.locator("#answer .body").inner_text()


def test_a_form_says_what_each_parameter_does() -> None:
    assert {*FILTER_TESTS.values(), "equals_fold", "number", "size", "offset"} == set(ROLES)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_every_view_is_accessible_and_fits(scheme: Any, width: int, browser: Any, served: Served) -> None:
    from axe_playwright_python.sync_playwright import Axe

    ask(served, f"{LISTS['fatora']}?pagesize=3")
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    for name, path in VIEWS.items():
        page.goto(served.url + path)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        edge = "document.querySelector('header nav [aria-current]').getBoundingClientRect().right"
        assert page.evaluate(f"{edge} <= innerWidth"), f"the tab of {name} is out of sight"
        found = [v for v in Axe().run(page).response["violations"] if v["impact"] in ("serious", "critical")]
        assert [(v["id"], [node["target"] for node in v["nodes"]]) for v in found] == [], name
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 23, 26)"
    assert dark == (scheme == "dark")
    page.close()


def test_the_keyboard_does_it_all(page: Any, served: Served) -> None:
    page.goto(f"{served.url}/console/scenarios")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "To the content"
    page.get_by_role("switch", name="empty-collection", exact=True).focus()
    page.keyboard.press("Space")
    page.locator(".playing").wait_for()
    assert json.loads(ask(served).body)["total"] == 0
    page.goto(f"{served.url}/console/try/fatora/listClients")
    page.get_by_label("page_size").focus()
    page.keyboard.type("2")
    page.keyboard.press("Enter")
    page.locator("#answer .status").wait_for()


def test_try_it_out_of_the_documentation_is_let_in_at_once(page: Any, served: Served) -> None:
    for provider, operation in (("fatora", "listClients"), ("sourcehub", "listCustomers")):
        page.goto(f"{served.url}/docs/{provider}")
        page.locator(f"#operations-default-{operation} .opblock-summary-control").click()
        page.get_by_role("button", name="Execute").click()
        page.locator(".live-responses-table tbody .response-col_status").first.wait_for(timeout=15_000)
        assert page.locator(".live-responses-table tbody .response-col_status").first.inner_text().startswith("200")


WRONG = [
    ("a provider that is none", "GET", "/console/try/nobody/x", 404),
    ("an operation that is none", "GET", "/console/try/fatora/x", 404),
    ("a collection that is none", "GET", "/console/data/fatora/x", 404),
    ("a request that is none", "GET", "/console/requests/x", 404),
    ("a scenario that is none", "POST", "/console/scenarios/x", 400),
    ("a form of another site", "POST", "/console/scenarios/emoji", 403),
]


@pytest.mark.parametrize(("name", "method", "path", "status"), WRONG, ids=[row[0] for row in WRONG])
def test_what_is_not_there_is_a_sentence(name: str, method: str, path: str, status: int, served: Served) -> None:
    headers = {"host": "127.0.0.1", **({"origin": "http://evil.example"} if status == 403 else {})}
    answer = send(served.port, f"{method} {path}", headers)
    assert answer.status == status and json.loads(answer.body)["detail"]
    assert (
        "script-src 'self'"
        in send(served.port, "GET /", headers | {"origin": "http://127.0.0.1"}).headers["content-security-policy"]
    )
