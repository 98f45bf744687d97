"""The ways in beside the plain port, as `understudy serve` is told of them; and `understudy ca`."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping
from typing import Any

import click

from mock_server.cli import options
from mock_server.cli.terminal import Terminal, styled
from mock_server.errors import UsageError
from mock_server.server import (
    Door,
    find_authority_folder,
    find_public_file,
    get_authority,
    open_socket,
    plain_door,
    tls_door,
)

TLS_PORT = 8443
DEFAULT_PORTS = {"--tls": TLS_PORT}

tls = click.option(
    "--tls",
    type=options.Number(0, 65535),
    metavar="[PORT]",
    help=f"HTTPS on a second port: {TLS_PORT}, or the one given.",
)


class ServeCommand(click.Command):
    """`--tls` may stand without a port, also where the name of a provider follows."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """The words that are left, with the default ports where none is given."""
        following = [*args, ""][1:]
        given = [
            f"{word}={DEFAULT_PORTS[word]}" if word in DEFAULT_PORTS and not re.fullmatch("[0-9]+", after) else word
            for word, after in zip(args, following, strict=True)
        ]
        return super().parse_args(ctx, given)


@contextlib.contextmanager
def open_doors(given: Mapping[str, Any]) -> Iterator[dict[str, Door]]:
    """The doors that are asked for, by what is spoken there; closed in the end. Raises: UsageError."""
    _require_own_ports(given)
    with contextlib.ExitStack() as opened:
        doors = {"url": plain_door(opened.enter_context(contextlib.closing(open_socket(given["host"], given["port"]))))}
        if given["tls"] is not None:
            authority = get_authority(find_authority_folder())
            listener = open_socket(given["host"], given["tls"], "--tls")
            doors["tls"] = tls_door(opened.enter_context(contextlib.closing(listener)), authority)
        yield doors


def _require_own_ports(given: Mapping[str, Any]) -> None:
    taken: dict[int, str] = {}
    for name in ("port", "tls"):
        port = given[name]
        if port and port in taken:
            raise UsageError(f"--{taken[port]} and --{name} are both {port}: each needs a port of its own.")
        if port:
            taken[port] = name


def print_doors(terminal: Terminal, doors: Mapping[str, Door]) -> None:
    """Where HTTPS is spoken."""
    if "tls" in doors:
        terminal.print(f"HTTPS at {styled(doors['tls'].url, 'bold')}  (its authority: understudy ca)\n")


@click.command(name="ca")
@click.option("--print", "prints", is_flag=True, help="Print the certificate itself, as PEM.")
def ca_command(prints: bool) -> None:
    """Print where the certificate of the local authority is, which clients of --tls and --proxy trust."""
    folder = find_authority_folder()
    authority = get_authority(folder)
    click.echo(authority.certificate.decode().strip() if prints else find_public_file(folder))
