"""Where the command line prints: colours and a bar where somebody watches, plain lines elsewhere."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple, TextIO

import click

STYLES: Mapping[str, Mapping[str, Any]] = {
    "": {},
    "bold": {"bold": True},
    "dim": {"dim": True},
    "cyan": {"fg": "cyan"},
    "green": {"fg": "green"},
    "red": {"fg": "red"},
    "yellow": {"fg": "yellow"},
}
GAP = "  "
MIN_WRAPPED = 20
ERASE_LINE_ABOVE = "\x1b[1A\x1b[2K"


class Terminal(NamedTuple):
    """A stream that lines are printed on, whether it can be drawn over, and whether it shows colours."""

    stream: TextIO
    is_terminal: bool
    coloured: bool

    def print(self, line: str = "") -> None:
        """One line as long as it is, so that what is copied from it is whole; its styles stay where colours are."""
        click.echo(line, file=self.stream, color=self.coloured)

    @contextmanager
    def draw_bar(self, label: str, total: int) -> Iterator[Callable[[int], None]]:
        """A bar that is gone afterwards; what is yielded moves it to a number of `total`."""
        try:
            with click.progressbar(length=total, label=label, show_pos=True, file=self.stream) as bar:
                yield lambda done: bar.update(done - bar.pos)
        finally:
            click.echo(ERASE_LINE_ABOVE, file=self.stream, nl=False, color=True)


def open_terminal() -> Terminal:
    """Standard output as it is now: colours on a terminal alone, and none where NO_COLOR asks for none."""
    can_draw = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
    return Terminal(sys.stdout, can_draw, can_draw and not os.environ.get("NO_COLOR"))


def find_width() -> int:
    """Columns of the terminal, or what COLUMNS says; 80 where nobody knows."""
    return shutil.get_terminal_size().columns


def styled(text: str, style: str) -> str:
    """A text in one of STYLES."""
    return click.style(text, **STYLES[style]) if style else text


def as_printable(text: str) -> str:
    """A text of somebody else's with everything in it that could steer a terminal as an escape."""
    return "".join(sign if sign.isprintable() else f"\\x{ord(sign):02x}" for sign in text)


def as_line(text: str, most: int = 2_000) -> str:
    """A text of somebody else's as it can stand in one line of a terminal: nothing in it steers that."""
    shown = as_printable(text)
    return shown if len(shown) <= most else f"{shown[: most - 1]}…"


def wrap(text: str, width: int) -> list[str]:
    """Lines of at most `width` columns; a word that is longer (a URL) stays whole."""
    words = as_printable(" ".join(text.split()))
    return textwrap.wrap(words, max(width, MIN_WRAPPED), break_long_words=False, break_on_hyphens=False) or [""]


def render_columns(rows: Sequence[Sequence[str]], least: int = 0) -> Iterator[str]:
    """Rows of styled cells, a line each, in columns as wide as their widest cell; the first has `least` columns."""
    widths = [max(map(_measure, column)) for column in zip(*rows, strict=True)]
    widths[:1] = [max(width, least) for width in widths[:1]]
    for row in rows:
        padded = [cell + " " * (width - _measure(cell)) for cell, width in zip(row, widths, strict=True)]
        yield GAP.join([*padded[:-1], row[-1]]).rstrip()


def render_wrapped(rows: Sequence[tuple[Sequence[str], str]], width: int, least: int = 0) -> Iterator[str]:
    """Rows of styled cells and a text, which is wrapped to `width` and hangs behind the cells in each of its lines."""
    heads = list(render_columns([[*cells, "|"] for cells, _ in rows], least))
    for head, (_, text) in zip(heads, rows, strict=True):
        indent = _measure(head) - 1
        first, *more = wrap(text, width - indent)
        yield (head[:-1] + first).rstrip()
        yield from (" " * indent + line for line in more)


def _measure(cell: str) -> int:
    return len(click.unstyle(cell))
