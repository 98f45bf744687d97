"""One fault, one finding: what several checks report of the same departure becomes the one that tells most."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple

from contract_tests.findings import GRADES, OTHER_CASE, Finding
from mock_server.contract import Contract, find_record_place

Cause = tuple[str, ...]
"""What two findings of the same fault have in common; the first word is the kind of departure."""

Places = Mapping[str, tuple[str, str]]
"""By an operation's id: the collection it reads, and where its answers have a record (a generalised JSON Pointer)."""


class _Kind(NamedTuple):
    """A kind of departure. `applies` tells it by a finding; `is_placed` says that its place belongs to the cause."""

    name: str
    applies: Callable[[Finding], bool]
    is_placed: bool = True


def find_places(contract: Contract) -> Places:
    """Where each operation's answers have a record."""
    places = ((o, find_record_place(o.success.schema)) for o in contract.operations if o.collection)
    return {o.id: (o.collection, f"{place.pointer}{'/*' if o.is_list else ''}") for o, place in places if place}


def merge(findings: Iterable[Finding], places: Places | None = None) -> list[Finding]:
    """The findings with those of one fault made one, which names the others; worst first, then in the order found."""
    groups: dict[Cause, list[Finding]] = {}
    for finding in _count(findings):
        groups.setdefault(find_cause(finding, places or {}), []).append(finding)
    _absorb(groups, places or {})
    merged = [_join(group) for group in groups.values()]
    return sorted(merged, key=lambda finding: GRADES.index(finding.grade))


def _count(findings: Iterable[Finding]) -> list[Finding]:
    """Findings with one fingerprint as one that says how often."""
    counted: dict[str, Finding] = {}
    for finding in findings:
        earlier = counted.get(finding.fingerprint)
        times = finding.times + (earlier.times if earlier else 0)
        counted[finding.fingerprint] = replace(earlier or finding, times=times)
    return list(counted.values())


def find_cause(finding: Finding, places: Places) -> Cause:
    """The cause of a finding as far as it alone can tell."""
    kind = next((kind for kind in _KINDS if kind.applies(finding)), None)
    if kind is None:
        is_alike = finding.check.partition(".")[0] in _OF_SERVER and not finding.place.startswith("/")
        # What a server does to every operation alike is one fault; elsewhere each operation has its own.
        return ("", _without_operation(finding)) if is_alike else ("", finding.fingerprint)
    return (kind.name, find_field(finding, places)) if kind.is_placed else (kind.name,)


def _without_operation(finding: Finding) -> str:
    is_of_status = re.fullmatch(r"\d{3}", finding.actual)
    values = (finding.expected, finding.actual) if is_of_status else ()
    return "\x1f".join((finding.check, finding.place, finding.problem, *values))


def find_field(finding: Finding, places: Places) -> str:
    """The place of a finding: the same for a record in a list and for the record alone, and for every refusal."""
    collection, record = places.get(finding.operation, ("", ""))
    # Errors have schemas of their own: the same name in a success is another member.
    error = re.search(r"^([45])\d\d: |for status code ([45])\d\d", f"{finding.problem}\n{finding.actual}", re.MULTILINE)
    if error:
        return f"{error[1] or error[2]}xx {finding.place}"
    if collection and f"{finding.place}/".startswith(f"{record}/"):
        return f"{collection} {finding.place.removeprefix(record)}"
    return f"{finding.operation} {finding.place}"


def _is_missing(finding: Finding) -> bool:
    is_absent = finding.actual == "absent" or " is a required property" in finding.actual
    return "member is missing" in finding.problem or (_is_schema(finding) and is_absent)


def _is_schema(finding: Finding) -> bool:
    return finding.check in ("schema", "exchanges", _GENERATED)


def _is_type(finding: Finding) -> bool:
    return "another type" in finding.problem or " is not of type " in finding.actual or finding.check == "exchanges"


def _is_no_json(finding: Finding) -> bool:
    return finding.problem.startswith(("The body is no JSON", "JSON deserialization error"))


_GENERATED = "schemathesis.response_schema_conformance"

_KINDS = (
    _Kind("json", lambda f: _is_no_json(f) and not f.place, is_placed=False),
    _Kind("case", lambda f: OTHER_CASE in f.problem, is_placed=False),
    _Kind("missing", lambda f: bool(f.place) and _is_missing(f)),
    _Kind("type", lambda f: bool(f.place) and _is_schema(f) and _is_type(f)),
    _Kind("value", lambda f: bool(f.place) and (_is_schema(f) or f.check == "audit.value")),
    _Kind("header", lambda f: f.check in ("headers", "schemathesis.response_headers_conformance")),
)
"""Kinds by which findings of several checks are one; of the others each finding is a fault of its own."""


class _Absorption(NamedTuple):
    """Findings that only repeat, less precisely or as a consequence, what another one tells."""

    is_repeated: Callable[[Finding], bool]
    is_telling: Callable[[Finding, Finding, Places], bool]


def _absorb(groups: dict[Cause, list[Finding]], places: Places) -> None:
    """Move what repeats another finding into that one's group."""
    for absorption in _ABSORPTIONS:
        for cause, group in list(groups.items()):
            if not all(map(absorption.is_repeated, group)):
                continue
            others = ((c, g) for c, g in groups.items() if c != cause)
            owner = next((c for c, g in others if _explains(absorption, group[0], g, places)), None)
            if owner is not None:
                groups[owner] += groups.pop(cause)


