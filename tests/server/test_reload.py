"""Files edited while they are served: taken up within a second or so, mistakes left out, and nobody loses anything."""

from __future__ import annotations

import concurrent.futures
import http.client
import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import CREDENTIALS
from tests.server.editing import BOOK, MAPPING, OTHER, OVERLAY, PATIENCE, SCENARIO, SHOP, Edited, serving
from tests.server.test_console import ARGUMENTS, CHROMIUM
from tests.sessions.test_sessions import admin

KEY = CREDENTIALS["fatora"]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Iterator[Edited]:
    """One process for all tests."""
    with serving(tmp_path_factory.mktemp("edited"), "--cache", str(cache)) as running:
        yield running


@pytest.fixture
def edited(running: Edited) -> Edited:
    """The same with its files as they were."""
    running.edit_all({})
    return running


EDITS: list[tuple[str, str, str | None, str, str]] = [
    ("a document", "specs/shop.yaml", SHOP.replace("title: Shop", "title: Edited"), "/openapi/shop.json", "Edited"),
    ("a file that it refers to", "specs/parts/book.yaml", BOOK.replace("low", "high"), "/shop/books/3", '"high"'),
    ("an overlay beside it", "specs/shop.overlay.yaml", OVERLAY, "/shop/state", "overlaid"),
    ("a new document", "specs/more.yaml", OTHER.replace("there", "new"), "/more/notes", "new"),
    ("a document that is gone", "specs/other.yaml", None, "/other/notes", "Not Found"),
    ("a scenario", "scenarios/own.yaml", SCENARIO.replace("500", "503"), "/shop/state?__scenario=own", "503"),
    (
        "a mapping",
        "mappings/mapped.json",
        json.dumps({**MAPPING, "response": {"body": "after"}}),
        "/shop/mapped",
        "after",
    ),
    (
        "records of one's own",
        "data/shop/books.yaml",
        "[{id: 700, title: Changed}]",
        "/shop/books/700",
        "Changed",
    ),
    ("a file of readings", "readings.yaml", "fatora: {notes-field: note}\n", "/fatora/v1/clients/1000", '"note"'),
]


def test_what_is_edited_is_taken_up(edited: Edited) -> None:
    before = [edited.ask(target, **KEY).body for _, _, _, target, _ in EDITS]
    said = edited.edit_all({file: text for _, file, text, _, _ in EDITS})
    assert said.startswith("Taken up: data/shop/books.yaml, mappings/mapped.json, readings.yaml and 6 more (")
    for (says, _, _, target, expected), old in zip(EDITS, before, strict=True):
        assert expected in edited.text(target, **KEY) and expected.encode() not in old, says
    edited.edit_all({})
    assert [edited.ask(target, **KEY).body for _, _, _, target, _ in EDITS] == before


MISTAKES = [
    ("no YAML", "specs/shop.yaml", "paths: [", "shop.yaml"),
    ("a scenario that is none", "scenarios/own.yaml", "name: own\n", "own.yaml"),
    ("a mapping that is none", "mappings/mapped.json", '{"request": {"metod": "GET"}, "response": {}}', "mapped.json"),
    ("a record that is none", "data/shop/books.yaml", "[{id: x}]", "books.yaml"),
    ("a reading that there is not", "readings.yaml", "fatora: {nothing: else}", "nothing"),
    ("an overlay that is none", "specs/shop.overlay.yaml", "overlay: 1.0.0\nactions: 3\n", "shop.overlay.yaml"),
    ("an empty document of a folder", "specs/other.yaml", "", "other.yaml"),
]


@pytest.mark.parametrize(("says", "file", "text", "named"), MISTAKES, ids=[row[0] for row in MISTAKES])
def test_a_mistake_leaves_what_played_and_is_said(
    says: str,
    file: str,
    text: str,
    named: str,
    running: Edited,
) -> None:
    if "mistake" not in admin(running.served, "GET", "/health"):
        running.edit_all({})
    assert running.edit_all({file: text}).startswith("Not taken up: ")
    assert [found in running.text(target, **KEY) for target, found in PLAYING] == [True] * len(PLAYING)
    mistake = admin(running.served, "GET", "/health")["mistake"]
    assert named in mistake and mistake.splitlines()[0] in running.log.read_text(encoding="utf-8")
    page = running.text("/console/requests")
    assert 'class="mistake"' in page and named in page


