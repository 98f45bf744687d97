"""What a person gets wrong on the command line, and the sentence that says so."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.command_line import understudy
from tests.conftest import Start

WRONG = [
    (("serve", "fatroa"), "There is no provider 'fatroa'; did you mean fatora?"),
    (("env", "nix"), "known: fatora, sellercloud, sourcehub, yativo"),
    (("serve", "--reading", "fatora.notes-feld=note"), "did you mean fatora.notes-field?"),
    (("serve", "--reading", "nonsense"), "is not of the form PROVIDER.ID=ALTERNATIVE"),
    (("serve", "--reading", "fatora.notes-field=nope"), "has no alternative 'nope'; did you mean note?"),
    (("serve", "--port", "70000"), "'70000' is no whole number from 0 to 65,535."),
    (("serve", "--port", "abc"), "'abc' is no whole number from 0 to 65,535."),
    (("serve", "--port", "BUSY"), "in use. Choose another one, or --port 0 for a free one."),
    (("serve", "--records", "-1"), "'-1' is no whole number from 0 to 10,000,000."),
    (("serve", "--records", "10000001"), "'10000001' is no whole number from 0 to 10,000,000."),
    (("serve", "--records", "1_000"), "'1_000' is no whole number"),
    (("serve", "--records", "1.5"), "'1.5' is no whole number"),
    (("serve", "--workers", "0"), "'0' is no whole number from 1 to 64."),
    (("serve", "--recrods", "5"), "--records"),
    (("serve", "--limits", "sometimes"), "is not one of 'report', 'enforce', 'off'"),
    (("serve", "--seed", ""), "it is empty; leave the option out for its default."),
    (("serve", "--host", " "), "it is empty; leave the option out for its default."),
    (("serve", "--host", "a..b"), "Cannot listen on a..b"),
    (("serve", "--port", "0", "--scenario", "flakey"), "There is no scenario 'flakey'. Did you mean flaky?"),
    (("serve", "--scenarios", "FILE"), "is a file"),
    (("serve", "--cache", "FILE"), "is a file"),
    (("serve", "--readings", "BINARY"), "cannot be read"),
    (("serve", "--readings", "FILE"), "is no file of readings"),
    (("serve", "--readings", "nix.yaml"), "does not exist"),
    (("serve", "--schemas", "LONG"), "File name too long."),
    (("play",), "Missing argument 'NAME'"),
    (("play", "record-insertd", "--url", "RUNNING"), "Did you mean record-inserted-while-paging?"),
    (("play", "flaky", "--session", "a b&c=d", "--url", "RUNNING"), "A session's name is 1 to 64 letters"),
    (("play", "flaky", "--url", "http://127.0.0.1:9"), "(Connection refused); `understudy serve` starts one."),
    (("play", "flaky", "--url", "http://127.0.0.1:99999"), "is no URL of a server"),
    (("play", "flaky", "--url", "http://[::1"), "is no URL of a server"),
    (("play", "flaky", "--url", "nonsense"), "is no URL of a server"),
    (("play", "flaky", "--token", "ü€"), "A token holds letters"),
    (("replay", "FILE"), "is not JSON"),
    (("replay", "BINARY"), "is not JSON"),
    (("replay", "NUMBERS"), "is no excerpt of a journal"),
    (("replay", "NO-URL"), "is no excerpt of a journal"),
    (("replay", "docs"), "is a directory"),
    (("env", "--format", "xml"), "is not one of 'shell', 'dotenv', 'json'"),
    (("validate", "FILE"), "is no OpenAPI document"),
    (("check", "--base-url", "http://[x", "fatora"), "'http://[x' is no base URL"),
    (("check", "--base-url", "http://x:99999", "fatora"), "'http://x:99999' is no base URL"),
    (("check", "--target", "moon"), "is not one of 'mock', 'live'"),
    (("serve", "--host", "203.0.113.7"), "Cannot listen on 203.0.113.7"),
    (("nonsense",), "nonsense"),
    (
        ("serve", "--schemas", "docs"),
        "No contract was found in docs: neither docs/openapi.yaml nor docs/*/openapi.yaml exists.",
    ),
    (("serve", "--schemas", "nix"), "There is no folder nix."),
    (("env", "--schemas", "README.md"), "README.md is a file; expected the folder that it is in (.)."),
    (("validate", "docs"), "No contract and no OpenAPI document was found in docs."),
    (("validate", "nix"), "There is no file or folder nix."),
]


@pytest.fixture(scope="module")
def stand_ins(tmp_path_factory: pytest.TempPathFactory, start: Start) -> Iterator[Mapping[str, str]]:
    """What words in capitals stand for: files that are wrong in some way, a port in use, a server that runs."""
    folder = tmp_path_factory.mktemp("wrong")
    files = {
        "FILE": b"hello\n",
        "BINARY": b"\xff\xfe\x00",
        "NUMBERS": b'{"requests": [1, 2]}',
        "NO-URL": b'{"requests": [{"request": {"url": 5}}]}',
    }
    for name, content in files.items():
        (folder / name).write_bytes(content)
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        yield {
            **{name: str(folder / name) for name in files},
            "BUSY": str(busy.getsockname()[1]),
            "RUNNING": start("fatora").url,
            "LONG": "a" * 5000,
        }


@pytest.mark.parametrize(("arguments", "said"), WRONG, ids=[" ".join(a) for a, _ in WRONG])
def test_wrong_use_is_a_sentence_and_exit_code_2(
    arguments: tuple[str, ...],
    said: str,
    stand_ins: Mapping[str, str],
) -> None:
    done = understudy(*(stand_ins.get(word, word) for word in arguments))
    assert done.returncode == 2 and said in done.stderr and "Traceback" not in done.stderr, done.stderr


PROVIDERS = [
    ("my shop", "letters, digits, - and _, a letter first"),
    ("a<b>", "letters, digits, - and _, a letter first"),
    ("3scale", "letters, digits, - and _, a letter first"),
    ("__admin", "letters, digits, - and _, a letter first"),
    ("docs", "the server's own pages are there; rename its folder"),
    ("console", "the server's own pages are there; rename its folder"),
]


@pytest.mark.parametrize(("name", "said"), PROVIDERS, ids=[name for name, _ in PROVIDERS])
def test_a_provider_that_could_not_be_reached_is_refused(name: str, said: str, toy: Path) -> None:
    (toy / "bookshop").rename(toy / name)
    for arguments in (("serve", "--schemas", str(toy)), ("validate", str(toy / name))):
        done = understudy(*arguments)
        assert done.returncode == 2 and f"A provider cannot be called {name!r}" in done.stderr and said in done.stderr


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_named(toy: Path) -> None:
    (toy / "bookshop" / "openapi.yaml").chmod(0)
    done = understudy("validate", str(toy))
    assert done.returncode == 2 and "openapi.yaml" in done.stderr and "Traceback" not in done.stderr


def test_a_contract_of_another_name_is_pointed_at(toy: Path) -> None:
    (toy / "bookshop" / "openapi.yaml").rename(toy / "bookshop" / "openapi.yml")
    for place in (toy, toy / "bookshop"):
        done = understudy("validate", str(place))
        assert done.returncode == 2
        assert done.stderr.endswith(f" There is {toy}/bookshop/openapi.yml: is it to be called openapi.yaml?\n")
