"""What the command line shows: what is played, the readings, and progress while records are built."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from mock_server.cli.terminal import (
    Terminal,
    as_line,
    as_printable,
    find_width,
    open_terminal,
    render_wrapped,
    styled,
    wrap,
)
from mock_server.contract import base_url_variable, credential_variable, find_variables
from mock_server.engine import MockApi
from mock_server.errors import count_of
from mock_server.server import render_curl
from mock_server.sessions import Player, Progress

QUIET_SECONDS = 1.0
INDENT = "    "


@contextmanager
def progress(terminal: Terminal) -> Iterator[Progress]:
    """What shows how far the building of records is, once it takes longer than a second.

    A bar on a terminal; a line for each collection elsewhere, where nothing can be drawn over (CI, a container's log).
    """
    bars: dict[str, Callable[[int], None]] = {}
    started = time.monotonic()

    def show(what: str, done: int, total: int) -> None:
        if time.monotonic() - started < QUIET_SECONDS and not bars:
            return
        if what not in bars:
            drawn.close()  # one bar at a time: collections are built one after the other
            bars[what] = drawn.enter_context(_show_build(terminal, what, total))
        bars[what](done)

    with ExitStack() as drawn:
        yield show


@contextmanager
def _show_build(terminal: Terminal, what: str, total: int) -> Iterator[Callable[[int], None]]:
    if terminal.is_terminal:
        with terminal.draw_bar(f"Building {what}", total) as move:
            yield move
    else:
        terminal.print(f"Building {what}: {count_of(total, 'record')}, kept for the next time …")
        yield lambda done: None


def print_heading(terminal: Terminal, apis: Player, base: str) -> None:
    """How many APIs are played, and where."""
    place = f"{base}/" if not apis.dispatcher.mounts.root else f"{base}/__console"
    played = f"Understudy plays {count_of(len(apis.apis), 'API')} at {styled(base, 'bold')}"
    terminal.print(f"\n{played}  (console: {place})\n")


def print_overview(terminal: Terminal, apis: Player, base: str, plain: Collection[str] = ()) -> None:
    """Every operation of annotated contracts with its local URL and a curl line that works, and its variables."""
    for name, api in apis.apis.items():
        if name in plain:
            continue
        terminal.print(f"{styled(as_line(api.contract.title), 'bold')}  documentation: {base}/docs/{name}")
        for operation in api.contract.operations:
            url = as_printable(f"{base}/{name}{api.find_sample_path(operation)}")
            called = styled(f"{as_line(operation.id):<14}", "cyan")
            terminal.print(f"  {styled(f'{operation.method:<4}', 'green')} {called} {url}")
            terminal.print(_render_labelled("try", render_curl(api, operation, base)))
        terminal.print(_render_labelled("environment", _environment(api, base)) + "\n")


def _render_labelled(label: str, line: str) -> str:
    """A line that is copied as a whole, however long it is, behind what it is for."""
    return f"       {styled(f'{label:<14}', 'dim')} {as_printable(line)}"


def print_ending(terminal: Terminal, scenarios: Sequence[str] = ()) -> None:
    """What is switched on, and what else can be done."""
    for scenario in scenarios:
        terminal.print(f"Plays the scenario {styled(as_line(scenario), 'bold')} from the start.")
    terminal.print("Ctrl-C stops. Other answers: ?__code=401 in the URL, or Prefer: code=401.")
    terminal.print("Edge cases: understudy scenarios.\n")


def _environment(api: MockApi, base: str) -> str:
    """The line for a shell that tells a client where the provider is and how to sign in there."""
    contract = api.contract
    names = [base_url_variable(contract), *(credential_variable(contract, scheme) for scheme in contract.schemes)]
    variables = find_variables(contract, base)
    return " ".join(["export", *(f"{name}={quote(variables[name])}" for name in names if name in variables)])


def quote(value: str) -> str:
    """A value as a POSIX shell takes it as it stands."""
    return "'" + value.replace("'", "'\\''") + "'"


def print_readings(titles: Mapping[str, str], readings: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Each provider's readings under its title: what is in doubt, what is quoted, how it is and can be read."""
    terminal, width = open_terminal(), find_width() - len(INDENT)
    for provider, listed in readings.items():
        heading = f"{as_line(titles[provider])}: {count_of(len(listed), 'reading')}"
        terminal.print("\n" + styled(heading, "bold"))
        terminal.print(styled("=" * len(heading), "bold"))
        for reading in listed:
            name = styled(as_line(f"{provider}.{reading['id']}"), "cyan")
            terminal.print(f"\n{name}  {as_line(reading['about'])}")
            for line in (*_render_quotes(reading, width), *_render_choices(reading, width)):
                terminal.print(INDENT + line)
    terminal.print("\nTo serve another one: understudy serve --reading PROVIDER.ID=ALTERNATIVE, or in the console.")


def _render_quotes(reading: Mapping[str, Any], width: int) -> Iterator[str]:
    """What the documentation says, and where: behind it if there is room for that, else in a line of its own."""
    for quoted in reading.get("quotes", ()):
        lines = [row for line in f"“{str(quoted['text']).strip()}”".splitlines() for row in wrap(line, width)]
        source = as_line(_source(quoted))
        if len(lines[-1]) + 2 + len(source) <= width:
            lines[-1] += f"  {styled(source, 'dim')}"
        else:
            lines.append(styled(source, "dim"))
        yield from lines


def _source(quoted: Mapping[str, Any]) -> str:
    line = f", line {quoted['line']}" if quoted.get("line") else ""
    return f"{quoted.get('document', '')}{line}"


def _render_choices(reading: Mapping[str, Any], width: int) -> Iterator[str]:
    """The contract's own way to read it, then the alternatives; the chosen one is marked."""
    choices = {reading["reading"]: reading["because"], **reading["alternatives"]}
    marks = {name: "chosen" if name == reading["chosen"] else "or" for name in choices}
    rows = [((styled(marks[name], "bold"), styled(as_line(name), "cyan")), says) for name, says in choices.items()]
    return render_wrapped(rows, width)
