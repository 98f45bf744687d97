"""Whatever happens to a file of the cache: it is noticed, said in one sentence, and mended; or said, and nothing served."""

from __future__ import annotations

import errno
import json
import os
import random
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from mock_server.messages import Condition
from mock_server.sessions import NOW, Settings, load_contracts, make_apis
from mock_server.store import Recipe, StorageError, StoredRecords, has_records, manifest, open_records
from tests.conftest import ROOT
from tests.store.test_store import THINGS

COUNT = 400
RECIPE = Recipe(THINGS, "seed", COUNT, NOW)
FILES = ["manifest", *RECIPE.endings]


def flip_a_byte(path: Path, at: float) -> None:
    content = bytearray(path.read_bytes())
    content[min(len(content) - 1, int(len(content) * at))] ^= 0x10
    path.write_bytes(content)


def scramble(path: Path) -> None:
    content = bytearray(path.read_bytes())
    random.Random(3).shuffle(content)
    path.write_bytes(content)


def zero(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def cut(path: Path, size: int) -> None:
    os.truncate(path, size)


def lengthen(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more")


def replace_with(make: Callable[[Path], object]) -> Callable[[Path], None]:
    def damage(path: Path) -> None:
        path.unlink()
        make(path)

    return damage


def make_socket(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # a socket's address is short
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(path.name)
    os.chdir(here)


def make_database(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE records(x)")
    connection.close()


def make_full_folder(path: Path) -> None:
    path.mkdir()
    (path / "mine").write_text("not yours")


DAMAGES: dict[str, Callable[[Path], object]] = {
    "a flipped byte at the beginning": lambda path: flip_a_byte(path, 0),
    "a flipped byte in the middle": lambda path: flip_a_byte(path, 0.5),
    "a flipped byte at the end": lambda path: flip_a_byte(path, 1),
    "scrambled": scramble,
    "zeroed": zero,
    "cut to nothing": lambda path: cut(path, 0),
    "cut in half": lambda path: cut(path, path.stat().st_size // 2),
    "one byte short": lambda path: cut(path, path.stat().st_size - 1),
    "longer than it was": lengthen,
    "not there": Path.unlink,
    "something else": lambda path: path.write_bytes(b"not a file of records at all"),
    "another database": replace_with(make_database),
    "deeply nested JSON": lambda path: path.write_bytes(b"[" * 100_000),
    "a pipe": replace_with(os.mkfifo),
    "a socket": replace_with(make_socket),
    "a link to nowhere": replace_with(lambda path: path.symlink_to("nowhere")),
    "a link to itself": replace_with(lambda path: path.symlink_to(path)),
    "a link to a device": replace_with(lambda path: path.symlink_to("/dev/zero")),
}
FOLDERS: dict[str, Callable[[Path], object]] = {
    "an empty folder": replace_with(Path.mkdir),
    "a folder with a file": replace_with(make_full_folder),
}

Answers = tuple[object, ...]


def answers_of(records: StoredRecords) -> Answers:
    """Everything that is read from each of the files."""
    return (
        records.page_json((), 0, COUNT),
        records.page_json((), 5, 20, 1),
        [records.find(key) for key in range(10, 13 + 3 * COUNT)],
        *(
            records.page_json((condition,), 0, COUNT)
            for condition in (
                Condition("search", ("name", "note"), "an"),
                Condition("contains", ("name",), "a"),
                Condition("equals", ("flag",), True),
                Condition("at_least", ("id",), 700),
            )
        ),
    )


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Answers]:
    """A cache folder with whole files, and what is read from them."""
    folder = tmp_path_factory.mktemp("whole")
    return folder, answers_of(open_records(RECIPE, folder))


@pytest.fixture
def folder(whole: tuple[Path, Answers], tmp_path: Path) -> Path:
    """A copy of that folder."""
    return Path(shutil.copytree(whole[0], tmp_path / "cache"))


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
@pytest.mark.parametrize("ending", FILES)
def test_a_damaged_file_is_built_anew_with_one_sentence(
    whole: tuple[Path, Answers],
    folder: Path,
    ending: str,
    damage: Callable[[Path], object],
) -> None:
    path = folder / f"{RECIPE.name}.{ending}"
    damage(path)
    sentences: list[str] = []
    assert answers_of(open_records(RECIPE, folder, report=sentences.append)) == whole[1]
    assert len(sentences) == 1 and str(path) in sentences[0]
    assert "the 400 records of toy/things are built anew" in sentences[0]
    assert path.is_file() and not list(folder.glob("*.part"))
    assert has_records(RECIPE, folder)  # and the next start finds everything whole
    open_records(RECIPE, folder, report=sentences.append)
    assert len(sentences) == 1


@pytest.mark.parametrize("damage", FOLDERS.values(), ids=FOLDERS)
@pytest.mark.parametrize("ending", [*FILES, "lock"])
def test_a_folder_of_that_name_is_left_alone_and_named(
    folder: Path,
    ending: str,
    damage: Callable[[Path], object],
) -> None:
    path = folder / f"{RECIPE.name}.{ending}"
    damage(path)
    if ending == "lock":  # looked at only where something is to be built
        (folder / f"{RECIPE.name}.manifest").unlink()
    with pytest.raises(StorageError) as caught:
        open_records(RECIPE, folder)
    assert str(path) in str(caught.value) and path.is_dir()


@pytest.mark.parametrize("make", [os.mkfifo, make_socket, lambda path: path.symlink_to(path)])
def test_whatever_stands_where_the_lock_belongs_nobody_waits_for_it(
    folder: Path,
    whole: tuple[Path, Answers],
    make: Callable[[Path], object],
) -> None:
    lock = folder / f"{RECIPE.name}.lock"
    lock.unlink()
    make(lock)
    (folder / f"{RECIPE.name}.manifest").unlink()
    assert answers_of(open_records(RECIPE, folder, report=lambda sentence: None)) == whole[1]


@pytest.mark.parametrize("ending", FILES)
def test_a_file_that_cannot_be_read_is_built_anew(
    folder: Path,
    whole: tuple[Path, Answers],
    ending: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path, open_file = folder / f"{RECIPE.name}.{ending}", os.open
    before = path.stat()

    def refuse(name: Path, flags: int, mode: int = 0o777, **more: int) -> int:  # what `chmod 0` does, but for root
        # A file that is written anew may have the same inode; it has another time.
        if name == path and path.exists() and path.stat().st_mtime_ns == before.st_mtime_ns:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return open_file(name, flags, mode, **more)

    monkeypatch.setattr(os, "open", refuse)
    sentences: list[str] = []
    assert answers_of(open_records(RECIPE, folder, report=sentences.append)) == whole[1]
    assert sentences == [f"{path} cannot be read (Permission denied): the 400 records of toy/things are built anew."]


MANIFESTS: dict[str, Callable[[dict[str, object]], object]] = {
    "of another kind": lambda content: content | {"kind": "something else"},
    "without a file": lambda content: content | {"files": {}},
    "with texts for numbers": lambda content: content | {"files": dict.fromkeys(RECIPE.endings, "x")},
    "with a short stamp": lambda c: c | {"files": {e: {"crc32": 1, "stamp": [1]} for e in RECIPE.endings}},
    "without a moment": lambda content: {"kind": content["kind"], "files": content["files"]},
    "a list": lambda content: [content],
    "a number": lambda content: 7,
}


@pytest.mark.parametrize("change", MANIFESTS.values(), ids=MANIFESTS)
def test_a_manifest_of_another_form_is_written_anew(
    folder: Path,
    whole: tuple[Path, Answers],
    change: Callable[[dict[str, object]], object],
) -> None:
    path = folder / f"{RECIPE.name}.manifest"
    path.write_text(json.dumps(change(json.loads(path.read_text()))))
    sentences: list[str] = []
    assert answers_of(open_records(RECIPE, folder, report=sentences.append)) == whole[1]
    assert len(sentences) == 1 and str(path) in sentences[0]


def test_a_large_file_is_read_through_once_and_again_when_it_was_written_to(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Here every file is a large one; what stands in a file is checked when its times are not those of its check."""
    checked: list[str] = []
    checksum = manifest._checksum
    monkeypatch.setattr(manifest, "_checksum", lambda file: checked.append(file.name) or checksum(file))  # type: ignore[func-returns-value]
    monkeypatch.setattr(manifest, "SMALL_BYTES", 0)
    monkeypatch.setattr(manifest, "TRUSTED_BYTES", 0)
    monkeypatch.setattr(manifest, "SETTLED_NS", 50_000_000)
    open_records(RECIPE, folder)
    assert len(checked) == len(RECIPE.endings)  # a copy has other times
    time.sleep(0.1)
    open_records(RECIPE, folder)
    del checked[:]
    open_records(RECIPE, folder)
    assert checked == []
    path = folder / f"{RECIPE.name}.view0"
    times = path.stat()
    flip_a_byte(path, 0.5)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))  # who sets the times back changes the change time
    sentences: list[str] = []
    open_records(RECIPE, folder, report=sentences.append)
    assert sentences and "view0 holds other bytes than were written" in sentences[0]


def serve(cache: Path) -> subprocess.CompletedProcess[str]:
    """The command line over a cache folder."""
    return subprocess.run(
        [sys.executable, "-m", "mock_server", "serve", "fatora", "--cache", str(cache), "--port", "0"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=120,
    )


def test_a_server_that_cannot_have_its_records_says_where_and_ends_with_2(tmp_path: Path) -> None:
    settings = Settings(providers=("fatora",), cache=tmp_path)
    make_apis(load_contracts(settings), settings)
    (path,) = tmp_path.glob("*.view0")
    path.unlink()
    path.mkdir()
    ended = serve(tmp_path)
    assert ended.returncode == 2 and str(path) in ended.stderr and "Traceback" not in ended.stderr
