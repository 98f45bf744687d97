"""Which reading of a contradictory documentation is chosen: by words of the command line, and by a file of them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from mock_server.contract import load_document
from mock_server.errors import ContractError, UsageError


def parse_readings(texts: Iterable[str], file: Path | None = None) -> dict[str, dict[str, str]]:
    """`acme.notes-field=note` as provider, reading and alternative, over those of a file; raises UsageError."""
    chosen = _load_readings_file(file) if file else {}
    for text in texts:
        name, equals, alternative = text.partition("=")
        provider, dot, reading = name.partition(".")
        if not (equals and dot and reading and alternative):
            raise UsageError(f"--reading {text!r} is not of the form PROVIDER.ID=ALTERNATIVE")
        chosen.setdefault(provider, {})[reading] = alternative
    return chosen


def _load_readings_file(path: Path) -> dict[str, dict[str, str]]:
    """A mapping of provider to reading to alternative."""
    loaded = load_document(path) or {}
    nested = isinstance(loaded, dict) and all(isinstance(chosen, dict) for chosen in loaded.values())
    if not nested or not all(isinstance(word, str) for chosen in loaded.values() for word in chosen.values()):
        raise ContractError(path.name, "", "is no file of readings", "expected provider: {reading: alternative}")
    return {str(provider): dict(chosen) for provider, chosen in loaded.items() if chosen}
