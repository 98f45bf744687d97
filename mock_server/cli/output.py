"""What the command line shows: the programme of what is played, and progress while records are built."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from mock_server.server import render_curl
from mock_server.sessions import MockApis
from mock_server.sessions import Progress as Told

QUIET_SECONDS = 1.0


@contextmanager
def progress(console: Console) -> Iterator[Told]:
    """A progress bar for building records that only shows when it takes longer than a second."""
    bar = Progress(
        TextColumn("Building {task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    )
    tasks: dict[str, int] = {}
    started = time.monotonic()

    def told(what: str, done: int, total: int) -> None:
        if time.monotonic() - started < QUIET_SECONDS and not bar.live.is_started:
            return
        bar.start()
        if what not in tasks:
            tasks[what] = bar.add_task(what, total=total)
        bar.update(tasks[what], completed=done)  # type: ignore[arg-type]

    try:
        yield told
    finally:
        bar.stop()


def print_programme(console: Console, apis: MockApis, base: str) -> None:
    """One table: every operation with its local URL and a curl line that works."""
    console.print(f"\nUnderstudy plays {len(apis.apis)} APIs at [bold]{base}[/]  (console: {base}/)\n")
    for name, api in apis.apis.items():
        console.print(f"[bold]{escape(api.contract.title)}[/]  documentation: {base}/docs/{name}")
        for operation in api.contract.operations:
            url = f"{base}/{name}{api.find_sample_path(operation)}"
            console.print(f"  [green]{operation.method:<4}[/] [cyan]{escape(operation.id):<14}[/] {escape(url)}")
            console.print(f"       [dim]{'try':<14}[/] {escape(render_curl(api, operation, base))}")
        console.print()
    console.print("Ctrl-C stops. Other answers: ?__code=401 in the URL, or Prefer: code=401.")
    console.print("Edge cases: understudy scenarios.\n")
