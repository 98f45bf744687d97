"""A document while annotations are laid over it: copied only along the ways that change."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Step = str | int
IsKept = Callable[[Sequence[Step], Any], bool]


class Draft:
    """A changed view of a tree of mappings and lists; what it was made from is never touched.

    `resolve` follows references: a path or an operation that is one is replaced by what it names before it changes.
    """

    def __init__(self, root: Mapping[str, Any], resolve: Callable[[Any], Any]) -> None:
        self.root: dict[str, Any] = dict(root)
        self._resolve = resolve
        self._own: dict[int, Any] = {id(self.root): self.root}

    def find(self, steps: Sequence[Step]) -> Any:
        """What stands at a place, references to paths and operations followed; None where nothing does."""
        node: Any = self.root
        for depth, step in enumerate(steps):
            node = _get(node, step)
            if node is None:
                return None
            node = self._resolved(node, steps, depth)
        return node

    def open(self, steps: Sequence[Step]) -> Any:
        """The container at a place, which must exist, copied so that it may be changed."""
        node: Any = self.root
        for depth, step in enumerate(steps):
            child = self._resolved(node[step], steps, depth)
            if id(child) not in self._own:
                child = copy.copy(child)
                self._own[id(child)] = child
            node[step] = child
            node = child
        return node

    def _resolved(self, node: Any, steps: Sequence[Step], depth: int) -> Any:
        is_shared = steps[0] == "paths" and depth in (1, 2) and isinstance(node, Mapping) and "$ref" in node
        return self._resolve(node) if is_shared else node

    def merge(self, steps: Sequence[Step], update: Mapping[str, Any], is_kept: IsKept) -> None:
        """Lay a mapping over the one at a place: mappings are merged, other values replaced.

        What stands there already stays where `is_kept(steps, value)` says so.
        """
        target = self.open(steps)
        for key, value in update.items():
            standing = target.get(key)
            if key in target and is_kept((*steps, key), standing):
                continue
            if isinstance(value, Mapping) and isinstance(standing, Mapping):
                self.merge((*steps, key), value, is_kept)
            else:
                target[key] = copy.deepcopy(value)


def _get(node: Any, step: Step) -> Any:
    if isinstance(node, Mapping):
        return node.get(step)
    is_index = isinstance(node, list) and isinstance(step, int) and 0 <= step < len(node)
    return node[step] if is_index else None
