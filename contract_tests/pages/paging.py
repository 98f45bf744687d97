"""List semantics: pages of one stable collection, from the contract's page roles alone."""

from __future__ import annotations

from collections.abc import Iterator

from contract_tests.context import CheckContext, Walk, confirm, find_new, get_walk, report, report_change
from contract_tests.findings import Finding
from contract_tests.pages.boundaries import ask_edges, plan_edges
from contract_tests.pages.paging_rules import judge_pages
from contract_tests.transport import Stopped, Unreachable
from mock_server.contract import Operation

FIRST_EDGES = 3
"""Borders that are asked about with the walk; the others are asked about with what a budget has left."""


def check_paging(context: CheckContext, operation: Operation) -> Iterator[Finding]:
    """Pages are of one stable collection; where a live target departs, it is asked once more."""
    if operation.id not in context.listings:
        return
    try:
        walk = get_walk(context, operation)
    except (Stopped, Unreachable):
        # What came until the walk ended is judged before the run hears of its end.
        if operation.id in context.walks:
            yield from judge_walk(context, operation, context.walks[operation.id])
        raise
    yield from judge_walk(context, operation, walk)
    if walk.first.page:
        for departure in ask_edges(context, operation, walk, list(plan_edges(walk))[:FIRST_EDGES]):
            yield report(context, operation, departure)


def judge_walk(context: CheckContext, operation: Operation, walk: Walk) -> Iterator[Finding]:
    """What the steps of a walk show that was not reported before."""
    departures = find_new(context, walk, judge_pages) if walk.steps and walk.first.page else []
    lasting = confirm(context, operation, walk, departures, judge_pages)
    yield from (report(context, operation, departure) for departure in lasting)
    if departures and not lasting:
        yield report_change(context, operation, departures[0])
