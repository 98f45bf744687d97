"""What `validate` calls fine is played: every answer is valid JSON of the documented shape, or the contract is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from mock_server.contract.documents import resolve
from mock_server.errors import ContractError, ContractErrors
from mock_server.messages import Request, Response
from mock_server.sessions.dispatch import MockApis
from mock_server.sessions.factory import Settings, load_checked, load_contracts, load_vocabulary, make_apis

Play = Callable[..., Response]
Node = dict[str, Any]

BOOK = {"$ref": "book.schema.json"}
CREDENTIAL = {"authorization": "Bearer bookshop-test"}
REFUSALS = {
    "400": {"$ref": "#/components/responses/Invalid"},
    "401": {"$ref": "#/components/responses/Unauthenticated"},
    "404": {"$ref": "#/components/responses/NotFound"},
}


def answering(schema: Node, **more: Any) -> Node:
    """An operation whose success has that schema."""
    content = {"application/json": {"schema": schema}}
    return {"operationId": "more", "responses": {"200": {"description": "x", "content": content}, **REFUSALS}, **more}


def in_path(name: str, rule: Node | None, kind: str = "string") -> Node:
    """A path parameter, with a filter or without."""
    filtered = {"x-filter": rule} if rule else {}
    return {"name": name, "in": "path", "required": True, "schema": {"type": kind}, **filtered}


def add(toy: Path, path: str, operation: Node, method: str = "get") -> None:
    """Give the bookshop one more operation."""
    file = toy / "bookshop" / "openapi.yaml"
    document = yaml.safe_load(file.read_text())
    document["paths"].setdefault(path, {})[method] = operation
    file.write_text(yaml.safe_dump(document))


def open_bookshop(toy: Path, cache: Path) -> MockApis:
    settings = Settings(schemas=toy, cache=cache)
    return make_apis(load_contracts(settings), settings)


def ask(apis: MockApis, path: str, method: str = "GET") -> Response:
    target, _, query = path.partition("?")
    response = apis.answer(Request(method, f"/bookshop/v2{target}", query, CREDENTIAL, "http://mock.test"))
    assert response is not None
    return response


def object_of(**properties: Node) -> Node:
    return {"type": "object", "required": list(properties), "properties": properties}


def list_of(node: Node) -> Node:
    return {"type": "array", "x-page": "items", "items": node}


SINGLETONS = [
    pytest.param("/me", answering(BOOK), "/me", lambda body: body, id="the record itself"),
    pytest.param("/me", answering(object_of(book=BOOK)), "/me", lambda body: body["book"], id="in an envelope"),
    pytest.param(
        "/me",
        answering(object_of(ok={"const": True}, data=object_of(book=BOOK))),
        "/me",
        lambda body: body["data"]["book"],
        id="deep in an envelope, beside a constant",
    ),
]


@pytest.mark.parametrize(("path", "operation", "target", "look"), SINGLETONS)
def test_one_record_without_a_key_is_always_the_first(
    toy: Path,
    cache: Path,
    path: str,
    operation: Node,
    target: str,
    look: Callable[[Any], Any],
) -> None:
    first = json.loads(ask(open_bookshop(toy, cache), "/books").body)["books"][0]
    add(toy, path, operation)
    apis = open_bookshop(toy, cache)
    answers = [ask(apis, each) for each in (target, f"{target}?page=2", target)]
    assert [answer.status for answer in answers] == [200, 200, 200]
    assert [look(json.loads(answer.body)) for answer in answers] == [first, first, first]


def test_a_path_selects_the_one_record_by_any_field(toy: Path, cache: Path) -> None:
    books = json.loads(ask(open_bookshop(toy, cache), "/books?size=50").body)["books"]
    add(toy, "/by-mail/{contact}", answering(BOOK, parameters=[in_path("contact", {"equals": "contact"})]))
    apis = open_bookshop(toy, cache)
    assert json.loads(ask(apis, f"/by-mail/{books[7]['contact']}").body) == books[7]
    assert ask(apis, "/by-mail/nobody@example.com").status == 404


def test_a_key_below_another_condition_keeps_both(toy: Path, cache: Path) -> None:
    books = json.loads(ask(open_bookshop(toy, cache), "/books?size=50").body)["books"]
    mine, other = books[3], next(book for book in books if book["language"] != books[3]["language"])
    parameters = [in_path("language", {"equals": "language"}), in_path("id", {"equals": "id"}, "integer")]
    add(toy, "/{language}/books/{id}", answering(BOOK, parameters=parameters))
    apis = open_bookshop(toy, cache)
    assert json.loads(ask(apis, f"/{mine['language']}/books/{mine['id']}").body) == mine
    assert ask(apis, f"/{mine['language']}/books/{other['id']}").status == 404


def test_a_list_below_a_path_keeps_to_it(toy: Path, cache: Path) -> None:
    add(
        toy,
        "/shelves/{shelf}/books",
        answering(object_of(books=list_of(BOOK)), parameters=[in_path("shelf", {"equals": "shelf"})]),
    )
    apis = open_bookshop(toy, cache)
    whole = json.loads(ask(apis, "/books?size=50&shelf=A").body)["books"]
    assert json.loads(ask(apis, "/shelves/A/books").body)["books"] == whole[:20]
    assert json.loads(ask(apis, "/shelves/Z/books").body)["books"] == []


def test_parameters_of_a_path_are_those_of_its_operations(toy: Path, cache: Path) -> None:
    add(toy, "/shelves/{shelf}/books", answering(object_of(books=list_of(BOOK))))
    file = toy / "bookshop" / "openapi.yaml"
    document = yaml.safe_load(file.read_text())
    shared = document["paths"]["/shelves/{shelf}/books"]
    shared["parameters"] = [in_path("shelf", {"equals": "shelff"})]
    file.write_text(yaml.safe_dump(document))
    assert any("did you mean 'shelf'?" in found.hint for found in problems_of(toy))
    shared["parameters"] = [in_path("shelf", {"equals": "shelf"})]
    file.write_text(yaml.safe_dump(document))
    assert json.loads(ask(open_bookshop(toy, cache), "/shelves/Z/books").body)["books"] == []


def test_no_record_at_all_is_not_found(toy: Path, cache: Path) -> None:
    file = toy / "bookshop" / "book.schema.json"
    schema = json.loads(file.read_text())
    schema["x-collection"]["records"] = 0
    file.write_text(json.dumps(schema))
    add(toy, "/me", answering(BOOK))
    assert ask(open_bookshop(toy, cache), "/me").status == 404


BODY = "/responses/200/content/application~1json/schema"

REFUSED = [
    pytest.param(
        "/books",
        "post",
        answering(BOOK),
        "",
        "nothing says what it does",
        "x-effect: {create: books}",
        id="a create",
    ),
    pytest.param(
        "/me",
        "put",
        answering(object_of(book=BOOK)),
        "",
        "nothing says what it does",
        "const",
        id="a replace",
    ),
    pytest.param(
        "/books",
        "delete",
        answering(object_of(b=list_of(BOOK))),
        "",
        "nothing says what it does",
        "",
        id="a delete",
    ),
    pytest.param(
        "/books/{id}/cover",
        "get",
        answering(BOOK, parameters=[in_path("id", None, "integer")]),
        "",
        "which record 'id' selects",
        "x-filter: {equals: id}",
        id="a path that selects nothing",
    ),
    pytest.param(
        "/me",
        "get",
        answering(object_of(mine=BOOK, yours=BOOK)),
        f"{BODY}/properties/yours",
        "one record or one list",
        "",
        id="two records",
    ),
    pytest.param(
        "/me",
        "get",
        answering(object_of(best=BOOK, books=list_of(BOOK))),
        f"{BODY}/properties/books",
        "one record or one list",
        "",
        id="a record and a list",
    ),
    pytest.param(
        "/me",
        "get",
        answering(object_of(book=BOOK, total={"type": "integer", "x-page": "total"})),
        f"{BODY}/properties/total/x-page",
        "no page to take 'total' from",
        "x-page: items",
        id="a page without a list",
    ),
    pytest.param(
        "/me",
        "get",
        answering(object_of(book=BOOK, why={"type": "string", "x-error": "detail"})),
        f"{BODY}/properties/why/x-error",
        "x-error says nothing here",
        "const",
        id="an error's words in a success",
    ),
    pytest.param(
        "/me",
        "get",
        {
            **answering({}),
            "responses": {"200": {"content": {"text/plain": {"schema": {"x-page": "items"}}}}, **REFUSALS},
        },
        "/responses/200/content/text~1plain/schema/x-page",
        "says nothing here",
        "one of const",
        id="records in a body that is no JSON",
    ),
    pytest.param(
        "/me",
        "get",
        {
            **answering(BOOK),
            "responses": {
                "200": {"description": "x", "content": {"application/json": {"schema": BOOK}}},
                "404": {"x-error": "not_found", "content": {"application/json": {"schema": BOOK}}},
            },
        },
        "/responses/404/content/application~1json/schema/x-collection",
        "x-collection says nothing here",
        "x-error",
        id="a record in an error",
    ),
]


def problems_of(toy: Path) -> list[ContractError]:
    try:
        load_checked(toy / "bookshop", load_vocabulary(), {})
    except ContractErrors as error:
        return error.problems
    except ContractError as error:
        return [error]
    return []


@pytest.mark.parametrize(("path", "method", "operation", "pointer", "problem", "hint"), REFUSED)
def test_what_cannot_be_played_is_refused_with_its_place(
    toy: Path,
    path: str,
    method: str,
    operation: Node,
    pointer: str,
    problem: str,
    hint: str,
) -> None:
    add(toy, path, operation, method)
    found = problems_of(toy)
    # A reference has been followed: the place is that of the operation, or of the shared file that it names.
    assert any(
        each.file == "bookshop/openapi.yaml"
        and each.pointer.startswith("/paths/")
        and each.pointer.endswith(f"/{method}{pointer}")
        and problem in each.problem
        and hint in each.hint
        for each in found
    ), [str(each) for each in found]


def placed(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place of a document that holds a mapping."""
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    own = [path] if isinstance(node, dict) else []
    return [*own, *(each for key, child in children for each in placed(child, (*path, key)))]


