"""The commands of the harness: their options, in words."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from contract_tests.check_command import run_check
from contract_tests.check_options import CheckOptions
from contract_tests.checks import COLUMNS
from contract_tests.diff_command import run_diff
from contract_tests.reports import FORMS, TEXT
from contract_tests.transport import MOCK, TARGETS
from mock_server.sessions import complete_operation, complete_provider, complete_reading

_path = click.Path(path_type=Path)


@click.command(name="check")
@click.argument(
    "providers",
    nargs=-1,
    metavar="[PROVIDER]...",
    shell_complete=lambda ctx, _, incomplete: complete_provider(incomplete, ctx.params.get("schemas")),
)
@click.option(
    "--target",
    type=click.Choice(TARGETS),
    default=MOCK,
    show_default=True,
    help="The mock (started for the run), or the real API: read, paced, within a budget.",
)
@click.option("--base-url", default="", help="Where the provider is; else ACME_BASE_URL. For one provider at a time.")
@click.option(
    "--dotenv",
    type=_path,
    help="A file of variables: base URLs and credentials, as `understudy env` names them.",
)
@click.option("--report", type=_path, help="A folder for report.html, report.json, junit.xml and traffic.har.")
@click.option("--budget", type=click.IntRange(1, 1_000_000), help="Calls to a provider at most (live: 60).")
@click.option("--rate", type=click.FloatRange(0.01, 10_000), help="Calls a second at most (live: 2).")
@click.option(
    "--check",
    "checks",
    multiple=True,
    type=click.Choice([c.name for c in COLUMNS]),
    metavar="NAME",
    help="Only this check; several are allowed.",
)
@click.option(
    "--only",
    "operations",
    multiple=True,
    metavar="OPERATION",
    help="Only this operation (its operationId); several are allowed.",
    shell_complete=lambda ctx, _, incomplete: complete_operation(
        incomplete,
        ctx.params.get("schemas"),
        ctx.params.get("providers") or (),
    ),
)
@click.option("--max-time", type=click.FloatRange(0.1, 1_000_000), help="Seconds after which no more is asked.")
@click.option("--slow", type=click.FloatRange(0.001, 1_000), help="Seconds an answer may take; more is a finding.")
@click.option(
    "--readings/--no-readings",
    "detects_readings",
    default=None,
    help="Find out which readings are followed (live: yes).",
)
@click.option(
    "--write-readings",
    type=_path,
    help="Keep the readings found in a file for `understudy serve --readings`.",
)
@click.option(
    "--reading",
    "readings",
    multiple=True,
    metavar="PROVIDER.ID=ALTERNATIVE",
    help="Check against another reading.",
    shell_complete=lambda ctx, _, incomplete: complete_reading(incomplete, ctx.params.get("schemas")),
)
@click.option("--deviations", type=_path, help="Folder with <provider>/deviations.yaml; else beside the contracts.")
@click.option("--accept", "accepts", is_flag=True, help="Write what breaks into deviations.yaml, for review.")
@click.option(
    "--history",
    type=_path,
    metavar="FOLDER",
    help="Keep this run's report there, and show what changed from run to run.",
)
@click.option("--baseline", type=_path, help="An earlier report.json: say what is new, gone, unchanged.")
@click.option(
    "--schemas",
    type=_path,
    metavar="FOLDER",
    help="Your own contracts: a provider's folder, or a folder of such folders.",
)
@click.option(
    "--overlay",
    "overlays",
    multiple=True,
    metavar="[NAME=]FILE",
    help="Corrections of what is inferred of a document; `NAME.overlay.yaml` beside it is found by itself.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMS),
    default=TEXT,
    show_default=True,
    help="Also for a pipeline: annotations and a summary of GitHub Actions, or code quality of GitLab.",
)
@click.option("--in-process", is_flag=True, help="Generated cases go to the mock without a socket: sooner.")
@click.option("--hooks", type=_path, help="A file of hooks in Python; else understudy_hooks.py of this folder.")
@click.option("--plan", is_flag=True, help="Print each call a live run would make, and why; none is sent.")
@click.option("--dry-run", is_flag=True, help="Print the same calls as curl lines; none is sent.")
@click.option(
    "--writes",
    multiple=True,
    metavar="OPERATION",
    help="An operation that may write to a live target, on records that the run creates; several are allowed.",
)
@click.option("--keep-created", is_flag=True, help="Leave what the run created at a live target where it is.")
@click.option("--seed", default="understudy", show_default=True, help="The mock's records.")
def check_command(**options: Any) -> None:
    """Ask a target whether it behaves as documented, and where not.

    Ends with 0: as documented, 1: findings that break, 2: wrong use, 3: not reached, or the credential refused,
    4: incomplete, and nothing breaks as far as it went, 70: a check of ours crashed.
    """
    sys.exit(run_check(CheckOptions(**options)))


@click.command(name="diff")
@click.argument("old", type=click.Path(path_type=Path, exists=True))
@click.argument("new", type=click.Path(path_type=Path, exists=True))
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def diff_command(old: Path, new: Path, form: str) -> None:
    """Compare two contracts: what breaks a client, what is added, what is worth knowing.

    OLD and NEW are OpenAPI documents (3.1, 3.0 or Swagger 2.0), providers' folders, or folders of these. Ends with
    0: no client breaks, 1: one does, 2: wrong use.
    """
    text, code = run_diff(old, new, form)
    click.echo(text)
    sys.exit(code)
