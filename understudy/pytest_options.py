"""What a project's configuration and the command line of pytest say to the fixtures."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

PREFIX = "understudy_"


class Setting(NamedTuple):
    """One word of the configuration, `understudy_<name>`; `kind` is pytest's.

    `flag` is what `--understudy-…` is called where the command line has it too, and `words` how it is read there.
    """

    name: str
    kind: str
    says: str
    flag: str = ""
    words: Mapping[str, Any] = {}


SETTINGS = (
    Setting("serve", "args", "what the server plays: providers, documents, folders; all shipped providers"),
    Setting("url", "string", "a server that runs already, in place of one for the run", "url"),
    Setting("seed", "string", "the seed of the records", "seed"),
    Setting("records", "string", "how many records a collection has", "records"),
    Setting("scenarios", "args", "scenarios that play from the start", "scenario", {"action": "append"}),
    Setting("readings", "args", "other readings: provider.reading=alternative"),
    Setting("data", "string", "a folder of records of your own"),
    Setting("mappings", "string", "a folder of responses of your own"),
    Setting("schemas", "string", "a folder of contracts of your own"),
    Setting("overlays", "args", "corrections of what is inferred of documents"),
    Setting("options", "args", "further words for `understudy serve`"),
    Setting("strict", "bool", "fail a test whose client did something wrong by the contract", "strict"),
)
"""All that the fixtures are told; the command line wins over the configuration."""

EMPTY: Mapping[str, Any] = {"args": [], "string": "", "bool": False}


def add_settings(parser: pytest.Parser, group: pytest.OptionGroup) -> None:
    """Make the settings known to pytest."""
    for name, kind, says, flag, words in SETTINGS:
        parser.addini(f"{PREFIX}{name}", says, type=kind, default=EMPTY[kind])  # type: ignore[arg-type]
        if flag:
            stored = {"action": "store_true"} if kind == "bool" else words
            group.addoption(f"--understudy-{flag}", dest=f"{PREFIX}{name}", default=None, help=says, **stored)


def find_setting(config: pytest.Config, name: str) -> Any:
    """A setting as the command line or else the configuration has it; nothing of its kind where neither does."""
    given = getattr(config.option, f"{PREFIX}{name}", None)
    return config.getini(f"{PREFIX}{name}") if given is None else given


def read_configuration(config: pytest.Config) -> tuple[list[str], dict[str, Any]]:
    """What a server plays and what it is started with; files and folders are named from the project's root."""
    given = {name: read(config, find_setting(config, name)) for name, read in _READERS.items()}
    given["more"] = given.pop("options")
    return _as_paths(config, find_setting(config, "serve")), {name: value for name, value in given.items() if value}


def read_session_settings(config: pytest.Config) -> dict[str, Any]:
    """What a test's session plays with, beside what the server was started with. Raises: pytest.UsageError."""
    # A server's scenarios are those of requests that name no session; one that runs already was started by somebody.
    names = ("seed", "records", "scenarios", "readings") if find_setting(config, "url") else ("scenarios",)
    read = {name: _OF_SESSIONS[name](config, find_setting(config, name)) for name in names}
    return {name: value for name, value in read.items() if value not in ("", [], {})}


def _as_it_is(config: pytest.Config, value: Any) -> Any:
    return value


def _as_number(config: pytest.Config, text: str) -> int | str:
    if text and not text.isdecimal():
        raise pytest.UsageError(f"{PREFIX}records is a whole number, and not {text!r}.")
    return int(text) if text else ""


def _as_readings(config: pytest.Config, words: list[str]) -> dict[str, str]:
    return {name: alternative for name, _, alternative in (word.partition("=") for word in words)}


def _as_folder(config: pytest.Config, folder: str) -> str:
    return str(config.rootpath / folder) if folder else ""


def _as_paths(config: pytest.Config, words: list[str]) -> list[str]:
    return [_as_path(config.rootpath, word) for word in words]


def _as_path(root: Path, word: str) -> str:
    """A word as it is from the root of the project: a file or a folder has a dot or a slash, else it is a provider."""
    name, equals, file = word.rpartition("=")
    is_file = equals or {".", "/", os.sep} & set(file)
    return f"{name}{equals}{os.path.normpath(root / file)}" if is_file and "://" not in file else word


_READERS: Mapping[str, Callable[[pytest.Config, Any], Any]] = {
    "seed": _as_it_is,
    "records": _as_it_is,
    "readings": _as_readings,
    "data": _as_folder,
    "mappings": _as_folder,
    "schemas": _as_folder,
    "overlays": _as_paths,
    "options": _as_it_is,
}

_OF_SESSIONS: Mapping[str, Callable[[pytest.Config, Any], Any]] = {
    "seed": _as_it_is,
    "records": _as_number,
    "scenarios": _as_it_is,
    "readings": _as_readings,
}
