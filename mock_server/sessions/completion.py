"""The words that a shell completes what is being typed with; where a folder cannot be read there are none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from mock_server.errors import ContractError, ContractErrors, UsageError
from mock_server.sessions.factory import Settings, find_folders, list_readings, load_contracts
from mock_server.sessions.setup import load_form, load_stock
from mock_server.sessions.sources import SUFFIXES


def complete_provider(beginning: str, schemas: Path | None = None) -> list[str]:
    """The providers that begin so; where none does, the folders and files that may be documents."""
    providers = _complete(beginning, lambda: find_folders(schemas))
    return providers or ([] if schemas or not beginning else sorted(_list_files(beginning)))


def _list_files(beginning: str) -> Iterator[str]:
    """Paths that begin so, as they are typed; a folder with a slash behind it."""
    folder, slash, name = beginning.rpartition("/")
    try:
        for path in Path(folder + slash or ".").iterdir():
            if path.name.startswith(name) and (path.is_dir() or path.suffix.lower() in SUFFIXES):
                yield f"{folder}{slash}{path.name}" + ("/" if path.is_dir() else "")
    except OSError:
        return


def complete_operation(beginning: str, schemas: Path | None = None, providers: tuple[str, ...] = ()) -> list[str]:
    """The operations that begin so, of these providers or of all."""
    settings = Settings(providers=providers, schemas=schemas)
    return _complete(
        beginning,
        lambda: dict.fromkeys(o.id for contract in load_contracts(settings).values() for o in contract.operations),
    )


def complete_reading(beginning: str, schemas: Path | None = None) -> list[str]:
    """The readings that begin so, each as `parse_readings` takes it."""
    return _complete(beginning, lambda: list_readings(schemas))


def complete_scenario(beginning: str, folder: Path | None = None) -> list[str]:
    """The scenarios that begin so, those of a folder of one's own too."""
    return _complete(beginning, lambda: sorted(load_stock(load_form(), [folder] if folder else [])))


def _complete(beginning: str, list_words: Callable[[], Iterable[str]]) -> list[str]:
    try:
        return [word for word in list_words() if word.startswith(beginning)]
    except (UsageError, ContractError, ContractErrors, OSError):
        return []  # a sentence on the terminal would stand in the middle of what is being typed
