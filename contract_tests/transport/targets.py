"""Where contract tests send requests: the mock or the real API, with base URLs and credentials from the environment."""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from dotenv import dotenv_values

from contract_tests.transport.credential_rules import require_credential
from contract_tests.transport.trust import make_trust
from mock_server.contract import Contract, Scheme, base_url_variable, credential_variable
from mock_server.errors import UsageError
from mock_server.state import hide_secrets

MOCK, LIVE = "mock", "live"
TARGETS = (MOCK, LIVE)

DEFAULT_BUDGET = 60
"""Calls to a live provider in one run, unless another number is given."""

DEFAULT_RATE = 2.0
"""Calls a second to a live provider."""


@dataclass(frozen=True)
class Target:
    """One provider as contract tests reach it.

    `base_url` includes the documented base path; `credentials` maps scheme to state (`valid`, `expired`, …) to
    value; `budget` bounds the calls (None: no bound), `rate` the calls a second (None: no bound), `deadline` is the
    moment of `time.monotonic` after which nothing more is sent (None: no end), `trust` judges the
    certificate of a target over TLS (None: as usual); `stands_for` is the base URL of the target that a plan's mock
    stands in for. `writes` are the operations that may write to a live target; with `keeps_created` it keeps what they
    create.
    """

    provider: str
    kind: str
    base_url: str
    credentials: Mapping[str, Mapping[str, str]]
    budget: int | None = None
    rate: float | None = None
    deadline: float | None = None
    trust: ssl.SSLContext | None = None
    stands_for: str = ""
    writes: frozenset[str] = frozenset()
    keeps_created: bool = False

    @property
    def is_own_machine(self) -> bool:
        """Whether the target, or the one it stands for, is this very machine."""
        host = urlsplit(self.stands_for or self.base_url).hostname or ""
        return host in ("localhost", "::1") or host.startswith("127.")

    @property
    def is_live(self) -> bool:
        """Whether this is somebody's real API: read, written to by name alone, bounded; what we assume is a note."""
        return self.kind == LIVE

    @property
    def host(self) -> str:
        """Host and port that requests go to."""
        return urlsplit(self.base_url).netloc


@dataclass(frozen=True)
class TargetOptions:
    """What the person running the tests chose.

    `base_url` overrides the environment's; `variables` are those of the environment and the dotenv file; `deadline` is
    the moment of `time.monotonic` at which the run ends; `writes` and `keeps_created` are as a `Target` has them.
    """

    kind: str = MOCK
    base_url: str = ""
    budget: int | None = None
    rate: float | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    deadline: float | None = None
    writes: frozenset[str] = frozenset()
    keeps_created: bool = False

    @property
    def most_calls(self) -> int | None:
        """Calls to a provider at most; None where nobody bounds them."""
        return self.budget if self.budget is not None else DEFAULT_BUDGET if self.kind == LIVE else None

    @property
    def pace(self) -> float | None:
        """Calls a second at most; None where nobody bounds them."""
        return self.rate if self.rate is not None else DEFAULT_RATE if self.kind == LIVE else None


def load_variables(dotenv: Path | None = None) -> dict[str, str]:
    """The environment's variables over those of a dotenv file; raises UsageError for a file that is not there."""
    if dotenv and not dotenv.is_file():
        raise UsageError(f"There is no dotenv file {dotenv}.")
    from_file = dotenv_values(dotenv, interpolate=False) if dotenv else {}
    # An empty variable is how CI passes on a secret that is not set; it is none.
    return {name: value for name, value in {**from_file, **os.environ}.items() if value}


def make_target(contract: Contract, options: TargetOptions, mock_url: str = "") -> Target:
    """The target of one provider; raises UsageError where its URL or credential is not given.

    `mock_url` is where a mock started for this run listens.
    """
    base = mock_url or options.base_url or options.variables.get(base_url_variable(contract), "")
    live = options.kind == LIVE
    _require_url(contract, base)
    # The mock of this run knows its contract's test values and nothing of the person's environment.
    credentials = _credentials(contract, {} if mock_url else options.variables, listed=not live)
    # Only where it is needed: reading all authorities takes a while.
    trust = make_trust(options.variables) if base.startswith("https:") else None
    return Target(
        contract.provider,
        options.kind,
        base.rstrip("/"),
        credentials,
        options.most_calls,
        options.pace,
        options.deadline,
        trust,
        writes=options.writes,
        keeps_created=options.keeps_created,
    )


def _require_url(contract: Contract, base: str) -> None:
    variable = base_url_variable(contract)
    if not base:
        raise UsageError(f"Where is {contract.provider}? Set {variable}, or give --base-url.")
    if not _is_base_url(base):
        raise UsageError(
            f"{hide_secrets(base)!r} is no base URL: expected http(s)://host[:port][/path], "
            "without credentials or query.",
        )


def _is_base_url(base: str) -> bool:
    try:
        parts = urlsplit(base)
        is_plain = not (parts.username or parts.query or parts.fragment) and base.isprintable() and " " not in base
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0 and is_plain
    except ValueError:  # half an IPv6 address, a port above 65535
        return False


def _credentials(contract: Contract, variables: Mapping[str, str], listed: bool) -> Mapping[str, Mapping[str, str]]:
    """Per scheme: what the environment gives, over the contract's test values where these may serve."""
    credentials = {scheme.name: _states(contract, scheme, variables, listed) for scheme in contract.schemes}
    for scheme in contract.schemes:
        if "valid" not in credentials[scheme.name]:
            variable = credential_variable(contract, scheme, "valid")
            raise UsageError(f"No credential for {contract.provider}: set {variable}.")
    return credentials


def _states(contract: Contract, scheme: Scheme, variables: Mapping[str, str], listed: bool) -> dict[str, str]:
    states = {state: values[0] for state, values in scheme.values.items()} if listed else {}
    for state in ("valid", "expired", "inactive"):
        variable = credential_variable(contract, scheme, state)
        if value := variables.get(variable):
            require_credential(variable, value, scheme)
            states[state] = value
    return states
