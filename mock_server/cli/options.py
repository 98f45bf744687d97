"""Arguments and options that several commands take, and the words that a shell completes them with."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import click

from mock_server.errors import ContractError, ContractErrors, UsageError
from mock_server.sessions import find_folders, list_readings, load_form, load_stock

Decorator = Callable[[Any], Any]


def option(*names: str, **settings: Any) -> Decorator:
    """An option whose help shows its default."""
    return click.option(*names, show_default=True, **settings)


def _completing(list_words: Callable[[click.Context], Iterable[str]]) -> Any:
    """What click asks for the words that may follow; a folder that cannot be read has none."""

    def complete(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
        try:
            return [word for word in list_words(ctx) if word.startswith(incomplete)]
        except (UsageError, ContractError, ContractErrors):
            return []  # a sentence on the terminal would stand in the middle of what is being typed

    return complete


def _scenario_names(ctx: click.Context) -> Iterable[str]:
    folder = ctx.params.get("scenarios_folder")
    return sorted(load_stock(load_form(), [folder] if folder else []))


complete_scenario = _completing(_scenario_names)

providers = click.argument(
    "providers",
    nargs=-1,
    metavar="[PROVIDER]...",
    shell_complete=_completing(lambda ctx: find_folders(ctx.params.get("schemas"))),
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
    shell_complete=_completing(lambda ctx: list_readings(ctx.params.get("schemas"))),
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
