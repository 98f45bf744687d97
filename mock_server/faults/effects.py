"""What faults do: each kind, as a scenario's file names it, adds to the effects on one request."""

from __future__ import annotations

import functools
import json
import math
import random
from collections.abc import Callable, Mapping
from statistics import NormalDist
from typing import Any, NamedTuple

from mock_server.contract import Limit
from mock_server.faults.body import BODY_FAULTS, spoil
from mock_server.faults.scenarios import Fault
from mock_server.faults.wire import WITHOUT_ANSWER
from mock_server.messages import Delivery, Response

ChangeResponse = Callable[[Response], Response]


class StatusFault(NamedTuple):
    """A status (or an error kind) in place of the answer; `retry_after` is `{seconds: n}` or `{date: n}`.

    It comes before the operation runs, or `after` it has: then the work is done and only its answer is lost.
    """

    status: int | str
    retry_after: Mapping[str, int] | None
    after: bool


class DataOverrides(NamedTuple):
    """What is other in the records or the contract that a request is played from.

    `records` is another count, `pages` another count in full pages; `edges`, `drifts` and `motions` are names of the
    tables in `generation`, `schema_drift` and `concurrent_changes`; `overlays` are Overlay actions as JSON. All of it
    can be hashed, for the mock API that plays them is opened once.
    """

    records: int | None = None
    pages: int | None = None
    edges: tuple[str, ...] = ()
    overlays: tuple[str, ...] = ()
    drifts: tuple[str, ...] = ()
    motions: tuple[str, ...] = ()


NO_OVERRIDES = DataOverrides()


class LimitFault(NamedTuple):
    """Another rate limit than the documented one, and the family of headers that shows it, if any."""

    limit: Limit
    headers: str
    scenario: str


class LagFault(NamedTuple):
    """How far what reads show lags behind the session's writes: so many reads, or seconds."""

    calls: int
    seconds: float


class Effects(NamedTuple):
    """What the faults that are due do to one request.

    `credential` is the state that it counts as; `status`, `limit` and `data_overrides` stand in place of what is
    documented; `changes` are made to the finished response, in order. A write that `is_lost` on its way is not done,
    for it never arrived. `meanwhile` is what somebody else does to the record just before (a row of `MEANWHILE`).
    `played` names the scenarios whose faults were due, each with the number of the call.
    """

    credential: str = ""
    status: StatusFault | None = None
    limit: LimitFault | None = None
    data_overrides: DataOverrides = NO_OVERRIDES
    changes: tuple[ChangeResponse, ...] = ()
    is_lost: bool = False
    meanwhile: str = ""
    lag: LagFault | None = None
    played: tuple[tuple[str, int], ...] = ()


MEANWHILE = ("RECORD_UPDATED", "RECORD_DELETED")
"""What somebody else may do to the record that a request is about, just before the request is played."""


class DueFault(NamedTuple):
    """A fault whose turn it is. `chance` gives numbers of its own, the same for the same seed and call."""

    fault: Fault
    chance: random.Random


AddEffect = Callable[[Effects, DueFault], Effects]


def _add_change(effects: Effects, change: ChangeResponse) -> Effects:
    return effects._replace(changes=(*effects.changes, change))


def _deliver(**fields: Any) -> ChangeResponse:
    """A change of how a response is delivered; what an earlier fault chose otherwise stays."""

    def change(response: Response) -> Response:
        return response._replace(delivery=(response.delivery or Delivery())._replace(**fields))

    return change


def _add_status(effects: Effects, due: DueFault) -> Effects:
    fault = due.fault
    # Of two statuses the first one in the file is answered: there is one answer.
    return effects._replace(status=effects.status or StatusFault(fault.value, fault.retry_after, fault.when.after))


def _add_credential(effects: Effects, due: DueFault) -> Effects:
    return effects._replace(credential=due.fault.value)


