"""Commands that take what is not said on the command line from the project file."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from mock_server.cli.project_file import WORDS, Project, find_keys, find_project, load_project, seen_from_here

OF_WHAT_IS_SERVED = ("overlay", "mount", "data", "mappings")
"""Keys that speak of what the file serves: who names something else on the command line does not mean them."""

_IGNORED = "mock_server.cli.project.ignored"


def with_project(command: click.Command) -> click.Command:
    """The same command with `--project` and `--no-project`: what is not said comes from the file."""
    extended = copy.copy(command)
    extended.params = [*command.params, *_make_options()]
    return extended


def _make_options() -> tuple[click.Option, click.Option]:
    """Both eager, so that the file is read before anything that it has a value for."""
    return (
        click.Option(
            ["--no-project"],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=_ignore,
            help="Use no project file.",
        ),
        click.Option(
            ["--project"],
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            is_eager=True,
            expose_value=False,
            callback=_use,
            metavar="FILE",
            help="The project file; else understudy.yaml of this folder or of one above it.",
        ),
    )


def _ignore(ctx: click.Context, _: click.Parameter, ignored: bool) -> None:
    if ignored:
        ctx.meta[_IGNORED] = True


def _use(ctx: click.Context, _: click.Parameter, named: Path | None) -> None:
    """Take the values of the file that is named, or that is found, as defaults of this command."""
    root = ctx.find_root().command
    if ctx.resilient_parsing or not isinstance(root, click.Group):
        return
    path = named or (None if ctx.meta.get(_IGNORED) else find_project(Path.cwd()))
    serve = root.get_command(ctx, "serve")
    if path is None or serve is None:
        return
    project = load_project(path, find_keys(serve), ctx)
    ctx.default_map = _find_defaults(project, serve, ctx)
    if ctx.default_map:
        click.echo(f"Project file: {seen_from_here(path)}", err=True)


def _find_defaults(project: Project, serve: click.Command, ctx: click.Context) -> dict[str, Any]:
    """The values of the file that this command takes, by the names of its parameters."""
    words = next((param.name for param in ctx.command.params if _takes_words(param)), None)
    names = {param.name for param in ctx.command.params}
    defaults: dict[str, Any] = {}
    for key, param in find_keys(serve).items():
        name = words if key == WORDS else param.name
        if key in project.values and name in names and name is not None:
            value = project.values[key]
            defaults[name] = _unless_named(ctx, words, value) if key in OF_WHAT_IS_SERVED and words else value
    if "url" in names and (url := _find_url(project.values)):
        defaults["url"] = url
    return defaults


def _takes_words(param: click.Parameter) -> bool:
    return isinstance(param, click.Argument) and param.nargs == -1


def _unless_named(ctx: click.Context, words: str, value: Any) -> Callable[[], Any]:
    """The value, asked for when all words are read: none where the command line names what is served."""
    return lambda: None if ctx.get_parameter_source(words) is ParameterSource.COMMANDLINE else value


def _find_url(values: Mapping[str, Any]) -> str:
    """Where a server of this project is; empty where it is at the usual place, or picks its port."""
    host, port = values.get("host", "127.0.0.1"), values.get("port", "8080")
    if ("host" not in values and "port" not in values) or str(port) == "0":
        return ""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
