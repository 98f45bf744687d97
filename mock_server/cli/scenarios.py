"""Commands for testers: `understudy scenarios`, `play`, `reset`, `replay`."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from mock_server.cli import options
from mock_server.cli.admin_client import Server
from mock_server.cli.replay import Replayed, load_excerpt, replay
from mock_server.cli.terminal import as_line, find_width, open_terminal, render_columns, render_wrapped, styled
from mock_server.errors import UsageError, count_of, with_suggestion
from mock_server.faults import GROUPS, Scenario
from mock_server.sessions import Settings, load_contracts, load_form, load_stock

LEAST_NAME = 30  # columns: the sentences of all groups then stand below each other


@click.command()
@options.scenarios_folder
@click.option("--format", "form", type=click.Choice(["text", "json", "markdown"]), default="text", help="How to print.")
def scenarios(scenarios_folder: Path | None, form: str) -> None:
    """List the scenarios that can be played, each with its sentence."""
    loaded = load_stock(load_form(), [scenarios_folder] if scenarios_folder else [])
    if form == "json":
        click.echo(json.dumps([dict(each.source) for each in loaded.values()], indent=2, ensure_ascii=False))
    elif form == "markdown":
        click.echo(render_markdown(loaded.values()), nl=False)
    else:
        _print_text(loaded.values())


def _print_text(listed: Iterable[Scenario]) -> None:
    terminal, width = open_terminal(), find_width()
    for group, members in _grouped(listed):
        terminal.print("\n" + styled(GROUPS[group], "bold"))
        rows = [((styled(as_line(each.name), "cyan"),), each.says + _for(each)) for each in members]
        for line in render_wrapped(rows, width, LEAST_NAME):
            terminal.print(line)
    terminal.print(
        "\nFor one request: ?__scenario=NAME or the header Prefer: scenario=NAME. For a session: understudy play NAME.",
    )


def _for(scenario: Scenario) -> str:
    return f" ({scenario.whom})" if scenario.whom != "all" else ""


def _grouped(scenarios: Iterable[Scenario]) -> list[tuple[str, list[Scenario]]]:
    listed = list(scenarios)
    rows = ((group, [each for each in listed if each.group == group]) for group in GROUPS)
    return [(group, members) for group, members in rows if members]


def render_markdown(listed: Iterable[Scenario]) -> str:
    """The catalogue as tables, for the documentation."""
    lines = []
    for group, members in _grouped(listed):
        lines += [f"\n### {GROUPS[group]}\n", "| scenario | what happens | providers |", "| --- | --- | --- |"]
        lines += [f"| `{each.name}` | {each.says} | {each.whom} |" for each in members]
    return "\n".join(lines).lstrip("\n") + "\n"


@click.command()
@click.argument("name", shell_complete=options.complete_scenario)
@click.option("--session", default="", help="The session that plays it; without it the default one.")
@click.option("--off", is_flag=True, help="Play it no longer.")
@options.url
@options.token
def play(name: str, session: str, off: bool, url: str, token: str) -> None:
    """Switch a scenario on, or off, in a running server."""
    server = Server(url.rstrip("/"), token)
    known = [each["name"] for each in server.ask("GET", "/scenarios")["scenarios"]]
    if name not in known:
        raise UsageError(with_suggestion(f"There is no scenario {name!r}.", name, known, "{}"))
    server.ask("PUT", f"/scenarios/{name}/state", session, {"state": "Started" if off else "Playing"})
    played = server.ask("GET", "/settings", session)["scenarios"]
    playing = dict.fromkeys(each if isinstance(each, str) else each["name"] for each in played)
    click.echo(f"Session {session or 'default'} plays {', '.join(playing) or 'no scenario'}.")


@click.command()
@click.option("--session", default="", help="The session to put to its start; without it all of them.")
@options.url
@options.token
def reset(session: str, url: str, token: str) -> None:
    """Take back what was changed in a running server: records, counters, scenarios, settings and the journal."""
    Server(url.rstrip("/"), token).ask("POST", "/reset", session)
    click.echo(f"Session {session} is as at its start." if session else "All sessions are as at their start.")


@click.command(name="replay")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--session", default="", help="The session to replay in; without it a fresh one.")
@options.schemas
@options.url
@options.token
@click.pass_context
def replay_command(ctx: click.Context, file: Path, session: str, schemas: Path | None, url: str, token: str) -> None:
    """Send an excerpt of a journal again, in order, and show where the answers differ."""
    excerpt, contracts = load_excerpt(file), load_contracts(Settings(schemas=schemas))
    name = session or f"replay-{uuid.uuid4().hex[:8]}"
    rows = list(replay(Server(url.rstrip("/"), token), excerpt, contracts, name))
    terminal = open_terminal()
    for line in _render_replayed(rows):
        terminal.print(line)
    sent, differ = count_of(len(rows), "request"), sum(bool(row.differs) for row in rows)
    click.echo(f"{sent} sent again in session {name}; {differ or 'none'} answered otherwise.")
    ctx.exit(1 if differ else 0)


def _render_replayed(replayed: Iterable[Replayed]) -> Iterator[str]:
    """A table with a header: each request, what it was answered then and now, and where the two differ."""
    header = [styled(title, "bold") for title in ("", "request", "then", "now", "")]
    rows = ((f"{row.method} {row.url}", row.then, row.now, row.differs) for row in replayed)
    numbered = (
        [str(number), *map(as_line, (request, then, now)), _render_verdict(differs)]
        for number, (request, then, now, differs) in enumerate(rows, 1)
    )
    return render_columns([header, *numbered])


def _render_verdict(differs: str) -> str:
    return styled(as_line(differs), "red") if differs else styled("same", "green")
