"""Path templates compiled to look-ups: a dictionary for fixed paths, segments for the others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Generic, NamedTuple, TypeVar

from mock_server.messages import decode_segment

Target = TypeVar("Target")


class Match(NamedTuple, Generic[Target]):
    """What a path leads to, and the values of its template's parameters."""

    target: Target
    values: Mapping[str, str]


class _Template(NamedTuple):
    segments: tuple[str, ...]
    names: tuple[str, ...]


class Routes(Generic[Target]):
    """Where each documented path and method leads. A trailing slash makes no difference."""

    def __init__(self, rows: Iterable[tuple[str, str, Target]], ignore_case: bool = False) -> None:
        self._fold = str.lower if ignore_case else str
        self._fixed: dict[str, dict[str, Match[Target]]] = {}
        self._templates: list[tuple[_Template, dict[str, Target]]] = []
        for method, path, target in rows:
            self._add(method, path, target)

    def _add(self, method: str, path: str, target: Target) -> None:
        if "{" not in path:
            self._fixed.setdefault(self._fold(path), {})[method] = Match(target, {})
            return
        template = _compile(path, self._fold)
        for known, methods in self._templates:
            if known == template:
                methods[method] = target
                return
        self._templates.append((template, {method: target}))

    def find(self, method: str, path: str) -> Match[Target] | None:
        """The target of a method (HEAD counts as GET) and a path, or None."""
        method = "GET" if method == "HEAD" else method
        folded = self._fold(path)
        methods = self._fixed.get(folded) or self._fixed.get(folded.rstrip("/"))
        # A fixed path comes before a template that would match it as well (OpenAPI 3.1, 4.8.8).
        if methods is not None:
            return methods.get(method)
        for template, targets in self._templates:
            values = _match(template, folded, path)
            if values is not None and method in targets:
                return Match(targets[method], values)
        return None

    def allowed(self, path: str) -> tuple[str, ...]:
        """The methods documented for a path, HEAD and OPTIONS included; empty for an unknown path."""
        folded = self._fold(path)
        methods = list(self._fixed.get(folded) or self._fixed.get(folded.rstrip("/")) or ())
        if not methods:
            matching = (targets for template, targets in self._templates if _match(template, folded, path) is not None)
            methods = [method for targets in matching for method in targets]
        more = ("HEAD",) if "GET" in methods else ()
        return tuple(sorted({*methods, *more, "OPTIONS"})) if methods else ()


def _compile(path: str, fold: type[str] | object) -> _Template:
    segments = path.strip("/").split("/")
    names = tuple(segment[1:-1] for segment in segments if segment.startswith("{"))
    fixed = tuple("" if segment.startswith("{") else fold(segment) for segment in segments)  # type: ignore[operator]
    return _Template(fixed, names)


def _match(template: _Template, folded: str, path: str) -> dict[str, str] | None:
    pieces = folded.strip("/").split("/")
    if len(pieces) != len(template.segments):
        return None
    values = []
    for piece, segment, original in zip(pieces, template.segments, path.strip("/").split("/")):
        if not segment and piece:
            values.append(decode_segment(original) if "%" in original else original)
        elif segment != piece:
            return None
    return dict(zip(template.names, values))