PLAYING = [
    ("/shop/state", "first"),
    ("/shop/mapped", "before"),
    ("/shop/books/700", "Given"),
    ("/other/notes", "there"),
]


def test_it_is_said_when_a_mistake_is_mended(edited: Edited) -> None:
    said = edited.edit("specs/shop.yaml", "paths: [")
    assert said == "Not taken up: specs/shop.yaml. What was there before plays on."
    assert edited.edit("specs/shop.yaml", SHOP).startswith("Mended and taken up: specs/shop.yaml (")
    assert "mistake" not in admin(edited.served, "GET", "/health")
    assert 'class="mistake"' not in edited.text("/console/requests")


def test_sessions_keep_their_state(edited: Edited) -> None:
    settings = {"clockOffsetSeconds": 3600, "seed": "4711", "scenarios": ["third-call-fails"]}
    admin(edited.served, "PUT", "/sessions/keeps", settings)
    made = json.loads(edited.ask("/~keeps/shop/books", "POST", {"id": 900, "title": "Made", "shelf": "low"}).body)
    mapping = {**MAPPING, "request": {"method": "GET", "urlPath": "/shop/of-a-session"}}
    admin(edited.served, "POST", "/mappings?session=keeps", mapping)
    edited.edit("specs/shop.yaml", SHOP.replace("const: first", "const: second"))
    assert json.loads(edited.ask(f"/~keeps/shop/books/{made['id']}").body)["title"] == "Made"
    shown = admin(edited.served, "GET", "/sessions/keeps")
    assert {name: shown[name] for name in settings} == settings
    assert edited.ask("/~keeps/shop/state").headers["understudy-scenario"] == "third-call-fails"
    assert edited.text("/~keeps/shop/of-a-session") == "before"
    listed = admin(edited.served, "GET", "/requests?session=keeps&bodies=true")["requests"]
    assert [each["request"]["method"] for each in listed[::-1]] == ["POST", "GET", "GET", "GET"]


def test_the_journal_tells_what_was_answered_then(edited: Edited) -> None:
    edited.ask("/shop/state?then=1")
    edited.edit("specs/shop.yaml", SHOP.replace("const: first", "const: second"))
    edited.ask("/shop/state?now=1")
    listed = admin(edited.served, "GET", "/requests?bodies=true&limit=2")["requests"]
    assert [json.loads(each["response"]["body"])["word"] for each in listed] == ["second", "first"]


def test_what_a_session_was_told_of_may_vanish(edited: Edited) -> None:
    admin(
        edited.served,
        "PUT",
        "/sessions/lost",
        {"readings": {"fatora": {"notes-field": "note"}}, "scenarios": ["own"]},
    )
    edited.ask("/~lost/other/notes")
    edited.edit("specs/other.yaml", None)
    edited.edit("scenarios/own.yaml", None)
    assert edited.ask("/~lost/shop/state").status == 400, "the scenario is named no more"
    assert edited.ask("/~lost/other/notes").status == 400
    for page in ("/", "/console/requests?all=1", "/console/settings", "/console/scenarios", "/__admin/sessions"):
        assert edited.ask(page).status == 200, page
    assert admin(edited.served, "GET", "/verdicts?session=lost")
    edited.edit("specs/other.yaml", OTHER)
    edited.edit("scenarios/own.yaml", SCENARIO)
    assert edited.ask("/~lost/shop/state").status == 500


def test_an_answer_that_has_begun_ends_as_it_began(edited: Edited) -> None:
    with concurrent.futures.ThreadPoolExecutor(1) as threads:
        slow = threads.submit(edited.ask, "/shop/state?__scenario=late")
        time.sleep(0.2)
        edited.edit("specs/shop.yaml", SHOP.replace("const: first", "const: second"))
        assert not slow.done() and "second" in edited.text("/shop/state")
        assert b"first" in slow.result().body


