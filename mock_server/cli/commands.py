"""The command line: the group of all commands, and what becomes of their errors."""

from __future__ import annotations

from typing import Any

import click

from mock_server import __version__
from mock_server.cli.contracts import env, readings
from mock_server.cli.doors import ca_command
from mock_server.cli.infer import infer_command
from mock_server.cli.init import init
from mock_server.cli.mistakes import describe_mistake
from mock_server.cli.project import with_project
from mock_server.cli.scenarios import play, replay_command, reset, scenarios
from mock_server.cli.serve import serve_command
from mock_server.cli.validation import validate
from mock_server.cli.wait import wait
from mock_server.errors import ContractError, ContractErrors, Problem, UsageError, missing_extra

MAX_TEXT = 1_000

OF_THE_HARNESS = ("check", "diff")
"""Commands that stand in the harness and need its libraries."""


class _Group(click.Group):
    """Turns our errors into sentences on the terminal and exit codes: 2 for wrong use and wrong data.

    `check` and `diff` are the harness's own, opened only when they are asked for: serving needs none of its libraries.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), *OF_THE_HARNESS])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in OF_THE_HARNESS:
            return super().get_command(ctx, cmd_name)
        try:
            from contract_tests.cli import check_command, diff_command
        except ModuleNotFoundError as error:
            if str(error.name).startswith(("contract_tests", "mock_server")):
                raise  # ours is missing: that is no question of extras
            return _refuse(cmd_name)
        return with_project(check_command) if cmd_name == "check" else diff_command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Each command with its whole first sentence: click cuts it where a line ends."""
        commands = ((name, self.get_command(ctx, name)) for name in self.list_commands(ctx))
        rows = [(name, command.get_short_help_str(limit=MAX_TEXT)) for name, command in commands if command]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (UsageError, ContractError, ContractErrors, Problem, OSError) as error:
            says = describe_mistake(error)
            if not says:
                raise
            click.echo(says, err=True)
            ctx.exit(2)
        except KeyboardInterrupt:
            click.echo("Interrupted.", err=True)
            ctx.exit(130)


def _refuse(name: str) -> click.Command:
    """A command that is listed as always, but only says how its libraries are installed."""

    def refuse() -> None:
        raise missing_extra(name, "check")

    anything = {"ignore_unknown_options": True, "allow_extra_args": True}
    help_text = "Needs more: pip install 'understudy[check]'."
    return click.Command(name, anything, refuse, help=help_text, add_help_option=False)


@click.group(
    cls=_Group,
    commands=[
        *map(with_project, (serve_command, env, validate, readings, scenarios, play, reset, replay_command, wait)),
        ca_command,
        infer_command,
        init,
    ],
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="understudy")
def main() -> None:
    """Plays documented REST APIs on your own machine, from annotated contracts."""
