"""Records of one's own from the command line: the same in every worker and after every restart, refused with exit code 2."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from mock_server.cli import main
from tests.conftest import CREDENTIALS, Start
from tests.plain.playing import PETSTORE
from tests.plain.test_writes_over_sockets import call
from tests.raw import send
from tests.server.test_keep import stop


def write(folder: Path, text: str) -> tuple[str, str]:
    (folder / "data" / "petstore").mkdir(parents=True, exist_ok=True)
    (folder / "data" / "petstore" / "pets.csv").write_text(text, encoding="utf-8")
    return "--data", str(folder / "data")


def test_records_of_files_are_put_in_once_whatever_starts_again(tmp_path: Path, start: Start) -> None:
    data = write(tmp_path, "name,status\nRex,sold\nTom,free\n")
    (tmp_path / "data" / "fatora").mkdir()
    (tmp_path / "data" / "fatora" / "clients.yaml").write_text(
        "1005: {name: Greta Garbo, email: greta@garbo.example}\n",
    )
    keep = ("--keep", str(tmp_path / "kept"), "--workers", "2")
    served = start(str(PETSTORE), "fatora", *data, *keep)
    key = {"host": "127.0.0.1", **CREDENTIALS["fatora"]}
    for line in (
        "GET /fatora/v1/clients?page_size=1",
        "GET /fatora/v1/clients/1005",
        "GET /fatora/v1/clients?keyword=garbo",
    ):
        assert b"greta@garbo.example" in send(served.port, line, key).body, line
    for _ in range(4):
        _, listed = call(served, "GET", "/petstore/v1/pets?per_page=2")
        assert ([pet["name"] for pet in listed["data"]], listed["total"]) == (["Rex", "Tom"], 52)
    assert call(served, "DELETE", "/v1/pets/51")[0] == 204
    assert call(served, "GET", "/v1/pets/51", session="ann")[1]["name"] == "Rex"
    stop(served)

    again = start(str(PETSTORE), *data, *keep)
    _, listed = call(again, "GET", "/v1/pets?per_page=2")
    assert (listed["data"][0]["name"], listed["total"]) == ("Tom", 51), "what was deleted stays deleted"
    assert call(again, "POST", "/__admin/reset")[0] == 200
    assert call(again, "GET", "/v1/pets?per_page=2")[1]["total"] == 52, "a reset brings it back"
    stop(again)

    changed = start(str(PETSTORE), *write(tmp_path, "id,name\n900,Max\n"), *keep)
    _, listed = call(changed, "GET", "/v1/pets?per_page=2")
    assert ([pet["id"] for pet in listed["data"]], listed["total"]) == ([900, 1], 51)
    stop(changed)


def test_they_are_the_only_ones_where_no_others_are_made(tmp_path: Path, start: Start) -> None:
    served = start(str(PETSTORE), *write(tmp_path, "name\nRex\n"), "--records", "0")
    listed = call(served, "GET", "/v1/pets")[1]
    assert ([pet["name"] for pet in listed["data"]], listed["total"]) == (["Rex"], 1)
    stop(served)


def test_what_is_wrong_in_a_file_ends_the_start(tmp_path: Path) -> None:
    data = write(tmp_path, "name,stauts\nRex,sold\n")
    done = CliRunner().invoke(main, ["serve", str(PETSTORE), "--port", "0", *data])
    assert done.exit_code == 2 and "pets.csv:2#/stauts: is no field of these records" in done.stderr
    none = CliRunner().invoke(main, ["serve", str(PETSTORE), "--port", "0", "--data", str(tmp_path / "nowhere")])
    assert none.exit_code == 2 and "nowhere" in none.stderr
