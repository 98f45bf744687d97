"""What a person types, and which documents and contracts are meant by it."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from mock_server.errors import UsageError
from mock_server.sessions import Settings, find_home, find_own_folder, find_sources, load_providers
from mock_server.sessions.download import download

PLAIN = "openapi: 3.1.0\npaths: {/a: {get: {responses: {204: {}}}}}\n"
ANNOTATED = "openapi: 3.1.0\npaths:\n  /a: {get: {responses: {404: {x-error: not_found}}}}\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with documents, contracts and what is neither."""
    files = {
        "pets.yaml": PLAIN,
        "shop/openapi.yaml": PLAIN,
        "shop/part.yaml": "type: object",
        "acme/openapi.yaml": ANNOTATED,
        "both/one.json": '{"swagger": "2.0", "paths": {}}',
        "both/two.yml": PLAIN,
        "both/two.overlay.yaml": "overlay: 1.0.0\nactions: [{target: $, update: {openapi: 3.1.0}}]",
        "below/x/openapi.json": '{"openapi": "3.0.0"}',
        "below/y/swagger.yaml": "swagger: '2.0'",
        "empty/notes.txt": "",
        "a=b.yaml": PLAIN,
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


MEANT = [
    ("pets.yaml", [("", "pets.yaml")]),
    ("zoo=pets.yaml", [("zoo", "pets.yaml")]),
    ("a=b.yaml", [("", "a=b.yaml")]),
    ("shop", [("", "shop/openapi.yaml")]),
    ("mine=shop", [("mine", "shop/openapi.yaml")]),
    ("acme", [("acme", "")]),
    ("mine=acme", [("mine", "")]),
    ("both", [("", "both/one.json"), ("", "both/two.yml")]),
    ("below", [("", "below/x/openapi.json"), ("", "below/y/swagger.yaml")]),
    (".", [("acme", ""), ("", "a=b.yaml"), ("", "pets.yaml")]),
    ("-", [("", "-")]),
    ("zoo=-", [("zoo", "-")]),
    ("https://example.com/a?b=c", [("", "https://example.com/a?b=c")]),
    ("known", [("known", "")]),
]


@pytest.mark.parametrize(("word", "meant"), MEANT, ids=[word for word, _ in MEANT])
def test_a_word_means(word: str, meant: list[tuple[str, str]], folder: Path) -> None:
    sources = find_sources([word], {"known": folder / "somewhere"})
    assert [(each.name, each.place) for each in sources] == meant
    assert all(each.is_plain == bool(each.place) for each in sources)


ERRORS = [
    ("{x-error: {kind: not_found}}", True),
    ("{x-error: not_found}", True),
    ('{"x-error": {"detail": "Nothing.", "kind": "not_found"}}', True),
    ("\n          x-error:\n            kind: not_found", True),
    ("\n          x-collection: {name: a}", True),
    ("{schema: {properties: {a: {x-error: detail}}}}", False),
    ("{x-error-shape: {schema: {}}}", False),
    ("\n          x-collections: {a: {key: id}}", False),
    ("{description: '404'}", False),
]


@pytest.mark.parametrize(("response", "is_annotated"), ERRORS, ids=[response for response, _ in ERRORS])
def test_a_contract_is_known_by_its_annotations(response: str, is_annotated: bool, tmp_path: Path) -> None:
    text = f"openapi: 3.1.0\npaths:\n  /a:\n    get:\n      responses:\n        404: {response}\n"
    (tmp_path / "openapi.yaml").write_text(text, encoding="utf-8")
    assert find_sources([f"a={tmp_path}"], {})[0].is_plain != is_annotated


def test_the_shipped_contracts_are_contracts_wherever_they_are_named() -> None:
    assert [(each.name, each.is_plain) for each in find_sources([str(find_home())], {})] == [
        ("fatora", False),
        ("sellercloud", False),
        ("sourcehub", False),
        ("yativo", False),
    ]


REFUSED = [
    ("empty", "No contract and no OpenAPI document was found in empty."),
    ("nothing.yaml", "There is no file or folder nothing.yaml."),
    ("knwn", "There is no provider 'knwn'; did you mean known?"),
    ("assets=pets.yaml", "A provider cannot be called 'assets'"),
    ("a b=pets.yaml", "A provider cannot be called 'a b'"),
    ("one=both", "one=both: one name for 2 documents; name a file."),
]


@pytest.mark.parametrize(("word", "said"), REFUSED)
def test_a_word_that_means_nothing_is_refused(word: str, said: str, folder: Path) -> None:
    with pytest.raises(UsageError) as caught:
        find_sources([word], {"known": folder})
    assert said in str(caught.value)


def test_documents_get_names_of_their_own(folder: Path) -> None:
    (folder / "docs.yaml").write_text(PLAIN, encoding="utf-8")
    words = ("pets.yaml", "./pets.yaml", "pets=shop", "docs.yaml")
    assert list(load_providers(Settings(providers=words[:2]))) == ["pets", "pets-2"]
    assert list(load_providers(Settings(providers=(words[2], words[3])))) == ["pets", "docs-2"]
    with pytest.raises(UsageError, match="Two documents are called 'pets'"):
        load_providers(Settings(providers=("pets=shop", "pets=pets.yaml")))


def test_the_folder_of_a_contract_is_known_wherever_it_lies(folder: Path, toy: Path) -> None:
    settings = Settings(providers=("pets.yaml", str(toy / "bookshop"), "fatora"))
    assert find_own_folder(settings, "bookshop") == (toy / "bookshop").resolve()
    fatora = find_own_folder(settings, "fatora")
    assert fatora and fatora.name == "fatora"
    assert find_own_folder(settings, "pets") is None
    assert list(load_providers(settings)) == ["pets", "bookshop", "fatora"]


OVERLAYS = [
    (("pets.yaml", "shop"), "corrections.yaml", "say which document it is for"),
    (("pets.yaml",), "zoo=corrections.yaml", "say which document it is for"),
    (("fatora",), "corrections.yaml", "say which document it is for"),
]


@pytest.mark.parametrize(("words", "overlay", "said"), OVERLAYS)
def test_an_overlay_is_for_one_document(words: tuple[str, ...], overlay: str, said: str, folder: Path) -> None:
    with pytest.raises(UsageError, match=said):
        load_providers(Settings(providers=words, overlays=(overlay,)))


@pytest.fixture
def site() -> Iterator[str]:
    """A web site with a document, one that is too large, one elsewhere, and one that has moved."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            moved = {"/moved": "/api.yaml", "/away": "http://localhost:1/api.yaml", "/file": "file:///etc/passwd"}
            self.send_response(302 if self.path in moved else 404 if self.path == "/none" else 200)
            if self.path in moved:
                self.send_header("Location", moved[self.path])
            body = b"x" * 5000 if self.path == "/large" else PLAIN.encode()
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_document_comes_from_a_url(site: str) -> None:
    for path in ("/api.yaml", "/moved"):
        assert download(site + path, 1000) == PLAIN.encode()
    assert len(download(f"{site}/large", 1000)) > 1000, "one byte too many says that it is too large"
    assert list(load_providers(Settings(providers=(f"zoo={site}/api.yaml",)))) == ["zoo"]


AWAY = [
    ("/away", "leads to another host"),
    ("/file", "answered 302"),
    ("/none", "answered 404"),
]


@pytest.mark.parametrize(("path", "said"), AWAY)
def test_a_url_leads_no_further(path: str, said: str, site: str) -> None:
    with pytest.raises(UsageError, match=said):
        download(site + path, 1000)
