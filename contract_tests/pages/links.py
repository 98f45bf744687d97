"""Links between pages: each leads to the page it names, stays at the target, and ends where the list ends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import parse_qs, urljoin, urlsplit

from contract_tests.context import (
    CheckContext,
    Departure,
    Walk,
    WalkStep,
    as_count,
    both,
    confirm,
    find_new,
    get_walk,
    read_step,
    report,
    unique,
)
from contract_tests.findings import BREAKING, NOTE, Evidence, Finding, find_evidence
from contract_tests.pages.page_rules import of_numbering
from contract_tests.transport import origin_of
from mock_server.contract import Operation

BARE = (
    "A link of an API over TLS leads to plain http: who follows it sends the credential in clear; it was not followed"
)

FOLLOWED = ("next_url", "last_url")
"""Links that are followed from the first page; of the others the address is read."""


def check_links(context: CheckContext, operation: Operation) -> Iterator[Finding]:
    """Next and previous are null exactly at the ends; each link names its page; next and last are followed."""
    if operation.id not in context.listings:
        return
    walk = get_walk(context, operation)
    if walk.first.page is None or not any(role.endswith("_url") for role in walk.listing.places):
        return
    for role in FOLLOWED:
        link = _link(walk.first, role)
        if _is_followed(context, walk, link):
            exchange = context.send(operation, "links", url=link, why=f"{role} of the first page leads where it says")
            walk.add(read_step(walk.listing, exchange, role))
    departures = find_new(context, walk, judge_links)
    for departure in confirm(context, operation, walk, departures, judge_links):
        yield report(context, operation, departure)


def _is_followed(context: CheckContext, walk: Walk, link: str) -> bool:
    """Whether a link stays at the target, and it is known where it should lead."""
    if not link or _is_foreign(context, link) or walk.last_of(walk.first) is None:
        return False
    # A link that names its page by what has no effect leads to the first page, as it must.
    parameters = walk.listing.parameters
    return walk.listing.style != "offset" or parameters["offset"].name in parse_qs(urlsplit(link).query)


def judge_links(context: CheckContext, walk: Walk) -> Iterator[Departure]:
    """Every departure of the links of every page that came."""
    for step in walk.steps:
        if step.page and not step.via:
            for rule in (_ends, _targets, _numbers, _unnamed):
                yield from rule(context, walk, step)
        elif step.via:
            yield from _led(context, walk, step)


def _link(step: WalkStep, role: str) -> str:
    """A link of a page as a whole URL: one without a host is read from where it stands."""
    link = step.page.facts.get(role) if step.page else None
    return urljoin(step.exchange.url, link) if isinstance(link, str) and link else ""


def _links(walk: Walk, step: WalkStep) -> Mapping[str, str]:
    return {role: link for role in walk.listing.places if role.endswith("url") and (link := _link(step, role))}


def _is_foreign(context: CheckContext, link: str) -> bool:
    return origin_of(link) != origin_of(context.target.base_url)


def _is_bare(context: CheckContext, link: str) -> bool:
    """Whether a link of an API over TLS leads out of TLS: a client that follows it sends its credential in clear."""
    return origin_of(link) != origin_of(context.target.base_url) and (
        urlsplit(context.target.base_url).scheme == "https" and urlsplit(link).scheme == "http"
    )


NO_NUMBER = "I: a link names a page by a parameter that the list has not; where it leads is documented nowhere"


def _evidence(context: CheckContext, walk: Walk, role: str, step: WalkStep) -> Evidence:
    """A link rests on its own place and on what asks for the page it names; past the end nothing is documented."""
    number = walk.listing.parameters.get("number")
    detail = "end" if walk.is_past_end(step) else ""
    if number is None:
        return Evidence(find_evidence(walk.listing.places[role].schema).sentence, NO_NUMBER)
    numbering = of_numbering(context, walk, step)
    return both(find_evidence(walk.listing.places[role].schema), context.of_parameter(number, detail), numbering)


def _ends(context: CheckContext, walk: Walk, step: WalkStep) -> Iterator[Departure]:
    last, number = walk.last_of(step), walk.number_of(step)
    # Without a total or a size nobody can say where the list ends.
    if last is None or number is None or step.page is None:
        return
    wanted = {"next_url": number < last, "prev_url": number > 1 if number <= last else None}
    for role, is_there in wanted.items():
        if role not in walk.listing.places or is_there is None or bool(step.page.facts[role]) == is_there:
            continue
        yield Departure(
            "links.ends",
            walk.listing.places[role].pointer,
            "A link is missing where the list goes on" if is_there else "A link leads on where the list ends",
            f"{'a URL' if is_there else 'null'} on page {number} of {last} ({step.asked})",
            step.page.facts[role],
            _evidence(context, walk, role, step),
            (step,),
            lasts=True,
        )


def _targets(context: CheckContext, walk: Walk, step: WalkStep) -> Iterator[Departure]:
    """A link stays at the target, and at the path of the list."""
    ours = urlsplit(step.exchange.url)
    for role, link in _links(walk, step).items():
        theirs = urlsplit(link)
        problem, expected, is_bare = "", "", _is_bare(context, link)
        if is_bare:
            problem, expected = BARE, "a URL that begins with https://"
        elif _is_foreign(context, link):
            problem, expected = "A link leads to another host; it was not followed", f"{ours.scheme}://{ours.netloc}"
        elif theirs.path.rstrip("/") != ours.path.rstrip("/"):
            problem, expected = "A link has another path than the list", ours.path
        # A note and no more: behind a proxy a server may not know the name it is reached by.
        if problem:
            rule = "links.host" if _is_foreign(context, link) else "links.path"
            place = walk.listing.places[role].pointer
            evidence = find_evidence(walk.listing.places[role].schema)
            grade = BREAKING if is_bare else NOTE
            yield Departure(rule, place, problem, expected, link, evidence, (step,), True, grade, is_bare)


def _numbers(context: CheckContext, walk: Walk, step: WalkStep) -> Iterator[Departure]:
    """What a link's query asks for: the page it is named for, of the size of the page it stands on."""
    for role, link in _links(walk, step).items():
        query = parse_qs(urlsplit(link).query)
        for part, value in _wanted(walk, step, role).items():
            parameter = walk.listing.parameters.get(part)
            given = query.get(parameter.name) if parameter else None
            if parameter is None or not given or as_count(given[-1]) == value:
                continue
            yield Departure(
                "links.leads",
                walk.listing.places[role].pointer,
                f"A link names another {'size than that of its page' if part == 'size' else 'page than it should'}",
                f"{parameter.name}={value} on {step.asked}, of {walk.total_of(step)} records",
                f"{parameter.name}={given[-1]}",
                _evidence(context, walk, role, step),
                (step,),
                lasts=True,
            )


