"""One provider being checked at one target: what was sent, what was expected, and how findings are worded."""

from __future__ import annotations

import functools
import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from contract_tests.context.list_walk import Walk
from contract_tests.context.listing import Listing
from contract_tests.context.near_misses import MADE_UP, find_shell_forms, find_telling
from contract_tests.findings import BREAKING, NONE, NOTE, Evidence, Finding, find_evidence, find_node
from contract_tests.transport import READS, WRITES, Exchange, Redactor, Sender, Target
from mock_server.contract import Contract, Operation, Parameter, Reply, credential_header, credential_variable

MAX_SHOWN = 4_000
"""Characters of a target's value that a finding shows."""


OWN_HEADERS = ("connection", "accept-encoding", "content-length", "user-agent", "x-schemathesis-testcaseid")
"""Headers that curl sends by itself, or that change nothing: the last is a label, another in every run."""


def find_fixtures() -> Path:
    """The folder of the documented exchanges that come with Understudy."""
    inside = Path(__file__).parents[1] / "fixtures"
    return inside if inside.is_dir() else Path(__file__).parents[2] / "fixtures"


def _know_none(operation: str) -> Mapping[str, Any]:
    """The path values of a known record, where nobody knows one."""
    return {}


class MadeRecord(NamedTuple):
    """A record that the run may change: its key as text, what was last sent of it, and what came of it.

    `is_own` says that this run created it, `has_own_key` that it chose the key.
    """

    key: str
    sent: Mapping[str, Any]
    exchange: Exchange
    is_own: bool = True
    has_own_key: bool = False


class Doubt(NamedTuple):
    """An alternative of a reading that is not decided: what it is about, and the contract under it."""

    about: str
    contract: Contract


