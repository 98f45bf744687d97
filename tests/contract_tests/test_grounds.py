"""What a finding rests on: a documented sentence, or an assumption of the contract."""

from __future__ import annotations

import pytest

from contract_tests.findings import Evidence, find_evidence

QUOTED = '"The default value is 10. The maximum value is 100." (some-document, line 22)'


@pytest.mark.parametrize(
    ("detail", "value", "is_assumed"),
    [
        ("default", 10, False),
        ("maximum", 100, False),
        ("default", 22, True),
        ("default", 1, True),
        ("matching", None, True),
        ("", None, False),
    ],
    ids=["default", "maximum", "line-number", "part-of-a-number", "no-value", "existence"],
)
def test_a_value_that_the_sentence_names_is_documented(detail: str, value: object, is_assumed: bool) -> None:
    evidence = find_evidence({"description": QUOTED, "x-assumed": "I: the rest"}, detail, value)
    assert evidence == Evidence(QUOTED, "I: the rest" if is_assumed else "")
