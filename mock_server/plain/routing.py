"""Where the paths of a plain document lead: fixed segments first, parameters inside segments, base path or not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from mock_server.engine import CompiledOperation, Match
from mock_server.messages import decode_segment
from mock_server.plain.by_query import ByQuery

MAX_SEGMENT = 300
"""The longest segment of a path that several parameters may share."""

_PARAMETER = re.compile(r"\{([^{}]*)\}")


@dataclass
class _Node:
    """One segment deep in the tree of templates: what may follow, and what ends here."""

    fixed: dict[str, _Node] = field(default_factory=dict)
    patterns: list[tuple[re.Pattern[str], _Node]] = field(default_factory=list)
    rest: list[tuple[re.Pattern[str], _Node]] = field(default_factory=list)
    ends: dict[str, list[tuple[CompiledOperation, tuple[str, ...]]]] = field(default_factory=dict)

    def grow(self, segment: str, is_rest: bool) -> _Node:
        """The node behind a segment of a template."""
        if not _PARAMETER.search(segment):
            return self.fixed.setdefault(segment, _Node())
        pattern = _compile_segment(segment)
        listed = self.rest if is_rest else self.patterns
        known = next((node for each, node in listed if each.pattern == pattern.pattern), None)
        if known is None:
            known = _Node()
            listed.append((pattern, known))
            # What says more of a segment comes first: `{id}.json` before `{id}`.
            listed.sort(key=lambda pair: -len(_PARAMETER.sub("", pair[0].pattern.replace("(.+?)", ""))))
        return known


def _compile_segment(segment: str) -> re.Pattern[str]:
    """`{id}.json` as a pattern; every parameter takes at least one character."""
    pieces = _PARAMETER.split(segment)
    return re.compile("".join("(.+?)" if n % 2 else re.escape(piece) for n, piece in enumerate(pieces)), re.DOTALL)


def _match(pattern: re.Pattern[str], segment: str) -> re.Match[str] | None:
    """The match of a segment; one with several parameters is tried in many ways, so a long one is none of its own."""
    return None if pattern.groups > 1 and len(segment) > MAX_SEGMENT else pattern.fullmatch(segment)


def _join_queries(
    rows: Iterable[tuple[str, str, CompiledOperation]],
) -> Iterator[tuple[str, str, CompiledOperation]]:
    """The rows by their paths alone; those that only a fixed query tells apart are one."""
    grouped: dict[tuple[str, str], list[CompiledOperation]] = {}
    queried: set[tuple[str, str]] = set()
    for method, path, compiled in rows:
        bare, mark, query = path.partition("?")
        if not mark:
            yield method, path, compiled
            continue
        grouped.setdefault((method, bare), []).append(compiled)
        queried |= {(method, bare)} if "=" in query else set()
    for (method, bare), choices in grouped.items():
        several = len(choices) > 1 and (method, bare) in queried
        yield method, bare, ByQuery(choices) if several else choices[0]


Fits = Callable[[CompiledOperation, Mapping[str, str]], bool]
"""Whether an operation would take the values of a path."""


class PlainRoutes:
    """The operations of a plain document by method and path.

    A path is looked for as it is documented, and below the base path of the document's first server. A trailing slash
    makes no difference; what a template has behind `?` is no path, and what it has behind `#` may be left out, as
    clients do. Of templates that differ in the names of parameters only, the first whose operation `fits` is chosen.
    """

    def __init__(
        self,
        rows: Iterable[tuple[str, str, CompiledOperation]],
        base_path: str,
        fits: Fits = lambda compiled, values: True,
    ) -> None:
        self._base, self._root, self._fits = base_path, _Node(), fits
        self._fixed: dict[str, dict[str, Match[CompiledOperation]]] = {}
        listed = list(_join_queries(rows))
        # A path that is documented without a fragment comes before one of which the fragment is left out.
        for method, path, compiled in [
            *listed,
            *((m, path.partition("#")[0], c) for m, path, c in listed if "#" in path),
        ]:
            self._add(method, path, compiled)

    def _add(self, method: str, path: str, compiled: CompiledOperation) -> None:
        template = path.rstrip("/")
        names = tuple(name.lstrip("+").rstrip("*") for name in _PARAMETER.findall(template))
        if not names:
            self._fixed.setdefault(template, {}).setdefault(method, Match(compiled, {}))
        node = self._root
        for segment in template.split("/")[1:]:
            node = node.grow(segment, is_rest=segment.startswith("{+") or segment.endswith("*}"))
        node.ends.setdefault(method, []).append((compiled, names))

    def find(self, method: str, path: str) -> Match[CompiledOperation] | None:
        """The operation asked for with the values in its path, or None; HEAD is GET where it is not documented."""
        match = self._find(method, path)
        return self._find("GET", path) if match is None and method == "HEAD" else match

    def _find(self, method: str, path: str) -> Match[CompiledOperation] | None:
        for below in self._paths(path):
            fixed = self._fixed.get(below)
            if fixed and method in fixed:
                return fixed[method]
            for node, values in self._walk(self._root, below.split("/")[1:]):
                if method in node.ends:
                    return self._choose(node.ends[method], values)
        return None

    def _choose(
        self,
        ends: Sequence[tuple[CompiledOperation, tuple[str, ...]]],
        values: tuple[str, ...],
    ) -> Match[CompiledOperation]:
        matches = [Match(compiled, dict(zip(names, values))) for compiled, names in ends]
        several = matches if len(matches) > 1 else []
        return next((match for match in several if self._fits(match.target, match.values)), matches[0])

    def allowed(self, path: str) -> tuple[str, ...]:
        """The methods documented for a path, HEAD and OPTIONS included; empty for an unknown path."""
        ends = [node.ends for below in self._paths(path) for node, _ in self._walk(self._root, below.split("/")[1:])]
        methods = {method for each in ends for method in each}
        more = {"HEAD"} if "GET" in methods else set()
        return tuple(sorted({*methods, *more, "OPTIONS"})) if methods else ()

    def _paths(self, path: str) -> Iterator[str]:
        """The path below the base path where it begins so, then as it is; no trailing slash."""
        path = path.rstrip("/")
        if self._base and (path == self._base or path.startswith(f"{self._base}/")):
            yield path[len(self._base) :]
        yield path

    def _walk(self, node: _Node, segments: list[str]) -> Iterator[tuple[_Node, tuple[str, ...]]]:
        """Every place of the tree that a path leads to, fixed segments before parameters."""
        if not segments:
            yield node, ()
            return
        segment, behind = segments[0], segments[1:]
        if segment in node.fixed:
            yield from self._walk(node.fixed[segment], behind)
        for pattern, below in node.patterns:
            if hit := _match(pattern, segment):
                values = tuple(decode_segment(value) for value in hit.groups())
                yield from ((end, values + more) for end, more in self._walk(below, behind))
        for pattern, below in node.rest:
            if hit := pattern.fullmatch("/".join(segments)):
                yield below, tuple(decode_segment(value) for value in hit.groups())
