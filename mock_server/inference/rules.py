"""The rules, a row each: what they look at, what they conclude, how sure that is, and how much it covers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

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


class Rule(NamedTuple):
    """One rule. `covers` is the share of real documents' operations, lists or parameters that it speaks of."""

    id: str
    evidence: str
    concludes: str
    confidence: str
    covers: str
    conclude: Conclude


def _effects(rule: str) -> Conclude:
    def conclude(known: Understanding) -> Iterator[Conclusion]:
        for view in known.views:
            effect = known.effects.get(view.name)
            if effect and effect.rule == rule:
                update = {"x-effect": effect.effect}
                yield Conclusion(rule, view.name, view.target, update, effect.because, effect.confidence)

    return conclude


def _collections(rule: str) -> Conclude:
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
    because = "; ".join(
        (f"these are the records that `{records.path}` lists", key, *(p.describe() for p in parents.values())),
    )
    confidence = records.key.confidence if records.key else LIKELY
    return Conclusion(rule, "", "$", {"x-collections": {records.name: made}}, because, confidence)


def _roles(known: Understanding) -> Iterator[Conclusion]:
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


def _facts(rule: str) -> Conclude:
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


def _headers(known: Understanding) -> Iterator[Conclusion]:
    for name, listed in known.lists.items():
        if listed.paging.headers:
            because = _say((f"`{each}`" for each in listed.paging.headers), "these headers are documented")
            update = {"x-paging": {"headers": dict(listed.paging.headers)}}
            yield Conclusion("P4", name, listed.view.target, update, because, SURE)


def _filters(rule: str, confidence: str) -> Conclude:
    def conclude(known: Understanding) -> Iterator[Conclusion]:
        for name, tests in known.tests.items():
            chosen = {parameter: test for parameter, test in tests.items() if test.rule == rule}
            if chosen:
                update = {"x-filters": {parameter: dict(test.test) for parameter, test in chosen.items()}}
                yield Conclusion(rule, name, known.lists[name].view.target, update, _explain(chosen), confidence)

    return conclude


def _explain(tests: Mapping[str, Test]) -> str:
    return "; ".join(dict.fromkeys(test.because for test in tests.values()))


def _error_shape(known: Understanding) -> Iterator[Conclusion]:
    shape = find_error_shape(known.error_bodies)
    return iter((shape,) if shape else ())


def _error_roles(known: Understanding) -> Iterator[Conclusion]:
    return find_error_roles(known.document, known.schemas, known.error_bodies)


def _test_values(known: Understanding) -> Iterator[Conclusion]:
    return find_test_values(known.document)


def _plain_credentials(known: Understanding) -> Iterator[Conclusion]:
    return find_plain_credentials(known.document, known.views)


def _nothing(known: Understanding) -> Iterator[Conclusion]:
    return iter(())


RULES: tuple[Rule, ...] = (
    Rule(
        "C1",
        "a security scheme",
        "a valid, an expired and an inactive test value; oauth2 and openIdConnect as bearer",
        "sure",
        "60 % of documents",
        _test_values,
    ),
    Rule(
        "I3",
        "lists and gets by id of the same item",
        "one collection a pair of them; a list of the same item without a pair is a view of it",
        "likely",
        "39 % of lists share their item",
        _collections("I3"),
    ),
    Rule(
        "I4",
        "a list under a path parameter",
        "each parameter is a parent of its records: a property of theirs, or hidden",
        "likely",
        "49 % of lists",
        _collections("I4"),
    ),
    Rule(
        "L1",
        "a GET whose JSON answer holds an array of objects; names, pages and paths count for it or against it",
        "a list: sure from two points on, likely from one",
        "sure or likely",
        "42 % of GETs",
        _effects("L1"),
    ),
    Rule(
        "L2",
        "an array, or a list, below a list of the same item",
        "a get by id whose answer is a list of one",
        "sure",
        "2 % of gets by id",
        _effects("L2"),
    ),
    Rule(
        "I1",
        "a path that ends in a parameter below a list, or below its singular or plural; the same item",
        "a get by id; its key is the property that the parameter names (I2)",
        "sure or likely",
        "70 % of gets by id, the key in 93 % of them",
        _effects("I1"),
    ),
    Rule(
        "W1",
        "POST on a list, PUT, PATCH, DELETE on an item or on a path with one object",
        "create, replace, patch, delete, singleton; what the answer shows",
        "sure",
        "51 % of writes",
        _effects("W1"),
    ),
    Rule(
        "W2",
        "a write on an item that no GET shows",
        "the same, if the parameter names the key; else a guess",
        "likely or guess",
        "8 % of writes",
        _effects("W2"),
    ),
    Rule("W3", "any other write", "an answer from its schema", "sure", "40 % of writes", _effects("W3")),
    Rule(
        "P1",
        "names of query parameters; ambiguous ones beside a surer one",
        "the roles number, size, offset, cursor and before, and the first page",
        "sure",
        "51 % of lists",
        _roles,
    ),
    Rule(
        "P2",
        "numbers beside the array, or in `meta`, `pagination` and the like",
        "what the answer tells of totals and of the page",
        "sure at the top, else likely",
        "29 % of lists",
        _facts("P2"),
    ),
    Rule(
        "P3",
        "texts and booleans in the same places",
        "the next page as an address, a token, a number, or whether there is one",
        "likely",
        "22 % of lists",
        _facts("P3"),
    ),
    Rule(
        "P4",
        "documented headers such as Link and X-Total-Count",
        "facts in headers",
        "sure",
        "5 % of lists",
        _headers,
    ),
    Rule(
        "F1",
        "a query parameter named as a property, alone or with an operator",
        "equals, one_of, from, to, above, below, contains, starts",
        "sure",
        "35 % of filters",
        _filters("F1", SURE),
    ),
    Rule(
        "F2",
        "names of search words, orders, fields and moments",
        "search, sort, direction, fields",
        "likely",
        "21 % of parameters",
        _filters("F2", LIKELY),
    ),
    Rule("F3", "any other query parameter of a list", "accepted, without effect", "sure", "48 %", _filters("F3", SURE)),
    Rule(
        "C2",
        "a header or query parameter such as `api_key`, and no scheme",
        "a credential",
        "likely",
        "8 % of documents",
        _plain_credentials,
    ),
    Rule("E1", "the status of an error", "its kind, without an annotation", "sure", "68 % of operations", _nothing),
    Rule(
        "E2",
        "names of properties in error bodies",
        "which is the text, the code, the status, the field",
        "sure or likely",
        "91 % of JSON error bodies",
        _error_roles,
    ),
    Rule(
        "E3",
        "the error body that most operations document",
        "the body of errors that an operation does not document",
        "likely",
        "32 % of operations",
        _error_shape,
    ),
)
"""In the order in which their conclusions about one operation stand."""


def conclude(known: Understanding) -> Iterator[Conclusion]:
    """Every conclusion of every rule: of the document, then of its operations in their order, then of its errors."""
    order = {view.name: n for n, view in enumerate(known.views)}
    concluded = [each for rule in RULES for each in rule.conclude(known)]
    last = ("E2", "E3")
    yield from (each for each in concluded if not each.operation and each.rule not in last)
    yield from sorted((each for each in concluded if each.operation), key=lambda each: order[each.operation])
    yield from (each for each in concluded if each.rule in last)
