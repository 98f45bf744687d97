"""Operations below other records: bound to one that is there, they are asked as those of any collection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple
from urllib.parse import quote

from contract_tests.context import CheckContext
from contract_tests.transport import READS, WRITES, make_rules
from contract_tests.writes.asking import read_list
from contract_tests.writes.chains import make_chain
from contract_tests.writes.making import get_made
from mock_server.contract import Operation

CHECK = "create"
"""The check that finds what others stand below: the first one of any chain."""


class Above(NamedTuple):
    """The keys of a record below which others stand, and of another one of its collection, None where there is none."""

    key: Any
    other: Any = None


def list_nested_writes(context: CheckContext) -> list[Operation]:
    """The writes below other records that may be sent and are checked."""
    chosen = (o for o in context.contract.nested if not context.only or o.id in context.only)
    return [o for o in chosen if o.effect in WRITES and context.may_write(o)]


def bind_nested(context: CheckContext) -> CheckContext:
    """The run with every operation below a record that is known by now; those without one are left out.

    Raises: what sending raises.
    """
    written = {o.collection for o in list_nested_writes(context)}
    above: dict[str, Above] = {}
    nested, bound = context.contract.nested, set[str]()
    # Lists stand in the order in which they lie below each other; of two of the same records the first will do.
    for lister in (o for o in nested if o.is_list and _is_needed(o, nested, written)):
        if lister.collection in bound:
            continue
        names = _names(lister)
        for name in sorted(names - above.keys()):
            if known := _find_above(context, name):
                above[name] = known
        mine = [o for o in nested if o.collection == lister.collection and _fits(o, names)]
        if names <= above.keys():
            context = _bind(context, mine, lister, above)
            bound.add(lister.collection)
    return context


def _fits(operation: Operation, names: set[str]) -> bool:
    """Whether an operation is of the records below these parents; a create says so by its path alone."""
    return _names(operation) == names if operation.effect == "create" else _names(operation) <= names


def _names(operation: Operation) -> set[str]:
    return {rule.collection for rule in operation.parents.values()}


def _is_needed(lister: Operation, nested: tuple[Operation, ...], written: set[str]) -> bool:
    """Whether records of a list are written, or such as lie below them are."""
    below = {o.collection for o in nested if lister.collection in _names(o)}
    return bool(written & {lister.collection, *below})


def _find_above(context: CheckContext, collection: str) -> Above | None:
    """A record of a collection, and another one: at a live target one that the run created, for it is changed."""
    if collection not in context.contract.collections:
        return None
    chain = make_chain(context, collection)
    made = get_made(context, chain, CHECK) if chain.create and context.target.is_live else None
    state = read_list(context, chain, CHECK, "records below which others stand")
    listed = [r[chain.key] for r in state.records if r.get(chain.key) is not None] if state else []
    if not listed and not context.target.is_live and chain.create:
        made = get_made(context, chain, CHECK)
    if made:
        key = next((each for each in listed if str(each) == made.key), made.key)
    else:
        key = None if context.target.is_live else next(iter(listed), None)
    return None if key is None else Above(key, next((each for each in listed if each != key), None))


def _bind(
    context: CheckContext,
    operations: list[Operation],
    lister: Operation,
    above: Mapping[str, Above],
) -> CheckContext:
    """The run with the operations of one collection, bound to the records above it."""
    bound = tuple(_put(o, {name: above[r.collection].key for name, r in o.parents.items()}) for o in operations)
    given = {r.field: above[r.collection].key for r in lister.parents.values() if r.field}
    contract = context.contract
    reads = tuple(o for o in bound if o.method in READS)
    writes = tuple(o for o in bound if o.effect in WRITES)
    context.sender.ledger.learn(make_rules(replace(contract, operations=bound), context.target))
    return replace(
        context,
        # Before the others: of two lists of the same records it is this one that has what is made below the parent.
        contract=replace(contract, operations=(*reads, *contract.operations)),
        every_write=(*writes, *context.every_write),
        below=context.below | {o.id for o in bound},
        siblings={**context.siblings, **_find_sibling(lister, above)},
        given={**context.given, lister.collection: given},
    )


def _find_sibling(lister: Operation, above: Mapping[str, Above]) -> dict[str, Operation]:
    """The list of the same records below another one than the last of those above it."""
    values = {name: above[rule.collection].key for name, rule in lister.parents.items()}
    last = max(lister.parents, key=lambda name: lister.path.find("{" + name + "}"))
    other = above[lister.parents[last].collection].other
    return {} if other is None else {lister.collection: _put(lister, {**values, last: other})}


def _put(operation: Operation, values: Mapping[str, Any]) -> Operation:
    """An operation with values in its path, which are no parameters of it any more."""
    path = operation.path
    for name, value in values.items():
        path = path.replace("{" + name + "}", quote(str(value), safe=""))
    left = tuple(p for p in operation.parameters if p.where != "path" or p.name not in values)
    return replace(operation, path=path, parameters=left, parents={})
