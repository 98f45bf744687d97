"""Providers as they are loaded: an annotated contract from its folder, or a plain document with what was inferred."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from mock_server.contract import Contract
from mock_server.errors import ContractError, ContractErrors, UsageError
from mock_server.inference import Inference, annotate, load_overlay, read_overlay
from mock_server.openapi import Document, make_unique, read_document, without_collector
from mock_server.plain import PlainContract, load_plain_contract, make_checkable
from mock_server.sessions.sources import RESERVED, ProviderSource


class Understanding(NamedTuple):
    """What was understood of a document, in words: all in one line, and the reasons by operation (`GET /pets`)."""

    summary: str
    reasons: Mapping[str, Sequence[str]]
    warnings: int


@dataclass(frozen=True)
class Understood:
    """What is known of a plain provider beside its contract.

    `place` is what was typed, `overlays` are the files that were laid over, `document` is annotated.
    """

    place: str
    document: Document
    inference: Inference
    overlays: tuple[Path, ...] = ()

    def explain(self) -> Understanding:
        """What was understood, in words."""
        reasons: dict[str, list[str]] = {}
        for conclusion in self.inference.conclusions:
            mark = "" if conclusion.applied else "a guess, not played: "
            reasons.setdefault(conclusion.operation, []).append(f"{mark}{conclusion.because}")
        return Understanding(self.inference.summary(), reasons, len(self.document.warnings))


@dataclass(frozen=True)
class Provider:
    """A provider that can be played; `folder` of an annotated contract, `understood` of a plain document."""

    contract: Contract
    folder: Path | None = None
    understood: Understood | None = None

    def as_checkable(self) -> Provider:
        """The same with a contract that a target can be asked by: of a plain document, what needs no guessing."""
        plain = self.contract if isinstance(self.contract, PlainContract) else None
        return dataclasses.replace(self, contract=make_checkable(plain)) if plain else self


def is_plain(contract: Contract) -> bool:
    """Whether a contract is a plain document's."""
    return isinstance(contract, PlainContract)


def load_plain(
    source: ProviderSource,
    taken: set[str],
    overlays: tuple[Path, ...] = (),
    credentials: str = "any",
    strict: bool = False,
) -> Provider:
    """A plain document with everything that was inferred of it, under a name that is not taken.

    Raises:
        ContractError: its text or an overlay cannot be read; ContractErrors for its warnings where they count as such.
        UsageError: it cannot be had.
    """
    if source.name in taken:
        raise UsageError(f"Two documents are called {source.name!r}; name one of them otherwise: NAME=FILE.")
    with without_collector():
        return _load_plain(source, taken, overlays, credentials, strict)


def _load_plain(
    source: ProviderSource,
    taken: set[str],
    overlays: tuple[Path, ...],
    credentials: str,
    strict: bool,
) -> Provider:
    document = read_document(source.load(), source.name)
    if not source.name:
        document = dataclasses.replace(document, name=make_unique(document.name, {*taken, *RESERVED}))
    beside = source.find_overlay()
    files = overlays or ((beside,) if beside else ())
    annotated, inference = annotate(document, [load_overlay(path) for path in files])
    if strict and annotated.warnings:
        raise ContractErrors([ContractError(w.file, w.pointer, w.problem) for w in annotated.warnings])
    contract = load_plain_contract(annotated, credentials)
    return Provider(contract, None, Understood(source.place, annotated, inference, files))


def change_plain(contract: PlainContract, actions: list[dict[str, Any]], credentials: str) -> PlainContract:
    """A plain contract whose document was changed by the actions of an Overlay. Raises: ContractError."""
    overlay = read_overlay({"overlay": "1.0.0", "info": {}, "actions": actions}, "scenario")
    document, _ = annotate(contract.source, [overlay])
    return load_plain_contract(document, credentials)


def choose_overlays(words: tuple[str, ...], sources: list[ProviderSource]) -> Mapping[int, tuple[Path, ...]]:
    """The overlays of each plain source by its place in the list, from words `FILE` and `NAME=FILE`.

    Raises: UsageError where it is not clear which document one is for.
    """
    plain = [number for number, source in enumerate(sources) if source.is_plain]
    chosen: dict[int, tuple[Path, ...]] = {}
    for word in words:
        name, equals, file = word.partition("=")
        named = [n for n in plain if equals and (sources[n].name or Path(sources[n].place).stem) == name]
        target = named or plain
        if len(target) != 1 or (equals and not named and not Path(word).exists()):
            raise UsageError(f"--overlay {word}: say which document it is for, NAME=FILE, with the NAME of one.")
        chosen[target[0]] = (*chosen.get(target[0], ()), Path(file if named else word))
    return chosen
