"""Where documents answer beside `/<name>`: at the root where there is one, or where `--mount` says."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from mock_server.engine import CompiledOperation, Match, MockApi
from mock_server.errors import UsageError

OWN = ("", "__admin", "__console", "__understudy", "assets", "console", "docs", "favicon.ico", "openapi")
"""First segments of the server's own paths; what begins with `__` is never a document's."""

ROOT = "/"


class Place(NamedTuple):
    """What a path leads to: a provider, the path it is mounted at, and the rest of the path."""

    name: str
    mount: str
    path: str


class Mounts:
    """Which provider answers at a path that does not begin with its name.

    At the root the server's own pages and the other providers come first, unless an operation of the document has that
    very first segment.
    """

    def __init__(self, apis: Mapping[str, MockApi], mounts: Mapping[str, str]) -> None:
        self._apis = apis
        self.root = mounts.get(ROOT, "")
        # The longest first: `/a/b` before `/a`.
        self._prefixes = [(p, mounts[p]) for p in sorted(mounts, key=len, reverse=True) if p != ROOT]
        self._taken = frozenset((*OWN, *apis))
        self._firsts = frozenset(_find_firsts(apis[self.root])) if self.root else frozenset()

    def __bool__(self) -> bool:
        return bool(self.root or self._prefixes)

    def find(self, method: str, path: str) -> Place | None:
        """The provider that answers at a path, or None: then it is a provider's by its name, or the server's own."""
        for prefix, name in self._prefixes:
            if path == prefix or path.startswith(f"{prefix}/"):
                return Place(name, prefix, path[len(prefix) :] or "/")
        if not self.root:
            return None
        end = path.find("/", 1)
        first = path[1:] if end < 0 else path[1:end]
        if (first in self._taken or first[:1] == "~") and not self._is_documented(method, path, first):
            return None
        return Place(self.root, "", path)

    def _is_documented(self, method: str, path: str, first: str) -> bool:
        """Whether the document at the root has an operation there that begins with this segment, not with any."""
        if first not in self._firsts or first.startswith("__"):
            return False
        api = self._apis[self.root]
        return _begins_so(api.find(method, path), api.contract.base_path, first)


def _begins_so(match: Match[CompiledOperation] | None, base_path: str, first: str) -> bool:
    if match is None:
        return False
    path = match.target.operation.path
    return any(each.split("/")[1:2] == [first] for each in (path, path.removeprefix(base_path)))


def _find_firsts(api: MockApi) -> set[str]:
    """The first segments of all its paths, base path or not."""
    paths = {operation.path for operation in api.contract.operations}
    below = {path.removeprefix(api.contract.base_path) for path in paths}
    return {[*path.split("/"), ""][1] for path in paths | below}


def find_shadowed(api: MockApi) -> bool:
    """Whether a document has operations where the server has pages of its own."""
    return not _find_firsts(api).isdisjoint(OWN)


def read_mounts(words: Iterable[str], plain: Sequence[str], known: Collection[str]) -> dict[str, str]:
    """Each path and the provider that answers there, from words `/PATH` and `NAME=/PATH`.

    Without words the only plain document, where there is one, answers at the root. Raises: UsageError.
    """
    mounts: dict[str, str] = {}
    for word in words:
        name, equals, path = word.partition("=")
        if not equals:
            name, path = (plain[0] if len(plain) == 1 else ""), word
        if not name:
            raise UsageError(f"--mount {word}: say which provider is meant, NAME={word}.")
        if name not in known:
            raise UsageError(f"--mount {word}: there is no provider {name!r} here; there is {', '.join(known)}.")
        if not path.startswith("/") or any(sign in path for sign in "?#%\\ ") or "//" in path:
            raise UsageError(f"--mount {word}: a path begins with a slash, /v1 or the like.")
        mounts[path.rstrip("/") or ROOT] = name
    if not mounts and len(plain) == 1:
        mounts[ROOT] = plain[0]
    return mounts
