"""`understudy init`: a project file for a folder, with the documents that are in it."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from pathlib import Path

import click

from mock_server.cli.project_file import PROJECT_FILE, seen_from_here
from mock_server.errors import UsageError, count_of
from mock_server.sessions import find_folders, find_sources

TEMPLATE = """\
# What `understudy serve` plays in this folder and those below it.
# Every option of `understudy serve` is a key without its dashes; one on the command line wins over it.

# Documents, folders of documents, NAME=FILE, URLs, and providers that come with Understudy. Paths begin at this file.
serve:
{words}

# Which records, and how many.
# seed: understudy
# records: 50

# Where it listens; port 0 picks a free one.
# port: 8080

# Edge cases that play from the start (`understudy scenarios` lists them), and a folder of your own.
# scenario: [third-call-fails]
# scenarios: scenarios

# Records of your own (PROVIDER/COLLECTION.yaml), responses of your own, and what is kept over a restart.
# data: data
# mappings: mappings
# keep: .understudy
"""


@click.command("init")
@click.argument("folder", default=".", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Write it where there is one already.")
def init(folder: Path, force: bool) -> None:
    """Write understudy.yaml, the project file of a FOLDER: what `understudy serve` plays there, and how."""
    path = folder / PROJECT_FILE
    if path.exists() and not force:
        raise UsageError(f"{seen_from_here(path)} is there already; --force writes it anew.")
    own = _find_words(folder)
    text = TEMPLATE.format(words="\n".join(f"  - {_as_yaml(word)}" for word in own or find_folders()))
    path.write_text(text, encoding="utf-8")
    listed = f"{count_of(len(own), 'document')} found" if own else "no document found, so what comes with Understudy"
    click.echo(f"Written: {seen_from_here(path)} ({listed}). `understudy serve` plays it.")


def _find_words(folder: Path) -> Sequence[str]:
    """The documents and contracts of a folder, relative to it."""
    try:
        sources = find_sources((os.path.join(folder, ""),), {})  # noqa: PTH118 - with a slash at its end it is no name
    except UsageError:
        return ()
    places = (source.folder or Path(source.place) for source in sources)
    return [os.path.relpath(place, folder) for place in places]


def _as_yaml(word: str) -> str:
    """A word as a scalar of YAML, in quotes where it would be read as something else."""
    return word if re.fullmatch(r"[A-Za-z.][\w./-]*", word) else json.dumps(word, ensure_ascii=False)
