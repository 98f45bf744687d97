"""The document with its annotations: its own first, then the author's overlays, then what was inferred."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mock_server.inference.conclusions import Conclusion, Inference
from mock_server.inference.draft import Draft
from mock_server.inference.inferring import infer
from mock_server.inference.overlays import Overlay, apply_actions
from mock_server.inference.targets import find_steps
from mock_server.openapi import Document


def annotate(document: Document, overlays: Sequence[Overlay] = ()) -> tuple[Document, Inference]:
    """The document with everything known of it laid over: what it says itself wins, then overlays, then inference.

    What an overlay names that does not stand there is a warning of the document that is given back. The inference is of
    the document with its overlays; conclusions that contradict neither are laid over, but guesses.

    Raises: ContractError for an overlay whose target is no JSONPath.
    """
    written, waiting = document, []
    for overlay in overlays:
        written, unmatched = apply_actions(written, overlay, overlay.actions)
        waiting.append((overlay, unmatched))
    inference = _leave_known(infer(written), overlays)
    annotated = dataclasses.replace(written, root=_lay_over(written, inference.conclusions))
    for overlay, unmatched in waiting:
        annotated, still = apply_actions(annotated, overlay, unmatched)
        annotated = dataclasses.replace(annotated, warnings=(*annotated.warnings, *overlay.warn(still)))
    return annotated, inference


def _leave_known(inference: Inference, overlays: Sequence[Overlay]) -> Inference:
    """Without what a saved inference covers: what its author removed there stays removed."""
    covered = {name for overlay in overlays for name in overlay.covered}
    if not covered:
        return inference
    fresh = tuple(each for each in inference.conclusions if find_subject(each) not in covered)
    return dataclasses.replace(inference, conclusions=fresh)


def find_subject(conclusion: Conclusion) -> str:
    """What a conclusion is about, as a saved inference lists it: the operation, the collection, or the place."""
    collections = conclusion.update.get("x-collections")
    if isinstance(collections, Mapping):
        return f"collection {next(iter(collections))}"
    return conclusion.operation or conclusion.target


def _lay_over(document: Document, conclusions: Iterable[Conclusion]) -> Mapping[str, Any]:
    draft = Draft(document.root, document.resolve)
    for conclusion in conclusions:
        steps = find_steps(conclusion.target)
        if conclusion.applied and steps is not None and isinstance(draft.find(steps), Mapping):
            draft.merge(steps, conclusion.update, _is_kept)
    return draft.root


def _is_kept(key: str, standing: Any) -> bool:
    """What stands already is kept; only annotations that are made of parts are filled up part by part."""
    return not isinstance(standing, Mapping) or key in ("x-effect", "x-credential", "x-credentials", "x-error-shape")