STALLS = [
    pytest.param("^(a+)+$", "a" * 28 + "!", id="repeats of repeats"),
    pytest.param("^(a|a)*$", "a" * 40 + "!", id="the same twice"),
    pytest.param("^.*.*.*.*=$", "a" * 2_000, id="repeats beside repeats"),
    pytest.param("^[a-z]+$", "a" * 60_000, id="a text above the bound"),
]


@pytest.mark.parametrize(("pattern", "text"), STALLS)
def test_no_pattern_stalls_the_server(toy: Path, cache: Path, pattern: str, text: str) -> None:
    """Python's own search of the first takes ten seconds, and twice as long with each further letter."""
    file = toy / "bookshop" / "openapi.yaml"
    document = yaml.safe_load(file.read_text())
    document["paths"]["/books"]["get"]["parameters"][4]["schema"]["pattern"] = pattern
    file.write_text(json.dumps(document))
    apis = open_bookshop(toy, cache)
    assert ask(apis, f"/books?q={text}").status == 400
    assert ask(apis, "/books?q=" + ("a" if pattern != "^.*.*.*.*=$" else "b=")).status == 200


WITHIN = (
    ("paths", "/me", "get", "responses", "200"),
    ("paths", "/books", "get", "responses", "200"),
    ("components", "responses", "NotFound"),
)
"""The responses of the bookshop that are changed: a record, a list and an error."""

