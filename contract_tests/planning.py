"""What a live run would ask, and why: the very run, made against a mock of the contract.

Plan and run cannot differ but by the answers: pages, values and keys come from the records, and the mock has its own.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby

from contract_tests.checks import COLUMNS
from contract_tests.context import OWN_HEADERS
from contract_tests.outcomes import Outcome
from contract_tests.transport import LIVE, Exchange, Target, TargetOptions, make_target
from mock_server.contract import Contract, base_url_variable, credential_header, credential_variable
from mock_server.errors import count_of

OTHERS: Mapping[str, str] = {
    "reached": "The target is there and takes the credential",
    "readings": "Which reading of a documentation that contradicts itself the target follows",
}
"""What requests prove that no check of the matrix sends."""


@dataclass(frozen=True)
class Place:
    """Where the calls of a plan would go: `url` as it was given, or empty, and the variable that would name it."""

    contract: Contract
    url: str

    @property
    def shown(self) -> str:
        """The base URL, or its variable as a shell has it."""
        return self.url or f"${base_url_variable(self.contract)}"

    @property
    def origin(self) -> str:
        """What stands before the documented base path, as a shell has it."""
        path = self.contract.base_path
        return self.url.removesuffix(path) if self.url else f"${{{base_url_variable(self.contract)}%{path}}}"


def make_planned_target(contract: Contract, mock_url: str, options: TargetOptions) -> Target:
    """The mock in the place of the live target: read only, within the same budget, and without its pace.

    Credentials stand for those that the run would have: the valid one, and more where the environment has them.
    """
    live = replace(options, kind=LIVE)
    mock = make_target(contract, TargetOptions(), mock_url)
    credentials = {
        scheme.name: {
            state: value
            for state, value in mock.credentials[scheme.name].items()
            if state == "valid" or live.variables.get(credential_variable(contract, scheme, state))
        }
        for scheme in contract.schemes
    }
    # What is only asked of this very machine is not planned for another.
    stands_for = find_place(contract, options).url or f"https://{(*contract.hosts, contract.provider)[0]}"
    return replace(
        mock,
        kind=LIVE,
        credentials=credentials,
        budget=live.most_calls,
        stands_for=stands_for,
        writes=live.writes,
        keeps_created=live.keeps_created,
    )


def find_place(contract: Contract, options: TargetOptions) -> Place:
    """Where the calls would go."""
    return Place(contract, (options.base_url or options.variables.get(base_url_variable(contract), "")).rstrip("/"))


def render_requests(outcome: Outcome, place: Place) -> Iterator[str]:
    """Every request as a curl line that runs, with base URL and credentials as variables where they are not given."""
    context = outcome.context
    for exchange in context.sender.traffic:
        yield _move(context.reproduce(exchange), context.target.base_url, place)


def _move(line: str, base: str, place: Place) -> str:
    """A curl line for the mock as one for the target: the URL is its last word."""
    head, _, url = line.rpartition(" ")
    (plain,) = shlex.split(url)
    front, to = (base, place.shown) if plain.startswith(base) else (base.removesuffix(place.contract.base_path), "")
    # A variable stands in double quotes: what a shell would read in the rest stays in single ones.
    moved = f'"{to or place.origin}"' if not place.url else shlex.quote(to or place.origin)
    rest = plain.removeprefix(front)
    # A credential in the query is a variable too.
    quoted = f'"{rest}"' if url.startswith('"') else shlex.quote(rest)
    return f"{head} {moved}{quoted if rest else ''}"


def render_plan(outcome: Outcome, place: Place, options: TargetOptions) -> Iterator[str]:
    """The plan in words: each call in order, grouped by check and operation, why it is made, and what is left out."""
    context = outcome.context
    exchanges = context.sender.traffic
    rate = replace(options, kind=LIVE).pace or 1.0
    calls = f"{count_of(len(exchanges), 'call')} of at most {context.target.budget}"
    yield f"{context.contract.title}  {place.shown}  {calls}, {len(exchanges) / rate:.0f} s at {rate:g} a second"
    proves = {**OTHERS, **{check.name: check.summary for check in COLUMNS if check.name not in OTHERS}}
    number = 0
    for (check, operation), group in groupby(exchanges, lambda exchange: (exchange.check, exchange.operation)):
        yield f"\n{check} {operation}: {proves.get(check, '')}"
        for exchange in group:
            number += 1
            yield f"{number:>5}  {_describe(outcome, exchange)}{'  · ' + exchange.why if exchange.why else ''}"
    yield from _render_left_out(outcome)


def _describe(outcome: Outcome, exchange: Exchange) -> str:
    """The request in short: method, path, and what is unusual of its headers."""
    context = outcome.context
    base = context.target.base_url
    url = context.redactor.url(exchange.url)
    path = url.removeprefix(base) or "/"
    return " ".join([exchange.method, path, *_render_headers(outcome, exchange)])


def _render_headers(outcome: Outcome, exchange: Exchange) -> Iterator[str]:
    context = outcome.context
    names = {credential_header(scheme).lower() for scheme in context.contract.schemes if scheme.where != "query"}
    valid = {secret for states in context.target.credentials.values() for secret in states.values()}
    if names and not any(name.lower() in names for name, _ in exchange.headers):
        yield "(no credential)"
    for name, value in exchange.headers:
        if name.lower() in names:
            if not any(value.endswith(secret) for secret in valid):
                yield "(another credential)"
        elif name.lower() not in OWN_HEADERS and (name.lower(), value) != ("accept", "*/*"):
            yield f"({context.redactor.text(name)}: {context.redactor.header(name, value)})"


def _render_left_out(outcome: Outcome) -> Iterator[str]:
    """The cells that the budget does not reach."""
    missing = [
        f"{check} of {operation}"
        for operation, row in outcome.matrix.items()
        for check, cell in row.items()
        if outcome.stopped and cell["outcome"] == "skipped" and cell["why"] == outcome.stopped
    ]
    if missing:
        yield f"\nLeft out ({outcome.stopped.rstrip('.')}): {', '.join(missing)}."
