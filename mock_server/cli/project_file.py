"""The project file `understudy.yaml`: found, read, and checked by the options of `understudy serve` themselves."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import click

from mock_server.cli.options import PLACE
from mock_server.contract import escape_pointer, load_document
from mock_server.errors import ContractError, ContractErrors, suggest
from mock_server.openapi import DocumentWarning, find_lines
from mock_server.sessions import find_folders

PROJECT_FILE = "understudy.yaml"
WORDS = "serve"
"""The key of what is played: the words that stand on the command line without an option."""

LEFT_OUT: Mapping[str, str] = {
    "project": "a project file names no other one",
    "no-project": "a project file names no other one",
    "admin-token": "a secret does not belong in a file that is shared; set UNDERSTUDY_TOKEN",
}
"""Options that are no keys, and what to do instead."""

DOCUMENTS = (".yaml", ".yml", ".json")


class Project(NamedTuple):
    """A project file: where it is, and its values by their keys, as click takes them: paths as seen from here."""

    path: Path
    values: Mapping[str, Any]


def find_project(folder: Path) -> Path | None:
    """The project file of a folder or of the nearest one above it, in the same repository where there is one."""
    for place in (folder, *folder.parents):
        with suppress(OSError):  # a folder above may be closed to us
            if (place / PROJECT_FILE).is_file():
                return place / PROJECT_FILE
            if (place / ".git").exists():
                return None
    return None


def find_keys(serve: click.Command) -> dict[str, click.Parameter]:
    """Every key of a project file and the parameter of `understudy serve` that it stands for."""
    shown = [param for param in serve.params if not getattr(param, "hidden", False)]
    named = {_find_key(param): param for param in shown}
    return {key: param for key, param in named.items() if key not in LEFT_OUT}


def _find_key(param: click.Parameter) -> str:
    if isinstance(param, click.Argument):
        return WORDS
    return next(name for name in param.opts if name.startswith("--")).removeprefix("--")


def load_project(path: Path, keys: Mapping[str, click.Parameter], ctx: click.Context) -> Project:
    """A project file whose values are what the options take.

    Raises: ContractError where it cannot be read, ContractErrors with every line that is wrong.
    """
    document = load_document(path)
    if document is None:
        return Project(path, {})
    if not isinstance(document, dict):
        raise ContractError(str(path), "", "is no mapping", f"expected keys and values, such as {WORDS}: petstore.yaml")
    values: dict[str, Any] = {}
    wrong: list[tuple[str, str, str]] = []
    for key, value in document.items():
        pointer = f"/{escape_pointer(key)}"
        if key not in keys:
            wrong.append(
                (pointer, f"unknown key {key!r}", LEFT_OUT.get(key) or suggest(key, keys, "{}", else_all=True)),
            )
            continue
        try:
            values[key] = _read_value(keys[key], value, path.parent)
            keys[key].process_value(ctx, values[key])
        except click.BadParameter as error:
            wrong.append((pointer, error.message.rstrip("."), ""))
        except _Misplaced as error:
            wrong.append((pointer + error.pointer, error.problem, error.hint))
    if wrong:
        raise ContractErrors(list(_locate(path, wrong)))
    return Project(path, values)


def _locate(path: Path, wrong: Sequence[tuple[str, str, str]]) -> Iterator[ContractError]:
    """The problems with the lines they are in."""
    file = seen_from_here(path)
    located = find_lines([DocumentWarning(str(path), 0, pointer, problem) for pointer, problem, _ in wrong], str(path))
    for (pointer, problem, hint), place in zip(wrong, located, strict=True):
        yield ContractError(f"{file}:{place.line}" if place.line else file, pointer, problem, hint)


class _Misplaced(Exception):
    """A value of another form than its key takes; `pointer` is below the key."""

    def __init__(self, problem: str, hint: str, pointer: str = "") -> None:
        super().__init__(problem)
        self.problem, self.hint, self.pointer = problem, hint, pointer


def _read_value(param: click.Parameter, value: Any, folder: Path) -> Any:
    """A value as click takes it: true and false, a text, or a list of texts. Raises: _Misplaced."""
    if value is None:
        raise _Misplaced("has no value", "leave the line out for its default")
    if getattr(param, "is_flag", False):
        if not isinstance(value, bool):
            raise _Misplaced(f"{value!r} is neither true nor false", "write true or false")
        return value
    if param.multiple or param.nargs == -1:
        if not isinstance(value, list):
            return [_read_text(param, value, folder)]
        return [_read_text(param, each, folder, f"/{number}") for number, each in enumerate(value)]
    return _read_text(param, value, folder)


def _read_text(param: click.Parameter, value: Any, folder: Path, pointer: str = "") -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise _Misplaced(f"is {_describe(value)}", "expected one text or number", pointer)
    text = str(value)
    if isinstance(param.type, click.Path):
        return _move(folder, text)
    return _move_word(folder, text) if param.type is PLACE else text


def _describe(value: Any) -> str:
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    return "empty" if value is None else str(value).lower()


def _move_word(folder: Path, word: str) -> str:
    """A word such as `petstore.yaml` or `shop=api.json`, its file as seen from here; names and URLs as they are."""
    name, equals, place = word.partition("=")
    if not equals or (folder / word).exists() or _is_elsewhere(word):
        name, place = "", word
    is_file = equals or "/" in place or place.endswith(DOCUMENTS) or (folder / place).exists()
    if _is_elsewhere(place) or not is_file or word in find_folders():
        return word
    return f"{name}={_move(folder, place)}" if name else _move(folder, place)


def _is_elsewhere(word: str) -> bool:
    return word == "-" or word.startswith(("http://", "https://"))


def _move(folder: Path, text: str) -> str:
    return seen_from_here(folder / text)


def seen_from_here(path: Path) -> str:
    """A path as a person would type it in the working folder."""
    return os.path.relpath(path)