def _unnamed(context: CheckContext, walk: Walk, step: WalkStep) -> Iterator[Departure]:
    """Where a link of one page names its page, the links of the others do as well."""
    number = walk.listing.parameters.get("number")
    names = [parameter.name for role in ("number", "offset") if (parameter := walk.listing.parameters.get(role))]
    if number is None or not any(f"{number.name}=" in link for link in _links(walk, walk.first).values()):
        return
    for role, link in _links(walk, step).items():
        # Without a page the first one is asked for.
        if _wanted(walk, step, role).get("number", 1) > 1 and not set(names) & set(parse_qs(urlsplit(link).query)):
            yield Departure(
                "links.leads",
                walk.listing.places[role].pointer,
                "A link names no page",
                f"{number.name}={_wanted(walk, step, role)['number']} on {step.asked}",
                link,
                _evidence(context, walk, role, step),
                (step,),
                lasts=True,
            )


def _wanted(walk: Walk, step: WalkStep, role: str) -> Mapping[str, int]:
    """The parameters of a link, by role, as far as they follow from the page it stands on."""
    number, last, size = walk.number_of(step), walk.last_of(step), walk.size_of(step)
    # Past the end a link back may lead to the page before, or to the last there is.
    back = None if number is None or walk.is_past_end(step) else number - 1
    pages = {"first_url": 1, "last_url": last, "next_url": None if number is None else number + 1, "prev_url": back}
    page = pages.get(role)
    if not page or not size:
        return {}
    return {"number": page, "size": size, "offset": (page - 1) * size}


def _led(context: CheckContext, walk: Walk, step: WalkStep) -> Iterator[Departure]:
    """A link that was followed leads to the records of its page, and the last one to the end."""
    pointer, size = walk.listing.places[step.via].pointer, walk.default_size or 1
    total = walk.total
    if total is None:
        return
    number = 2 if step.via == "next_url" else max(1, -(-total // size))
    places = {place: (record, each) for each in walk.steps if not each.via for place, record in walk.placed(each)}
    known = [place for place in range((number - 1) * size, min(number * size, total)) if place in places]
    expected = [places[place][0] for place in known]
    records = [walk.identify(record) for record in step.page.records] if step.page else []
    shown = records if step.page else f"status {step.exchange.answer.status}"
    offset = (known[0] - (number - 1) * size) if known else 0
    evidence = _evidence(context, walk, step.via, step)
    if (expected and records[offset : offset + len(expected)] != expected) or not step.page:
        yield Departure(
            "links.leads",
            pointer,
            "A link leads to other records than those of its page",
            f"the records of page {number} ({step.exchange.url}): {', '.join(expected[:5])}",
            shown if isinstance(shown, str) else ", ".join(shown[:5]) or "none",
            evidence,
            unique((*(places[place][1] for place in known), step)),
            lasts=not step.page,
        )
    if step.via == "last_url" and step.page and step.page.facts.get("next_url"):
        yield Departure(
            "links.ends",
            pointer,
            "The page that the last link leads to has a next one",
            "null",
            step.page.facts["next_url"],
            evidence,
            (step,),
            lasts=True,
        )
