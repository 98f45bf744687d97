"""Arguments and options that several commands take, and the words that a shell completes them with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from mock_server import sessions

Decorator = Callable[[Any], Any]


def option(*names: str, **settings: Any) -> Decorator:
    """An option whose help shows its default."""
    return click.option(*names, show_default=True, **settings)


def complete_scenario(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """Scenarios for the shell, those of `--scenarios` too."""
    return sessions.complete_scenario(incomplete, ctx.params.get("scenarios_folder"))


providers = click.argument(
    "providers",
    nargs=-1,
    metavar="[PROVIDER]...",
    shell_complete=lambda ctx, _, incomplete: sessions.complete_provider(incomplete, ctx.params.get("schemas")),
)
schemas = click.option(
    "--schemas",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Your own contracts: a provider's folder, or a folder of such folders.",
)
reading = click.option(
    "--reading",
    "readings",
    multiple=True,
    metavar="PROVIDER.ID=ALTERNATIVE",
    help="Serve another reading of the documentation; see `understudy readings`. Several are allowed.",
    shell_complete=lambda ctx, _, incomplete: sessions.complete_reading(incomplete, ctx.params.get("schemas")),
)
readings_file = click.option(
    "--readings",
    "readings_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file of readings to serve, as `understudy check --write-readings` writes it.",
)
scenarios_folder = click.option(
    "--scenarios",
    "scenarios_folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder of your own scenarios, beside those that come with Understudy.",
)
host = option("--host", default="127.0.0.1", help="The address to listen on.")
port = option("--port", default=8080, help="The port; 0 picks a free one.", type=click.IntRange(0, 65535))
url = option("--url", default="http://127.0.0.1:8080", help="Where the server is.")
token = click.option("--token", default="", envvar="UNDERSTUDY_TOKEN", help="The token of a server that wants one.")
