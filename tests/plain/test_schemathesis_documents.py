"""Schemathesis over plain documents of every version, in process: all checks, both modes, and not empty."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.generated_requests import Failure, ask_document

DOCUMENTS = sorted((Path(__file__).parent / "documents").iterdir())

MAX_EXAMPLES = 6

REASONS = {
    ("library.json", "POST /covers", "negative_data_rejection"): "a form may have fields that nobody documents",
    (
        "forms.yaml",
        "POST /subscriptions",
        "negative_data_rejection",
    ): "in a form an empty list looks like one empty text",
    ("tasks.json", "GET /projects", "positive_data_acceptance"): "a cursor comes from an answer; others are refused",
}
"""What Schemathesis disapproves of and we do not, and why."""


def is_ours(document: Path, failure: Failure) -> bool:
    """Whether nobody has given a reason for a failure."""
    return (document.name, failure.operation, failure.check) not in REASONS


@pytest.mark.parametrize("document", DOCUMENTS, ids=[document.name for document in DOCUMENTS])
def test_a_document_is_played_as_it_says(document: Path) -> None:
    run = ask_document(document, MAX_EXAMPLES)
    assert run.is_whole and not run.problem
    assert [failure for failure in run.failures if is_ours(document, failure)] == []
    assert run.answers[2] > 10 and run.answers[4] > 10 and not run.answers[5]
