"""The provider of docs/add_a_provider.md is written to: from its data alone it answers as documented, and as a model does."""

from __future__ import annotations

import http.client
import json
import random
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mock_server.engine import MockApi, PlayContext
from mock_server.messages import Request
from mock_server.sessions import Settings, load_contracts
from mock_server.sessions.factory import make_api
from mock_server.state import open_state
from tests.conftest import Start

BOOK = {"title": "Gulls", "author": "Ann Lee", "contact": "ann@example.com", "price": 5, "language": "en"}
Answer = tuple[int, Any, dict[str, str]]
CLOCK = PlayContext(scope="~ann/", clock_seconds=86400 * 365 * 100)


def open_shop(toy: Path, cache: Path, state: Path, **settings: str) -> MockApi:
    wanted = Settings(schemas=toy, cache=cache, **settings)  # type: ignore[arg-type]
    return make_api(load_contracts(wanted)["bookshop"], wanted, state=open_state(state))


@pytest.fixture
def shop(toy: Path, cache: Path, tmp_path: Path) -> MockApi:
    return open_shop(toy, cache, tmp_path)


class Socket(NamedTuple):
    """The shop over a socket: each request on a connection of its own, so that any worker may get it."""

    port: int

    def ask(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request(method, f"/bookshop/v2{target}", body or None, dict(headers))
        response = connection.getresponse()
        content = response.read()
        connection.close()
        sent = {name.lower(): value for name, value in response.getheaders()}
        return response.status, json.loads(content) if content else None, sent


def ask(
    shop: MockApi | Socket,
    method: str,
    target: str,
    sent: Any = None,
    kind: str = "application/json",
    **more: str,
) -> Answer:
    path, _, query = target.partition("?")
    headers = {"authorization": "Bearer bookshop-test"} | ({"content-type": kind} if sent is not None else {})
    headers |= {name.replace("_", "-"): value for name, value in more.items()}
    body = b"" if sent is None else json.dumps(sent).encode()
    if isinstance(shop, Socket):
        return shop.ask(method, target, headers, body)
    match = shop.find(method, f"/v2{path}")
    assert match
    request = Request(method, f"/v2{path}", query, headers, "http://mock.test", "/bookshop", body=body)
    response = shop.answer(match, request, CLOCK)
    return response.status, json.loads(response.body) if response.body else None, dict(response.headers)


def test_the_moment_of_the_last_change_is_renewed(toy: Path, cache: Path, tmp_path: Path) -> None:
    own = tmp_path / "own"
    shutil.copytree(toy, own)
    (path,) = own.rglob("book.schema.json")
    item = json.loads(path.read_text())
    item["properties"]["last_updated"] = item["properties"]["added"]
    path.write_text(json.dumps(item))
    shop = open_shop(own, cache, tmp_path)
    first, second, *_ = ask(shop, "GET", "/books")[1]["books"]
    ask(shop, "PUT", f"/books/{first['id']}", {**BOOK, "isbn": "9780000000000"})
    patch(shop, second["id"], {"price": 9})
    replaced, patched, *_ = ask(shop, "GET", "/books")[1]["books"]
    assert all(book["last_updated"] > "2100" > book["added"] for book in (replaced, patched))
    assert first["last_updated"] < "2100"


def patch(shop: MockApi | Socket, key: int, sent: Any) -> Answer:
    return ask(shop, "PATCH", f"/books/{key}", sent, "application/merge-patch+json")


def count(shop: MockApi | Socket, query: str = "") -> int:
    return int(ask(shop, "GET", f"/books?{query}")[1]["total"])


def test_a_created_record_is_seen_everywhere_with_what_the_server_adds(shop: MockApi) -> None:
    last = ask(shop, "GET", "/books?page=3")[1]["books"][-1]["id"]
    status, made, headers = ask(shop, "POST", "/books", {**BOOK, "id": 1, "added": "1999-01-01T00:00:00", "cost": 7})
    assert status == 201 and set(made) == {"id"} and made["id"] > last
    assert headers["location"] == f"http://mock.test/bookshop/v2/books/{made['id']}"
    book = ask(shop, "GET", f"/books/{made['id']}")[1]
    assert {**book, **BOOK} == book and "cost" not in book and "isbn" not in book
    assert book["added"] > "2100", "a moment is the session's now"
    listed = ask(shop, "GET", "/books?page=3")[1]
    assert listed["total"] == 26 and listed["books"][-1] == book
    assert ask(shop, "GET", "/books?q=GULLS")[1]["books"] == [book]


def test_a_put_replaces_and_a_patch_merges_in_place(shop: MockApi) -> None:
    books = ask(shop, "GET", "/books")[1]["books"]
    first = books[0]
    status, answered, _ = ask(shop, "PUT", f"/books/{first['id']}", {**BOOK, "isbn": "9780000000000"})
    replaced = {**BOOK, "isbn": "9780000000000", "id": first["id"], "added": first["added"]}
    assert (status, answered) == (200, {"book": replaced})
    assert patch(shop, first["id"], {"title": "Terns", "language": None})[1]["book"] == {
        **replaced,
        "title": "Terns",
        "language": None,
    }
    after = ask(shop, "GET", "/books")[1]["books"]
    assert after[1:] == books[1:] and after[0]["title"] == "Terns"


def test_a_deleted_record_is_gone_and_its_key_never_comes_again(shop: MockApi) -> None:
    key = ask(shop, "POST", "/books", BOOK)[1]["id"]
    assert ask(shop, "DELETE", f"/books/{key}")[:2] == (204, None)
    assert ask(shop, "DELETE", f"/books/{key}")[0] == ask(shop, "GET", f"/books/{key}")[0] == 404
    assert ask(shop, "PUT", f"/books/{key}", BOOK)[0] == patch(shop, key, {})[0] == 404
    assert ask(shop, "POST", "/books", BOOK)[1]["id"] > key


@pytest.mark.parametrize(
    ("sent", "status", "said"),
    [
        ({**BOOK, "title": ""}, 400, "title"),
        ({name: value for name, value in BOOK.items() if name != "price"}, 400, "price"),
        ({**BOOK, "isbn": "x"}, 400, "isbn"),
        ([], 400, "body"),
        (None, 400, "body"),
    ],
)
def test_what_is_wrong_in_a_body_is_answered_as_documented(shop: MockApi, sent: Any, status: int, said: str) -> None:
    answered, error, _ = ask(shop, "POST", "/books", sent)
    assert (answered, error["code"]) == (status, status) and said in error["message"]
    assert count(shop) == 25


STALE = """
    Stale:
      description: The book is another one by now.
      x-error: {kind: precondition_failed, detail: Read the book again.}
      content: {application/json: {schema: {$ref: error.schema.json}}}
    Blind:
      description: The request names no version.
      x-error: {kind: precondition_required, detail: Send If-Match.}
      content: {application/json: {schema: {$ref: error.schema.json}}}
"""
TAGGED = "          headers: {ETag: {schema: {type: string}}}\n"


def with_versions(text: str) -> str:
    """The bookshop's document with an ETag of each book, and writes that depend on it."""
    shown = "          description: The book.\n"
    changed = "          description: The book as it is now.\n"
    text = text.replace(shown, shown + TAGGED).replace(changed, changed + TAGGED)
    text = text.replace("  responses:\n    Invalid:", f"  responses:{STALE}    Invalid:")
    refused = "{0}'412': {{$ref: '#/components/responses/Stale'}}\n{0}'428': {{$ref: '#/components/responses/Blind'}}\n"
    gone = "        '204': {description: It is gone.}\n"
    return (
        text.replace(gone, gone + refused.format(" " * 8))
        .replace(changed, changed, 1)
        .replace(
            "      responses: &changed\n",
            "      responses: &changed\n" + refused.format(" " * 8),
        )
    )


def test_a_version_is_told_known_and_required(toy: Path, cache: Path, tmp_path: Path) -> None:
    document = toy / "bookshop" / "openapi.yaml"
    document.write_text(with_versions(document.read_text(encoding="utf-8")), encoding="utf-8")
    (tmp_path / "state").mkdir()
    shop = open_shop(toy, cache, tmp_path / "state")
    key = ask(shop, "GET", "/books")[1]["books"][0]["id"]
    _, _, headers = ask(shop, "GET", f"/books/{key}")
    etag = headers["etag"]
    assert ask(shop, "GET", f"/books/{key}", if_none_match=etag)[:2] == (304, None)
    assert ask(shop, "PUT", f"/books/{key}", BOOK)[0] == 428 == ask(shop, "DELETE", f"/books/{key}")[0]
    status, _, changed = ask(shop, "PUT", f"/books/{key}", BOOK, if_match=etag)
    assert status == 200 and changed["etag"] != etag
    assert ask(shop, "GET", f"/books/{key}")[2]["etag"] == changed["etag"]
    assert ask(shop, "PUT", f"/books/{key}", BOOK, if_match=etag)[0] == 412
    assert ask(shop, "DELETE", f"/books/{key}", if_match=etag)[0] == 412
    assert ask(shop, "DELETE", f"/books/{key}", if_match="*")[0] == 204


def test_a_switch_gives_every_record_a_version(toy: Path, cache: Path, tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    shop = open_shop(toy, cache, tmp_path / "state", etags="always")
    key = ask(shop, "POST", "/books", BOOK)[1]["id"]
    etag = ask(shop, "GET", f"/books/{key}")[2]["etag"]
    assert ask(shop, "PUT", f"/books/{key}", {**BOOK, "price": 6}, if_match=etag)[0] == 200
    assert ask(shop, "PUT", f"/books/{key}", {**BOOK, "price": 7}, if_match=etag)[0] == 412
    assert ask(shop, "PUT", f"/books/{key}", {**BOOK, "price": 8})[0] == 200, "nothing documents that one must be named"


def test_a_patch_may_be_operations_on_places(toy: Path, cache: Path, tmp_path: Path) -> None:
    document = toy / "bookshop" / "openapi.yaml"
    text = document.read_text(encoding="utf-8")
    begin = text.index("          application/merge-patch+json:")
    end = text.index("      responses: *changed", begin)
    as_operations = "          application/json-patch+json: {schema: {type: array, items: {type: object}}}\n"
    document.write_text(text[:begin] + as_operations + text[end:], encoding="utf-8")
    (tmp_path / "state").mkdir()
    shop = open_shop(toy, cache, tmp_path / "state")
    key = ask(shop, "POST", "/books", BOOK)[1]["id"]

    def change(*operations: dict[str, Any]) -> Answer:
        return ask(shop, "PATCH", f"/books/{key}", list(operations), "application/json-patch+json")

    renamed = {"op": "replace", "path": "/title", "value": "Terns"}
    assert change({"op": "test", "path": "/title", "value": "Gulls"}, renamed)[1]["book"]["title"] == "Terns"
    assert change({"op": "test", "path": "/title", "value": "Gulls"}, renamed)[0] == 409
    assert change({"op": "replace", "path": "/id", "value": 1})[1]["book"]["id"] == key, "only the server says it"


def test_a_unique_field_is_given_once(shop: MockApi) -> None:
    isbn = "9781234567890"
    one, other = (ask(shop, "POST", "/books", {**BOOK, **more})[1]["id"] for more in ({"isbn": isbn}, {}))
    assert ask(shop, "POST", "/books", {**BOOK, "isbn": isbn})[0] == 409
    assert ask(shop, "PUT", f"/books/{other}", {**BOOK, "isbn": isbn})[0] == 409
    assert ask(shop, "PUT", f"/books/{one}", {**BOOK, "isbn": isbn})[0] == 200


class Shelf:
    """The shop as a plain list of books; whoever asks, any of its workers answers."""

    def __init__(self, workers: Sequence[MockApi | Socket]) -> None:
        self.workers, self.turn = workers, 0
        ask(self.worker, "DELETE", "/books/1")
        self.books = [
            book for page in (1,) for book in ask(self.worker, "GET", f"/books?page={page}&size=50")[1]["books"]
        ]

    @property
    def worker(self) -> MockApi | Socket:
        self.turn += 1
        return self.workers[self.turn % len(self.workers)]

    def check(self) -> None:
        listed = ask(self.worker, "GET", "/books?size=50")[1]
        assert (listed["total"], listed["books"]) == (len(self.books), self.books[:50])
        french = [book for book in self.books if book["language"] == "fr"]
        assert ask(self.worker, "GET", "/books?size=50&language=fr")[1]["books"] == french[:50]
        found = [book for book in self.books if "gull" in f"{book['title']}\n{book['author']}".lower()]
        assert count(self.worker, "q=gull") == len(found)


def _add(shelf: Shelf, number: int, book: dict[str, Any]) -> None:
    key = ask(shelf.worker, "POST", "/books", book)[1]["id"]
    shelf.books.append(ask(shelf.worker, "GET", f"/books/{key}")[1])
    assert {**shelf.books[-1], **book} == shelf.books[-1]


def _replace(shelf: Shelf, number: int, book: dict[str, Any]) -> None:
    if shelf.books:
        at = number % len(shelf.books)
        known = shelf.books[at]
        shelf.books[at] = {"id": known["id"], **book, "added": known["added"]}
        assert ask(shelf.worker, "PUT", f"/books/{known['id']}", book)[1]["book"] == shelf.books[at]


def _change(shelf: Shelf, number: int, book: dict[str, Any]) -> None:
    if shelf.books:
        at = number % len(shelf.books)
        change = {"title": book["title"], "language": book["language"]}
        shelf.books[at] = {**shelf.books[at], **change}
        assert patch(shelf.worker, shelf.books[at]["id"], change)[1]["book"] == shelf.books[at]


def _remove(shelf: Shelf, number: int, book: dict[str, Any]) -> None:
    if shelf.books:
        key = shelf.books.pop(number % len(shelf.books))["id"]
        assert [ask(shelf.worker, "DELETE", f"/books/{key}")[0] for _ in range(2)] == [204, 404]
        assert ask(shelf.worker, "GET", f"/books/{key}")[0] == 404


books = st.fixed_dictionaries(
    {
        "title": st.sampled_from(["Gulls", "terns", "GULL", "Ü"]),
        "author": st.sampled_from(["Ann Lee", "Gullan", "Bo"]),
        "contact": st.just("ann@example.com"),
        "price": st.integers(0, 99),
        "language": st.sampled_from(["en", "fr", None]),
    },
)
steps = st.lists(
    st.tuples(st.sampled_from([_add, _replace, _change, _remove]), st.integers(0, 60), books),
    max_size=12,
)


@pytest.mark.parametrize("workers", [1, 4])
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps)
def test_any_sequence_of_writes_equals_a_list_in_memory(
    toy: Path,
    cache: Path,
    tmp_path_factory: pytest.TempPathFactory,
    workers: int,
    steps: list[tuple[Callable[[Shelf, int, dict[str, Any]], None], int, dict[str, Any]]],
) -> None:
    state = tmp_path_factory.mktemp("state")
    shelf = Shelf([open_shop(toy, cache, state) for _ in range(workers)])
    for step, number, book in steps:
        step(shelf, number, book)
        shelf.check()


def test_so_it_does_over_sockets_and_four_workers(toy: Path, start: Start) -> None:
    served = start("bookshop", "--schemas", str(toy), "--workers", "4")
    shelf, choose = Shelf([Socket(served.port)]), random.Random(4)
    for _ in range(30):
        book = {**BOOK, "title": choose.choice(["Gulls", "terns"]), "language": choose.choice(["en", "fr", None])}
        choose.choice([_add, _replace, _change, _remove])(shelf, choose.randrange(60), book)
        shelf.check()