@dataclass
class CheckContext:
    """The run of all checks over one provider.

    `expected` holds each exchange with the reply it should be; `walks` the walk over each list by its operation's id;
    `doubts` the alternatives of the documentation that are undecided;
    `causes` the exchange that a finding came from, by its fingerprint;
    `preflight` the first exchange of all until a check makes use of it; `fixtures` the folder of documented exchanges;
    `only` the ids of the operations that were chosen, empty for all; `slow_seconds` is how long an answer may take,
    None where nobody said; `known_record` gives the path values of a record by an operation's id. Of the contract
    only what reads is in `contract`; `every_write` are the operations that change records. `made` has the record of
    each collection that writes are tried on; `left_behind` says of each that the run could not delete where it is.
    The ids of operations below other records are `below`, once these are known; by collection, `siblings` list the
    same records below a third one, and `given` are the members in which they say below which they lie.
    """

    contract: Contract
    target: Target
    sender: Sender
    redactor: Redactor
    expected: list[tuple[Exchange, Reply]] = field(default_factory=list)
    walks: dict[str, Walk] = field(default_factory=dict)
    doubts: list[Doubt] = field(default_factory=list)
    causes: dict[str, Exchange] = field(default_factory=dict)
    preflight: Exchange | None = None
    fixtures: Path = field(default_factory=find_fixtures)
    only: frozenset[str] = frozenset()
    slow_seconds: float | None = None
    known_record: Callable[[str], Mapping[str, Any]] = _know_none
    every_write: tuple[Operation, ...] = ()
    made: dict[str, MadeRecord] = field(default_factory=dict)
    left_behind: list[str] = field(default_factory=list)
    below: frozenset[str] = frozenset()
    siblings: Mapping[str, Operation] = field(default_factory=lambda: MappingProxyType({}))
    given: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: MappingProxyType({}))

    @functools.cached_property
    def operations(self) -> tuple[Operation, ...]:
        """The operations that are checked; a check may ask others for what it needs of them."""
        return tuple(o for o in self.contract.operations if not self.only or o.id in self.only)

    @functools.cached_property
    def writes(self) -> tuple[Operation, ...]:
        """The operations that change records and are checked."""
        return tuple(o for o in self.every_write if not self.only or o.id in self.only)

    @functools.cached_property
    def shown(self) -> tuple[Operation, ...]:
        """Every operation that is checked: those that read, then those that write."""
        return (*self.operations, *self.writes)

    def may_write(self, operation: Operation) -> bool:
        """Whether an operation may be sent though it changes records: at a live target, one that was named."""
        return not self.target.is_live or operation.id in self.target.writes

    def under(self, contract: Contract) -> CheckContext:
        """The same run from its beginning, under other readings of the documentation; what was sent is not again."""
        self.sender.rewind()
        reads, writes = split_writes(contract)
        empty = {f.name: f.default_factory() for f in _collected()}
        return replace(self, contract=reads, every_write=writes, preflight=None, **empty)

    @functools.cached_property
    def listings(self) -> dict[str, Listing]:
        """How to read each list operation, by its id."""
        return {o.id: Listing(self.contract, o) for o in self.contract.operations if o.is_list}

    def take_preflight(self, operation: Operation) -> Exchange | None:
        """The preflight's exchange if it was of this operation; once, so that a second walk sees the list anew."""
        if self.preflight is None or self.preflight.operation != operation.id:
            return None
        exchange, self.preflight = self.preflight, None
        return exchange

    @property
    def remaining(self) -> int | None:
        """Calls that the budget still allows; None where there is no budget."""
        return self.sender.guard.remaining

    def send(self, operation: Operation, check: str, *, reply: Reply | None = None, **sent: Any) -> Exchange:
        """Send a request of an operation and remember which reply it should get (else success).

        `why` says in a few words what the call can prove; the rest is what `Sender.send` takes.
        """
        exchange = self.sender.send(operation, check, **sent)
        self.expected.append((exchange, reply or operation.success))
        return exchange

    def finding(
        self,
        operation: Operation,
        check: str,
        place: str,
        problem: str,
        expected: object,
        actual: object,
        evidence: Evidence = NONE,
        exchange: Exchange | None = None,
        grade: str = BREAKING,
        is_firm: bool = False,
    ) -> Finding:
        """A finding, redacted; at a live target one that rests on an assumption is a note at most.

        `is_firm` keeps the grade whatever the contract assumes: a bypassed credential, a stack trace, a failure of
        the server or invalid HTTP is wrong under every reading.
        """
        if self.target.is_live and evidence.assumed and not is_firm:
            # The real API cannot break what nobody has promised: here it corrects us.
            grade = NOTE
            problem = f"{problem}; the contract assumed it, so the assumption was wrong, not the API"
        clean = self.redactor.text
        departure = Finding(
            provider=self.contract.provider,
            operation=operation.id,
            check=check,
            place=clean(place),
            problem=clean(problem),
            expected=clean(str(expected))[:MAX_SHOWN],
            actual=clean(str(actual))[:MAX_SHOWN],
            grade=grade,
            sentence=evidence.sentence,
            assumed=evidence.assumed,
            reproduce=self.reproduce(exchange) if exchange else "",
        )
        if exchange:
            self._keep_cause(departure.fingerprint, exchange)
        return departure

    def _keep_cause(self, fingerprint: str, exchange: Exchange) -> None:
        """Remember the request with the shortest query that a finding came from."""
        earlier = self.causes.setdefault(fingerprint, exchange)
        if exchange.url.count("&") < earlier.url.count("&"):
            self.causes[fingerprint] = exchange

    def of_parameter(self, parameter: Parameter | None, detail: str = "") -> Evidence:
        """The evidence for a parameter, or for a detail of it: `default` and `maximum` may stand in its sentence."""
        if parameter is None:
            return NONE
        value = parameter.page.maximum if parameter.page and detail == "maximum" else None
        value = parameter.schema.get(detail) if value is None else value
        return find_evidence(find_node(self.contract.document, parameter.pointer), detail, value)

    def of_reply(self, reply: Reply, detail: str = "") -> Evidence:
        """The evidence for a documented response, or for a detail of it: `status`, `words`."""
        value = reply.status if detail == "status" else None
        return find_evidence(find_node(self.contract.document, reply.pointer), detail, value)

    def reproduce(self, exchange: Exchange) -> str:
        """A curl line that sends the request again, with credentials as shell variables."""
        parts = ["curl", "-i"]
        if exchange.method == "HEAD":  # with `-X HEAD` curl would wait for a body
            parts.append("--head")
        elif exchange.method != "GET":
            parts += ["-X", exchange.method]
        for name, value in exchange.headers:
            if name.lower() not in OWN_HEADERS and (name.lower(), value) != ("accept", "*/*"):
                parts += ["-H", self._header(name, value)]
        if exchange.body:
            body = exchange.body.encode("latin-1", "replace").decode("utf-8", "replace")
            parts += ["--data-raw", shlex.quote(self.redactor.text(body))]
        return " ".join([*parts, self._url(exchange)])

    def _url(self, exchange: Exchange) -> str:
        """The URL as a word of a shell; a credential in its query as an expression with a variable."""
        for known, expression in self._expressions.items():
            if known in exchange.url:
                return self._word(exchange.url, known, expression)
        return shlex.quote(self.redactor.url(exchange.url))

    def _word(self, text: str, known: str, expression: str) -> str:
        """Text as a word in double quotes, a secret in it replaced by what a shell makes it of."""
        plain = [self.redactor.text(part) for part in text.split(known)]
        word = expression.join(re.sub(r'([\\"$`])', r"\\\1", part) for part in plain)
        return '"' + re.sub(r"\$\{(\w+)\}(?!\w)", r"$\1", word) + '"'

    def _header(self, name: str, value: str) -> str:
        """A header as a word of a shell, what is secret in it as an expression with a variable."""
        # A made-up credential is shown, for without it the line would reproduce something else.
        if not value or value.rpartition(" ")[2] in MADE_UP:
            return shlex.quote(f"{name}: {value}" if value else f"{name};")
        for known, expression in self._expressions.items():
            if known in value:
                return self._word(f"{name}: {value}", known, expression)
        return shlex.quote(f"{name}: {self.redactor.header(name, value)}")

    @functools.cached_property
    def _expressions(self) -> Mapping[str, str]:
        """Texts that are secret and how a shell writes them: the credentials themselves, and what is almost them."""
        forms: dict[str, str] = {}
        for scheme in self.contract.schemes:
            for state, known in self.target.credentials[scheme.name].items():
                variable = credential_variable(self.contract, scheme, state)
                forms |= find_shell_forms(known, variable) if state == "valid" else {known: f"${{{variable}}}"}
        return dict(sorted(forms.items(), key=lambda pair: len(pair[0]), reverse=True))


def split_writes(contract: Contract) -> tuple[Contract, tuple[Operation, ...]]:
    """A contract of what only reads, and the operations that change records; others, as logins, are not checked."""
    reads = tuple(o for o in contract.operations if o.method in READS)
    return replace(contract, operations=reads), tuple(o for o in contract.operations if o.effect in WRITES)


def _collected() -> list[Any]:
    """The fields of a context that a run fills: they begin empty."""
    return [f for f in fields(CheckContext) if f.default_factory in (list, dict, set)]


def make_redactor(contract: Contract, target: Target) -> Redactor:
    """Hides every credential the target was given, and whatever stands where the security schemes say."""
    known = [value for states in target.credentials.values() for value in states.values()]
    # Who sees a near miss has nearly the credential.
    secrets = [*known, *(near for states in target.credentials.values() for near in find_telling(states["valid"]))]
    headers = [credential_header(scheme) for scheme in contract.schemes if scheme.where != "query"]
    query = [scheme.field for scheme in contract.schemes if scheme.where == "query"]
    return Redactor(secrets, headers, query)
