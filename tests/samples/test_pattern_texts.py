"""Texts for patterns: matched by Python's own engine, as long as is wanted, the same everywhere."""

from __future__ import annotations

import re

import pytest

from mock_server.samples.pattern_texts import MAX_LENGTH, find_maker, make_matching

PATTERNS = [
    "^[A-Z]{3}$",
    r"^\d{3}-\d{4}$",
    r"^[^/\s]+$",
    "^(cat|dog|[0-9])+$",
    "^a?b*c+d{2,}e{0,3}$",
    r"^\S+@\S+\.[a-z]{2,}$",
    "^.{5,9}$",
    r"^(?:ab|cd){2}(?P<last>x|y)$",
    r"^[\x20-\x7e]{4}$",
    "^[àé]$",
    "x",
    "",
]


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("spread", [0, 3, 20])
def test_a_text_matches_its_pattern(pattern: str, spread: int) -> None:
    maker = find_maker(pattern)
    assert maker
    texts = [make_matching(maker, number << 32, spread) for number in range(50)]
    assert all(re.search(pattern, text) for text in texts)
    assert texts == [make_matching(maker, number << 32, spread) for number in range(50)]


READ = [
    (r"^\p{L}+$", "[A-Za-z]+"),
    (r"^[\p{Lu}\p{N}]{4}$", "[A-Z0-9]{4}"),
    (r"^(?<year>\d{4})$", "[0-9]{4}"),
]


@pytest.mark.parametrize(("pattern", "form"), READ)
def test_a_pattern_of_ecmascript_is_read(pattern: str, form: str) -> None:
    maker = find_maker(pattern)
    assert maker
    assert re.fullmatch(form, make_matching(maker, 1 << 40, 6))


@pytest.mark.parametrize("pattern", ["[", "a{99999}", "(?P<a", "*", "(" * 3000 + ")" * 3000])
def test_a_pattern_that_cannot_be_read_makes_nothing(pattern: str) -> None:
    assert find_maker(pattern) is None


def test_no_text_is_endless() -> None:
    maker = find_maker("((((a{999}){999}){999}){999})+")
    assert maker
    assert len(make_matching(maker, 1, 10)) <= MAX_LENGTH
