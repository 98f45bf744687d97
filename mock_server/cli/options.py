"""Arguments and options that several commands take, and the words that a shell completes them with."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from mock_server import sessions

Decorator = Callable[[Any], Any]


def option(*names: str, **settings: Any) -> Decorator:
    """An option whose help shows its default."""
    return click.option(*names, show_default=True, **settings)


def command_with(defaults: Mapping[str, str], pattern: str) -> type[click.Command]:
    """A command whose options may stand without a value, also where another word follows: one that is not like this."""

    class Command(click.Command):
        def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
            following = [*args, ""][1:]
            given = [
                f"{word}={defaults[word]}" if word in defaults and not re.fullmatch(pattern, after) else word
                for word, after in zip(args, following, strict=True)
            ]
            return super().parse_args(ctx, given)

    return Command


class Number(click.IntRange):
    """A whole number within bounds; what is none is refused in words."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number; raises click's BadParameter."""
        text = str(value).replace("_", "x")  # which Python reads as a digit group, and nobody else does
        number = int(text) if re.fullmatch(r"[+-]?[0-9]{1,18}", text) else None
        if number is None or not self.min <= number <= self.max:  # type: ignore[operator]
            self.fail(f"{str(value)!r} is no whole number from {self.min:,} to {self.max:,}.", param, ctx)
        return number


PLACE = click.types.StringParamType()
"""The type of words that may name a file, as `petstore.yaml` and `shop=api.json` do: those of a project file begin
where it stands."""


def require_text(ctx: click.Context, param: click.Parameter, value: str) -> str:
    """The value of an option; an empty one, as an unset variable leaves it, is refused."""
    if not value.strip():
        raise click.BadParameter("it is empty; leave the option out for its default.", ctx, param)
    return value


def complete_scenario(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """Scenarios for the shell, those of `--scenarios` too."""
    return sessions.complete_scenario(incomplete, ctx.params.get("scenarios_folder"))


providers = click.argument(
    "providers",
    nargs=-1,
    type=PLACE,
    metavar="[PROVIDER|FILE|NAME=FILE|FOLDER|URL|-]...",
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
mappings_folder = click.option(
    "--mappings",
    "mappings_folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Responses of your own, as WireMock's folder: mappings/*.json, with bodies in __files/.",
)
host = option("--host", default="127.0.0.1", help="The address to listen on.", callback=require_text)
port = option("--port", default=8080, help="The port; 0 picks a free one.", type=Number(0, 65535))
url = option("--url", default="http://127.0.0.1:8080", help="Where the server is.")
token = click.option("--token", default="", envvar="UNDERSTUDY_TOKEN", help="The token of a server that wants one.")


def plain_documents(command: Any) -> Any:
    """The options of commands that play plain OpenAPI documents."""
    for each in reversed(_PLAIN):
        command = each(command)
    return command


overlays = click.option(
    "--overlay",
    "overlays",
    multiple=True,
    type=PLACE,
    metavar="[NAME=]FILE",
    help="Corrections of what is inferred of a document; `NAME.overlay.yaml` beside it is found by itself.",
)
strict = click.option("--strict", is_flag=True, help="What is wrong in a document is an error, not a warning.")
_PLAIN = (
    overlays,
    strict,
    click.option(
        "--mount",
        "mounts",
        multiple=True,
        metavar="[NAME=]PATH",
        help="Where a document answers beside /NAME; without it a single one does at the root.",
    ),
    option(
        "--examples",
        type=click.Choice(sessions.EXAMPLE_MODES),
        default="records",
        help="Documented examples are the first records, whole answers, or not used.",
    ),
    option(
        "--requests",
        type=click.Choice(sessions.REQUEST_MODES),
        default="refuse",
        help="Requests that are not as documented are refused, answered and reported, or answered.",
    ),
    option(
        "--credentials",
        type=click.Choice(sessions.CREDENTIAL_MODES),
        default="any",
        help="Any credential of the documented form is accepted, or those that are listed.",
    ),
    option(
        "--etags",
        type=click.Choice(sessions.DOCUMENTED_MODES),
        default="documented",
        help="Records have ETags, and writes may ask for one, where that is documented, or everywhere.",
    ),
    option(
        "--idempotency",
        type=click.Choice(sessions.DOCUMENTED_MODES),
        default="documented",
        help="Idempotency keys are known where they are documented, or everywhere.",
    ),
)