ADDED: list[tuple[str, Any]] = [
    ("x-page", "items"),
    ("x-page", "total"),
    ("x-page", "next_url"),
    ("x-error", "detail"),
    ("x-limit", "reset_time"),
    ("const", 7),
    ("$ref", "book.schema.json"),
]


def change(node: Any, path: tuple[Any, ...], key: str, value: Any) -> None:
    for step in path:
        node = node[step]
    if key == "$ref":
        node.clear()
    node[key] = value


@pytest.mark.parametrize(("key", "value"), ADDED)
def test_an_annotation_anywhere_is_refused_or_played_as_valid_json(
    toy: Path,
    cache: Path,
    key: str,
    value: Any,
) -> None:
    file = toy / "bookshop" / "openapi.yaml"
    add(toy, "/me", answering(object_of(ok={"const": True}, data=object_of(book=BOOK))))
    text = file.read_text()
    played = 0
    for place in placed(yaml.safe_load(text)):
        if not any(place[: len(within)] == within and "schema" in place for within in WITHIN):
            continue
        document = yaml.safe_load(text)
        change(document, place, key, value)
        file.write_text(json.dumps(document))
        if problems_of(toy):
            continue
        played += 1
        require_valid(open_bookshop(toy, cache), place)
    assert played or key in ("x-error", "x-page"), "every one was refused: the test has nothing to show"


def require_valid(apis: MockApis, place: tuple[Any, ...]) -> None:
    document = apis.apis["bookshop"].contract.document
    for path, named in (("/books", "/books"), ("/books/100", "/books/{id}"), ("/me", "/me"), ("/me/2", "")):
        response = ask(apis, path)
        media = next((v for n, v in response.headers if n == "content-type"), "")
        if not response.body or "json" not in media:
            continue
        body = json.loads(response.body)
        replies = document["paths"][named]["get"]["responses"] if named else {}
        content = resolve(dict(document), replies.get(str(response.status), {})).get("content", {})
        schema = content["application/json"]["schema"] if content else {}
        errors = [error.message for error in Draft202012Validator(schema).iter_errors(body)]
        assert not errors, (place, path, errors)
