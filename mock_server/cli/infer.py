"""`understudy infer`: what a plain document means, as an Overlay to read and correct."""

from __future__ import annotations

from pathlib import Path

import click

from mock_server.errors import UsageError, count_of
from mock_server.inference import infer, load_overlay, render_overlay
from mock_server.openapi import read_document
from mock_server.sessions import find_sources


@click.command("infer")
@click.argument("document", metavar="[NAME=]FILE|FOLDER|URL|-")
@click.option(
    "--overlay",
    "overlays",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="An overlay of yours: what it says is not inferred. Repeatable.",
)
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="Where to write it.")
def infer_command(document: str, overlays: tuple[Path, ...], output: Path | None) -> None:
    """Print what is inferred of an OpenAPI document: an Overlay to correct."""
    sources = [source for source in find_sources((document,), {}) if source.is_plain]
    if len(sources) != 1:
        raise UsageError(f"{document} holds {count_of(len(sources), 'plain document')}; name one file.")
    read = read_document(sources[0].load(), sources[0].name)
    inference = infer(read, [load_overlay(path) for path in overlays])
    text = render_overlay(read, inference)
    if output is None:
        click.echo(text, nl=False)
        return
    output.write_text(text, encoding="utf-8")
    click.echo(f"{output}: {inference.summary()}", err=True)
