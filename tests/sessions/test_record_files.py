"""Files of records: what is given is taken by its type, what is missing is made, what is wrong is said all at once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
import pytest

from mock_server.engine import MockApi, PlayContext
from mock_server.errors import ContractErrors
from mock_server.messages import Request
from mock_server.openapi import Document
from mock_server.plain import load_plain_contract, make_plain_api
from mock_server.sessions.record_files import load_own_records
from mock_server.state import Changes, RateLimits, open_counts

PERSON = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {
        "id": {"type": "integer"},
        "name": {"type": "string"},
        "email": {"type": "string", "format": "email"},
        "age": {"type": "integer", "minimum": 0},
        "score": {"type": "number"},
        "vip": {"type": "boolean"},
        "left": {"type": ["string", "null"], "format": "date"},
        "rank": {"type": ["integer", "null"]},
        "tags": {"type": "array", "items": {"type": "string"}},
        "address": {"$ref": "#/components/schemas/Address"},
        "odd.name": {"type": "integer"},
    },
}
NOTE = {
    "type": "object",
    "properties": {"id": {"type": "string"}, "person": {"type": "integer"}, "text": {"type": "string"}},
}


def get(effect: Any, schema: Any, *parameters: str) -> Mapping[str, Any]:
    named = [{"name": name, "in": "path", "required": True, "schema": {"type": "integer"}} for name in parameters]
    answer = {"description": "", "content": {"application/json": {"schema": schema}}}
    return {"get": {"x-effect": effect, "parameters": named, "responses": {"200": answer}}}


ROOT: Mapping[str, Any] = {
    "x-collections": {
        "people": {"key": "id", "records": 3},
        "notes": {"key": "id", "records": 2, "parents": {"personId": {"collection": "people"}}},
    },
    "paths": {
        "/people": get({"list": "people"}, {"type": "array", "items": PERSON}),
        "/people/{id}": get({"get": "people", "key": "id"}, PERSON, "id"),
        "/people/{personId}/notes": get(
            {"list": "notes", "parents": {"personId": "personId"}},
            {"type": "array", "items": NOTE},
            "personId",
        ),
    },
    "components": {
        "schemas": {
            "Address": {"type": "object", "properties": {"city": {"type": "string"}, "zip": {"type": "string"}}},
        },
    },
}


@pytest.fixture
def crm(tmp_path: Path) -> MockApi:
    """A plain document of people and their notes."""
    folder = tmp_path / "state"
    folder.mkdir()
    contract = load_plain_contract(Document("crm", ROOT))
    return make_plain_api(contract, "seed", RateLimits("crm", open_counts()), changes=Changes(folder))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "data" / "crm").mkdir(parents=True)
    return tmp_path / "data"


def write(data: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / name).write_text(text, encoding="utf-8")


def ask(crm: MockApi, path: str, scope: str = "") -> Any:
    match = crm.find("GET", path)
    assert match
    return orjson.loads(crm.answer(match, Request("GET", path), PlayContext(scope=scope)).body)


def load(data: Path, crm: MockApi, files: Mapping[str, str]) -> None:
    write(data, files)
    load_own_records(data, {"crm": crm}).give()


YAML = "- {name: Ann, email: ann@example.com, tags: [a, b], address: {city: Bern}}\n"
FORMS: list[tuple[str, str, str]] = [
    ("a list in YAML", "people.yaml", YAML),
    ("a list in YAML, otherwise called", "people.yml", YAML),
    (
        "a list in JSON",
        "people.json",
        '[{"name": "Ann", "email": "ann@example.com", "tags": ["a", "b"], "address": {"city": "Bern"}}]',
    ),
    ("a mapping of keys to records", "people.yaml", YAML.replace("- {", "4: {")),
    ("a table", "people.csv", 'name,email,tags,address.city\nAnn,ann@example.com,"[""a"",""b""]",Bern\n'),
    (
        "a table as a spreadsheet saves it",
        "people.CSV",
        '\ufeffname;email;tags;address.city\r\nAnn;ann@example.com;"[""a"",""b""]";Bern\r\n;;;\r\n',
    ),
]


@pytest.mark.parametrize(("name", "file", "text"), FORMS, ids=[name for name, _, _ in FORMS])
@pytest.mark.parametrize("scope", ["", "~ann/1/"])
def test_every_session_begins_with_records_of(
    name: str,
    file: str,
    text: str,
    scope: str,
    crm: MockApi,
    data: Path,
) -> None:
    load(data, crm, {f"crm/{file}": text})
    listed = ask(crm, "/people", scope)
    ann = listed[0]
    assert len(listed) == 4 and ann == ask(crm, "/people/4", scope)
    assert (ann["id"], ann["name"], ann["email"], ann["tags"]) == (4, "Ann", "ann@example.com", ["a", "b"])
    assert ann["address"]["city"] == "Bern"


CELLS: list[tuple[str, str, Any]] = [
    ("age", "7", 7),
    ("name", "7", "7"),
    ("name", "null", "null"),
    ("score", "1.5", 1.5),
    ("vip", "true", True),
    ("rank", "null", None),
    ("left", "2026-01-02", "2026-01-02"),
    ("tags", '["x, y"]', ["x, y"]),
    ("address.zip", "01234", "01234"),
    ("odd.name", "5", 5),
]


@pytest.mark.parametrize(("column", "cell", "value"), CELLS, ids=[f"{c} {v}" for c, v, _ in CELLS])
def test_a_cell_is_what_its_field_is(column: str, cell: str, value: Any, crm: MockApi, data: Path) -> None:
    quoted = '"' + cell.replace('"', '""') + '"'
    load(data, crm, {"crm/people.csv": f"id,{column}\n9,{quoted}\n"})
    record = ask(crm, "/people/9")
    inside = record["address"]["zip"] if column == "address.zip" else record[column]
    assert (inside, type(inside)) == (value, type(value))


def test_records_stand_first_or_last_and_take_the_place_of_those_with_their_keys(crm: MockApi, data: Path) -> None:
    load(
        data,
        crm,
        {"crm/people.yaml": "- {id: 2, name: Two}\n- {id: 8, name: Eight}", "crm/people.last.csv": "id,name\n1,One\n"},
    )
    listed = ask(crm, "/people")
    assert [each["id"] for each in listed] == [2, 8, 3, 1]
    assert [each["name"] for each in listed if each["id"] != 3] == ["Two", "Eight", "One"]


def test_a_record_of_a_nested_collection_names_its_parent(crm: MockApi, data: Path) -> None:
    load(data, crm, {"crm/notes.csv": "personId,text\n2,hello\n2,again\n3,other\n"})
    texts = [[each["text"] for each in ask(crm, f"/people/{n}/notes")] for n in (1, 2, 3)]
    assert texts[1][:2] == ["hello", "again"] and texts[2][0] == "other" and len(texts[0]) == 2


def test_a_parent_may_be_one_that_a_file_gives(crm: MockApi, data: Path) -> None:
    load(data, crm, {"crm/people.yaml": "77: {name: Ann}", "crm/notes.yaml": "- {personId: 77, text: hello}"})
    assert [note["text"] for note in ask(crm, "/people/77/notes")][:1] == ["hello"]


def test_what_is_left_out_is_the_same_wherever_the_key_is(crm: MockApi, data: Path, tmp_path: Path) -> None:
    load(data, crm, {"crm/people.json": '{"77": {"name": "Ann"}}'})
    (tmp_path / "other").mkdir()
    contract = load_plain_contract(Document("crm", ROOT))
    other = make_plain_api(contract, "seed", RateLimits("crm", open_counts()), changes=Changes(tmp_path / "other"))
    (data / "crm" / "people.json").unlink()
    load(data, other, {"crm/people.last.csv": "id,name\n77,Ann\n"})
    assert ask(crm, "/people/77") == ask(other, "/people/77")


ROWS = "".join(f"{n},x\n" for n in range(10_001))
WRONG: list[tuple[str, Mapping[str, str], list[str]]] = [
    ("a field that nobody documents", {"crm/people.yaml": "- nam: x\n"}, [":1#/0/nam: ", "did you mean 'name'?"]),
    ("a value of another type", {"crm/people.yaml": "- name: x\n\n  age: old\n"}, [":3#/0/age: ", "integer"]),
    ("a value deep inside", {"crm/people.yaml": "- address:\n    city: 5\n"}, [":2#/0/address/city: ", "string"]),
    ("a cell of another type", {"crm/people.csv": "name,age\nAnn,3\nBob,old\n"}, ["people.csv:3#/age: ", "integer"]),
    ("the same in many lines", {"crm/people.csv": "nam\nA\nB\nC\n"}, [":2#/nam: ", "; so in 2 more lines"]),
    ("a line with too many cells", {"crm/people.csv": "name\nAnn,3\n"}, [":2#: has 2 cells, and the header 1"]),
    ("a column twice", {"crm/people.csv": "name,name\nA,B\n"}, [":1#: the column 'name' stands twice"]),
    ("a column and its fields", {"crm/people.csv": "address,address.city\n"}, ["'address' is a field, and others"]),
    ("no header", {"crm/people.csv": ""}, [":1#: has no header"]),
    ("an open quote", {"crm/people.csv": 'name\n"Ann\n'}, [":2#: is no table: "]),
    ("a text that is no list", {"crm/people.yaml": "Ann"}, ["is neither a list of records nor a mapping"]),
    ("a list of texts", {"crm/people.yaml": "- {name: x}\n- Ann\n"}, [":2#/1: is no record"]),
    ("no YAML", {"crm/people.yaml": "- {"}, ["people.yaml#: is not YAML: "]),
    ("no JSON", {"crm/people.json": "{"}, ["is not JSON: "]),
    ("another provider", {"crn/people.yaml": ""}, ["no provider 'crn' is played (did you mean crm?)"]),
    ("another collection", {"crm/peple.csv": ""}, ["crm has no collection 'peple' (did you mean people.csv?)"]),
    ("no provider", {"people.csv": ""}, ["stands below no provider (move it to ", "crm/people.csv"]),
    ("a file of another kind", {"crm/people.xlsx": ""}, ["is no file of records (known: .yaml, .yml, .json, .csv)"]),
    ("a key twice", {"crm/people.csv": "id\n5\n5\n"}, [":3#: gives the key 5 once more"]),
    (
        "a key twice in two files",
        {"crm/people.csv": "id\n5\n", "crm/people.yaml": "5: {}"},
        [":1#/5: gives the key 5 o"],
    ),
    ("two keys", {"crm/people.yaml": "5: {id: 6}"}, ["#/5/id: is not the key 5 (leave it out"]),
    ("a key of another type", {"crm/people.yaml": "x: {name: Ann}"}, ["#/x/id: ", "integer"]),
    ("no parent", {"crm/notes.yaml": "- text: x"}, [":1#/0: lies below no parent (give personId the key of one)"]),
    (
        "a parent that is not there",
        {"crm/notes.yaml": "- {personId: 1, text: a}\n- {personId: 9, text: b}"},
        [":2#/1/personId: people has no record with the key '9' (it has 1, 2, 3, …; or give it one in a file)"],
    ),
    (
        "one in a table",
        {"crm/notes.csv": "personId,text\n3,a\n4,b\n"},
        [":3#/personId: people has no record with the key '4' (it has 1, 2, 3, …; or give it one in a file)"],
    ),
    ("too many", {"crm/notes.csv": f"personId,text\n{ROWS}"}, ["holds 10,001 records (at most 10,000 are taken)"]),
]


@pytest.mark.parametrize(("name", "files", "says"), WRONG, ids=[name for name, _, _ in WRONG])
def test_what_is_wrong_is_said_with_its_place(
    name: str,
    files: Mapping[str, str],
    says: list[str],
    crm: MockApi,
    data: Path,
) -> None:
    write(data, files)
    with pytest.raises(ContractErrors) as raised:
        load_own_records(data, {"crm": crm})
    line = next(iter(raised.value.problems))
    assert len(raised.value.problems) == 1 and all(part in str(line) for part in says), str(raised.value)
    assert str(line).startswith(str(data))


def test_everything_wrong_in_all_files_is_said_at_once_and_nothing_is_taken(crm: MockApi, data: Path) -> None:
    files = {f"{n}{file}": text for n, (_, of, _) in enumerate(WRONG[:4]) for file, text in of.items()}
    files = {name[1:].replace("people", f"people{'.last' * (name[0] == '1')}"): text for name, text in files.items()}
    write(data, {**files, "crm/notes.yaml": "- {personId: 1, text: 7}", "zoo/cats.yaml": "", "crm/.hidden": "x"})
    with pytest.raises(ContractErrors) as raised:
        load_own_records(data, {"crm": crm})
    assert {Path(each.file).name.split(":")[0] for each in raised.value.problems} == {
        "people.yaml",
        "people.last.yaml",
        "people.csv",
        "notes.yaml",
        "zoo",
    }
    assert len(ask(crm, "/people")) == 3


def test_more_problems_than_anybody_reads_are_counted(crm: MockApi, data: Path) -> None:
    write(data, {"crm/people.json": json.dumps([{"age": "old"} for _ in range(150)])})
    with pytest.raises(ContractErrors) as raised:
        load_own_records(data, {"crm": crm})
    assert len(raised.value.problems) == 101 and "50 more problems" in str(raised.value.problems[-1])


def test_a_folder_of_a_provider_that_is_not_played_is_left_alone(crm: MockApi, data: Path) -> None:
    write(data, {"fatora/clients.csv": "what,ever\n1,2\n", "README.md": "about these"})
    assert load_own_records(data, {"crm": crm}, {"fatora"}).records == ()


def test_many_records_are_put_in_quickly(crm: MockApi, data: Path) -> None:
    load(data, crm, {"crm/people.csv": "name\n" + "".join(f"n{n}\n" for n in range(2_000))})
    assert len(ask(crm, "/people")) == 2_003
