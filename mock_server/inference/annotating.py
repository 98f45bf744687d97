"""The document with its annotations: its own first, then the author's overlays, then what was inferred."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mock_server.inference.conclusions import Conclusion, Inference
from mock_server.inference.counts import count_annotations
from mock_server.inference.draft import Draft
from mock_server.inference.overlays import Overlay, apply_actions
from mock_server.inference.rules import conclude
from mock_server.inference.schemas import Schemas
from mock_server.inference.targets import find_steps
from mock_server.inference.understanding import Understanding
from mock_server.openapi import Document


def infer(document: Document, overlays: Sequence[Overlay] = ()) -> Inference:
    """What a plain document means beyond what it and its overlays say; never fails, whatever the document says.

    Raises: ContractError as `annotate` does.
    """
    return annotate(document, overlays)[1]


def annotate(document: Document, overlays: Sequence[Overlay] = ()) -> tuple[Document, Inference]:
    """The document with everything known of it laid over: what it says itself wins, then overlays, then inference.

    What an overlay names that does not stand there is a warning of the document that is given back. The inference is of
    the document with its overlays; its conclusions are laid over where nothing stands, but for guesses.

    Raises: ContractError for an overlay whose target is no JSONPath.
    """
    written, waiting = document, []
    for overlay in overlays:
        written, unmatched = apply_actions(written, overlay, overlay.actions)
        waiting.append((overlay, unmatched))
    covered = {name for overlay in overlays for name in overlay.covered}
    concluded = tuple(
        each for each in conclude(Understanding(written, Schemas(written))) if each.subject not in covered
    )
    annotated = dataclasses.replace(written, root=_lay_over(written, concluded))
    for overlay, unmatched in waiting:
        annotated, still = apply_actions(annotated, overlay, unmatched)
        annotated = dataclasses.replace(annotated, warnings=(*annotated.warnings, *overlay.warn(still)))
    guesses = sum(not each.applied for each in concluded) + sum(overlay.guesses for overlay in overlays)
    return annotated, Inference(concluded, _names(annotated), count_annotations(annotated, guesses))


def _lay_over(document: Document, conclusions: Iterable[Conclusion]) -> Mapping[str, Any]:
    draft = Draft(document.root, document.resolve)
    for conclusion in conclusions:
        steps = find_steps(conclusion.target)
        if conclusion.applied and steps is not None and isinstance(draft.find(steps), Mapping):
            draft.merge(steps, conclusion.update, _is_kept)
    return draft.root


def _names(document: Document) -> tuple[str, ...]:
    return tuple(operation.name for operation in document.operations)


WHOLE = ("x-effect", "x-credential", "x-credentials", "x-error-shape", "cursor", "first")
"""What stands or falls as one; other annotations are filled up part by part."""


def _is_kept(key: str, standing: Any) -> bool:
    return not isinstance(standing, Mapping) or key in WHOLE
