"""The tool that plays a corpus of documents: what it asks, what it makes of the results, where it writes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.corpus import PAGE, Listed, read_list, render_judged, replace_part
from tools.generated_corpus import choose_documents, find_reason
from tools.generated_requests import Failure

REPORT = {
    "table": {"body valid": [4, 3], "no 5xx": [4, 4], "page: echo right": [0, 0]},
    "documents": [
        {
            "document": "a/pets.yaml",
            "operations": 3,
            "start_s": 0.5,
            "checks": {"body valid": [2, 1], "no 5xx": [2, 2]},
        },
        {
            "document": "a/shop.yaml",
            "operations": 2,
            "start_s": 1.5,
            "checks": {"body valid": [2, 2], "no 5xx": [2, 2]},
        },
        {"document": "a/slow.yaml", "judge_error": "more than 300 s"},
    ],
}


def test_a_list_of_documents_is_read(tmp_path: Path) -> None:
    path = tmp_path / "dev.tsv"
    path.write_text("set\tfile\topenapi\tbytes\nv\ta/b.json\t3.1\t12\n", encoding="utf-8")
    assert read_list(path) == [Listed("a/b.json", "3.1", 12)]


def test_documents_of_every_version_and_size_are_chosen() -> None:
    listed = [Listed(f"{version}/{size}", version, size) for version in ("2.0", "3.0") for size in range(9)]
    chosen = choose_documents(listed, {"2.0": 3, "3.0": 2, "3.1": 2})
    assert [each.file for each in chosen] == ["2.0/0", "2.0/4", "2.0/8", "3.0/0", "3.0/8"]


def test_a_report_is_a_table() -> None:
    lines = list(render_judged(REPORT, "make corpus"))
    assert "| body valid | 2 | 4 | 3 | 75.0 % | 75.0 % | 99.5 % |" in lines
    assert not any("echo right" in line for line in lines)
    assert lines[0].endswith("by `make corpus`: 3 documents with 5 operations.")
    assert lines[-2:] == ["Not judged to the end: 1.", "- slow.yaml: more than 300 s"]


def test_what_stands_between_marks_is_replaced() -> None:
    page = "before <!-- judge -->\nold\n<!-- end of judge --> behind"
    assert replace_part(page, "judge", ["new"]) == "before <!-- judge -->\nnew\n<!-- end of judge --> behind"


@pytest.mark.parametrize("part", ["judge", "schemathesis", "writes"])
def test_the_page_has_a_place_for_each_part(part: str) -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert f"<!-- {part} -->" in page and f"<!-- end of {part} -->" in page


FAILURES = [
    ("a wrong type in JSON", "negative_data_rejection", "name: Incorrect type", "application/json", False),
    ("a wrong type in a form", "negative_data_rejection", "name: Incorrect type", "multipart/form-data", True),
    ("a body against its schema", "response_schema_conformance", '"id" is a required property', "", False),
]


@pytest.mark.parametrize(
    ("check", "words", "sent", "known"),
    [row[1:] for row in FAILURES],
    ids=[r[0] for r in FAILURES],
)
def test_there_is_a_reason_for(check: str, words: str, sent: str, known: bool) -> None:
    assert bool(find_reason(Failure("GET /pets", check, words, sent))) == known
