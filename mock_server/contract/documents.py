"""The files of a contract as one bundled document: local references, overlays."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mock_server.contract.files import MAX_DEPTH, load_document
from mock_server.contract.queries import Place, find_matches
from mock_server.contract.upgrade import find_original, upgrade
from mock_server.contract.upgrade_schema import upgrade_schema
from mock_server.errors import ContractError, suggest

MAX_RESOLVED = 500_000
"""The most values a document stands for when each reference is counted as what it names."""


@dataclass(frozen=True)
class Bundle:
    """One provider's files as one document.

    `document` is OpenAPI 3.1, lifted to it where it was older, and holds every referenced schema file under
    `components.schemas.<stem>`; `files` says which file each of those came from, and `original` is the document as it
    is written, so that a problem can name the file and the place it stands in.
    """

    folder: Path
    document: dict[str, Any]
    files: Mapping[str, str]
    original: Mapping[str, Any]

    def locate(self, pointer: str) -> tuple[str, str]:
        """The file, and the pointer in it, of a place in the bundled document."""
        parts = pointer.split("/")
        if parts[1:3] == ["components", "schemas"] and len(parts) > 3 and parts[3] in self.files:
            return f"{self.folder.name}/{self.files[parts[3]]}", "".join(f"/{p}" for p in parts[4:])
        return f"{self.folder.name}/openapi.yaml", find_original(self.original, pointer)

    def problem(self, pointer: str, problem: str, hint: str = "") -> ContractError:
        """A contract error at a place of the bundled document."""
        file, inside = self.locate(pointer)
        return ContractError(file, inside, problem, hint)


def locate(folder: Path, pointers: Iterable[str]) -> dict[str, tuple[Path, str]]:
    """The file of a provider's folder, and the pointer in it, of places in its bundled document.

    Raises: ContractError for a file that cannot be read.
    """
    bundle = load_bundle(folder)
    places = {pointer: bundle.locate(pointer) for pointer in pointers}
    return {pointer: (folder / file.partition("/")[2], inside) for pointer, (file, inside) in places.items()}


def escape_pointer(key: object) -> str:
    """One step of a JSON Pointer (RFC 6901)."""
    return str(key).replace("~", "~0").replace("/", "~1")


def load_bundle(folder: Path) -> Bundle:
    """`openapi.yaml` of a folder with every local file it refers to, as one document.

    Raises: ContractError for a file that cannot be read, or a reference out of the folder.
    """
    original = load_document(folder / "openapi.yaml")
    if not isinstance(original, dict):
        raise ContractError(f"{folder.name}/openapi.yaml", "", "is not an OpenAPI document", "expected a mapping")
    document = upgrade(original)
    bundler = _Bundler(folder, is_older=document is not original)
    document = bundler.rewrite(document, "openapi.yaml", "", 0)
    if not isinstance(document.setdefault("components", {}), dict):
        raise ContractError(f"{folder.name}/openapi.yaml", "/components", "is not a mapping")
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas.update({stem: bundler.schemas[stem] for stem in sorted(bundler.schemas)})
    return Bundle(folder, document, bundler.files, original)


class _Bundler:
    """Copies documents with references to files turned into references inside one document."""

    def __init__(self, folder: Path, is_older: bool) -> None:
        self.folder, self.is_older = folder, is_older
        self.files: dict[str, str] = {}
        self.schemas: dict[str, Any] = {}

    def rewrite(self, node: Any, file: str, pointer: str, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise ContractError(f"{self.folder.name}/{file}", pointer, f"is nested deeper than {MAX_DEPTH} levels")
        if isinstance(node, list):
            return [self.rewrite(child, file, f"{pointer}/{n}", depth + 1) for n, child in enumerate(node)]
        if not isinstance(node, dict):
            return node
        copied = {
            key: self.rewrite(child, file, f"{pointer}/{escape_pointer(key)}", depth + 1) for key, child in node.items()
        }
        if isinstance(node.get("$ref"), str):
            copied["$ref"] = self.refer(node["$ref"], file, pointer)
        return copied

    def refer(self, reference: str, file: str, pointer: str) -> str:
        name, _, inside = reference.partition("#")
        if not name and file == "openapi.yaml":
            return reference
        # Below a schema file, `#/…` is a place in that file, which becomes a component of its own.
        stem = self.include(name or file, file, pointer)
        return f"#/components/schemas/{stem}{inside}"

    def include(self, name: str, file: str, pointer: str) -> str:
        here = f"{self.folder.name}/{file}"
        if not name.isprintable():
            raise ContractError(here, f"{pointer}/$ref", f"{name!r} is not the name of a file")
        path = self.folder / name
        if "://" in name or self.folder.resolve() not in path.resolve().parents:
            raise ContractError(here, f"{pointer}/$ref", f"{name!r} is not a file of this folder")
        if not path.is_file():
            names = [p.name for p in self.folder.glob("*.schema.json")]
            problem = f"refers to {name!r}, which does not exist"
            raise ContractError(here, f"{pointer}/$ref", problem, suggest(name, names))
        stem = path.name.removesuffix(".json").removesuffix(".yaml").removesuffix(".schema")
        # Noted before it is read: two files that refer to each other would be read for ever.
        if stem not in self.files:
            self.files[stem] = path.name
            loaded = load_document(path)
            loaded = {k: v for k, v in loaded.items() if k != "$schema"} if isinstance(loaded, dict) else loaded
            # A file speaks the dialect of the document that refers to it.
            loaded = upgrade_schema(loaded) if self.is_older else loaded
            self.schemas[stem] = self.rewrite(loaded, path.name, "", 0)
        return stem


def walk(node: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    """Every place of a document with its JSON Pointer, parents first."""
    yield pointer, node
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in children:
        yield from walk(child, f"{pointer}/{escape_pointer(key)}")


def find_pointer(document: Any, pointer: str) -> Any:
    """The value at a JSON Pointer, or None."""
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(document, list) and key.isdecimal() and int(key) < len(document):
            document = document[int(key)]
        elif isinstance(document, dict) and key in document:
            document = document[key]
        else:
            return None
    return document


def check_references(bundle: Bundle) -> Iterator[ContractError]:
    """Every reference that leads nowhere or runs in a circle; and too much, if what all of them name is too much."""
    missing = [
        bundle.problem(f"{pointer}/$ref", f"refers to {node['$ref']!r}, which does not exist")
        for pointer, node in walk(bundle.document)
        if _is_reference(node) and find_pointer(bundle.document, node["$ref"].partition("#")[2]) is None
    ]
    yield from missing
    if not missing:
        yield from _Measure(bundle).check()


def _is_reference(node: Any) -> bool:
    return isinstance(node, dict) and isinstance(node.get("$ref"), str)


class _Measure:
    """How much a document stands for, each reference followed once: `resolve` would follow it each time."""

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        self.known: dict[str, tuple[int, int]] = {}
        self.path: list[str] = []
        self.problems: list[ContractError] = []

    def check(self) -> list[ContractError]:
        size, depth = self.measure(self.bundle.document, "")
        if not self.problems and (size > MAX_RESOLVED or depth > 2 * MAX_DEPTH):
            problem = f"stands for more than {MAX_RESOLVED:,} values in {2 * MAX_DEPTH} levels"
            self.problems.append(self.bundle.problem("", problem, "references to references multiply; name less"))
        return self.problems

    def measure(self, node: Any, pointer: str) -> tuple[int, int]:
        """How many values, and how many levels."""
        children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
        measured = [self.measure(child, f"{pointer}/{escape_pointer(key)}") for key, child in children]
        if _is_reference(node):
            measured.append(self.follow(node["$ref"].partition("#")[2], pointer))
        return 1 + sum(size for size, _ in measured), 1 + max((depth for _, depth in measured), default=0)

    def follow(self, target: str, pointer: str) -> tuple[int, int]:
        if target in self.path:
            problem = f"the reference to {target!r} runs in a circle"
            self.problems.append(
                self.bundle.problem(f"{pointer}/$ref", problem, "what contains itself cannot be played"),
            )
            return 0, 0
        if target not in self.known:
            self.path.append(target)
            self.known[target] = self.measure(find_pointer(self.bundle.document, target), target)
            self.path.pop()
        return self.known[target]


def resolve(document: dict[str, Any], node: Any) -> Any:
    """A copy of `node` in which every `$ref` is replaced by what it names; keys beside a `$ref` win.

    `check_references` must have found nothing: a circle would never end.
    """
    if isinstance(node, list):
        return [resolve(document, child) for child in node]
    if not isinstance(node, dict):
        return node
    if isinstance(node.get("$ref"), str):
        named = resolve(document, find_pointer(document, node["$ref"].partition("#")[2]))
        beside = {key: value for key, value in node.items() if key != "$ref"}
        return {**named, **resolve(document, beside)} if isinstance(named, dict) else named
    return {key: resolve(document, child) for key, child in node.items()}


def apply_overlay(document: dict[str, Any], actions: list[dict[str, Any]], where: str) -> dict[str, Any]:
    """A copy of the document with the actions of an OpenAPI Overlay 1.0 carried out in order.

    `where` is the file that the actions are from. Raises: ContractError for a target that is none, or matches nothing.
    """
    changed = copy.deepcopy(document)
    for number, action in enumerate(actions):
        here = f"/actions/{number}/target"
        try:
            places = find_matches(changed, action["target"])
        except ValueError as error:
            raise ContractError(where, here, f"{action['target']!r} is not a JSONPath: {error}") from None
        if not places:
            raise ContractError(where, here, f"{action['target']!r} matches nothing in the contract")
        # Backwards, so that removing one entry of a list does not move those still to be removed.
        for place in reversed(places):
            if not place.steps and not isinstance(action.get("update"), dict):
                raise ContractError(where, here, "would replace or remove the whole contract", "name a place in it")
            _act(changed, place, action)
    return changed


def _act(document: Any, place: Place, action: dict[str, Any]) -> None:
    # The root has no place to be replaced in; `apply_overlay` lets only a merge with it through.
    *above, last = place.steps or (None,)
    if action.get("remove"):
        del _at(document, above)[last]
    elif isinstance(place.value, dict) and isinstance(action["update"], dict):
        _merge(place.value, action["update"])
    elif isinstance(place.value, list):
        place.value.append(copy.deepcopy(action["update"]))
    else:
        _at(document, above)[last] = copy.deepcopy(action["update"])


def _at(document: Any, location: list[Any]) -> Any:
    for step in location:
        document = document[step]
    return document


def _merge(target: dict[str, Any], update: dict[str, Any]) -> None:
    for key, value in update.items():
        if isinstance(value, dict) and isinstance(target.get(key), dict):
            _merge(target[key], value)
        elif isinstance(value, list) and isinstance(target.get(key), list):
            target[key].extend(copy.deepcopy(value))
        else:
            target[key] = copy.deepcopy(value)
