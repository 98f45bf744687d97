"""One fault, one finding: what several checks report of it is merged, and findings of two faults are not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from contract_tests.deviations import Deviation, apply_deviations
from contract_tests.findings import OTHER_CASE, Finding
from contract_tests.merging import merge
from contract_tests.reports import name_cells

PLACES = {"listThings": ("things", "/things/*"), "getThing": ("things", "/thing")}
MISSING = "200: a documented member is missing"
SHAPE = "The answer has not the shape of the documented one"
GENERATED = "schemathesis.response_schema_conformance"
VIOLATES = "Response violates schema"
ASSUMED = "; the contract assumed it, so the assumption was wrong, not the API"
STATUS = "Another status than documented for a request that should be answered unauthenticated"


def a(check: str, place: str, problem: str, expected: str = "x", actual: str = "y", **more: str) -> Finding:
    return replace(Finding("acme", "listThings", check, place, problem, expected, actual), **more)  # type: ignore[arg-type]


def required(name: str) -> str:
    return f'"{name}" is a required property\n\nValidated against the response schema for status code 200.'


ONE: list[tuple[str, list[Finding], str, str]] = [
    (
        "a field that is missing",
        [
            a("exchanges", "/things/*/name", SHAPE, "present", "absent"),
            a(GENERATED, "/things/*/name", VIOLATES, "as the contract says", required("name")),
            a("schema", "/things/*/name", MISSING),
            a("schema", "/thing/name", MISSING, operation="getThing"),
        ],
        "schema",
        "breaking",
    ),
    (
        "what follows from a member that is missing",
        [a("paging.echo", "/page", "A page tells another number", "1", "None"), a("schema", "/page", MISSING)],
        "schema",
        "breaking",
    ),
    (
        "another type",
        [
            a(GENERATED, "/page", VIOLATES, actual='"1" is not of type "integer"'),
            a("exchanges", "/page", SHAPE, "number", "string"),
            a("schema", "/page", "200: another type than documented"),
        ],
        "schema",
        "breaking",
    ),
    (
        "an assumed field that generated requests repeat",
        [
            a(GENERATED, "/page", VIOLATES, actual=required("page")),
            a("schema", "/page", f"{MISSING}{ASSUMED}", grade="note", assumed="I: ours"),
        ],
        "schema",
        "note",
    ),
    (
        "no JSON",
        [
            a("exchanges", "", SHAPE, "object", "null"),
            a(GENERATED, "", "JSON deserialization error"),
            a("schema", "", "The body is no JSON: text stands after the value"),
            a("schema", "", "The body is no JSON: text stands after the value", operation="getThing"),
        ],
        "schema",
        "breaking",
    ),
    (
        "a failure of the server",
        [
            a("schemathesis.not_a_server_error", "", "Server error", "as the contract says", "not"),
            a("audit.status", "", "A status that is not documented", "not sent", "500, 3 times", grade="additive"),
            a("status", "", STATUS, "401", "500"),
            a("errors.status", "page", "A wrong page is answered with a failure of the server", "400", "500"),
        ],
        "errors.status",
        "breaking",
    ),
    (
        "a failure at the border of a page",
        [
            a("status", "?page", "The server fails", "below 500", "500 Oops"),
            a("paging.boundary", "?page", "The status is that of a failed server", "no 5xx for page=0", "500"),
        ],
        "paging.boundary",
        "breaking",
    ),
    (
        "a filter on a member in another case",
        [
            a(
                "filters.sound",
                "?name",
                "A filter lets records through",
                "1 record",
                "record 7: first_name None; total 2",
            ),
            a("schema", "/things/*/first_name", f"200: {OTHER_CASE}", "first_name", "firstName"),
        ],
        "schema",
        "breaking",
    ),
    (
        "every refusal alike",
        [
            a("schema", "/error", "401: a documented member is missing"),
            a("schema", "/error", "404: a documented member is missing", operation="getThing"),
        ],
        "schema",
        "breaking",
    ),
    (
        "a header of every operation",
        [
            a("headers", "x-limit", "A header of 200 is not sent"),
            a("headers", "x-limit", "A header of 200 is not sent"),
        ],
        "headers",
        "breaking",
    ),
]


@pytest.mark.parametrize(("name", "findings", "check", "grade"), ONE, ids=[row[0] for row in ONE])
def test_one_fault_is_one_finding_that_names_the_others(
    name: str,
    findings: list[Finding],
    check: str,
    grade: str,
) -> None:
    for order in (findings, findings[::-1]):
        (found,) = merge(order, PLACES)
        assert (found.check, found.grade) == (check, grade)
        assert len(found.also) == len({f.fingerprint for f in findings}) - 1
        cells = set(name_cells(found.as_dict()))
        assert cells == {(f.operation, f.check.partition(".")[0]) for f in findings}


TWO: list[tuple[str, list[Finding]]] = [
    ("two fields", [a("schema", "/things/*/name", MISSING), a("schema", "/things/*/id", MISSING)]),
    ("a success and an error", [a("schema", "/status", MISSING), a("schema", "/status", f"401{MISSING[3:]}")]),
    ("missing, and another type", [a("schema", "/a", MISSING), a("schema", "/a", "200: another type than documented")]),
    ("two parameters", [a("errors.status", p, f"A wrong {p} is answered", "400", "500") for p in ("page", "size")]),
    (
        "a bypass and a mild answer",
        [a("status", "", STATUS, "401", "200"), a("errors.status", "page", "It is", "400", "200")],
    ),
    (
        "failures of two parameters",
        [
            a("status", "?name", "The server fails", "below 500", "500 Oops"),
            a("paging.boundary", "?page", "The status is that of a failed server", "no 5xx for page=0", "500"),
        ],
    ),
    (
        "a filter on another member than the lost one",
        [
            a("filters.sound", "?name", "A filter lets", "1 record", "record 7: name None"),
            a("schema", "/things/*/first_name", MISSING),
        ],
    ),
    ("lists of their own", [a("paging.end", "page", "Past"), a("paging.end", "page", "Past", operation="listOthers")]),
]


@pytest.mark.parametrize(("name", "findings"), TWO, ids=[row[0] for row in TWO])
def test_two_faults_stay_two_findings(name: str, findings: list[Finding]) -> None:
    assert len(merge(findings, PLACES)) == 2


def test_a_change_of_case_is_one_finding_with_every_name() -> None:
    pairs = [("first_name", "firstName"), ("last_name", "lastName"), ("born_on", "bornOn")]
    findings = [a("schema", f"/things/*/{name}", f"200: {OTHER_CASE}", name, written) for name, written in pairs]
    findings += [a("exchanges", f"/things/*/{name}", SHAPE, "present", "absent") for name, _ in pairs]
    findings += [
        a("audit.field", f"/things/*/{name}", OTHER_CASE, name, written, grade="additive") for name, written in pairs
    ]
    (found,) = merge(findings, PLACES)
    assert (found.check, found.grade) == ("schema", "breaking")
    assert found.place == "/things/*/born_on, /things/*/first_name, /things/*/last_name"
    assert (found.expected, found.actual) == ("born_on, first_name, last_name", "bornOn, firstName, lastName")


def test_a_deviation_of_what_was_merged_is_still_seen() -> None:
    findings = ONE[0][1]
    merged = merge(findings, PLACES)
    known = [Deviation(findings[0].fingerprint, "agreed", "a ticket", date(2030, 1, 1))]
    _, stale, _ = apply_deviations(merged, known, lambda _: True, today=date(2029, 1, 1))
    assert stale == []
