"""The document with its annotations: its own first, then the author's overlays, then what was inferred."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mock_server.inference.conclusions import Conclusion, Inference
from mock_server.inference.counts import count_annotations
from mock_server.inference.draft import Draft, Step
from mock_server.inference.overlays import Applied, Overlay, apply_actions
from mock_server.inference.review import drop_misformed, find_touched, is_annotated, require_form, review_meaning
from mock_server.inference.rules import conclude
from mock_server.inference.schemas import Schemas
from mock_server.inference.targets import find_steps
from mock_server.inference.understanding import Understanding
from mock_server.openapi import Document, without_collector


def infer(document: Document, overlays: Sequence[Overlay] = ()) -> Inference:
    """What a plain document means beyond what it and its overlays say; never fails, whatever the document says.

    Raises: what `annotate` does, for an overlay.
    """
    return annotate(document, overlays)[1]


def annotate(document: Document, overlays: Sequence[Overlay] = ()) -> tuple[Document, Inference]:
    """The document with everything known of it laid over: what it says itself wins, then overlays, then inference.

    What an overlay names that does not stand there is a warning of the document that is given back, as is what the
    document itself annotates wrongly. The inference is of the document with its overlays; its conclusions are laid over
    where nothing stands, but for guesses.

    Raises: ContractError for an overlay whose target is no JSONPath, ContractErrors for annotations in an overlay that
    have a wrong form or name what is not there.
    """
    with without_collector():
        return _annotate(document, overlays)


def _annotate(document: Document, overlays: Sequence[Overlay]) -> tuple[Document, Inference]:
    written = drop_misformed(document)
    own = [operation.name for operation in written.operations if is_annotated(operation)]
    written, first = _apply(written, overlays, [overlay.actions for overlay in overlays])
    touched = [each for overlay, applied in first for each in find_touched(overlay, applied)]
    require_form(written, touched)
    covered = {name for overlay in overlays for name in overlay.covered}
    concluded = tuple(
        each for each in conclude(Understanding(written, Schemas(written))) if each.subject not in covered
    )
    annotated = dataclasses.replace(written, root=_lay_over(written, concluded))
    annotated, second = _apply(annotated, overlays, [applied.unmatched for _, applied in first])
    late = [each for overlay, applied in second for each in find_touched(overlay, applied)]
    require_form(annotated, late)
    unmatched = (warning for overlay, applied in second for warning in overlay.warn(applied.unmatched))
    annotated = dataclasses.replace(annotated, warnings=(*annotated.warnings, *unmatched))
    annotated = review_meaning(annotated, own, (*touched, *late))
    guesses = sum(not each.applied for each in concluded) + sum(overlay.guesses for overlay in overlays)
    return annotated, Inference(concluded, _names(annotated), count_annotations(annotated, guesses))


def _apply(
    document: Document,
    overlays: Sequence[Overlay],
    actions: Sequence[Any],
) -> tuple[Document, list[tuple[Overlay, Applied]]]:
    """The document with chosen actions of each overlay carried out, one overlay after the other."""
    done = []
    for overlay, chosen in zip(overlays, actions, strict=True):
        applied = apply_actions(document, overlay, chosen)
        done.append((overlay, applied))
        document = applied.document
    return document, done


def _lay_over(document: Document, conclusions: Iterable[Conclusion]) -> Mapping[str, Any]:
    draft = Draft(document.root, document.resolve)
    for conclusion in conclusions:
        steps = find_steps(conclusion.target)
        if conclusion.applied and steps is not None and isinstance(draft.find(steps), Mapping):
            draft.merge(steps, conclusion.update, _is_kept)
    return draft.root


def _names(document: Document) -> tuple[str, ...]:
    return tuple(operation.name for operation in document.operations)


WHOLE = ("x-effect", "x-credential", "x-credentials", "x-error-shape")
"""What stands or falls as one; of the other annotations, what is missing is filled in part by part."""


def _is_kept(steps: Sequence[Step], standing: Any) -> bool:
    is_test = len(steps) > 1 and steps[-2] == "x-filters"
    return not isinstance(standing, Mapping) or steps[-1] in WHOLE or is_test