def keep_asking(port: int, stopping: threading.Event, failures: list[str]) -> int:
    """Ask on one connection until told to stop; how often that was, and what went wrong."""
    connection, count = http.client.HTTPConnection("127.0.0.1", port, timeout=20), 0
    while not stopping.is_set():
        try:
            connection.request("GET", "/shop/state")
            answer = connection.getresponse()
            if answer.status != 200 or json.loads(answer.read())["word"] not in ("first", "second"):
                failures.append(f"{answer.status}")
        except (OSError, http.client.HTTPException, ValueError) as error:
            failures.append(repr(error))
            connection.close()
        count += 1
    connection.close()
    return count


def test_nobody_who_asks_meanwhile_is_let_down(edited: Edited) -> None:
    stopping, failures = threading.Event(), []  # type: ignore[var-annotated]
    with concurrent.futures.ThreadPoolExecutor(3) as threads:
        asking = [threads.submit(keep_asking, edited.served.port, stopping, failures) for _ in range(3)]
        for number in range(4):
            edited.edit("specs/shop.yaml", SHOP.replace("const: first", f"const: {('second', 'first')[number % 2]}"))
        stopping.set()
        counts = [each.result() for each in asking]
    assert failures == [] and min(counts) > 100


def test_workers_all_take_it_up_and_one_of_them_says_so(tmp_path: Path, cache: Path) -> None:
    with serving(tmp_path, "--cache", str(cache), "--workers", "2") as pool:
        made = json.loads(pool.ask("/shop/books", "POST", {"id": 900, "title": "Made", "shelf": "low"}).body)
        pool.edit("specs/shop.yaml", SHOP.replace("const: first", "const: second"))
        wait_for_all(pool, "second")
        assert json.loads(pool.text(f"/shop/books/{made['id']}"))["title"] == "Made"
        pool.edit("data/shop/books.yaml", "[{id: 701, title: Another}]")
        assert "Another" in pool.text("/shop/books/701") and pool.ask("/shop/books/700").status == 404
        pool.edit("specs/shop.yaml", "paths: [")
        time.sleep(0.5)
        assert len(pool.printed()) == 3, "said once"
        for worker in find_children(pool.served.process.pid)[:1]:
            os.kill(worker, signal.SIGKILL)
        pool.edit("specs/shop.yaml", SHOP.replace("const: first", "const: third"))
        wait_for_all(pool, "third")


def wait_for_all(pool: Edited, word: str) -> None:
    """Wait until as many answers in a row say a word as no worker could have been left out of."""
    in_a_row, end = 0, time.monotonic() + PATIENCE
    while in_a_row < 30:
        assert time.monotonic() < end
        in_a_row = in_a_row + 1 if word in pool.text("/shop/state") else 0


def find_children(process: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def test_the_console_shows_a_mistake_as_it_comes_and_goes(edited: Edited) -> None:
    from playwright.sync_api import sync_playwright

    assert CHROMIUM, "the browser tests need Chromium here"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page()
        page.goto(f"{edited.served.url}/console/requests")
        page.wait_for_timeout(700)
        edited.edit("specs/shop.yaml", "paths: [")
        page.locator(".mistake").wait_for(timeout=PATIENCE * 1000)
        assert "specs/shop.yaml" in page.locator(".mistake").inner_text()
        edited.edit("specs/shop.yaml", SHOP)
        page.locator(".mistake").wait_for(state="detached", timeout=PATIENCE * 1000)
        edited.ask("/shop/state?after-it-was-mended=1")
        page.get_by_text("after-it-was-mended").first.wait_for(timeout=PATIENCE * 1000)
        browser.close()


def test_an_annotated_contract_is_taken_up(toy: Path, tmp_path: Path, cache: Path) -> None:
    book = (toy / "bookshop" / "book.schema.json").read_text(encoding="utf-8")
    words = ("bookshop", "--schemas", "myapis", "--cache", str(cache))
    with serving(tmp_path, words=words) as edited:

        def total() -> int:
            answer = edited.text("/bookshop/v2/books", authorization="Bearer bookshop-test")
            return int(json.loads(answer)["total"])

        def edit(old: str, new: str) -> str:
            return edited.edit("myapis/bookshop/book.schema.json", book.replace(old, new)).partition(":")[0]

        assert total() == 25
        assert (edit('"records": 25', '"records": 7'), total()) == ("Taken up", 7)
        assert (edit('"type": "object"', '"type": "objekt"'), total()) == ("Not taken up", 7)
        assert (edit('"records": 25', '"records": 9'), total()) == ("Mended and taken up", 9)
