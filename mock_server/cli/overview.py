"""What is said of plain documents at the start: what was understood in two lines, and what to try first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mock_server.cli.output import quote
from mock_server.cli.terminal import Terminal, as_line, as_printable, styled
from mock_server.contract import Operation
from mock_server.engine import MockApi
from mock_server.errors import count_of
from mock_server.server import render_curl
from mock_server.sessions import Player, Understood

MAX_TITLE = 100


def print_plain(
    terminal: Terminal,
    apis: Player,
    base: str,
    understood: Mapping[str, Understood],
    verbose: bool,
) -> None:
    """Each plain document: where it answers, what was understood, a line that can be tried, where to read more."""
    root = apis.dispatcher.mounts.root
    for name, known in understood.items():
        api = apis.apis[name]
        prefix = "" if name == root else f"/{name}"
        title = styled(as_line(api.contract.title, MAX_TITLE), "bold")
        terminal.print(f"\n{title}  {base}{prefix}{as_line(api.contract.base_path)}")
        terminal.print(f"  {as_printable(describe(known))}")
        for label, line in _find_lines(api, known, base, prefix):
            terminal.print(f"  {styled(f'{label:<14}', 'dim')} {as_line(line)}")
        if verbose:
            _print_operations(terminal, api, known)


def describe(known: Understood) -> str:
    """What was understood of a document, and how it is corrected where that is uncertain."""
    summary = known.inference.summary()
    counts = known.inference.counts
    if counts.guesses or counts.idle:
        summary += f" - understudy infer {quote_word(known.place)}"
    return summary


def quote_word(word: str) -> str:
    """A word of a command line, quoted where a shell would take it apart."""
    return word if word and all(sign.isalnum() or sign in "./_-:=@%+," for sign in word) else quote(as_line(word))


def _find_lines(api: MockApi, known: Understood, base: str, prefix: str) -> Iterator[tuple[str, str]]:
    for overlay in known.overlays:
        yield "overlay", str(overlay)
    operation = min((each for each in api.contract.operations if each.method == "GET"), key=_find_effort, default=None)
    if operation:
        yield "try", render_curl(api, operation, base, prefix)
    yield "documentation", f"{base}/docs/{api.contract.provider}"
    if number := len(known.document.warnings):
        yield count_of(number, "warning"), f"understudy validate {quote_word(known.place)}"


def _find_effort(operation: Operation) -> tuple[bool, bool]:
    """What is tried first: an operation that needs nothing, a list before anything else."""
    needs = any(each.required and each.where != "path" for each in operation.parameters)
    return needs or "{" in operation.path, not operation.is_list


def _print_operations(terminal: Terminal, api: MockApi, known: Understood) -> None:
    """What each operation does, and why that is thought."""
    reasons = known.explain().reasons
    for operation in api.contract.operations:
        name = f"{operation.method} {operation.path.removeprefix(api.contract.base_path)}"
        method = styled(f"{operation.method:<6}", "green")
        terminal.print(f"  {method} {as_line(operation.path)}  {styled(operation.effect, 'cyan')}")
        for line in reasons.get(name, ()):
            terminal.print(f"         {styled(as_line(line), 'dim')}")