def _explains(absorption: _Absorption, repeated: Finding, group: list[Finding], places: Places) -> bool:
    return any(absorption.is_telling(finding, repeated, places) for finding in group)


def _has_lost_member(telling: Finding, repeated: Finding, places: Places) -> bool:
    """Whether the member that one does not find is known to be missing, or to be written otherwise."""
    if OTHER_CASE in telling.problem:
        return telling.operation == repeated.operation and telling.place == repeated.place
    return _is_missing(telling) and find_field(telling, places) == find_field(repeated, places)


def _is_by_lost_member(telling: Finding, repeated: Finding, places: Places) -> bool:
    """Whether a filter seems to be wrong because records no longer have the member that it looks at."""
    is_lost = OTHER_CASE in telling.problem or _is_missing(telling)
    name = telling.place.rpartition("/")[2]
    return is_lost and telling.operation == repeated.operation and f" {name} None" in f" {repeated.actual}"


def _has_other_type(telling: Finding, repeated: Finding, places: Places) -> bool:
    is_type = telling.check == "schema" and _is_type(telling)
    return is_type and find_field(telling, places) == find_field(repeated, places)


def _has_other_body(telling: Finding, repeated: Finding, places: Places) -> bool:
    """Whether the whole body is known to be something else: no JSON, or of another type."""
    is_whole = telling.check == "schema" and telling.operation == repeated.operation and not telling.place
    return is_whole or _is_no_json(telling)


def _has_same_status(telling: Finding, repeated: Finding, places: Places) -> bool:
    """Whether one says more of a status: what was asked when it came."""
    statuses = _status_of(telling), _status_of(repeated)
    if telling.operation != repeated.operation or _GENERAL.index(_general(telling)) >= _GENERAL.index(repeated.check):
        return False
    is_server = statuses == ("5xx", "5xx") and _is_same_parameter(telling.place, repeated.place)
    is_alike = bool(statuses[0]) and statuses[0] == statuses[1] and telling.expected == repeated.expected
    is_request = bool(telling.reproduce) and telling.reproduce == repeated.reproduce
    return is_server or is_alike or (bool(statuses[0]) and is_request)


def _is_same_parameter(one: str, several: str) -> bool:
    """Whether a failure may be that of others: of the same parameter, or one of both names none."""
    is_named = one.startswith("?") and several.startswith("?")
    return not is_named or one in {f"?{name}" for name in several.split("?")}


def _general(finding: Finding) -> str:
    return finding.check if finding.check in _GENERAL else ""


def _status_of(finding: Finding) -> str:
    """The status that a finding is about, any failure of the server as one; empty where it is about none."""
    if finding.check == "schemathesis.not_a_server_error":
        return "5xx"
    wanted = r"[1-5]\d\d" if finding.check not in _GENERAL else r".*?\b[1-5]\d\d\b.*"
    status = re.search(r"[1-5]\d\d", finding.actual) if re.fullmatch(wanted, finding.actual, re.DOTALL) else None
    return "" if status is None else "5xx" if status[0][0] == "5" else status[0]


_GENERAL = (
    "",
    "status",
    "schemathesis.not_a_server_error",
    "schemathesis.status_code_conformance",
    "schemathesis.negative_data_rejection",
    "schemathesis.positive_data_acceptance",
    "audit.status",
)
"""Checks that know a status and not what was asked with it, the one that knows more before the one that knows less."""

_ABSORPTIONS = (
    _Absorption(lambda f: f.actual in ("absent", "None", "null") or _is_missing(f), _has_lost_member),
    _Absorption(lambda f: f.check.startswith("filters."), _is_by_lost_member),
    _Absorption(lambda f: f.check == "coherence.form", _has_other_type),
    _Absorption(lambda f: f.check in ("exchanges", _GENERATED) and not f.place, _has_other_body),
    _Absorption(lambda f: f.check in _GENERAL[1:], _has_same_status),
)


_OF_SERVER = ("audit", "headers", "media_type", "status", "errors", "wire", "schema")
"""Checks of what a server does whatever is asked of it."""

_RANKS = ("schema", "", "status", "schemathesis", "exchanges", "audit")
"""Checks from the most telling to the least; empty stands for all that are not listed."""


def _rank(finding: Finding) -> int:
    name = finding.check.partition(".")[0]
    return _RANKS.index(name) if name in _RANKS else _RANKS.index("")


def _join(group: list[Finding]) -> Finding:
    """The most telling finding of a group, of those with the worst grade, naming the others."""
    best = _with_others(group)
    written = [finding for finding in group if OTHER_CASE in finding.problem]
    if not written:
        return best
    return replace(
        best,
        place=", ".join(sorted({finding.place for finding in written})),
        expected=", ".join(sorted({finding.expected for finding in written})),
        actual=", ".join(sorted({finding.actual for finding in written})),
    )


def _with_others(group: list[Finding]) -> Finding:
    # Generated requests and the audit are graded by what is broken, not by what it rests on: where others know that,
    # it counts.
    own = [finding for finding in group if not finding.check.startswith(("schemathesis.", "audit."))]
    best = min(own or group, key=lambda finding: (GRADES.index(finding.grade), _rank(finding)))
    others = [finding for finding in group if finding is not best]
    return replace(
        best,
        times=max(finding.times for finding in group),
        also=tuple(_summarize(finding) for finding in others),
        covers=tuple(finding.fingerprint for finding in others),
    )


def _summarize(finding: Finding) -> str:
    """A finding in one line: check, operation, place and problem."""
    return f"{finding.check} {finding.operation} {finding.place or 'the whole answer'}: {finding.problem}"
