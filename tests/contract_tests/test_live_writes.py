"""A live target is written to by what was named, on records that the run created, and none of them stays."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from contract_tests.transport import Ledger, Refused, Sender, Target, make_rules
from mock_server.messages import Request, Response
from mock_server.plain import make_checkable
from tests.conftest import ROOT
from tests.contract_tests.command import check as run_check
from tests.mutation.written_mock import WrittenMock, check, find_document, load, make_mock, serving

EVERY = frozenset({"createBook", "replaceBook", "changeBook", "deleteBook"})
WRITES = frozenset({"create", "replace", "patch", "repeats", "delete"})


class Watched:
    """A mock that takes down which records were there before, and every write that came."""

    def __init__(self, folder: Path) -> None:
        self.mock = make_mock(folder, "understudy")
        self.before = self.list_books()
        self.writes: list[tuple[str, str]] = []
        self.fails: dict[str, int] = {}

    def list_books(self) -> Any:
        """Every record as the list has it."""
        return json.loads(self.mock.ask("GET", "/v1/books", query="per_page=50").body)

    def spoil(self, mock: WrittenMock, request: Request) -> Response:
        """The clean answer, but for methods that fail."""
        if request.method not in ("GET", "HEAD"):
            self.writes.append((request.method, request.path))
        if request.method in self.fails:
            return Response(self.fails[request.method], (), b"")
        return mock.answer(request)


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    return Watched(tmp_path)


@pytest.fixture
def base(watched: Watched) -> Iterator[str]:
    with serving(watched.mock, watched.spoil) as url:
        yield url


def test_nothing_is_written_where_nothing_is_named(watched: Watched, base: str) -> None:
    outcome = check(base, WRITES, kind="live", budget=60)
    assert watched.writes == [] and outcome.findings == []
    assert "--writes names" in outcome.matrix["createBook"]["create"]["why"]


def test_below_other_records_only_the_runs_own_are_written_to(tmp_path: Path) -> None:
    named, writes = frozenset({"createStore", "deleteStore", "createOrder", "deleteOrder"}), list[tuple[str, str]]()

    def note(mock: WrittenMock, request: Request) -> Response:
        if request.method not in ("GET", "HEAD"):
            writes.append((request.method, request.path))
        return mock.answer(request)

    mock = make_mock(tmp_path, "understudy", "stores")
    with serving(mock, note) as base:
        before = mock.ask("GET", "/v1/stores").body
        outcome = check(base, WRITES, "stores", kind="live", budget=80, writes=named)
    assert outcome.findings == [] and outcome.context.left_behind == []
    assert outcome.matrix["createOrder"]["create"]["outcome"] == "passed"
    assert mock.ask("GET", "/v1/stores").body == before
    stores = {path.split("/")[3] for _, path in writes if path != "/v1/stores"}
    assert stores and all(int(store) > 50 for store in stores)
    assert writes[-1] == ("DELETE", f"/v1/stores/{max(stores)}")


def test_what_is_named_is_written_and_taken_back(watched: Watched, base: str) -> None:
    outcome = check(base, WRITES, kind="live", budget=60, writes=EVERY)
    assert outcome.findings == [] and outcome.context.left_behind == []
    assert outcome.matrix["createBook"]["create"]["outcome"] == "passed"
    assert watched.list_books() == watched.before
    own = {path.rpartition("/")[2] for method, path in watched.writes if method != "POST"}
    assert own and all(int(key) > 50 for key in own)


def test_what_a_spent_budget_left_is_deleted_all_the_same(watched: Watched, base: str) -> None:
    for budget in range(6, 14):
        outcome = check(base, WRITES, kind="live", budget=budget, writes=EVERY)
        assert watched.list_books() == watched.before and outcome.context.left_behind == []
        assert outcome.context.sender.calls <= budget


def test_what_cannot_be_deleted_is_named_by_its_url(watched: Watched, base: str) -> None:
    watched.fails = {"DELETE": 403}
    outcome = check(base, frozenset({"create"}), kind="live", budget=60, writes=EVERY)
    assert outcome.context.left_behind == [f"{base}/books/51 was created and is still there"]


def test_a_create_without_an_answer_may_have_made_something(watched: Watched, base: str) -> None:
    watched.fails = {"POST": 500}
    outcome = check(base, frozenset({"create"}), kind="live", budget=60, writes=EVERY)
    (sentence,) = outcome.context.left_behind
    assert sentence.startswith("createBook may have made a record that is not known")
    assert [method for method, _ in watched.writes] == ["POST"]


def test_a_run_that_is_interrupted_deletes_first(
    watched: Watched,
    base: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupt(*arguments: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("contract_tests.writes.creates.judge_record", interrupt)
    with pytest.raises(KeyboardInterrupt):
        check(base, frozenset({"create"}), kind="live", budget=60, writes=EVERY)
    assert [method for method, _ in watched.writes] == ["POST", "DELETE"]
    assert watched.list_books() == watched.before


def make_sender(base: str, named: frozenset[str], keeps_created: bool = False) -> Sender:
    contract, target = make_checkable(load("books")), Target("books", "live", base, {}, writes=named)
    return Sender(target, "/v1", {}, ledger=Ledger(make_rules(contract, target), named, keeps_created))


OPERATIONS = {operation.id: operation for operation in make_checkable(load("books")).operations}
BOOK = b'{"title": "x", "isbn": "9781234567897"}'
REFUSED: dict[str, tuple[frozenset[str], str, dict[str, Any], str]] = {
    "a write that nobody named": (frozenset(), "createBook", {"body": BOOK}, "is only read"),
    "a create that nothing named deletes": (frozenset({"createBook"}), "createBook", {"body": BOOK}, "deletes what"),
    "a change of a record that was there": (EVERY, "changeBook", {"path_values": {"bookId": 7}}, "did not create"),
    "a delete of a record that was there": (EVERY, "deleteBook", {"path_values": {"bookId": 7}}, "did not create"),
    "a path of another operation": (EVERY, "createBook", {"url": "http://{}/v1/authors"}, "is not a path of"),
    "another method than the operation's": (EVERY, "createBook", {"method": "PUT"}, "is only read"),
    "a write in the name of a read": (EVERY, "listBooks", {"method": "POST"}, "is only read"),
    "a key of which nobody knows that it is free": (EVERY, "createBook", {"body": b'{"id": 7}'}, "nobody knows"),
}


@pytest.mark.parametrize("row", REFUSED)
def test_the_guard_refuses(row: str, watched: Watched, base: str) -> None:
    named, operation, sent, sentence = REFUSED[row]
    sent = {name: value.format(base[7:-3]) if name == "url" else value for name, value in sent.items()}
    with pytest.raises(Refused, match=sentence):
        make_sender(base, named).send(OPERATIONS[operation], "create", **sent)
    assert watched.writes == []


def test_what_somebody_else_made_up_is_refused_though_it_is_named(watched: Watched, base: str) -> None:
    with pytest.raises(Refused):
        make_sender(base, EVERY).forward("POST", f"{base}/books", {}, BOOK, "schemathesis")
    assert watched.writes == []


def test_a_record_that_was_there_is_not_the_runs_own_whatever_a_create_answers(watched: Watched, base: str) -> None:
    sender = make_sender(base, EVERY)
    sender.send(OPERATIONS["listBooks"], "create")
    watched.mock.kept["first"] = watched.mock.ask("GET", "/v1/books/3")
    known = watched.mock.kept["first"]
    watched.spoil = lambda mock, request: known._replace(status=201)  # type: ignore[method-assign]
    with serving(watched.mock, watched.spoil) as other:
        sender = make_sender(other, EVERY)
        sender.ledger.note(sender.send(OPERATIONS["getBook"], "create", path_values={"bookId": 3}))
        sender.send(OPERATIONS["createBook"], "create", body=BOOK, headers={"content-type": "application/json"})
        assert sender.ledger.made == {} and sender.ledger.taken == {("books", "3")}


USAGE: dict[str, tuple[tuple[str, ...], str]] = {
    "an operation that there is not": (("--writes", "createBok"), "createBook"),
    "an operation that reads": (("--writes", "listBooks"), "no operation of that name changes records"),
    "a change without a create": (("--writes", "changeBook,deleteBook"), "that creates books"),
    "a create without a delete": (("--writes", "createBook"), "--keep-created"),
}


@pytest.mark.parametrize("row", USAGE)
def test_what_makes_no_sense_is_refused_in_a_sentence(row: str) -> None:
    arguments, sentence = USAGE[row]
    done = run_check(str(find_document("books")), "--target", "live", "--base-url", "http://127.0.0.1:9/v1", *arguments)
    assert done.returncode == 2 and sentence in done.stderr + done.stdout


def test_a_plan_shows_each_write(tmp_path: Path) -> None:
    named = ("--writes", "createBook,deleteBook", "--check", "create", "--check", "delete")
    done = run_check(str(find_document("books")), "--plan", "--base-url", "https://api.example.com/v1", *named)
    assert done.returncode == 0 and "POST /books" in done.stdout and "DELETE /books/51" in done.stdout
    dry = run_check(str(find_document("books")), "--dry-run", "--base-url", "https://api.example.com/v1", *named)
    assert "-X POST" in dry.stdout and '--data-raw \'{"title"' in dry.stdout


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_stopped_from_outside_deletes_first(watched: Watched, base: str, number: signal.Signals) -> None:
    command = [
        sys.executable,
        "-m",
        "mock_server",
        "check",
        str(find_document("books")),
        "--target",
        "live",
        "--base-url",
        base,
    ]
    named = ["--writes", ",".join(EVERY), "--check", "create", "--check", "patch", "--rate", "5"]
    with subprocess.Popen([*command, *named], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT) as process:
        until = time.monotonic() + 60
        while not watched.writes and time.monotonic() < until:
            time.sleep(0.02)
        process.send_signal(number)
        process.communicate(timeout=60)
    assert process.returncode not in (0, 2) and watched.writes[0][0] == "POST"
    assert watched.list_books() == watched.before
