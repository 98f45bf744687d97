"""Links between pages: each leads to the page it names, stays at the target, and ends where the list ends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

from contract_tests.checks.context import CheckContext
from contract_tests.checks.list_walk import Walk, WalkStep
from contract_tests.checks.walking import get_walk
from contract_tests.findings import NOTE, Evidence, Finding, find_evidence
from mock_server.contract import Operation

FOLLOWED = ("next_url", "last_url")
"""Links that are followed from the first page; of the others the address is read."""


def check_links(context: CheckContext, operation: Operation) -> Iterator[Finding]:
    """Next and previous are null exactly at the ends; each link names its page; next and last are followed."""
    if operation.id not in context.listings:
        return
    walk = get_walk(context, operation)
    if not any(role.endswith("_url") for role in walk.listing.places):
        return
    for step in (walk.first, *walk.pages):
        if step.page:
            yield from _ends(context, operation, walk, step)
            yield from _numbers(context, operation, walk, step)
    yield from _followed(context, operation, walk)


def _place(walk: Walk, role: str) -> tuple[str, Evidence]:
    place = walk.listing.places[role]
    return place.pointer, find_evidence(place.schema)


def _last(walk: Walk, step: WalkStep) -> int | None:
    return max(1, -(-walk.total // step.size)) if walk.total is not None and step.size else None


def _ends(context: CheckContext, operation: Operation, walk: Walk, step: WalkStep) -> Iterator[Finding]:
    last, number = _last(walk, step), step.number or 1
    # Without a total or a size nobody can say where the list ends.
    if last is None or step.page is None:
        return
    for role, absent in (("next_url", number >= last), ("prev_url", number <= 1)):
        if role not in walk.listing.places:
            continue
        link = step.page.facts[role]
        pointer, evidence = _place(walk, role)
        if bool(link) == absent:
            what = "A link leads on where the list ends" if absent else "A link is missing where the list goes on"
            yield context.finding(
                operation,
                "links.ends",
                pointer,
                what,
                "null" if absent else "a URL",
                link,
                evidence,
                step.exchange,
            )


def _numbers(context: CheckContext, operation: Operation, walk: Walk, step: WalkStep) -> Iterator[Finding]:
    """A link's page number, where its query names one."""
    number, last = step.number or 1, _last(walk, step)
    wanted = {"next_url": number + 1, "prev_url": number - 1, "first_url": 1, "last_url": last}
    parameter = walk.listing.parameters.get("number")
    for role, page in wanted.items():
        link = step.page.facts.get(role) if step.page else None
        if parameter is None or not isinstance(link, str) or page is None:
            continue
        numbers = parse_qs(urlsplit(link).query).get(parameter.name)
        if numbers and numbers[-1] != str(page):
            pointer, evidence = _place(walk, role)
            yield context.finding(
                operation,
                "links.leads",
                pointer,
                "A link names another page than it should",
                f"page {page}",
                f"page {numbers[-1]}",
                evidence,
                step.exchange,
            )


def _followed(context: CheckContext, operation: Operation, walk: Walk) -> Iterator[Finding]:
    first = walk.first
    size, last = first.size, _last(walk, first)
    for role in FOLLOWED:
        link = first.page.facts.get(role) if first.page else None
        if not isinstance(link, str) or not link or size is None or last is None:
            continue
        pointer, evidence = _place(walk, role)
        # A note and no more: behind a proxy a server may not know the name it is reached by.
        if urlsplit(link).netloc.lower() != context.target.host.lower():
            yield context.finding(
                operation,
                "links.host",
                pointer,
                "A link leads to another host; it was not followed",
                context.target.host,
                urlsplit(link).netloc or link,
                evidence,
                first.exchange,
                NOTE,
            )
            continue
        number = 2 if role == "next_url" else last
        yield from _led(context, operation, walk, role, link, number)


def _led(
    context: CheckContext,
    operation: Operation,
    walk: Walk,
    role: str,
    link: str,
    number: int,
) -> Iterator[Finding]:
    exchange = context.send(operation, "links", url=link)
    page = walk.listing.read(exchange)
    size = walk.first.size or 1
    expected = [walk.listing.key_of(record) for record in walk.records][(number - 1) * size : number * size]
    shown: Any = walk.listing.keys(page) if page else f"status {exchange.answer.status}"
    pointer, evidence = _place(walk, role)
    # Of a sampled walk the records of that page are not known.
    if walk.whole and shown != expected:
        yield context.finding(
            operation,
            "links.leads",
            pointer,
            "A link leads to other records than those of its page",
            f"the records of page {number}: {expected[:5]}",
            shown if isinstance(shown, str) else shown[:5],
            evidence,
            exchange,
        )
    if role == "last_url" and page and page.facts.get("next_url"):
        yield context.finding(
            operation,
            "links.ends",
            pointer,
            "The page that the last link leads to has a next one",
            "null",
            page.facts["next_url"],
            evidence,
            exchange,
        )
