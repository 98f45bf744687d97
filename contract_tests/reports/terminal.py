"""What a person sees of a run: progress while it goes on, then the matrix and the findings, worst first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from contract_tests.findings import FINDINGS, NOT_REACHED
from mock_server.errors import count_of

SIGNS = {"passed": ("✓", "green"), "failed": ("✗", "bold red"), "noted": ("!", "yellow"), "skipped": ("·", "dim")}
GRADE_STYLES = {"breaking": "bold red", "additive": "yellow", "note": "cyan"}
MAX_LINE = 400


@contextmanager
def progress(console: Console) -> Iterator[Callable[[str, str, int], None]]:
    """A line that says what is being checked, where the terminal can show one."""
    with console.status("Starting") as status:

        def show(provider: str, what: str, calls: int) -> None:
            status.update(f"[bold]{escape(provider)}[/]  {escape(what)}  [dim]{count_of(calls, 'call')}[/]")

        yield show


def print_report(console: Console, report: Mapping[str, Any]) -> None:
    """The matrix of each provider, the findings, the readings, what changed since the baseline, and one sentence."""
    if explain_missing(report):  # before all else: whoever reads on must not take the rest for the whole
        console.print(summarize(report), soft_wrap=True)
    console.print()
    for provider in report["providers"]:
        _print_matrix(console, provider, [check["name"] for check in report["checks"]])
    known = 0
    for provider in report["providers"]:
        for finding in provider["findings"]:
            known += bool(finding["known"])
            if not finding["known"] and not finding["check"].startswith("readings."):  # those have lines of their own
                _print_finding(console, finding)
        for sentence in (*provider["deviations"]["stale"], *provider["deviations"]["expired"]):
            console.print(f"[bold red]deviation[/] {escape(provider['name'])}: {escape(sentence)}\n")
        _print_readings(console, provider)
    if known:
        console.print(f"[dim]Known deviations seen: {known}.[/]")
    if changes := report["drift"]:
        counts = f"{len(changes['new'])} new, {len(changes['gone'])} gone, {changes['unchanged']} unchanged"
        console.print(f"Since {escape(str(changes['against']))}: {counts}.")
    console.print(summarize(report), soft_wrap=True)


def summarize(report: Mapping[str, Any]) -> str:
    """The whole run in one sentence: what it could not do first, then how the target behaves."""
    missing = explain_missing(report)
    if report["exit_code"] == NOT_REACHED:
        return f"[bold red]Not reached.[/] {escape(missing)}"
    counts = dict.fromkeys(GRADE_STYLES, 0)
    for provider in report["providers"]:
        for finding in provider["findings"]:
            counts[finding["grade"]] += not finding["known"]
    grades = ", ".join(f"{count} {grade}" for grade, count in counts.items() if count)
    calls = sum(provider["calls"] for provider in report["providers"])
    tail = f"{count_of(calls, 'call')} in {report['seconds']:.1f} s."
    head = f"[bold yellow]Incomplete.[/] {escape(missing)} " if missing else ""
    if report["exit_code"] == FINDINGS:
        return f"{head}[bold red]Not as documented:[/] {grades or 'a deviation has ended'}. {tail}"
    verdict = "Nothing else departs from the documentation." if missing else "[bold green]As documented.[/]"
    return f"{head}{verdict} {grades + '. ' if grades else ''}{tail}"


def describe_run(report: Mapping[str, Any]) -> str:
    """The same sentence without styles."""
    return Text.from_markup(summarize(report)).plain


def explain_missing(report: Mapping[str, Any]) -> str:
    """Why a run could not ask what every run asks: a sentence for each provider, named where there are several."""
    reasons = [(p["name"], p["stopped"] if p["unreached"] else p["incomplete"]) for p in report["providers"]]
    several = len(report["providers"]) > 1
    return " ".join(f"{name}: {text}" if several else text for name, text in reasons if text)


def _print_limits(console: Console, provider: Mapping[str, Any]) -> None:
    """What the run does not prove although it is whole."""
    if provider["unproven"]:
        console.print(f"[yellow]Not proven:[/] {_clean(' '.join(provider['unproven']))}")
    if provider["left_out"]:
        why = provider["stopped"].rstrip(".")
        console.print(f"[yellow]Left out[/] ({_clean(why)}): {_clean(', '.join(provider['left_out']))}.")
    if provider["unproven"] or provider["left_out"]:
        console.print()


def _print_matrix(console: Console, provider: Mapping[str, Any], checks: list[str]) -> None:
    calls = count_of(provider["calls"], "call")
    console.print(f"[bold]{escape(provider['title'])}[/]  {escape(provider['base_url'])}  [dim]{calls}[/]")
    # A column for each operation: checks have long names and are many, operations are few.
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("", style="dim")
    for operation in provider["operations"]:
        table.add_column(escape(operation))
    for check in checks:
        cells = [provider["matrix"].get(operation, {}).get(check) for operation in provider["operations"]]
        if any(cell and cell["outcome"] != "skipped" for cell in cells):
            table.add_row(check, *(_cell(cell) for cell in cells))
    console.print(table)
    if provider["stopped"]:
        console.print(f"[yellow]{_clean(provider['stopped'])}[/]")
    console.print()
    _print_limits(console, provider)
    for sentence in provider.get("left_behind", ()):
        console.print(f"[bold red]Not deleted:[/] {_clean(sentence)}.", soft_wrap=True)


def _cell(cell: Mapping[str, Any] | None) -> Text:
    if not cell:
        return Text("")
    sign, style = SIGNS[cell["outcome"]]
    calls = f" {cell['calls']}" if cell["calls"] else ""
    return Text.assemble((f"{sign} {cell['outcome']}", style), (calls, "dim"))


def _print_finding(console: Console, finding: Mapping[str, Any]) -> None:
    style = GRADE_STYLES[finding["grade"]]
    times = f" [dim]({finding['times']} times)[/]" if finding["times"] > 1 else ""
    where = f"{finding['provider']} {finding['operation']} {finding['check']}"
    console.print(f"[{style}]{finding['grade']}[/] [bold]{_clean(where)}[/] {_clean(finding['place'])}{times}")
    console.print(f"  {_clean(finding['problem'])}.")
    for name, colour in (("expected", "green"), ("actual", "red")):
        console.print(f"  {name:<9} [{colour}]{_clean(finding[name])}[/]")
    if finding["sentence"]:
        console.print(f"  [dim]documented {_clean(finding['sentence'])}[/]")
    if finding["assumed"]:
        console.print(f"  [dim]assumed    {_clean(finding['assumed'])}[/]")
    if finding["reproduce"]:
        # Whole: a line that was cut would run, and ask something else.
        console.print(f"  {_clean(finding['reproduce'], None)}", soft_wrap=True)
    if finding["also"]:
        checks = ", ".join(dict.fromkeys(" ".join(line.split(" ")[:2]) for line in finding["also"]))
        console.print(f"  [dim]also       {_clean(checks)}[/]")
    if finding.get("minimal"):
        console.print(f"  minimal: {_clean(finding['minimal'])}", soft_wrap=True)
    console.print(f"  [dim]{finding['fingerprint']}[/]\n")


def _print_readings(console: Console, provider: Mapping[str, Any]) -> None:
    others = [row for row in provider["readings"] if row["follows"] not in ("", row["default"])]
    for row in others:
        about = f"{_clean(row['about'])} It follows [bold]{_clean(row['follows'])}[/], not {_clean(row['default'])}"
        console.print(f"[cyan]reading[/] {escape(provider['name'])}.{_clean(row['id'])}: {about}.")
        console.print(f"  [dim]{_clean(row['by'])}[/]")
    if others:
        console.print()


def _clean(text: Any, limit: int | None = MAX_LINE) -> str:
    """Text of a target as it may reach a terminal: no control characters, no markup, not endless."""
    line = str(text)
    more = len(line) - limit if limit is not None else 0
    cut = line if more <= 0 else f"{line[:limit]}… ({more} characters more)"
    return escape("".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in cut))
