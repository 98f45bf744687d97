"""The annotated contract: what is refused, with file, place, problem and the nearest valid name."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from mock_server.contract.annotations import find_places
from mock_server.contract.documents import load_bundle
from mock_server.contract.loader import load_contract
from mock_server.contract.readings import load_readings
from mock_server.contract.specification import find_specification_check
from mock_server.errors import ContractError, ContractErrors, UsageError
from mock_server.sessions.factory import find_folders, find_home, load_checked, load_vocabulary

PROVIDERS = list(find_folders())
Change = Callable[[dict[str, Any]], Any]


def listing(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["paths"]["/books"]["get"]
    return found


def set_in(*path: Any, to: Any) -> Change:
    """A change that puts a value at a path of the document."""

    def change(document: dict[str, Any]) -> None:
        for step in path[:-1]:
            document = document[step]
        document[path[-1]] = to

    return change


def drop(*path: Any) -> Change:
    def change(document: dict[str, Any]) -> None:
        for step in path[:-1]:
            document = document[step]
        del document[path[-1]]

    return change


LIST = ("paths", "/books", "get")
OK_SCHEMA = (*LIST, "responses", "200", "content", "application/json", "schema")

BAD_DOCUMENTS = [
    pytest.param(
        set_in(*LIST, "parameters", 0, "x-pgae", to="number"),
        "/paths/~1books/get/parameters/0/x-pgae",
        "unknown annotation",
        "x-page",
        id="an unknown annotation",
    ),
    pytest.param(
        set_in(*LIST, "parameters", 0, "x-page", to="numbr"),
        "/paths/~1books/get/parameters/0/x-page",
        "not known",
        "number",
        id="an unknown page role",
    ),
    pytest.param(
        set_in(*LIST, "parameters", 0, "x-page", to={"role": "size", "maximun": 3}),
        "/paths/~1books/get/parameters/0/x-page",
        "",
        "maximum",
        id="an unknown key of a page rule",
    ),
    pytest.param(
        set_in(*OK_SCHEMA, "properties", "books", "items", "$ref", to="bok.schema.json"),
        "/items/$ref",
        "does not exist",
        "book.schema.json",
        id="a reference to a file that is not there",
    ),
    pytest.param(
        set_in(*OK_SCHEMA, "properties", "books", "items", "$ref", to="../../secret.json"),
        "/items/$ref",
        "not a file of this folder",
        "",
        id="a reference out of the folder",
    ),
    pytest.param(
        set_in(*OK_SCHEMA, "properties", "books", "items", "$ref", to="https://example.com/x.json"),
        "/items/$ref",
        "not a file of this folder",
        "",
        id="a reference to an address",
    ),
    pytest.param(
        set_in(*LIST, "responses", "400", "$ref", to="#/components/responses/Nope"),
        "/responses/400/$ref",
        "does not exist",
        "",
        id="a reference inside that leads nowhere",
    ),
    pytest.param(
        set_in(*LIST, "parameters", 2, "x-filter", to={"equals": "langage"}),
        "/parameters/2/x-filter/equals",
        "no field 'langage'",
        "language",
        id="a filter on a field that is not there",
    ),
    pytest.param(
        set_in(*LIST, "parameters", 2, "x-filter", to={"equals": "id", "contains": "id"}),
        "/parameters/2/x-filter",
        "exactly one test",
        "",
        id="a filter with two tests",
    ),
    pytest.param(
        set_in(*LIST, "parameters", 1, "x-page", to="number"),
        "/parameters/1/x-page",
        "stands twice",
        "x-alias",
        id="a page role twice",
    ),
    pytest.param(
        set_in(*OK_SCHEMA, "properties", "page", "x-page", to="total"),
        "/properties/total/x-page",
        "stands twice",
        "",
        id="a page role twice in a response",
    ),
    pytest.param(
        drop("components", "responses", "Invalid", "x-error"),
        "/responses/400",
        "no error kind",
        "invalid",
        id="a shared response without error kind",
    ),
    pytest.param(
        set_in(*LIST, "responses", "429", to={"description": "x"}),
        "/responses/429",
        "no error kind",
        "throttled",
        id="a response without error kind",
    ),
    pytest.param(drop("components", "responses", "NotFound"), "", "", "", id="no answer to unknown paths"),
    pytest.param(
        drop(*OK_SCHEMA, "properties", "total", "x-page"),
        "/properties/total",
        "how to render",
        "x-page",
        id="a property that nothing tells",
    ),
    pytest.param(
        set_in(*LIST, "security", to=[{"kee": []}]),
        "/security/0/kee",
        "no security scheme",
        "key",
        id="an unknown security scheme",
    ),
    pytest.param(
        set_in("components", "securitySchemes", "key", "x-credentials", to={"invalid": ["x"]}),
        "/x-credentials",
        "",
        "",
        id="credentials without a valid one",
    ),
    pytest.param(set_in("openapi", to="2.0"), "/openapi", "3.1", "", id="another version of OpenAPI"),
    pytest.param(drop(*LIST, "operationId"), "/paths/~1books/get", "operationId", "", id="an operation without a name"),
]


def problems_of(folder: Path) -> list[ContractError]:
    try:
        load_checked(folder, load_vocabulary(), {})
    except ContractError as error:
        return [error]
    except ContractErrors as error:
        return error.problems
    return []


@pytest.mark.parametrize(("change", "pointer", "problem", "hint"), BAD_DOCUMENTS)
def test_a_bad_contract_is_refused_with_its_place(
    toy: Path,
    change: Change,
    pointer: str,
    problem: str,
    hint: str,
) -> None:
    path = toy / "bookshop" / "openapi.yaml"
    document = yaml.safe_load(path.read_text())
    change(document)
    path.write_text(yaml.safe_dump(document))
    problems = problems_of(toy / "bookshop")
    assert any(
        found.file == "bookshop/openapi.yaml"
        and pointer in found.pointer
        and problem in found.problem
        and hint in found.hint
        for found in problems
    ), [str(found) for found in problems]


BAD_FIELDS = [
    pytest.param("title", {"x-faker": "catch_phrse"}, "catch_phrse", "catch_phrase", id="an unknown Faker method"),
    pytest.param("title", {"x-faker": "$autor"}, "autor", "$author", id="an unknown sibling field"),
    pytest.param("contact", {"x-faker": {"email_of": {"nme": "$author"}}}, "email_of", "", id="an unknown argument"),
    pytest.param("title", {"x-faker": {"place": {"country": "XX"}}}, "'XX'", "", id="a country without places"),
    pytest.param("author", {"x-faker": "$title2"}, "title2", "", id="a reference that leads nowhere"),
    pytest.param("title", {"type": "string"}, "how this field is made", "x-faker", id="a field that nothing makes"),
    pytest.param("title", {"x-faker": {"random_int": {"mini": 3}}}, "", "", id="a wrong argument of a Faker method"),
]


@pytest.mark.parametrize(("field", "node", "problem", "hint"), BAD_FIELDS[:-1])
def test_a_bad_field_is_refused_with_its_file(
    toy: Path,
    field: str,
    node: dict[str, Any],
    problem: str,
    hint: str,
) -> None:
    path = toy / "bookshop" / "book.schema.json"
    schema = json.loads(path.read_text())
    schema["properties"][field] = node
    path.write_text(json.dumps(schema))
    (found,) = problems_of(toy / "bookshop")
    assert found.file == "bookshop/book.schema.json" and f"/properties/{field}" in found.pointer
    assert problem in found.problem and hint in found.hint


def test_fields_made_of_each_other_are_refused(toy: Path) -> None:
    path = toy / "bookshop" / "book.schema.json"
    schema = json.loads(path.read_text())
    schema["properties"]["title"]["x-faker"] = "$author"
    schema["properties"]["author"]["x-faker"] = "$title"
    path.write_text(json.dumps(schema))
    (found,) = problems_of(toy / "bookshop")
    assert "author and title are made of each other" in found.problem


BAD_FILES = [
    pytest.param("openapi.yaml", "openapi: 3.1.0\n  info: x", "is not YAML", id="YAML that is none"),
    pytest.param("openapi.yaml", "openapi: 3.1.0\nopenapi: 3.1.0\n", "stands twice", id="a key that stands twice"),
    pytest.param("openapi.yaml", "- a\n", "not an OpenAPI document", id="a list instead of a document"),
    pytest.param("openapi.yaml", "!!python/object/apply:os.system ['true']\n", "is not YAML", id="YAML with code"),
    pytest.param("book.schema.json", "{", "is not JSON", id="JSON that is none"),
    pytest.param("openapi.yaml", "x: " + "[" * 900 + "]" * 900, "nested", id="endless nesting"),
]


@pytest.mark.parametrize(("name", "text", "problem"), BAD_FILES)
def test_a_file_that_cannot_be_read_is_a_sentence(toy: Path, name: str, text: str, problem: str) -> None:
    (toy / "bookshop" / name).write_text(text)
    (found,) = problems_of(toy / "bookshop")
    assert found.file == f"bookshop/{name}" and problem in found.problem


def test_a_circle_of_references_is_refused(toy: Path) -> None:
    path = toy / "bookshop" / "error.schema.json"
    schema = json.loads(path.read_text())
    schema["properties"]["inner"] = {"$ref": "error.schema.json"}
    path.write_text(json.dumps(schema))
    assert any("circle" in found.problem for found in problems_of(toy / "bookshop"))


def test_a_missing_folder_is_a_sentence(tmp_path: Path) -> None:
    (found,) = problems_of(tmp_path / "nothing")
    assert "no such file" in found.problem


@pytest.mark.parametrize("name", PROVIDERS)
def test_shipped_contracts_are_good(name: str) -> None:
    contract = load_checked(find_home() / name, load_vocabulary(), {})
    check = find_specification_check()
    assert check
    check(find_home() / name, contract)


def alternatives() -> Iterator[Any]:
    for name in PROVIDERS:
        for reading in load_readings(find_home() / name):
            for alternative in reading["alternatives"]:
                yield pytest.param(name, reading["id"], alternative, id=f"{name}.{reading['id']}={alternative}")


@pytest.mark.parametrize(("name", "reading", "alternative"), list(alternatives()))
def test_every_alternative_of_every_reading_can_be_served(name: str, reading: str, alternative: str) -> None:
    load_checked(find_home() / name, load_vocabulary(), {reading: alternative})


def test_an_unknown_reading_names_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"did you mean fatora\.notes-field"):
        load_contract(find_home() / "fatora", load_vocabulary(), {"note-field": "note"})
    with pytest.raises(UsageError, match="known: note"):
        load_contract(find_home() / "fatora", load_vocabulary(), {"notes-field": "x"})


@pytest.mark.parametrize("name", PROVIDERS)
def test_what_is_not_documented_is_marked_as_assumed(name: str) -> None:
    """Each parameter, response, header, scheme and property quotes its sentence or says why it is assumed."""
    document = load_bundle(find_home() / name).document
    for place, pointer, node in find_places(document):
        if place in ("document", "any") or "$ref" in node or "/x-collection/" in pointer.rpartition("/hidden/")[0]:
            continue
        if place == "schema" and not _stands_in_an_answer(pointer):
            continue
        quoted = str(node.get("description", "")).startswith('"') and "line" in node["description"]
        assert quoted or "x-assumed" in node or pointer.count("/") <= 3, f"{name}{pointer}: no quote, no x-assumed"


def _stands_in_an_answer(pointer: str) -> bool:
    return "/properties/" in pointer and "/hidden/" not in pointer and "/parameters/" not in pointer


def test_an_unknown_part_of_a_place_is_refused(toy: Path) -> None:
    path = toy / "bookshop" / "book.schema.json"
    schema = json.loads(path.read_text())
    schema["x-collection"]["hidden"]["place"] = {"x-faker": {"place": {"country": "US"}}}
    schema["properties"]["title"]["x-faker"] = "$place.sate"
    path.write_text(json.dumps(schema))
    (found,) = problems_of(toy / "bookshop")
    assert "place has no part 'sate'; did you mean $place.state?" in found.problem


WRONG_FORMS: tuple[Any, ...] = (
    *(None, 3, "x", [], {}, True, [{}], {"a": 1}),
    *(-1, 2**63, 0.5, "\0", "(a+", "$ref", {"$ref": "#"}, {"$ref": "x"}, [[]], {"": {}}, "/", "{x}"),
)


def places_of(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in children:
        yield from places_of(child, (*path, key))


@pytest.mark.parametrize("name", ["openapi.yaml", "book.schema.json", "error.schema.json"])
def test_whatever_stands_anywhere_is_a_sentence_at_worst(toy: Path, name: str) -> None:
    """Each place of a contract replaced by things of other forms: it is good, or refused, and nothing else."""
    path = toy / "bookshop" / name
    written = json.dumps(yaml.safe_load(path.read_text()))
    # Each place meets two of the forms, each form a good many places.
    places = [(turn, place) for turn, place in enumerate(list(places_of(json.loads(written)))[1:])]
    for turn, place in [*places, *((turn + 7, place) for turn, place in places)]:
        document = json.loads(written)
        set_in(*place, to=WRONG_FORMS[turn % len(WRONG_FORMS)])(document)
        path.write_text(json.dumps(document))
        for problem in problems_of(toy / "bookshop"):
            assert problem.file.startswith("bookshop/") and problem.problem
