"""Patterns of an author, searched in texts of anybody: the same answers as Python's own, in bounded time."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_server.contract.pattern import MAX_TEXT, compile_pattern

PATTERNS = [
    "",
    "a",
    "^a$",
    "^(a+)+$",
    "^(a|aa)+$",
    "(a*)*b",
    "a{2,3}b?",
    "^[^ab]*$",
    "^[a-c_-]+(-[a-c]+)*$",
    r"^\d{2}\D$",
    r"\bab\b",
    r"a\B",
    r"^\w+\s\W?$",
    "a.c|^b|c$",
    r"\Aab\Z",
    "(?:a|b){0,2}c{1}",
    "a+?b",
    "(|a)b",
    "()",
    "a{0}b",
    "^é+$",
    "[^\\d]a",
]


@pytest.mark.parametrize("pattern", PATTERNS)
@settings(max_examples=150, deadline=None)
@given(text=st.text(alphabet="abc-_ 1é\n٣", max_size=9))
def test_a_pattern_is_found_where_python_finds_it(pattern: str, text: str) -> None:
    assert compile_pattern(pattern)(text) is bool(re.search(pattern, text))


PIECES = st.recursive(
    st.sampled_from(["a", "b", ".", "[ab]", "[^a]", r"\d", "^", "$", r"\b"]),
    lambda inner: st.one_of(
        st.builds("({}){}".format, inner, st.sampled_from(["*", "+", "?", "{2}", "{1,3}", "*?"])),
        st.builds("(?:{}|{})".format, inner, inner),
        st.builds("{}{}".format, inner, inner),
    ),
    max_leaves=6,
)


@settings(max_examples=400, deadline=None)
@given(pattern=PIECES, text=st.text(alphabet="ab1\n", max_size=6))
def test_any_pattern_is_found_where_python_finds_it(pattern: str, text: str) -> None:
    assert compile_pattern(pattern)(text) is bool(re.search(pattern, text))


@pytest.mark.parametrize("pattern", ["^(a+)+$", "^(a|a)*$", "^(a*)*$", "(a+){5}!", "^(.*a){12}$", ".*.*.*=.*"])
def test_the_worst_text_ends(pattern: str) -> None:
    """Python's own search of these would outlive the test run."""
    assert compile_pattern(pattern)("a" * (MAX_TEXT - 1) + "!") in (True, False)


def test_a_text_above_the_bound_has_no_pattern() -> None:
    search = compile_pattern("a")
    assert search("a" * MAX_TEXT) and not search("a" * (MAX_TEXT + 1))


REFUSED = [
    pytest.param("(", "is no regular expression", id="no pattern"),
    pytest.param("(" * 5000 + ")" * 5000, "is no regular expression", id="endless nesting"),
    pytest.param(r"(a)\1", "groupref", id="a back-reference"),
    pytest.param("a(?=b)", "assert", id="look-ahead"),
    pytest.param("(?<!a)b", "assert_not", id="look-behind"),
    pytest.param("(?i)a", "flags", id="flags"),
    pytest.param(".{0,5000}", "maxLength", id="too many steps"),
    pytest.param("((a{99}){99}){99}", "maxLength", id="repeats of repeats"),
    pytest.param("(){4000000000}", "minLength", id="nothing, again and again"),
    pytest.param("(?i:a)", "subpattern", id="flags of a group"),
]


@pytest.mark.parametrize(("pattern", "problem"), REFUSED)
def test_what_cannot_be_searched_so_is_refused(pattern: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        compile_pattern(pattern)
