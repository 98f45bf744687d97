"""What is printed, on a terminal and elsewhere: colours, columns, wrapped texts, a bar that goes away."""

from __future__ import annotations

import io
import os
import pty
import subprocess
import sys

import pytest

from mock_server.cli import output
from mock_server.cli.terminal import Terminal, as_printable, render_columns, render_wrapped, styled, wrap
from tests.conftest import ROOT


class Screen(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


WRAPPED = [
    ("a short text stays in its line", "one two", 30, ["one two"]),
    ("a long text goes on in the next", "one two three four five", 20, ["one two three four", "five"]),
    (
        "a URL stays whole",
        "at https://example.com/a-long-path/of-it",
        20,
        ["at", "https://example.com/a-long-path/of-it"],
    ),
    ("lines of an author are one text", "one\n  two\t three", 30, ["one two three"]),
    ("no room is little room", "one two three four five", -3, ["one two three four", "five"]),
    ("nothing is an empty line", "", 30, [""]),
    ("what steers a terminal is shown", "red \x1b[31m", 30, ["red \\x1b[31m"]),
]


@pytest.mark.parametrize(("text", "width", "lines"), [row[1:] for row in WRAPPED], ids=[row[0] for row in WRAPPED])
def test_a_text_is_wrapped(text: str, width: int, lines: list[str]) -> None:
    assert wrap(text, width) == lines


@pytest.mark.parametrize("sign", ["\x1b", "\x07", "\r", "\n", "\x9b", "\u202e"])
def test_nothing_steers_a_terminal(sign: str) -> None:
    assert as_printable(f"a{sign}b") == f"a\\x{ord(sign):02x}b"


def test_columns_are_as_wide_as_what_is_seen_of_them() -> None:
    rows = [[styled("a", "cyan"), "[bold]", "x"], ["long", "b", styled("y", "red")]]
    printed = io.StringIO()
    for line in render_columns(rows):
        Terminal(printed, False, False).print(line)
    assert printed.getvalue().splitlines() == ["a     [bold]  x", "long  b       y"]
    assert list(render_columns([])) == []


def test_a_text_hangs_behind_its_cells() -> None:
    rows = [((styled("a", "bold"), "bb"), "one two three four five six"), (("c", "d"), "")]
    lines = list(render_wrapped(rows, 28, least=4))
    assert lines == [f"{styled('a', 'bold')}     bb  one two three four", "          five six", "c     d"]


COLOURS = [
    ("a terminal shows colours", {}, True),
    ("NO_COLOR is obeyed", {"NO_COLOR": "1"}, False),
    ("an empty NO_COLOR says nothing", {"NO_COLOR": ""}, True),
    ("a terminal that can do nothing is asked for nothing", {"TERM": "dumb"}, False),
]


@pytest.mark.parametrize(("more", "coloured"), [row[1:] for row in COLOURS], ids=[row[0] for row in COLOURS])
def test_colours_are_for_a_terminal_that_wants_them(more: dict[str, str], coloured: bool) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "COLUMNS")}
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "mock_server", "readings", "yativo"]
    try:
        with subprocess.Popen(
            command,
            stdout=theirs,
            cwd=ROOT,
            env={**environment, "TERM": "xterm", **more},
        ) as process:
            os.close(theirs)
            printed = b"".join(_read(ours))
    finally:
        os.close(ours)
    assert process.returncode == 0 and b"Yativo Customers: " in printed
    assert (b"\x1b[" in printed) == coloured


def _read(descriptor: int) -> list[bytes]:
    """What a pseudo terminal shows until its last program has gone, which is an error there."""
    parts: list[bytes] = []
    while True:
        try:
            part = os.read(descriptor, 65536)
        except OSError:
            return parts
        if not part:
            return parts
        parts.append(part)


def test_a_bar_is_drawn_on_a_terminal_and_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output, "QUIET_SECONDS", 0.0)
    screen = Screen()
    with output.progress(Terminal(screen, True, True)) as show:
        for done in (1000, 2000, 3000):
            show("fatora/clients", done, 3000)
        show("yativo/customers", 1, 1)
    drawn = screen.getvalue()
    assert "Building fatora/clients  [" in drawn and "2000/3000" in drawn and "Building yativo/customers" in drawn
    assert drawn.count("\x1b[1A\x1b[2K") == 2 and drawn.endswith("\x1b[1A\x1b[2K")
