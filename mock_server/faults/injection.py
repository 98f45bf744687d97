"""Which faults are due for a request: by operation, query, page, and the number of the call."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from mock_server.contract import Contract, Operation
from mock_server.faults.effects import FAULT_EFFECTS, DueFault, Effects
from mock_server.faults.scenarios import OPERATIONS, Fault, Scenario, When
from mock_server.state import Counts


class Situation(NamedTuple):
    """The request that faults are looked up for, and whose session's counts and numbers they take.

    `page` is the number of the page that is asked for, 0 where none is. `scope` begins the names of what the session
    counts; `seed` decides everything that looks random.
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
    """The effects of all faults that are due; every fault that the request is meant by counts its call."""
    effects = Effects()
    for scenario in scenarios:
        if scenario.providers and situation.contract.provider not in scenario.providers:
            continue
        for fault in scenario.faults:
            call = _count_call(fault, situation)
            if call:
                due = DueFault(fault, random.Random(_draw(fault, situation, call)))
                effects = FAULT_EFFECTS[fault.kind](effects, due)
                effects = effects._replace(played=(*effects.played, (scenario.name, call)))
    return effects


def _count_call(fault: Fault, situation: Situation) -> int:
    """The number of the call where the fault is due, else 0."""
    when = fault.when
    if not _is_meant(when, situation):
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


def _is_meant(when: When, situation: Situation) -> bool:
    if when.provider and when.provider != situation.contract.provider:
        return False
    if not _is_operation_meant(when.operation, situation.contract, situation.operation):
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
    # Of every five calls the fifth: the count begins with `from`.
    is_counted = (call - when.first) % when.every == when.every - 1
    return call >= when.first and (not when.last or call <= when.last) and is_counted


def _draw(fault: Fault, situation: Situation, call: int) -> int:
    """A number of 64 bits that seed, fault and call decide alone: the same in every worker, and when played again."""
    text = f"{situation.seed}/{situation.name(fault)}/{call}"
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def _draw_share(fault: Fault, situation: Situation, call: int) -> float:
    return _draw(fault, situation, call) / 2**64
