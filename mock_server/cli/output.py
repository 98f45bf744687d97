"""What the command line shows: what is played, the readings, and progress while records are built."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.table import Table

from mock_server.contract import base_url_variable, credential_variable, find_variables
from mock_server.engine import MockApi
from mock_server.errors import count_of
from mock_server.server import render_curl
from mock_server.sessions import Player, Progress

QUIET_SECONDS = 1.0
INDENT = (0, 0, 0, 4)


@contextmanager
def progress(console: Console) -> Iterator[Progress]:
    """What shows how far the building of records is, once it takes longer than a second.

    A bar on a terminal; a line for each collection elsewhere, where nothing can be drawn over (CI, a container's log).
    """
    bar = Bar(
        TextColumn("Building {task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    )
    tasks: dict[str, Any] = {}
    started = time.monotonic()

    def show(what: str, done: int, total: int) -> None:
        if time.monotonic() - started < QUIET_SECONDS and not tasks:
            return
        if what not in tasks:
            tasks[what] = bar.add_task(what, total=total)
            if not console.is_terminal:
                console.print(f"Building {what}: {count_of(total, 'record')}, kept for the next time …")
        if console.is_terminal:
            bar.start()
        bar.update(tasks[what], completed=done)

    try:
        yield show
    finally:
        if bar.live.is_started:
            bar.stop()


def print_heading(console: Console, apis: Player, base: str) -> None:
    """How many APIs are played, and where."""
    place = f"{base}/" if not apis.dispatcher.mounts.root else f"{base}/__console"
    console.print(f"\nUnderstudy plays {count_of(len(apis.apis), 'API')} at [bold]{base}[/]  (console: {place})\n")


def print_overview(console: Console, apis: Player, base: str, plain: Collection[str] = ()) -> None:
    """Every operation of annotated contracts with its local URL and a curl line that works, and its variables."""
    for name, api in apis.apis.items():
        if name in plain:
            continue
        console.print(f"[bold]{escape(api.contract.title)}[/]  documentation: {base}/docs/{name}")
        for operation in api.contract.operations:
            url = f"{base}/{name}{api.find_sample_path(operation)}"
            console.print(f"  [green]{operation.method:<4}[/] [cyan]{escape(operation.id):<14}[/] {escape(url)}")
            console.print(f"       [dim]{'try':<14}[/] {escape(render_curl(api, operation, base))}")
        console.print(f"       [dim]{'environment':<14}[/] {escape(_environment(api, base))}\n")


def print_ending(console: Console, scenarios: Sequence[str] = ()) -> None:
    """What is switched on, and what else can be done."""
    for scenario in scenarios:
        console.print(f"Plays the scenario [bold]{escape(scenario)}[/] from the start.")
    console.print("Ctrl-C stops. Other answers: ?__code=401 in the URL, or Prefer: code=401.")
    console.print("Edge cases: understudy scenarios.\n")


def _environment(api: MockApi, base: str) -> str:
    """The line for a shell that tells a client where the provider is and how to sign in there."""
    contract = api.contract
    names = [base_url_variable(contract), *(credential_variable(contract, scheme) for scheme in contract.schemes)]
    variables = find_variables(contract, base)
    return " ".join(["export", *(f"{name}={quote(variables[name])}" for name in names if name in variables)])


def as_line(text: str, most: int = 2_000) -> str:
    """A text of somebody else's as it can stand in one line of a terminal: nothing in it steers that."""
    shown = "".join(sign if sign.isprintable() else f"\\x{ord(sign):02x}" for sign in text)
    return shown if len(shown) <= most else f"{shown[: most - 1]}…"


def quote(value: str) -> str:
    """A value as a POSIX shell takes it as it stands."""
    return "'" + value.replace("'", "'\\''") + "'"


def print_readings(titles: Mapping[str, str], readings: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Each provider's readings under its title: what is in doubt, what is quoted, how it is and can be read."""
    console = Console(highlight=False)
    for provider, listed in readings.items():
        heading = f"{titles[provider]}: {count_of(len(listed), 'reading')}"
        console.print(f"\n[bold]{escape(heading)}\n{'=' * len(heading)}[/]")
        for reading in listed:
            console.print(f"\n[cyan]{provider}.{reading['id']}[/]  {escape(reading['about'])}")
            for quoted in reading.get("quotes", ()):
                line = f"“{escape(str(quoted['text']).strip())}”  [dim]{escape(_source(quoted))}[/]"
                console.print(Padding(line, INDENT, expand=False))
            console.print(Padding(_choices(reading), INDENT, expand=False))
    console.print("\nTo serve another one: understudy serve --reading PROVIDER.ID=ALTERNATIVE, or in the console.")


def _source(quoted: Mapping[str, Any]) -> str:
    line = f", line {quoted['line']}" if quoted.get("line") else ""
    return f"{quoted.get('document', '')}{line}"


def _choices(reading: Mapping[str, Any]) -> Table:
    """The contract's own way to read it, then the alternatives; the chosen one is marked."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for style in ("bold", "cyan", ""):
        table.add_column(style=style, no_wrap=bool(style))
    for name, says in {reading["reading"]: reading["because"], **reading["alternatives"]}.items():
        table.add_row("chosen" if name == reading["chosen"] else "or", escape(name), escape(says))
    return table
