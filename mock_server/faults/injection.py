"""Which faults are due for a request, and what each of them effects.

A fault is a row of `FAULT_EFFECTS`: a name in a scenario's file, and a function that adds to the effects of a request.
"""

from __future__ import annotations

import functools
import hashlib
import json
import math
import random
from collections.abc import Callable, Iterable, Mapping
from statistics import NormalDist
from typing import Any, NamedTuple

from mock_server.contract import Contract, Limit, Operation
from mock_server.faults.body import BODY_FAULTS
from mock_server.faults.scenarios import OPERATIONS, Fault, Scenario, When
from mock_server.messages import Delivery, Response
from mock_server.state import Counts

After = Callable[[Response], Response]


class StatusFault(NamedTuple):
    """A status (or an error kind) in place of the answer; `retry_after` is `{seconds: n}` or `{date: n}`."""

    status: int | str
    retry_after: Mapping[str, int] | None
    after: bool


class DataOverrides(NamedTuple):
    """What is other in the records or the contract that a request is played from."""

    records: int | None = None
    pages: int | None = None
    edges: tuple[str, ...] = ()
    overlays: tuple[str, ...] = ()
    drifts: tuple[str, ...] = ()
    motions: tuple[str, ...] = ()


NO_OVERRIDES = DataOverrides()


class LimitFault(NamedTuple):
    """Another rate limit than the documented one, and the family of headers that tell it, if any."""

    limit: Limit
    headers: str
    scenario: str


class Effects(NamedTuple):
    """How one request is bent. `played` names the faults that were due, with the number of the call."""

    credential: str = ""
    status: StatusFault | None = None
    limit: LimitFault | None = None
    data_overrides: DataOverrides = NO_OVERRIDES
    after: tuple[After, ...] = ()
    played: tuple[tuple[str, int], ...] = ()


class Turn(NamedTuple):
    """One fault's turn: the number of the call and numbers of its own, the same for the same seed."""

    fault: Fault
    call: int
    dice: random.Random


def _deliver(**changes: Any) -> After:
    def after(response: Response) -> Response:
        return response._replace(delivery=(response.delivery or Delivery())._replace(**changes))

    return after


def _later(effects: Effects, after: After) -> Effects:
    return effects._replace(after=(*effects.after, after))


def _status(effects: Effects, turn: Turn) -> Effects:
    fault = turn.fault
    return effects._replace(status=effects.status or StatusFault(fault.value, fault.retry_after, fault.when.after))


def _limit(effects: Effects, turn: Turn) -> Effects:
    told = turn.fault.value
    limit = Limit(told["requests"], told["windowSeconds"], "address")
    return effects._replace(limit=LimitFault(limit, told.get("headers", ""), turn.fault.scenario))


def _delay(milliseconds: float) -> After:
    return _deliver(wait_seconds=milliseconds / 1000)


def _distributed(effects: Effects, turn: Turn) -> Effects:
    told, share = turn.fault.value, turn.dice.random()
    return _later(effects, _delay(DISTRIBUTIONS[told["type"]](told, share)))


def _uniform(told: Mapping[str, Any], share: float) -> float:
    lower = float(told.get("lower", 0))
    return lower + share * max(0.0, float(told.get("upper", lower)) - lower)


def _lognormal(told: Mapping[str, Any], share: float) -> float:
    share = min(max(share, 1e-6), 1 - 1e-6)
    return float(told.get("median", 100)) * math.exp(float(told.get("sigma", 0.4)) * NormalDist().inv_cdf(share))


DISTRIBUTIONS: Mapping[str, Callable[[Mapping[str, Any], float], float]] = {
    "uniform": _uniform,
    "lognormal": _lognormal,
}
"""Milliseconds by a share from 0 to 1."""


def _dribble(effects: Effects, turn: Turn) -> Effects:
    told = turn.fault.value
    return _later(effects, _deliver(chunks=told["numberOfChunks"], spread_seconds=told["totalDuration"] / 1000))


def _fault(effects: Effects, turn: Turn) -> Effects:
    name = turn.fault.value
    return _later(
        effects,
        BODY_FAULTS[name] if name in BODY_FAULTS else _deliver(fault=name, noise=turn.dice.randbytes(64)),
    )


def _worldly(field: str, read: Callable[[Any], Any] = lambda value: value) -> Callable[[Effects, Turn], Effects]:
    """A bender that adds to one field of the data_overrides."""

    def bend(effects: Effects, turn: Turn) -> Effects:
        known = (*getattr(effects.data_overrides, field), read(turn.fault.value))
        return effects._replace(data_overrides=effects.data_overrides._replace(**{field: known}))  # type: ignore[arg-type]

    return bend


