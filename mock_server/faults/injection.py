"""Which faults are due for a request: by its conditions, and the number of the call."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable
from typing import NamedTuple

from mock_server.faults.conditions import Asked, When, is_meant
from mock_server.faults.effects import FAULT_EFFECTS, DueFault, Effects
from mock_server.faults.kinds import is_write
from mock_server.faults.scenarios import Fault, Scenario
from mock_server.state import Counts


class Situation(NamedTuple):
    """The request that faults are looked up for, and whose session's counts and numbers they take.

    `scope` begins the names of what the session counts; `seed` decides everything that looks random.
    """

    asked: Asked
    seed: str
    scope: str
    counts: Counts

    def name(self, fault: Fault) -> str:
        """What a fault's calls of this operation are counted, and its numbers drawn, under."""
        return f"{fault.scenario}/{fault.number}/{self.asked.contract.provider}/{self.asked.operation.id}"


def find_effects(scenarios: Iterable[Scenario], situation: Situation) -> Effects:
    """The effects of all faults that are due; every fault that the request is meant by counts its call."""
    effects = Effects()
    for scenario in scenarios:
        if scenario.providers and situation.asked.contract.provider not in scenario.providers:
            continue
        for fault in scenario.faults:
            if fault.kind == "lag" and is_write(situation.asked.operation):
                # What is to lag must be noted when it is written, whichever reads the fault is meant for.
                effects = FAULT_EFFECTS[fault.kind](effects, DueFault(fault, random.Random(0)))
                continue
            call = _count_call(fault, situation)
            if call:
                due = DueFault(fault, random.Random(_draw(fault, situation, call)))
                effects = FAULT_EFFECTS[fault.kind](effects, due)
                effects = effects._replace(played=(*effects.played, (scenario.name, call)))
    return effects


def _count_call(fault: Fault, situation: Situation) -> int:
    """The number of the call where the fault is due, else 0."""
    when = fault.when
    if not is_meant(when, situation.asked):
        return 0
    key = f"{situation.scope}fault/{situation.name(fault)}"
    call = situation.counts.count(key)
    if not when.counts:
        return call
    # Once a fault with `until: reset` was due, a second counter remembers it for all workers.
    if when.latched and situation.counts.get(f"{key}/fired"):
        return call
    is_due = _is_turn(when, call) and (when.probability >= 1 or _draw_share(fault, situation, call) < when.probability)
    if is_due and when.latched:
        situation.counts.count(f"{key}/fired")
    return call if is_due else 0


def _is_turn(when: When, call: int) -> bool:
    if when.calls:
        return call in when.calls
    # Of every five calls the fifth: the count begins with `from`.
    is_counted = (call - when.first) % when.every == when.every - 1
    return call >= when.first and (not when.last or call <= when.last) and is_counted


def _draw(fault: Fault, situation: Situation, call: int) -> int:
    """A number of 64 bits that seed, fault and call decide alone: the same in every worker, and when played again."""
    text = f"{situation.seed}/{situation.name(fault)}/{call}"
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def _draw_share(fault: Fault, situation: Situation, call: int) -> float:
    return _draw(fault, situation, call) / 2**64