def _add_limit(effects: Effects, due: DueFault) -> Effects:
    value = due.fault.value
    limit = Limit(value["requests"], value["windowSeconds"], "address")
    return effects._replace(limit=LimitFault(limit, value.get("headers", ""), due.fault.scenario))


def _add_fixed_delay(effects: Effects, due: DueFault) -> Effects:
    return _add_change(effects, _deliver(wait_seconds=due.fault.value / 1000))


def _add_random_delay(effects: Effects, due: DueFault) -> Effects:
    value = due.fault.value
    milliseconds = DISTRIBUTIONS[value["type"]](value, due.chance.random())
    return _add_change(effects, _deliver(wait_seconds=milliseconds / 1000))


def _draw_uniform(value: Mapping[str, Any], share: float) -> float:
    lower = float(value.get("lower", 0))
    return lower + share * max(0.0, float(value.get("upper", lower)) - lower)


def _draw_lognormal(value: Mapping[str, Any], share: float) -> float:
    # At 0 and 1 the distribution has no end.
    share = min(max(share, 1e-6), 1 - 1e-6)
    return float(value.get("median", 100)) * math.exp(float(value.get("sigma", 0.4)) * NormalDist().inv_cdf(share))


DISTRIBUTIONS: Mapping[str, Callable[[Mapping[str, Any], float], float]] = {
    "uniform": _draw_uniform,
    "lognormal": _draw_lognormal,
}
"""Milliseconds by a share from 0 to 1."""


def _add_dribble(effects: Effects, due: DueFault) -> Effects:
    value = due.fault.value
    return _add_change(
        effects,
        _deliver(chunks=value["numberOfChunks"], spread_seconds=value["totalDuration"] / 1000),
    )


def _add_broken_response(effects: Effects, due: DueFault) -> Effects:
    name = due.fault.value
    on_the_wire = _deliver(fault=name, noise=due.chance.randbytes(64))
    if name in WITHOUT_ANSWER and not due.fault.when.after:
        effects = effects._replace(is_lost=True)
    return _add_change(effects, functools.partial(spoil, name) if name in BODY_FAULTS else on_the_wire)


def _add_record_count(effects: Effects, due: DueFault) -> Effects:
    value = due.fault.value
    count = {"pages": value["pages"]} if isinstance(value, dict) else {"records": value}
    return effects._replace(data_overrides=effects.data_overrides._replace(**count))


def _add_override(field: str, read: Callable[[Any], str] = str) -> AddEffect:
    """An effect that adds to one list of the data overrides: several drifts, edges or motions are played together."""

    def add(effects: Effects, due: DueFault) -> Effects:
        values = (*getattr(effects.data_overrides, field), read(due.fault.value))
        return effects._replace(data_overrides=effects.data_overrides._replace(**{field: values}))  # type: ignore[arg-type]

    return add


def _add_meanwhile(effects: Effects, due: DueFault) -> Effects:
    return effects._replace(meanwhile=effects.meanwhile or due.fault.value)


def _add_lag(effects: Effects, due: DueFault) -> Effects:
    value = due.fault.value
    return effects._replace(lag=effects.lag or LagFault(value.get("calls", 0), value.get("seconds", 0)))


FAULT_EFFECTS: Mapping[str, AddEffect] = {
    "status": _add_status,
    "credential": _add_credential,
    "limit": _add_limit,
    "fixedDelayMilliseconds": _add_fixed_delay,
    "delayDistribution": _add_random_delay,
    "chunkedDribbleDelay": _add_dribble,
    "fault": _add_broken_response,
    "drift": _add_override("drifts"),
    "overlay": _add_override("overlays", functools.partial(json.dumps, sort_keys=True)),
    "records": _add_record_count,
    "data": _add_override("edges"),
    "motion": _add_override("motions"),
    "meanwhile": _add_meanwhile,
    "lag": _add_lag,
}
"""What a fault does, by its key in a scenario's file."""
