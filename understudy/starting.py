"""A server as a child process: started, waited for, ended for certain."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol, TypedDict

from understudy.errors import UnderstudyError

END_SECONDS = 5.0
"""How long a server may take to end before it is killed."""


Path = str | os.PathLike[str]

Doors = Mapping[str, str]
"""Where a server is by what is spoken there, `url`, `tls` and `proxy`; and `ca`, the authority's certificate."""


class Options(TypedDict, total=False):
    """What a server may be started with, beside what it plays.

    `readings` maps `provider.reading` to an alternative, `data` is a folder of records of one's own, `mappings` one of
    responses, `schemas` one of contracts. `tls` and `proxy` are ports, or True for free ones; `pass_through` lets the
    proxy's clients reach hosts that are not documented. `more` are further words for `understudy serve`.
    """

    seed: str | None
    records: int | None
    readings: Mapping[str, str]
    scenarios: Sequence[str]
    data: Path
    mappings: Path
    schemas: Path
    overlays: Sequence[Path]
    port: int
    tls: int
    proxy: int
    pass_through: bool
    more: Sequence[str]


def write_words(what: Sequence[Path], options: Options) -> list[str]:
    """The words of a command line that ask for the same."""
    readings = [f"{name}={alternative}" for name, alternative in options.get("readings", {}).items()]
    single = [(f"--{name}", options.get(name)) for name in ("seed", "records", "data", "mappings", "schemas")]
    several = {
        "--reading": readings,
        "--scenario": options.get("scenarios", ()),
        "--overlay": options.get("overlays", ()),
    }
    given = [*single, *((name, each) for name, values in several.items() for each in values)]
    words = [word for name, value in given if value is not None for word in (name, value)]
    return [
        *map(_as_word, what),
        *map(_as_word, words),
        "--port",
        str(options.get("port", 0)),
        *_write_doors(options),
        *options.get("more", ()),
    ]


def _write_doors(options: Options) -> Iterator[str]:
    for name, port in (("--tls", options.get("tls")), ("--proxy", options.get("proxy"))):
        if port is not None and port is not False:
            yield f"{name}={0 if port is True else port}"
    if options.get("pass_through"):
        yield "--pass-through"


def _as_word(value: object) -> str:
    return os.fspath(value) if isinstance(value, os.PathLike) else str(value)


class Child(Protocol):
    """A server that ends with us."""

    @property
    def doors(self) -> Doors:
        """Where it is."""
        ...

    def end(self) -> None:
        """Let it end; nothing where it has ended."""
        ...


class OwnChild:
    """A server of this program alone. It holds the other end of our pipe, and ends when that is closed."""

    def __init__(self, process: subprocess.Popen[bytes], doors: Doors) -> None:
        self._process, self.doors = process, doors
        atexit.register(self.end)

    def end(self) -> None:
        """End it; nothing where it has ended."""
        atexit.unregister(self.end)
        end(self._process)


def start(words: Sequence[str]) -> OwnChild:
    """Start `understudy serve` with these words, and wait until it answers. Raises: UnderstudyError."""
    return OwnChild(*launch(words, subprocess.PIPE))


def launch(words: Sequence[str], lifeline: int) -> tuple[subprocess.Popen[bytes], Doors]:
    """A server that ends when what is written into its `lifeline` ends, and where it is. Raises: UnderstudyError."""
    # `-P`: a folder of the caller's that is called `mock_server` is not ours.
    command = [sys.executable, "-P", "-m", "mock_server", "serve", "--announce", "--no-project", *words]
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, stdin=lifeline, stdout=subprocess.PIPE, stderr=said)
        line = process.stdout.readline() if process.stdout else b""
        try:
            return process, dict(json.loads(line))
        except ValueError:
            end(process)
            said.seek(0)
            # Of wrong words the command line says first how it is used, which is nothing to who calls a function.
            reason = said.read().decode("utf-8", "replace").strip().rpartition("\nError: ")[2]
            raise UnderstudyError(f"The server did not start: {reason or 'it says nothing'}") from None


def end(process: subprocess.Popen[bytes]) -> None:
    """Close a server's lifeline and wait for its end; kill it where it takes too long."""
    for pipe in (process.stdin, process.stdout):
        if pipe:
            with contextlib.suppress(OSError):
                pipe.close()
    try:
        process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
