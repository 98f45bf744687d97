"""The borders of what may be asked of a list: nothing, less than nothing, more than the most, beyond 32 and 64 bits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from contract_tests.context import REFUSALS, CheckContext, Departure, Walk, WalkStep, read_step, send_tolerant
from contract_tests.findings import Evidence
from mock_server.contract import Operation
from mock_server.engine import compile_inputs
from mock_server.errors import ApiError, count_of

INT32, INT64 = 2**31, 2**63
"""The first whole numbers that signed integers of 32 and 64 bits do not hold."""


class Edge(NamedTuple):
    """A value at a border: the role of its parameter, the query as roles to values, and what it can prove."""

    role: str
    asked: dict[str, int]
    why: str


class EdgeAnswer(NamedTuple):
    """What came for an edge, and the values of the page roles as the contract reads them (None: it refuses them)."""

    edge: Edge
    step: WalkStep
    page: dict[str, int] | None


def plan_edges(walk: Walk) -> Iterator[Edge]:
    """The borders of each page parameter, those first on which most servers fail."""
    most = walk.listing.max_size
    edges = (
        Edge("size", {"size": 0}, "a size of zero divides by nothing"),
        Edge("number", {"number": INT32}, "a page beyond 32 bits is read, and far past the end"),
        Edge("number", {"number": 0}, "there is no page before the first"),
        Edge("offset", {"offset": INT32}, "an offset beyond 32 bits is read, and far past the end"),
        Edge("offset", {"offset": -1}, "a negative offset is no offset"),
        Edge("size", {"size": -1}, "a negative size is no size"),
        Edge("size", {"size": most + 1}, "one more than the largest size"),
        Edge("number", {"number": -1}, "a negative page is no page"),
        Edge("number", {"number": INT32 // 64 + 1, "size": 64}, "page times size is beyond 32 bits"),
        Edge("number", {"number": INT64}, "a page beyond 64 bits"),
        Edge("size", {"size": INT32}, "a size beyond 32 bits"),
        Edge("offset", {"offset": walk.total or 0}, "an offset exactly at the end"),
        Edge("offset", {"offset": INT64}, "an offset beyond 64 bits"),
        Edge("number", {"number": INT64 // 64 + 1, "size": 64}, "page times size is beyond 64 bits"),
    )
    for edge in edges:
        if all(role in walk.listing.parameters for role in edge.asked):
            yield edge


def ask_edges(context: CheckContext, operation: Operation, walk: Walk, edges: list[Edge]) -> Iterator[Departure]:
    """Ask for values at borders, and what is wrong with the answers."""
    for edge in edges:
        exchange = send_tolerant(context, operation, "paging", walk.listing.query(**edge.asked), edge.why)
        page = _read_as_contract(context, operation, exchange.url.partition("?")[2])
        yield from judge_edge(context, walk, EdgeAnswer(edge, read_step(walk.listing, exchange), page))


def _read_as_contract(context: CheckContext, operation: Operation, query: str) -> dict[str, int] | None:
    keys = {p.name: "1" for p in operation.parameters if p.where == "path"}
    try:
        page = compile_inputs(operation, "query" in context.contract.ignore_case)(query, keys).page
    except ApiError:
        return None
    return {role: value for role, value in page.items() if isinstance(value, int)}


def judge_edge(context: CheckContext, walk: Walk, answer: EdgeAnswer) -> Iterator[Departure]:
    """A border is answered, and as the contract reads it; most of that no document says."""
    edge, step, page = answer
    status, parameter = step.exchange.answer.status, walk.listing.parameters[edge.role]
    words = ", ".join(f"{walk.listing.parameters[role].name}={value}" for role, value in edge.asked.items())
    beyond = any(value >= INT32 for value in edge.asked.values())

    def depart(problem: str, expected: str, actual: str, evidence: Evidence | None = None) -> Departure:
        evidence = evidence or context.of_parameter(parameter, "bounds")
        place = f"?{parameter.name}"
        return Departure("paging.boundary", place, problem, expected, actual, evidence, (step,), lasts=True)

    if status >= 500:
        failed = "The status is that of a failed server for a value at the border of what may be asked"
        yield depart(failed, f"no 5xx for {words}", str(status), Evidence())._replace(is_firm=True)
    elif step.page is None:
        # No document says how many digits a number may have.
        if status in REFUSALS and page is not None and not beyond:
            yield depart("A value that should be served is refused", f"success for {words}", f"status {status}")
    elif page is None:
        count = count_of(len(step.page.records), "record")
        yield depart("A value that should be refused is answered with success", f"a refusal of {words}", count)
    else:
        yield from _count(walk, answer, words, depart("", "", ""))


def _count(walk: Walk, answer: EdgeAnswer, words: str, departure: Departure) -> Iterator[Departure]:
    """As many records as the contract reads the value to ask for."""
    page, shown, total = answer.page or {}, answer.step.page, walk.total
    size = walk.size_of(answer.step) if "size" not in answer.edge.asked else page.get("size")
    if shown is None or total is None or size is None:
        return
    start = page["offset"] if page.get("offset") is not None else (page.get("number", 1) - 1) * size
    expected, count = min(size, max(0, total - start)), len(shown.records)
    if count != expected:
        yield departure._replace(
            problem="Past the last page there are records"
            if start >= total
            else "A value at the border is served otherwise than assumed",
            expected=f"{count_of(expected, 'record')} for {words}, of {total:,} in all",
            actual=count_of(count, "record"),
        )
