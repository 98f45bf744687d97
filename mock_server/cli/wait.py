"""`understudy wait`: until a server plays, so that what comes next may ask it."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator
from typing import NamedTuple

import click

from mock_server.cli import options
from mock_server.cli.admin_client import find_address, read_json, send
from mock_server.cli.terminal import as_line
from mock_server.errors import UsageError

PAUSE_SECONDS = 0.1
LONGEST_LOOK_SECONDS = 5.0
MAX_BYTES = 65_536


class Look(NamedTuple):
    """What one look at a server showed: the version that plays there, or why none does, and whether that may change."""

    version: str
    cause: str = ""
    may_change: bool = True


@click.command()
@click.argument("url", default="http://127.0.0.1:8080")
@options.option("--timeout", default=30.0, type=click.FloatRange(0, 86_400), help="Seconds to wait at most.")
@options.token
@click.pass_context
def wait(ctx: click.Context, url: str, timeout: float, token: str) -> None:
    """Wait until Understudy answers at a URL. Ends with 0: it plays, 1: it did not in time, 2: wrong use."""
    find_address(url)
    began = time.monotonic()
    for look in _look_until(url, token, began + timeout):
        if look.version or not look.may_change:
            break
    seconds = time.monotonic() - began
    if not look.version:
        click.echo(as_line(f"{url} does not play after {seconds:.1f} s: {look.cause}."), err=True)
        ctx.exit(1)
    click.echo(as_line(f"{url} plays: Understudy {look.version}, after {seconds:.1f} s."))


def _look_until(url: str, token: str, end: float) -> Iterator[Look]:
    """One look, and another one after a pause as long as there is time."""
    while True:
        left = max(end - time.monotonic(), PAUSE_SECONDS)
        yield _look_within(url, token, min(left, LONGEST_LOOK_SECONDS))
        left = end - time.monotonic()
        if left <= 0:
            return
        time.sleep(min(PAUSE_SECONDS, left))


def _look_within(url: str, token: str, seconds: float) -> Look:
    """A look that takes no longer, though a name be looked up for minutes, or an answer come byte by byte."""
    looks: queue.SimpleQueue[Look] = queue.SimpleQueue()
    threading.Thread(target=lambda: looks.put(_look(url, token, seconds)), daemon=True).start()
    try:
        return looks.get(timeout=seconds)
    except queue.Empty:
        return Look("", f"no whole answer came within {seconds:.1f} s")


def _look(url: str, token: str, seconds: float) -> Look:
    """What the documented `GET /__admin/health` answers."""
    headers = {"Understudy-Token": token} if token else {}
    try:
        status, content = send(url, "GET", "/__admin/health", headers, b"", seconds, MAX_BYTES)
    except OSError as error:
        return Look("", f"no server answers ({error.strerror or error})")
    except UsageError as error:
        return Look("", error.sentence, may_change=False)
    return _judge(status, read_json(content))


def _judge(status: int, answer: object) -> Look:
    said = answer if isinstance(answer, dict) else {}
    if status == 200 and said.get("status") == "healthy" and said.get("version"):
        return Look(str(said["version"]))
    if status == 403 and "Understudy-Token" in str(said.get("detail", "")):
        cause = "it plays, and wants its token from another machine (--token, or UNDERSTUDY_TOKEN)"
        return Look("", cause, may_change=False)
    return Look("", f"it answers {status}, as Understudy does not: another server has this port")
