"""The rules, a row each: what they look at, what they conclude, how sure that is, and how much it covers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from mock_server.inference.concluding import (
    Conclude,
    conclude_collections,
    conclude_effects,
    conclude_error_roles,
    conclude_error_shape,
    conclude_facts,
    conclude_filters,
    conclude_headers,
    conclude_nothing,
    conclude_plain_credentials,
    conclude_roles,
    conclude_test_values,
)
from mock_server.inference.conclusions import LIKELY, SURE, Conclusion
from mock_server.inference.understanding import Understanding
from mock_server.inference.unique import conclude_unique


class Rule(NamedTuple):
    """One rule. `covers` is the share of real documents' operations, lists or parameters that it speaks of."""

    id: str
    evidence: str
    concludes: str
    confidence: str
    covers: str
    conclude: Conclude


RULES: tuple[Rule, ...] = (
    Rule(
        "C1",
        "a security scheme",
        "a valid, an expired and an inactive test value; oauth2 and openIdConnect as bearer",
        "sure",
        "60 % of documents",
        conclude_test_values,
    ),
    Rule(
        "I3",
        "lists and gets by id of the same item",
        "one collection a pair of them; a list of the same item without a pair is a view of it",
        "likely",
        "39 % of lists share their item",
        conclude_collections("I3"),
    ),
    Rule(
        "I4",
        "a list under a path parameter",
        "each parameter is a parent of its records: a property of theirs, or hidden",
        "likely",
        "49 % of lists",
        conclude_collections("I4"),
    ),
    Rule(
        "L1",
        "a GET whose JSON answer holds an array of objects; names, pages and paths count for it or against it",
        "a list: sure from two points on, likely from one",
        "sure or likely",
        "42 % of GETs",
        conclude_effects("L1"),
    ),
    Rule(
        "L2",
        "an array, or a list, below a list of the same item",
        "a get by id whose answer is a list of one",
        "sure",
        "2 % of gets by id",
        conclude_effects("L2"),
    ),
    Rule(
        "I1",
        "a path that ends in a parameter below a list, or below its singular or plural; the same item",
        "a get by id; its key is the property that the parameter names (I2)",
        "sure or likely",
        "70 % of gets by id, the key in 93 % of them",
        conclude_effects("I1"),
    ),
    Rule(
        "W1",
        "POST on a list, PUT, PATCH, DELETE on an item or on a path with one object",
        "create, replace, patch, delete, singleton; what the answer shows",
        "sure",
        "51 % of writes",
        conclude_effects("W1"),
    ),
    Rule(
        "W2",
        "a write on an item that no GET shows",
        "the same, if the parameter names the key; else a guess",
        "likely or guess",
        "8 % of writes",
        conclude_effects("W2"),
    ),
    Rule(
        "T1",
        "a POST on a path of logins or tokens, or at the token URL of a scheme, whose answer holds a credential",
        "it issues a token that works for a scheme, and what its answer tells of the token",
        "sure at a token URL, else likely",
        "9 % of documents with a scheme",
        conclude_effects("T1"),
    ),
    Rule(
        "W4",
        "a POST on an item that a GET shows, with its fields; a PUT or PATCH on a list, with a record and its key",
        "patch or replace",
        "likely",
        "1 % of writes",
        conclude_effects("W4"),
    ),
    Rule("W3", "any other write", "an answer from its schema", "sure", "40 % of writes", conclude_effects("W3")),
    Rule(
        "U1",
        "a 409 of a write; a field said to be unique, one that the error names, or called `username`, `email`, `slug`",
        "fields that no two records share",
        "likely",
        "0.2 % of collections",
        conclude_unique,
    ),
    Rule(
        "P1",
        "names of query parameters; ambiguous ones beside a surer one",
        "the roles number, size, offset, cursor and before, and the first page",
        "sure",
        "51 % of lists",
        conclude_roles,
    ),
    Rule(
        "P2",
        "numbers beside the array, or in `meta`, `pagination` and the like",
        "what the answer tells of totals and of the page",
        "sure at the top, else likely",
        "29 % of lists",
        conclude_facts("P2"),
    ),
    Rule(
        "P3",
        "texts and booleans in the same places",
        "the next page as an address, a token, a number, or whether there is one",
        "likely",
        "22 % of lists",
        conclude_facts("P3"),
    ),
    Rule(
        "P4",
        "documented headers such as Link and X-Total-Count",
        "facts in headers",
        "sure",
        "5 % of lists",
        conclude_headers,
    ),
    Rule(
        "F1",
        "a query parameter named as a property, alone or with an operator",
        "equals, one_of, from, to, above, below, contains, starts",
        "sure",
        "35 % of filters",
        conclude_filters("F1", SURE),
    ),
    Rule(
        "F2",
        "names of search words, orders, fields and moments",
        "search, sort, direction, fields",
        "likely",
        "21 % of parameters",
        conclude_filters("F2", LIKELY),
    ),
    Rule(
        "F3",
        "any other query parameter of a list",
        "accepted, without effect",
        "sure",
        "48 % of parameters",
        conclude_filters("F3", SURE),
    ),
    Rule(
        "C2",
        "a header or query parameter such as `api_key`, and no scheme",
        "a credential",
        "likely",
        "8 % of documents",
        conclude_plain_credentials,
    ),
    Rule(
        "E1",
        "the status of an error",
        "its kind, without an annotation",
        "sure",
        "68 % of operations",
        conclude_nothing,
    ),
    Rule(
        "E2",
        "names of properties in error bodies",
        "which is the text, the code, the status, the field",
        "sure or likely",
        "91 % of JSON error bodies",
        conclude_error_roles,
    ),
    Rule(
        "E3",
        "the error body that most operations document",
        "the body of errors that an operation does not document",
        "likely",
        "32 % of operations",
        conclude_error_shape,
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
