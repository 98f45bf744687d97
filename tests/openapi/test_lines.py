"""The lines of warnings: of the document and of the files it refers to, in JSON and YAML."""

from __future__ import annotations

from pathlib import Path

import pytest

from mock_server.openapi import DocumentWarning, find_lines, read_document
from mock_server.openapi.lines import find_json_lines
from tests.openapi.test_reader import write

TEXT = """{"openapi": "3.1.0",
 "paths": {
  "/a/{b}": {"get": {
    "tags": ["x",
      {"y": [1, 2]}, {"z":
       5}]}}}, "in\\"fo": 1,
 "servers": [{"url": "a,b:[{"}, {"url":
   "b"}]}"""
PLACES = [
    ("/paths", 2),
    ("/paths/~1a~1{b}/get/tags", 4),
    ("/paths/~1a~1{b}/get/tags/1/y", 5),
    ("/paths/~1a~1{b}/get/tags/2/z", 5),
    ('/in"fo', 6),
    ("/servers/1/url", 7),
    ("/servers/5/url", 7),
    ("/missing", 1),
]


@pytest.mark.parametrize(("pointer", "line"), PLACES)
def test_the_line_of_a_place_in_json(pointer: str, line: int) -> None:
    assert dict(find_json_lines(TEXT, [pointer])) == {pointer: line}


def test_each_warning_has_the_line_of_its_own_file(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        api_yaml="openapi: 3.1.0\ninfo: {title: a, version: '1'}\npaths:\n  /a:\n    $ref: parts/a.json\n",
        parts__a_json='{"get": {"responses": {\n"200": {\n"$ref": "missing.json"}}}}',
    )
    warnings = find_lines(read_document(path).warnings, str(path))
    assert [(each.file, each.line) for each in warnings] == [("parts/a.json", 3)]


def test_a_file_that_is_gone_has_no_lines(tmp_path: Path) -> None:
    warning = DocumentWarning(str(tmp_path / "gone.json"), 0, "/paths", "is odd")
    assert find_lines([warning], warning.file) == (warning,)
    assert str(warning) == f"{tmp_path}/gone.json#/paths: is odd"
