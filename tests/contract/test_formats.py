"""The formats that values are checked for: the same ones wherever the mock is installed."""

from __future__ import annotations

import re

import pytest

from mock_server.contract.vocabulary import FORMATS, compile_check
from tests.conftest import ROOT

ROWS = [
    ("duration", "P1Y2M3DT4H5M6S", True),
    ("duration", "P4W", True),
    ("duration", "PT0S", True),
    ("duration", "P1M", True),
    ("duration", "P", False),
    ("duration", "P1YT", False),
    ("duration", "1D", False),
    ("duration", "P2D1Y", False),
    ("duration", "P1Y2W", False),
    ("duration", "PT0.5S", False),
    ("duration", "P\u0968Y", False),
    ("hostname", "api.example.com", True),
    ("hostname", "localhost", True),
    ("hostname", "xn--bcher-kva.example.", True),
    ("hostname", "a" * 63, True),
    ("hostname", "a" * 64, False),
    ("hostname", ".".join(["a" * 49] * 5 + ["abcd"]), False),
    ("hostname", "-a.example", False),
    ("hostname", "a_b.example", False),
    ("hostname", "a..b", False),
    ("hostname", "a\n", False),
    ("hostname", "", False),
    ("date-time", "2026-01-01T00:00:00Z", True),
    ("date-time", "2026-01-01", False),
    ("time", "10:00:00Z", True),
    ("time", "10:00:00", False),
    ("uri", "https://example.com/", True),
    ("uri", "not a link", False),
    ("idn-hostname", "..", True),
]


@pytest.mark.parametrize(("form", "value", "is_right"), ROWS)
def test_a_value_has_its_format(form: str, value: str, is_right: bool) -> None:
    problem = compile_check({"type": "string", "format": form})(value)
    assert problem == ("" if is_right else f"{value!r} is not a {form!r}")


def test_a_number_has_no_format() -> None:
    assert compile_check({"format": "hostname"})(3) == ""


def test_the_documentation_names_the_formats() -> None:
    text = (ROOT / "docs" / "annotations.md").read_text(encoding="utf-8")
    sentence = text[text.index("checked for these formats") : text.index("Any\nother format only describes")]
    assert sorted({*FORMATS}) == sorted(set(re.findall(r"`([a-z0-9-]+)`", sentence)))
