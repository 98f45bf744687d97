"""Where documents answer beside their names, and what the server keeps for itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mock_server.errors import UsageError
from mock_server.messages import Request
from mock_server.sessions import Settings, find_shadowed, load_contracts, make_apis
from mock_server.sessions.dispatch import MockApis
from mock_server.sessions.mounts import read_mounts
from tests.openapi.test_reader import MINIMAL, write


def make(
    folder: Path,
    *paths: str,
    words: tuple[str, ...] = (),
    mounts: tuple[str, ...] = (),
    base: str = "/v1",
) -> MockApis:
    operation = {"get": {"responses": {"204": {"description": ""}}}}
    document: dict[str, Any] = {**MINIMAL, "servers": [{"url": base}], "paths": dict.fromkeys(paths, operation)}
    settings = Settings(providers=(str(write(folder, pets_json=document)), *words), mounts=mounts)
    return make_apis(load_contracts(settings), settings)


def ask(apis: MockApis, path: str, method: str = "GET", base: str = "http://localhost:80") -> int:
    """The status, 0 where no provider is meant."""
    answer = apis.answer(Request(method, path, "", {}, base=base))
    return answer.status if answer else 0


PLACES = [
    ("/v1/pets", 204, "at the root below the base path"),
    ("/pets", 204, "and without it"),
    ("/pets/v1/pets", 204, "at its name"),
    ("/pets/pets", 204, "without the base path, too"),
    ("/pets/7", 204, "its own path comes before its name"),
    ("/nothing", 404, "what is not documented is refused in its own form"),
    ("/v1", 404, "so is its base path"),
    ("/", 0, "the console"),
    ("/console/requests", 0, "the server's own pages"),
    ("/docs/pets", 0, "documentation"),
    ("/favicon.ico", 0, "what browsers ask for"),
    ("/__admin/settings", 0, "the admin API"),
    ("/~mine/pets", 0, "a session, which only a server with sessions knows"),
]


@pytest.mark.parametrize(("path", "status", "why"), PLACES, ids=[why for _, _, why in PLACES])
def test_a_single_document_answers_at_the_root(path: str, status: int, why: str, tmp_path: Path) -> None:
    assert ask(make(tmp_path, "/pets", "/pets/{id}"), path) == status


OWN = [
    (("/",), "/", 204),
    (("/docs/{id}",), "/docs/pets", 204),
    (("/console/requests",), "/console/requests", 204),
    (("/{a}/{b}",), "/docs/pets", 0),
    (("/{a}",), "/favicon.ico", 0),
    (("/{a}/{b}",), "/x/y", 204),
    (("/__admin/settings",), "/__admin/settings", 0),
]


@pytest.mark.parametrize(("paths", "path", "status"), OWN)
def test_a_page_of_our_own_gives_way_to_an_operation_of_that_very_path(
    paths: tuple[str, ...],
    path: str,
    status: int,
    tmp_path: Path,
) -> None:
    assert ask(make(tmp_path, *paths), path) == status


def test_the_names_of_other_providers_come_before_templates(tmp_path: Path) -> None:
    apis = make(tmp_path, "/{a}/{b}/{c}", words=("fatora",))
    assert ask(apis, "/fatora/v1/clients") == 401 and ask(apis, "/a/b/c") == 204


def test_what_is_asked_of_the_documented_host_is_no_page_of_ours(tmp_path: Path) -> None:
    apis = make(tmp_path, "/docs/{id}", "/a", base="https://api.pets.example/v1")
    assert ask(apis, "/v1/a", base="https://api.pets.example") == 204


MOUNTS = [
    ((), ["a"], {"/": "a"}),
    ((), ["a", "b"], {}),
    ((), [], {}),
    (("/x",), ["a"], {"/x": "a"}),
    (("/",), ["a"], {"/": "a"}),
    (("b=/x/y/", "a=/"), ["a", "b"], {"/x/y": "b", "/": "a"}),
    (("fatora=/f",), ["a"], {"/f": "fatora"}),
]


@pytest.mark.parametrize(("words", "plain", "mounts"), MOUNTS)
def test_words_say_where(words: tuple[str, ...], plain: list[str], mounts: dict[str, str]) -> None:
    assert read_mounts(words, plain, [*plain, "fatora"]) == mounts


WRONG = [
    (("/x",), ["a", "b"], "say which provider"),
    (("c=/x",), ["a"], "no provider 'c'"),
    (("a=x",), ["a"], "begins with a slash"),
    (("/x?y",), ["a"], "begins with a slash"),
]


@pytest.mark.parametrize(("words", "plain", "said"), WRONG)
def test_words_that_say_nothing_are_refused(words: tuple[str, ...], plain: list[str], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        read_mounts(words, plain, plain)


def test_a_mount_elsewhere_leaves_the_root_alone(tmp_path: Path) -> None:
    apis = make(tmp_path, "/pets", mounts=("/x/y",))
    assert [ask(apis, path) for path in ("/x/y/pets", "/x/y/v1/pets", "/pets/pets", "/v1/pets")] == [204, 204, 204, 0]


def test_links_lead_back_to_where_was_asked(tmp_path: Path) -> None:
    apis = make(tmp_path, "/pets", mounts=("/x",))
    assert [apis.locate(Request("GET", path, "", {}))[2].mount for path in ("/x/pets", "/pets/pets")] == ["/x", "/pets"]


@pytest.mark.parametrize(
    ("path", "is_shadowed"),
    [("/pets", False), ("/assets/{id}", True), ("/docs", True), ("/", True)],
)
def test_a_document_with_paths_of_ours_is_known(path: str, is_shadowed: bool, tmp_path: Path) -> None:
    assert find_shadowed(make(tmp_path, path).apis["pets"]) == is_shadowed