def _records(effects: Effects, turn: Turn) -> Effects:
    told = turn.fault.value
    change = {"pages": told["pages"]} if isinstance(told, dict) else {"records": told}
    return effects._replace(data_overrides=effects.data_overrides._replace(**change))


FAULT_EFFECTS: Mapping[str, Callable[[Effects, Turn], Effects]] = {
    "status": _status,
    "credential": lambda effects, turn: effects._replace(credential=turn.fault.value),
    "limit": _limit,
    "fixedDelayMilliseconds": lambda effects, turn: _later(effects, _delay(turn.fault.value)),
    "delayDistribution": _distributed,
    "chunkedDribbleDelay": _dribble,
    "fault": _fault,
    "drift": _worldly("drifts"),
    "overlay": _worldly("overlays", functools.partial(json.dumps, sort_keys=True)),
    "records": _records,
    "data": _worldly("edges"),
    "motion": _worldly("motions"),
}
"""What a fault does, by its key in a scenario's file."""


class Situation(NamedTuple):
    """The request that faults look at: its contract, operation, query and page, and what makes its session's numbers.

    `page` is the number of the page that is asked for, 0 where none is.
    """

    contract: Contract
    operation: Operation
    query: Mapping[str, list[str]]
    page: int
    seed: str
    scope: str
    counts: Counts

    def name(self, fault: Fault) -> str:
        """What a fault's calls of this operation are counted, and its numbers drawn, under."""
        return f"{fault.scenario}/{fault.number}/{self.contract.provider}/{self.operation.id}"


def find_effects(scenarios: Iterable[Scenario], situation: Situation) -> Effects:
    """The effects of all faults that are due."""
    effects = Effects()
    for scenario in scenarios:
        if scenario.providers and situation.contract.provider not in scenario.providers:
            continue
        for fault in scenario.faults:
            call = _due(fault, situation)
            if call:
                dice = random.Random(_number(fault, situation, call))
                effects = FAULT_EFFECTS[fault.kind](effects, Turn(fault, call, dice))
                effects = effects._replace(played=(*effects.played, (scenario.name, call)))
    return effects


def _due(fault: Fault, situation: Situation) -> int:
    """The number of the call when the fault is due, else 0."""
    when = fault.when
    if not _is_meant(when, situation):
        return 0
    key = f"{situation.scope}fault/{situation.name(fault)}"
    call = situation.counts.count(key)
    if not when.counts:
        return call
    if when.latched and situation.counts.get(f"{key}/fired"):
        return call
    due = _is_turn(when, call) and (when.probability >= 1 or _share(fault, situation, call) < when.probability)
    if due and when.latched:
        situation.counts.count(f"{key}/fired")
    return call if due else 0


def _is_meant(when: When, situation: Situation) -> bool:
    operation = situation.operation
    if when.provider and when.provider != situation.contract.provider:
        return False
    if not _is_operation_meant(when.operation, situation.contract, operation):
        return False
    if when.page and when.page != situation.page:
        return False
    return all(value in situation.query.get(name, ()) for name, value in when.query)


def _is_operation_meant(named: str, contract: Contract, operation: Operation) -> bool:
    """Whether an operation is the one that a fault names, or one of the kind, or one of all where none is named.

    One that issues credentials must be named itself: a client whose first call fails does not get to its first page.
    """
    if named == operation.id or issues_credentials(contract, operation):
        return named == operation.id
    return not named or (named in OPERATIONS and operation.is_list is OPERATIONS[named])


def issues_credentials(contract: Contract, operation: Operation) -> bool:
    """Whether an operation is how a client comes by its credential, as far as a contract tells.

    It asks for none where others do, and it shows no records.
    """
    return not operation.security and not operation.collection and any(each.security for each in contract.operations)


def _is_turn(when: When, call: int) -> bool:
    if when.calls:
        return call in when.calls
    return (
        call >= when.first
        and (not when.last or call <= when.last)
        and (call - when.first) % when.every == when.every - 1
    )


def _number(fault: Fault, situation: Situation, call: int) -> int:
    text = f"{situation.seed}/{situation.name(fault)}/{call}"
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def _share(fault: Fault, situation: Situation, call: int) -> float:
    return _number(fault, situation, call) / 2**64
