"""The end of a run that wrote: what it created is deleted, whatever ended it, and what is left is named by its URL."""

from __future__ import annotations

import time

from contract_tests.context import CheckContext
from contract_tests.transport import Refused, Unreachable

MAX_TRIES = 3
"""How often the delete of one record is sent: it is the same whether once or thrice."""

PAUSE_SECONDS = 1.0
MAX_SECONDS = 120.0
"""After so long no further delete is begun: a run must end."""


def clean_up(context: CheckContext) -> list[str]:
    """Delete every record that the run made and has not deleted; sentences about what is left.

    Whoever interrupts this is raised once what is left is in `context.left_behind`.
    """
    ledger = context.sender.ledger
    until = time.monotonic() + MAX_SECONDS
    try:
        # The last first: what stands below another record is gone before that one is.
        for record, url in reversed(list(ledger.made.items())):
            if url and time.monotonic() < until:
                _delete(context, record, url)
    finally:
        context.left_behind[:] = find_left(context)
    return context.left_behind


def find_left(context: CheckContext) -> list[str]:
    """What the run created at a live target and did not delete, a sentence for each; a mock's records end with it."""
    if not context.target.is_live or context.target.stands_for:
        return []
    ledger = context.sender.ledger
    clean = context.redactor.text
    kept = [
        clean(f"{url or f'{record[0]} {record[1]}'} was created and is still there")
        for record, url in ledger.made.items()
    ]
    return [*kept, *map(clean, ledger.unknown)]


def _delete(context: CheckContext, record: tuple[str, str], url: str) -> None:
    ledger = context.sender.ledger
    rule = ledger.find_delete(record[0])
    operation = next((o for o in context.every_write if rule and o.id == rule.operation), None)
    for number in range(MAX_TRIES if operation else 0):
        if operation is None or record not in ledger.made:
            return
        time.sleep(PAUSE_SECONDS * number)
        try:
            context.sender.clean(operation, url)
        except Unreachable:
            continue
        except Refused:
            return
