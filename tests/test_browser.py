"""The pages in a real browser: Debian's Chromium, headless."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import Served

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
if not CHROMIUM and "CI" not in os.environ:
    pytest.skip("no Chromium on this machine: apt-get install chromium", allow_module_level=True)

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


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
    """A page that must not complain and must not ask another host."""
    page = browser.new_page(viewport={"width": 1100, "height": 900})
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    yield page
    page.close()
    assert complaints == []
    assert [url for url in asked if not url.startswith((served.url, "data:", "blob:"))] == []


def test_the_index_leads_to_an_answer(page: Any, served: Served) -> None:
    page.goto(served.url)
    assert page.locator("h3").count() == 5
    page.locator("#fatora .works").first.click()
    assert json.loads(page.locator("pre").first.inner_text())["total"] == 47


def test_try_it_out_is_let_in_at_once(page: Any, served: Served) -> None:
    for provider, operation in (("fatora", "listClients"), ("sourcehub", "listCustomers")):
        page.goto(f"{served.url}/docs/{provider}")
        page.locator(f"#operations-default-{operation} .opblock-summary-control").click()
        page.get_by_role("button", name="Execute").click()
        page.locator(".live-responses-table tbody .response-col_status").first.wait_for(timeout=15_000)
        assert page.locator(".live-responses-table tbody .response-col_status").first.inner_text().startswith("200")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1100])
def test_the_index_fits_every_screen(scheme: Any, width: int, browser: Any, served: Served) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page.goto(served.url)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 23, 26)"
    assert dark == (scheme == "dark")
    page.close()


def test_the_keyboard_reaches_links_and_buttons(page: Any, served: Served) -> None:
    page.goto(served.url)
    reached = set()
    for _ in range(30):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.tagName"))
    assert {"A", "BUTTON", "PRE"} <= reached
