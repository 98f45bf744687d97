"""The ways in beside the plain port, as `understudy serve` is told of them; and `understudy ca`."""

from __future__ import annotations

import contextlib
import socket
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
    proxy_door,
    tls_door,
)

TLS_PORT, PROXY_PORT = 8443, 8081
DEFAULT_PORTS = {"--tls": str(TLS_PORT), "--proxy": str(PROXY_PORT)}

tls = click.option(
    "--tls",
    type=options.Number(0, 65535),
    metavar="[PORT]",
    help=f"HTTPS on a second port: {TLS_PORT}, or the one given.",
)

proxy = click.option(
    "--proxy",
    type=options.Number(0, 65535),
    metavar="[PORT]",
    help=f"An HTTP proxy that answers documented hosts itself: on {PROXY_PORT}, or the port given.",
)
pass_through = click.option(
    "--pass-through",
    is_flag=True,
    help="The proxy lets clients reach hosts that are not documented.",
)


def options_of_serve(command: Any) -> Any:
    """The options of the doors beside the plain one."""
    return tls(proxy(pass_through(command)))


@contextlib.contextmanager
def open_doors(given: Mapping[str, Any]) -> Iterator[dict[str, Door]]:
    """The doors that are asked for, by what is spoken there; closed in the end. Raises: UsageError."""
    _require_own_ports(given)
    with contextlib.ExitStack() as opened:
        doors = {"url": plain_door(_listen(opened, given, "port"))}
        if given["tls"] is not None:
            doors["tls"] = tls_door(_listen(opened, given, "tls"), get_authority(find_authority_folder()))
        if given["proxy"] is not None:
            listener, authority = _listen(opened, given, "proxy"), get_authority(find_authority_folder())
            doors["proxy"] = proxy_door(listener, authority, [*doors.values()], given["pass_through"])
        yield doors


def _listen(opened: contextlib.ExitStack, given: Mapping[str, Any], name: str) -> socket.socket:
    return opened.enter_context(contextlib.closing(open_socket(given["host"], given[name], f"--{name}")))


def _require_own_ports(given: Mapping[str, Any]) -> None:
    if given["pass_through"] and given["proxy"] is None:
        raise UsageError("--pass-through is about the proxy: give --proxy as well.")
    taken: dict[int, str] = {}
    for name in ("port", "tls", "proxy"):
        port = given[name]
        if port and port in taken:
            raise UsageError(f"--{taken[port]} and --{name} are both {port}: each needs a port of its own.")
        if port:
            taken[port] = name


def find_urls(doors: Mapping[str, Door]) -> dict[str, str]:
    """Where each door is, and what clients of those with TLS trust."""
    urls = {name: door.url for name, door in doors.items()}
    return urls if len(urls) == 1 else {**urls, "ca": str(find_public_file(find_authority_folder()))}


def print_doors(terminal: Terminal, doors: Mapping[str, Door]) -> None:
    """Where HTTPS is spoken, and where the proxy is."""
    if "tls" in doors:
        terminal.print(f"HTTPS at {styled(doors['tls'].url, 'bold')}  (its authority: understudy ca)\n")
    if "proxy" in doors:
        url = doors["proxy"].url
        terminal.print(f'Proxy at {styled(url, "bold")}  (eval "$(understudy env --proxy {url})")\n')


def warn_of_passing(terminal: Terminal, given: Mapping[str, Any], is_loopback: bool) -> None:
    """Say who can use a proxy that lets through."""
    if given["pass_through"] and not is_loopback:
        sentence = f"--pass-through on {given['host']}: everyone who reaches this machine can reach others through it."
        terminal.print(styled(sentence, "yellow"))


@click.command(name="ca")
@click.option("--print", "prints", is_flag=True, help="Print the certificate itself, as PEM.")
def ca_command(prints: bool) -> None:
    """Print where the certificate of the local authority is, which clients of --tls and --proxy trust."""
    folder = find_authority_folder()
    authority = get_authority(folder)
    click.echo(authority.certificate.decode().strip() if prints else find_public_file(folder))
