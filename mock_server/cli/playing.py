"""What `understudy serve` would play, for a program that plays it in its own process, without a socket."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import click

from mock_server.cli.serve import make_setup, put_own_records, read_settings, serve_command
from mock_server.errors import ContractError, ContractErrors, Problem, UsageError
from mock_server.messages import Request, Response
from mock_server.server import kept_folder, make_whole_way, read_origins, require_same_keys, runtime_folder
from mock_server.sessions import load_providers, make_session_apis
from mock_server.state import reserve_journal


@contextlib.contextmanager
def open_player(words: Sequence[str]) -> Iterator[Callable[[Request], Response]]:
    """What answers as the words of `understudy serve` ask for, until the end of the block.

    One process plays it, and what is about sockets and terminals says nothing here.

    Raises:
        UsageError: the sentence that the command would print.
    """
    with _as_sentences():
        given = {**serve_command.make_context("serve", list(words)).params, "workers": 1}
    with _open_folder(given["keep"]) as folder:
        with _as_sentences():
            settings = read_settings(given, folder)
            setup = make_setup(given, folder, settings, load_providers(settings))
            if given["keep"]:
                require_same_keys(folder, setup.contracts)
            reserve_journal(folder, 1 if given["journal"] else 0)
            apis = make_session_apis(setup)
            put_own_records(given, folder, apis)
            answer = make_whole_way(apis, read_origins(given["cors"]))
        yield answer


@contextlib.contextmanager
def _open_folder(keep: Path | None) -> Iterator[Path]:
    """Where is kept what changes: for good, or until the end."""
    with contextlib.ExitStack() as stack:
        with _as_sentences():
            folder = stack.enter_context(kept_folder(keep) if keep else runtime_folder())
        yield folder


@contextlib.contextmanager
def _as_sentences() -> Iterator[None]:
    try:
        yield
    except (ContractError, ContractErrors) as error:
        raise UsageError(str(error)) from None
    except Problem as problem:
        raise UsageError(problem.detail) from None
    except click.ClickException as error:
        raise UsageError(error.format_message()) from None
