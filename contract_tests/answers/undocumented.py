"""What a target sends beyond the contract, and what it never sends: counted, so that drift shows before it breaks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from contract_tests.context import CheckContext
from contract_tests.findings import ADDITIVE, OTHER_CASE, Finding, fold_name
from contract_tests.transport import NO_JSON, Exchange, Redactor
from mock_server.contract import Operation, Reply, escape_pointer, find_pointer

USUAL_HEADERS = frozenset(
    [
        "accept-ranges",
        "age",
        "allow",
        "alt-svc",
        "cache-control",
        "connection",
        "content-encoding",
        "content-language",
        "content-length",
        "content-security-policy",
        "content-type",
        "cross-origin-opener-policy",
        "date",
        "etag",
        "expires",
        "keep-alive",
        "last-modified",
        "link",
        "nel",
        "pragma",
        "referrer-policy",
        "report-to",
        "server",
        "set-cookie",
        "strict-transport-security",
        "transfer-encoding",
        "vary",
        "via",
        "permissions-policy",
        "server-timing",
        "www-authenticate",
        "retry-after",
        "x-cache",
        "x-content-type-options",
        "x-frame-options",
        "x-powered-by",
        "x-request-id",
        "x-xss-protection",
        "x-amz-cf-id",
        "x-amz-cf-pop",
        "cf-ray",
        "cf-cache-status",
        "x-served-by",
        "x-timer",
        "preference-applied",
    ],
)
"""Headers that servers and networks add by themselves; they are not the API's."""

USUAL_PREFIXES = ("access-control-", "understudy-")
"""Families of such headers: CORS, and what a mock says of itself (the session and the scenario that played)."""

MAX_FIELDS = 2_000
"""Places counted in one operation: a target that makes up names must not fill the memory."""


MAX_VALUES = 20
"""Values not listed that are reported of one place."""


@dataclass
class MemberCount:
    """One place of the answers: in how many of its parents it stood, how often it was null, values no enum lists."""

    documented: bool
    of: int = 0
    seen: int = 0
    null: int = 0
    nullable: bool = False
    unlisted: Counter[str] = field(default_factory=Counter)


@dataclass
class Census:
    """What one operation's answers held."""

    answers: int = 0
    fields: dict[str, MemberCount] = field(default_factory=dict)
    headers: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    undocumented: Counter[int] = field(default_factory=Counter)

    def as_dict(self, redactor: Redactor) -> dict[str, Any]:
        """As it stands in the JSON report: undocumented fields, and documented ones never seen or never null.

        Places, values and headers are the target's own words, so they are redacted, be they values or names.
        """
        clean = redactor.text
        fields = [
            {
                "place": clean(place),
                "seen": f.seen,
                "of": f.of,
                "null": f.null,
                "documented": f.documented,
                "nullable": f.nullable,
                "unlisted": {clean(value): times for value, times in f.unlisted.items()},
            }
            for place, f in self.fields.items()
        ]
        headers = [{"name": clean(name), "seen": seen} for name, seen in sorted(self.headers.items())]
        statuses = {
            name: {str(status): seen for status, seen in sorted(counts.items())}
            for name, counts in (
                ("statuses", self.statuses),
                ("undocumented_statuses", self.undocumented),
            )
        }
        return {"answers": self.answers, "fields": fields, "headers": headers, **statuses}


def take_census(
    operation: Operation,
    exchanges: list[Exchange],
    replies: Mapping[int, Reply],
    ranges: frozenset[str] = frozenset(),
) -> Census:
    """Count what the exchanges of an operation held.

    `replies` are the documented ones by status; `ranges` are the first digits of those documented as `4XX`.
    """
    census = Census()
    # A header that is documented for one status is no news in another.
    documented = {header.name for reply in replies.values() for header in reply.headers}
    for exchange in exchanges:
        # What no document speaks of was asked for on purpose: its answers are no drift.
        if exchange.operation != operation.id or exchange.answer.status == 304:
            continue
        if exchange.method != operation.method:  # HEAD and OPTIONS, which nobody documents
            continue
        answer = exchange.answer
        census.statuses[answer.status] += 1
        if answer.status not in replies and str(answer.status)[:1] not in ranges:
            census.undocumented[answer.status] += 1
        names = {name.lower() for name, _ in answer.headers} - USUAL_HEADERS - documented
        census.headers.update(name for name in names if not name.startswith(USUAL_PREFIXES))
        # Members are counted in successes only: errors have schemas of their own, and few.
        if answer.status == operation.success.status and answer.json is not NO_JSON:
            census.answers += 1
            _count(census, operation.success.schema, answer.json, "")
    return census


