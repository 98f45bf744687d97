"""Conclusions from what is understood of a document: one function for the rows of the table of rules that are alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from mock_server.inference.collections import Records
from mock_server.inference.conclusions import LIKELY, SURE, Conclusion
from mock_server.inference.credentials import find_plain_credentials, find_test_values
from mock_server.inference.errors import find_error_roles, find_error_shape
from mock_server.inference.filters import Test
from mock_server.inference.parents import Parent
from mock_server.inference.understanding import Understanding

Conclude = Callable[[Understanding], Iterable[Conclusion]]

RECORDS = 50
"""How many records a collection has where nothing says it."""


def conclude_effects(rule: str) -> Conclude:
    """Effects of operations, of one rule."""

    def conclude(known: Understanding) -> Iterator[Conclusion]:
        for view in known.views:
            effect = known.effects.get(view.name)
            if effect and effect.rule == rule:
                update = {"x-effect": effect.effect}
                yield Conclusion(rule, view.name, view.target, update, effect.because, effect.confidence)

    return conclude


def conclude_collections(rule: str) -> Conclude:
    """Collections: those with parents (I4), or those without (I3)."""

    def conclude(known: Understanding) -> Iterator[Conclusion]:
        for records in known.collections:
            parents = known.families[records.name].parents
            if ("I4" if parents else "I3") == rule:
                yield _describe_collection(rule, records, parents)

    return conclude


def _describe_collection(rule: str, records: Records, parents: Mapping[str, Parent]) -> Conclusion:
    made: dict[str, Any] = {"key": records.key.name} if records.key else {}
    made |= {"records": RECORDS}
    made |= {"parents": {name: each.annotation for name, each in parents.items()}} if parents else {}
    key = records.key.because if records.key else "no property of theirs is a key"
    source = f"these are the records that `{records.path}` " + (
        "lists" if records.views else "shows, and nothing lists"
    )
    because = "; ".join(
        (source, key, *(p.describe() for p in parents.values())),
    )
    confidence = records.key.confidence if records.key else LIKELY
    return Conclusion(rule, "", "$", {"x-collections": {records.name: made}}, because, confidence)


def conclude_roles(known: Understanding) -> Iterator[Conclusion]:
    """Roles of parameters that page, and the first page."""
    for name, listed in known.lists.items():
        paging = listed.paging
        if paging.parameters:
            update: dict[str, Any] = {"parameters": dict(paging.parameters)}
            update |= {"first": paging.first} if paging.first != 1 else {}
            update |= {"cursor": paging.cursor} if paging.cursor else {}
            because = _say((f"`{each}` is the {role}" for each, role in paging.parameters.items()), "by their names")
            because += {"key": "; the cursor is the key of a record, for no answer tells a token"}.get(
                paging.cursor,
                "",
            )
            because += "; the first page is 0" if paging.first == 0 else ""
            yield Conclusion("P1", name, listed.view.target, {"x-paging": update}, because, SURE)


def _say(parts: Iterable[str], why: str) -> str:
    return f"{why}: {', '.join(parts)}"


def conclude_facts(rule: str) -> Conclude:
    """P3 for what says whether and where it goes on, P2 for the rest of what a body tells."""

    def conclude(known: Understanding) -> Iterator[Conclusion]:
        for name, listed in known.lists.items():
            body = listed.paging.body
            facts = {at: fact for at, fact in body.items() if (fact.split("_")[0] in NEXT_FACTS) == (rule == "P3")}
            if facts:
                because = _say((f"`{at}` is {fact}" for at, fact in facts.items()), "by name, type and place")
                is_top = rule == "P2" and all(at.count("/") == 1 for at in facts)
                update = {"x-paging": {"body": facts}}
                yield Conclusion(rule, name, listed.view.target, update, because, SURE if is_top else LIKELY)

    return conclude


NEXT_FACTS = ("next", "prev", "has")
"""How facts begin that lead from page to page."""


def conclude_headers(known: Understanding) -> Iterator[Conclusion]:
    """Facts of the page in headers."""
    for name, listed in known.lists.items():
        if listed.paging.headers:
            because = _say((f"`{each}`" for each in listed.paging.headers), "these headers are documented")
            update = {"x-paging": {"headers": dict(listed.paging.headers)}}
            yield Conclusion("P4", name, listed.view.target, update, because, SURE)


def conclude_filters(rule: str, confidence: str) -> Conclude:
    """What parameters select by, of one rule."""

    def conclude(known: Understanding) -> Iterator[Conclusion]:
        for name, tests in known.tests.items():
            chosen = {parameter: test for parameter, test in tests.items() if test.rule == rule}
            if chosen:
                update = {"x-filters": {parameter: dict(test.test) for parameter, test in chosen.items()}}
                yield Conclusion(rule, name, known.lists[name].view.target, update, _explain(chosen), confidence)

    return conclude


def _explain(tests: Mapping[str, Test]) -> str:
    return "; ".join(dict.fromkeys(test.because for test in tests.values()))


def conclude_error_shape(known: Understanding) -> Iterator[Conclusion]:
    """The commonest error body."""
    shape = find_error_shape(known.error_bodies)
    return iter((shape,) if shape else ())


def conclude_error_roles(known: Understanding) -> Iterator[Conclusion]:
    """What the properties of error bodies mean."""
    return find_error_roles(known.document, known.schemas, known.error_bodies)


def conclude_test_values(known: Understanding) -> Iterator[Conclusion]:
    """Test values of security schemes."""
    return find_test_values(known.document)


def conclude_plain_credentials(known: Understanding) -> Iterator[Conclusion]:
    """Parameters that are credentials."""
    return find_plain_credentials(known.document, known.views)


def conclude_nothing(known: Understanding) -> Iterator[Conclusion]:
    """A rule that needs no annotation."""
    return iter(())
