"""One document with the files it refers to: each read once, put below `x-files`, every reference made `#/…`.

A reference leads to files below the folder of the document and nowhere else. One that leads elsewhere, or nowhere, is
taken away and noted: what it stood for is anything then.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple
from urllib.parse import unquote

from mock_server.contract import escape_pointer, find_pointer
from mock_server.errors import ContractError
from mock_server.openapi.document import MAX_CHAIN
from mock_server.openapi.references import Reference, find_names, find_references
from mock_server.openapi.source import Source, load_bytes
from mock_server.openapi.text import read_text

FILES = "x-files"
MAX_FILES = 5_000
MAX_TOTAL_BYTES = 128 * 1024 * 1024


class Note(NamedTuple):
    """Something wrong at a place of a file ("" is the document itself), in a line where that is known."""

    file: str
    pointer: str
    problem: str
    line: int = 0


class Part(NamedTuple):
    """What a reference stands for in another file: its pointer in the bundled document, and its kind."""

    pointer: str
    kind: str


class _Target(NamedTuple):
    """Where a reference leads: a file ("" the document itself) and a pointer in it; or the problem, if nowhere."""

    file: str
    pointer: str
    problem: str = ""


class Bundler:
    """Makes one document of a root and the files that it refers to, in place."""

    def __init__(self, root: dict[str, Any], source: Source) -> None:
        self.root = root
        self.folder = source.folder.resolve() if source.folder else None
        self.name = Path(source.file).name
        self.notes: list[Note] = []
        self.parts: dict[Part, None] = {}
        self._files: dict[str, Any] = {}
        self._unread: dict[str, str] = {}
        self._left = MAX_TOTAL_BYTES
        self._targets: dict[tuple[str, str], _Target] = {}
        self._names: dict[str, dict[str, str]] = {}  # of each file
        self._seen: dict[int, dict[str, Any]] = {}  # the nodes too, so that no other takes the number of one

    @property
    def files(self) -> tuple[str, ...]:
        """The files that were referred to, read or not."""
        return (*self._files, *self._unread)

    def bundle(self) -> None:
        """Rewrite every reference that can be reached from the root."""
        waiting = [("", "", "part")]
        while waiting:
            file, pointer, kind = waiting.pop()
            start = find_pointer(self._files[file] if file else self.root, pointer)
            for reference in find_references(start, kind, pointer) if isinstance(start, dict | list) else ():
                for target in self._rewrite(reference, file):
                    part = Part(self._place(target), reference.kind)
                    if part not in self.parts and (target.file or not _is_reached(target.pointer)):
                        self.parts[part] = None
                        waiting.append((target.file, target.pointer, reference.kind))
        if self._files:
            self.root[FILES] = self._files

    def _rewrite(self, reference: Reference, file: str) -> Iterator[_Target]:
        """Make what refers in one mapping `#/…`, where it was not before; what is given leads somewhere."""
        node = reference.node
        if id(node) in self._seen:
            return
        self._seen[id(node)] = node
        for key in reference.keys:
            target = self._find(node[key], file)
            if target.problem or key == "$dynamicRef":
                del node[key]
            if target.problem:
                self.notes.append(Note(file, f"{reference.pointer}/{escape_pointer(key)}", target.problem))
            else:
                node["$ref" if key == "$dynamicRef" else key] = f"#{self._place(target)}"
                yield target

    def _place(self, target: _Target) -> str:
        return f"/{FILES}/{escape_pointer(target.file)}{target.pointer}" if target.file else target.pointer

    def _find(self, written: str, file: str) -> _Target:
        known = self._targets.get((written, file))
        if known is None:
            known = self._targets[written, file] = self._look_for(written, file)
        return known

    def _look_for(self, written: str, file: str) -> _Target:
        name, _, fragment = written.partition("#")
        named = self._find_named(written, file)
        if named:
            return named
        there = self._find_file(unquote(name).replace("\\", "/"), file) if name else _Target(file, "")
        if there.problem:
            return _Target("", "", f"refers to {written!r}: {there.problem}")
        root = self._files[there.file] if there.file else self.root
        pointer = fragment if find_pointer(root, fragment) is not None else unquote(fragment)
        if find_pointer(root, pointer) is None or (pointer and not pointer.startswith("/")):
            return _Target("", "", f"refers to {written!r}, which does not exist")
        if self._is_circle(root, pointer):
            return _Target("", "", f"the reference {written!r} leads to itself")
        return _Target(there.file, pointer)

    def _find_named(self, written: str, file: str) -> _Target | None:
        """What a name stands for that a schema of the same file gives itself: an anchor, an address."""
        if written.startswith("#/") or written == "#":
            return None
        if file not in self._names:
            self._names[file] = dict(find_names(self._files[file] if file else self.root))
        pointer = self._names[file].get(written)
        return None if pointer is None else _Target(file, pointer)

    def _is_circle(self, root: Any, pointer: str) -> bool:
        """Whether references on top of a place never end, as far as one file tells."""
        for _ in range(MAX_CHAIN):
            node = find_pointer(root, pointer)
            following = node.get("$ref") if isinstance(node, dict) else None
            if not isinstance(following, str) or not following.startswith("#"):
                return False
            pointer = following[1:]
        return True

    def _find_file(self, name: str, file: str) -> _Target:
        """The file that a name means in another file, read if it is new."""
        if "://" in name or name.startswith(("//", "urn:", "file:", "data:")):
            return _Target("", "", "nothing is fetched; download it and refer to the file")
        if self.folder is None:
            return _Target("", "", "a document that is no file refers to no files")
        if not name.isprintable():
            return _Target("", "", "that is no name of a file")
        path = self.folder / PurePosixPath(file).parent / name
        try:
            inside = path.resolve().relative_to(self.folder).as_posix()
        except (ValueError, OSError, RuntimeError):
            return _Target("", "", "it is outside the folder of the document")
        if inside == self.name:
            return _Target("", "")
        return _Target(inside, "", self._load(inside))

    def _load(self, inside: str) -> str:
        """Read a file if it is new; what is wrong with it, if anything."""
        if inside in self._files or inside in self._unread:
            return self._unread.get(inside, "")
        assert self.folder is not None
        try:
            if len(self._files) >= MAX_FILES or self._left <= 0:
                raise ContractError(inside, "", f"more than {MAX_FILES:,} files or {MAX_TOTAL_BYTES:,} bytes")
            content = load_bytes(self.folder / inside, inside)
            self._left -= len(content)
            text = read_text(content, inside)
        except ContractError as error:
            self._unread[inside] = error.problem
            return error.problem
        self._files[inside] = text.value
        self.notes.extend(Note(inside, "", problem, line) for line, problem in text.oddities)
        return ""


_REACHED = ("/components/", "/definitions/", "/parameters/", "/responses/", "/paths/", "/webhooks/")


def _is_reached(pointer: str) -> bool:
    """Whether a walk from the root of a document comes to a place: it is in the usual sections, and in no extension."""
    return not pointer or (pointer.startswith(_REACHED) and "/x-" not in pointer)