def _count(census: Census, schema: Any, value: Any, place: str) -> None:
    schema = schema if isinstance(schema, Mapping) else {}
    if isinstance(value, list):
        for each in value:
            _count(census, schema.get("items", {}), each, f"{place}/*")
    elif isinstance(value, dict):
        properties = schema.get("properties", {})
        for name in {**properties, **value}:
            _count_member(census, properties, value, name, f"{place}/{escape_pointer(name)}")


def _count_member(census: Census, properties: Mapping[str, Any], value: dict[str, Any], name: str, place: str) -> None:
    member = census.fields.get(place)
    if member is None:
        if len(census.fields) >= MAX_FIELDS:
            return
        # A parent without a documented member is an open mapping: its names are data.
        is_documented = name in properties or not properties
        member = MemberCount(is_documented, nullable=_nullable(properties.get(name)))
        census.fields[place] = member
    member.of += 1
    if name in value:
        member.seen += 1
        member.null += value[name] is None
        _note_unlisted(member, properties.get(name), value[name])
        _count(census, properties.get(name), value[name], place)


def _note_unlisted(member: MemberCount, schema: Any, value: Any) -> None:
    listed = schema.get("enum") if isinstance(schema, Mapping) else None
    if listed and value not in listed and len(member.unlisted) < MAX_VALUES:
        member.unlisted[repr(value)[:80]] += 1


def _nullable(schema: Any) -> bool:
    types = schema.get("type") if isinstance(schema, Mapping) else None
    return "null" in types if isinstance(types, list) else types == "null"


def get_census(context: CheckContext, operation: Operation) -> Census:
    """The census of everything that was answered so far."""
    replies = (*context.contract.errors.values(), *operation.errors.values(), operation.success)
    node = find_pointer(context.contract.document, operation.pointer)
    ranges = frozenset(s[0] for s in node.get("responses", ()) if s.upper().endswith("XX")) if node else frozenset()
    return take_census(operation, context.sender.exchanges, {reply.status: reply for reply in replies}, ranges)


def check_audit(context: CheckContext, operation: Operation) -> Iterator[Finding]:
    """Undocumented fields, headers and statuses are reported, and break nothing."""
    for check, place, problem, expected, actual in _find_undocumented(get_census(context, operation)):
        yield context.finding(operation, check, place, problem, expected, actual, grade=ADDITIVE)


def _fold_last(place: str) -> str:
    parent, _, name = place.rpartition("/")
    return f"{parent}/{fold_name(name)}"


def _find_undocumented(census: Census) -> Iterator[tuple[str, str, str, str, str]]:
    """What the census counted that is not documented: the check's name, the place, problem, expected, actual."""
    documented = {_fold_last(place): place for place, member in census.fields.items() if member.documented}
    for place, member in census.fields.items():
        twin = documented.get(_fold_last(place))
        if not member.documented and twin:
            names = [each.rpartition("/")[2] for each in (twin, place)]
            yield "audit.field", twin, OTHER_CASE, names[0], names[1]
        elif not member.documented:
            actual = f"sent in {member.seen} of {member.of}"
            yield "audit.field", place, "A member that is not documented", "not sent", actual
    for place, member in census.fields.items():
        for value, times in member.unlisted.items():
            actual = f"{value}, {times} times"
            yield "audit.value", place, "A value that no enumeration lists", "a listed value", actual
    for status, times in census.undocumented.items():
        yield "audit.status", "", "A status that is not documented", "not sent", f"{status}, {times} times"
    for name, times in census.headers.items():
        yield "audit.header", name, "A header that is not documented", "not sent", f"sent {times} times"
